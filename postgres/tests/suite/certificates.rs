//! Certificates of servers and of clients, created for a test, and a cluster that has one.
//!
//! The tests of `catena-durable` and of `catena-llm` have this file too, by its path.

#![allow(dead_code, unreachable_pub)]

use super::cluster::Cluster;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::path::{Path, PathBuf};

/// A certificate and its key, as PEM.
pub struct Signed {
    pub certificate: String,
    pub key: String,
}

/// An authority that signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub certificate: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.self_signed(&key).unwrap().pem();
        Authority { issuer: Issuer::new(params, key), certificate }
    }

    /// Signs a certificate for names of hosts.
    pub fn sign(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Signed {
        self.sign_key(&KeyPair::generate().unwrap(), names, change)
    }

    /// Signs a certificate of a client, which is the user of this name, for its key.
    pub fn sign_client(&self, key: &KeyPair, user: &str) -> Signed {
        self.sign_key(key, &[], |params| params.distinguished_name.push(DnType::CommonName, user))
    }

    fn sign_key(&self, key: &KeyPair, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Signed {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let certificate = params.signed_by(key, &self.issuer).unwrap().pem();
        Signed { certificate, key: key.serialize_pem() }
    }
}

/// Writes certificates of roots into a file that this process can read.
pub fn roots(folder: &Path, name: &str, pem: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, pem).unwrap();
    path
}

/// Writes the files of a client, which this process can read. Returns the settings that name them.
#[cfg(unix)]
pub fn client(folder: &Path, signed: &Signed) -> String {
    use std::os::unix::fs::PermissionsExt;

    let certificate = roots(folder, "client.crt", &signed.certificate);
    let key = roots(folder, "client.key", &signed.key);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    format!("sslcert={} sslkey={}", certificate.display(), key.display())
}

/// Starts the cluster again, with this certificate, so that it demands one of clients that this authority has signed, for the name
/// of their user. Returns its port.
pub fn with_client_certificates(cluster: &mut Cluster, signed: &Signed, authority: &Authority) -> u16 {
    let certificate = cluster.write("server.crt", &signed.certificate);
    let key = cluster.write("server.key", &signed.key);
    let roots = cluster.write("clients.crt", &authority.certificate);
    cluster.write("data/pg_hba.conf", "local all all trust\nhostssl all all all trust clientcert=verify-full\n");
    cluster.listen(&format!(
        "-c ssl=on -c ssl_cert_file={} -c ssl_key_file={} -c ssl_ca_file={}",
        certificate.display(),
        key.display(),
        roots.display()
    ))
}

/// Starts the cluster again, with this certificate. Returns its port.
pub fn with_tls(cluster: &mut Cluster, signed: &Signed) -> u16 {
    let certificate = cluster.write("server.crt", &signed.certificate);
    let key = cluster.write("server.key", &signed.key);
    cluster.listen(&format!("-c ssl=on -c ssl_cert_file={} -c ssl_key_file={}", certificate.display(), key.display()))
}
