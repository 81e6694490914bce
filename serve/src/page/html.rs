//! The page as one file, which fetches nothing but its runs.

use crate::request::Door;
use axum::{
    extract::State,
    http::{
        HeaderValue,
        header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    response::{Html, IntoResponse, Response},
};
use catena::{__private::escape, RunId};
use std::sync::Arc;

/// The page of a chain.
pub(super) async fn page(State(door): State<Arc<Door>>) -> Response {
    let served = &door.served;
    let nonce = format!("{:032x}", RunId::random().as_u128());
    let name = escape(&served.name);
    let description = served.description.as_deref().map(|text| format!("<p>{}</p>", escape(text))).unwrap_or_default();
    // `<` would end the element that the schema stands in.
    let schema = served.input_schema().to_string().replace('<', "\\u003c");
    let picture = served.graph().svg();
    let (style, script) = (include_str!("page.css"), include_str!("page.js"));
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{name}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <style>{style}</style></head><body><main><h1>{name}</h1>{description}\
         <figure id=\"picture\" aria-label=\"The chain\" tabindex=\"0\">{picture}</figure>\
         <form id=\"form\"><div id=\"fields\"></div><p><button id=\"run\">Run</button> \
         <button id=\"stop\" type=\"button\" hidden>Stop</button> <span id=\"state\" role=\"status\"></span></p></form>\
         <section aria-labelledby=\"out\"><h2 id=\"out\">Output</h2><pre id=\"output\" aria-live=\"polite\" tabindex=\"0\"></pre>\
         <p id=\"error\" role=\"alert\" hidden></p></section>\
         <section aria-labelledby=\"past\"><h2 id=\"past\">Runs</h2><ol id=\"runs\" reversed></ol></section></main>\
         <script type=\"application/json\" id=\"schema\">{schema}</script><script nonce=\"{nonce}\">{script}</script></body></html>\n"
    );
    secured(html, &format!("script-src 'nonce-{nonce}'; connect-src 'self'"))
}

/// A page that may load nothing from elsewhere, nor stand in a page of another origin.
pub(super) fn secured(html: String, scripts: &str) -> Response {
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; {scripts}; base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
