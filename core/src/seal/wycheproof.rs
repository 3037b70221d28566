//! Project Wycheproof's vectors, through the very functions that sealing and sessions use.

use super::aead;
use super::expand::hkdf;
use super::key::Key;
use super::pbkdf2;
use rand_core::{TryCryptoRng, TryRng};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::convert::Infallible;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File<G> {
    number_of_tests: usize,
    test_groups: Vec<G>,
}

#[derive(Deserialize)]
struct Group<T> {
    tests: Vec<T>,
}

fn read<G: DeserializeOwned>(name: &str) -> File<G> {
    let path = format!("{}/../tests/vectors/wycheproof_{name}_test.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn read_tests<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let file: File<Group<T>> = read(name);
    let tests: Vec<T> = file.test_groups.into_iter().flat_map(|group| group.tests).collect();
    assert_eq!(tests.len(), file.number_of_tests);
    tests
}

/// Bytes that stand in the files as hexadecimal text.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Hex(Vec<u8>);

impl TryFrom<String> for Hex {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let byte = |at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let bytes: Option<_> = (0..text.len()).step_by(2).map(byte).collect();
        bytes.map(Self).ok_or(text)
    }
}

/// Hands out the vector's nonce.
struct Nonce(Vec<u8>);

impl TryRng for Nonce {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("nonces are drawn as bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("nonces are drawn as bytes")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

impl TryCryptoRng for Nonce {}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GcmGroup {
    iv_size: usize,
    key_size: usize,
    tag_size: usize,
    tests: Vec<GcmTest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GcmTest {
    tc_id: u32,
    key: Hex,
    iv: Hex,
    aad: Hex,
    msg: Hex,
    ct: Hex,
    tag: Hex,
    result: String,
}

#[test]
fn aes_256_gcm() {
    let fits = |group: &GcmGroup| (group.key_size, group.iv_size, group.tag_size) == (256, 96, 128);
    let groups = read::<GcmGroup>("aes_gcm").test_groups;
    let tests: Vec<GcmTest> = groups.into_iter().filter(fits).flat_map(|group| group.tests).collect();
    assert_eq!(tests.len(), 66);
    assert_eq!(tests.iter().filter(|test| test.result == "valid").count(), 39);
    for test in tests {
        let key = Key::fill(|out| out.copy_from_slice(&test.key.0));
        let boxed = [&test.iv.0[..], &test.ct.0, &test.tag.0].concat();
        let sealed = aead::seal(&key, &test.aad.0, &test.msg.0, &mut Nonce(test.iv.0)).unwrap();
        let opened = aead::open(&key, &test.aad.0, &boxed);
        if test.result == "valid" {
            assert_eq!(sealed, boxed, "{}", test.tc_id);
            assert_eq!(opened.as_deref(), Some(&test.msg.0), "{}", test.tc_id);
        } else {
            assert_ne!(sealed, boxed, "{}", test.tc_id);
            assert!(opened.is_none(), "{}", test.tc_id);
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pbkdf2Test {
    tc_id: u32,
    password: Hex,
    salt: Hex,
    iteration_count: u32,
    dk_len: usize,
    dk: Hex,
    result: String,
}

#[test]
fn pbkdf2_hmac_sha256() {
    let tests: Vec<Pbkdf2Test> = read_tests("pbkdf2_hmacsha256");
    assert_eq!(tests.len(), 60);
    for test in tests {
        assert_eq!((test.result.as_str(), test.dk.0.len()), ("valid", test.dk_len), "{}", test.tc_id);
        for (index, expected) in (1..).zip(test.dk.0.chunks(Key::BYTES)) {
            let block = pbkdf2::block(&test.password.0, &test.salt.0, test.iteration_count, index);
            assert_eq!(&block.as_bytes()[..expected.len()], expected, "{} block {index}", test.tc_id);
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HkdfTest {
    tc_id: u32,
    ikm: Hex,
    salt: Hex,
    info: Hex,
    size: usize,
    okm: Hex,
    result: String,
}

#[test]
fn hkdf_sha256() {
    let tests: Vec<HkdfTest> = read_tests("hkdf_sha256");
    assert_eq!(tests.len(), 86);
    assert_eq!(tests.iter().filter(|test| test.result == "valid").count(), 83);
    for test in tests {
        let mut okm = vec![0; test.size];
        let derived = hkdf(&test.ikm.0, &test.salt.0, &test.info.0, &mut okm);
        assert_eq!(derived.is_ok(), test.result == "valid", "{}", test.tc_id);
        if derived.is_ok() {
            assert_eq!(okm, test.okm.0, "{}", test.tc_id);
        }
    }
}
