//! People who use the server, and what they know of their orders.

use crate::bound::Bound;
use crate::dice::Dice;
use crate::order::Order;
use crate::record::Record;
use generatio_tests::{Client, FAL_KEY, Reply, User};
use serde_json::{Value, json};

/// The path of a user's jobs.
pub(crate) const JOBS: &str = "/api/custom/generate/jobs";

/// How far back somebody remembers, in orders.
const RECENT: usize = 15;

/// Somebody with an account, a FAL key of their own and a folder.
pub(crate) struct Person {
    /// Their account.
    pub(crate) user: User,
    /// What they go by, also in their prompts.
    pub(crate) name: &'static str,
    /// All they ever ordered.
    pub(crate) orders: Vec<Order>,
    /// The jobs of their browser.
    pub(crate) records: Vec<Record>,
    /// Jobs that they wanted stopped.
    pub(crate) stopped: Vec<String>,
    /// The budget they set last.
    pub(crate) bound: Option<Bound>,
    /// Their folder.
    pub(crate) folder: String,
}

impl Person {
    /// Registers somebody.
    pub(crate) async fn register(client: &Client, name: &'static str) -> Self {
        let user = User::register(client, &format!("{name}@example.com")).await;
        let folder = user.post("/api/custom/collections/create", &json!({ "name": name })).await.ok();
        let folder = folder["id"].as_str().expect("an id").to_owned();
        Self { user, name, orders: Vec::new(), records: Vec::new(), stopped: Vec::new(), bound: None, folder }
    }

    /// The server they knew is gone, and their session with it.
    pub(crate) fn moved_to(&mut self, client: &Client) {
        self.user.moved_to(client);
        self.user.session = None;
    }

    /// Starts a session unless there is one.
    pub(crate) async fn log_in(&mut self) {
        if self.user.session.is_none() {
            self.user.set_up_session_with(FAL_KEY).await;
        }
    }

    /// Thinks of a new order; its index.
    pub(crate) fn order(&mut self, dice: &mut Dice) -> usize {
        let order = Order::draw(dice, self.name, self.orders.len(), &self.folder);
        self.orders.push(order);
        self.orders.len() - 1
    }

    /// An order of late that can be repeated.
    pub(crate) fn repeatable(&self, dice: &mut Dice) -> Option<usize> {
        let keyed: Vec<_> = (0..self.orders.len()).filter(|index| self.orders[*index].key.is_some()).collect();
        dice.recent(keyed.len(), RECENT).map(|index| keyed[index])
    }

    /// A job of late.
    pub(crate) fn job(&self, dice: &mut Dice) -> Option<String> {
        let jobs: Vec<_> = self.orders.iter().filter_map(|order| order.job.as_ref()).collect();
        dice.recent(jobs.len(), RECENT).map(|index| jobs[index].clone())
    }

    /// Hears what became of an order.
    ///
    /// # Panics
    /// When that contradicts what was heard of it before, or is none of the answers there are.
    pub(crate) fn hear(&mut self, order: usize, reply: &Reply) {
        let told = reply.json();
        let job = match (reply.status.as_u16(), told["error"].as_str()) {
            (200, None) => &told["job"],
            (202, None) => &told["id"],
            (502, Some("external_error")) => &told["details"]["job"],
            (401, Some("authentication_error")) if self.user.session.is_none() => return,
            (402, Some("budget_exceeded")) if self.bound.is_some() => return,
            (429, Some("rate_limit_error")) => return,
            _ => panic!("{}: {}", reply.status, reply.text),
        };
        let job = job.as_str().unwrap_or_else(|| panic!("no job: {}", reply.text)).to_owned();
        let order = &mut self.orders[order];
        assert_eq!(*order.job.get_or_insert_with(|| job.clone()), job, "one order, two jobs");
        if reply.status.as_u16() == 200 {
            let pictures = told["images"].clone();
            assert_eq!(*order.pictures.get_or_insert_with(|| pictures.clone()), pictures, "one job, other pictures");
        }
    }

    /// The path of a job.
    pub(crate) fn path(job: &str) -> String {
        format!("{JOBS}/{job}")
    }

    /// Ids of all their jobs as the server lists them.
    pub(crate) async fn listed(&self) -> Vec<String> {
        let mut ids = Vec::new();
        let mut path = format!("{JOBS}?limit=200");
        loop {
            let page = self.user.get(&path).await.ok();
            let items = page["items"].as_array().expect("a list");
            ids.extend(items.iter().filter_map(|job| job["id"].as_str().map(ToOwned::to_owned)));
            match &page["next"] {
                Value::String(next) => path = format!("{JOBS}?limit=200&cursor={next}"),
                _ => return ids,
            }
        }
    }
}
