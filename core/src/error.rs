//! The codes every surface carries: fixed strings for JSON and JavaScript, fixed numbers for C.

/// Declares the codes once; the strings, the numbers and [`ErrorCode::ALL`] cannot part.
macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal;)+) => {
        /// Why something was refused or failed. Numbers and strings are fixed for ever; retired ones are not reused.
        ///
        /// Hundreds group by family: 1 general, 2 sealing, 3 sessions, 4 requests, 5 money, 6 FAL.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $name = $number,)+
        }

        impl ErrorCode {
            /// Every code, in the order of their numbers.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$name,)+];

            /// The stable text, `snake_case`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$name => $text,)+ }
            }

            /// The stable number.
            #[must_use]
            pub const fn as_u32(self) -> u32 {
                match self { $(ErrorCode::$name => $number,)+ }
            }
        }
    };
}

error_codes! {
    /// The host's source of randomness failed.
    RandomUnavailable = 100, "random_unavailable";

    /// The text is not a sealed token.
    SealedTokenMalformed = 200, "sealed_token_malformed";
    /// A sealed token or a setting names an iteration count outside the allowed range.
    IterationsOutOfRange = 201, "iterations_out_of_range";
    /// The password is empty.
    PasswordEmpty = 202, "password_empty";
    /// The password is longer than allowed.
    PasswordTooLong = 203, "password_too_long";
    /// The password does not open the sealed token.
    WrongPassword = 204, "wrong_password";
    /// The password is right, the sealed bytes were altered or belong to another user.
    SealedTokenDamaged = 205, "sealed_token_damaged";
    /// The token to seal is empty.
    TokenEmpty = 206, "token_empty";
    /// The token to seal is longer than allowed.
    TokenTooLong = 207, "token_too_long";
    /// The context is longer than 256 bytes.
    ContextTooLong = 208, "context_too_long";
    /// A FAL key holds something other than 1 to 4,096 visible ASCII characters.
    FalKeyMalformed = 209, "fal_key_malformed";
    /// The password is shorter than 8 characters.
    PasswordTooShort = 210, "password_too_short";
    /// The password is among the commonly used ones.
    PasswordCommon = 211, "password_common";
    /// The text is not an e-mail address.
    EmailMalformed = 212, "email_malformed";

    /// The text is not a session id.
    SessionIdMalformed = 300, "session_id_malformed";
    /// No live session has this id, for this user.
    SessionNotFound = 301, "session_not_found";
    /// The store of sessions has no room for another.
    SessionsFull = 302, "sessions_full";

    /// The catalog has no such model.
    ModelUnknown = 400, "model_unknown";
    /// The prompt is missing or blank.
    PromptMissing = 401, "prompt_missing";
    /// The prompt is longer than the model or the product allows.
    PromptTooLong = 402, "prompt_too_long";
    /// The prompt is shorter than the model allows.
    PromptTooShort = 403, "prompt_too_short";
    /// The model has no such parameter.
    ParameterUnknown = 410, "parameter_unknown";
    /// A parameter has the wrong JSON type.
    ParameterType = 411, "parameter_type";
    /// A parameter is outside its range.
    ParameterRange = 412, "parameter_range";
    /// A parameter is not among its options.
    ParameterOption = 413, "parameter_option";
    /// A width, height or number of pixels is out of bounds.
    ParameterSize = 414, "parameter_size";
    /// The parameter exists at FAL and is refused here.
    ParameterRefused = 415, "parameter_refused";
    /// A catalog file is not valid.
    CatalogMalformed = 420, "catalog_malformed";
    /// A name is missing or blank.
    NameMissing = 430, "name_missing";
    /// A name is longer than 200 characters.
    NameTooLong = 431, "name_too_long";

    /// The text is not an amount of money or a number of units.
    AmountMalformed = 500, "amount_malformed";
    /// An amount does not fit.
    AmountOverflow = 501, "amount_overflow";

    /// FAL refused the key (401).
    FalKeyRefused = 600, "fal_key_refused";
    /// FAL refused access (403): no credit left, or the key may not use this model.
    FalAccessDenied = 601, "fal_access_denied";
    /// FAL knows no such application, path or request (404, 405).
    FalNotFound = 602, "fal_not_found";
    /// FAL refused the input (400, 422).
    FalInputRefused = 603, "fal_input_refused";
    /// FAL asked to slow down (429).
    FalBusy = 604, "fal_busy";
    /// FAL or a proxy before it failed (5xx, or an answer that is not FAL's).
    FalUnavailable = 605, "fal_unavailable";
    /// FAL could not be reached; the request certainly never left.
    FalUnreachable = 606, "fal_unreachable";
    /// The connection failed after the request may have left.
    FalInterrupted = 607, "fal_interrupted";
    /// The deadline passed.
    FalTimeout = 608, "fal_timeout";
    /// FAL's answer does not follow its protocol.
    FalProtocol = 609, "fal_protocol";
    /// FAL's answer is larger than allowed.
    FalAnswerTooLarge = 610, "fal_answer_too_large";
    /// FAL no longer has the result.
    FalResultExpired = 611, "fal_result_expired";
    /// The request was canceled.
    FalCanceled = 612, "fal_canceled";
    /// An address points away from FAL.
    FalHostRefused = 613, "fal_host_refused";
    /// FAL completed the request without a single picture.
    FalNoPictures = 614, "fal_no_pictures";
    /// No key of FAL's signed this webhook.
    WebhookSignature = 615, "webhook_signature";
    /// FAL signed this webhook too long ago, or a clock is wrong.
    WebhookExpired = 616, "webhook_expired";
    /// The request is not a webhook of FAL's form.
    WebhookMalformed = 617, "webhook_malformed";
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;
    use std::collections::HashSet;

    #[test]
    fn strings_and_numbers_are_unique_and_ordered() {
        let strings: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(strings.len(), ErrorCode::ALL.len());
        assert!(ErrorCode::ALL.windows(2).all(|pair| pair[0].as_u32() < pair[1].as_u32()));
    }
}
