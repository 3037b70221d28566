//! Values that JavaScript holds by number. Numbers are never given twice.

use std::cell::RefCell;

/// A table of values.
pub(crate) struct Table<T> {
    inner: RefCell<Inner<T>>,
}

struct Inner<T> {
    /// Few: what a page holds at a time.
    entries: Vec<(u32, T)>,
    last: u32,
}

impl<T> Table<T> {
    pub(crate) const fn new() -> Self {
        Self { inner: RefCell::new(Inner { entries: Vec::new(), last: 0 }) }
    }

    /// Keeps `value` and gives its number.
    pub(crate) fn keep(&self, value: T) -> u32 {
        let mut inner = self.inner.borrow_mut();
        inner.last += 1;
        let number = inner.last;
        inner.entries.push((number, value));
        number
    }

    /// Takes a value out.
    pub(crate) fn take(&self, number: u32) -> Option<T> {
        let mut inner = self.inner.borrow_mut();
        let at = inner.entries.iter().position(|(own, _)| *own == number)?;
        Some(inner.entries.swap_remove(at).1)
    }

    /// Looks at a value.
    pub(crate) fn with<R>(&self, number: u32, look: impl FnOnce(&T) -> R) -> Option<R> {
        let inner = self.inner.borrow();
        inner.entries.iter().find(|(own, _)| *own == number).map(|(_, value)| look(value))
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn numbers_are_not_given_twice() {
        let table = Table::new();
        let (one, two) = (table.keep("one"), table.keep("two"));
        assert_eq!((table.take(one), table.take(one)), (Some("one"), None));
        let three = table.keep("three");
        assert!(three != one && three != two);
        assert_eq!(table.with(two, |value| *value), Some("two"));
        assert_eq!(table.with(one, |value| *value), None);
    }
}
