//! The language by examples and by the property that what is printed reads back the same.

use super::{Compare, Expr, FilterError, Resolver, Term, parse, sort};
use crate::records::Collection;
use crate::store::{Filter, Op};
use generatio_core::Timestamp;
use proptest::prelude::*;

fn resolve(collection: Collection, filter: &str) -> Result<Filter, FilterError> {
    Resolver::new(collection, Timestamp::from_unix_ms(0)).filter(&parse(filter)?)
}

#[test]
fn good_filters_of_pictures() {
    for filter in [
        "id = 'abc'",
        "id='abc'&&title!=\"x\"",
        "title = 'it\\'s'",
        "title = \"say \\\"hi\\\"\"",
        "title = 'a\\\\'",
        "title ~ 'cat' || prompt ~ \"dog\"",
        "(title ~ 'cat')",
        "((title ~ 'cat') && ((url !~ '%x')))",
        "batch_number > 1 && batch_number <= 2.5 && batch_number >= -3 && batch_number < 10",
        "deleted_at = null",
        "deleted_at = NULL",
        "deleted_at = ''",
        "created > @now",
        "created >= @todayStart && created <= @todayEnd",
        "created > @yesterday && created < @tomorrow",
        "created > @monthStart && created < @monthEnd && created > @yearStart && created < @yearEnd",
        "batch_number = @second || batch_number = @minute || batch_number = @hour || batch_number = @day",
        "batch_number = @month || batch_number = @year || batch_number = @weekday",
        "1 = 1",
        "'a' = title",
        "1 = batch_number",
        "true = TRUE && false != null",
        "title = prompt",
        "folder_id = ''",
        "folder_id.id = 'abc'",
        "folder_id.name = 'x'",
        "folder_id.private = true",
        "folder_id.parent_id.parent_id.name ~ 'x'",
        "folder_id.parent_id.parent_id.parent_id.parent_id.parent_id.name = 'six relations'",
        "user_id.name = 'Ann'",
        "user_id.email = 'a@example.com'",
        "user_id.model_preferences.model_name ?= 'x'",
        "user_id.model_preferences.preferences.steps ?> 3",
        "folder_id.images_via_folder_id.title ?= 'x'",
        "folder_id.images_via_folder_id.id ?!= 'x'",
        "user_id.jobs_via_user_id.cost ?>= 1",
        "user_id.model_preferences:each ?= 'x'",
        "user_id.model_preferences:length > 1",
        "folder_id:length = 0",
        "title:lower = 'x'",
        "title:length = 'x'",
        "title:each = 'x'",
        "title:isset = 'x'",
        "image_size = null",
        "image_size.width = 512",
        "image_size.width:lower = 512",
        "other_info.tags.0 = 'a'",
        "other_info.a_b.C9 != 'a'",
        "user_id.financial_data.total_spent > 0",
        "title ?= 'a' && title ?!= 'b' && title ?~ 'c' && title ?!~ 'd'",
        "batch_number ?> 1 && batch_number ?>= 1 && batch_number ?< 1 && batch_number ?<= 1",
        "\t title =\n'x' ",
        "// first\ntitle = 'x' // last",
        "title = // within\n 'x'",
        "title = 'a // no comment'",
        "title = 'two\nlines'",
    ] {
        let parsed = resolve(Collection::Images, filter);
        assert!(parsed.is_ok(), "{filter}: {parsed:?}");
    }
}

#[test]
fn good_filters_of_other_collections() {
    for (collection, filter) in [
        (Collection::Folders, "images_via_folder_id.title ~ 'x' && folders_via_parent_id.name ?= 'y'"),
        (Collection::Users, "email = 'a@example.com' && emailVisibility = true && verified = false"),
        (Collection::Users, "model_preferences ~ 'abc'"),
        (Collection::ModelPreferences, "generatio_users_via_model_preferences.id ?= 'x' && preferences.steps > 3"),
        (
            Collection::Jobs,
            "state = 'completed' && cost > 0.003 && parameters.num_images = 2 && ledger_via_job_id.amount > 0",
        ),
        (Collection::Ledger, "job_id.folder_id.name = 'x' && fal_amount != amount"),
    ] {
        let parsed = resolve(collection, filter);
        assert!(parsed.is_ok(), "{filter}: {parsed:?}");
    }
}

#[test]
fn malformed_filters() {
    for filter in [
        "",
        " ",
        "// nothing",
        "()",
        "(",
        ")",
        "title",
        "title =",
        "= 'x'",
        "title = 'x",
        "title = \"x'",
        "''''",
        "title == 'x'",
        "title <> 'x'",
        "title =! 'x'",
        "title ? 'x'",
        "title ?",
        "title = 'x' &&",
        "&& title = 'x'",
        "title = 'x' & title = 'y'",
        "title = 'x' &&& title = 'y'",
        "title = 'x' | title = 'y'",
        "title = 'x' title = 'y'",
        "title = 'x' and title = 'y'",
        "not (title = 'x')",
        "!(title = 'x')",
        "title in ('x')",
        "(title = 'x'",
        "title = 'x')",
        "batch_number = 1e21",
        "batch_number = +1",
        "batch_number = .5",
        "batch_number = 5.",
        "batch_number = 1.2.3",
        "batch_number = -",
        "batch_number = --1",
        "batch_number = 1 + 1",
        "title. = 'x'",
        "title: = 'x'",
        "title = 'x';",
        "title = 'x' -- y",
        "title = `x`",
        "title\r= 'x'",
        "title\u{a0}= 'x'",
        "titlé = 'x'",
        "title = 'x' /* y */",
        "image_size[0] = 1",
        "title = {:x}",
        "title = 'x' || ()",
        "strftime('%Y', created = 1",
    ] {
        let parsed = parse(filter);
        assert!(matches!(parsed, Err(FilterError::Malformed { .. })), "{filter}: {parsed:?}");
    }
}

#[test]
fn names_that_are_no_fields() {
    for (collection, filter) in [
        (Collection::Images, "nothing = 1"),
        (Collection::Images, "Title = 'x'"),
        (Collection::Images, "NaN = 1"),
        (Collection::Images, "collectionId = 'x'"),
        (Collection::Images, "collectionName = 'images'"),
        (Collection::Images, "expand = 'x'"),
        (Collection::Images, "owner = 'x'"),
        (Collection::Images, "rowid = 1"),
        (Collection::Images, "@NOW = 1"),
        (Collection::Images, "@rowid = 1"),
        (Collection::Images, "@request = 1"),
        (Collection::Images, "title:upper = 'x'"),
        (Collection::Images, "title:lower:lower = 'x'"),
        (Collection::Images, "title.x = 'x'"),
        (Collection::Images, "title..x = 'x'"),
        (Collection::Images, "image_size..width = 1"),
        (Collection::Images, "image_size.#x = 1"),
        (Collection::Images, "folder_id.nothing = 1"),
        (Collection::Images, "folder_id:lower.name = 'x'"),
        (Collection::Images, "user_id.password = 'x'"),
        (Collection::Images, "user_id.tokenKey = 'x'"),
        (Collection::Images, "user_id.fal_token ~ 'v2'"),
        (Collection::Users, "password ~ 'x'"),
        (Collection::Users, "tokenKey:lower = 'x'"),
        (Collection::Users, "fal_token != ''"),
        (Collection::Images, "images_via_folder_id.id = 'x'"),
        (Collection::Folders, "images_via_title.id = 'x'"),
        (Collection::Folders, "images_via_folder_id = 'x'"),
        (Collection::Folders, "nothing_via_folder_id.id = 'x'"),
        (Collection::Jobs, "lease_owner = 'x'"),
        (Collection::Jobs, "status_url ~ 'x'"),
        (Collection::Jobs, "nonce_hash != ''"),
        (Collection::Jobs, "input ~ 'x'"),
        (Collection::Images, "folder_id.parent_id.parent_id.parent_id.parent_id.parent_id.parent_id.name = 'seven'"),
    ] {
        assert_eq!(resolve(collection, filter), Err(FilterError::Field), "{filter}");
    }
}

#[test]
fn functions_take_what_they_take_in_pocketbase() {
    for filter in [
        "geoDistance(1, 2, 3) < 5",
        "geoDistance(1, 2, 3, 4, 5) < 5",
        "geoDistance(1, '2', 3, 4) < 5",
        "geoDistance(geoDistance(1, 2, 3, 4), 2, 3, 4) < 5",
        "geoDistance(1, strftime('%Y', created), 3, 4) < 5",
        "geodistance(1, 2, 3, 4) < 5",
        "now() = 1",
        "strftime() = '2024'",
        "strftime(created) = '2024'",
        "strftime('%Y', strftime('%Y', created)) = '2024'",
        "strftime('%Y', created, title) = '2024'",
        "strftime('%Y', created, 1) = '2024'",
        "strftime('%Y', created, null) = '2024'",
        "strftime('%Y', created, '', '', '', '', '', '', '', '', '') = '2024'",
    ] {
        assert_eq!(resolve(Collection::Images, filter), Err(FilterError::Function), "{filter}");
    }
    for filter in [
        "geoDistance(-1, 2.5, batch_number, image_size.width) < geoDistance(null, true, @day, title)",
        "geoDistance(user_id.jobs_via_user_id.cost, 2, 3, 4) ?< 5",
        "strftime('%Y', created, 'weekday 1') = '2024'",
        "'2024' != strftime('%Y', folder_id.created)",
        "strftime('%Y', 1700000000, 'unixepoch') = strftime('%Y', @now)",
        "strftime('%Y', folder_id.images_via_folder_id.created) = '2024'",
        "strftime('%Y', user_id.email) = '2024'",
        "strftime('%Y', created, '', '', '', '', '', '', '', '') = '2024'",
    ] {
        assert!(resolve(Collection::Images, filter).is_ok(), "{filter}");
    }
    let deep = "a(b(c(d(1)))) = 1";
    assert_eq!(parse(deep), Err(FilterError::TooMuch));
}

#[test]
fn there_is_an_end_to_everything() {
    let rows = [
        ("id = 'x'".to_owned() + &" && id = 'x'".repeat(199), true),
        ("id = 'x'".to_owned() + &" && id = 'x'".repeat(200), false),
        (format!("id = '{}'", "x".repeat(3500 - 7)), true),
        (format!("id = '{}'", "x".repeat(3500 - 6)), false),
        (format!("{}id = 'x'{}", "(".repeat(1700), ")".repeat(1700)), true),
        (format!("{}id='x'{}", "(id='x'||".repeat(199), ")".repeat(199)), true),
    ];
    for (filter, fits) in rows {
        let expected = if fits { None } else { Some(FilterError::TooMuch) };
        assert_eq!(parse(&filter).err(), expected, "{} bytes", filter.len());
    }
}

#[test]
fn a_question_follows_so_many_relations() {
    let back = ["images", "folders", "jobs", "ledger"];
    let ways =
        back.iter().flat_map(|from| back.map(|to| format!("user_id.{from}_via_user_id.user_id.{to}_via_user_id")));
    let short: Vec<_> = ways.clone().map(|way| format!("{way}.id = 'x'")).collect();
    assert!(resolve(Collection::Images, &short.join(" || ")).is_ok(), "25 ways, most of them several times");
    let long: Vec<_> = ways.map(|way| format!("{way}.user_id.name = 'x'")).collect();
    assert_eq!(resolve(Collection::Images, &long.join(" || ")), Err(FilterError::TooMuch));
}

#[test]
fn and_binds_tighter_and_parentheses_bind_first() {
    let rows = [
        ("a=1||b=2&&c=3", "a = 1 || (b = 2 && c = 3)"),
        ("(a=1||b=2)&&c=3", "(a = 1 || b = 2) && c = 3"),
        ("a=1&&b=2||c=3&&d=4", "(a = 1 && b = 2) || (c = 3 && d = 4)"),
        ("a=1&&(b=2&&c=3)", "a = 1 && (b = 2 && c = 3)"),
        ("((a='1'))", "a = \"1\""),
        ("(a=1)(b=2)", "a = 1 && b = 2"),
        ("(a=1)||(b=2)(c=3)", "a = 1 || b = 2 || c = 3"),
        ("((a=1)(b=2))&&(c=3)", "(a = 1 && b = 2) && c = 3"),
        (r"a='\u0000'", r#"a = "\u0000""#),
        ("f( a , 'b' ,g() )?!~-1.50", "f(a, \"b\", g()) ?!~ -1.50"),
    ];
    for (filter, printed) in rows {
        assert_eq!(parse(filter).unwrap().to_string(), printed);
    }
}

#[test]
fn texts_are_unescaped_as_the_sdk_escapes_them() {
    let rows = [
        (r#""a\"b""#, "a\"b"),
        (r"'a\'b'", "a'b"),
        (r#"'a\"b'"#, "a\"b"),
        (r"'a\\'", "a\\"),
        (r"'\n\t\r'", "\n\t\r"),
        (r"'\b\f\u0001\u00e9'", "\u{8}\u{c}\u{1}é"),
        (r"'100\%'", "100\\%"),
        (r"'\/\x'", "\\/\\x"),
        (r"'\u12'", "\\u12"),
        (r"'\ud83d'", "\\ud83d"),
        (r"'\u+123'", "\\u+123"),
        ("'é🐈'", "é🐈"),
    ];
    for (quoted, text) in rows {
        let Expr::Compare(Compare { right, .. }) = parse(&format!("title = {quoted}")).unwrap() else {
            panic!("{quoted}")
        };
        assert_eq!(right, Term::Text(text.to_owned()), "{quoted}");
    }
}

#[test]
fn sorts() {
    let read = |text: &str| sort::parse(text, &mut Resolver::new(Collection::Images, Timestamp::from_unix_ms(0)));
    for text in [
        "created",
        "-created",
        "+created",
        "-created,title",
        " -created , title ",
        "@random",
        "@rowid",
        "-@rowid",
        "folder_id.name",
        "image_size.width",
        "title:lower",
        "-folder_id:length",
        "id",
        "user_id.email",
        "id,id,id,id,id,id,id,id",
    ] {
        assert!(read(text).is_ok(), "{text}");
    }
    let long = "x".repeat(256);
    for text in [
        "created,",
        ",created",
        "",
        "--created",
        "+-created",
        "created desc",
        "@now",
        "@RANDOM",
        "collectionName",
        "nothing",
        "user_id.password",
        "user_id.fal_token",
        "title:upper",
        "1",
        "'x'",
        "id,id,id,id,id,id,id,id,id",
        &long,
    ] {
        assert!(read(text).is_err(), "{text}");
    }
    assert!(read("-created").unwrap()[0].descending);
}

fn term() -> impl Strategy<Value = Term> {
    let leaf = prop_oneof![
        "[a-z_@#][a-zA-Z0-9_.:@#]{0,8}[a-z0-9_]".prop_map(Term::Name),
        "-?[0-9]{1,6}(\\.[0-9]{1,6})?".prop_map(Term::Number),
        "\\PC{0,20}".prop_map(Term::Text),
        "[a-z\\\\\"'%_\n\t\r/bfu0-9]{0,12}".prop_map(Term::Text),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        ("[a-z]{1,8}", prop::collection::vec(inner, 0..3)).prop_map(|(name, arguments)| Term::Call(name, arguments))
    })
}

fn expr() -> impl Strategy<Value = Expr> {
    let op = prop::sample::select(&[
        Op::Equal,
        Op::NotEqual,
        Op::Greater,
        Op::GreaterOrEqual,
        Op::Less,
        Op::LessOrEqual,
        Op::Like,
        Op::NotLike,
    ]);
    let compare = (term(), op, any::<bool>(), term());
    let leaf = compare.prop_map(|(left, op, any, right)| Expr::Compare(Compare { left, op, any, right }));
    leaf.prop_recursive(4, 24, 4, |inner| {
        let parts = prop::collection::vec(inner, 2..4);
        (parts, any::<bool>()).prop_map(|(parts, all)| if all { Expr::All(parts) } else { Expr::Any(parts) })
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_the_same(expr in expr()) {
        let printed = expr.to_string();
        // Longer than a filter may be: nothing to show.
        prop_assume!(printed.len() <= super::MAX_BYTES);
        prop_assert_eq!(parse(&printed), Ok(expr));
    }

    #[test]
    fn no_text_breaks_the_parser(text in "[a-z.:@#0-9'\"\\\\&|=!<>~?(), /\n-]{0,60}") {
        if let Ok(expr) = parse(&text) {
            prop_assert_eq!(parse(&expr.to_string()), Ok(expr));
        }
    }
}
