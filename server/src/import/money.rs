//! What a picture cost, from the text of a double that the original computed.

use generatio_core::cost::Usd;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Decimals of a nano-dollar.
const DECIMALS: i64 = 9;
/// Longest number that is read: the longest text that a double needs has 24 characters.
const LONGEST: usize = 40;

/// The amounts in `other_info`, as far as they matter.
#[derive(Deserialize)]
struct OtherInfo {
    cost_usd: Option<Box<RawValue>>,
    parameters: Option<Box<RawValue>>,
}

/// What stands in `other_info`: the cost, and the text of the parameters if they are an object. `None` when the cost is no
/// amount.
pub(super) fn read(other_info: &str) -> Option<(Option<Usd>, Option<String>)> {
    // Other values than objects hold no cost.
    let Ok(info) = serde_json::from_str::<OtherInfo>(other_info) else { return Some((None, None)) };
    let parameters = info.parameters.map(|text| text.get().to_owned()).filter(|text| text.starts_with('{'));
    let cost = match info.cost_usd {
        None => None,
        Some(number) => Some(usd(number.get())?),
    };
    Some((cost, parameters))
}

/// The amount of a JSON number from its digits, rounded half away from zero to a nano-dollar: the original's
/// `0.009000000000000001` is 0.009. `None` for what is no number, below zero or too much.
fn usd(number: &str) -> Option<Usd> {
    if number.len() > LONGEST || number.starts_with('-') {
        return None;
    }
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    // digits × 10^shift nano-dollars.
    let shift = exponent.checked_add(DECIMALS)?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let nano = match u32::try_from(shift.unsigned_abs()).ok().and_then(|places| 10_i128.checked_pow(places)) {
        Some(factor) if shift >= 0 => digits.checked_mul(factor)?,
        Some(divisor) => digits.checked_add(divisor / 2)?.checked_div(divisor)?,
        // Nothing is left of it, or it is beyond all bounds.
        None if digits == 0 || shift < 0 => 0,
        None => return None,
    };
    i64::try_from(nano).ok().map(Usd::from_nano)
}

#[cfg(test)]
mod tests {
    use super::read;

    fn nano(number: &str) -> Option<i64> {
        let (cost, _) = read(&format!(r#"{{"cost_usd":{number}}}"#))?;
        cost.map(|cost| cost.nano())
    }

    #[test]
    fn doubles_are_read_by_their_digits() {
        for (number, expected) in [
            ("0.003", Some(3_000_000)),
            ("0.009000000000000001", Some(9_000_000)),
            ("0.0029999999999999996", Some(3_000_000)),
            ("3e-3", Some(3_000_000)),
            ("1E2", Some(100_000_000_000)),
            ("1e+2", Some(100_000_000_000)),
            ("5e-10", Some(1)),
            ("4.9e-10", Some(0)),
            ("5e-324", Some(0)),
            ("0", Some(0)),
            ("0e999999999", Some(0)),
            ("9223372036.854775807", Some(i64::MAX)),
            ("9223372036.854775808", None),
            ("1e300", None),
            ("-0.003", None),
            ("\"0.003\"", None),
            ("true", None),
            ("{}", None),
        ] {
            assert_eq!(nano(number), expected, "{number}");
        }
    }

    #[test]
    fn rows_without_a_cost_are_no_mistake() {
        for text in ["null", "{}", "[]", "3", r#"{"cost_usd":null}"#, r#"{"generation_time_ms":7}"#] {
            assert_eq!(read(text), Some((None, None)), "{text}");
        }
        let whole = r#"{"cost_usd":0.004,"parameters":{"seed":1}}"#;
        let (cost, parameters) = read(whole).unwrap();
        assert_eq!((cost.unwrap().to_string().as_str(), parameters.as_deref()), ("0.004", Some(r#"{"seed":1}"#)));
        assert_eq!(read(r#"{"cost_usd":0.004,"parameters":null}"#).unwrap().1, None);
    }
}
