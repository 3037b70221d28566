//! Pictures, and uploads in both forms.

use crate::client::{Answer, Fal, KEY};
use serde_json::{Value, json};

async fn picture(fal: &Fal, input: &Value) -> (Value, Answer) {
    let links = fal.links(input).await;
    let image = fal.ask("GET", &links.result).await.json()["images"][0].clone();
    let file = fal.request("GET", image["url"].as_str().unwrap()).send().await.unwrap();
    (image, Answer::read(file).await.unwrap())
}

#[tokio::test]
async fn pictures_are_what_the_answer_says() {
    let fal = Fal::immediate().await;
    for (format, kind, magic) in [("jpeg", "image/jpeg", &b"\xFF\xD8\xFF"[..]), ("png", "image/png", b"\x89PNG")] {
        let input = json!({"prompt": "a cat", "output_format": format, "image_size": {"width": 40, "height": 30}});
        let (image, file) = picture(&fal, &input).await;
        assert_eq!((file.status, file.header("content-type")), (200, Some(kind)));
        assert_eq!((&image["content_type"], &image["width"], &image["height"]), (&json!(kind), &json!(40), &json!(30)));
        assert!(file.body.starts_with(magic));
        let head = fal.request("HEAD", image["url"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(head.headers()["content-length"], file.body.len().to_string().as_str());
    }
}

#[tokio::test]
async fn a_picture_depends_on_prompt_and_seed() {
    let fal = Fal::immediate().await;
    let square = json!({"width": 64, "height": 64});
    let paint = async |prompt: &str, seed: u32| {
        picture(&fal, &json!({"prompt": prompt, "seed": seed, "image_size": square})).await.1.body
    };
    let first = paint("a cat", 1).await;
    assert_eq!(first, paint("a cat", 1).await);
    assert_ne!(first, paint("a cat", 2).await);
    assert_ne!(first, paint("a dog", 1).await);
}

#[tokio::test]
async fn sync_mode_puts_pictures_into_the_answer() {
    let fal = Fal::immediate().await;
    let size = json!({"width": 8, "height": 8});
    let input = json!({"prompt": "a cat", "sync_mode": true, "image_size": size, "output_format": "png"});
    let links = fal.links(&input).await;
    let result = fal.ask("GET", &links.result).await;
    assert!(result.text("/images/0/url").starts_with("data:image/png;base64,iVBORw0KGgo"));
}

#[tokio::test]
async fn keys_that_stray_to_the_cdn_are_noticed() {
    let fal = Fal::immediate().await;
    let links = fal.links(&json!({"prompt": "x", "image_size": {"width": 8, "height": 8}})).await;
    let url = fal.ask("GET", &links.result).await.text("/images/0/url");
    fal.request("GET", &url).send().await.unwrap();
    assert_eq!(fal.sim.book().keys_sent_to_cdn, 0);
    fal.ask("GET", &url).await;
    assert_eq!(fal.sim.book().keys_sent_to_cdn, 1);
}

#[tokio::test]
async fn files_that_are_not_there_are_404() {
    let fal = Fal::immediate().await;
    assert_eq!(fal.request("GET", "/files/b/0/x.png").send().await.unwrap().status(), 404);
    assert_eq!(fal.request("PUT", "/files/b/0/x.png?signature=x").send().await.unwrap().status(), 404);
    assert_eq!(fal.request("DELETE", "/files/b/0/x.png").send().await.unwrap().status(), 405);
}

async fn read_back(fal: &Fal, url: &str) -> (String, Vec<u8>) {
    let file = Answer::read(fal.request("GET", url).send().await.unwrap()).await.unwrap();
    (file.header("content-type").unwrap().to_owned(), file.body.to_vec())
}

#[tokio::test]
async fn javascript_uploads_by_link() {
    let fal = Fal::immediate().await;
    let about = json!({"content_type": "text/plain", "file_name": "a b.txt"});
    let links = fal.try_submit("/storage/upload/initiate?storage_type=fal-cdn-v3", &about).await.unwrap();
    let (upload_url, file_url) = (links.text("/upload_url"), links.text("/file_url"));
    assert!(file_url.ends_with("_a_b.txt") && upload_url.starts_with(&format!("{file_url}?signature=")));
    let put = fal.request("PUT", &upload_url).header("content-type", "text/plain").body("hello").send().await.unwrap();
    assert_eq!((put.status().as_u16(), put.bytes().await.unwrap().len()), (200, 0));
    assert_eq!(read_back(&fal, &file_url).await, ("text/plain".to_owned(), b"hello".to_vec()));
}

#[tokio::test]
async fn javascript_uploads_in_parts() {
    let fal = Fal::immediate().await;
    let about = json!({"content_type": "text/plain", "file_name": "x"});
    let links =
        fal.try_submit("/rest/storage/upload/initiate-multipart?storage_type=fal-cdn-v3", &about).await.unwrap();
    let upload_url = links.text("/upload_url");
    let (path, query) = upload_url.split_once('?').unwrap();
    for (number, text) in [(1, "hel"), (2, "lo")] {
        let put = fal.request("PUT", &format!("{path}/{number}?{query}")).body(text).send().await.unwrap();
        let part = Answer::read(put).await.unwrap();
        assert_eq!(
            (part.json()["partNumber"].as_u64(), part.header("etag")),
            (Some(number), Some(part.text("/etag").as_str()))
        );
    }
    let done = fal.request("POST", &format!("{path}/complete?{query}")).body(r#"{"parts":[]}"#).send().await.unwrap();
    assert_eq!(done.status(), 200);
    assert_eq!(read_back(&fal, &links.text("/file_url")).await.1, b"hello");
}

#[tokio::test]
async fn python_uploads_by_token() {
    let fal = Fal::immediate().await;
    let token = fal.try_submit("/storage/auth/token?storage_type=fal-cdn-v3", &json!({})).await.unwrap();
    assert_eq!((token.text("/base_url"), token.text("/expires_at").ends_with("+00:00")), (fal.sim.url(), true));
    let bearer = format!("{} {}", token.text("/token_type"), token.text("/token"));
    let post = |path: &str| {
        let request = fal.request("POST", path).header("authorization", &bearer).header("content-type", "image/png");
        request.header("x-fal-file-name", "cat.png")
    };
    let done = Answer::read(post("/files/upload").body("bytes").send().await.unwrap()).await.unwrap();
    assert_eq!(read_back(&fal, &done.text("/access_url")).await, ("image/png".to_owned(), b"bytes".to_vec()));

    let begun = Answer::read(post("/files/upload/multipart").send().await.unwrap()).await.unwrap();
    let (access, id) = (begun.text("/access_url"), begun.text("/uploadId"));
    for (number, text) in [(2, "lo"), (1, "hel")] {
        let put = fal.request("PUT", &format!("{access}/multipart/{id}/{number}")).body(text).send().await.unwrap();
        assert!(put.headers().contains_key("etag"));
    }
    let complete = fal.request("POST", &format!("{access}/multipart/{id}/complete")).body("{}").send().await.unwrap();
    assert_eq!(complete.status(), 200);
    assert_eq!(read_back(&fal, &access).await.1, b"hello");
}

#[tokio::test]
async fn uploads_need_a_key() {
    let fal = Fal::immediate().await;
    for path in
        ["/storage/upload/initiate", "/storage/auth/token", "/tokens/", "/files/upload", "/files/upload/multipart"]
    {
        assert_eq!(fal.request("POST", path).body("{}").send().await.unwrap().status(), 401, "{path}");
    }
    let bad =
        fal.request("POST", "/storage/upload/initiate").header("authorization", KEY).body("{}").send().await.unwrap();
    assert_eq!(bad.status(), 422);
}
