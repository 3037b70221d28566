//! How each step is carried out, and what must be answered.

use crate::bound::{Bound, used};
use crate::order::Order;
use crate::person::{JOBS, Person};
use crate::step::Step;
use crate::world::{World, within};
use futures_util::future::join_all;
use generatio_tests::{FAL_KEY, Letter, Reply};
use http::Method;
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

const BUDGET: &str = "/api/custom/financial/budget";
const IMAGE: &str = "/api/custom/generate/image";

/// How long something that may come is waited for.
const MOMENT: Duration = Duration::from_millis(40);

impl World {
    /// Carries out one step by somebody.
    ///
    /// # Panics
    /// When the server answers what it must not.
    pub(crate) async fn play(&mut self, step: Step) {
        let who = self.dice.below(self.people.len());
        match step {
            Step::Budget => self.budget(who).await,
            Step::Cancel => self.cancel(who).await,
            Step::Contradict => self.contradict(who).await,
            Step::Crash => self.restart(true).await,
            Step::Foreign => self.foreign(who).await,
            Step::Generate => self.generate(who, true).await,
            Step::GenerateAndWait => self.generate(who, false).await,
            Step::Leave => self.leave(who).await,
            Step::Many => self.many(who).await,
            Step::Post => self.deliver_next().await,
            Step::PostAny => self.deliver_any().await,
            Step::Read => self.read(who).await,
            Step::Record => self.record(who).await,
            Step::Report => self.report(who).await,
            Step::Resolve => self.resolve(who).await,
            Step::Restart => self.restart(false).await,
            Step::Retry => self.retry(who).await,
            Step::Session => self.session(who).await,
            Step::Storm => self.storm(who).await,
            Step::Watch => self.watch().await,
        }
    }

    async fn generate(&mut self, who: usize, is_async: bool) {
        self.come_in(who).await;
        let person = &mut self.people[who];
        let order = person.order(&mut self.dice);
        let reply = person.orders[order].send(&person.user, is_async).await.expect("an answer");
        person.hear(order, &reply);
    }

    async fn retry(&mut self, who: usize) {
        self.come_in(who).await;
        let is_async = self.dice.chance(50);
        let person = &mut self.people[who];
        let Some(order) = person.repeatable(&mut self.dice) else { return };
        let reply = person.orders[order].send(&person.user, is_async).await.expect("an answer");
        person.hear(order, &reply);
    }

    /// Several at once, the first of them twice.
    async fn many(&mut self, who: usize) {
        self.come_in(who).await;
        let person = &mut self.people[who];
        let mut orders: Vec<_> = (0..2 + self.dice.below(3)).map(|_| person.order(&mut self.dice)).collect();
        person.orders[orders[0]].key = Some(format!("many-{}", orders[0]));
        orders.push(orders[0]);
        let replies = join_all(orders.iter().map(|order| person.orders[*order].send(&person.user, true))).await;
        for (order, reply) in orders.iter().zip(replies) {
            person.hear(*order, &reply.expect("an answer"));
        }
    }

    async fn contradict(&mut self, who: usize) {
        self.people[who].log_in().await;
        let person = &self.people[who];
        let Some(order) = person.repeatable(&mut self.dice) else { return };
        let Order { job: Some(_), .. } = &person.orders[order] else { return };
        let reply = person.orders[order].contradicted().send(&person.user, true).await.expect("an answer");
        reply.refused(409, "conflict", "This Idempotency-Key was used with another request");
    }

    /// Orders come in while the server ends; who is cut off does not know what became of theirs.
    async fn storm(&mut self, who: usize) {
        self.people[who].log_in().await;
        let person = &mut self.people[who];
        let orders: Vec<_> = (0..1 + self.dice.below(4)).map(|_| person.order(&mut self.dice)).collect();
        let is_async = self.dice.chance(50);
        let calls = orders.iter().map(|order| {
            let (order, user) = (person.orders[*order].clone(), person.user.clone());
            tokio::spawn(async move { order.send(&user, is_async).await })
        });
        let calls: Vec<_> = calls.collect();
        let enough = self.fal.book().submissions + u64::try_from(self.dice.below(orders.len() + 1)).expect("few");
        within(MOMENT, || self.fal.book().submissions >= enough).await;
        let is_crash = self.dice.chance(70);
        self.restart(is_crash).await;
        for (order, reply) in orders.into_iter().zip(join_all(calls).await) {
            // Only an answer that tells of a job tells anything: the server was about to go.
            let reply = reply.expect("its task ends well").filter(|reply| reply.status.as_u16() < 500);
            if let Some(reply) = reply {
                self.people[who].hear(order, &reply);
            }
        }
    }

    /// A call of any kind, cut off after a moment; who sent it does not know what became of it.
    async fn leave(&mut self, who: usize) {
        self.people[who].log_in().await;
        let moment = Duration::from_millis(self.dice.pick(&[0, 1, 2, 3, 5, 10]));
        let what = self.dice.below(5);
        let job = self.job_in(who, "'created', 'submitting', 'submitted'");
        let letter = self.post.any(&mut self.dice);
        let person = &mut self.people[who];
        match (what, job, letter) {
            (0, Some(job), _) => {
                person.stopped.push(job.clone());
                drop(timeout(moment, person.user.delete(&Person::path(&job))).await);
            }
            (1, _, Some(letter)) => drop(timeout(moment, letter.deliver(&self.client)).await),
            (2, ..) => drop(timeout(moment, person.user.clone().set_up_session_with(FAL_KEY)).await),
            _ => {
                let (order, is_async) = (person.order(&mut self.dice), self.dice.chance(50));
                drop(timeout(moment, person.orders[order].send(&person.user, is_async)).await);
            }
        }
    }

    async fn cancel(&mut self, who: usize) {
        self.people[who].log_in().await;
        let Some(job) = self.job_in(who, "'created', 'submitting', 'submitted'") else { return };
        let person = &mut self.people[who];
        person.stopped.push(job.clone());
        let reply = person.user.delete(&Person::path(&job)).await;
        assert!(matches!(reply.status.as_u16(), 200 | 202 | 409), "{}: {}", reply.status, reply.text);
    }

    async fn resolve(&mut self, who: usize) {
        let Some(job) = self.job_in(who, "'unknown'") else { return };
        let outcome = json!({ "outcome": self.dice.pick(&["charged", "not_charged"]) });
        let reply = self.people[who].user.post(&format!("{}/resolve", Person::path(&job)), &outcome).await;
        assert!(matches!(reply.status.as_u16(), 200 | 409), "{}: {}", reply.status, reply.text);
    }

    /// A job in one of these states, more often than not; else any of late.
    fn job_in(&mut self, who: usize, states: &str) -> Option<String> {
        let person = &self.people[who];
        let sql = format!("SELECT id FROM jobs WHERE owner = ?1 AND state IN ({states}) ORDER BY created");
        let jobs: Vec<String> = self.audit.rows(&sql, [&person.user.id], |row| row.get(0));
        let recent = self.dice.recent(jobs.len(), jobs.len()).filter(|_| self.dice.chance(70));
        recent.map(|index| jobs[index].clone()).or_else(|| person.job(&mut self.dice))
    }

    async fn budget(&mut self, who: usize) {
        let basis = self.dice.pick(&["account", "fal"]);
        let owner = self.people[who].user.id.clone();
        let used = self.audit.at_once(|| used(&self.audit, &owner, basis));
        let is_none = self.dice.chance(30);
        let limits = used.map(|used| {
            // From below what is used already to a few pictures more.
            let room = i64::try_from(self.dice.below(120)).expect("a small number") * 1_000_000 - 10_000_000;
            (!is_none && self.dice.chance(50)).then_some((used + room).max(0))
        });
        let mut bound = Bound::new(&self.audit, &owner, basis, limits);
        let person = &mut self.people[who];
        person.user.send(Method::PUT, BUDGET, Some(&bound.body().to_string())).await.ok();
        bound.was_set(&self.audit, &owner);
        person.bound = Some(bound);
    }

    async fn session(&mut self, who: usize) {
        let person = &mut self.people[who];
        person.user.session = None;
        person.log_in().await;
    }

    async fn deliver_next(&mut self) {
        if let Some(letter) = self.post.next() {
            self.deliver(&letter).await;
        }
    }

    async fn deliver_any(&mut self) {
        if let Some(letter) = self.post.any(&mut self.dice) {
            self.deliver(&letter).await;
        }
    }

    /// FAL's own word is always taken.
    pub(crate) async fn deliver(&mut self, letter: &Letter) {
        let reply = letter.deliver(&self.client).await;
        assert_eq!(reply.status.as_u16(), 204, "{}", reply.text);
        self.delivered += 1;
    }

    async fn foreign(&mut self, who: usize) {
        self.people[who].log_in().await;
        let other = (who + 1) % self.people.len();
        let Some(job) = self.people[other].job(&mut self.dice) else { return };
        let (user, path) = (&self.people[who].user, Person::path(&job));
        let missing = |reply: Reply| reply.refused(404, "not_found", "Job not found");
        missing(user.get(&path).await);
        missing(user.get(&format!("{path}/events")).await);
        missing(user.delete(&path).await);
        missing(user.post(&format!("{path}/resolve"), &json!({ "outcome": "charged" })).await);
        let cursor = user.get(&format!("{JOBS}?cursor={job}")).await;
        assert_eq!(cursor.status.as_u16(), 400, "{}", cursor.text);
        let order = self.people[other].orders.last().expect("who has a job has ordered it");
        if order.body.contains(&self.people[other].folder) {
            let reply = user.send(Method::POST, IMAGE, Some(&order.body)).await;
            reply.refused(404, "not_found", "Folder not found");
        }
    }

    async fn watch(&mut self) {
        let mark = self.audit.mark();
        within(MOMENT, || self.audit.mark() > mark).await;
    }

    /// Most people see to it that they have a session before they order.
    async fn come_in(&mut self, who: usize) {
        if !self.dice.chance(5) {
            self.people[who].log_in().await;
        }
    }
}
