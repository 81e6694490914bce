//! Connections to a real server, with and without TLS.
#![cfg(unix)]

mod certificates;
mod cluster;

use catena::ErrorKind;
use catena_postgres::{Server, is_tls};
use certificates::{Authority, Signed, client, roots, with_client_certificates, with_tls};
use cluster::Cluster;

const TESTS: &str = "connections to Postgres with TLS";

/// Connects, and returns whether the connection is encrypted, as the server says; or why there is none.
async fn connect(settings: &str) -> Result<bool, String> {
    let server = Server::new(settings, "a test", "test").map_err(|error| error.to_string())?;
    match server.connect().await {
        Ok(client) => {
            let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            Ok(client.query_one(sql, &[]).await.unwrap().get(0))
        }
        Err(error) => {
            let explained = server.explain(&error);
            assert_eq!(explained.is_some(), is_tls(&error));
            Err(explained.unwrap_or_else(|| format!("{error:?}")))
        }
    }
}

fn refused(outcome: Result<bool, String>, words: &str) {
    let error = outcome.expect_err(words);
    assert!(error.contains(words) && !error.contains("hunter2"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sslmode_encrypts_and_checks_as_with_libpq() {
    let Some(mut cluster) = Cluster::start(TESTS) else { return };
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let folder = tempfile::tempdir().unwrap();
    let right = roots(folder.path(), "right.pem", &ours.certificate);
    let wrong = roots(folder.path(), "wrong.pem", &other.certificate);
    // Several roots in one file.
    let both = roots(folder.path(), "both.pem", &format!("{}{}", other.certificate, ours.certificate));
    let port = with_tls(&mut cluster, &ours.sign(&["127.0.0.1", "db.internal"], |_| {}));
    let to = |host: &str, more: &str| format!("host={host} port={port} user=catena dbname=postgres {more}");
    let local = |more: &str| to("127.0.0.1", more);
    let (right, wrong, both) = (right.display(), wrong.display(), both.display());

    // Encrypted unless asked not to be; the certificate is not checked unless asked to be.
    for (more, encrypted) in [
        ("", true),
        ("sslmode=prefer", true),
        ("sslmode=require", true),
        ("sslmode=disable", false),
        ("sslmode=allow", false),
        (&*format!("sslmode=verify-full sslrootcert='{right}'"), true),
        (&format!("sslmode=verify-full sslrootcert='{both}'"), true),
        (&format!("sslmode=verify-ca sslrootcert='{right}'"), true),
        (&format!("sslmode=require sslrootcert='{right}'"), true),
        // The name of the server is checked, and its address connected to.
        (&format!("host=db.internal hostaddr=127.0.0.1 sslmode=verify-full sslrootcert='{right}'"), true),
    ] {
        let settings = if more.starts_with("host=") { to("", more).replacen("host= ", "", 1) } else { local(more) };
        assert_eq!(connect(&settings).await, Ok(encrypted), "{more}");
    }
    let address = format!("hostaddr=127.0.0.1 port={port} user=catena dbname=postgres sslmode=require");
    assert_eq!(connect(&address).await, Ok(true));
    let url = format!("postgres://catena@127.0.0.1:{port}/postgres?sslmode=verify-full&sslrootcert={right}");
    assert_eq!(connect(&url).await, Ok(true));
    // A socket is never encrypted.
    let socket = format!("host={} port={port} user=catena dbname=postgres", cluster.folder().display());
    for mode in ["prefer", "require", "verify-full"] {
        assert_eq!(connect(&format!("{socket} sslmode={mode}")).await, Ok(false), "{mode}");
    }

    let by = format!("not signed by any of `sslrootcert={wrong}`: name the file");
    for mode in ["verify-full", "verify-ca", "require"] {
        refused(connect(&local(&format!("sslmode={mode} sslrootcert='{wrong}' password=hunter2"))).await, &by);
    }
    refused(connect(&local("sslmode=verify-full")).await, "not signed by any of the system's root certificates");
    refused(connect(&local("sslrootcert=system")).await, "not signed by any of the system's root certificates");
    let localhost = to("localhost", &format!("hostaddr=127.0.0.1 sslmode=verify-full sslrootcert='{right}'"));
    refused(connect(&localhost).await, "not for this host: connect by a name");
    assert_eq!(connect(&localhost.replace("verify-full", "verify-ca")).await, Ok(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_and_one_that_insists_on_it_are_clear_errors() {
    let Some(mut cluster) = Cluster::start(TESTS) else { return };
    let port = cluster.listen("");
    let settings = format!("host=127.0.0.1 port={port} user=catena dbname=postgres");
    for mode in ["disable", "allow", "prefer"] {
        assert_eq!(connect(&format!("{settings} sslmode={mode}")).await, Ok(false), "{mode}");
    }
    for mode in ["require", "verify-full"] {
        let error = connect(&format!("{settings} sslmode={mode}")).await;
        refused(
            error,
            &format!("it has no TLS, which `sslmode={mode}` requires: set `ssl = on` in its postgresql.conf"),
        );
    }
    // Encrypted connections alone.
    let ours = Authority::new("ours");
    cluster.write("data/pg_hba.conf", "local all all trust\nhostssl all all all trust\n");
    let port = with_tls(&mut cluster, &ours.sign(&["127.0.0.1"], |_| {}));
    let settings = format!("host=127.0.0.1 port={port} user=catena dbname=postgres");
    for mode in ["allow", "prefer", "require"] {
        assert_eq!(connect(&format!("{settings} sslmode={mode}")).await, Ok(true), "{mode}");
    }
    refused(connect(&format!("{settings} sslmode=disable")).await, "no encryption");
    // And plain ones alone.
    cluster.write("data/pg_hba.conf", "local all all trust\nhostnossl all all all trust\n");
    let port = cluster.listen("-c ssl=on -c ssl_cert_file=../server.crt -c ssl_key_file=../server.key");
    let settings = format!("host=127.0.0.1 port={port} user=catena dbname=postgres");
    assert_eq!(connect(&format!("{settings} sslmode=prefer")).await, Ok(false));
    refused(connect(&format!("{settings} sslmode=require")).await, "SSL encryption");
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_are_none_of_a_server_or_too_old_are_explained() {
    let Some(mut cluster) = Cluster::start(TESTS) else { return };
    let ours = Authority::new("ours");
    let folder = tempfile::tempdir().unwrap();
    let expired = ours.sign(&["127.0.0.1"], |params| {
        params.not_before = rcgen::date_time_ymd(2019, 1, 1);
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    });
    // As `openssl req -x509` creates it.
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap().pem();
    params.is_ca = rcgen::IsCa::ExplicitNoCa;
    let own = params.self_signed(&key).unwrap().pem();
    let signed = |certificate: &str| Signed { certificate: certificate.to_owned(), key: key.serialize_pem() };
    for (signed, roots_of, words) in [
        (expired, &ours.certificate, Some("its certificate has expired: renew it")),
        (signed(&authority), &authority, Some("its certificate is one of an authority: create it with `-addext")),
        (signed(&own), &own, None),
    ] {
        let roots = roots(folder.path(), "roots.pem", roots_of);
        let port = with_tls(&mut cluster, &signed);
        let settings =
            format!("host=127.0.0.1 port={port} user=catena dbname=postgres sslrootcert={}", roots.display());
        let outcome = connect(&format!("{settings} sslmode=verify-full")).await;
        match words {
            Some(words) => refused(outcome, words),
            None => assert_eq!(outcome, Ok(true)),
        }
    }
}

/// A private key as OpenSSL writes it.
fn key(form: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/suite/keys/{form}.pem", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_demands_certificates_of_clients_gets_them() {
    let Some(mut cluster) = Cluster::start(TESTS) else { return };
    let (ours, clients, other) = (Authority::new("ours"), Authority::new("clients"), Authority::new("other"));
    let folder = tempfile::tempdir().unwrap();
    let root = roots(folder.path(), "root.pem", &ours.certificate);
    let port = with_client_certificates(&mut cluster, &ours.sign(&["127.0.0.1"], |_| {}), &clients);
    let server = format!("host=127.0.0.1 port={port} user=catena dbname=postgres sslrootcert={}", root.display());
    let signed = |authority: &Authority, pem: &str, user: &str| {
        // OpenSSL writes the curve before the key.
        let key = rcgen::KeyPair::from_pem(&pem[pem.rfind("-----BEGIN").unwrap()..]).unwrap();
        Signed { key: pem.to_owned(), ..authority.sign_client(&key, user) }
    };

    for form in ["pkcs8", "pkcs1", "sec1"] {
        let mine = client(folder.path(), &signed(&clients, &key(form), "catena"));
        assert_eq!(connect(&format!("{server} sslmode=verify-full {mine}")).await, Ok(true), "{form}");
    }
    let files = folder.path().display();
    let url = format!("postgres://catena@127.0.0.1:{port}/postgres?sslmode=verify-full&sslrootcert={}", root.display());
    assert_eq!(connect(&format!("{url}&sslcert={files}/client.crt&sslkey={files}/client.key")).await, Ok(true));

    for mode in ["prefer", "require", "verify-full"] {
        let words = "it requires a certificate of the client: name its file by `sslcert=FILE`";
        refused(connect(&format!("{server} sslmode={mode}")).await, words);
    }
    // Another user's, and one that another authority has signed.
    let theirs = client(folder.path(), &signed(&clients, &key("sec1"), "somebody"));
    refused(connect(&format!("{server} sslmode=require {theirs}")).await, "authentication failed for user");
    let strange = client(folder.path(), &signed(&other, &key("sec1"), "catena"));
    let words = "client.crt`: none of the roots of its `ssl_ca_file` has signed it";
    refused(connect(&format!("{server} sslmode=require {strange}")).await, words);
}

#[test]
fn keys_that_cannot_be_used_are_explained_before_anything_is_sent() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let clients = Authority::new("clients");
    let new = || rcgen::KeyPair::generate().unwrap();
    let mine = clients.sign_client(&new(), "catena");
    let with = |key: &str| Signed { certificate: mine.certificate.clone(), key: key.to_owned() };
    let explained = |settings: &str, words: &str| {
        let error = Server::new(&format!("host=db {settings}"), "a test", "test").err().expect(words);
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.message().contains(words), "{error}");
    };
    for (pem, words) in [
        (&*key("encrypted_pkcs8"), "it is encrypted; write it without a password, by `openssl pkey -in"),
        (&key("encrypted_pkcs1"), "it is encrypted; write it without a password, by `openssl pkey -in"),
        (&clients.sign_client(&new(), "catena").key, "client.key` is not the key of the certificate `sslcert="),
        (&mine.certificate, "the file has no private key in PEM (PKCS#8, PKCS#1 or SEC1)"),
        ("-----BEGIN PRIVATE KEY-----\n?\n-----END PRIVATE KEY-----\n", "client.key` cannot be read"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "client.key` cannot be used"),
    ] {
        explained(&client(folder.path(), &with(pem)), words);
    }
    let settings = client(folder.path(), &with(&mine.key));
    assert!(Server::new(&format!("host=db {settings}"), "a test", "test").is_ok());
    let file = folder.path().join("client.key");
    // Root's may be read by its group.
    let (cure, allowed, refused) =
        if cluster::is_root() { ("0640", 0o640, [0o644, 0o660]) } else { ("0600", 0o400, [0o640, 0o604]) };
    let mode = |mode: u32| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    for wrong in refused {
        mode(wrong);
        explained(
            &settings,
            &format!("can be read by others, its mode is {wrong:04o}: run `chmod {cure} {}", file.display()),
        );
    }
    mode(allowed);
    assert!(Server::new(&format!("host=db {settings}"), "a test", "test").is_ok());
    // A connection that is never encrypted needs none of them.
    mode(0o666);
    assert!(Server::new(&format!("host=db sslmode=disable {settings}"), "a test", "test").is_ok());

    let key = folder.path().join("client.key");
    let missing = format!("sslcert=/no/such.crt sslkey={}", key.display());
    explained(&missing, "the certificate `sslcert=/no/such.crt` cannot be read as PEM");
    let settings = settings.replace("client.key", "none.key");
    explained(&settings, "none.key` cannot be read: ");
    let empty = roots(folder.path(), "empty.crt", "");
    explained(&format!("sslcert={} sslkey={}", empty.display(), key.display()), "the file has no certificate");
    let settings = settings.replace("none.key", "");
    explained(&settings, "is not a regular file");
}

/// No server is needed.
#[tokio::test]
async fn settings_that_cannot_be_are_explained_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let empty = roots(folder.path(), "empty.pem", "");
    let odd = roots(folder.path(), "odd.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    for (settings, words) in [
        ("host=db port=many password=hunter2", "invalid value for option `port`"),
        ("host=db sslcert=mine.pem password=hunter2", "`sslcert` needs `sslkey=FILE`"),
        ("host=db sslpassword=hunter2", "unknown option `sslpassword`"),
        ("host=db sslmode=full password=hunter2", "there is no such `sslmode`: it is one of `disable`"),
        ("host=db sslmode=verify-ca", "needs `sslrootcert=FILE`"),
        ("host=db sslnegotiation=direct", "`sslnegotiation=direct` needs `sslmode=require`"),
        ("host=db sslmode=verify-full sslrootcert=/no/such/file", "`sslrootcert=/no/such/file` cannot be read"),
        (&*format!("host=db sslrootcert={}", empty.display()), "the file has no certificate"),
        (&format!("host=db sslrootcert={}", odd.display()), "odd.pem` cannot be read as PEM"),
    ] {
        let error = Server::new(settings, "the vectors", "test").err().expect(words);
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.message().starts_with("the settings of the vectors cannot be read: "), "{error}");
        assert!(error.message().contains(words) && !format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
