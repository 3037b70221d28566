//! Each comparison fails when what it compares is doctored, and no other does.

use super::{CHECKS, WITH_WEBHOOK, audit};
use crate::orders::Told;
use crate::records::{Charge, Job, Records, Request, Total};
use std::collections::HashMap;

/// Five jobs that ended well in every sense: completed, failed, failed before FAL knew, unknown and taken, unknown and not.
fn good() -> Records {
    let job = |id: &str, state: &str, failure: Option<&str>, request: Option<&str>| Job {
        id: id.to_owned(),
        owner: "ada".to_owned(),
        state: state.to_owned(),
        failure: failure.map(ToOwned::to_owned),
        request: request.map(ToOwned::to_owned),
        input: format!("input of {id}"),
        key: Some(format!("key of {id}")),
        asked: 1,
        price: 3,
        pictures: Vec::new(),
    };
    let mut completed = job("completed", "completed", None, Some("r1"));
    completed.pictures = vec!["picture".to_owned()];
    let request = |id: &str, of: &str, is_billed| Request {
        id: id.to_owned(),
        input: format!("input of {of}"),
        is_over: true,
        is_billed,
    };
    let told = |job: &str, state: &str, pictures: &[String]| Told {
        key: Some(format!("key of {job}")),
        job: job.to_owned(),
        state: state.to_owned(),
        pictures: pictures.to_vec(),
    };
    Records {
        charges: vec![Charge { job: "completed".to_owned(), owner: "ada".to_owned(), amount: 3, images: 1 }],
        totals: HashMap::from([("ada".to_owned(), Total { spent: 3, images: 1 })]),
        requests: vec![request("r1", "completed", true), request("r2", "failed", false), request("r3", "taken", true)],
        told: vec![told("completed", "completed", &completed.pictures), told("taken", "submitting", &[])],
        jobs: vec![
            completed,
            job("failed", "failed", Some("fal_input_refused"), Some("r2")),
            job("early", "failed", Some("server_restarted"), None),
            job("taken", "unknown", Some("fal_interrupted"), None),
            job("doubtful", "unknown", Some("fal_interrupted"), None),
        ],
    }
}

/// Names of the checks that find something after `change`.
fn found(change: impl FnOnce(&mut Records)) -> Vec<&'static str> {
    let mut records = good();
    change(&mut records);
    audit(&CHECKS, &records).into_iter().filter(|(_, found)| !found.is_empty()).map(|(name, _)| name).collect()
}

const LOST: &str = "results lost of recorded requests";
const TWICE: &str = "requests taken twice or denied";
const CHARGED: &str = "charges doubled or for nothing";
const KEYS: &str = "idempotency keys spent twice";
const TOTALS: &str = "totals that are not the ledger's";
const UNEXPLAINED: &str = "jobs in no explained state";
const TAKEN_BACK: &str = "answers taken back";

#[test]
fn good_records_pass() {
    assert_eq!(found(|_| ()), [] as [&str; 0]);
}

#[test]
fn a_lost_result_is_found() {
    let without_picture = |records: &mut Records| records.jobs[0].pictures.clear();
    assert_eq!(found(without_picture), [LOST, CHARGED, UNEXPLAINED, TAKEN_BACK]);
    assert_eq!(found(|records| records.requests[1].is_billed = true), [LOST]);
    assert_eq!(found(|records| records.requests[1].is_over = false), [LOST]);
    assert_eq!(found(|records| records.requests[1].id = "r9".to_owned()), [LOST, TWICE]);
}

#[test]
fn a_second_submit_is_found() {
    let again = |number: usize, id: &'static str| {
        move |records: &mut Records| {
            let request = Request { id: id.to_owned(), ..records.requests[number].clone() };
            records.requests.push(request);
        }
    };
    assert_eq!(found(again(1, "r4")), [TWICE]);
    assert_eq!(found(again(2, "r4")), [TWICE, KEYS]);
    // What was called failed, and what belongs to nobody.
    assert_eq!(found(|records| records.jobs[3].state = "failed".to_owned()), [TWICE]);
    assert_eq!(found(|records| records.requests[2].input = "another".to_owned()), [TWICE]);
    assert_eq!(found(|records| records.jobs[4].request = Some("r2".to_owned())), [TWICE]);
}

#[test]
fn a_wrong_charge_is_found() {
    let twice = |records: &mut Records| records.charges.push(records.charges[0].clone());
    assert_eq!(found(twice), [CHARGED, TOTALS]);
    assert_eq!(found(|records| records.requests[0].is_billed = false), [CHARGED]);
    let dearer = |records: &mut Records| {
        records.charges[0].amount = 4;
        records.totals.insert("ada".to_owned(), Total { spent: 4, images: 1 });
    };
    assert_eq!(found(dearer), [CHARGED]);
    assert_eq!(found(|records| records.charges[0].job = "nobody".to_owned()), [LOST, CHARGED, UNEXPLAINED]);
    assert_eq!(found(|records| records.charges[0].owner = "bob".to_owned()), [CHARGED, TOTALS]);
}

#[test]
fn a_key_that_was_spent_twice_is_found() {
    assert_eq!(found(|records| records.jobs[4].key = records.jobs[3].key.clone()), [KEYS]);
    assert_eq!(found(|records| records.told[1].job = "doubtful".to_owned()), [KEYS]);
}

#[test]
fn a_wrong_total_is_found() {
    let total = |spent, images| {
        move |records: &mut Records| records.totals = HashMap::from([("ada".to_owned(), Total { spent, images })])
    };
    assert_eq!(found(total(2, 1)), [TOTALS]);
    assert_eq!(found(total(3, 2)), [TOTALS]);
}

#[test]
fn an_unexplained_state_is_found() {
    for state in ["created", "submitting", "submitted"] {
        assert_eq!(found(|records| records.jobs[4].state = state.to_owned()), [UNEXPLAINED]);
    }
    for number in [1, 2, 3] {
        assert_eq!(found(|records| records.jobs[number].failure = None), [UNEXPLAINED]);
    }
}

#[test]
fn an_answer_that_does_not_hold_is_found() {
    assert_eq!(found(|records| records.told[0].pictures[0] = "another".to_owned()), [TAKEN_BACK]);
    assert_eq!(found(|records| records.told[0].state = "failed".to_owned()), [TAKEN_BACK]);
    assert_eq!(found(|records| drop(records.jobs.remove(2))), [] as [&str; 0]);
    let forgotten =
        |records: &mut Records| records.told[1] = Told { key: None, job: "gone".to_owned(), ..records.told[1].clone() };
    assert_eq!(found(forgotten), [TAKEN_BACK]);
}

#[test]
fn a_job_that_a_webhook_left_in_doubt_is_found() {
    let (_, check) = WITH_WEBHOOK;
    let mut records = good();
    assert_eq!(check(&records).len(), 1);
    records.requests.remove(2);
    assert_eq!(check(&records), [] as [String; 0]);
}
