//! TLS in front of HTTP/1.1 (RFC 8446, RFC 5246), with a certificate that can be changed while the server runs.

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a client may take to shake hands.
const PATIENCE: Duration = Duration::from_secs(10);

/// A certificate with its key, as last read from their files.
pub struct Tls {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<ServerConfig>>,
}

/// Why there is no TLS; names the file and never what is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The certificates cannot be read, or there is none in the file.
    #[error("the certificate {} cannot be used: {}", .0.display(), .1)]
    Chain(PathBuf, String),
    /// Anybody on this machine may read the key.
    #[error("the key {} can be read by everybody on this machine: chmod 600 {}", .0.display(), .0.display())]
    Exposed(PathBuf),
    /// The key cannot be read, or there is none in the file.
    #[error("the key {} cannot be used: {}", .0.display(), .1)]
    Key(PathBuf, String),
    /// The two do not belong together, or are of a kind that is not supported.
    #[error("the certificate {} and its key do not work together: {}", .0.display(), .1)]
    Pair(PathBuf, rustls::Error),
}

impl Tls {
    /// Reads both files (PEM; the server's certificate first, then those that sign it). Blocks for the disk.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn open(chain: PathBuf, key: PathBuf) -> Result<Self, TlsError> {
        let current = RwLock::new(read(&chain, &key)?);
        Ok(Self { chain, key, current })
    }

    /// Reads them again, for connections from here on. Blocks for the disk.
    ///
    /// # Errors
    /// [`TlsError`]; those in use stay then.
    pub fn reload(&self) -> Result<(), TlsError> {
        let read = read(&self.chain, &self.key)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    /// Shakes hands.
    pub(super) async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let current = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        timeout(PATIENCE, TlsAcceptor::from(current).accept(stream)).await?
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("chain", &self.chain).finish_non_exhaustive()
    }
}

/// The certificates of a file: the server's own first, then those that sign it. Blocks for the disk.
///
/// # Errors
/// [`TlsError::Chain`], also when there is none.
pub fn certificates(chain: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let no_chain = |problem: String| TlsError::Chain(chain.to_owned(), problem);
    let certificates: Vec<_> = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect)
        .map_err(|error: pem::Error| no_chain(error.to_string()))?;
    if certificates.is_empty() { Err(no_chain("it holds no certificate".to_owned())) } else { Ok(certificates) }
}

fn read(chain: &Path, key: &PathBuf) -> Result<Arc<ServerConfig>, TlsError> {
    let certificates = certificates(chain)?;
    if crate::ops::exposed::is_open_to_all(key) {
        return Err(TlsError::Exposed(key.clone()));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| TlsError::Key(key.clone(), error.to_string()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map(|builder| builder.with_no_client_auth())
        .and_then(|builder| builder.with_single_cert(certificates, secret))
        .map_err(|error| TlsError::Pair(chain.to_owned(), error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests;
