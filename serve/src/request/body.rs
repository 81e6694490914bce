//! The body of a request, within limits of size and time.

use crate::{failure::Failure, server::Limits};
use axum::{
    body::{Body, Bytes, HttpBody as _},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
};
use futures_util::StreamExt;
use serde::Deserialize;

/// Reads the whole body.
pub(super) async fn read(body: Body, limits: &Limits) -> Result<Bytes, Failure> {
    let large = || {
        let message = format!("the body is larger than {} bytes", limits.body);
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    };
    if usize::try_from(body.size_hint().lower()).is_ok_and(|size| size > limits.body) {
        return Err(large());
    }
    let whole = async {
        let mut chunks = body.into_data_stream();
        let mut all = Vec::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Failure::bad_request("the body ended before it was complete"))?;
            if all.len() + chunk.len() > limits.body {
                return Err(large());
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.into())
    };
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
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| Failure::unreadable("", &error))?;
    reader.end().map_err(|_| Failure::bad_request("the body is not JSON: there is more after its end"))?;
    Ok(value)
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
