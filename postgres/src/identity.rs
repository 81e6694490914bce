//! The certificate that a client presents to a server, with its key.

use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use std::path::PathBuf;

/// The files of a client's certificate and of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// A certificate, followed by those that signed it, and its key.
pub(crate) type Loaded = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl Identity {
    /// Reads the files. The error says what is wrong with them, and shows nothing that is in them.
    pub(crate) fn load(&self) -> Result<Loaded, String> {
        Ok((self.chain()?, self.private_key()?))
    }

    /// Explains why the certificate and the key are no pair that can be used.
    pub(crate) fn explain(&self, error: &rustls::Error) -> String {
        let (certificate, key) = (self.certificate.display(), self.key.display());
        if let rustls::Error::InconsistentKeys(_) = error {
            return format!("`sslkey={key}` is not the key of the certificate `sslcert={certificate}`");
        }
        format!("`sslcert={certificate}` and `sslkey={key}` cannot be used: {error}")
    }

    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        let wrong = |why: &dyn std::fmt::Display| {
            format!("the certificate `sslcert={}` cannot be read as PEM: {why}", self.certificate.display())
        };
        let chain = CertificateDer::pem_file_iter(&self.certificate).map_err(|error| wrong(&error))?;
        let chain = chain.collect::<Result<Vec<_>, _>>().map_err(|error| wrong(&error))?;
        if chain.is_empty() { Err(wrong(&"the file has no certificate")) } else { Ok(chain) }
    }

    fn private_key(&self) -> Result<PrivateKeyDer<'static>, String> {
        let shown = self.key.display();
        let wrong = |why: &dyn std::fmt::Display| format!("the key `sslkey={shown}` cannot be read: {why}");
        self.check_permissions()?;
        let pem = std::fs::read(&self.key).map_err(|error| wrong(&error))?;
        PrivateKeyDer::from_pem_slice(&pem).map_err(|error| {
            // `ENCRYPTED PRIVATE KEY`, or `Proc-Type: 4,ENCRYPTED` in a key of the older forms.
            if pem.windows(9).any(|window| window == b"ENCRYPTED") {
                wrong(&format_args!(
                    "it is encrypted; write it without a password, by `openssl pkey -in {shown} -out FILE`, into a file \
                    that only its owner can read"
                ))
            } else if matches!(error, rustls::pki_types::pem::Error::NoItemsFound) {
                wrong(&"the file has no private key in PEM (PKCS#8, PKCS#1 or SEC1)")
            } else {
                wrong(&error)
            }
        })
    }

    /// Refuses a key that others can read. The rules are those of `libpq`.
    #[cfg(unix)]
    fn check_permissions(&self) -> Result<(), String> {
        use std::os::unix::fs::MetadataExt;

        let shown = self.key.display();
        let file = std::fs::metadata(&self.key)
            .map_err(|error| format!("the key `sslkey={shown}` cannot be read: {error}"))?;
        if !file.is_file() {
            return Err(format!("the key `sslkey={shown}` is not a regular file"));
        }
        // The group may read a key of root's: so several services share one.
        let (refused, cure) = if file.uid() == 0 { (0o037, "0640") } else { (0o077, "0600") };
        if file.mode() & refused != 0 {
            return Err(format!(
                "the key `sslkey={shown}` can be read by others, its mode is {:04o}: run `chmod {cure} {shown}`",
                file.mode() & 0o7777
            ));
        }
        Ok(())
    }

    #[cfg(not(unix))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)]
    fn check_permissions(&self) -> Result<(), String> {
        Ok(())
    }
}
