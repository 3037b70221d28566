//! What is looked at after every step: rows against rows, against FAL's book, and against what the server tells.

use crate::bound::{Bound, spent};
use crate::person::Person;
use crate::rules::{ALWAYS, AT_LAST, Rule};
use crate::world::{World, until};
use generatio_core::cost::Usd;
use generatio_fal_sim::Delivery;
use serde_json::{Value, json};

const BUDGET: &str = "/api/custom/financial/budget";

/// What the server tells of somebody's money.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    /// Spent by the account and at FAL, nano-dollars.
    spent: [i64; 2],
    /// The same of the last thirty days: all there is.
    recent: [i64; 2],
    /// Spent and held against each limit of the budget, nano-dollars.
    limited: Vec<[i64; 2]>,
}

impl World {
    /// Everything that is not as promised.
    pub(crate) async fn broken(&mut self) -> Vec<String> {
        let mut broken = self.audit.violations(&self.fal, ALWAYS);
        for person in &self.people {
            let owner = &person.user.id;
            broken.extend(person.bound.iter().flat_map(|bound| bound.violations(&self.audit, owner)));
            broken.extend(self.unasked(person));
        }
        let who = self.dice.below(self.people.len());
        broken.extend(self.mistold(who).await);
        broken
    }

    /// Lets everything come to its end; then, what is not as promised.
    pub(crate) async fn broken_at_last(&mut self) -> Vec<String> {
        self.finish_records().await;
        until("the end of FAL's work", || {
            let book = self.fal.book();
            let on_the_way = "SELECT count(*) FROM jobs WHERE state IN ('created', 'submitting')";
            // Browsers ask for none at times.
            let asked: Vec<_> = book.requests.iter().filter_map(|request| request.webhook).collect();
            let sent = asked.iter().all(|delivery| *delivery == Delivery::Delivered);
            self.audit.number(on_the_way, []) == 0 && sent && self.post.all().len() == asked.len()
        })
        .await;
        for person in &mut self.people {
            person.user.session = None;
            person.log_in().await;
        }
        // By their sessions alone: what has a request id needs no webhook. A result that FAL lost early, and that nobody
        // saw completed before a crash, may still come home by one.
        let open = "SELECT count(*) FROM jobs WHERE state IN ('created', 'submitting', 'submitted')
                        AND failure_code IS NOT 'fal_not_found'";
        until("the end of every job", || self.audit.number(open, []) == 0).await;
        for letter in self.post.all() {
            self.deliver(&letter).await;
        }
        let rules: Vec<Rule> = ALWAYS.iter().chain(AT_LAST).copied().collect();
        self.audit.violations(&self.fal, &rules)
    }

    /// Jobs that are to be stopped though their owner never said so.
    fn unasked(&self, person: &Person) -> Vec<String> {
        let sql = "SELECT id FROM jobs WHERE owner = ?1 AND (cancel_asked IS NOT NULL OR state = 'canceled')";
        let stopped: Vec<String> = self.audit.rows(sql, [&person.user.id], |row| row.get(0));
        let unasked = stopped.into_iter().filter(|job| !person.stopped.contains(job));
        unasked.map(|job| format!("only owners stop jobs: {job}")).collect()
    }

    /// What the server tells of somebody's money, if it is not what the rows say. Jobs go on meanwhile: only what was
    /// read between two looks at the same rows is compared.
    async fn mistold(&self, who: usize) -> Option<String> {
        let person = &self.people[who];
        for _ in 0..5 {
            let (mark, due) = (self.audit.mark(), self.due(person));
            let told = tell(person).await;
            if self.audit.mark() == mark {
                return (told != due).then(|| format!("what is told is so: {told:?}, not {due:?}"));
            }
        }
        None
    }

    /// What the server has to tell.
    fn due(&self, person: &Person) -> Told {
        let owner = &person.user.id;
        self.audit.at_once(|| {
            let spent = ["account", "fal"].map(|basis| spent(&self.audit, owner, basis, "0"));
            let limited = |bound: &Bound| bound.counted(&self.audit, owner);
            Told { spent, recent: spent, limited: person.bound.as_ref().map(limited).unwrap_or_default() }
        })
    }

    /// Somebody reads what is theirs: all of it, and nothing else.
    pub(crate) async fn read(&mut self, who: usize) {
        let person = &self.people[who];
        let sql = "SELECT id FROM jobs WHERE owner = ?1 ORDER BY created DESC, rowid DESC";
        let mark = self.audit.mark();
        let own: Vec<String> = self.audit.rows(sql, [&person.user.id], |row| row.get(0));
        let listed = person.listed().await;
        // An order of somebody who had gone away may come in meanwhile.
        assert!(listed == own || self.audit.mark() > mark, "{listed:?}, not {own:?}");
        if let Some(job) = person.job(&mut self.dice) {
            let shown = person.user.get(&Person::path(&job)).await.ok();
            let state = shown["state"].as_str().expect("a state");
            let is_open = ["created", "submitting", "submitted", "unknown"].contains(&state);
            assert_eq!(shown.get("held").is_some(), is_open, "{shown}");
            assert_eq!(shown["images"] == json!([]), state != "completed", "{shown}");
        }
    }
}

async fn tell(person: &Person) -> Told {
    let (stats, budget) = (person.user.stats().await, person.user.get(BUDGET).await.ok());
    let limits = ["day", "month", "total"].iter().map(|period| &budget[*period]).filter(|limit| !limit.is_null());
    Told {
        spent: [nano(&stats["total_spent"]), nano(&stats["fal_spent"])],
        recent: [nano(&stats["recent_spending"]), nano(&stats["fal_recent_spending"])],
        limited: limits.map(|limit| [nano(&limit["spent"]), nano(&limit["held"])]).collect(),
    }
}

/// An amount in an answer. None here has more digits than a double holds.
fn nano(amount: &Value) -> i64 {
    Usd::parse(&amount.to_string()).expect("an amount").nano()
}
