//! FAL's webhooks on their way: they arrive when the test says so, in any order, again, or not at all.

use crate::dice::Dice;
use generatio_tests::{Letter, Mailbox};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::AbortHandle;

/// All webhooks that FAL has sent.
pub(crate) struct Post {
    url: String,
    letters: Arc<Mutex<Vec<Letter>>>,
    /// How many of them, the oldest, were handed out in their order.
    handed_out: usize,
    collector: AbortHandle,
}

impl Post {
    /// Takes webhooks from now on.
    pub(crate) async fn open() -> Self {
        let mailbox = Mailbox::open().await;
        let (url, letters) = (mailbox.url(), Arc::new(Mutex::new(Vec::new())));
        let kept = Arc::clone(&letters);
        let collecting = tokio::spawn(async move {
            loop {
                let letter = mailbox.receive().await;
                lock(&kept).push(letter);
            }
        });
        Self { url, letters, handed_out: 0, collector: collecting.abort_handle() }
    }

    /// Where FAL sends them.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The oldest that was not handed out.
    pub(crate) fn next(&mut self) -> Option<Letter> {
        let letter = lock(&self.letters).get(self.handed_out).cloned();
        self.handed_out += usize::from(letter.is_some());
        letter
    }

    /// One of those that came of late, whether it was handed out or not.
    pub(crate) fn any(&self, dice: &mut Dice) -> Option<Letter> {
        let letters = lock(&self.letters);
        dice.recent(letters.len(), 20).map(|index| letters[index].clone())
    }

    /// All that ever came.
    pub(crate) fn all(&self) -> Vec<Letter> {
        lock(&self.letters).clone()
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.collector.abort();
    }
}

fn lock(letters: &Mutex<Vec<Letter>>) -> MutexGuard<'_, Vec<Letter>> {
    letters.lock().unwrap_or_else(PoisonError::into_inner)
}
