//! Errors of TLS, with their cures.

use crate::{settings::Roots, ssl_mode::SslMode};
use rustls::CertificateError;
use std::{error::Error as _, io};

/// Returns `true` if the server cannot be used for what it presents or lacks in TLS. Another try ends in the same way.
///
/// A connection that breaks during the handshake is none of these.
pub fn is_tls(error: &tokio_postgres::Error) -> bool {
    cause(error).is_some()
}

/// The message of `tokio-postgres` about a server without TLS.
const NO_TLS: &str = "server does not support TLS";

enum Cause<'a> {
    NoTls,
    Rustls(&'a rustls::Error),
    /// The name of the host is none that a certificate can have.
    Name,
}

fn cause(error: &tokio_postgres::Error) -> Option<Cause<'_>> {
    let source = error.source()?;
    if let Some(error) = source.downcast_ref::<io::Error>() {
        if let Some(error) = error.get_ref()?.downcast_ref() {
            return Some(Cause::Rustls(error));
        }
        return error.get_ref()?.is::<rustls::pki_types::InvalidDnsNameError>().then_some(Cause::Name);
    }
    (source.to_string() == NO_TLS).then_some(Cause::NoTls)
}

/// Explains an error of TLS; `None` for any other.
pub(crate) fn explain(error: &tokio_postgres::Error, mode: SslMode, roots: &Roots) -> Option<String> {
    let by = match roots {
        Roots::File(file) => format!("`sslrootcert={}`", file.display()),
        Roots::System | Roots::Unset => "the system's root certificates".to_owned(),
    };
    let error = match cause(error)? {
        Cause::NoTls => {
            return Some(format!(
                "it has no TLS, which `sslmode={}` requires: set `ssl = on` in its postgresql.conf, or connect by \
                `sslmode=disable` in a network that you trust",
                mode.name()
            ));
        }
        Cause::Name => {
            return Some("the name of its host cannot be in a certificate: use `sslmode=verify-ca`".to_owned());
        }
        Cause::Rustls(error) => error,
    };
    let rustls::Error::InvalidCertificate(certificate) = error else { return Some(format!("its TLS failed: {error}")) };
    Some(match certificate {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
            "its certificate is not signed by any of {by}: name the file of its root certificate by `sslrootcert=FILE`"
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => format!(
            "its certificate is not for this host: connect by a name that the certificate has as subject alternative \
            name, or use `sslmode=verify-ca` ({error})"
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("its certificate has expired: renew it ({error})")
        }
        // What rustls says of a certificate that signs itself, and that OpenSSL makes unless asked for another.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "its certificate is one of an authority: create it with `-addext basicConstraints=critical,CA:FALSE`, or \
            sign a certificate for the server with it"
                .to_owned()
        }
        _ => format!("its certificate is refused: {error}"),
    })
}
