//! What has to hold for every text that is sent as a filter or as a sort. The fuzzer and `cargo test` both run it.

use generatio_core::Timestamp;
use generatio_server::records::Collection;
use generatio_server::records::filter::{MAX_BYTES, Resolver, parse, sort};

/// Reads `text`, panicking where the reading breaks a promise.
///
/// Nothing panics by itself. What reads as a filter reads as the same filter once printed, and its names are looked up
/// in every collection; the text is looked at as a sort, too.
pub(crate) fn filter(text: &str) {
    let now = Timestamp::from_unix_ms(1_709_210_096_789);
    if let Ok(expr) = parse(text) {
        let printed = expr.to_string();
        // Escaping may make it longer than a filter may be.
        if printed.len() <= MAX_BYTES {
            assert_eq!(parse(&printed).as_ref(), Ok(&expr), "{printed:?} was printed for {text:?}");
        }
        for collection in Collection::ALL {
            // Names that lead nowhere are the sender's mistake.
            let _ = Resolver::new(collection, now).filter(&expr);
        }
    }
    let _ = sort::parse(text, &mut Resolver::new(Collection::Images, now));
}
