//! How an account reads as a record. Password, token key and the sealed FAL token are in no record.

use super::Collection;
use crate::app::App;
use crate::clock::record_date;
use crate::ids::{PreferenceId, UserId};
use crate::store::{Spending, StoreError, User};
use generatio_core::cost::UsdSum;
use generatio_core::time::Clock;
use serde::Serialize;

/// A record of `generatio_users`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserRecord {
    collection_id: &'static str,
    collection_name: &'static str,
    id: UserId,
    created: String,
    updated: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    email_visibility: bool,
    verified: bool,
    name: String,
    #[serde(rename = "financial_data")]
    financial_data: FinancialData,
    #[serde(rename = "model_preferences")]
    model_preferences: Vec<PreferenceId>,
}

/// Sums over the ledger; clients cannot write them.
#[derive(Debug, Serialize)]
struct FinancialData {
    total_spent: UsdSum,
    total_images: u64,
}

/// Who reads a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// Nobody known.
    Guest,
    /// Whose record it is.
    Owner,
}

/// The user's record as they see it themselves.
///
/// # Errors
/// When the store fails.
pub async fn own(app: &App, user: &User) -> Result<UserRecord, StoreError> {
    record(app, user, Reader::Owner).await
}

/// The user's record as nobody known sees it.
///
/// # Errors
/// When the store fails.
pub async fn public(app: &App, user: &User) -> Result<UserRecord, StoreError> {
    record(app, user, Reader::Guest).await
}

async fn record(app: &App, user: &User, reader: Reader) -> Result<UserRecord, StoreError> {
    let spending = app.store.spending(&user.id, app.clock.now()).await?;
    let preferences = app.store.preference_ids(&user.id).await?;
    Ok(view(user, &spending, preferences, reader))
}

fn view(user: &User, spending: &Spending, preferences: Vec<PreferenceId>, reader: Reader) -> UserRecord {
    let shows_email = reader == Reader::Owner || user.email_visibility;
    UserRecord {
        collection_id: Collection::Users.id(),
        collection_name: Collection::Users.name(),
        id: user.id.clone(),
        created: record_date(user.created),
        updated: record_date(user.updated),
        email: shows_email.then(|| user.email.clone()),
        email_visibility: user.email_visibility,
        verified: user.verified,
        name: user.name.clone(),
        financial_data: FinancialData { total_spent: spending.total, total_images: spending.images },
        model_preferences: preferences,
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, view};
    use crate::ids::{PreferenceId, UserId};
    use crate::store::{PasswordHash, Spending, TokenKey, User};
    use generatio_core::Timestamp;
    use generatio_core::cost::Usd;

    fn user(email_visibility: bool) -> User {
        User {
            id: UserId::parse("h9abrttn6oajblr").unwrap(),
            email: "Ann@example.com".into(),
            email_visibility,
            verified: false,
            name: "Ann".into(),
            password_hash: PasswordHash("$argon2id$hidden".into()),
            password_derived: false,
            token_key: TokenKey("hidden".into()),
            created: Timestamp::from_unix_ms(1_795_397_038_827),
            updated: Timestamp::from_unix_ms(1_795_397_038_828),
        }
    }

    fn spending() -> Spending {
        Spending { total: Usd::from_nano(9_000_000).into(), images: 3, ..Spending::default() }
    }

    #[test]
    fn an_owner_reads_all_but_what_is_hidden() {
        let preferences = vec![PreferenceId::parse("prefprefprefpre").unwrap()];
        let record = serde_json::to_string(&view(&user(false), &spending(), preferences, Reader::Owner)).unwrap();
        let expected = concat!(
            r#"{"collectionId":"pbc_733528692","collectionName":"generatio_users","id":"h9abrttn6oajblr","#,
            r#""created":"2026-11-23 01:23:58.827Z","updated":"2026-11-23 01:23:58.828Z","email":"Ann@example.com","#,
            r#""emailVisibility":false,"verified":false,"name":"Ann","#,
            r#""financial_data":{"total_spent":0.009,"total_images":3},"model_preferences":["prefprefprefpre"]}"#,
        );
        assert_eq!(record, expected);
    }

    #[test]
    fn a_guest_reads_no_hidden_email() {
        for (visible, shown) in [(false, false), (true, true)] {
            let record =
                serde_json::to_value(view(&user(visible), &Spending::default(), vec![], Reader::Guest)).unwrap();
            assert_eq!(record.get("email").is_some(), shown);
            assert_eq!(record["financial_data"], serde_json::json!({"total_spent": 0, "total_images": 0}));
            assert_eq!(record["model_preferences"], serde_json::json!([]));
        }
    }
}
