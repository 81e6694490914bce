//! The delay that a provider asks for before a retry.

use reqwest::header::HeaderMap;
use serde_json::Value;
use std::time::{Duration, SystemTime};

/// Reads the delay from the headers: milliseconds, else seconds, else a date.
pub(super) fn from_headers(headers: &HeaderMap) -> Option<Duration> {
    let header = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let seconds = |text: &str| {
        let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let is_known = ["", "s", "sec", "seconds"].contains(&&text[number.len()..]);
        let number = number.trim_end().parse().ok().filter(|_| is_known);
        number.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    };
    let until = |date: &str| {
        let date = httpdate::parse_http_date(date).ok()?;
        // Relative to the server's clock, which need not be right.
        let now = header("date").and_then(|now| httpdate::parse_http_date(now).ok());
        Some(date.duration_since(now.unwrap_or_else(SystemTime::now)).unwrap_or_default())
    };
    let millis = header("retry-after-ms").and_then(|text| text.parse::<f64>().ok());
    let millis = millis.and_then(|millis| Duration::try_from_secs_f64(millis / 1000.0).ok());
    millis.or_else(|| header("retry-after").and_then(|text| seconds(text).or_else(|| until(text))))
}

/// Reads the delay from the fields of an error: `retry_after`, `retry_after_ms`, `resets_in_seconds`, and Google's
/// details, `{"@type": "..RetryInfo", "retryDelay": "3.5s"}`.
pub(super) fn from_body(body: &Value) -> Option<Duration> {
    let body = body.get(0).unwrap_or(body);
    let error = body.get("error").filter(|error| error.is_object()).unwrap_or(body);
    let number = |key: &str, unit: f64| {
        let value = error.get(key).or_else(|| body.get(key)).or_else(|| error.pointer("/metadata")?.get(key))?;
        let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
        Duration::try_from_secs_f64(number * unit).ok()
    };
    let details = || {
        let details = error.get("details")?.as_array()?;
        let delay = details.iter().find_map(|detail| detail.get("retryDelay")?.as_str())?;
        Duration::try_from_secs_f64(delay.strip_suffix('s')?.parse().ok()?).ok()
    };
    details()
        .or_else(|| number("retry_after_ms", 0.001))
        .or_else(|| number("retry_after", 1.0))
        .or_else(|| number("retry_after_seconds", 1.0))
        .or_else(|| number("resets_in_seconds", 1.0))
}

/// Reads the delay from a message: "Please try again in 6m0s.", "retry after 20 seconds", "try again in 350ms".
pub(super) fn from_words(message: &str) -> Option<Duration> {
    const BEFORE: [&str; 5] = ["try again in ", "retry in ", "retry after ", "try again after ", "wait "];
    let message = message.to_ascii_lowercase();
    let after = BEFORE.iter().find_map(|words| message.split_once(words)).map(|(_, after)| after)?;
    let mut rest = after.strip_prefix("about ").unwrap_or(after);
    let mut total = None;
    loop {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let Ok(number) = rest[..digits].parse::<f64>() else { break };
        let unit = rest[digits..].trim_start();
        let letters = unit.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(unit.len());
        let seconds = match &unit[..letters] {
            "ms" | "millisecond" | "milliseconds" => 0.001,
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hour" | "hours" => 3600.0,
            "d" | "day" | "days" => 86_400.0,
            _ => break,
        };
        total = Some(total.unwrap_or(0.0) + number * seconds);
        rest = unit[letters..].trim_start();
    }
    Duration::try_from_secs_f64(total?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderName;
    use serde_json::json;

    #[test]
    fn every_form_is_read() {
        type Headers = &'static [(&'static str, &'static str)];
        let cases: [(Headers, Option<f64>); 7] = [
            (&[], None),
            (&[("retry-after", "2")], Some(2.0)),
            (&[("retry-after", "0.25")], Some(0.25)),
            (&[("retry-after", "1"), ("retry-after-ms", "50")], Some(0.05)),
            (
                &[("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT"), ("date", "Wed, 21 Oct 2015 07:28:00 GMT")],
                Some(30.0),
            ),
            (&[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")], Some(0.0)),
            (&[("retry-after", "-3"), ("retry-after-ms", "soon")], None),
        ];
        for (given, wanted) in cases {
            let headers =
                given.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
            assert_eq!(from_headers(&headers), wanted.map(Duration::from_secs_f64), "{given:?}");
        }
        let body = json!([{"error": {"details": [{"reason": "X"}, {"retryDelay": "3.5s"}]}}]);
        assert_eq!(from_body(&body), Some(Duration::from_millis(3500)));
        for (body, seconds) in [
            (json!({"error": {"type": "usage_limit_reached", "resets_in_seconds": 90}}), 90.0),
            (json!({"error": {"message": "Slow", "retry_after_ms": "250"}}), 0.25),
            (json!({"error": {"metadata": {"retry_after": 4}}}), 4.0),
            (json!({"error": "Slow", "retry_after": 7}), 7.0),
        ] {
            assert_eq!(from_body(&body), Some(Duration::from_secs_f64(seconds)), "{body}");
        }
    }

    #[test]
    fn the_words_of_a_message_are_read() {
        for (message, seconds) in [
            ("Rate limit reached: Limit 15000, Used 11972. Please try again in 5.289s. Visit https://x", Some(5.289)),
            ("Rate limit reached. Please try again in 6m0s.", Some(360.0)),
            ("Please try again in 1h2m3s", Some(3723.0)),
            ("Limit 3 / min. Please try again in 350ms.", Some(0.35)),
            ("exceeded call rate limit. Please retry after 20 seconds.", Some(20.0)),
            ("Quota exceeded. Please retry in 36.553s.", Some(36.553)),
            ("Please wait 1 minute 30 seconds", Some(90.0)),
            ("Please try again in a moment", None),
            ("Please try again later", None),
            ("try again in 5 apples", None),
        ] {
            assert_eq!(from_words(message), seconds.map(Duration::from_secs_f64), "{message}");
        }
    }

    #[test]
    fn seconds_may_have_a_unit() {
        let headers = |value: &str| {
            [("retry-after", value)]
                .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
                .into_iter()
                .collect()
        };
        assert_eq!(from_headers(&headers("3s")), Some(Duration::from_secs(3)));
        assert_eq!(from_headers(&headers("1.5 seconds")), Some(Duration::from_millis(1500)));
    }
}
