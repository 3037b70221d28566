//! Where in the file a check of its meaning is, and what it found.

use super::place::Step;
use std::cell::RefCell;

/// What is wrong with the meaning of a part of the file.
pub(super) struct Fault {
    pub(super) path: Vec<Step>,
    pub(super) message: String,
}

/// Where the first fault is noted.
pub(super) type Noted = RefCell<Option<Fault>>;

/// A part of the file. What is wrong with it is noted, the first fault only, and the check goes on: one that leaves at each
/// fault has to clear away at each, which was half of its code.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    way: Way<'a>,
    noted: &'a Noted,
}

/// How one gets there.
#[derive(Clone, Copy)]
enum Way<'a> {
    Whole,
    Key(&'a Spot<'a>, &'a str),
    Item(&'a Spot<'a>, usize),
}

impl<'a> Spot<'a> {
    /// The file as a whole.
    pub(super) fn whole(noted: &'a Noted) -> Self {
        Self { way: Way::Whole, noted }
    }

    /// A field of it, or a named part.
    pub(super) fn at<'b>(&'b self, key: &'b str) -> Spot<'b> {
        Spot { way: Way::Key(self, key), noted: self.noted }
    }

    /// An item of the list that it is.
    pub(super) fn item(&self, index: usize) -> Spot<'_> {
        Spot { way: Way::Item(self, index), noted: self.noted }
    }

    /// Notes `message` unless this holds.
    pub(super) fn require(&self, holds: bool, message: &str) {
        if !holds {
            self.note(message.to_owned());
        }
    }

    /// Notes what is wrong.
    pub(super) fn note(&self, message: String) {
        self.noted.borrow_mut().get_or_insert_with(|| Fault { path: self.path(), message });
    }

    /// Whether nothing was noted yet, here or elsewhere.
    pub(super) fn is_clear(&self) -> bool {
        self.noted.borrow().is_none()
    }

    fn path(&self) -> Vec<Step> {
        let (before, step) = match self.way {
            Way::Whole => return Vec::new(),
            Way::Key(before, key) => (before, Step::from(key)),
            Way::Item(before, index) => (before, Step::Index(index)),
        };
        let mut path = before.path();
        path.push(step);
        path
    }
}
