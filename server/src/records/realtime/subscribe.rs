//! `POST /api/realtime`: what a client wants to hear of, and as whom.

use super::hub::{Identity, NotIdentified, Standing};
use super::subscription::Subscription;
use super::{is_still, too_many};
use crate::app::App;
use crate::auth;
use crate::http::error::Problem;
use crate::http::{RecordsError, Request, Response, respond};
use crate::records::{body, problem};
use crate::store::User;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Longest client id, in characters.
const LONGEST_ID: usize = 255;
/// Most subscriptions of a client.
const MOST: usize = 1000;
/// Longest subscription, in characters.
const LONGEST: usize = 2500;

/// 204: the client is subscribed to these and nothing else, as whoever the request's token belongs to.
///
/// # Errors
/// 404 for a client that is not connected; 400 with `data`, and for another address than it connected from; 403 when it
/// is another user's; 429 when the user has too many clients.
pub async fn subscribe(app: &Arc<App>, mut request: Request) -> Result<Response, RecordsError> {
    let form: Form = body::read(app, &mut request).await?;
    form.check()?;
    let visitor = auth::visitor(app, &request).await?.map(|visitor| visitor.user);
    let (peer, identity) = app.changes.find(&form.client_id).ok_or_else(no_client)?;
    if peer.to_canonical() != request.client().to_canonical() {
        return Err(RecordsError::new(StatusCode::BAD_REQUEST, "Invalid realtime client."));
    }
    may_take_over(app, &identity, visitor.as_ref()).await?;
    let identity = visitor.map_or(Identity::Guest, |user| Identity::User(Arc::new(form.standing(user, &request))));
    app.changes.identify(&form.client_id, identity).map_err(|error| match error {
        NotIdentified::Missing => no_client(),
        NotIdentified::TooMany => too_many(),
    })?;
    Ok(respond::empty(StatusCode::NO_CONTENT))
}

/// A user's client stays that user's, for as long as they are who they were.
async fn may_take_over(app: &App, identity: &Identity, visitor: Option<&User>) -> Result<(), RecordsError> {
    let Identity::User(standing) = identity else { return Ok(()) };
    if visitor.is_some_and(|user| user.id == standing.user) || !is_still(app, standing).await? {
        return Ok(());
    }
    Err(RecordsError::forbidden("The current and the previous request authorization don't match."))
}

fn no_client() -> RecordsError {
    RecordsError::new(StatusCode::NOT_FOUND, "Missing or invalid client id.")
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(rename = "RealtimeSubscribe", extend("required" = ["clientId"]))]
pub(crate) struct Form {
    #[serde(deserialize_with = "body::text")]
    #[schemars(length(min = 1, max = LONGEST_ID))]
    client_id: String,
    #[schemars(length(max = MOST), inner(length(max = LONGEST)))]
    subscriptions: Option<Vec<String>>,
}

impl Form {
    fn check(&self) -> Result<(), RecordsError> {
        let problems = [("clientId", self.id_problem()), ("subscriptions", self.subscriptions_problem())];
        let data: BTreeMap<_, _> = problems.into_iter().filter_map(|(name, found)| Some((name, found?))).collect();
        if data.is_empty() { Ok(()) } else { Err(RecordsError::unreadable_fields(data)) }
    }

    fn id_problem(&self) -> Option<Problem> {
        match self.client_id.chars().take(LONGEST_ID + 1).count() {
            0 => Some(problem::required()),
            1..=LONGEST_ID => None,
            _ => Some(problem::length_outside(1, LONGEST_ID)),
        }
    }

    fn subscriptions_problem(&self) -> Option<Problem> {
        let given = self.subscriptions.as_deref().unwrap_or_default();
        if given.len() > MOST {
            return Some(problem::more_than(MOST));
        }
        let too_long = given.iter().any(|text| text.chars().take(LONGEST + 1).count() > LONGEST);
        too_long.then(|| problem::more_than(LONGEST))
    }

    /// The user with the subscriptions that may fire, each once.
    fn standing(&self, user: User, request: &Request) -> Standing {
        let mut seen = HashSet::new();
        let given = self.subscriptions.iter().flatten().filter(|text| seen.insert(text.as_str()));
        let subscriptions = given.filter_map(|text| Some(Subscription::parse(text)?.reached_by(request))).collect();
        Standing { user: user.id, token_key: user.token_key, subscriptions }
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, LONGEST, LONGEST_ID, MOST};
    use crate::http::Error;
    use crate::http::answer::tests::{app, ask};
    use http_body_util::BodyExt;
    use std::net::IpAddr;

    async fn refusal(form: &Form) -> String {
        let Err(error) = form.check() else { return String::new() };
        let body = Error::from(error).into_response().into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    fn form(client_id: &str, subscriptions: Vec<String>) -> Form {
        Form { client_id: client_id.to_owned(), subscriptions: Some(subscriptions) }
    }

    #[tokio::test]
    async fn only_the_address_it_came_from_may_speak_for_a_client() {
        let (app, _folder) = app().await;
        let loopback = std::net::Ipv4Addr::LOCALHOST;
        for (peer, status) in
            [(IpAddr::from([192, 0, 2, 1]), 400), (loopback.to_ipv6_mapped().into(), 204), (loopback.into(), 204)]
        {
            let connection = app.changes.enter(peer).unwrap();
            let body = serde_json::json!({ "clientId": connection.id(), "subscriptions": [] }).to_string();
            let request = http::Request::post("/api/realtime").header("content-type", "application/json");
            let response = ask(&app, request, body).await;
            assert_eq!(response.status(), status, "{}", response.body());
            assert!(status == 204 || response.body().contains("Invalid realtime client."), "{}", response.body());
        }
    }

    #[tokio::test]
    async fn forms_have_limits() {
        let (id, topic) = ("é".repeat(LONGEST_ID), "é".repeat(LONGEST));
        assert_eq!(refusal(&form(&id, vec![topic; MOST])).await, "");
        assert!(refusal(&Form::default()).await.contains(r#""clientId":{"code":"validation_required""#));
        let long = refusal(&form(&"x".repeat(LONGEST_ID + 1), Vec::new())).await;
        assert!(long.contains("The length must be between 1 and 255."), "{long}");
        for (subscriptions, most) in [(vec![String::new(); MOST + 1], MOST), (vec!["x".repeat(LONGEST + 1)], LONGEST)] {
            let refused = refusal(&form("x", subscriptions)).await;
            assert!(refused.contains(&format!(r#""message":"The length must be no more than {most}.""#)), "{refused}");
        }
    }
}
