//! What is asked.

use crate::bench::figures::counted;

/// A list that a gallery asks for.
pub(super) struct Question {
    pub(super) name: String,
    /// Path and query.
    pub(super) ours: String,
    /// The same for PocketBase.
    pub(super) theirs: String,
}

/// Of somebody who has `own` pictures. A hundredth of them is the number of the far page: 1,000 of 100,000.
pub(super) fn questions(own: u32) -> Vec<Question> {
    let far = own / 100;
    let far_page = format!("page {}", counted(far));
    // `model = 'flux/schnell' && deleted_at = ''`
    let filter = "filter=model%3D%27flux%2Fschnell%27%26%26deleted_at%3D%27%27";
    vec![
        both("page 1, with totals", "page=1"),
        both("page 1", "page=1&skipTotal=1"),
        both(&format!("{far_page}, with totals"), &format!("page={far}")),
        both(&far_page, &format!("page={far}&skipTotal=1")),
        both("filter", &format!("{filter}&skipTotal=1")),
        both("filter, with totals", filter),
        both("folder, with totals", "filter=folder_id%3D%27f00000000000003%27"),
        Question {
            name: "search (`search=` / `prompt ~`)".into(),
            ours: path("search=heron&skipTotal=1"),
            theirs: path(LIKE),
        },
    ]
}

/// `prompt ~ 'heron'`
const LIKE: &str = "filter=prompt~%27heron%27&skipTotal=1";

fn both(name: &str, query: &str) -> Question {
    Question { name: name.to_owned(), ours: path(query), theirs: path(query) }
}

fn path(query: &str) -> String {
    format!("/api/collections/images/records?perPage=30&sort=-created&{query}")
}
