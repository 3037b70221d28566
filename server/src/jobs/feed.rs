//! News of jobs for those who follow them: a bell for each, and what FAL said last. Kept only while somebody works on
//! the job or follows it; what must outlive that is in the rows.

use crate::ids::JobId;
use crate::store::Phase;
use generatio_core::fal::{LogLine, State, Status};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::watch;

/// Log lines kept of a job; the oldest are forgotten first.
const MOST_LINES: usize = 256;

/// What FAL said of a job.
#[derive(Debug, Default)]
pub(super) struct News {
    pub(super) phase: Option<Phase>,
    lines: VecDeque<LogLine>,
    /// How many lines came before those.
    forgotten: u64,
}

impl News {
    /// The lines after the first `seen`, each with its number, counted from 1.
    pub(super) fn lines_after(&self, seen: u64) -> impl Iterator<Item = (u64, &LogLine)> {
        (self.forgotten + 1..).zip(&self.lines).filter(move |(number, _)| *number > seen)
    }

    /// Says whether the phase is another now.
    fn add(&mut self, status: &Status) -> bool {
        let before = self.phase;
        self.phase = match status.state {
            State::Queued { position } => Some(Phase::Queued { position }),
            State::InProgress => Some(Phase::Running),
            State::Completed { .. } => self.phase,
        };
        for line in &status.logs {
            if self.lines.len() == MOST_LINES {
                self.lines.pop_front();
                self.forgotten += 1;
            }
            self.lines.push_back(line.clone());
        }
        self.phase != before
    }
}

/// One job's news. Rings for every change of it.
#[derive(Debug)]
pub(super) struct Feed {
    job: JobId,
    feeds: Arc<Feeds>,
    news: watch::Sender<News>,
}

impl Feed {
    /// To hear the bell, and to read the news by.
    pub(super) fn listen(&self) -> watch::Receiver<News> {
        self.news.subscribe()
    }

    /// A watch begins: FAL tells all log lines from the first.
    pub(super) fn begin(&self) {
        self.news.send_replace(News::default());
    }

    /// FAL said this. Gives the phase if it is another now.
    pub(super) fn report(&self, status: &Status) -> Option<Phase> {
        let mut turned = None;
        self.news.send_modify(|news| turned = news.add(status).then_some(news.phase).flatten());
        turned
    }

    fn ring(&self) {
        self.news.send_modify(|_| ());
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        let mut open = self.feeds.open();
        // Somebody may have opened another one since this one's last owner left.
        if open.get(&self.job).is_some_and(|feed| feed.strong_count() == 0) {
            open.remove(&self.job);
        }
    }
}

/// The feeds of all jobs that somebody works on or follows.
#[derive(Debug, Default)]
pub(super) struct Feeds(Mutex<HashMap<JobId, Weak<Feed>>>);

impl Feeds {
    /// The job's feed; all who have it share it.
    pub(super) fn of(self: &Arc<Self>, job: &JobId) -> Arc<Feed> {
        let mut open = self.open();
        if let Some(feed) = open.get(job).and_then(Weak::upgrade) {
            return feed;
        }
        let feed =
            Arc::new(Feed { job: job.clone(), feeds: Arc::clone(self), news: watch::Sender::new(News::default()) });
        open.insert(job.clone(), Arc::downgrade(&feed));
        feed
    }

    /// The job's row has changed.
    pub(super) fn ring(&self, job: &JobId) {
        // Taken out first: the last owner must not drop it while the list is locked.
        let feed = self.open().get(job).and_then(Weak::upgrade);
        if let Some(feed) = feed {
            feed.ring();
        }
    }

    /// Each step leaves the map whole, so that a panic elsewhere spoils nothing here.
    fn open(&self) -> MutexGuard<'_, HashMap<JobId, Weak<Feed>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Feeds, MOST_LINES, News, Phase};
    use crate::ids::JobId;
    use generatio_core::fal::{LogLine, State, Status};
    use std::sync::Arc;

    fn job() -> JobId {
        JobId::parse("abcdefghijklmno").unwrap()
    }

    fn status(state: State, lines: usize) -> Status {
        let line = |number| LogLine { message: format!("{number}"), level: "INFO", timestamp: None };
        Status { state, logs: (0..lines).map(line).collect(), inference_ms: None }
    }

    #[tokio::test]
    async fn a_ring_is_heard_by_all_who_follow() {
        let feeds = Arc::new(Feeds::default());
        let (first, second) = (feeds.of(&job()), feeds.of(&job()));
        assert!(Arc::ptr_eq(&first, &second));
        let (mut one, mut other) = (first.listen(), second.listen());
        feeds.ring(&job());
        one.changed().await.unwrap();
        other.changed().await.unwrap();
    }

    #[test]
    fn nothing_is_kept_for_nobody() {
        let feeds = Arc::new(Feeds::default());
        let feed = feeds.of(&job());
        feed.report(&status(State::InProgress, 1));
        let last = Arc::clone(&feed);
        drop(feed);
        assert_eq!(feeds.of(&job()).listen().borrow().phase, Some(Phase::Running));
        drop(last);
        assert!(feeds.open().is_empty());
        assert_eq!(feeds.of(&job()).listen().borrow().phase, None);
    }

    #[test]
    fn lines_are_numbered_and_the_oldest_are_forgotten() {
        let mut news = News::default();
        news.add(&status(State::InProgress, MOST_LINES));
        news.add(&status(State::InProgress, 2));
        let numbers = |seen| news.lines_after(seen).map(|(number, _)| number).collect::<Vec<_>>();
        assert_eq!(numbers(0).first(), Some(&3));
        assert_eq!(numbers(MOST_LINES as u64), [MOST_LINES as u64 + 1, MOST_LINES as u64 + 2]);
        assert_eq!(numbers(u64::MAX), [0; 0]);
    }

    #[test]
    fn the_last_phase_stays_when_it_is_over() {
        let mut news = News::default();
        for (state, phase) in [
            (State::Queued { position: Some(2) }, Phase::Queued { position: Some(2) }),
            (State::InProgress, Phase::Running),
            (State::Completed { failed: None }, Phase::Running),
        ] {
            let before = news.phase;
            assert_eq!(news.add(&status(state, 0)), before != Some(phase));
            assert_eq!(news.phase, Some(phase));
        }
    }
}
