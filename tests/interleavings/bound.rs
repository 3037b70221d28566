//! What a budget must hold somebody to, worked out from rows alone.
//!
//! A limit admits what fits beside charges and holds. What counts can be more than the limit for three reasons only: it
//! was more already when the limit was set, FAL billed more than it was expected to, or pictures came late for a job that
//! held nothing any more. All three are known to the nano-dollar.

use crate::audit::Audit;
use generatio_core::cost::Usd;
use serde_json::{Map, Value, json};

/// Periods by name, and where they begin, in milliseconds since 1970.
const PERIODS: [(&str, &str); 3] = [
    ("day", "unixepoch('now', 'start of day') * 1000"),
    ("month", "unixepoch('now', 'start of month') * 1000"),
    ("total", "0"),
];

/// A budget that was set.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    /// Column of the amounts that count: `account` or `fal`.
    basis: &'static str,
    /// Limits of day, month and total, nano-dollars.
    limits: [Option<i64>; 3],
    /// What counted in each when they were set, nano-dollars.
    used: [i64; 3],
    /// The last charge before that.
    charge: i64,
}

impl Bound {
    /// A budget that is about to be set.
    pub(crate) fn new(audit: &Audit, owner: &str, basis: &'static str, limits: [Option<i64>; 3]) -> Self {
        audit.at_once(|| {
            let charge = audit.number("SELECT coalesce(max(number), 0) FROM charges", []);
            Self { basis, limits, used: used(audit, owner, basis), charge }
        })
    }

    /// It has been set: orders of somebody who had gone away may have come in just before.
    pub(crate) fn was_set(&mut self, audit: &Audit, owner: &str) {
        let now = audit.at_once(|| used(audit, owner, self.basis));
        self.used.iter_mut().zip(now).for_each(|(used, now)| *used = now.max(*used));
    }

    /// What sets it.
    pub(crate) fn body(&self) -> Value {
        let amount = |limit: Option<i64>| limit.map(|nano| Usd::from_nano(nano).to_string());
        let named =
            PERIODS.iter().zip(self.limits).map(|((name, _), limit)| ((*name).to_owned(), json!(amount(limit))));
        let mut body: Map<_, _> = named.collect();
        body.insert("basis".to_owned(), json!(self.basis));
        Value::Object(body)
    }

    /// Where more counts than may.
    pub(crate) fn violations(&self, audit: &Audit, owner: &str) -> Vec<String> {
        if self.limits == [None; 3] {
            return Vec::new();
        }
        let (used, unforeseen) = audit.at_once(|| (used(audit, owner, self.basis), self.unforeseen(audit, owner)));
        let over = |period: usize| {
            let most = self.limits[period]?.max(self.used[period]) + unforeseen;
            let (name, used) = (PERIODS[period].0, used[period]);
            (used > most).then(|| format!("a budget holds: {owner} {name} {used} of {most}, {self:?}"))
        };
        (0..PERIODS.len()).filter_map(over).collect()
    }

    /// What counts against each limit that is set: spent and held, nano-dollars.
    pub(crate) fn counted(&self, audit: &Audit, owner: &str) -> Vec<[i64; 2]> {
        let limited = PERIODS.iter().zip(self.limits).filter(|(_, limit)| limit.is_some());
        let held = held(audit, owner, self.basis);
        limited.map(|((_, begin), _)| [spent(audit, owner, self.basis, begin), held]).collect()
    }

    /// Charged since then without being held before. A job's first end is its charge, unless its pictures came late.
    fn unforeseen(&self, audit: &Audit, owner: &str) -> i64 {
        let sql = format!(
            "SELECT coalesce(sum(max(0, charges.{basis} - iif(
                 ends.state = iif(images = 0, 'failed', 'completed'), quotes.{basis}, 0))), 0)
             FROM charges JOIN quotes USING (job_id) JOIN ends USING (job_id)
             WHERE charges.owner = ?1 AND number > ?2",
            basis = self.basis
        );
        audit.number(&sql, (owner, self.charge))
    }
}

/// What counts now in each period: charges since it began, and what open jobs were quoted.
pub(crate) fn used(audit: &Audit, owner: &str, basis: &str) -> [i64; 3] {
    PERIODS.map(|(_, begin)| spent(audit, owner, basis, begin) + held(audit, owner, basis))
}

/// What open jobs were quoted.
fn held(audit: &Audit, owner: &str, basis: &str) -> i64 {
    let sql = format!("SELECT coalesce(sum({basis}), 0) FROM quotes WHERE owner = ?1 AND is_open");
    audit.number(&sql, [owner])
}

/// What was charged since `begin`, an SQL expression.
pub(crate) fn spent(audit: &Audit, owner: &str, basis: &str, begin: &str) -> i64 {
    let sql = format!("SELECT coalesce(sum({basis}), 0) FROM charges WHERE owner = ?1 AND created >= {begin}");
    audit.number(&sql, [owner])
}
