//! A request's life: it waits, runs, writes its log and ends, by a real clock.

use crate::accept::parse;
use crate::app::App;
use crate::book::Source;
use crate::directive::Directive;
use crate::endpoints::{Endpoint, Lookup, Unit, find};
use crate::failure::Failure;
use crate::fault::Fault;
use crate::input::{Order, judge};
use crate::job::{Job, Outcome};
use crate::options::Options;
use crate::output::{Output, Twist};
use crate::route::Target;
use crate::webhook;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// Nothing waits or runs longer than FAL lets an app run.
const LONGEST_MS: u64 = 3_600_000;
const MAX_LOGS: u32 = 1000;
const MAX_POSITION: u32 = 10_000;
/// Most characters of a prompt that a log line repeats.
const MAX_ECHO: usize = 200;

/// How a request's life shall go.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) position: u32,
    wait: Duration,
    run: Duration,
    logs: u32,
    /// Text for the units header, instead of the count.
    units: Option<String>,
    pub(crate) start_within: Option<Duration>,
    pub(crate) webhook: Option<String>,
}

impl Plan {
    /// By flags, with what the request itself asked on top. Synchronous calls do not queue.
    pub(crate) fn new(options: &Options, directive: &Directive, source: Source) -> Self {
        let run = directive.latency_ms.unwrap_or(options.latency);
        let usual_wait = options.queue_delay.unwrap_or(if run == 0 { 0 } else { 50 });
        let wait = if source == Source::Run { 0 } else { directive.queue_ms.unwrap_or(usual_wait) };
        Self {
            position: directive.position.unwrap_or(options.queue_length).min(MAX_POSITION),
            wait: Duration::from_millis(wait.min(LONGEST_MS)),
            run: Duration::from_millis(run.min(LONGEST_MS)),
            logs: directive.logs.unwrap_or(options.logs).min(MAX_LOGS),
            units: directive.units.clone(),
            start_within: None,
            webhook: None,
        }
    }

    /// Whether it is over as soon as it has begun.
    pub(crate) fn is_instant(&self) -> bool {
        self.wait.is_zero() && self.run.is_zero()
    }
}

/// What is to be done.
pub(crate) struct Work {
    /// What the endpoint is billed by; `None` when there is no such endpoint.
    pub(crate) unit: Option<Unit>,
    order: Result<(&'static Endpoint, Order), Failure>,
    input: Value,
}

impl Work {
    /// Reads what `target` is asked to do.
    pub(crate) fn read(target: &Target, body: &[u8]) -> Self {
        let input = parse(body);
        match find(&target.app, &target.path) {
            Lookup::Known(endpoint) => {
                let order = judge(endpoint, body).map(|order| (endpoint, order));
                Self { unit: Some(endpoint.unit), order: order.map_err(|details| Failure::refused(&details)), input }
            }
            _ => Self { unit: None, order: Err(Failure::no_path(&target.path)), input },
        }
    }

    /// Whether the answer will hold the pictures themselves.
    pub(crate) fn is_large(&self) -> bool {
        self.order.as_ref().is_ok_and(|(_, order)| order.sync_mode)
    }
}

/// Leads `job` through its life, then tells its webhook.
pub(crate) async fn drive(app: Arc<App>, job: Arc<Job>, plan: Plan, work: Work) {
    let hook = plan.webhook.clone();
    tokio::select! {
        () = job.ended() => {}
        () = live(&app, &job, plan, work) => {}
    }
    if let Some(url) = hook {
        webhook::deliver(&app, &job, &url).await;
    }
}

async fn live(app: &App, job: &Job, plan: Plan, work: Work) {
    if let Some(limit) = plan.start_within.filter(|limit| *limit < plan.wait) {
        sleep(limit).await;
        job.end(Outcome::Failed(Failure::start_timeout()), &app.ledger);
        return;
    }
    queue(job, &plan).await;
    job.start(&app.ledger);
    if work.order.is_ok() {
        run(job, &plan, &work.input).await;
    }
    job.end(outcome(app, job, plan, work), &app.ledger);
}

async fn queue(job: &Job, plan: &Plan) {
    let step = plan.wait / (plan.position + 1);
    for position in (0..=plan.position).rev() {
        job.queue_at(position);
        pause(step).await;
    }
}

/// The first line tells what is painted, as many models do: logs must be handled like prompts.
async fn run(job: &Job, plan: &Plan, input: &Value) {
    let step = plan.run / (plan.logs + 1);
    for line in 1..=plan.logs {
        pause(step).await;
        job.log(if line == 1 { echo(input) } else { progress_bar(line, plan.logs) });
    }
    pause(step).await;
}

/// A timer of no length still takes a tick.
async fn pause(duration: Duration) {
    if !duration.is_zero() {
        sleep(duration).await;
    }
}

fn echo(input: &Value) -> String {
    let prompt = input["prompt"].as_str().unwrap_or_default();
    format!("prompt: {}", prompt.chars().take(MAX_ECHO).collect::<String>())
}

/// Looks like what models write. The blocks are three bytes each, which readers of streams must not tear apart.
fn progress_bar(done: u32, of: u32) -> String {
    let filled = usize::try_from(10 * done / of.max(1)).unwrap_or_default();
    format!("{:3}%|{}{}| {done}/{of}", 100 * done / of.max(1), "█".repeat(filled), " ".repeat(10 - filled))
}

fn outcome(app: &App, job: &Job, plan: Plan, work: Work) -> Outcome {
    let (endpoint, order) = match work.order {
        Ok(work) => work,
        Err(failure) => return Outcome::Failed(failure),
    };
    if let Some(failure) = failure_asked(job, &work.input) {
        return Outcome::Failed(failure);
    }
    let twist = Twist {
        flagged: job.take(Fault::Flagged),
        empty: job.take(Fault::ZeroImages),
        hide_units: job.take(Fault::NoBillableHeader),
    };
    let mut output = Output::make(endpoint, order, plan.run, twist, &app.names, &app.seeds);
    if let Some(units) = plan.units {
        output.units = units;
    }
    if !output.sync_mode {
        app.files.hang(&output.pictures, job);
    }
    Outcome::Made(output)
}

fn failure_asked(job: &Job, input: &Value) -> Option<Failure> {
    let failures = [Fault::JobFailed422, Fault::JobFailed500, Fault::JobFailed503, Fault::ContentPolicy];
    let fault = failures.into_iter().find(|fault| job.take(*fault))?;
    Failure::asked(fault, input)
}
