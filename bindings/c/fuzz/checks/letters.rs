//! Webhooks that FAL could have signed: nobody arrives at them by chance.

use super::world::World;
use generatio_c::error::Failure;
use generatio_c::fal::{Fal, generatio_fal_new};
use generatio_c::webhook::{Delivery, WebhookKeys, generatio_webhook_keys_parse, generatio_webhook_verify};
use std::ptr::null;

const NOW_MS: i64 = 1_790_000_000_000;
/// The public half of the key whose secret half is 32 times 7.
const KEYS: &str =
    r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "6kpsY-KcUgq-9VB7Ey7F-ZVHdq6-vnuSQh7qaRRG0iw"}]}"#;

/// Bodies about request "r-1" of user "u-1", each with what was signed at [`NOW_MS`].
const LETTERS: [(&str, &str); 3] = [
    (
        r#"{"request_id":"r-1","gateway_request_id":"r-2","status":"OK","payload":{"images":[{"url":"https://v3.fal.media/a.png","width":64}],"seed":4}}"#,
        "6b82e63ea2731afe3f600ccfe829dd89d2d83fb9184815d9a8e5120d6d3645c6\
         65697e2d33d301eacf641958ae9c3cf2aa562eae7be94bf0e83d6f41ecad140d",
    ),
    (
        r#"{"request_id":"r-1","status":"ERROR","error":"Invalid status code: 422","payload":{"detail":[{"loc":["body","prompt"],"msg":"no","type":"value_error"}]}}"#,
        "db7660d038193c85a745171e71f9f7e6baf8bc13a9d16f67085a374bbf67dd93\
         8c9e5ab7d29fd17c364c7f1fa27db6b44a9379d71e139fc9c320d5c8941be204",
    ),
    (
        r#"{"request_id":"r-1","status":"OK"}"#,
        "c8bb8b9b9fb81edfdb1395f72cdcd61aed2be6afaa9d649b435f269ae6c80cc1\
         d312c908cd1052ffbfc8c56707bd4a705e2ab8087538e518ad8dbfa9ff69da04",
    ),
];

/// One of the letters arrives, on time or late.
pub(crate) fn receive(world: &mut World<'_>, which: usize) {
    let (body, signature) = LETTERS[which % LETTERS.len()];
    let now_ms = if world.bytes.byte().is_multiple_of(8) { NOW_MS + 3_600_000 } else { NOW_MS };
    let chars = |text: &'static str| (text.as_ptr().cast(), text.len());
    let ((keys, keys_len), (id, id_len), (user, user_len)) = (chars(KEYS), chars("r-1"), chars("u-1"));
    let ((time, time_len), (signature, signature_len)) = (chars("1790000000"), chars(signature));
    // SAFETY: texts of our own, handles that live or NULL, and places of the world's.
    unsafe {
        world.begin();
        world.status = Some(generatio_fal_new(null(), 0, world.place::<Fal>()));
        world.settle();
        world.begin();
        let (place, error) = (world.place::<WebhookKeys>(), world.place::<Failure>());
        world.status = Some(generatio_webhook_keys_parse(keys, keys_len, NOW_MS, place, error));
        world.settle();
        world.begin();
        let (fal, known) = (world.any::<Fal>(), world.any::<WebhookKeys>());
        let (place, error) = (world.place::<Delivery>(), world.place::<Failure>());
        world.status = Some(generatio_webhook_verify(
            fal,
            known,
            id,
            id_len,
            user,
            user_len,
            time,
            time_len,
            signature,
            signature_len,
            body.as_ptr(),
            body.len(),
            now_ms,
            place,
            error,
        ));
        world.settle();
    }
}
