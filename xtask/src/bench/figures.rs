//! What many measurements come to.

/// The value in the middle; of an even count, the mean of the two there. `None` of nothing.
pub(super) fn median(figures: &[f64]) -> Option<f64> {
    let sorted = sorted(figures);
    let above = *sorted.get(sorted.len() / 2)?;
    let below = *sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(below, above))
}

/// The smallest value that at least nine tenths do not exceed. `None` of nothing.
pub(super) fn p90(figures: &[f64]) -> Option<f64> {
    let rank = (figures.len() * 9).div_ceil(10);
    sorted(figures).get(rank.checked_sub(1)?).copied()
}

fn sorted(figures: &[f64]) -> Vec<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// A figure as people read it: three digits or all before the point, thousands apart.
pub(crate) fn shown(figure: f64) -> String {
    let decimals = match figure.abs() {
        below if below < 10.0 => 2,
        below if below < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{figure:.decimals$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    format!("{}{rest}", with_thousands(whole))
}

/// A count as people read it: thousands apart.
pub(crate) fn counted(count: u32) -> String {
    with_thousands(&count.to_string())
}

fn with_thousands(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        let left = digits.len() - index;
        if index > 0 && left.is_multiple_of(3) && digit.is_ascii_digit() && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle_whatever_the_order() {
        for (figures, expected) in
            [(&[3.0, 1.0, 2.0][..], Some(2.0)), (&[4.0, 1.0, 3.0, 2.0], Some(2.5)), (&[7.0], Some(7.0)), (&[], None)]
        {
            assert_eq!(median(figures), expected, "{figures:?}");
        }
    }

    #[test]
    fn nine_tenths_do_not_exceed_the_p90() {
        let ten: Vec<f64> = (1..=10).rev().map(f64::from).collect();
        assert_eq!(p90(&ten), Some(9.0));
        assert_eq!(p90(&ten[..9]), Some(10.0));
        assert_eq!((p90(&[5.0]), p90(&[])), (Some(5.0), None));
    }

    #[test]
    fn figures_are_shown_with_the_digits_that_count() {
        for (figure, expected) in [
            (0.7, "0.70"),
            (2.714, "2.71"),
            (46.25, "46.2"),
            (228.4, "228"),
            (999.0, "999"),
            (38_012.3, "38,012"),
            (1_234_567.0, "1,234,567"),
            (-1234.0, "-1,234"),
            (-123.0, "-123"),
        ] {
            assert_eq!(shown(figure), expected);
        }
        assert_eq!([counted(20), counted(1_000_000)], ["20", "1,000,000"]);
    }
}
