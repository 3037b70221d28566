//! What is NULL, out of range or not UTF-8 is refused, and outputs hold nothing old.

use super::script::{chars, text};
use crate::boundary::guard;
use crate::catalog::{
    generatio_catalog_free, generatio_catalog_len, generatio_catalog_model, generatio_model_parameter,
    generatio_parameter_json,
};
use crate::error::generatio_error_message;
use crate::generation::generatio_cost_nano_usd;
use crate::money::{generatio_usd_format, generatio_usd_parse, generatio_usd_split, generatio_usd_sum};
use crate::seal::{generatio_is_account_secret, generatio_sealed_read};
use crate::session::{generatio_session_id_new, generatio_session_open, generatio_session_seal};
use crate::status::{Status, generatio_status_message};
use crate::text::{
    generatio_secret_free, generatio_secret_new, generatio_secret_view, generatio_text_free, generatio_text_view,
};
use crate::webhook::generatio_webhook_keys_stale;
use std::ffi::CStr;
use std::ptr::{null, null_mut};

#[test]
fn a_panic_is_a_status() {
    let status = guard(|| panic!("as planned"));
    assert_eq!(status, Status::Panic);
}

#[test]
fn a_null_handle_is_empty() {
    // SAFETY: NULL is allowed everywhere here.
    unsafe {
        assert_eq!(text(generatio_text_view(null())), "");
        assert_eq!(text(generatio_error_message(null())), "");
        assert_eq!(generatio_catalog_len(null()), 0);
        assert!(generatio_catalog_model(null(), 0).is_null());
        assert!(generatio_model_parameter(null(), 0).is_null());
        assert_eq!(text(generatio_parameter_json(null())), "");
        assert_eq!(generatio_cost_nano_usd(null(), 1), 0);
        assert!(generatio_webhook_keys_stale(null(), 0));
        assert!(!generatio_is_account_secret(null(), 0));
        generatio_text_free(null_mut());
        generatio_secret_free(null_mut());
        generatio_catalog_free(null_mut());
    }
}

#[test]
fn outputs_are_cleared_whatever_happens() {
    let mut nano = 77;
    let (mut version, mut iterations) = (77, 77);
    let mut secret = std::ptr::dangling_mut();
    // SAFETY: places of our own.
    unsafe {
        assert_eq!(generatio_usd_parse(null(), 4, &raw mut nano), Status::BadArgument);
        assert_eq!(nano, 0);
        assert_eq!(generatio_usd_parse(c"0.1".as_ptr(), 3, null_mut()), Status::BadArgument);
        let (bad, len) = chars("nonsense");
        assert_eq!(
            generatio_sealed_read(bad, len, &raw mut version, &raw mut iterations),
            Status::SealedTokenMalformed
        );
        assert_eq!((version, iterations), (0, 0));
        iterations = 77;
        assert_eq!(generatio_sealed_read(bad, len, null_mut(), &raw mut iterations), Status::BadArgument);
        assert_eq!(iterations, 0);
        let broken = [0xff_u8];
        assert_eq!(generatio_secret_new(broken.as_ptr().cast(), 1, &raw mut secret), Status::NotUtf8);
        assert!(secret.is_null());
        assert_eq!(generatio_secret_new(broken.as_ptr().cast(), usize::MAX, &raw mut secret), Status::BadArgument);
    }
}

#[test]
fn money_fits_its_buffer_or_is_refused() {
    let mut buffer = [1; 24];
    let mut total = 0;
    let mut parts = [0; 3];
    let most = [i64::MAX, 1, -1];
    // SAFETY: places of our own.
    unsafe {
        assert_eq!(generatio_usd_format(i64::MIN, buffer.as_mut_ptr(), 24), Status::Ok);
        assert_eq!(CStr::from_ptr(buffer.as_ptr()), c"-9223372036.854775808");
        assert_eq!(generatio_usd_format(9_000_000, buffer.as_mut_ptr(), 6), Status::Ok);
        assert_eq!(CStr::from_ptr(buffer.as_ptr()), c"0.009");
        assert_eq!(generatio_usd_format(9_000_000, buffer.as_mut_ptr(), 5), Status::BadArgument);
        assert_eq!(CStr::from_ptr(buffer.as_ptr()), c"");
        assert_eq!(generatio_usd_format(0, null_mut(), 0), Status::BadArgument);
        // What lies between does not matter; what does not fit does.
        assert_eq!(generatio_usd_sum(most.as_ptr(), 3, &raw mut total), Status::Ok);
        assert_eq!(total, i64::MAX);
        assert_eq!(generatio_usd_sum(most.as_ptr(), 2, &raw mut total), Status::AmountOverflow);
        assert_eq!(total, 0);
        assert_eq!(generatio_usd_split(10, parts.as_mut_ptr(), 3), Status::Ok);
    }
    assert_eq!(parts, [4, 3, 3]);
}

#[test]
fn a_session_is_sealed_and_opened_and_nothing_else_opens_it() {
    let (mut id, mut boxed, mut token) = (null_mut(), null_mut(), null_mut());
    let ((user, user_len), (secret, secret_len)) = (chars("u1"), chars("fal\0token"));
    // SAFETY: texts, handles and places of our own.
    unsafe {
        assert_eq!(generatio_session_id_new(&raw mut id), Status::Ok);
        let key = generatio_secret_view(id);
        let (data, len) = (key.data, key.len);
        let seal = |kind, out| generatio_session_seal(data, len, kind, user, user_len, 9, secret, secret_len, out);
        assert_eq!(seal(3, &raw mut boxed), Status::BadArgument);
        assert_eq!(seal(1, &raw mut boxed), Status::Ok);
        let kept = generatio_text_view(boxed);
        let open = |kind, out| generatio_session_open(data, len, kind, user, user_len, 9, kept.data, kept.len, out);
        assert_eq!(open(2, &raw mut token), Status::SessionNotFound);
        assert!(token.is_null());
        assert_eq!(open(1, &raw mut token), Status::Ok);
        assert_eq!(text(generatio_secret_view(token)), "fal\0token");
        generatio_secret_free(token);
        generatio_text_free(boxed);
        generatio_secret_free(id);
    }
}

#[test]
fn any_number_has_a_message() {
    for number in [0, 1, 204, 205, 617, 618, u32::MAX] {
        // SAFETY: a static text.
        assert!(!unsafe { CStr::from_ptr(generatio_status_message(number)) }.is_empty());
    }
}
