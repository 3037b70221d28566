//! What a model made.

use crate::boundary::{free, look, part};
use crate::text::{Text, View};
use generatio_core::fal;

/// What a model made: 1 to 64 pictures that can be fetched.
#[derive(Clone)]
pub struct Output {
    images: Vec<Image>,
    seed: Text,
    inference_ms: Option<i64>,
    billable_units: Text,
}

#[derive(Clone)]
struct Image {
    url: Text,
    content_type: Text,
    width: u32,
    height: u32,
    file_size: Option<i64>,
    nsfw: bool,
}

impl From<&fal::Output> for Output {
    fn from(output: &fal::Output) -> Self {
        let image = |(index, image): (usize, &fal::OutputImage)| Image {
            url: Text::new(&image.url),
            content_type: Text::new(image.content_type.as_deref().unwrap_or_default()),
            width: image.width.unwrap_or(0),
            height: image.height.unwrap_or(0),
            file_size: image.file_size.and_then(|size| i64::try_from(size).ok()),
            nsfw: output.has_nsfw_concepts.get(index).copied().unwrap_or(false),
        };
        Self {
            images: output.images.iter().enumerate().map(image).collect(),
            seed: Text::new(&output.seed.as_ref().map(ToString::to_string).unwrap_or_default()),
            inference_ms: output.inference_ms.and_then(|ms| i64::try_from(ms).ok()),
            billable_units: Text::new(output.billable_units.as_deref().unwrap_or_default()),
        }
    }
}

/// How many pictures there are. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_output_count(output: *const Output) -> usize {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(output, |output| output.images.len()) }
}

/// Where a picture is, already checked. It is public: no key is needed there, and none must be sent. Lent until the
/// output is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_output_url(output: *const Output, index: usize) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(output, |output| part(&output.images, index, |image| image.url.view())) }
}

/// A picture's media type as FAL wrote it; empty if it did not. Lent until the output is freed; any thread; does not
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_output_content_type(output: *const Output, index: usize) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(output, |output| part(&output.images, index, |image| image.content_type.view())) }
}

/// A picture's width in pixels; 0 if FAL did not say. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_output_width(output: *const Output, index: usize) -> u32 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(output, |output| output.images.get(index).map_or(0, |image| image.width)) }
}

/// A picture's height in pixels; 0 if FAL did not say. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_output_height(output: *const Output, index: usize) -> u32 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(output, |output| output.images.get(index).map_or(0, |image| image.height)) }
}

/// A picture's size in bytes; -1 if FAL did not say. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_output_file_size(output: *const Output, index: usize) -> i64 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(output, |output| output.images.get(index).and_then(|image| image.file_size)) }.unwrap_or(-1)
}

/// Whether FAL flagged a picture as not safe for work. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_output_is_nsfw(output: *const Output, index: usize) -> bool {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(output, |output| output.images.get(index).is_some_and(|image| image.nsfw)) }
}

/// The seed that was used, decimal text (it may be beyond 64 bits with a sign); empty if FAL did not say. Lent until the
/// output is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_output_seed(output: *const Output) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(output, |output| output.seed.view()) }
}

/// How long the model ran, in milliseconds; -1 if FAL did not say. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_output_inference_ms(output: *const Output) -> i64 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(output, |output| output.inference_ms) }.unwrap_or(-1)
}

/// What FAL bills, in its own units, for `generatio_generation_charge`; empty if FAL did not say. Lent until the output
/// is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_output_billable_units(output: *const Output) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(output, |output| output.billable_units.view()) }
}

/// Frees an output; NULL is fine. No view of it may be used afterwards. One that a delivery lends is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_output_free(output: *mut Output) {
    // SAFETY: the caller keeps to the conventions.
    unsafe { free(output) }
}
