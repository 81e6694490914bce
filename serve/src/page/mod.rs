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

use crate::{
    failure::Failure,
    request::{Door, get, post},
};
use axum::{
    Router,
    extract::{FromRef, Path, State},
    http::request::Parts,
    response::{Redirect, Response},
};
use kept::Kept;
use std::sync::Arc;

/// The chain, and its last runs.
#[derive(Clone)]
struct Shown {
    door: Arc<Door>,
    kept: Arc<Kept>,
}

impl FromRef<Shown> for Arc<Door> {
    fn from_ref(shown: &Shown) -> Self {
        Arc::clone(&shown.door)
    }
}

/// The routes of a chain, with its name.
pub(crate) fn routes(door: &Arc<Door>) -> Router {
    let name = &door.served.name;
    Router::new()
        .route(&format!("/{name}"), get(to_page))
        .route(&format!("/{name}/"), get(html::page))
        .route(&format!("/{name}/runs"), post(live::answer))
        .route(&format!("/{name}/runs/{{id}}"), get(run))
        .with_state(Shown { door: Arc::clone(door), kept: Arc::default() })
}

/// From the chain's name to its page, wherever the router is nested.
async fn to_page(State(door): State<Arc<Door>>) -> Redirect {
    Redirect::permanent(&format!("{}/", door.served.name))
}

/// A run that is kept, as a page of its own. A request that may not run the chain may not see its runs.
async fn run(State(shown): State<Shown>, Path(id): Path<String>, parts: Parts) -> Result<Response, Failure> {
    shown.door.gate.configure(&parts)?;
    let missing = || Failure::not_found("there is no such run, or it is no longer kept");
    let drawing = shown.kept.find(&id).ok_or_else(missing)?;
    Ok(html::secured(drawing.html(), "script-src 'unsafe-inline'"))
}
