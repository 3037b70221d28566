//! From a dotted name to a path over the schema.

use super::FilterError;
use crate::records::Collection;
use crate::records::schema::{Field, Kind};
use crate::store::{Hop, JsonStep, Modifier, Path};

/// Most relations of one path.
const MAX_HOPS: usize = 6;

/// Looks up `name` from a record of `from`: a field, a path through relations, a step into JSON; then a modifier.
pub(super) fn resolve(from: Collection, name: &str) -> Result<Path, FilterError> {
    let parts: Vec<&str> = name.split('.').collect();
    let mut here = from;
    let mut hops = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let rest = &parts[number + 1..];
        let field = here.field(part).filter(|field| !field.hidden);
        match field.map(|field| (field, field.kind)) {
            _ if rest.is_empty() => return last(here, hops, part),
            Some((field, Kind::Json { .. })) => return Ok(Path { hops, field, json: steps(rest)?, modifier: None }),
            // What a single relation holds is the id of the record it leads to.
            Some((field, Kind::Relation { many: false, .. })) if rest == ["id"] => return last(here, hops, field.name),
            Some((field, Kind::Relation { to, .. })) => {
                hops.push(Hop::Out(field));
                here = to;
            }
            Some(_) => return Err(FilterError::Field),
            None => {
                let (collection, field) = here.back_relation(part).ok_or(FilterError::Field)?;
                hops.push(Hop::Back(collection, field));
                here = collection;
            }
        }
        if hops.len() > MAX_HOPS {
            return Err(FilterError::Field);
        }
    }
    Err(FilterError::Field)
}

/// The field at the end of a path, perhaps with a modifier.
fn last(here: Collection, mut hops: Vec<Hop>, part: &str) -> Result<Path, FilterError> {
    let (name, modifier) = part.split_once(':').map_or((part, None), |(name, modifier)| (name, Some(modifier)));
    let field = here.field(name).filter(|field| !field.hidden).ok_or(FilterError::Field)?;
    let plain = |modifier| Path { hops: Vec::new(), field, json: Vec::new(), modifier };
    let path = match modifier {
        Some("length") if field.target().is_some() => plain(Some(Modifier::Length)),
        Some("lower") => plain(Some(Modifier::Lower)),
        Some("each") if field.is_many() => {
            hops.push(Hop::Out(field));
            each(field)?
        }
        // On other fields these change nothing; the last two are about bodies of requests.
        None | Some("length" | "each" | "isset" | "changed") => plain(None),
        Some(_) => return Err(FilterError::Field),
    };
    Ok(Path { hops, ..path })
}

/// Each of the ids that a relation holds: the id of each record it leads to.
fn each(field: &Field) -> Result<Path, FilterError> {
    let id = field.target().and_then(|target| target.field("id")).ok_or(FilterError::Field)?;
    Ok(Path { hops: Vec::new(), field: id, json: Vec::new(), modifier: None })
}

/// Digits alone are an element's place, anything else a member's key. No modifier applies inside JSON: its colon is
/// nothing, as in PocketBase, and the key one that is not there.
fn steps(parts: &[&str]) -> Result<Vec<JsonStep>, FilterError> {
    parts.iter().map(|part| step(&part.replace(':', "")).ok_or(FilterError::Field)).collect()
}

fn step(part: &str) -> Option<JsonStep> {
    if !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit()) {
        return part.parse().ok().map(JsonStep::Index);
    }
    let fits = !part.is_empty() && part.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_');
    fits.then(|| JsonStep::Key(part.to_owned()))
}
