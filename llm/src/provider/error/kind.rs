//! The kinds of errors, by the words of providers.

use catena::ErrorKind;

/// Words that are a part of codes and types. The first line that has one decides.
const CODES: [(&[&str], Class); 5] = [
    (
        &["ratelimit", "throttl", "toomanyrequests", "resourceexhausted", "quota", "insufficientbalance", "usagelimit"],
        Class::Rate,
    ),
    (
        &[
            "authentication",
            "permission",
            "apikeyinvalid",
            "invalidapikey",
            "incorrectapikey",
            "unauthenticated",
            "unauthorized",
            "forbidden",
            "accessdenied",
        ],
        Class::Auth,
    ),
    (
        &[
            "invalidrequest",
            "badrequest",
            "notfound",
            "toolarge",
            "contextlength",
            "contextsize",
            "contextwindow",
            "invalidargument",
            "failedprecondition",
            "outofrange",
            "validation",
            "invalidparameter",
            "missingparameter",
            "invalidprompt",
            "invalidinput",
            "contentfilter",
            "contentpolicy",
            "datainspection",
            "unprocessable",
            "unsupported",
        ],
        Class::Input,
    ),
    (
        &[
            "overloaded",
            "servererror",
            "apierror",
            "timeout",
            "timedout",
            "unavailable",
            "internal",
            "deadlineexceeded",
        ],
        Class::Server,
    ),
    (&["billing", "insufficientcredits", "arrearage"], Class::Rate),
];

/// Words that are a part of messages, for errors without a code that is known.
const MESSAGES: [(&[&str], Class); 3] = [
    (&["ratelimit", "toomanyrequests", "insufficientbalance", "insufficientcredit"], Class::Rate),
    (&["invalidapikey", "incorrectapikey", "apikeynotvalid", "unauthorized"], Class::Auth),
    (
        &["contextlength", "contextsize", "contextwindow", "maximumcontext", "promptistoolong", "doesnotexist"],
        Class::Input,
    ),
];

/// Parts of codes and messages of accounts that have to be paid for.
const OUT_OF_MONEY: [&str; 10] = [
    "insufficientquota",
    "insufficientbalance",
    "insufficientcredit",
    "insufficientfunds",
    "billingerror",
    "billingnotactive",
    "billinghardlimit",
    "exceededcurrentquotaerror",
    "arrearage",
    "creditbalanceistoolow",
];

#[derive(Clone, Copy)]
enum Class {
    Auth,
    Rate,
    Input,
    Server,
}

impl From<Class> for ErrorKind {
    fn from(class: Class) -> Self {
        match class {
            Class::Auth => ErrorKind::Auth,
            Class::Rate => ErrorKind::RateLimited { retry_after: None },
            Class::Input => ErrorKind::BadInput,
            Class::Server => ErrorKind::Unavailable { retry_after: None },
        }
    }
}

/// Returns the kind of a code, a type or a status.
pub(super) fn of_code(code: &str) -> Option<ErrorKind> {
    if let Ok(number) = code.parse::<u32>() {
        return of_number(number).map(ErrorKind::from);
    }
    of(&CODES, code)
}

/// Returns the kind that a message indicates.
pub(super) fn of_message(message: &str) -> Option<ErrorKind> {
    of(&MESSAGES, message)
}

/// Returns whether a code is that of an account that has to be paid for.
pub(super) fn is_out_of_money(code: &str) -> bool {
    // The last two are those of `MiniMax` and Zhipu.
    matches!(code, "402" | "1008" | "1113") || says_out_of_money(code)
}

/// Returns whether a message says that the account has to be paid for.
pub(super) fn says_out_of_money(message: &str) -> bool {
    let letters = letters(message);
    OUT_OF_MONEY.iter().any(|known| letters.contains(known))
}

fn of(table: &[(&[&str], Class)], text: &str) -> Option<ErrorKind> {
    let letters = letters(text);
    let line = table.iter().find(|(words, _)| words.iter().any(|word| letters.contains(word)))?;
    Some(line.1.into())
}

/// Returns the kind of a status of HTTP, or of a code of `MiniMax` or Zhipu.
fn of_number(number: u32) -> Option<Class> {
    Some(match number {
        401 | 403 | 1004 | 2049 => Class::Auth,
        429 | 1002 | 1008 | 1039 | 1041 | 1113 | 1302 => Class::Rate,
        408 | 409 | 425 | 498 | 499 | 500..=599 | 1000 | 1001 | 1013 | 1024 | 1033 => Class::Server,
        400..=499 | 1026 | 1027 | 1301 | 2013 => Class::Input,
        _ => return None,
    })
}

/// Returns the letters of a text, so that `RateLimitError` and `rate_limit_error` are alike.
fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_many_servers_are_known() {
        for (codes, kind) in [
            (
                "authentication_error permission_error invalid_api_key UNAUTHENTICATED API_KEY_INVALID 401 InvalidApiKey",
                "auth",
            ),
            (
                "rate_limit_error RESOURCE_EXHAUSTED insufficient_quota Throttling.RateQuota 429 ThrottlingException",
                "rate_limited",
            ),
            (
                "invalid_request_error not_found_error model_not_found BadRequestError InvalidParameter 402 validation",
                "bad_input",
            ),
            (
                "context_length_exceeded exceed_context_size_error INVALID_ARGUMENT invalid_prompt content_filter",
                "bad_input",
            ),
            (
                "overloaded_error engine_overloaded_error server_error UNAVAILABLE 503 529 InternalServerError",
                "unavailable",
            ),
        ] {
            for code in codes.split(' ') {
                assert_eq!(of_code(code).map_or("", |kind| kind.name()), kind, "{code}");
            }
        }
        for unknown in ["error", "tokens", "", "7", "upstream"] {
            assert!(of_code(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn accounts_without_money_are_known() {
        for code in ["insufficient_quota", "exceeded_current_quota_error", "Arrearage", "402", "INSUFFICIENT_BALANCE"] {
            assert!(is_out_of_money(code), "{code}");
        }
        assert!(says_out_of_money("Your credit balance is too low to access the API"));
        // Google says so when a limit per minute is reached too.
        assert!(!says_out_of_money("You exceeded your current quota, please check your plan and billing details."));
    }
}
