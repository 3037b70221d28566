//! Width and height of a picture: presets, given sides, aspect ratios and resolutions.

use crate::endpoints::Endpoint;
use crate::lax;
use serde_json::Value;

/// Longest side that is painted. What is asked beyond it is clamped, as models do; the answer gives the real size.
pub(crate) const MAX_SIDE: u32 = 4096;

/// Size of a side that a `{width, height}` leaves out.
const DEFAULT_SIDE: u32 = 512;

/// The size an input asks for, or the endpoint's own. The values must have passed [`crate::input`]'s checks.
pub(crate) fn asked(
    endpoint: &Endpoint,
    image_size: Option<&Value>,
    aspect_ratio: Option<&Value>,
    resolution: Option<&Value>,
) -> (u32, u32) {
    let ratio = aspect_ratio.and_then(Value::as_str).and_then(parse_ratio);
    let size = match (image_size, ratio) {
        (Some(Value::String(name)), _) => preset(name),
        (Some(Value::Object(sides)), _) => Some((side(sides.get("width")), side(sides.get("height")))),
        (_, Some(ratio)) => Some(fit(endpoint.size, ratio)),
        _ => None,
    };
    let (width, height) = size.unwrap_or(endpoint.size);
    let scale = scale(resolution.and_then(Value::as_str).unwrap_or_default());
    let clamp = |side: u32| side.saturating_mul(scale).clamp(1, MAX_SIDE);
    (clamp(width), clamp(height))
}

fn preset(name: &str) -> Option<(u32, u32)> {
    match name {
        "square_hd" => Some((1024, 1024)),
        "square" => Some((512, 512)),
        "portrait_4_3" => Some((768, 1024)),
        "portrait_16_9" => Some((576, 1024)),
        "landscape_4_3" => Some((1024, 768)),
        "landscape_16_9" => Some((1024, 576)),
        "auto_2K" => Some((2048, 2048)),
        "auto_4K" => Some((4096, 4096)),
        _ => None,
    }
}

fn side(value: Option<&Value>) -> u32 {
    let given = value.and_then(|value| lax::integer(value).ok()).and_then(|number| number.as_u64());
    given.map_or(DEFAULT_SIDE, |side| u32::try_from(side).unwrap_or(u32::MAX))
}

fn scale(resolution: &str) -> u32 {
    match resolution {
        "2K" => 2,
        "4K" => 4,
        _ => 1,
    }
}

fn parse_ratio(text: &str) -> Option<(u64, u64)> {
    let (width, height) = text.split_once(':')?;
    let parts: (u64, u64) = (width.parse().ok()?, height.parse().ok()?);
    (1..=100).contains(&parts.0).then_some(parts).filter(|parts| (1..=100).contains(&parts.1))
}

/// About as many pixels as `size` has, in another shape; sides are multiples of 32.
fn fit(size: (u32, u32), (wide, high): (u64, u64)) -> (u32, u32) {
    let area = u64::from(size.0) * u64::from(size.1);
    let side =
        |part: u64, other: u64| u32::try_from((area * part / other).isqrt() / 32 * 32).unwrap_or(MAX_SIDE).max(32);
    (side(wide, high), side(high, wide))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::all;
    use serde_json::json;

    #[test]
    fn sizes_follow_what_is_asked() {
        let endpoint = all().iter().find(|endpoint| endpoint.id == "fal-ai/nano-banana-pro").unwrap();
        let size = |size: Value, ratio: Value, resolution: Value| {
            asked(endpoint, Some(&size), Some(&ratio), Some(&resolution))
        };
        let none = Value::Null;
        assert_eq!(size(none.clone(), none.clone(), none.clone()), (1024, 1024));
        assert_eq!(size(json!("portrait_16_9"), none.clone(), none.clone()), (576, 1024));
        assert_eq!(size(json!({"width": 640}), none.clone(), none.clone()), (640, 512));
        assert_eq!(size(json!({"width": 14142, "height": 1}), none.clone(), none.clone()), (4096, 1));
        assert_eq!(size(none.clone(), json!("16:9"), json!("2K")), (2688, 1536));
        assert_eq!(size(none.clone(), json!("auto"), json!("4K")), (4096, 4096));
        assert_eq!(size(none.clone(), json!("0:9"), none), (1024, 1024));
    }
}
