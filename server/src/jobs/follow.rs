//! Following a job: each state it comes to, and between them what FAL says of it. States come from the rows, so that
//! nothing is missed across restarts; FAL's words live as long as somebody here hears them.

use super::feed::{Feed, News};
use super::{Engine, Shared};
use crate::ids::{JobId, UserId};
use crate::store::{Image, Job, JobEvent, Phase, StoreError};
use generatio_core::fal::LogLine;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// How many of a user's followings there may be at a time.
const MOST_FOLLOWINGS: u32 = 32;

/// Up to where somebody has heard: a job's event and the number of its log lines. Written `12.3`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// [`JobEvent::seq`].
    pub seq: i64,
    /// Log lines.
    pub lines: u64,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.seq, self.lines)
    }
}

/// The text is no mark.
#[derive(Debug, PartialEq, Eq)]
pub struct MarkError;

impl FromStr for Mark {
    type Err = MarkError;

    fn from_str(text: &str) -> Result<Self, MarkError> {
        let (seq, lines) = text.split_once('.').ok_or(MarkError)?;
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !(plain(seq) && plain(lines)) {
            return Err(MarkError);
        }
        Ok(Self { seq: seq.parse().map_err(|_| MarkError)?, lines: lines.parse().map_err(|_| MarkError)? })
    }
}

/// Something a follower is told.
#[derive(Debug)]
pub enum Told {
    /// The job came to a state; the present one brings the job and its pictures along.
    State(JobEvent, Option<Box<(Job, Vec<Image>)>>),
    /// What FAL does with it now.
    Progress(Phase),
    /// The model logged a line.
    Line(LogLine),
}

/// Why a job is not followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FollowError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The user follows as many jobs as one may.
    #[error("too many followings")]
    TooMany,
}

/// Somebody who follows a job. Dropping it ends that.
pub struct Following {
    shared: Arc<Shared>,
    owner: UserId,
    job: JobId,
    /// Keeps the news alive.
    _feed: Arc<Feed>,
    bell: watch::Receiver<News>,
    mark: Mark,
    phase: Option<Phase>,
    ready: VecDeque<(Mark, Told)>,
    /// The bell has rung since the rows were read.
    stale: bool,
    over: bool,
    _place: Place,
}

impl Engine {
    /// Follows the owner's job from after `mark`, or from its beginning. `None` when there is nothing more to come.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not the owner's; [`FollowError::TooMany`].
    pub async fn follow(
        &self,
        owner: &UserId,
        job: &JobId,
        mark: Option<Mark>,
    ) -> Result<Option<Following>, FollowError> {
        let place = self.shared.followers.enter(owner).ok_or(FollowError::TooMany)?;
        let feed = self.shared.feeds.of(job);
        let mut following = Following {
            shared: Arc::clone(&self.shared),
            owner: owner.clone(),
            job: job.clone(),
            bell: feed.listen(),
            _feed: feed,
            mark: mark.unwrap_or_default(),
            phase: None,
            ready: VecDeque::new(),
            stale: false,
            over: false,
            _place: place,
        };
        following.catch_up(mark.is_none()).await?;
        Ok(Some(following).filter(|following| !(following.over && following.ready.is_empty())))
    }
}

impl Following {
    /// What comes next, with where it leads; `None` once the job is over. Dropping the future loses nothing.
    ///
    /// # Errors
    /// The store failed.
    pub async fn next(&mut self) -> Result<Option<(Mark, Told)>, StoreError> {
        loop {
            if let Some(told) = self.ready.pop_front() {
                return Ok(Some(told));
            }
            if self.over {
                return Ok(None);
            }
            if self.stale {
                self.catch_up(false).await?;
                self.stale = false;
            } else {
                // It fails only without a feed, and this following holds one.
                let _ = self.bell.changed().await;
                self.stale = true;
            }
        }
    }

    /// Reads rows and news. Whoever begins gets the present state in any case: older events may be forgotten.
    async fn catch_up(&mut self, begins: bool) -> Result<(), StoreError> {
        // Before reading: what happens meanwhile rings again.
        let news = self.heard();
        let (job, mut events) = self.shared.store.job_events(&self.owner, &self.job, self.mark.seq).await?;
        if begins && events.last().is_none_or(|event| event.state != job.state) {
            events.push(JobEvent { seq: self.mark.seq, state: job.state, created: job.updated });
        }
        self.over = job.state.is_terminal();
        // FAL's last words come before the end they led to.
        let last = if self.over { events.pop() } else { None };
        for event in events {
            let present = (event.state == job.state).then(|| Box::new((job.clone(), Vec::new())));
            self.tell_state(event, present);
        }
        self.tell_news(news);
        if let Some(end) = last {
            let images = self.shared.store.job_images(&self.owner, &self.job).await?;
            self.tell_state(end, Some(Box::new((job, images))));
        }
        Ok(())
    }

    fn heard(&mut self) -> (Option<Phase>, Vec<(u64, LogLine)>) {
        let news = self.bell.borrow_and_update();
        let lines = news.lines_after(self.mark.lines).map(|(number, line)| (number, line.clone())).collect();
        (news.phase, lines)
    }

    fn tell_state(&mut self, event: JobEvent, present: Option<Box<(Job, Vec<Image>)>>) {
        self.mark.seq = event.seq;
        self.ready.push_back((self.mark, Told::State(event, present)));
    }

    fn tell_news(&mut self, (phase, lines): (Option<Phase>, Vec<(u64, LogLine)>)) {
        if let Some(now) = phase.filter(|_| phase != self.phase) {
            self.phase = phase;
            self.ready.push_back((self.mark, Told::Progress(now)));
        }
        for (number, line) in lines {
            self.mark.lines = number;
            self.ready.push_back((self.mark, Told::Line(line)));
        }
    }
}

/// How many jobs each user follows.
#[derive(Debug, Default)]
pub(super) struct Followers(Mutex<HashMap<UserId, u32>>);

impl Followers {
    fn enter(self: &Arc<Self>, user: &UserId) -> Option<Place> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(user.clone()).or_default();
        if *count >= MOST_FOLLOWINGS {
            return None;
        }
        *count += 1;
        Some(Place { followers: Arc::clone(self), user: user.clone() })
    }
}

/// A following's place among those of its user.
struct Place {
    followers: Arc<Followers>,
    user: UserId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.followers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Followers, MOST_FOLLOWINGS, Mark, MarkError};
    use crate::ids::UserId;
    use std::sync::Arc;

    #[test]
    fn marks_come_back() {
        for mark in [Mark::default(), Mark { seq: 12, lines: 3 }, Mark { seq: i64::MAX, lines: u64::MAX }] {
            assert_eq!(mark.to_string().parse(), Ok(mark));
        }
        for text in ["", "12", ".", "1.", ".1", "-1.0", "+1.0", "1.0.0", "1.x", "9223372036854775808.0"] {
            assert_eq!(text.parse::<Mark>(), Err(MarkError), "{text}");
        }
    }

    #[test]
    fn followings_of_a_user_are_counted_while_they_last() {
        let followers = Arc::new(Followers::default());
        let (ada, bob) = (UserId::parse("aaaaaaaaaaaaaaa").unwrap(), UserId::parse("bbbbbbbbbbbbbbb").unwrap());
        let places: Vec<_> = (0..MOST_FOLLOWINGS).map(|_| followers.enter(&ada).unwrap()).collect();
        assert!(followers.enter(&ada).is_none());
        assert!(followers.enter(&bob).is_some());
        drop(places);
        assert!(followers.enter(&ada).is_some());
        assert!(followers.0.lock().unwrap().is_empty());
    }
}
