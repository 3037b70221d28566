//! Pictures: ordered, waited for, fetched, looked at and saved.

use super::{ORDERS, Walk};
use crate::Outcome;
use crate::api::{expect, mismatch, text};
use crate::demo::{picture, shown};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// What is asked for, and what has to come.
pub(super) struct Order {
    pub(super) model: &'static str,
    pub(super) prompt: &'static str,
    /// FAL's name of the size.
    pub(super) image_size: &'static str,
    /// What that is in pixels.
    pub(super) size: (u32, u32),
    pub(super) pictures: usize,
    /// What the catalog asks for them together.
    pub(super) cost_usd: f64,
}

impl Order {
    fn request(&self, folder: &str) -> Value {
        json!({
            "model": self.model,
            "prompt": self.prompt,
            "parameters": {"image_size": self.image_size, "num_images": self.pictures},
            "collection_id": folder,
        })
    }

    fn amount(&self) -> String {
        format!("{} picture{}", self.pictures, if self.pictures == 1 { "" } else { "s" })
    }
}

impl Walk<'_> {
    /// Fulfils every order into the server's `folder`, and saves the pictures in `target`.
    pub(super) fn pictures(&self, folder: &str, target: &Path) -> Outcome<Vec<PathBuf>> {
        fs::create_dir_all(target).map_err(|error| format!("{}: {error}", target.display()))?;
        let mut saved = Vec::new();
        for order in &ORDERS {
            let urls = self.order(order, folder)?;
            self.show.detail(&format!("“{}”", order.prompt));
            for (index, url) in urls.iter().enumerate() {
                let path = target.join(format!("{}-{}", order.model.replace('/', "-"), index + 1));
                saved.push(self.save(order, url, path)?);
            }
        }
        Ok(saved)
    }

    fn order(&self, order: &Order, folder: &str) -> Outcome<Vec<String>> {
        let doing = format!("{} is making {}", order.model, order.amount());
        self.show.step(&doing, || {
            let answer = self.api.post("/api/custom/generate/image", &order.request(folder))?.ok()?;
            expect(&answer, "/model", &json!(order.model))?;
            expect(&answer, "/cost", &json!(order.cost_usd))?;
            let urls = urls(&answer, order.pictures)?;
            Ok((format!("{}: {} for ${}", order.model, order.amount(), answer["cost"]), urls))
        })
    }

    fn save(&self, order: &Order, url: &str, mut path: PathBuf) -> Outcome<PathBuf> {
        let bytes = self.api.download(url)?;
        let Some((format, width, height)) = picture::inspect(&bytes) else {
            return Err(mismatch("a JPEG or PNG", format!("{} other bytes from {url}", bytes.len())).into());
        };
        if (width, height) != order.size {
            let expected = format!("{} by {} pixels from {}", order.size.0, order.size.1, order.model);
            return Err(mismatch(&expected, format!("{width} by {height}")).into());
        }
        path.set_extension(format.ending());
        fs::write(&path, &bytes)?;
        self.show.detail(&format!("{}  {width}×{height}", shown(&path)));
        Ok(path)
    }
}

/// The links of an answer that must have so many.
fn urls(answer: &Value, expected: usize) -> Outcome<Vec<String>> {
    let images = answer["images"].as_array().map_or(&[][..], Vec::as_slice);
    if images.len() != expected {
        return Err(mismatch(&format!("{expected} images"), answer).into());
    }
    images.iter().map(|image| Ok(text(image, "/url")?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_counted_before_they_are_fetched() {
        let answer = json!({"images": [{"id": "a", "url": "http://x/1"}, {"id": "b", "url": "http://x/2"}]});
        assert_eq!(urls(&answer, 2).unwrap(), ["http://x/1", "http://x/2"]);
        for (answer, expected) in [(&answer, 1), (&json!({"images": null}), 1), (&json!({"images": [{"id": "a"}]}), 1)]
        {
            assert!(urls(answer, expected).is_err(), "{answer}");
        }
    }
}
