//! Direct mode is zero knowledge: a whole visit through the npm package, and then everything the server received, all of
//! its memory and everything it keeps is searched for the FAL key and the password. What was planted is found.

use crate::run;
use generatio_fal_sim::Options;
use generatio_tests::{Needle, Recorder, World};

const FAL_KEY: &str = "searched-key-id:searched0secret0of0the0fal0key";
const PASSWORD: &str = "heron-lantern-quarry-83";
const NEW_PASSWORD: &str = "meadow-cobalt-fathom-19";
const PROMPT: &str = "an otter that reads the planted control";

/// What a visit leaves behind, in the three places where it could be.
struct Left {
    received: Vec<u8>,
    world: World,
}

impl Left {
    /// Where a text is found: in what was received, in memory, in the data folder.
    fn places(&self, text: &str) -> Vec<String> {
        let needle = Needle::new(text);
        let received = needle.found_in(&self.received).into_iter().map(|form| format!("{form} in what was received"));
        let memory = needle.found_in_memory(self.world.server().pid());
        received.chain(memory).chain(needle.found_in_files(self.world.data_dir())).collect()
    }

    fn holds_everywhere(&self, text: &str) -> bool {
        let needle = Needle::new(text);
        !needle.found_in(&self.received).is_empty()
            && !needle.found_in_memory(self.world.server().pid()).is_empty()
            && !needle.found_in_files(self.world.data_dir()).is_empty()
    }
}

#[tokio::test]
async fn the_server_of_a_direct_visit_has_neither_key_nor_password() {
    let left = visit("direct").await;
    assert!(left.holds_everywhere(PROMPT), "the control is not found: the search looks in the wrong places");
    assert!(!Needle::new("sealed_token").found_in(&left.received).is_empty(), "the sealed text was sent");
    for secret in [FAL_KEY, "searched0secret0of0the0fal0key", PASSWORD, NEW_PASSWORD] {
        assert_eq!(left.places(secret), [""; 0], "{secret}");
    }
    assert_eq!(left.world.book().submissions, 1, "one generation was run, at FAL itself");
}

/// The same visit with another custody, to see that the search would notice.
#[tokio::test]
async fn the_search_finds_a_key_that_is_sent() {
    let left = visit("password").await;
    assert!(!Needle::new(FAL_KEY).found_in(&left.received).is_empty());
    assert_eq!(left.places(PASSWORD), [""; 0], "the account secret stands for the password in every mode");
}

async fn visit(custody: &str) -> Left {
    let world = World::with_fal(Options::immediate(), &["--custody", custody]).await;
    let recorder = Recorder::before(world.server().url()).await;
    let secrets = [("FAL_KEY", FAL_KEY), ("PASSWORD", PASSWORD), ("NEW_PASSWORD", NEW_PASSWORD)];
    let rest = [("GENERATIO_URL", recorder.url()), ("CUSTODY", custody.to_owned()), ("PROMPT", PROMPT.to_owned())];
    let rest = rest.iter().map(|(name, value)| (*name, value.as_str()));
    let said = run("visit.mjs", rest.chain(secrets)).await;
    assert!(said.contains("the visit is over"), "{said}\n{}", world.server().log());
    Left { received: recorder.received(), world }
}
