//! A model's answer: what was made, what it costs, and the JSON each family of models puts it in.

use crate::dice::Dice;
use crate::directive::split;
use crate::encode::Picture;
use crate::endpoints::{Answer, Endpoint, Unit};
use crate::input::Order;
use crate::paint::Sketch;
use serde::Serialize;
use serde_json::Number;
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// A request's good end. Pictures are painted when somebody looks at them.
#[derive(Debug)]
pub(crate) struct Output {
    answer: Answer,
    prompt: String,
    seed: Number,
    inference: Duration,
    flagged: bool,
    pub(crate) pictures: Vec<(String, Picture)>,
    /// Pictures go into the answer itself.
    pub(crate) sync_mode: bool,
    /// Billing units, as the header says them.
    pub(crate) units: String,
    /// The header is left out.
    pub(crate) hide_units: bool,
}

/// What befalls an output on request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Twist {
    pub(crate) flagged: bool,
    pub(crate) empty: bool,
    pub(crate) hide_units: bool,
}

impl Output {
    /// Makes what was ordered. `names` names the files; `seeds` is asked when the order has no seed.
    pub(crate) fn make(
        endpoint: &Endpoint,
        order: Order,
        inference: Duration,
        twist: Twist,
        names: &Dice,
        seeds: &Dice,
    ) -> Self {
        let seed = order.seed.clone().unwrap_or_else(|| seeds.seed().into());
        let count = if twist.empty { 0 } else { order.count };
        let pictures = (0..count).map(|index| picture(endpoint, &order, &seed, index, twist.flagged, names)).collect();
        Self {
            answer: endpoint.answer,
            units: units(endpoint.unit, order.size, count, inference),
            prompt: order.prompt,
            seed,
            inference,
            flagged: twist.flagged,
            pictures,
            sync_mode: order.sync_mode,
            hide_units: twist.hide_units,
        }
    }

    /// Seconds of the model's work.
    pub(crate) fn inference_s(&self) -> f64 {
        self.inference.as_secs_f64()
    }

    /// The answer's JSON with `urls` for the pictures, in their order.
    pub(crate) fn json(&self, urls: Vec<String>) -> Vec<u8> {
        let text = match self.answer {
            Answer::Flux => serde_json::to_vec(&self.flux(urls)),
            Answer::Seeded => serde_json::to_vec(&Seeded { images: self.files(urls), seed: &self.seed }),
            Answer::Described => serde_json::to_vec(&Described { images: self.files(urls), description: "" }),
            Answer::Bare => serde_json::to_vec(&Bare { images: self.files(urls) }),
        };
        text.expect("our own types become JSON")
    }

    fn flux(&self, urls: Vec<String>) -> Flux<'_> {
        let image = |(url, (_, picture)): (String, &(String, Picture))| FluxImage {
            url,
            width: picture.sketch.width,
            height: picture.sketch.height,
            content_type: picture.format.content_type(),
        };
        Flux {
            has_nsfw_concepts: vec![self.flagged; urls.len()],
            images: urls.into_iter().zip(&self.pictures).map(image).collect(),
            timings: Timings { inference: self.inference_s() },
            seed: &self.seed,
            prompt: &self.prompt,
        }
    }

    /// Other families give files; those that describe what they made leave the sizes out, and all leave out how many
    /// bytes there are, for nothing is painted yet.
    fn files(&self, urls: Vec<String>) -> Vec<FileImage> {
        let sized = self.answer == Answer::Seeded;
        let image = |(url, (path, picture)): (String, &(String, Picture))| FileImage {
            url,
            content_type: picture.format.content_type(),
            file_name: path.rsplit('/').next().unwrap_or_default().to_owned(),
            file_size: (),
            width: sized.then_some(picture.sketch.width),
            height: sized.then_some(picture.sketch.height),
        };
        urls.into_iter().zip(&self.pictures).map(image).collect()
    }
}

fn picture(
    endpoint: &Endpoint,
    order: &Order,
    seed: &Number,
    index: u32,
    flagged: bool,
    names: &Dice,
) -> (String, Picture) {
    let text = format!("{}\n{seed}\n{index}\n{}", endpoint.id, split(&order.prompt).0);
    let (width, height) = order.size;
    let black = flagged && order.safety_checker;
    let sketch = Sketch { hash: Sha256::digest(text).into(), width, height, black };
    let (folder, stem) = names.file_name();
    let path = format!("/files/b/{folder}/{stem}.{}", order.format.extension());
    (path, Picture { sketch, format: order.format })
}

/// Billing units: images, whole megapixels per image rounded up, or seconds.
fn units(unit: Unit, (width, height): (u32, u32), count: u32, inference: Duration) -> String {
    const MEGAPIXEL: u64 = 1_048_576;
    match unit {
        Unit::Image => count.to_string(),
        Unit::Megapixel => {
            let each = (u64::from(width) * u64::from(height)).div_ceil(MEGAPIXEL).max(1);
            (each * u64::from(count)).to_string()
        }
        Unit::ComputeSecond if count == 0 => "0".to_owned(),
        Unit::ComputeSecond => inference.as_secs_f64().to_string(),
    }
}

#[derive(Serialize)]
struct Flux<'a> {
    images: Vec<FluxImage>,
    timings: Timings,
    seed: &'a Number,
    has_nsfw_concepts: Vec<bool>,
    prompt: &'a str,
}

#[derive(Serialize)]
struct FluxImage {
    url: String,
    width: u32,
    height: u32,
    content_type: &'static str,
}

#[derive(Serialize)]
struct Timings {
    inference: f64,
}

#[derive(Serialize)]
struct Seeded<'a> {
    images: Vec<FileImage>,
    seed: &'a Number,
}

#[derive(Serialize)]
struct Described {
    images: Vec<FileImage>,
    description: &'static str,
}

#[derive(Serialize)]
struct Bare {
    images: Vec<FileImage>,
}

#[derive(Serialize)]
struct FileImage {
    url: String,
    content_type: &'static str,
    file_name: String,
    /// Always null.
    file_size: (),
    width: Option<u32>,
    height: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::all;
    use crate::input::judge;
    use serde_json::{Value, json};

    fn make(id: &str, input: &Value, twist: Twist) -> Output {
        let endpoint = all().iter().find(|endpoint| endpoint.id == id).unwrap();
        let order = judge(endpoint, input.to_string().as_bytes()).unwrap();
        let dice = Dice::seeded(1);
        Output::make(endpoint, order, Duration::from_millis(250), twist, &dice, &dice)
    }

    fn json_of(output: &Output) -> Value {
        let urls = output.pictures.iter().map(|(path, _)| format!("http://cdn{path}")).collect();
        serde_json::from_slice(&output.json(urls)).unwrap()
    }

    #[test]
    fn each_family_has_its_own_fields() {
        let cases = [
            ("fal-ai/flux/schnell", vec!["has_nsfw_concepts", "images", "prompt", "seed", "timings"]),
            ("fal-ai/flux-2-pro", vec!["images", "seed"]),
            ("fal-ai/nano-banana", vec!["description", "images"]),
            ("fal-ai/recraft/v3/text-to-image", vec!["images"]),
        ];
        for (id, expected) in cases {
            let answer = json_of(&make(id, &json!({"prompt": "a cat"}), Twist::default()));
            let mut fields: Vec<_> = answer.as_object().unwrap().keys().collect();
            fields.sort();
            assert_eq!(fields, expected, "{id}");
        }
    }

    #[test]
    fn units_follow_the_endpoint() {
        let side = |width: u32| json!({"width": width, "height": 1024});
        let sized = |width: u32, count: u32| json!({"prompt": "x", "num_images": count, "image_size": side(width)});
        let cases = [
            ("fal-ai/flux/schnell", sized(512, 1), "1"),
            ("fal-ai/flux/schnell", sized(1024, 3), "3"),
            ("fal-ai/flux/schnell", sized(1025, 2), "4"),
            ("fal-ai/nano-banana", json!({"prompt": "a cat", "num_images": 2}), "2"),
            ("fal-ai/fast-sdxl", json!({"prompt": "a cat"}), "0.25"),
        ];
        for (id, input, expected) in cases {
            assert_eq!(make(id, &input, Twist::default()).units, expected, "{id} {input}");
        }
        let empty = Twist { empty: true, ..Twist::default() };
        assert_eq!(make("fal-ai/fast-sdxl", &json!({"prompt": "a cat"}), empty).units, "0");
    }

    #[test]
    fn pictures_depend_on_prompt_seed_and_number_and_nothing_else() {
        let hashes = |input: &Value| -> Vec<_> {
            let output = make("fal-ai/flux/schnell", input, Twist::default());
            output.pictures.into_iter().map(|(_, picture)| picture.sketch.hash).collect()
        };
        let two = hashes(&json!({"prompt": "a cat", "seed": 1, "num_images": 2}));
        assert_ne!(two[0], two[1]);
        assert_eq!(two[..1], hashes(&json!({"prompt": "a cat [[sim: {}]]", "seed": 1})));
        assert_ne!(two[..1], hashes(&json!({"prompt": "a cat", "seed": 2})));
        assert_ne!(two[..1], hashes(&json!({"prompt": "a dog", "seed": 1})));
    }

    #[test]
    fn a_flagged_picture_is_black_unless_nobody_checks() {
        let flagged = Twist { flagged: true, ..Twist::default() };
        let checked = make("fal-ai/flux/schnell", &json!({"prompt": "x"}), flagged);
        assert!(checked.pictures[0].1.sketch.black);
        assert_eq!(json_of(&checked)["has_nsfw_concepts"], json!([true]));
        let unchecked = json!({"prompt": "x", "enable_safety_checker": false});
        assert!(!make("fal-ai/flux/schnell", &unchecked, flagged).pictures[0].1.sketch.black);
    }
}
