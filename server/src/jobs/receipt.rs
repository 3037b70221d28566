//! What a result becomes in the library and the ledger.

use crate::ids::{ImageId, LedgerId};
use crate::store::{NewImage, Settlement};
use generatio_core::Timestamp;
use generatio_core::catalog::Generation;
use generatio_core::cost::{self, PriceBook, Usd};
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

/// The settlement of a job that returned `output`.
pub(super) fn settlement(
    generation: &Generation,
    output: &Output,
    started: Timestamp,
    now: Timestamp,
    book: PriceBook,
) -> Result<Settlement, ReceiptError> {
    let count = u32::try_from(output.images.len()).unwrap_or(u32::MAX);
    let charge = generation.charge(count, output.billable_units.as_deref());
    let account = charge.account(book).clone();
    let shares = cost::split(account.amount, output.images.len());
    let took = u64::try_from(now.since(started).as_millis()).unwrap_or(u64::MAX);
    let images = output
        .images
        .iter()
        .zip(shares)
        .map(|(image, share)| new_image(generation, output, image, share, took))
        .collect::<Result<_, _>>()?;
    Ok(Settlement {
        images,
        ledger_id: LedgerId::generate(&mut SysRng)?,
        account,
        fal: charge.fal,
        billable_units: output.billable_units.clone(),
        now,
    })
}

fn new_image(
    generation: &Generation,
    output: &Output,
    image: &OutputImage,
    share: Usd,
    took: u64,
) -> Result<NewImage, ReceiptError> {
    Ok(NewImage {
        id: ImageId::generate(&mut SysRng)?,
        title: generation.prompt().as_str().chars().take(TITLE_LENGTH).collect(),
        url: image.url.clone(),
        image_size: size(generation, image).to_string(),
        other_info: serde_json::to_string(&OtherInfo {
            cost_usd: share,
            generation_time_ms: took,
            parameters: generation.parameters(),
            seed: output.seed.as_ref(),
            content_type: image.content_type.as_deref(),
        })?,
    })
}

/// What FAL made, else what was asked for.
fn size(generation: &Generation, image: &OutputImage) -> Value {
    match image.width.zip(image.height).or_else(|| generation.size()) {
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
}
