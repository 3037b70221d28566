//! The figures of a run.

use crate::life::Counts;
use crate::plan::POINTS;
use crate::records::{Job, Records};
use generatio_core::cost::Usd;
use std::fmt::Display;
use std::time::Duration;

/// What happened, what there is, and what every check found.
pub(crate) fn table(
    counts: &Counts,
    records: &Records,
    findings: &[(&'static str, Vec<String>)],
    took: Duration,
) -> String {
    let mut lines = vec![line("kills", counts.all())];
    lines.extend(POINTS.map(|point| line(&format!("  {point}"), counts.struck(point))));
    lines.push(line("  at random moments", counts.random()));
    lines.push(line("calls answered", counts.answered));
    lines.push(line("  cut off by a kill", counts.cut_off));
    lines.push(line("  that repeated another", counts.repeated));
    lines.extend(jobs(records));
    lines.extend(money(records));
    lines.extend(findings.iter().map(|(name, found)| line(name, found.len())));
    lines.push(line("seconds", took.as_secs()));
    lines.join("\n")
}

fn jobs(records: &Records) -> Vec<String> {
    let count = |wanted: &dyn Fn(&Job) -> bool| records.jobs.iter().filter(|job| wanted(job)).count();
    let mut lines = vec![line("jobs", records.jobs.len())];
    for state in ["completed", "failed", "canceled", "unknown"] {
        lines.push(line(&format!("  {state}"), count(&|job| job.state == state)));
    }
    lines.push(line("  with a recorded request id", count(&Job::is_recorded)));
    let billed = records.requests.iter().filter(|request| request.is_billed);
    let in_doubt = |input: &str| records.jobs.iter().any(|job| job.state == "unknown" && job.input == input);
    lines.push(line("requests FAL took", records.requests.len()));
    lines.push(line("  and billed", billed.clone().count()));
    lines.push(line("  of jobs that stayed unknown", billed.filter(|request| in_doubt(&request.input)).count()));
    lines
}

fn money(records: &Records) -> [String; 3] {
    let dollars = |nano: i64| format!("${}", Usd::from_nano(nano));
    let settled = records.jobs.iter().filter(|job| job.state == "completed");
    let worth = |job: &Job| job.price * job.delivered();
    [
        line("ledger", dollars(records.charges.iter().map(|charge| charge.amount).sum())),
        line("  settled jobs", dollars(settled.map(worth).sum())),
        line("  totals of the users", dollars(records.totals.values().map(|total| total.spent).sum())),
    ]
}

fn line(name: &str, figure: impl Display) -> String {
    format!("  {name:<36} {figure:>10}")
}
