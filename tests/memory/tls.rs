//! A certificate for a server, and clients who trust no other.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use tempfile::TempDir;
use tokio_rustls::TlsConnector;

const NAME: &str = "localhost";
const CHAIN: &str = "chain.pem";
const KEY: &str = "key.pem";

/// A new certificate and its key, in files of their own.
pub(crate) struct Certified {
    arguments: [String; 4],
    certificate: CertificateDer<'static>,
    _folder: TempDir,
}

impl Certified {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let file = |name: &str| folder.path().join(name);
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed([NAME.to_owned()]).expect("a certificate can be made");
        write(file(CHAIN), cert.pem()).expect("it can be written");
        write(file(KEY), signing_key.serialize_pem()).expect("it can be written");
        set_permissions(file(KEY), Permissions::from_mode(0o600)).expect("the file is ours");
        let path = |name: &str| file(name).display().to_string();
        Self {
            arguments: ["--tls-cert-file".into(), path(CHAIN), "--tls-key-file".into(), path(KEY)],
            certificate: cert.der().clone(),
            _folder: folder,
        }
    }

    /// Has a server use it.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().map(String::as_str)
    }

    pub(crate) fn connector(&self) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).expect("it is a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.expect("ring has what they take");
        TlsConnector::from(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
    }

    pub(crate) fn name() -> ServerName<'static> {
        ServerName::try_from(NAME).expect("a name")
    }
}
