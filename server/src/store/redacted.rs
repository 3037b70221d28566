//! How rows with prompts or addresses print: by what tells them apart, without what their user wrote. A picture's title
//! begins as its prompt.

use super::{
    Idempotency, Image, Job, Literal, NewEmail, NewImage, NewJob, NewUser, Record, RecordQuery, RecordWrite, User,
    Value,
};
use std::fmt;

/// Prints the named fields and says that there are more.
macro_rules! redacted {
    ($($row:ident: $($field:ident),+;)+) => {$(
        impl fmt::Debug for $row {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($row))$(.field(stringify!($field), &self.$field))+.finish_non_exhaustive()
            }
        }
    )+};
}

redacted! {
    Idempotency: fingerprint;
    Image: id, owner, job, model, batch_number, created;
    Job: id, owner, source, state, model, fence, held, cost, failure, created, updated;
    NewImage: id;
    NewJob: id, owner, source, model, num_images, lease, created;
    NewUser: id, created;
    Record: collection;
    RecordQuery: collection, offset, limit, with_total;
    RecordWrite: collection, id, now;
    User: id, verified, created, updated;
}

/// All of it is the user's.
impl fmt::Debug for NewEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewEmail { .. }")
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool(_) => "Bool(..)",
            Self::Date(_) => "Date(..)",
            Self::Json(_) => "Json(..)",
            Self::Link(_) => "Link(..)",
            Self::Number(_) => "Number(..)",
            Self::Relations(_) => "Relations(..)",
            Self::Text(_) => "Text(..)",
        })
    }
}

impl fmt::Debug for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool(_) => "Bool(..)",
            Self::Integer(_) => "Integer(..)",
            Self::Null => "Null",
            Self::Number(_) => "Number(..)",
            Self::Text(_) => "Text(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ids::{ImageId, JobId, UserId};
    use crate::store::{
        Fence, Idempotency, Image, Job, JobState, Lease, NewImage, NewJob, NewUser, PasswordHash, Source, TokenKey,
        User,
    };
    use generatio_core::Timestamp;
    use generatio_core::cost::{Amount, Certainty, PriceBook, Quote, Unit, Units, Usd};
    use std::fmt::Debug;

    /// Stands wherever a user's words do.
    const WORDS: &str = "ada@example.com paints a cat";
    const ID: &str = "abcdefghijklmno";
    const NOW: Timestamp = Timestamp::from_unix_ms(1);

    fn new_user() -> NewUser {
        NewUser {
            id: UserId::parse(ID).unwrap(),
            email: WORDS.into(),
            email_key: WORDS.into(),
            email_visibility: true,
            name: WORDS.into(),
            password_hash: PasswordHash(WORDS.into()),
            password_derived: true,
            token_key: TokenKey(WORDS.into()),
            invitation: None,
            created: NOW,
        }
    }

    fn user() -> User {
        User {
            id: UserId::parse(ID).unwrap(),
            email: WORDS.into(),
            email_visibility: true,
            verified: false,
            name: WORDS.into(),
            password_hash: PasswordHash(WORDS.into()),
            password_derived: true,
            token_key: TokenKey(WORDS.into()),
            created: NOW,
            updated: NOW,
        }
    }

    fn quote() -> Quote {
        let (units, unit_price) = (Units::from_count(1), Usd::ZERO);
        let amount = Amount { unit: Unit::Image, units, unit_price, amount: Usd::ZERO, certainty: Certainty::Known };
        Quote { catalog: amount, fal: amount }
    }

    fn new_job() -> NewJob {
        NewJob {
            id: JobId::parse(ID).unwrap(),
            owner: UserId::parse(ID).unwrap(),
            source: Source::Direct,
            model: "flux/schnell".into(),
            endpoint: "fal-ai/flux/schnell".into(),
            prompt: WORDS.into(),
            parameters: WORDS.into(),
            input: WORDS.into(),
            folder: None,
            num_images: 1,
            quote: quote(),
            book: PriceBook::Catalog,
            idempotency: Some(Idempotency { key: WORDS.into(), fingerprint: [0; 32] }),
            nonce: None,
            lease: Lease { holder: "node-1".into(), until: NOW },
            created: NOW,
        }
    }

    fn job() -> Job {
        Job {
            id: JobId::parse(ID).unwrap(),
            owner: UserId::parse(ID).unwrap(),
            source: Source::Direct,
            state: JobState::Created,
            model: "flux/schnell".into(),
            endpoint: "fal-ai/flux/schnell".into(),
            prompt: WORDS.into(),
            parameters: WORDS.into(),
            input: WORDS.into(),
            folder: None,
            num_images: 1,
            quote: quote(),
            book: PriceBook::Catalog,
            attachment: None,
            held: Usd::ZERO,
            cost: None,
            failure: None,
            reported_by: None,
            result: None,
            fence: Fence(1),
            cancel_asked: None,
            created: NOW,
            submitted: None,
            ended: None,
            updated: NOW,
        }
    }

    fn new_image() -> NewImage {
        NewImage {
            id: ImageId::parse(ID).unwrap(),
            title: WORDS.into(),
            url: WORDS.into(),
            image_size: "null".into(),
            other_info: WORDS.into(),
        }
    }

    fn image() -> Image {
        Image {
            id: ImageId::parse(ID).unwrap(),
            owner: UserId::parse(ID).unwrap(),
            job: None,
            title: WORDS.into(),
            url: WORDS.into(),
            prompt: WORDS.into(),
            request_id: "764cabcf".into(),
            model: "flux/schnell".into(),
            batch_number: 1,
            image_size: "null".into(),
            other_info: WORDS.into(),
            folder: None,
            deleted: None,
            created: NOW,
            updated: NOW,
        }
    }

    #[test]
    fn rows_print_without_the_words_of_their_user() {
        let rows: [&dyn Debug; 6] = [&image(), &job(), &new_image(), &new_job(), &new_user(), &user()];
        for row in rows {
            let text = format!("{row:?}");
            assert!(text.contains(ID), "{text}");
            assert!(!text.contains("ada@") && !text.contains("cat"), "{text}");
        }
    }
}
