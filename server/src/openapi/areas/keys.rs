//! FAL keys, sealed, and the sessions that open them.

use super::{EMAIL, PASSWORD};
use crate::api::Done;
use crate::api::login::{LoggedIn, Login};
use crate::api::sessions::{self, handles};
use crate::api::tokens;
use crate::openapi::operation::{Access, Operations};
use crate::openapi::shapes;
use serde_json::json;

pub(super) fn describe(operations: &mut Operations) {
    operations.group(
        "Keys and sessions",
        "A user's FAL key is kept sealed. A session opens it for a time; its id goes into `X-Session-ID`.",
    );
    sessions(operations);
    tokens(operations);
}

fn sessions(operations: &mut Operations) {
    operations
        .post("/api/custom/auth/login", "logIn", "Gives a token, and a session if the password opens the FAL key")
        .access(Access::Public)
        .takes::<Login>()
        .example(json!({ "email": EMAIL, "password": PASSWORD, "label": "my phone" }))
        .answers::<LoggedIn<'_>>(200, "Logged in; `message` says what became of the session.")
        .refused(401, "The address is not known or the password is wrong: which, is not told.")
        .refused(429, "Too many attempts.");
    operations
        .post("/api/custom/auth/create-session", "createSession", "Starts a session")
        .details("Takes `password` where the server sealed the key, or `fal_token` where the client did and opened it.")
        .takes::<sessions::Create>()
        .example(json!({ "password": PASSWORD }))
        .answers::<sessions::Created<'_>>(200, "Started.")
        .refused(400, "Neither or both were sent, there is no key, or the client has to open it.")
        .refused(401, "Nobody is logged in, or the password is wrong.")
        .refused(403, "This way of custody is not allowed here.")
        .refused(409, "The key changed meanwhile.")
        .refused(429, "Too many attempts.");
    operations
        .delete("/api/custom/auth/session", "endSession", "Ends the session of this request")
        .access(Access::Session)
        .answers::<Done>(200, "Ended.")
        .refused(400, "`X-Session-ID` is missing.")
        .refused(401, "Nobody is logged in.")
        .refused(404, "There is no such session.");
    operations
        .get("/api/custom/auth/sessions", "listSessions", "Your sessions on all devices, the oldest first")
        .details("Each by a handle, which opens nothing. `current` is the one that `X-Session-ID` names.")
        .answers::<handles::List>(200, "The sessions.");
    operations
        .delete("/api/custom/auth/sessions/{handle}", "endSessionByHandle", "Ends one of them")
        .in_path::<shapes::Id>("handle", "Its handle in the list.")
        .answers::<Done>(200, "Ended.")
        .refused(404, "There is no such session.");
    operations
        .get("/api/custom/auth/token-status", "getTokenStatus", "Whether there is a key and a session")
        .answers::<sessions::TokenStatus>(200, "What there is.");
}

fn tokens(operations: &mut Operations) {
    operations
        .get("/api/custom/tokens", "getSealedToken", "The sealed key, to open it on another device")
        .answers::<tokens::Shown>(200, "The sealed key.")
        .refused(404, "There is none.")
        .refused(429, "Too often.");
    operations
        .delete("/api/custom/tokens", "removeToken", "Removes the key, and ends all sessions")
        .answers::<Done>(200, "Removed.")
        .refused(404, "There is none.");
    operations
        .post("/api/custom/tokens/setup", "setUpToken", "Seals and stores a FAL key, and ends all sessions")
        .details(
            "Takes `fal_token` and `password`, or `sealed_token` alone. A key that the server is to seal is shown to FAL \
             first, which costs nothing.",
        )
        .takes::<tokens::Setup>()
        .example(json!({ "fal_token": "key-id:key-secret", "password": PASSWORD }))
        .answers::<Done>(200, "Stored.")
        .refused(400, "It is no key of FAL's, or not what this server opens.")
        .refused(403, "This way of custody is not allowed here.")
        .refused(429, "Too many attempts.")
        .refused(502, "FAL could not be asked.");
    operations
        .post("/api/custom/tokens/verify", "verifyToken", "Whether a password opens the key")
        .takes::<tokens::Verify>()
        .example(json!({ "password": PASSWORD }))
        .answers::<tokens::Verified>(200, "Whether it does.")
        .refused(403, "This way of custody is not allowed here.")
        .refused(429, "Too many attempts.");
}
