//! What is written: rows as the server writes them for one picture of the fast model.

use super::USERS;
use crate::Outcome;
use generatio_core::Timestamp;
use generatio_core::cost::{Amount, Certainty, PriceBook, Quote, Unit, Units, Usd};
use generatio_server::ids::{ImageId, JobId, LedgerId, UserId};
use generatio_server::store::{
    Attachment, Lease, NewImage, NewJob, NewUser, PasswordHash, Reporter, Settlement, Source, TokenKey,
};
use generatio_testkit::rng::SeededRng;

/// A moment within an hour, so that every charge of a user adds to one roll-up.
pub(super) const NOW: Timestamp = Timestamp::from_unix_ms(1_700_000_000_000);

/// What every job asks for.
pub(super) const MODEL: &str = "flux/schnell";
/// In these words.
pub(super) const PROMPT: &str = "A lighthouse on a cliff at dusk, long exposure";

/// Of each job.
pub(super) const PICTURES: u32 = 1;

/// A job before it is reserved, and all that will be known of it later.
pub(super) struct Work {
    pub(super) job: NewJob,
    pub(super) attachment: Attachment,
    pub(super) end: Settlement,
}

/// A job that FAL has, and how it will end.
pub(super) struct AtFal {
    pub(super) id: JobId,
    pub(super) owner: UserId,
    pub(super) request_id: String,
    pub(super) end: Settlement,
}

/// Makes work; no two pieces share an id.
pub(super) struct Maker {
    rng: SeededRng,
}

/// A random id of a type whose randomness cannot fail.
macro_rules! id {
    ($type:ident, $rng:expr) => {
        match $type::generate(&mut $rng) {
            Ok(id) => id,
            Err(never) => match never {},
        }
    };
}

impl Maker {
    pub(super) fn new() -> Self {
        Self { rng: SeededRng::new(64) }
    }

    /// The accounts that jobs run for.
    pub(super) fn users(&mut self) -> Vec<NewUser> {
        (0..USERS).map(|_| self.user()).collect()
    }

    /// So many jobs, dealt out to the users in turn.
    pub(super) fn work(&mut self, users: &[UserId], jobs: usize) -> Outcome<Vec<Work>> {
        users.iter().cycle().take(jobs).map(|user| self.piece(user)).collect()
    }

    fn user(&mut self) -> NewUser {
        let id = id!(UserId, self.rng);
        NewUser {
            email: format!("{id}@example.com"),
            email_key: format!("{id}@example.com"),
            email_visibility: false,
            name: String::new(),
            password_hash: PasswordHash(String::new()),
            password_derived: false,
            token_key: TokenKey(id.to_string()),
            invitation: None,
            created: NOW,
            id,
        }
    }

    fn piece(&mut self, owner: &UserId) -> Outcome<Work> {
        let job = self.job(owner)?;
        let request = format!("https://queue.fal.run/fal-ai/flux/requests/{}", job.id);
        let attachment = Attachment {
            request_id: job.id.to_string(),
            status_url: format!("{request}/status"),
            response_url: request.clone(),
            cancel_url: format!("{request}/cancel"),
        };
        let end = self.end(&job);
        Ok(Work { job, attachment, end })
    }

    fn job(&mut self, owner: &UserId) -> Outcome<NewJob> {
        Ok(NewJob {
            id: id!(JobId, self.rng),
            owner: owner.clone(),
            source: Source::Server,
            model: MODEL.into(),
            endpoint: "fal-ai/flux/schnell".into(),
            prompt: PROMPT.into(),
            parameters: r#"{"image_size":"landscape_4_3","num_images":1,"num_inference_steps":4}"#.into(),
            input: format!(
                r#"{{"image_size":"landscape_4_3","num_images":1,"num_inference_steps":4,"prompt":"{PROMPT}"}}"#
            ),
            folder: None,
            num_images: PICTURES,
            quote: Quote { catalog: one(Unit::Image)?, fal: one(Unit::Megapixel)? },
            book: PriceBook::Catalog,
            idempotency: None,
            nonce: None,
            lease: Lease { holder: "bench".into(), until: NOW },
            created: NOW,
        })
    }

    fn end(&mut self, job: &NewJob) -> Settlement {
        let image = NewImage {
            id: id!(ImageId, self.rng),
            title: PROMPT.into(),
            url: format!("https://v3.fal.media/files/panda/{}.png", job.id),
            image_size: r#"{"width":1024,"height":768}"#.into(),
            other_info: format!(
                r#"{{"cost_usd":0.003,"generation_time_ms":350,"parameters":{},"seed":7}}"#,
                job.parameters
            ),
        };
        Settlement {
            images: vec![image],
            ledger_id: id!(LedgerId, self.rng),
            account: job.quote.catalog,
            fal: job.quote.fal,
            billable_units: Some("1".into()),
            reported_by: Reporter::Server,
            lost: None,
            now: NOW,
        }
    }
}

/// One unit for 0.003 USD.
fn one(unit: Unit) -> Outcome<Amount> {
    let price = Usd::from_nano(3_000_000);
    Ok(Amount { unit, units: Units::parse("1")?, unit_price: price, amount: price, certainty: Certainty::Known })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn work_is_dealt_out_evenly_and_under_ids_of_its_own() {
        let mut make = Maker::new();
        let users: Vec<UserId> = make.users().into_iter().map(|user| user.id).collect();
        let work = make.work(&users, 3 * USERS).unwrap();
        for user in &users {
            assert_eq!(work.iter().filter(|piece| piece.job.owner == *user).count(), 3);
        }
        let jobs: HashSet<&JobId> = work.iter().map(|piece| &piece.job.id).collect();
        let images: HashSet<&ImageId> = work.iter().map(|piece| &piece.end.images[0].id).collect();
        assert_eq!((jobs.len(), images.len()), (work.len(), work.len()));
    }
}
