use super::support::{DATE_MS, HASH, Site, tally};
use generatio_core::cost::UsdSum;
use generatio_server::import::{ImportError, SourceError};
use rusqlite::types::Value;
use std::fs;

const ANN: &str = "userann00000001";
const BOB: &str = "userbob00000002";

#[test]
fn rows_come_as_they_are() {
    let site = Site::new();
    let more = [("fal_token", "sealed.text"), ("name", "Ann"), ("email", "Ann@Example.com"), ("verified", "1")];
    site.user(ANN, &more);
    site.folder("folder000000001", ANN, &[("private", "1")]);
    site.folder(
        "folder000000002",
        ANN,
        &[("parent_id", "folder000000001"), ("deleted_at", "2025-08-20 00:00:00.000Z")],
    );
    let more = [("folder_id", "folder000000002"), ("batch_number", "3"), ("request_id", "764cabcf")];
    site.image("image0000000001", ANN, &more);
    site.image("image0000000002", ANN, &[("deleted_at", "2025-08-20 00:00:00.001Z")]);
    let (summary, told) = site.import();
    assert_eq!(told, [""; 0]);
    assert_eq!(summary.tallies, [tally(1, 0, 0), tally(2, 0, 0), tally(0, 0, 0), tally(2, 0, 0)]);
    assert_eq!((summary.tokens, summary.spent, summary.unpriced), (1, UsdSum::from_nano(6_000_000), 0));
    let user = "SELECT id || email || email_key || verified || name || password_hash || password_derived || created FROM users";
    assert_eq!(site.one::<String>(user), format!("{ANN}Ann@Example.comann@example.com1Ann{HASH}0{DATE_MS}"));
    assert_eq!(site.one::<String>("SELECT sealed || custody FROM sealed_tokens"), "sealed.textpassword");
    assert_eq!(site.one::<i64>("SELECT length(token_key) FROM users"), 50, "a key of its own");
    let folder = "SELECT parent || name || private || deleted FROM folders WHERE id = 'folder000000002'";
    assert_eq!(site.one::<String>(folder), format!("folder000000001Herons0{}", 1_755_648_000_000_i64));
    let image =
        "SELECT title || prompt || model || batch_number || request_id || image_size || folder || created || updated
                 FROM images WHERE id = 'image0000000001'";
    let size = r#"{"width":1024,"height":1024}"#;
    let expected = format!("a herona heronflux/schnell3764cabcf{size}folder000000002{DATE_MS}{DATE_MS}");
    assert_eq!(site.one::<String>(image), expected);
    assert_eq!(site.one::<i64>("SELECT deleted FROM images WHERE id = 'image0000000002'"), 1_755_648_000_001);
    assert_eq!(site.one::<i64>("SELECT sum(account_amount) FROM ledger WHERE account_certainty = 'known'"), 6_000_000);
    assert_eq!(site.one::<i64>("SELECT count(*) FROM ledger WHERE fal_certainty = 'unpriced'"), 2);
    assert_eq!(site.one::<i64>("SELECT count(*) FROM jobs WHERE state = 'completed' AND held = 0"), 2);
}

#[test]
fn a_second_run_changes_nothing_and_brings_what_is_new() {
    let site = Site::new();
    site.user(ANN, &[("fal_token", "sealed.text"), ("model_preferences", r#"["preference00001"]"#)]);
    site.add(
        "model_preferences",
        &[
            ("id", "preference00001"),
            ("model_name", "flux/schnell"),
            ("preferences", r#"{"num_images":4}"#),
            ("created", "2025-08-19 10:11:12.345Z"),
        ],
    );
    site.folder("folder000000001", ANN, &[]);
    site.image("image0000000001", ANN, &[]);
    site.image("image0000000002", ANN, &[]);
    site.import();
    let before = site.dump();
    let (again, told) = site.import();
    assert_eq!(again.tallies, [tally(0, 1, 0), tally(0, 1, 0), tally(0, 1, 0), tally(0, 2, 0)]);
    assert_eq!((again.tokens, again.spent), (0, UsdSum::default()));
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(site.dump(), before);

    // What its user changed or removed here since stays so; what is new there comes.
    let db = site.raw();
    db.execute_batch(
        "UPDATE users SET name = 'Anna', password_hash = 'another', email = 'a@b.cd', email_key = 'a@b.cd';
         DELETE FROM sealed_tokens; DELETE FROM folders; DELETE FROM images WHERE id = 'image0000000001'",
    )
    .unwrap();
    site.image("image0000000003", ANN, &[]);
    let (later, told) = site.import();
    assert_eq!(later.tallies, [tally(0, 1, 0), tally(0, 1, 0), tally(0, 1, 0), tally(1, 2, 0)]);
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(site.one::<String>("SELECT name || password_hash FROM users"), "Annaanother");
    assert_eq!(site.one::<i64>("SELECT count(*) FROM images"), 2);
    assert_eq!(site.one::<i64>("SELECT count(*) FROM ledger"), 3, "what was paid stays paid");
    db.execute_batch("PRAGMA foreign_keys = ON; DELETE FROM users").unwrap();
    site.image("image0000000004", ANN, &[]);
    let (_, told) = site.import();
    assert_eq!(told, ["skipped images image0000000004: its owner is not here: not brought, or removed since"]);
}

#[test]
fn what_is_in_the_way_is_told_and_left() {
    let site = Site::new();
    site.user(ANN, &[]);
    site.user(BOB, &[]);
    site.import();
    let db = site.raw();
    // Two accounts that somebody made here, with an id and an address of the original's.
    db.execute_batch("DELETE FROM imported; DELETE FROM users WHERE id = 'userbob00000002'").unwrap();
    db.execute_batch("UPDATE users SET name = 'mine'").unwrap();
    db.execute("UPDATE users SET email_key = ?1", [format!("{BOB}@example.com")]).unwrap();
    site.user("usercarl0000003", &[("email", "DORA@example.com")]);
    site.user("userdora0000004", &[("email", "dora@example.com")]);
    site.folder("folder000000001", BOB, &[]);
    site.image("image0000000001", BOB, &[]);
    let before = site.one::<String>("SELECT id || name || email_key FROM users");
    let (summary, told) = site.import();
    assert_eq!(
        told,
        [
            "skipped generatio_users userann00000001: another account has this id here",
            "skipped generatio_users userbob00000002: another account has this address here",
            "skipped generatio_users userdora0000004: another account has this address here",
            "skipped folders folder000000001: its owner is not here: not brought, or removed since",
            "skipped images image0000000001: its owner is not here: not brought, or removed since",
        ]
    );
    assert_eq!(summary.skipped(), 5);
    let after = site.one::<String>(&format!("SELECT id || name || email_key FROM users WHERE id = '{ANN}'"));
    assert_eq!(after, before);
}

#[test]
fn bad_rows_are_told_by_id_and_column() {
    let site = Site::new();
    site.user(ANN, &[]);
    site.user("short", &[]);
    site.user("user00000000001", &[("email", "")]);
    site.user("user00000000002", &[("email", "nobody")]);
    site.user("user00000000003", &[("password", &HASH.replace("$10$", "$20$"))]);
    site.user("user00000000004", &[("password", "")]);
    site.user("user00000000005", &[("created", "yesterday")]);
    site.folder("folder000000001", ANN, &[("name", "")]);
    site.folder("folder000000002", ANN, &[("created", "")]);
    site.folder("folder\n00000003", ANN, &[]);
    let image = |id: &str, column: &str, value: &str| site.image(id, ANN, &[(column, value)]);
    image("image0000000001", "url", "");
    image("image0000000002", "prompt", &"x".repeat((1 << 20) + 1));
    image("image0000000003", "batch_number", "1.5");
    image("image0000000004", "batch_number", "-1");
    image("image0000000005", "image_size", "{");
    image("image0000000006", "other_info", r#"{"cost_usd":-1}"#);
    image("image0000000007", "other_info", r#"{"cost_usd":"0.003"}"#);
    image("image0000000008", "user_id", "");
    image("image0000000009", "folder_id", "nowhere");
    image("image0000000010", "created", "2025-02-30 00:00:00.000Z");
    site.image("image0000000011", ANN, &[("model", "")]);
    site.add_values("images", &[("id", Value::Text("image0000000012".into())), ("url", Value::Blob(vec![255]))]);
    site.image("image0000000013", ANN, &[]);
    let (summary, told) = site.import();
    assert_eq!(
        told,
        [
            "skipped generatio_users short: id: is not an id of 15 characters of a-z0-9",
            "skipped generatio_users user00000000001: email: is empty",
            "skipped generatio_users user00000000002: email: is no e-mail address",
            "skipped generatio_users user00000000003: password: is no bcrypt hash of a cost from 4 to 14",
            "skipped generatio_users user00000000004: password: is empty",
            "skipped generatio_users user00000000005: created: is no date",
            "skipped folders folder000000001: name: is empty",
            "skipped folders folder000000002: created: is empty",
            "skipped folders folder\\n00000003: id: is not an id of 15 characters of a-z0-9",
            "skipped images image0000000001: url: is empty",
            "skipped images image0000000002: prompt: is too long, or no text",
            "skipped images image0000000003: batch_number: is not a whole number from 0",
            "skipped images image0000000004: batch_number: is not a whole number from 0",
            "skipped images image0000000005: image_size: is no JSON",
            "skipped images image0000000006: other_info: its cost_usd is no amount",
            "skipped images image0000000007: other_info: its cost_usd is no amount",
            "skipped images image0000000008: user_id: is empty",
            "skipped images image0000000009: folder_id: is not an id of 15 characters of a-z0-9",
            "skipped images image0000000010: created: is no date",
            "skipped images image0000000011: model: is empty",
            "skipped images image0000000012: created: is empty",
        ]
    );
    assert_eq!(summary.tallies, [tally(1, 0, 6), tally(0, 0, 3), tally(0, 0, 0), tally(1, 0, 12)]);
}

#[test]
fn folders_come_in_any_order_and_lose_only_parents_that_are_none() {
    let site = Site::new();
    site.user(ANN, &[]);
    site.user(BOB, &[]);
    // A chain from its end, a circle, another's, one that is not there.
    site.folder("chain0000000003", ANN, &[("parent_id", "chain0000000002")]);
    site.folder("chain0000000002", ANN, &[("parent_id", "chain0000000001")]);
    site.folder("chain0000000001", ANN, &[]);
    site.folder("circle000000001", ANN, &[("parent_id", "circle000000002")]);
    site.folder("circle000000002", ANN, &[("parent_id", "circle000000001")]);
    site.folder("ofbob0000000001", BOB, &[("parent_id", "chain0000000001")]);
    site.folder("orphan000000001", ANN, &[("parent_id", "gone00000000001")]);
    site.image("image0000000001", BOB, &[("folder_id", "chain0000000001")]);
    let (summary, told) = site.import();
    let why = "the folder it lay in is not its owner's or not there: it lies at the top now";
    let mut changed: Vec<_> = told.iter().map(|line| line.strip_suffix(why).unwrap()).collect();
    changed.sort_unstable();
    assert_eq!(
        changed,
        [
            "changed folders circle000000001: ",
            "changed folders ofbob0000000001: ",
            "changed folders orphan000000001: ",
            "changed images image0000000001: ",
        ]
    );
    assert_eq!((summary.skipped(), summary.tallies[1].new), (0, 7));
    let chain = "SELECT group_concat(id || '<' || parent, ' ') FROM
                 (SELECT id, parent FROM folders WHERE parent IS NOT NULL ORDER BY id)";
    assert_eq!(
        site.one::<String>(chain),
        "chain0000000002<chain0000000001 chain0000000003<chain0000000002 circle000000002<circle000000001"
    );
}

#[test]
fn preferences_go_to_all_who_name_them() {
    let site = Site::new();
    site.user(ANN, &[("model_preferences", r#"["shared000000001","ofann0000000002","gone00000000001"]"#)]);
    // A relation to one record is its id alone.
    site.user(BOB, &[("model_preferences", "shared000000001")]);
    for (id, model, values) in [
        ("shared000000001", "flux/schnell", r#"{"num_images":4}"#),
        ("ofann0000000002", "flux/schnell", r#"{"num_images":1}"#),
        ("nobodys00000003", "flux/dev", "{}"),
        ("number000000004", "flux/dev", "7"),
    ] {
        site.add(
            "model_preferences",
            &[("id", id), ("model_name", model), ("preferences", values), ("created", "2025-08-19 10:11:12.345Z")],
        );
    }
    site.user("usercarl0000003", &[("model_preferences", r#"["number000000004"]"#)]);
    let (_, told) = site.import();
    assert_eq!(
        told,
        [
            "skipped model_preferences ofann0000000002: the user has others for this model here",
            "skipped model_preferences nobodys00000003: model_preferences: no user names it: whose it is cannot be told",
            "skipped model_preferences number000000004: preferences: is no JSON object",
        ]
    );
    assert_eq!(site.one::<i64>("SELECT count(*) FROM preferences WHERE model = 'flux/schnell'"), 2);
    let (again, _) = site.import();
    assert_eq!((again.tallies[2].new, again.tallies[2].before), (0, 2));
}

#[test]
fn money_is_that_of_the_rows() {
    let site = Site::new();
    site.user(ANN, &[]);
    for (id, info) in [
        ("image0000000001", r#"{"cost_usd":0.009000000000000001}"#),
        ("image0000000002", r#"{"cost_usd":4e-3}"#),
        ("image0000000003", r#"{"cost_usd":0}"#),
        ("image0000000004", "null"),
        ("image0000000005", r#"{"cost_usd":null}"#),
    ] {
        site.image(id, ANN, &[("other_info", info)]);
    }
    let (summary, told) = site.import();
    assert!(told.is_empty(), "{told:?}");
    assert_eq!((summary.spent, summary.unpriced), (UsdSum::from_nano(13_000_000), 2));
    assert_eq!(site.one::<i64>("SELECT sum(account_lower) FROM rollups WHERE span = 'all'"), 13_000_000);
    assert_eq!(site.one::<i64>("SELECT images FROM rollups WHERE span = 'all'"), 5);
}

#[test]
fn other_directories_are_refused() {
    let empty = Site::new();
    fs::remove_file(empty.from.path().join("data.db")).unwrap();
    assert!(matches!(empty.try_import(), Err(ImportError::Source(SourceError::Missing(_)))));
    fs::write(empty.from.path().join("data.db"), "a letter to my aunt, which is longer than a header").unwrap();
    assert!(matches!(empty.try_import(), Err(ImportError::Source(SourceError::Engine(..)))));
    for (sql, lacking) in [
        ("ALTER TABLE images DROP COLUMN created", ("images", "created")),
        ("DROP TABLE folders", ("folders", "id")),
        ("ALTER TABLE generatio_users RENAME COLUMN password TO passwordHash", ("generatio_users", "password")),
    ] {
        let site = Site::new();
        site.source.execute_batch(sql).unwrap();
        let error = site.try_import().unwrap_err();
        let ImportError::Source(SourceError::Foreign { table, column, .. }) = error else { panic!("{error}") };
        assert_eq!((table, column), lacking);
    }
    // What may be missing is.
    let site = Site::new();
    site.user(ANN, &[]);
    site.folder("folder000000001", ANN, &[]);
    site.source
        .execute_batch(
            "ALTER TABLE folders DROP COLUMN parent_id; ALTER TABLE generatio_users DROP COLUMN model_preferences;
             ALTER TABLE images DROP COLUMN other_info; ALTER TABLE generatio_users DROP COLUMN fal_token",
        )
        .unwrap();
    assert_eq!(site.import().0.tallies[0], tally(1, 0, 0));
}

#[test]
fn nothing_is_written_there() {
    let site = Site::new();
    site.user(ANN, &[]);
    let path = site.from.path().join("data.db");
    let (bytes, before) = (fs::read(&path).unwrap(), names(&site));
    site.import();
    assert_eq!((fs::read(&path).unwrap(), names(&site)), (bytes, before));
    // A log that was not folded in yet is read, too.
    site.source.execute_batch("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0").unwrap();
    site.user(BOB, &[]);
    let bytes = fs::read(&path).unwrap();
    assert_eq!(site.import().0.tallies[0], tally(1, 1, 0));
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

fn names(site: &Site) -> Vec<std::ffi::OsString> {
    fs::read_dir(site.from.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect()
}
