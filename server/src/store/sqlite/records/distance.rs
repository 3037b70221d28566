//! Kilometres between two places. SQLite's own mathematics are not compiled in.

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

/// What the function is called in SQL.
pub(super) const NAME: &str = "generatio_distance";

/// Radius of the earth in kilometres, as PocketBase has it.
const RADIUS: f64 = 6371.0;

/// Makes the function known to a connection. Statements alone call it, no trigger or view that a file could bring along.
pub(in crate::store::sqlite) fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function(NAME, 4, flags, |context| {
        let degrees = |index| number(context, index);
        let places = [degrees(0), degrees(1), degrees(2), degrees(3)];
        Ok(match places {
            [Some(lon_a), Some(lat_a), Some(lon_b), Some(lat_b)] => Some(kilometres((lon_a, lat_a), (lon_b, lat_b))),
            _ => None,
        })
    })
}

/// By the haversine formula, which small distances do not spoil. Degrees beyond a turn go on turning.
fn kilometres((lon_a, lat_a): (f64, f64), (lon_b, lat_b): (f64, f64)) -> f64 {
    let half_sine = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let along = lat_a.to_radians().cos() * lat_b.to_radians().cos() * half_sine(lon_a, lon_b);
    let haversine = (half_sine(lat_a, lat_b) + along).clamp(0.0, 1.0);
    2.0 * RADIUS * haversine.sqrt().asin()
}

/// An argument that is a number, or a text that reads as one.
fn number(context: &Context<'_>, index: usize) -> Option<f64> {
    match context.get_raw(index) {
        ValueRef::Real(number) => Some(number),
        #[expect(clippy::cast_precision_loss, reason = "as SQLite does it")]
        ValueRef::Integer(number) => Some(number as f64),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).ok()?.trim_ascii();
            let is_decimal = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
            text.bytes().all(is_decimal).then(|| text.parse().ok()).flatten()
        }
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{NAME, kilometres, register};
    use rusqlite::Connection;

    #[test]
    fn places_are_so_far_apart() {
        for (a, b, expected) in [
            ((23.32, 42.69), (24.75, 42.13), 133.0),
            ((0.0, 90.0), (0.0, -90.0), 20015.0),
            ((179.0, 0.0), (-179.0, 0.0), 222.0),
            ((0.0, 0.0), (0.0, 0.0), 0.0),
            ((12.3, 45.6), (12.3, 45.6), 0.0),
            ((720.0, 0.0), (0.0, 360.0), 0.0),
            ((1e300, 0.0), (0.0, 1e300), 0.0),
        ] {
            let found = kilometres(a, b);
            assert!(
                (found - expected).abs() < 1.0 || (expected == 0.0 && a.0 > 1e9 && found.is_finite()),
                "{a:?} {b:?}: {found}"
            );
        }
    }

    #[test]
    fn what_is_no_number_makes_nothing() {
        let db = Connection::open_in_memory().unwrap();
        register(&db).unwrap();
        for (argument, is_number) in [
            ("1", true),
            ("1.5", true),
            ("' -2e1 '", true),
            ("'.5'", true),
            ("''", false),
            ("'inf'", false),
            ("'nan'", false),
            ("'1x'", false),
            ("x'31'", false),
            ("NULL", false),
        ] {
            for place in 0..4 {
                let mut arguments = ["0"; 4];
                arguments[place] = argument;
                let sql = format!("SELECT {NAME}({})", arguments.join(", "));
                let found: Option<f64> = db.query_row(&sql, [], |row| row.get(0)).unwrap();
                assert_eq!(found.is_some(), is_number, "{sql}");
            }
        }
    }
}
