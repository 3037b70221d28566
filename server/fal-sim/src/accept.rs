//! Taking in a request, from the queue or as a synchronous call: everything that can be refused before an id exists,
//! then the id.

use crate::app::App;
use crate::auth;
use crate::book::{Delivery, Entry, Source, State};
use crate::call::Call;
use crate::clock::unix_ms;
use crate::dice::hex;
use crate::directive::Directive;
use crate::drive::{Plan, Work, drive};
use crate::endpoints::{Lookup, find};
use crate::fault::{Fault, Phase, Strikes};
use crate::job::{Job, Particulars};
use crate::reply::{self, Reply};
use crate::route::Target;
use crate::spoil;
use http::StatusCode;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// A request that was taken in and is under way.
pub(crate) struct Accepted {
    pub(crate) job: Arc<Job>,
    /// What shall happen to the answer that says so.
    pub(crate) fault: Option<Fault>,
    /// Its place in the queue at first.
    pub(crate) position: u32,
    /// Whether it is over as soon as it has begun.
    pub(crate) instant: bool,
}

/// Takes in the call about `target`, or says why not.
pub(crate) async fn accept(
    app: &Arc<App>,
    call: &Call,
    target: &Target,
    source: Source,
) -> Result<Accepted, Box<Reply>> {
    let accepted = match admit(app, call, target, source) {
        Ok((_, Some(fault))) if !comes_after(fault) => Err(Box::new(spoil::instead(fault).await)),
        Ok((directive, fault)) => take_in(app, call, target, source, &directive, fault),
        Err(refusal) => Err(refusal),
    };
    if accepted.is_err() {
        app.ledger.refuse();
    }
    accepted
}

fn comes_after(fault: Fault) -> bool {
    matches!(fault, Fault::SubmitResetAfter | Fault::SubmitTruncated | Fault::SubmitStall)
}

/// Everything that is checked first: key, credit, app, headers, queue length, directive.
fn admit(app: &App, call: &Call, target: &Target, source: Source) -> Result<(Directive, Option<Fault>), Box<Reply>> {
    let token = call.query("fal_jwt_token");
    let caller =
        app.gate.check(&call.headers, token.as_deref()).map_err(|refusal| Box::new(refusal.reply(&target.app)))?;
    if caller.locked {
        return Err(Box::new(auth::locked()));
    }
    if let Lookup::UnknownApp = find(&target.app, &target.path) {
        let text = format!("Application \"{}\" not found", target.alias());
        return Err(Box::new(reply::detail(StatusCode::NOT_FOUND, &text)));
    }
    start_within(call)?;
    if source == Source::Queue {
        check_length(app, call)?;
    }
    let directive =
        serde_json::from_slice(&call.body).map_or_else(|_| Ok(Directive::default()), |input| Directive::of(&input));
    let directive = directive.map_err(|problem| bad_request(&problem))?;
    let own = app.submit_faults.strike(&call.body, &directive.fault.0, directive.times.unwrap_or(1));
    let fault = own.or_else(|| app.common_faults.strike(Phase::Submit));
    Ok((directive, fault))
}

fn bad_request(text: &str) -> Box<Reply> {
    Box::new(reply::infrastructure(StatusCode::BAD_REQUEST, "bad_request", text))
}

/// The caller's deadline for starting, from either spelling of its header.
fn start_within(call: &Call) -> Result<Option<Duration>, Box<Reply>> {
    let names = ["x-fal-request-start-timeout", "x-fal-request-timeout"];
    let Some(text) = names.into_iter().find_map(|name| call.header(name)) else { return Ok(None) };
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.1);
    let limit = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    limit.map(Some).ok_or_else(|| bad_request("The start timeout must be a number of seconds above 0.1"))
}

/// The guard a caller may set against long queues.
fn check_length(app: &App, call: &Call) -> Result<(), Box<Reply>> {
    let Some(most) = call.query("fal_max_queue_length").and_then(|text| text.parse::<usize>().ok()) else {
        return Ok(());
    };
    let ahead = usize::try_from(app.options.queue_length).unwrap_or(usize::MAX);
    if app.jobs.waiting().saturating_add(ahead) > most { Err(Box::new(spoil::too_many())) } else { Ok(()) }
}

/// Gives it an id, enters it in the book and sets it going.
fn take_in(
    app: &Arc<App>,
    call: &Call,
    target: &Target,
    source: Source,
    directive: &Directive,
    fault: Option<Fault>,
) -> Result<Accepted, Box<Reply>> {
    let mut plan = Plan::new(&app.options, directive, source);
    plan.start_within = start_within(call)?;
    plan.webhook = call.query("fal_webhook").filter(|_| source == Source::Queue);
    let work = Work::read(target, &call.body);
    let job = Arc::new(Job::new(particulars(app, call, target, directive, &plan, &work)));
    app.jobs.insert(Arc::clone(&job)).map_err(|_| Box::new(spoil::too_many()))?;
    app.ledger.accept(entry(&job, call, target, source, &plan, &work));
    let (position, instant) = (plan.position, plan.is_instant());
    app.spawn(drive(Arc::clone(app), Arc::clone(&job), plan, work));
    Ok(Accepted { job, fault, position, instant })
}

fn particulars(
    app: &App,
    call: &Call,
    target: &Target,
    directive: &Directive,
    plan: &Plan,
    work: &Work,
) -> Particulars {
    Particulars {
        id: app.names.request_id(unix_ms()),
        app: target.app.clone(),
        origins: call.origins.clone(),
        weight: call.body.len() + 1024,
        keep: keep(app, work),
        position: plan.position,
        own_faults: Arc::new(Strikes::new(directive.fault.0.clone(), directive.times.unwrap_or(1))),
        common_faults: Arc::clone(&app.common_faults),
    }
}

/// An hour, or six minutes for answers of 10 KB and more: those with pictures inside.
fn keep(app: &App, work: &Work) -> Duration {
    let most = if work.is_large() { 360 } else { 3600 };
    Duration::from_secs(app.options.expire_after.unwrap_or(most))
}

fn entry(job: &Job, call: &Call, target: &Target, source: Source, plan: &Plan, work: &Work) -> Entry {
    Entry {
        request_id: job.id.clone(),
        endpoint: target.id(),
        source,
        input_sha256: hex(&Sha256::digest(&call.body)),
        state: State::Queued,
        units: None,
        unit: work.unit.map(|unit| unit.as_str().to_owned()),
        accepted_ms: unix_ms(),
        started_ms: None,
        ended_ms: None,
        ended_us: None,
        webhook: plan.webhook.as_ref().map(|_| Delivery::Pending),
    }
}

/// The body as JSON, null when it is none.
pub(crate) fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}
