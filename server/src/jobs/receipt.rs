//! What a result becomes in the library and the ledger.

use crate::ids::{ImageId, LedgerId};
use crate::store::{Failure, Job, NewImage, Reporter, Settlement, Source};
use generatio_core::Timestamp;
use generatio_core::catalog::{Catalog, Generation};
use generatio_core::cost::{self, Charge, Usd};
use generatio_core::fal::{Output, OutputImage};
use getrandom::SysRng;
use serde::Serialize;
use serde_json::{Map, Number, Value, json};

/// Longest title made from a prompt, in characters.
const TITLE_LENGTH: usize = 200;

/// Why a receipt could not be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReceiptError {
    #[error("no randomness: {0}")]
    Random(#[from] getrandom::Error),
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The settlement of `job`, which returned `output`.
pub(super) fn settlement(
    catalog: &Catalog,
    job: &Job,
    output: &Output,
    reported_by: Reporter,
    started: Timestamp,
    now: Timestamp,
) -> Result<Settlement, ReceiptError> {
    let parameters: Map<String, Value> = serde_json::from_str(&job.parameters)?;
    let generation = as_reserved(catalog, job, &parameters);
    let count = u32::try_from(output.images.len()).unwrap_or(u32::MAX);
    let charge = charge(job, generation.as_ref(), count, output.billable_units.as_deref());
    let account = *charge.account(job.book);
    let shares = cost::split(account.amount, output.images.len());
    let asked_size = generation.and_then(|generation| generation.size());
    let took = u64::try_from(now.since(started).as_millis()).unwrap_or(u64::MAX);
    let new_image = |(image, share): (&OutputImage, Usd)| -> Result<NewImage, ReceiptError> {
        Ok(NewImage {
            id: ImageId::generate(&mut SysRng)?,
            title: job.prompt.chars().take(TITLE_LENGTH).collect(),
            url: image.url.clone(),
            image_size: size(image, asked_size).to_string(),
            other_info: serde_json::to_string(&OtherInfo {
                cost_usd: share,
                generation_time_ms: took,
                parameters: &parameters,
                seed: output.seed.as_ref(),
                content_type: image.content_type.as_deref(),
                reported_by: (job.source == Source::Direct).then_some(reported_by.as_str()),
            })?,
        })
    };
    let images = output.images.iter().zip(shares).map(new_image).collect::<Result<_, _>>()?;
    let ledger_id = LedgerId::generate(&mut SysRng)?;
    let billable_units = output.billable_units.clone();
    Ok(Settlement { images, ledger_id, account, fal: charge.fal, billable_units, reported_by, lost: None, now })
}

/// The settlement of `job`, whose pictures FAL made, billed and no longer has: charged as if all that were asked for had
/// come, since FAL's own count went with them.
pub(super) fn lost(
    catalog: &Catalog,
    job: &Job,
    lost: Failure,
    reported_by: Reporter,
    now: Timestamp,
) -> Result<Settlement, ReceiptError> {
    let parameters: Map<String, Value> = serde_json::from_str(&job.parameters)?;
    let generation = as_reserved(catalog, job, &parameters);
    let charge = charge(job, generation.as_ref(), job.num_images, None);
    let (account, ledger_id) = (*charge.account(job.book), LedgerId::generate(&mut SysRng)?);
    Ok(Settlement {
        images: Vec::new(),
        ledger_id,
        account,
        fal: charge.fal,
        billable_units: None,
        reported_by,
        lost: Some(lost),
        now,
    })
}

/// The request as it was reserved, if the catalog still says of it what it said then.
fn as_reserved(catalog: &Catalog, job: &Job, parameters: &Map<String, Value>) -> Option<Generation> {
    let generation = catalog.check(&job.model, &job.prompt, Some(parameters)).ok()?;
    (generation.quote() == job.quote).then_some(generation)
}

fn charge(job: &Job, generation: Option<&Generation>, images: u32, billable_units: Option<&str>) -> Charge {
    match generation {
        Some(generation) => generation.charge(images, billable_units),
        // The prices of the reservation hold, whatever the catalog says today.
        None => job.quote.charge(images, billable_units),
    }
}

/// What FAL made, else what was asked for.
fn size(image: &OutputImage, asked: Option<(u32, u32)>) -> Value {
    match image.width.zip(image.height).or(asked) {
        Some((width, height)) => json!({ "width": width, "height": height }),
        None => Value::Null,
    }
}

/// `images.other_info`: the original's three fields, and what it takes to make the picture again.
#[derive(Serialize)]
struct OtherInfo<'a> {
    cost_usd: Usd,
    generation_time_ms: u64,
    parameters: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<&'a str>,
    /// Whose word it is, where that is not this server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    reported_by: Option<&'static str>,
}
