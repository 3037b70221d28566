//! The promises, each as a comparison of records that can fail.

use crate::orders::Told;
use crate::records::{Job, Records, Request, Total};
use std::collections::HashMap;

#[cfg(test)]
mod tests;

/// A promise: its name in the table, and what of the records breaks it.
pub(crate) type Check = (&'static str, fn(&Records) -> Vec<String>);

/// All of them.
pub(crate) const CHECKS: [Check; 7] = [
    ("results lost of recorded requests", results_lost),
    ("requests taken twice or denied", submitted_twice),
    ("charges doubled or for nothing", charged_wrongly),
    ("idempotency keys spent twice", keys_spent_twice),
    ("totals that are not the ledger's", totals_off),
    ("jobs in no explained state", unexplained),
    ("answers taken back", taken_back),
];

/// What FAL's webhook adds to them: no doubt about what FAL took.
pub(crate) const WITH_WEBHOOK: Check = ("unknown jobs of requests FAL took", not_brought_home);

/// What every check finds, by name.
pub(crate) fn audit(checks: &[Check], records: &Records) -> Vec<(&'static str, Vec<String>)> {
    checks.iter().map(|(name, check)| (*name, check(records))).collect()
}

/// A job whose request id is recorded, and which FAL billed, has its pictures and its charge.
fn results_lost(records: &Records) -> Vec<String> {
    let requests = by(&records.requests, |request| request.id.as_str());
    let charges = by(&records.charges, |charge| charge.job.as_str());
    let lost = |job: &&Job| {
        let Some(id) = &job.request else { return false };
        let Some(taken) = requests.get(id.as_str()) else { return true };
        let is_paid = charges.contains_key(job.id.as_str());
        let is_there = job.state == "completed" && job.delivered() == job.asked && is_paid;
        !taken[0].is_over || (taken[0].is_billed && !is_there)
    };
    records.jobs.iter().filter(lost).map(|job| format!("{job:?}")).collect()
}

/// FAL took each job at most once, and what it took is either on record or in doubt.
fn submitted_twice(records: &Records) -> Vec<String> {
    let (by_input, by_request) =
        (by(&records.jobs, |job| job.input.as_str()), by(&records.jobs, |job| job.request.as_deref().unwrap_or("")));
    let taken = by(&records.requests, |request| request.input.as_str());
    let wrong = |request: &&Request| {
        let Some([job]) = by_input.get(request.input.as_str()).map(Vec::as_slice) else { return true };
        let holders = by_request.get(request.id.as_str()).map_or(0, Vec::len);
        let is_in_doubt = job.state == "unknown" && !job.is_recorded();
        taken[request.input.as_str()].len() > 1
            || holders > 1
            || if holders == 1 { job.request.as_ref() != Some(&request.id) } else { !is_in_doubt }
    };
    records.requests.iter().filter(wrong).map(|request| format!("{request:?}")).collect()
}

/// A job is charged at most once, when FAL billed it, and what its pictures cost.
fn charged_wrongly(records: &Records) -> Vec<String> {
    let (jobs, charges) =
        (by(&records.jobs, |job| job.id.as_str()), by(&records.charges, |charge| charge.job.as_str()));
    let requests = by(&records.requests, |request| request.id.as_str());
    let wrong = |id: &&&str| {
        let Some([job]) = jobs.get(**id).map(Vec::as_slice) else { return true };
        let request = job.request.as_deref().and_then(|id| requests.get(id));
        let [charge] = charges[**id].as_slice() else { return true };
        !request.is_some_and(|request| request[0].is_billed)
            || (charge.amount, charge.images) != (job.price * job.delivered(), job.delivered())
            || charge.owner != job.owner
    };
    charges.keys().filter(wrong).map(|id| format!("job {id}: {:?}", charges[*id])).collect()
}

/// One key leads to one job, and to at most one bill. No two users of a run have the same key.
fn keys_spent_twice(records: &Records) -> Vec<String> {
    let keyed = by(&records.jobs, |job| job.key.as_deref().unwrap_or_default());
    let told = by(&records.told, |told| told.key.as_deref().unwrap_or_default());
    let requests = by(&records.requests, |request| request.input.as_str());
    let bills = |job: &&Job| {
        let taken = requests.get(job.input.as_str()).into_iter().flatten();
        taken.filter(|request| request.is_billed).count()
    };
    let wrong = |(key, jobs): &(&&str, &Vec<&Job>)| {
        let mut told = told.get(**key).into_iter().flatten();
        jobs.len() > 1 || jobs.iter().map(bills).sum::<usize>() > 1 || !told.all(|told| told.job == jobs[0].id)
    };
    let keyed = keyed.iter().filter(|(key, _)| !key.is_empty());
    keyed.filter(wrong).map(|(key, jobs)| format!("{key}: {jobs:?}")).collect()
}

/// What each user is told of their spending is the sum of their ledger rows.
fn totals_off(records: &Records) -> Vec<String> {
    let sum = |owner: &String| {
        let own = records.charges.iter().filter(|charge| charge.owner == *owner);
        own.fold(Total { spent: 0, images: 0 }, |total, charge| Total {
            spent: total.spent + charge.amount,
            images: total.images + charge.images,
        })
    };
    let wrong = records.totals.iter().filter(|(owner, total)| sum(owner) != **total);
    let mut found: Vec<String> = wrong.map(|(owner, total)| format!("{owner}: {total:?}, {:?}", sum(owner))).collect();
    let of_nobody = records.charges.iter().filter(|charge| !records.totals.contains_key(&charge.owner));
    found.extend(of_nobody.map(|charge| format!("of nobody: {charge:?}")));
    found
}

/// A job is completed with its pictures and charge, or says why not; none is still under way.
fn unexplained(records: &Records) -> Vec<String> {
    let charges = by(&records.charges, |charge| charge.job.as_str());
    let explained = |job: &&Job| match job.state.as_str() {
        "completed" => !job.pictures.is_empty() && charges.contains_key(job.id.as_str()),
        "failed" | "canceled" | "unknown" => job.failure.is_some() && job.pictures.is_empty(),
        _ => false,
    };
    records.jobs.iter().filter(|job| !explained(job)).map(|job| format!("{job:?}")).collect()
}

/// What a caller was told holds: the job is there, and an end that was told is its end.
fn taken_back(records: &Records) -> Vec<String> {
    let jobs = by(&records.jobs, |job| job.id.as_str());
    let holds = |told: &&Told| {
        let Some([job]) = jobs.get(told.job.as_str()).map(Vec::as_slice) else { return false };
        let is_final = ["completed", "failed", "canceled"].contains(&told.state.as_str());
        !is_final || (&job.state, &job.pictures) == (&told.state, &told.pictures)
    };
    records.told.iter().filter(|told| !holds(told)).map(|told| format!("{told:?}")).collect()
}

/// A job whose submit answer was lost is brought home by the webhook, if FAL took it.
fn not_brought_home(records: &Records) -> Vec<String> {
    let taken = by(&records.requests, |request| request.input.as_str());
    let left = records.jobs.iter().filter(|job| job.state == "unknown" && taken.contains_key(job.input.as_str()));
    left.map(|job| format!("{job:?}")).collect()
}

/// The rows by a text of theirs.
fn by<'a, T>(rows: &'a [T], key: impl Fn(&'a T) -> &'a str) -> HashMap<&'a str, Vec<&'a T>> {
    let mut sorted: HashMap<&str, Vec<&T>> = HashMap::new();
    rows.iter().for_each(|row| sorted.entry(key(row)).or_default().push(row));
    sorted
}
