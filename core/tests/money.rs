//! Exact money: text, JSON, arithmetic, splitting.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use generatio_core::cost::{AmountError, Units, Usd, UsdSum, split};
use proptest::prelude::*;

fn usd(text: &str) -> Usd {
    Usd::parse(text).unwrap()
}

fn units(text: &str) -> Units {
    Units::parse(text).unwrap()
}

#[test]
fn amounts_are_read_digit_by_digit() {
    for (text, nano) in [
        ("0", 0),
        ("0.003", 3_000_000),
        ("12", 12_000_000_000),
        ("-0.5", -500_000_000),
        ("0.000000001", 1),
        ("00.010", 10_000_000),
        ("9223372036.854775807", i64::MAX),
        ("-9223372036.854775808", i64::MIN),
    ] {
        assert_eq!(Usd::parse(text), Ok(Usd::from_nano(nano)), "{text}");
    }
}

#[test]
fn other_texts_are_no_amounts() {
    for text in ["", "-", ".", "1.", ".5", "+1", " 1", "1 ", "1e3", "1,5", "--1", "1.2.3", "NaN", "٣", "1.0000000001"]
    {
        assert_eq!(Usd::parse(text), Err(AmountError::Malformed), "{text:?}");
    }
    for text in ["9223372036.854775808", "-9223372036.854775809", &"9".repeat(30)] {
        assert_eq!(Usd::parse(text), Err(AmountError::Overflow), "{text}");
    }
    assert_eq!(Usd::parse(&"0".repeat(31)), Err(AmountError::Malformed));
}

#[test]
fn products_that_doubles_miss_are_exact_in_json() {
    for (count, price, json) in [(2, "0.004", "0.008"), (3, "0.003", "0.009"), (1_000_000, "0.003", "3000")] {
        let cost = Units::from_count(count).times(usd(price)).unwrap();
        assert_eq!(serde_json::to_string(&cost).unwrap(), json);
        assert_eq!(serde_json::from_str::<Usd>(json).unwrap(), cost);
    }
    let sum: UsdSum = [usd("0.1"), usd("0.2")].into_iter().sum();
    assert_eq!(serde_json::to_string(&sum).unwrap(), "0.3");
}

#[test]
fn json_numbers_and_strings_are_read_by_their_text() {
    for (json, nano) in [
        ("9007199254.740992999", 9_007_199_254_740_992_999),
        ("\"0.009\"", 9_000_000),
        ("3", 3_000_000_000),
        ("-0.000000001", -1),
    ] {
        assert_eq!(serde_json::from_str::<Usd>(json).unwrap(), Usd::from_nano(nano), "{json}");
    }
    for refused in ["true", "null", "[1]", "1e2", "\"\"", "\"1 USD\"", "0.0000000001"] {
        assert!(serde_json::from_str::<Usd>(refused).is_err(), "{refused}");
    }
}

#[test]
fn fal_s_unit_texts_are_units() {
    for (text, shown) in
        [("1", "1"), ("1.0", "1"), ("0.02", "0.02"), ("8.439999999999998", "8.439999999999998"), ("0.0", "0")]
    {
        assert_eq!(units(text).to_string(), shown);
        assert_eq!(serde_json::to_string(&units(text)).unwrap(), shown);
    }
    assert_eq!(units("1.50"), units("1.5"));
    for text in ["", "-1", "-0", "1e-5", "nan", "1 ", &"1".repeat(31), "0.00000000000000000001"] {
        assert_eq!(Units::parse(text), Err(AmountError::Malformed), "{text}");
    }
}

#[test]
fn a_product_is_rounded_once_half_away_from_zero() {
    for (count, nano, expected) in [
        ("0.5", 1, 1),
        ("0.49", 1, 0),
        ("0.5", -1, -1),
        ("1.5", 3, 5),
        ("1.5", -3, -5),
        ("8.439999999999998", 30_000_000, 253_200_000),
        ("0.3333333333333333333", 3_000_000_000, 1_000_000_000),
    ] {
        assert_eq!(units(count).times(Usd::from_nano(nano)), Ok(Usd::from_nano(expected)), "{count} × {nano}");
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    assert_eq!(units("2").times(Usd::from_nano(i64::MAX)), Err(AmountError::Overflow));
    assert_eq!(units(&"9".repeat(30)).times(Usd::from_nano(1)), Err(AmountError::Overflow));
    assert_eq!(units(&"9".repeat(30)).times(Usd::ZERO), Ok(Usd::ZERO));
    assert_eq!(Usd::from_nano(i64::MAX).checked_add(Usd::from_nano(1)), None);
    assert_eq!(Usd::try_from(UsdSum::from_nano(i128::MAX)), Err(AmountError::Overflow));
}

#[test]
fn an_average_is_rounded_half_away_from_zero() {
    for (nano, count, expected) in
        [(250_000_000, 83, 3_012_048), (1, 2, 1), (-1, 2, -1), (1, 3, 0), (5, 0, 0), (i128::MAX, 1, i64::MAX)]
    {
        assert_eq!(UsdSum::from_nano(nano).average(count), Usd::from_nano(expected), "{nano} / {count}");
    }
}

#[test]
fn the_remainder_goes_to_the_first() {
    assert_eq!(split(Usd::from_nano(11), 4), [5, 2, 2, 2].map(Usd::from_nano));
    assert_eq!(split(Usd::from_nano(-11), 4), [-5, -2, -2, -2].map(Usd::from_nano));
    assert_eq!(split(usd("0.009"), 3), [usd("0.003"); 3]);
    assert!(split(usd("1"), 0).is_empty());
}

/// `digits × factor / 10^decimals`, half up, digit by digit as on paper: an oracle without machine integers.
fn on_paper(digits: &str, decimals: usize, factor: u64) -> String {
    let factor = factor.to_string();
    let mut product = vec![0_u32; digits.len() + factor.len() + 1];
    for (i, a) in digits.bytes().rev().enumerate() {
        for (j, b) in factor.bytes().rev().enumerate() {
            product[i + j] += u32::from(a - b'0') * u32::from(b - b'0');
        }
    }
    carry(&mut product);
    if decimals > 0 && product[decimals - 1] >= 5 {
        product[decimals] += 1;
        carry(&mut product[decimals..]);
    }
    product[decimals..].iter().rev().map(|digit| char::from_digit(*digit, 10).unwrap()).collect()
}

fn carry(digits: &mut [u32]) {
    for at in 1..digits.len() {
        digits[at] += digits[at - 1] / 10;
        digits[at - 1] %= 10;
    }
}

#[test]
fn paper_can_reckon() {
    assert_eq!(on_paper("15", 1, 3), "005");
    assert_eq!(on_paper("14", 1, 1), "001");
    assert_eq!(on_paper("999", 2, 5), "050");
}

proptest! {
    #[test]
    fn usd_survives_its_text(nano: i64) {
        let amount = Usd::from_nano(nano);
        prop_assert_eq!(Usd::parse(&amount.to_string()), Ok(amount));
        let json = serde_json::to_string(&amount).unwrap();
        prop_assert_eq!(serde_json::from_str::<Usd>(&json).unwrap(), amount);
    }

    #[test]
    fn units_survive_their_text(whole in 0_u64..100_000_000_000, fraction in "[0-9]{1,19}") {
        let given = units(&format!("{whole}.{fraction}"));
        let shown = given.to_string();
        prop_assert!(!shown.contains('.') || !shown.ends_with(['0', '.']));
        prop_assert_eq!(Units::parse(&shown), Ok(given));
    }

    #[test]
    fn units_times_price_is_what_paper_says(digits in "[1-9][0-9]{0,29}", point in 0_usize..20, nano: i64) {
        let decimals = point.min(digits.len() - 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let text = if decimals == 0 { digits.clone() } else { format!("{whole}.{fraction}") };
        let magnitude = on_paper(&digits, decimals, nano.unsigned_abs()).parse::<i128>().ok();
        let expected = magnitude.and_then(|magnitude| i64::try_from(magnitude * i128::from(nano.signum())).ok());
        let product = units(&text).times(Usd::from_nano(nano));
        prop_assert_eq!(product, expected.map(Usd::from_nano).ok_or(AmountError::Overflow));
    }

    #[test]
    fn small_products_are_what_paper_says_too(digits in "[1-9][0-9]{0,17}", nano in -1_000_000_000_i64..1_000_000_000) {
        let (whole, fraction) = if digits.len() > 3 { digits.split_at(digits.len() - 3) } else { ("0", &*digits) };
        let text = format!("{whole}.{fraction:0>3}");
        let magnitude: i128 = on_paper(&digits, 3, nano.unsigned_abs()).parse().unwrap();
        let expected = i64::try_from(magnitude * i128::from(nano.signum())).ok();
        prop_assert_eq!(units(&text).times(Usd::from_nano(nano)).ok(), expected.map(Usd::from_nano));
    }

    #[test]
    fn parts_add_up_and_differ_by_the_remainder_only(nano: i64, count in 1_usize..50) {
        let parts = split(Usd::from_nano(nano), count);
        prop_assert_eq!(parts.len(), count);
        prop_assert_eq!(parts.iter().copied().sum::<UsdSum>(), UsdSum::from(Usd::from_nano(nano)));
        prop_assert!(parts[1..].windows(2).all(|pair| pair[0] == pair[1]));
        let rest = parts.get(1).map_or(0, |part| parts[0].nano() - part.nano());
        prop_assert_eq!(rest, nano % i64::try_from(count).unwrap() * i64::from(count > 1));
    }
}
