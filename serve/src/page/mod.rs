//! The page of a chain: its picture, a form from its schema, and runs that are drawn while they run.
//!
//! | file | contents |
//! |---|---|
//! | this file | the routes |
//! | `html` | the page as one file; `page.css` and `page.js` are parts of it |
//! | `live` | a run as a stream of chunks and drawings |
//! | `kept` | the last runs, which have links |

mod html;
mod kept;
mod live;

use crate::{failure::Failure, langserve::Door};
use axum::{
    Router,
    extract::{Path, Request},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use kept::Kept;
use std::{future::ready, sync::Arc};

/// The routes of a chain, with its name.
pub(crate) fn routes(door: &Arc<Door>) -> Router {
    let name = &door.served.name;
    let kept = Arc::new(Kept::default());
    let (shown, asked, runs, gate) = (Arc::clone(door), Arc::clone(door), Arc::clone(&kept), Arc::clone(&door.gate));
    // From the chain's name to its page, wherever the router is nested.
    let page = format!("{name}/");
    Router::new()
        .route(&format!("/{name}"), get(move || ready(Redirect::permanent(&page))))
        .route(&format!("/{name}/"), get(move || ready(html::page(&shown.served))))
        .route(
            &format!("/{name}/runs"),
            post(move |request: Request| async move {
                live::answer(asked, runs, request).await.unwrap_or_else(Failure::into_response)
            }),
        )
        .route(
            &format!("/{name}/runs/{{id}}"),
            // Whoever may not run the chain may not see its runs.
            get(move |Path(id): Path<String>, request: Request| async move {
                match gate.configure(&request.into_parts().0) {
                    Ok(_) => run(&kept, &id),
                    Err(failure) => failure.into_response(),
                }
            }),
        )
}

/// A run that is kept, as a page of its own.
fn run(kept: &Kept, id: &str) -> Response {
    match kept.find(id) {
        Some(drawing) => html::secured(drawing.html(), "script-src 'unsafe-inline'"),
        None => Failure::not_found("there is no such run, or it is no longer kept").into_response(),
    }
}
