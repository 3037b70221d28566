//! Copies of pictures: which are wanted, when, and what is left when nobody has them any more.

use super::support::{at, new_image, new_job, open, reserve, settlement, user};
use generatio_server::ids::{ImageId, UserId};
use generatio_server::pictures::{Address, Format};
use generatio_server::store::{FileToken, ImageFiles, LinkedPicture, NewImage, Picture, Settlement, Store, WantedCopy};

/// A picture of the owner's at this address.
async fn picture(store: &dyn Store, owner: &UserId, url: &str) -> ImageId {
    let job = reserve(store, new_job(owner)).await;
    store.begin_submit(&job.id, job.fence, at(1)).await.unwrap();
    let image: NewImage = new_image(url);
    let end = Settlement { images: vec![image], now: at(2), ..settlement() };
    store.settle_job(&job.id, job.fence, end).await.unwrap().images[0].id.clone()
}

fn linked(content: &str, format: Format) -> LinkedPicture {
    let picture = Picture { address: Address::of(content.as_bytes()), format, bytes: content.len() as u64 };
    LinkedPicture { picture, token: FileToken(format!("{content:-<22}")) }
}

/// A picture with this content, and its preview.
fn files(content: &str) -> ImageFiles {
    ImageFiles { file: linked(content, Format::Png), thumbnail: Some(linked("small", Format::Jpeg)) }
}

async fn keep(store: &dyn Store, copy: &WantedCopy, files: &ImageFiles) -> bool {
    let both = [Some(&files.file), files.thumbnail.as_ref()].into_iter().flatten();
    store.announce_pictures(both.map(|linked| linked.picture).collect()).await.unwrap();
    store.keep_copy(copy, files.clone()).await.unwrap()
}

async fn wanted(store: &dyn Store) -> Vec<ImageId> {
    store.wanted_copies(100).await.unwrap().into_iter().map(|copy| copy.image).collect()
}

async fn unused(store: &dyn Store) -> Vec<Address> {
    let mut unused = store.unused_pictures(100).await.unwrap();
    unused.sort();
    unused
}

#[tokio::test]
async fn every_picture_is_wanted_once_and_until_it_is_kept_or_given_up() {
    let store = open();
    let ada = user(&*store).await;
    let mut made = Vec::new();
    for number in 0..3 {
        made.push(picture(&*store, &ada, &format!("https://v3.fal.media/{number}.png")).await);
    }
    assert!(wanted(&*store).await.is_empty());
    assert_eq!(store.want_copies(2, at(10)).await, Ok(2));
    assert_eq!(wanted(&*store).await, made[..2]);
    assert_eq!(store.want_copies(2, at(11)).await, Ok(1));
    assert_eq!(store.want_copies(2, at(12)).await, Ok(0));
    let copies = store.wanted_copies(100).await.unwrap();
    assert_eq!((copies[0].url.as_str(), copies[0].due, copies[0].failures), ("https://v3.fal.media/0.png", at(10), 0));
    assert!(keep(&*store, &copies[0], &files("one")).await);
    store.postpone_copy(&copies[1], Some(at(100))).await.unwrap();
    store.postpone_copy(&copies[2], None).await.unwrap();
    let left = store.wanted_copies(100).await.unwrap();
    assert_eq!((left.len(), &left[0].image, left[0].due, left[0].failures), (1, &made[1], at(100), 1));
    assert_eq!(store.want_copies(2, at(13)).await, Ok(0), "what was given up stays so");
}

#[tokio::test]
async fn files_are_those_of_their_picture_and_go_with_its_owner() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    let (hers, his) = (
        picture(&*store, &ada, "https://v3.fal.media/a.png").await,
        picture(&*store, &bob, "https://v3.fal.media/b.png").await,
    );
    store.want_copies(10, at(10)).await.unwrap();
    let copies = store.wanted_copies(10).await.unwrap();
    assert!(store.image_files(&hers).await.unwrap().is_none());
    let without = ImageFiles { thumbnail: None, ..files("his") };
    assert!(keep(&*store, &copies[0], &files("hers")).await);
    assert!(keep(&*store, &copies[1], &without).await);
    assert!(!keep(&*store, &copies[1], &files("hers")).await, "what is kept stays");
    assert_eq!(store.image_files(&hers).await.unwrap(), Some(files("hers")));
    assert_eq!(store.image_files(&his).await.unwrap(), Some(without));
    store.delete_user(&ada).await.unwrap();
    assert!(store.image_files(&hers).await.unwrap().is_none());
    assert!(store.image_files(&his).await.unwrap().is_some());
    assert!(!store.keep_copy(&copies[0], files("hers")).await.unwrap(), "nothing is given to what is gone");
}

#[tokio::test]
async fn a_file_is_unused_when_the_last_that_had_it_is_gone() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    for owner in [&ada, &bob] {
        picture(&*store, owner, "https://v3.fal.media/a.png").await;
    }
    store.want_copies(10, at(10)).await.unwrap();
    let same = files("same");
    let (file, small) = (same.file.picture.address, Address::of(b"small"));
    for copy in store.wanted_copies(10).await.unwrap() {
        assert!(keep(&*store, &copy, &same).await);
    }
    store.announce_pictures(vec![linked("never kept", Format::Webp).picture]).await.unwrap();
    let never = Address::of(b"never kept");
    assert_eq!(unused(&*store).await, [never]);
    store.forget_pictures(vec![file, never]).await.unwrap();
    assert!(unused(&*store).await.is_empty());
    store.delete_user(&ada).await.unwrap();
    assert!(unused(&*store).await.is_empty(), "the other one still has it");
    store.delete_user(&bob).await.unwrap();
    let mut both = [file, small];
    both.sort();
    assert_eq!(unused(&*store).await, both);
    store.forget_pictures(both.to_vec()).await.unwrap();
    assert!(unused(&*store).await.is_empty());
}

#[tokio::test]
async fn a_number_that_is_used_again_is_another_picture_s() {
    let store = open();
    let (ada, bob) = (user(&*store).await, user(&*store).await);
    picture(&*store, &ada, "https://v3.fal.media/a.png").await;
    store.want_copies(10, at(10)).await.unwrap();
    store.delete_user(&ada).await.unwrap();
    let his = picture(&*store, &bob, "https://v3.fal.media/b.png").await;
    assert_eq!(store.want_copies(10, at(11)).await, Ok(1));
    assert_eq!(wanted(&*store).await, [his]);
}
