//! The OpenAPI document of all doors.
//!
//! | file | contents |
//! |---|---|
//! | this file | the document, and its route |
//! | `operation` | [`Operation`]: one method of one path |
//! | `chain` | the paths of one chain |
//! | `shared` | the paths of all chains together |
//! | `components` | the schemas that the parts of the document refer to |

mod chain;
mod components;
mod operation;
mod shared;

use crate::request::{Door, get};
use axum::{
    Router,
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use components::Components;
use operation::Operation;
use serde_json::{Map, Value, json};
use std::sync::{Arc, OnceLock};

/// The document, which is written when it is first asked for.
struct Document {
    title: Option<String>,
    doors: Vec<Arc<Door>>,
    written: OnceLock<Arc<str>>,
}

/// Returns the route of the document.
pub(crate) fn routes(title: Option<String>, doors: Vec<Arc<Door>>) -> Router {
    let document = Document { title, doors, written: OnceLock::new() };
    Router::new().route("/openapi.json", get(answer)).with_state(Arc::new(document))
}

async fn answer(State(document): State<Arc<Document>>) -> Response {
    let json = document.written.get_or_init(|| document.json().to_string().into());
    ([(CONTENT_TYPE, "application/json")], json.to_string()).into_response()
}

impl Document {
    fn json(&self) -> Value {
        let mut components = Components::new();
        let mut paths = Map::new();
        let own = self.doors.iter().flat_map(|door| chain::operations(door, &mut components)).collect::<Vec<_>>();
        for operation in own.into_iter().chain(shared::operations(&self.doors)) {
            let path = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
            path[operation.method] = operation.to_json();
        }
        json!({
            "openapi": "3.1.0",
            "info": { "title": self.title.as_deref().unwrap_or("Chains"), "version": env!("CARGO_PKG_VERSION") },
            // Where the document is, below whichever path the router is nested.
            "servers": [{ "url": "." }],
            "paths": paths,
            "components": { "schemas": components.into_json() },
        })
    }
}
