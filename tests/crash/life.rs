//! One life of the server: it starts, users come and ask for pictures, and it is killed.

use crate::orders::{Order, Repeatable, Told};
use crate::plan::{Dice, Moment};
use generatio_fal_sim::{Delivery, Entry, Options, Running, Sim};
use generatio_tests::{Client, Door, FAL_KEY, Server, Setup, Starting, User};
use http::Method;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::time::sleep;

/// Who asks.
const USERS: usize = 4;
/// The most one user asks for again in a life.
const REPEATS: usize = 2;
/// How long something may take that has to come.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked for. A fault point is where all jobs stop: nothing is missed meanwhile.
const INTERVAL: Duration = Duration::from_millis(2);
/// How often all of the books are looked at.
const PAUSE: Duration = Duration::from_millis(100);

/// What goes on through all lives.
pub(crate) struct Run {
    data: TempDir,
    fal: Running,
    /// Where FAL sends its webhooks, if it does.
    door: Option<Door>,
    users: Vec<User>,
    dice: Dice,
    repeatable: Repeatable,
    /// What callers were told so far.
    pub(crate) told: Vec<Told>,
    /// What happened how often.
    pub(crate) counts: Counts,
}

/// What happened how often.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Kills, by point; others under `""`.
    pub(crate) kills: BTreeMap<&'static str, usize>,
    /// Calls that were answered.
    pub(crate) answered: usize,
    /// Calls that a kill cut off.
    pub(crate) cut_off: usize,
    /// Calls that repeated an earlier one.
    pub(crate) repeated: usize,
    /// Orders so far; they are numbered.
    pub(crate) orders: usize,
}

impl Run {
    /// A stand-in that outlives the server, and users with accounts.
    pub(crate) async fn begin(dice: Dice, door: Option<Door>) -> Self {
        let fal = Sim::start(Options::immediate()).await.expect("the stand-in starts");
        let data = tempfile::tempdir().expect("a temporary directory");
        let mut run = Self {
            data,
            fal,
            door,
            users: Vec::new(),
            dice,
            repeatable: Repeatable::default(),
            told: Vec::new(),
            counts: Counts::default(),
        };
        let server = run.start(None).listening();
        for number in 0..USERS {
            let user = User::register(&Client::new(server.url()), &format!("{number}@example.com")).await;
            run.users.push(user);
        }
        server.kill();
        run
    }

    /// One life with its death.
    pub(crate) async fn live(&mut self, moment: Moment) {
        let point = match moment {
            Moment::Starting(after) => {
                let starting = self.start(None);
                sleep(after).await;
                starting.kill();
                return self.count_kill("");
            }
            Moment::Point(point) => Some(point),
            Moment::Running(_) => None,
        };
        let server = self.start(point).listening();
        let orders = self.orders();
        let calls = self.visit(&server, orders);
        match moment {
            Moment::Running(after) => sleep(after).await,
            _ => announced(&server).await,
        }
        server.kill();
        self.count_kill(point.unwrap_or(""));
        self.hear(calls).await;
    }

    /// The last life, in which all that is open is asked for again, and all that runs comes to its end.
    pub(crate) async fn come_to_rest(&mut self) -> Server {
        let server = self.start(None).listening();
        let mut orders = vec![Vec::new(); USERS];
        self.repeatable.all_open().into_iter().for_each(|order| orders[order.user].push(order));
        self.counts.repeated += orders.iter().map(Vec::len).sum::<usize>();
        let calls = self.visit(&server, orders);
        self.hear(calls).await;
        let start = Instant::now();
        while !self.is_at_rest() {
            assert!(start.elapsed() < PATIENCE, "jobs go on and on\n{}", server.log());
            sleep(PAUSE).await;
        }
        server
    }

    /// Whether no job is under way, nor any webhook.
    fn is_at_rest(&self) -> bool {
        let open = "SELECT count(*) FROM jobs WHERE state IN ('created', 'submitting', 'submitted')";
        let open: u32 = self.database().query_row(open, [], |row| row.get(0)).expect("a count");
        let is_pending = |entry: &Entry| entry.webhook == Some(Delivery::Pending);
        let is_told = !self.fal.book().requests.iter().any(is_pending);
        open == 0 && is_told && self.door.as_ref().is_none_or(|door| door.kept() == 0)
    }

    /// Those who ask.
    pub(crate) fn users(&self, server: &Server) -> Vec<User> {
        let client = Client::new(server.url());
        let moved = |user: &User| {
            let mut user = user.clone();
            user.moved_to(&client);
            user
        };
        self.users.iter().map(moved).collect()
    }

    /// What FAL says it took and billed.
    pub(crate) fn book(&self) -> generatio_fal_sim::Book {
        self.fal.book()
    }

    /// The server's database.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.data.path().join("generatio.db")).expect("the database opens")
    }

    fn start(&self, fault_point: Option<&str>) -> Starting {
        let (fal, door) = (self.fal.url(), self.door.as_ref().map(Door::url));
        let mut arguments = vec!["--fal-url", fal.as_str(), "--max-running-jobs", "1000", "--log-level", "warn"];
        arguments.extend(door.iter().flat_map(|url| ["--public-url", url.as_str()]));
        Starting::spawn(self.data.path(), &arguments, Setup { fault_point, ..Setup::default() })
    }

    /// What each user asks for in a life: something new that goes well, perhaps something else, and what is open.
    fn orders(&mut self) -> Vec<Vec<Order>> {
        let of_user = |user| {
            let mut orders = self.repeatable.again(user, self.dice.below(REPEATS + 1));
            self.counts.repeated += orders.len();
            for sound in [true, false].into_iter().take(1 + self.dice.below(2)) {
                orders.push(Order::new(user, self.counts.orders, sound, &mut self.dice));
                self.counts.orders += 1;
            }
            orders
        };
        (0..USERS).map(of_user).collect()
    }

    /// Sends all users at once, each to begin a session and then ask for all they want side by side.
    fn visit(&self, server: &Server, orders: Vec<Vec<Order>>) -> Vec<Visit> {
        if let Some(door) = &self.door {
            door.lead_to(server.url());
        }
        let visits = self.users(server).into_iter().zip(orders);
        visits.map(|(user, orders)| tokio::spawn(visit(user, orders))).collect()
    }

    /// Takes in what came of the calls.
    async fn hear(&mut self, calls: Vec<Visit>) {
        for call in calls {
            let answers = tokio::time::timeout(PATIENCE, call).await.expect("calls end with their server");
            for (order, told) in answers.expect("calls do not panic") {
                self.repeatable.note(&order, told.as_ref());
                self.counts.answered += usize::from(told.is_some());
                self.counts.cut_off += usize::from(told.is_none());
                self.told.extend(told);
            }
        }
    }

    fn count_kill(&mut self, point: &'static str) {
        *self.counts.kills.entry(point).or_default() += 1;
    }
}

impl Counts {
    /// How often a point was struck.
    pub(crate) fn struck(&self, point: &str) -> usize {
        self.kills.get(point).copied().unwrap_or_default()
    }

    /// Kills at no named point.
    pub(crate) fn random(&self) -> usize {
        self.struck("")
    }

    /// All kills.
    pub(crate) fn all(&self) -> usize {
        self.kills.values().sum()
    }
}

type Visit = tokio::task::JoinHandle<Vec<(Order, Option<Told>)>>;

/// A session, then all orders side by side. Of a server that dies meanwhile, nothing more is heard.
async fn visit(mut user: User, orders: Vec<Order>) -> Vec<(Order, Option<Told>)> {
    let key = json!({ "fal_token": FAL_KEY }).to_string();
    let created = user.try_send(Method::POST, "/api/custom/auth/create-session", &[], Some(&key)).await;
    let Ok(created) = created else { return orders.into_iter().map(|order| (order, None)).collect() };
    user.session = Some(created.ok()["session_id"].as_str().expect("a session id").to_owned());
    let user = &user;
    let asked = orders.into_iter().map(async |order| {
        let told = order.ask(user).await.map(|reply| order.told(&reply));
        (order, told)
    });
    futures_util::future::join_all(asked).await
}

/// Waits until a job stands at the server's fault point.
async fn announced(server: &Server) {
    let start = Instant::now();
    while !server.log().contains("fault point ") {
        assert!(start.elapsed() < PATIENCE, "no job came to the point\n{}", server.log());
        sleep(INTERVAL).await;
    }
}
