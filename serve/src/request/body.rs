//! The body of a request, within limits of size and time.

use crate::{failure::Failure, server::Limits};
use axum::{
    body::{Body, Bytes, HttpBody as _},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
};
use futures_util::{FutureExt, StreamExt};
use serde::Deserialize;
use std::pin::pin;

/// Reads the whole body.
pub(super) async fn read(body: Body, limits: &Limits) -> Result<Bytes, Failure> {
    let large = || {
        let message = format!("the body is larger than {} bytes", limits.body);
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    };
    if usize::try_from(body.size_hint().lower()).is_ok_and(|size| size > limits.body) {
        return Err(large());
    }
    let mut whole = pin!(async {
        let mut chunks = body.into_data_stream();
        // Most bodies are one chunk, which is not copied.
        let (mut first, mut all) = (Bytes::new(), Vec::new());
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Failure::bad_request("the body ended before it was complete"))?;
            if first.len().max(all.len()) + chunk.len() > limits.body {
                return Err(large());
            }
            if first.is_empty() {
                first = chunk;
            } else {
                if all.is_empty() {
                    all.extend_from_slice(&first);
                }
                all.extend_from_slice(&chunk);
            }
        }
        Ok(if all.is_empty() { first } else { all.into() })
    });
    // A body that came with its request needs no timer.
    if let Some(whole) = whole.as_mut().now_or_never() {
        return whole;
    }
    let late = |_| Failure::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the body did not arrive in time");
    tokio::time::timeout(limits.body_time, whole).await.map_err(late)?
}

/// Reads JSON as a value, with the place of what is wrong in it.
pub(crate) fn read_json<'de, T: Deserialize<'de>>(headers: &HeaderMap, body: &'de [u8]) -> Result<T, Failure> {
    let given = headers.get(CONTENT_TYPE).map(|given| given.to_str().unwrap_or_default());
    // A page of another origin may send other types without asking first.
    if let Some(given) = given
        && !is_json(given)
    {
        let message = "the body has to be JSON: `content-type: application/json`";
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message));
    }
    if let Ok(value) = serde_json::from_slice(body) {
        return Ok(value);
    }
    // Once more, for the place of what is wrong, which is not cheap to keep track of.
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| Failure::unreadable("", &error))?;
    reader.end().map_err(|_| Failure::bad_request("the body is not JSON: there is more after its end"))?;
    Ok(value)
}

fn is_json(content_type: &str) -> bool {
    if content_type == "application/json" {
        return true;
    }
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.split_once('/').filter(|(ty, _)| ty.eq_ignore_ascii_case("application"));
    essence.is_some_and(|(_, ty)| {
        let suffix = ty.rsplit_once('+').map_or(ty, |(_, suffix)| suffix);
        suffix.eq_ignore_ascii_case("json")
    })
}
