//! The ledger row by row, its sums over time, and estimates.

use generatio_tests::{Reply, User, World};
use http::Method;
use serde_json::{Value, json};

const LEDGER: &str = "/api/custom/financial/ledger";
const SERIES: &str = "/api/custom/financial/series";
const ESTIMATE: &str = "/api/custom/generate/estimate";
const IMAGE: &str = "/api/custom/generate/image";
/// An hour, counted from 1970, that every charge of a test is later than.
const TODAY: i64 = 480_000;

/// A generation that is charged; its job's id.
async fn made(user: &User, model: &str, images: u32) -> Value {
    user.generate(model, "a heron", json!({ "num_images": images })).await.ok()["job"].clone()
}

/// What stands in `column` of the rows that `query` finds.
async fn column(user: &User, query: &str, column: &str) -> Vec<Value> {
    let page = user.get(&format!("{LEDGER}{query}")).await.ok();
    page["items"].as_array().expect("rows").iter().map(|row| row[column].clone()).collect()
}

async fn accepting(world: &World, user: &User, kinds: &str) -> Reply {
    let headers = [("authorization", user.jwt.as_str()), ("accept", kinds)];
    world.client().send(Method::GET, LEDGER, &headers, None).await
}

#[tokio::test]
async fn a_row_says_what_was_charged_and_what_fal_bills() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let job = made(&user, "hidream/hidream-i1-dev", 2).await;
    let page = user.get(LEDGER).await;
    for exact in [r#""amount":0.008,"#, r#""unit_price":0.004,"#, r#""amount":0.06,"#, r#""quoted":0.008,"#] {
        assert!(page.text.contains(exact), "{exact} in {}", page.text);
    }
    let page = page.ok();
    let row = &page["items"][0];
    let expected = json!({
        "id": row["id"], "job": job, "model": "hidream/hidream-i1-dev", "images": 2,
        "unit": "image", "units": 2, "unit_price": 0.004, "amount": 0.008, "certainty": "known",
        "fal": { "unit": "megapixel", "units": 2, "unit_price": 0.03, "amount": 0.06, "certainty": row["fal"]["certainty"] },
        "billable_units": row["billable_units"], "reported_by": "server", "quoted": 0.008, "created": row["created"],
    });
    assert_eq!(page, json!({ "items": [expected], "next": null }));
    let billed: f64 = row["billable_units"].as_str().expect("a text").parse().expect("a decimal");
    assert!((billed - 2.0).abs() < 1e-9, "{billed}");
}

#[tokio::test]
async fn a_difference_between_quote_and_charge_is_seen() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    made(&user, "flux/schnell", 1).await;
    world.sql("UPDATE jobs SET catalog_amount = 5000000");
    let row = &user.get(LEDGER).await.ok()["items"][0];
    assert_eq!((&row["quoted"], &row["amount"]), (&json!(0.005), &json!(0.003)));
}

#[tokio::test]
async fn time_model_and_folder_narrow() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let folder = user.post("/api/custom/collections/create", &json!({ "name": "Birds" })).await.ok()["id"].clone();
    let old = made(&user, "flux/schnell", 1).await;
    world.sql("UPDATE ledger SET created = 1704110400123");
    let dev = made(&user, "hidream/hidream-i1-dev", 1).await;
    let body = json!({ "model": "flux/schnell", "prompt": "a heron", "collection_id": folder });
    let filed = user.post(IMAGE, &body).await.ok()["job"].clone();
    let folder = format!("?folder={}", folder.as_str().expect("an id"));
    for (query, expected) in [
        ("", vec![&filed, &dev, &old]),
        ("?model=flux/schnell", vec![&filed, &old]),
        ("?model=flux%2Fschnell&to=2024-02-01T00:00:00Z", vec![&old]),
        ("?model=no/such", vec![]),
        ("?from=2024-02-01T00:00:00Z", vec![&filed, &dev]),
        ("?from=2024-01-01T12:00:00.123Z&to=2024-01-01T12:00:00.124Z", vec![&old]),
        ("?from=2024-01-01T14:00:00.123%2B02:00&to=2024-01-01T12:00:00.124Z", vec![&old]),
        ("?from=2024-01-01T12:00:00Z&to=2024-01-01T12:00:00.123Z", vec![]),
        (&folder, vec![&filed]),
        ("?folder=aaaaaaaaaaaaaaa", vec![]),
    ] {
        assert_eq!(column(&user, query, "job").await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
}

#[tokio::test]
async fn pages_repeat_nothing_even_when_more_is_charged_meanwhile() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let mut newest_first = Vec::new();
    for _ in 0..5 {
        newest_first.insert(0, made(&user, "flux/schnell", 1).await);
    }
    // All of one moment: only their ids tell them apart.
    world.sql("UPDATE ledger SET created = 1704110400123 WHERE rowid <= 3");
    let (mut seen, mut query, mut pages) = (Vec::new(), "?limit=2".to_owned(), 0);
    loop {
        let page = user.get(&format!("{LEDGER}{query}")).await.ok();
        seen.extend(page["items"].as_array().expect("rows").iter().map(|row| row["job"].clone()));
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=2&cursor={next}");
        made(&user, "flux/schnell", 1).await;
    }
    assert_eq!((pages, &seen[..2]), (3, &newest_first[..2]));
    let sorted = |mut jobs: Vec<Value>| {
        jobs.sort_by_key(Value::to_string);
        jobs
    };
    assert_eq!(sorted(seen), sorted(newest_first));
}

#[tokio::test]
async fn nobody_sees_anothers_rows() {
    let world = World::start().await;
    let owner = world.ready_user("a@example.com").await;
    let other = world.ready_user("b@example.com").await;
    let folder = owner.post("/api/custom/collections/create", &json!({ "name": "Birds" })).await.ok()["id"].clone();
    let folder = folder.as_str().expect("an id");
    owner.post(IMAGE, &json!({ "model": "flux/schnell", "prompt": "x", "collection_id": folder })).await.ok();
    let row = column(&owner, "", "id").await.remove(0);
    for query in ["", "?model=flux/schnell", &format!("?folder={folder}")] {
        assert_eq!(column(&other, query, "id").await, [] as [Value; 0], "{query}");
    }
    let refusal = "The parameter cursor must be the next of an earlier page";
    for cursor in [row.as_str().expect("an id"), "aaaaaaaaaaaaaaa"] {
        other.get(&format!("{LEDGER}?cursor={cursor}")).await.refused(400, "validation_error", refusal);
    }
    assert_eq!(other.get(&format!("{SERIES}?by=model")).await.ok()["series"], json!([]));
    let body = json!({ "model": "flux/schnell", "prompt": "x", "collection_id": folder });
    other.post(ESTIMATE, &body).await.refused(404, "not_found", "Folder not found");
}

#[tokio::test]
async fn csv_has_the_same_rows_and_no_formulas() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    made(&user, "hidream/hidream-i1-dev", 2).await;
    world.sql(r#"UPDATE ledger SET model = '=HYPERLINK("x,y")', billable_units = '-2', created = 1704110400123"#);
    let reply = accepting(&world, &user, "text/csv").await;
    let row = &user.get(LEDGER).await.ok()["items"][0];
    let (id, job) = (row["id"].as_str().expect("an id"), row["job"].as_str().expect("an id"));
    let certainty = row["fal"]["certainty"].as_str().expect("a text");
    let expected = format!(
        "id,job,model,images,unit,units,unit_price,amount,certainty,fal_unit,fal_units,fal_unit_price,fal_amount,\
         fal_certainty,billable_units,reported_by,quoted,created\r\n\
         {id},{job},\"'=HYPERLINK(\"\"x,y\"\")\",2,image,2,0.004,0.008,known,megapixel,2,0.03,0.06,{certainty},'-2,server,\
         0.008,2024-01-01T12:00:00.123Z\r\n"
    );
    assert_eq!(reply.text, expected);
    assert_eq!(reply.headers["content-type"], "text/csv; charset=utf-8; header=present");
    for (kinds, is_csv) in [
        ("TEXT/CSV;q=0.9", true),
        ("text/csv, application/json", true),
        ("application/json, text/csv", false),
        ("*/*", false),
        ("text/html", false),
    ] {
        assert_eq!(accepting(&world, &user, kinds).await.text == expected, is_csv, "{kinds}");
    }
}

#[tokio::test]
async fn a_series_adds_up_to_the_ledger() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    let models = [("flux/schnell", 3), ("hidream/hidream-i1-dev", 1), ("flux/schnell", 2), ("flux/schnell", 1)];
    for (day, (model, images)) in (0..).zip(models) {
        made(&user, model, images).await;
        // An hour into a day of January 2024.
        let hour: i64 = 473_353 + 24 * day;
        world.sql(&format!(
            "UPDATE ledger SET created = {hour} * 3600000 WHERE created > {TODAY} * 3600000;
             UPDATE rollups SET start = {hour} WHERE span = 'hour' AND start > {TODAY};
             UPDATE rollups SET start = {hour} / 24 WHERE span = 'day' AND start > {TODAY} / 24;"
        ));
    }
    let ledger: i64 =
        world.database().query_row("SELECT sum(account_amount) FROM ledger", [], |row| row.get(0)).expect("a sum");
    assert_eq!(ledger, 22_000_000);
    let january = "from=2024-01-01T00:00:00Z&to=2024-02-01T00:00:00Z";
    for bucket in ["day", "week", "month"] {
        let all = user.get(&format!("{SERIES}?bucket={bucket}&{january}")).await.ok();
        let by_model = user.get(&format!("{SERIES}?bucket={bucket}&{january}&by=model")).await.ok();
        assert_eq!((nano(&all, "amount"), nano(&by_model, "amount")), (ledger, ledger), "{bucket}");
        let names = by_model["series"].as_array().expect("lines").iter().map(|line| &line["model"]);
        assert_eq!(names.collect::<Vec<_>>(), ["flux/schnell", "hidream/hidream-i1-dev"]);
    }
    let days = user.get(&format!("{SERIES}?from=2024-01-01T00:00:00Z&to=2024-01-06T00:00:00Z")).await.ok();
    assert_eq!(days["series"][0]["amount"], json!([0.009, 0.004, 0.006, 0.003, 0]));
    assert_eq!(days["series"][0]["images"], json!([3, 1, 2, 1, 0]));
    let usual = user.get(SERIES).await.ok();
    assert_eq!((usual["buckets"].as_array().map(Vec::len), nano(&usual, "amount")), (Some(30), 0));
}

/// The sum over all lines and buckets, in nano-dollars.
fn nano(series: &Value, column: &str) -> i64 {
    let lines = series["series"].as_array().expect("lines");
    let values = lines.iter().flat_map(|line| line[column].as_array().expect("values"));
    values.map(|value| generatio_core::cost::Usd::parse(&value.to_string()).expect("an amount").nano()).sum()
}

#[tokio::test]
async fn a_series_has_whole_utc_buckets() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    made(&user, "flux/schnell", 2).await;
    // The last hour of Monday, 2024-01-01.
    world.sql(
        "UPDATE rollups SET start = 473375 WHERE span = 'hour'; UPDATE rollups SET start = 473375 / 24 WHERE span = 'day';",
    );
    let series =
        user.get(&format!("{SERIES}?bucket=week&from=2023-12-27T00:00:00Z&to=2024-01-08T00:00:00Z")).await.ok();
    let expected = json!({
        "bucket": "week", "from": "2023-12-25T00:00:00.000Z", "to": "2024-01-08T00:00:00.000Z",
        "buckets": ["2023-12-25T00:00:00.000Z", "2024-01-01T00:00:00.000Z"],
        "series": [{ "amount": [0, 0.006], "fal_amount": series["series"][0]["fal_amount"], "images": [0, 2] }],
    });
    assert_eq!(series, expected);
}

#[tokio::test]
async fn queries_that_make_no_sense_are_refused() {
    let world = World::start().await;
    let user = world.user("a@example.com").await;
    for (query, message) in [
        ("ledger?from=yesterday", "The parameter from must be a time in RFC 3339"),
        ("ledger?to=2024-01-01", "The parameter to must be a time in RFC 3339"),
        ("ledger?from=2024-01-02T00:00:00Z&to=2024-01-01T00:00:00Z", "The parameter from must be earlier than to"),
        ("ledger?limit=0", "The parameter limit must be a number from 1 to 200"),
        ("ledger?limit=201", "The parameter limit must be a number from 1 to 200"),
        ("ledger?limit=many", "The parameter limit must be a number from 1 to 200"),
        ("ledger?cursor=%27", "The parameter cursor must be the next of an earlier page"),
        ("ledger?folder=x", "The parameter folder must be the id of a folder"),
        ("series?bucket=hour", "The parameter bucket must be day, week or month"),
        ("series?by=folder", "The parameter by must be model"),
        ("series?from=x", "The parameter from must be a time in RFC 3339"),
        ("series?from=2000-01-01T00:00:00Z", "The series must have between 1 and 366 buckets"),
        ("series?from=9000-01-01T00:00:00Z", "The series must have between 1 and 366 buckets"),
    ] {
        user.get(&format!("/api/custom/financial/{query}")).await.refused(400, "validation_error", message);
    }
    let year = "?from=2024-01-01T00:00:00Z&to=2025-01-01T00:00:00Z";
    assert_eq!(user.get(&format!("{SERIES}{year}")).await.ok()["buckets"].as_array().map(Vec::len), Some(366));
    user.get(&format!("{LEDGER}?limit=200")).await.ok();
}

#[tokio::test]
async fn an_estimate_spends_nothing_and_is_what_is_charged() {
    for prices in ["catalog", "fal"] {
        let world = World::with(&["--prices", prices]).await;
        let mut user = world.user("a@example.com").await;
        let size = json!({ "num_images": 2, "image_size": "square_hd" });
        let body = json!({ "model": "hidream/hidream-i1-dev", "prompt": "a heron", "parameters": size });
        // Without a token or a session.
        let estimate = user.post(ESTIMATE, &body).await.ok();
        assert_eq!((world.book().submissions, column(&user, "", "id").await.len()), (0, 0));
        let jobs: i64 = world.database().query_row("SELECT count(*) FROM jobs", [], |row| row.get(0)).expect("a count");
        assert_eq!(jobs, 0);
        assert_eq!((&estimate["cost"], &estimate["certainty"]), {
            let account = &estimate["quote"][prices];
            (&account["amount"], &account["certainty"])
        });
        user.set_up().await;
        let made = user.post(IMAGE, &body).await.ok();
        assert_eq!(made["cost"], estimate["cost"]);
        let row = &user.get(LEDGER).await.ok()["items"][0];
        assert_eq!((&row["amount"], &row["quoted"]), (&estimate["cost"], &estimate["cost"]), "{prices}");
        assert_eq!(row["fal"]["amount"], estimate["quote"]["fal"]["amount"]);
    }
}

#[tokio::test]
async fn an_estimate_refuses_what_a_generation_refuses() {
    let world = World::start().await;
    let user = world.ready_user("a@example.com").await;
    for body in [
        json!({}),
        json!({ "model": "flux/schnell" }),
        json!({ "model": "flux/schnell", "prompt": "" }),
        json!({ "model": "no/such", "prompt": "x" }),
        json!({ "model": "flux/schnell", "prompt": "é".repeat(5001) }),
        json!({ "model": "flux/schnell", "prompt": "x", "parameters": { "num_images": 99, "image_size": "huge" } }),
        json!({ "model": "flux/schnell", "prompt": "x", "parameters": [] }),
        json!({ "model": 7, "prompt": "x" }),
        json!({ "model": "flux/schnell", "prompt": "x", "collection_id": "nope" }),
        json!({ "model": "flux/schnell", "prompt": "x", "collection_id": "aaaaaaaaaaaaaaa" }),
        json!([]),
    ] {
        let (estimate, generation) = (user.post(ESTIMATE, &body).await, user.post(IMAGE, &body).await);
        assert!(estimate.status.is_client_error(), "{body}");
        assert_eq!((estimate.status, estimate.text), (generation.status, generation.text), "{body}");
    }
    let body = json!({ "model": "flux/schnell", "prompt": "x", "parameters": { "num_images": 99 } });
    let refused = user.post(ESTIMATE, &body).await;
    assert_eq!(refused.json()["details"]["problems"][0]["path"], json!("parameters.num_images"));
}
