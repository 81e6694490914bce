//! The delay that a provider asks for before a retry.

use reqwest::header::HeaderMap;
use serde_json::Value;
use std::time::{Duration, SystemTime};

/// Reads the delay from the headers: milliseconds, else seconds, else a date.
pub(super) fn from_headers(headers: &HeaderMap) -> Option<Duration> {
    let header = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let seconds = |text: &str| text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
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

/// Reads the delay from Google's error details: `{"@type": "..RetryInfo", "retryDelay": "3.5s"}`.
pub(super) fn from_body(body: &Value) -> Option<Duration> {
    let body = body.get(0).unwrap_or(body);
    let error = body.get("error").unwrap_or(body);
    let delay = error.get("details")?.as_array()?.iter().find_map(|detail| detail.get("retryDelay")?.as_str())?;
    Duration::try_from_secs_f64(delay.strip_suffix('s')?.parse().ok()?).ok()
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
    }
}
