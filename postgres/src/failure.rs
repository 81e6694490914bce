//! Errors of TLS, with their cures.

use crate::{identity::Identity, settings::Roots, ssl_mode::SslMode};
use rustls::{AlertDescription, CertificateError};
use std::{error::Error as _, io};

/// Returns `true` if the server cannot be used for what it, or the client, presents or lacks in TLS. Another try ends in the same way.
///
/// A connection that breaks during the handshake is none of these.
pub fn is_tls(error: &tokio_postgres::Error) -> bool {
    cause(error).is_some()
}

/// The message of `tokio-postgres` about a server without TLS.
const NO_TLS: &str = "server does not support TLS";

/// The message of a server that wants a certificate, in English. In another language it is shown as it is.
const NO_CERTIFICATE: &str = "connection requires a valid client certificate";

enum Cause<'a> {
    NoTls,
    Rustls(&'a rustls::Error),
    /// The name of the host is none that a certificate can have.
    Name,
    /// The server wants a certificate of the client, and has none.
    NoCertificate,
}

fn cause(error: &tokio_postgres::Error) -> Option<Cause<'_>> {
    if let Some(answer) = error.as_db_error() {
        return (answer.message() == NO_CERTIFICATE).then_some(Cause::NoCertificate);
    }
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
pub(crate) fn explain(
    error: &tokio_postgres::Error,
    mode: SslMode,
    roots: &Roots,
    identity: Option<&Identity>,
) -> Option<String> {
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
        Cause::NoCertificate => {
            return Some(
                "it requires a certificate of the client: name its file by `sslcert=FILE`, and that of its key by \
                `sslkey=FILE`"
                    .to_owned(),
            );
        }
        Cause::Rustls(error) => error,
    };
    if let (rustls::Error::AlertReceived(alert), Some(identity)) = (error, identity)
        && let Some(why) = refusal(*alert)
    {
        return Some(format!("it refuses the certificate `sslcert={}`: {why}", identity.certificate.display()));
    }
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

/// Returns why a server refuses the certificate of a client; `None` for an alert that is about something else.
fn refusal(alert: AlertDescription) -> Option<&'static str> {
    Some(match alert {
        AlertDescription::UnknownCA => "none of the roots of its `ssl_ca_file` has signed it",
        AlertDescription::CertificateExpired => "it has expired; renew it",
        AlertDescription::CertificateRevoked => "it has been revoked; get another one",
        AlertDescription::BadCertificate | AlertDescription::UnsupportedCertificate => {
            "it is not one of a client, or is damaged"
        }
        AlertDescription::CertificateUnknown | AlertDescription::DecryptError => "the log of the server says why",
        _ => return None,
    })
}
