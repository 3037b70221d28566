//! How a picture reads as a record of `images`.

use super::Collection;
use crate::clock::record_date;
use crate::ids::{FolderId, ImageId, UserId};
use crate::store::Image;
use serde::Serialize;
use serde_json::value::RawValue;

/// A record of `images`.
#[derive(Debug, Serialize)]
pub struct ImageRecord {
    #[serde(rename = "collectionId")]
    collection_id: &'static str,
    #[serde(rename = "collectionName")]
    collection_name: &'static str,
    id: ImageId,
    created: String,
    updated: String,
    title: String,
    url: String,
    user_id: UserId,
    prompt: String,
    request_id: String,
    model: String,
    batch_number: u32,
    image_size: Box<RawValue>,
    other_info: Box<RawValue>,
    folder_id: String,
    deleted_at: String,
}

/// The picture as its owner reads it. Numbers inside its JSON fields come out digit for digit.
///
/// # Errors
/// When a stored JSON field is not JSON.
pub fn record(image: Image) -> Result<ImageRecord, serde_json::Error> {
    Ok(ImageRecord {
        collection_id: Collection::Images.id(),
        collection_name: Collection::Images.name(),
        id: image.id,
        created: record_date(image.created),
        updated: record_date(image.updated),
        title: image.title,
        url: image.url,
        user_id: image.owner,
        prompt: image.prompt,
        request_id: image.request_id,
        model: image.model,
        batch_number: image.batch_number,
        image_size: RawValue::from_string(image.image_size)?,
        other_info: RawValue::from_string(image.other_info)?,
        folder_id: image.folder.as_ref().map_or_else(String::new, FolderId::to_string),
        deleted_at: image.deleted.map_or_else(String::new, record_date),
    })
}

#[cfg(test)]
mod tests {
    use super::record;
    use crate::ids::{FolderId, ImageId, UserId};
    use crate::store::Image;
    use generatio_core::Timestamp;

    fn image() -> Image {
        Image {
            id: ImageId::parse("imgimgimgimgimg").unwrap(),
            owner: UserId::parse("h9abrttn6oajblr").unwrap(),
            job: None,
            title: "A cat".into(),
            url: "https://v3.fal.media/files/cat.png".into(),
            prompt: "A cat, \"sitting\"".into(),
            request_id: "req-1".into(),
            model: "flux/schnell".into(),
            batch_number: 2,
            image_size: r#"{"width":1024,"height":768}"#.into(),
            other_info: r#"{"seed":12345678901234567890,"cost":0.003}"#.into(),
            folder: None,
            deleted: None,
            created: Timestamp::from_unix_ms(1_704_110_400_123),
            updated: Timestamp::from_unix_ms(1_704_110_400_124),
        }
    }

    #[test]
    fn a_picture_reads_field_by_field() {
        let expected = concat!(
            r#"{"collectionId":"pbc_3607937828","collectionName":"images","id":"imgimgimgimgimg","#,
            r#""created":"2024-01-01 12:00:00.123Z","updated":"2024-01-01 12:00:00.124Z","title":"A cat","#,
            r#""url":"https://v3.fal.media/files/cat.png","user_id":"h9abrttn6oajblr","#,
            r#""prompt":"A cat, \"sitting\"","request_id":"req-1","model":"flux/schnell","batch_number":2,"#,
            r#""image_size":{"width":1024,"height":768},"other_info":{"seed":12345678901234567890,"cost":0.003},"#,
            r#""folder_id":"","deleted_at":""}"#,
        );
        assert_eq!(serde_json::to_string(&record(image()).unwrap()).unwrap(), expected);
    }

    #[test]
    fn folder_and_trash_show() {
        let folder = FolderId::parse("folderfolderfol");
        let trashed = Image { folder, deleted: Some(Timestamp::from_unix_ms(0)), image_size: "null".into(), ..image() };
        let record = serde_json::to_value(record(trashed).unwrap()).unwrap();
        assert_eq!(record["folder_id"], "folderfolderfol");
        assert_eq!(record["deleted_at"], "1970-01-01 00:00:00.000Z");
        assert_eq!(record["image_size"], serde_json::Value::Null);
    }

    #[test]
    fn a_damaged_json_field_is_an_error() {
        assert!(record(Image { other_info: "{".into(), ..image() }).is_err());
    }
}
