//! The CDN's files: pictures that are painted when somebody looks at them, and what was uploaded. All in memory, and
//! bounded: the oldest go first.

use crate::encode::Picture;
use crate::fault::Strikes;
use crate::fault::{Fault, Phase};
use crate::job::Job;
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

const MAX_FILES: usize = 100_000;
const MAX_UPLOADED: usize = 256 * 1024 * 1024;
const MAX_PAINTED: usize = 64 * 1024 * 1024;
/// Pictures painted at a time; each holds its pixels meanwhile.
const PAINTERS: usize = 4;

/// The files there are.
pub(crate) struct Files {
    shelf: Mutex<Shelf>,
    painters: Semaphore,
}

impl Default for Files {
    fn default() -> Self {
        Self { shelf: Mutex::default(), painters: Semaphore::new(PAINTERS) }
    }
}

#[derive(Default)]
struct Shelf {
    files: HashMap<String, File>,
    order: VecDeque<String>,
    uploaded: usize,
    painted: HashMap<String, Bytes>,
    painted_order: VecDeque<String>,
    painted_bytes: usize,
}

enum File {
    Picture { picture: Picture, own: Arc<Strikes>, common: Arc<Strikes> },
    Uploaded { bytes: Bytes, content_type: String },
    Awaited { content_type: String, secret: String, parts: BTreeMap<u32, Bytes> },
}

/// A file as it is served.
pub(crate) struct Served {
    pub(crate) bytes: Bytes,
    pub(crate) content_type: String,
    pub(crate) fault: Option<Fault>,
}

/// The upload is not known, or not with this secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoSuchUpload;

impl Files {
    /// Makes a job's pictures available.
    pub(crate) fn hang(&self, pictures: &[(String, Picture)], job: &Job) {
        let mut shelf = self.shelf();
        for (path, picture) in pictures {
            let (own, common) = (Arc::clone(&job.own_faults), Arc::clone(&job.common_faults));
            shelf.put(path.clone(), File::Picture { picture: picture.clone(), own, common });
        }
    }

    /// Reads the file at `path`, painting it if need be.
    pub(crate) async fn read(&self, path: &str) -> Option<Served> {
        let (picture, fault) = match self.shelf().files.get(path)? {
            File::Uploaded { bytes, content_type } => {
                return Some(Served { bytes: bytes.clone(), content_type: content_type.clone(), fault: None });
            }
            File::Picture { picture, own, common } => {
                (picture.clone(), own.strike(Phase::File).or_else(|| common.strike(Phase::File)))
            }
            File::Awaited { .. } => return None,
        };
        let content_type = picture.format.content_type().to_owned();
        let known = self.shelf().painted.get(path).cloned();
        let bytes = match known {
            Some(bytes) => bytes,
            None => {
                let bytes = self.paint(picture).await;
                self.shelf().keep_painted(path, &bytes);
                bytes
            }
        };
        Some(Served { bytes, content_type, fault })
    }

    /// Paints, beside the event loop, a few at a time.
    pub(crate) async fn paint(&self, picture: Picture) -> Bytes {
        let _permit = self.painters.acquire().await.expect("the semaphore is never closed");
        tokio::task::spawn_blocking(move || picture.bytes()).await.unwrap_or_default()
    }

    /// Puts an uploaded file in its place.
    pub(crate) fn store(&self, path: String, bytes: Bytes, content_type: String) {
        self.shelf().put(path, File::Uploaded { bytes, content_type });
    }

    /// Waits for an upload to `path` by whoever knows `secret`.
    pub(crate) fn expect(&self, path: String, content_type: String, secret: String) {
        self.shelf().put(path, File::Awaited { content_type, secret, parts: BTreeMap::new() });
    }

    /// Takes part `number` of an expected upload.
    pub(crate) fn take_part(&self, path: &str, secret: &str, number: u32, bytes: Bytes) -> Result<(), NoSuchUpload> {
        let mut shelf = self.shelf();
        let more = bytes.len();
        let replaced = shelf.awaited(path, secret)?.insert(number, bytes).map_or(0, |old| old.len());
        shelf.uploaded = (shelf.uploaded + more).saturating_sub(replaced);
        shelf.make_room();
        Ok(())
    }

    /// Joins the parts of an expected upload.
    pub(crate) fn complete(&self, path: &str, secret: &str) -> Result<(), NoSuchUpload> {
        let mut shelf = self.shelf();
        let parts: Vec<_> = shelf.awaited(path, secret)?.values().cloned().collect();
        if let Some(file @ File::Awaited { .. }) = shelf.files.get_mut(path) {
            let content_type = file.content_type();
            *file = File::Uploaded { bytes: parts.concat().into(), content_type };
        }
        Ok(())
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl File {
    fn content_type(&self) -> String {
        match self {
            Self::Picture { picture, .. } => picture.format.content_type().to_owned(),
            Self::Uploaded { content_type, .. } | Self::Awaited { content_type, .. } => content_type.clone(),
        }
    }

    fn uploaded(&self) -> usize {
        match self {
            Self::Picture { .. } => 0,
            Self::Uploaded { bytes, .. } => bytes.len(),
            Self::Awaited { parts, .. } => parts.values().map(Bytes::len).sum(),
        }
    }
}

impl Shelf {
    fn put(&mut self, path: String, file: File) {
        self.uploaded += file.uploaded();
        match self.files.insert(path.clone(), file) {
            Some(old) => self.uploaded -= old.uploaded(),
            None => self.order.push_back(path),
        }
        self.make_room();
    }

    fn make_room(&mut self) {
        while self.order.len() > MAX_FILES || self.uploaded > MAX_UPLOADED {
            let Some(oldest) = self.order.pop_front() else { return };
            if let Some(file) = self.files.remove(&oldest) {
                self.uploaded -= file.uploaded();
            }
        }
    }

    fn keep_painted(&mut self, path: &str, bytes: &Bytes) {
        if self.painted.insert(path.to_owned(), bytes.clone()).is_none() {
            self.painted_order.push_back(path.to_owned());
            self.painted_bytes += bytes.len();
        }
        while self.painted_bytes > MAX_PAINTED {
            let oldest = self.painted_order.pop_front().and_then(|path| self.painted.remove(&path));
            self.painted_bytes -= oldest.map_or(self.painted_bytes, |bytes| bytes.len());
        }
    }

    fn awaited(&mut self, path: &str, known: &str) -> Result<&mut BTreeMap<u32, Bytes>, NoSuchUpload> {
        match self.files.get_mut(path) {
            Some(File::Awaited { secret, parts, .. }) if secret == known => Ok(parts),
            _ => Err(NoSuchUpload),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn parts_become_a_file_in_their_order() {
        let files = Files::default();
        files.expect("/f".into(), "text/plain".into(), "secret".into());
        for (number, text) in [(2, "b"), (1, "x"), (3, "c"), (1, "a")] {
            files.take_part("/f", "secret", number, Bytes::from(text)).unwrap();
        }
        assert!(files.read("/f").await.is_none());
        assert_eq!(files.complete("/f", "guess"), Err(NoSuchUpload));
        files.complete("/f", "secret").unwrap();
        let served = files.read("/f").await.unwrap();
        assert_eq!((&served.bytes[..], served.content_type.as_str()), (&b"abc"[..], "text/plain"));
    }

    #[tokio::test]
    async fn the_oldest_uploads_make_room() {
        let files = Files::default();
        for n in 0..5 {
            files.store(format!("/{n}"), Bytes::from(vec![0; MAX_UPLOADED / 4]), String::new());
        }
        assert!(files.read("/0").await.is_none());
        assert!(files.read("/1").await.is_some());
    }
}
