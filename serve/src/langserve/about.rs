//! Properties of a chain that need no run: its schemas and its graph.

use crate::{chain::Served, failure::Failure, request::Door};
use axum::{
    Json,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use catena::Format;
use serde_json::Value;
use std::sync::Arc;

pub(super) async fn input_schema(State(door): State<Arc<Door>>) -> Response {
    Json(door.served.input_schema()).into_response()
}

pub(super) async fn output_schema(State(door): State<Arc<Door>>) -> Response {
    Json(door.served.output_schema()).into_response()
}

pub(super) async fn config_schema(State(door): State<Arc<Door>>) -> Result<Json<Value>, Failure> {
    settings_schema(&door).map(Json)
}

/// The schema of the settings that a client may make.
pub(crate) fn settings_schema(door: &Door) -> Result<Value, Failure> {
    let mut schema = door.served.chain.config_schema().map_err(|error| Failure::of_run(&error, false))?;
    schema["properties"]["max_concurrency"]["minimum"] = 1.into();
    schema["properties"]["recursion_limit"]["maximum"] = door.gate.limits.recursion.into();
    Ok(schema)
}

/// `graph?format=svg`, or by the header `Accept`; JSON by default.
pub(super) async fn graph(
    State(door): State<Arc<Door>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    format(query.as_deref(), &headers).map(|format| drawn(&door.served, format))
}

fn format(query: Option<&str>, headers: &HeaderMap) -> Result<Format, Failure> {
    if let Some(name) =
        query.into_iter().flat_map(|query| query.split('&')).find_map(|pair| pair.strip_prefix("format="))
    {
        return name
            .parse()
            .map_err(|error: catena::Error| Failure::unprocessable(error.message().to_owned()).at("format"));
    }
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let wanted =
        accept.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim()).find_map(|kind| match kind {
            "application/json" => Some(Format::Json),
            "image/svg+xml" => Some(Format::Svg),
            "text/plain" => Some(Format::Text),
            _ => None,
        });
    Ok(wanted.unwrap_or(Format::Json))
}

fn drawn(served: &Served, format: Format) -> Response {
    let kind = match format {
        Format::Json => "application/json",
        Format::Svg => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
    let mut response = served.graph().draw(format).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A picture opened by itself runs nothing.
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
