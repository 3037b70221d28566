//! What calls give back: fixed numbers, core's own for core's errors.

use generatio_core::ErrorCode;
use generatio_core::cost::AmountError;
use generatio_core::fal::HostError;
use generatio_core::fal::endpoint::EndpointError;
use generatio_core::seal::{
    AccountSecretError, FormatError, IterationsError, OpenError, PasswordProblem, RandomError, ResealError, SealError,
};
use generatio_core::secret::FalKeyError;
use generatio_core::session::{OpenSessionError, SealSessionError, SessionIdError};
use generatio_core::validate::{EmailError, NameError, PromptError};
use std::ffi::{CStr, c_char};

/// What a call came to. Numbers are fixed for ever, and retired ones are not used again; later versions may add some.
/// Those from 100 on are the same in every face of Generatio: hundreds group by family, 1 general, 2 sealing,
/// 3 sessions, 4 requests, 5 money, 6 FAL.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It went well.
    Ok = 0,
    /// A fault of the library's own, which is a bug. Free the handles that took part, and use them for nothing else.
    Panic = 1,
    /// A pointer is NULL that must not be, or a number means nothing here, or a buffer is too small or a text too large.
    BadArgument = 2,
    /// A text is not UTF-8.
    NotUtf8 = 3,
    /// A text is not JSON, or not an object where one is wanted.
    NotJson = 4,
    /// Not now: the call is not over, already over, of another kind, or being run.
    OutOfTurn = 5,
    /// The caller aborted the call.
    Aborted = 6,
    /// The host's source of randomness failed.
    RandomUnavailable = 100,
    /// The text is not a sealed token.
    SealedTokenMalformed = 200,
    /// A sealed token or a setting names an iteration count outside the allowed range.
    IterationsOutOfRange = 201,
    /// The password is empty.
    PasswordEmpty = 202,
    /// The password is longer than allowed.
    PasswordTooLong = 203,
    /// The password does not open the sealed token.
    WrongPassword = 204,
    /// The password is right, the sealed bytes were altered or belong to another user.
    SealedTokenDamaged = 205,
    /// The token to seal is empty.
    TokenEmpty = 206,
    /// The token to seal is longer than allowed.
    TokenTooLong = 207,
    /// The context is longer than 256 bytes.
    ContextTooLong = 208,
    /// A FAL key holds something other than 1 to 4,096 visible ASCII characters.
    FalKeyMalformed = 209,
    /// The password is shorter than 8 characters.
    PasswordTooShort = 210,
    /// The password is among the commonly used ones.
    PasswordCommon = 211,
    /// The text is not an e-mail address.
    EmailMalformed = 212,
    /// The text is not a session id.
    SessionIdMalformed = 300,
    /// No live session has this id, for this user.
    SessionNotFound = 301,
    /// The store of sessions has no room for another.
    SessionsFull = 302,
    /// The catalog has no such model.
    ModelUnknown = 400,
    /// The prompt is missing or blank.
    PromptMissing = 401,
    /// The prompt is longer than the model or the product allows.
    PromptTooLong = 402,
    /// The prompt is shorter than the model allows.
    PromptTooShort = 403,
    /// The model has no such parameter.
    ParameterUnknown = 410,
    /// A parameter has the wrong JSON type.
    ParameterType = 411,
    /// A parameter is outside its range.
    ParameterRange = 412,
    /// A parameter is not among its options.
    ParameterOption = 413,
    /// A width, height or number of pixels is out of bounds.
    ParameterSize = 414,
    /// The parameter exists at FAL and is refused here.
    ParameterRefused = 415,
    /// A catalog file is not valid.
    CatalogMalformed = 420,
    /// A name is missing or blank.
    NameMissing = 430,
    /// A name is longer than 200 characters.
    NameTooLong = 431,
    /// The text is not an amount of money or a number of units.
    AmountMalformed = 500,
    /// An amount does not fit.
    AmountOverflow = 501,
    /// FAL refused the key (401).
    FalKeyRefused = 600,
    /// FAL refused access (403): no credit left, or the key may not use this model.
    FalAccessDenied = 601,
    /// FAL knows no such application, path or request (404, 405).
    FalNotFound = 602,
    /// FAL refused the input (400, 422).
    FalInputRefused = 603,
    /// FAL asked to slow down (429).
    FalBusy = 604,
    /// FAL or a proxy before it failed (5xx, or an answer that is not FAL's).
    FalUnavailable = 605,
    /// FAL could not be reached; the request certainly never left.
    FalUnreachable = 606,
    /// The connection failed after the request may have left.
    FalInterrupted = 607,
    /// The deadline passed.
    FalTimeout = 608,
    /// FAL's answer does not follow its protocol.
    FalProtocol = 609,
    /// FAL's answer is larger than allowed.
    FalAnswerTooLarge = 610,
    /// FAL no longer has the result.
    FalResultExpired = 611,
    /// The request was canceled.
    FalCanceled = 612,
    /// An address points away from FAL.
    FalHostRefused = 613,
    /// FAL completed the request without a single picture.
    FalNoPictures = 614,
    /// No key of FAL's signed this webhook.
    WebhookSignature = 615,
    /// FAL signed this webhook too long ago, or a clock is wrong.
    WebhookExpired = 616,
    /// The request is not a webhook of FAL's form.
    WebhookMalformed = 617,
}

impl Status {
    /// Every status with what it means, in the order of the numbers.
    pub(crate) const ALL: &[(Self, &CStr)] = &[
        (Self::Ok, c"it went well"),
        (Self::Panic, c"a fault of the library's own"),
        (Self::BadArgument, c"a pointer, a number or a size cannot be right"),
        (Self::NotUtf8, c"a text is not UTF-8"),
        (Self::NotJson, c"a text is not JSON, or not an object"),
        (Self::OutOfTurn, c"the call is not over, already over, of another kind, or being run"),
        (Self::Aborted, c"the call was aborted"),
        (Self::RandomUnavailable, c"the host's source of randomness failed"),
        (Self::SealedTokenMalformed, c"the text is not a sealed token"),
        (Self::IterationsOutOfRange, c"a sealed token or a setting names an iteration count outside the allowed range"),
        (Self::PasswordEmpty, c"the password is empty"),
        (Self::PasswordTooLong, c"the password is longer than allowed"),
        (Self::WrongPassword, c"the password does not open the sealed token"),
        (Self::SealedTokenDamaged, c"the password is right, the sealed bytes were altered or belong to another user"),
        (Self::TokenEmpty, c"the token to seal is empty"),
        (Self::TokenTooLong, c"the token to seal is longer than allowed"),
        (Self::ContextTooLong, c"the context is longer than 256 bytes"),
        (Self::FalKeyMalformed, c"a FAL key holds something other than 1 to 4,096 visible ASCII characters"),
        (Self::PasswordTooShort, c"the password is shorter than 8 characters"),
        (Self::PasswordCommon, c"the password is among the commonly used ones"),
        (Self::EmailMalformed, c"the text is not an e-mail address"),
        (Self::SessionIdMalformed, c"the text is not a session id"),
        (Self::SessionNotFound, c"no live session has this id, for this user"),
        (Self::SessionsFull, c"the store of sessions has no room for another"),
        (Self::ModelUnknown, c"the catalog has no such model"),
        (Self::PromptMissing, c"the prompt is missing or blank"),
        (Self::PromptTooLong, c"the prompt is longer than the model or the product allows"),
        (Self::PromptTooShort, c"the prompt is shorter than the model allows"),
        (Self::ParameterUnknown, c"the model has no such parameter"),
        (Self::ParameterType, c"a parameter has the wrong JSON type"),
        (Self::ParameterRange, c"a parameter is outside its range"),
        (Self::ParameterOption, c"a parameter is not among its options"),
        (Self::ParameterSize, c"a width, height or number of pixels is out of bounds"),
        (Self::ParameterRefused, c"the parameter exists at FAL and is refused here"),
        (Self::CatalogMalformed, c"a catalog file is not valid"),
        (Self::NameMissing, c"a name is missing or blank"),
        (Self::NameTooLong, c"a name is longer than 200 characters"),
        (Self::AmountMalformed, c"the text is not an amount of money or a number of units"),
        (Self::AmountOverflow, c"an amount does not fit"),
        (Self::FalKeyRefused, c"FAL refused the key (401)"),
        (Self::FalAccessDenied, c"FAL refused access (403): no credit left, or the key may not use this model"),
        (Self::FalNotFound, c"FAL knows no such application, path or request (404, 405)"),
        (Self::FalInputRefused, c"FAL refused the input (400, 422)"),
        (Self::FalBusy, c"FAL asked to slow down (429)"),
        (Self::FalUnavailable, c"FAL or a proxy before it failed (5xx, or an answer that is not FAL's)"),
        (Self::FalUnreachable, c"FAL could not be reached; the request certainly never left"),
        (Self::FalInterrupted, c"the connection failed after the request may have left"),
        (Self::FalTimeout, c"the deadline passed"),
        (Self::FalProtocol, c"FAL's answer does not follow its protocol"),
        (Self::FalAnswerTooLarge, c"FAL's answer is larger than allowed"),
        (Self::FalResultExpired, c"FAL no longer has the result"),
        (Self::FalCanceled, c"the request was canceled"),
        (Self::FalHostRefused, c"an address points away from FAL"),
        (Self::FalNoPictures, c"FAL completed the request without a single picture"),
        (Self::WebhookSignature, c"no key of FAL's signed this webhook"),
        (Self::WebhookExpired, c"FAL signed this webhook too long ago, or a clock is wrong"),
        (Self::WebhookMalformed, c"the request is not a webhook of FAL's form"),
    ];

    /// The number.
    pub(crate) const fn number(self) -> u32 {
        self as u32
    }

    /// What it means, for people.
    pub(crate) fn message(self) -> &'static CStr {
        message_of(self.number()).unwrap_or(UNKNOWN)
    }
}

const UNKNOWN: &CStr = c"unknown status";

fn message_of(number: u32) -> Option<&'static CStr> {
    Status::ALL.iter().find(|(status, _)| status.number() == number).map(|(_, message)| *message)
}

/// What a status means, in English, for developers: a static text, never NULL. Other numbers than those of
/// `generatio_status` give "unknown status". Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn generatio_status_message(status: u32) -> *const c_char {
    message_of(status).unwrap_or(UNKNOWN).as_ptr()
}

/// The stable name that the other faces of Generatio give the same error, such as "wrong_password": a static text, never
/// NULL. Empty for statuses below 100 and unknown numbers. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn generatio_status_name(status: u32) -> *const c_char {
    NAMES.iter().find(|(known, _)| known.number() == status).map_or(c"", |(_, name)| *name).as_ptr()
}

const NAMES: &[(Status, &CStr)] = &[
    (Status::RandomUnavailable, c"random_unavailable"),
    (Status::SealedTokenMalformed, c"sealed_token_malformed"),
    (Status::IterationsOutOfRange, c"iterations_out_of_range"),
    (Status::PasswordEmpty, c"password_empty"),
    (Status::PasswordTooLong, c"password_too_long"),
    (Status::WrongPassword, c"wrong_password"),
    (Status::SealedTokenDamaged, c"sealed_token_damaged"),
    (Status::TokenEmpty, c"token_empty"),
    (Status::TokenTooLong, c"token_too_long"),
    (Status::ContextTooLong, c"context_too_long"),
    (Status::FalKeyMalformed, c"fal_key_malformed"),
    (Status::PasswordTooShort, c"password_too_short"),
    (Status::PasswordCommon, c"password_common"),
    (Status::EmailMalformed, c"email_malformed"),
    (Status::SessionIdMalformed, c"session_id_malformed"),
    (Status::SessionNotFound, c"session_not_found"),
    (Status::SessionsFull, c"sessions_full"),
    (Status::ModelUnknown, c"model_unknown"),
    (Status::PromptMissing, c"prompt_missing"),
    (Status::PromptTooLong, c"prompt_too_long"),
    (Status::PromptTooShort, c"prompt_too_short"),
    (Status::ParameterUnknown, c"parameter_unknown"),
    (Status::ParameterType, c"parameter_type"),
    (Status::ParameterRange, c"parameter_range"),
    (Status::ParameterOption, c"parameter_option"),
    (Status::ParameterSize, c"parameter_size"),
    (Status::ParameterRefused, c"parameter_refused"),
    (Status::CatalogMalformed, c"catalog_malformed"),
    (Status::NameMissing, c"name_missing"),
    (Status::NameTooLong, c"name_too_long"),
    (Status::AmountMalformed, c"amount_malformed"),
    (Status::AmountOverflow, c"amount_overflow"),
    (Status::FalKeyRefused, c"fal_key_refused"),
    (Status::FalAccessDenied, c"fal_access_denied"),
    (Status::FalNotFound, c"fal_not_found"),
    (Status::FalInputRefused, c"fal_input_refused"),
    (Status::FalBusy, c"fal_busy"),
    (Status::FalUnavailable, c"fal_unavailable"),
    (Status::FalUnreachable, c"fal_unreachable"),
    (Status::FalInterrupted, c"fal_interrupted"),
    (Status::FalTimeout, c"fal_timeout"),
    (Status::FalProtocol, c"fal_protocol"),
    (Status::FalAnswerTooLarge, c"fal_answer_too_large"),
    (Status::FalResultExpired, c"fal_result_expired"),
    (Status::FalCanceled, c"fal_canceled"),
    (Status::FalHostRefused, c"fal_host_refused"),
    (Status::FalNoPictures, c"fal_no_pictures"),
    (Status::WebhookSignature, c"webhook_signature"),
    (Status::WebhookExpired, c"webhook_expired"),
    (Status::WebhookMalformed, c"webhook_malformed"),
];

impl From<ErrorCode> for Status {
    fn from(code: ErrorCode) -> Self {
        let found = Self::ALL.iter().find(|(status, _)| status.number() == code.as_u32());
        // A code that core has and this table lacks; a test sees to it that there is none.
        found.map_or(Self::Panic, |(status, _)| *status)
    }
}

macro_rules! statuses_of {
    ($($error:ty),+ $(,)?) => {
        $(impl From<$error> for Status {
            fn from(error: $error) -> Self {
                error.code().into()
            }
        })+
    };
}

statuses_of! {
    AccountSecretError, AmountError, EmailError, FalKeyError, FormatError, HostError, IterationsError, NameError,
    OpenError, OpenSessionError, PasswordProblem, PromptError, RandomError, ResealError, SealError, SealSessionError,
    SessionIdError,
}

impl From<EndpointError> for Status {
    fn from(_: EndpointError) -> Self {
        Self::BadArgument
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_cores_has_its_number_and_name() {
        for code in ErrorCode::ALL {
            let status = Status::from(*code);
            assert_eq!(status.number(), code.as_u32(), "{code:?}");
            assert_eq!(format!("{status:?}"), format!("{code:?}"));
            let name = NAMES.iter().find(|(known, _)| *known == status).unwrap().1;
            assert_eq!(name.to_str().unwrap(), code.as_str());
        }
        assert_eq!(NAMES.len(), ErrorCode::ALL.len());
        let own = Status::ALL.iter().filter(|(status, _)| status.number() < 100).count();
        assert_eq!(Status::ALL.len(), ErrorCode::ALL.len() + own);
        assert!(Status::ALL.is_sorted_by_key(|(status, _)| status.number()));
    }
}
