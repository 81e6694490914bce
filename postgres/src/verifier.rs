//! The configuration of TLS, and the check of a server's certificate.

use crate::{identity::Identity, settings::Roots, ssl_mode::SslMode};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use std::{path::Path, sync::Arc};

/// Returns the configuration of TLS. The error says what is wrong with the roots, or with the client's certificate.
pub(crate) fn configuration(mode: SslMode, roots: &Roots, identity: Option<&Identity>) -> Result<ClientConfig, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = verifier(mode, roots, &provider)?;
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let mut configuration = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let (chain, key) = identity.load()?;
            builder.with_client_auth_cert(chain, key).map_err(|error| identity.explain(&error))?
        }
    };
    // Postgres 17 asks for it if `sslnegotiation` is `direct`, and servers before it ignore it.
    configuration.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(configuration)
}

fn verifier(
    mode: SslMode,
    roots: &Roots,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, String> {
    Ok(match (mode, roots) {
        (SslMode::VerifyFull, Roots::File(file)) => of_file(file, provider)?,
        (SslMode::VerifyFull, _) => {
            let platform = rustls_platform_verifier::Verifier::new(Arc::clone(provider));
            Arc::new(platform.map_err(|error| format!("the system's root certificates cannot be read: {error}"))?)
        }
        (_, Roots::File(file)) => {
            Arc::new(Lenient { roots: Some(of_file(file, provider)?), provider: Arc::clone(provider) })
        }
        _ => Arc::new(Lenient { roots: None, provider: Arc::clone(provider) }),
    })
}

fn of_file(file: &Path, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, String> {
    let wrong = |why: &dyn std::fmt::Display| {
        format!("the root certificates `sslrootcert={}` cannot be read as PEM: {why}", file.display())
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| wrong(&error))? {
        roots.add(certificate.map_err(|error| wrong(&error))?).map_err(|error| wrong(&error))?;
    }
    if roots.is_empty() {
        return Err(wrong(&"the file has no certificate"));
    }
    let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    builder.build().map_err(|error| wrong(&error))
}

/// Checks less of a certificate than its root and its name.
#[derive(Debug)]
struct Lenient {
    /// `None` accepts any certificate, as `libpq` does for `require`: the connection is encrypted, and its other end is not known. Else
    /// a root has to have signed it, for any name, as for `verify-ca`.
    roots: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(roots) = &self.roots else { return Ok(ServerCertVerified::assertion()) };
        // The name is looked at after the signatures.
        match roots.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
