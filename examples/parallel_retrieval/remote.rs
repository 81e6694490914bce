//! A search service on loopback, and the source that asks it over HTTP.

use crate::library::{Document, Hit, terms};
use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    routing::get,
};
use catena::{Error, ErrorKind, Result, prelude::*};
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{net::TcpListener, task::JoinHandle};

/// How the service is to fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Failure {
    Always,
    /// So many times, and then no more.
    Times(usize),
    /// It never answers.
    Hang,
}

/// `GET /search?q=..` over some documents, until it is dropped.
pub(crate) struct Service {
    address: SocketAddr,
    server: JoinHandle<()>,
}

struct Site {
    documents: Vec<Document>,
    failure: Option<Failure>,
    requests: AtomicUsize,
}

#[derive(Deserialize)]
struct Asked {
    q: String,
}

impl Service {
    pub(crate) async fn start(documents: Vec<Document>, failure: Option<Failure>) -> Result<Self> {
        let site = Arc::new(Site { documents, failure, requests: AtomicUsize::new(0) });
        let app = Router::new().route("/search", get(answer)).with_state(site);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, app).await {
                eprintln!("the search service stopped: {error}");
            }
        });
        Ok(Service { address, server })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/search", self.address)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
) -> std::result::Result<Json<Vec<Hit>>, (StatusCode, &'static str)> {
    let before = site.requests.fetch_add(1, Ordering::Relaxed);
    match site.failure {
        Some(Failure::Times(times)) if before >= times => {}
        Some(Failure::Hang) => std::future::pending().await,
        Some(_) => return Err((StatusCode::SERVICE_UNAVAILABLE, "the search is down for maintenance")),
        None => {}
    }
    Ok(Json(search(&site.documents, &asked.q)))
}

/// The documents with any of the terms; the score is the share of them, where those in the title count double.
fn search(documents: &[Document], query: &str) -> Vec<Hit> {
    let wanted: BTreeSet<String> = terms(query).collect();
    let share = |text: &str| {
        let words: BTreeSet<String> = terms(text).collect();
        f64::from(u32::try_from(wanted.intersection(&words).count()).unwrap_or(u32::MAX))
    };
    let of = f64::from(u32::try_from(wanted.len()).unwrap_or(u32::MAX)) * 3.0;
    let hit = |document: &Document| {
        let score = (2.0 * share(&document.title) + share(&document.text)) / of;
        (score > 0.0).then(|| Hit { title: document.title.clone(), text: document.text.clone(), score })
    };
    let mut hits: Vec<Hit> = documents.iter().filter_map(hit).collect();
    hits.sort_by(|a, b| b.score.total_cmp(&a.score));
    hits
}

/// The source: asks such a service.
pub(crate) struct Remote {
    client: reqwest::Client,
    url: String,
}

impl Remote {
    pub(crate) fn new(url: String) -> reqwest::Result<Self> {
        Ok(Remote { client: reqwest::Client::builder().no_proxy().build()?, url })
    }

    async fn search(&self, query: &str) -> Result<Vec<Hit>> {
        // What fails before there is a status is worth another try, as is a server that is down.
        let unavailable = |error| Error::from_source(ErrorKind::Unavailable { retry_after: None }, error);
        let response = self.client.get(&self.url).query(&[("q", query)]).send().await.map_err(unavailable)?;
        let status = response.status();
        let body = response.text().await.map_err(unavailable)?;
        let kind = match status.as_u16() {
            200 => {
                return serde_json::from_str(&body).map_err(|e| Error::from_source(ErrorKind::Parse { raw: body }, e));
            }
            429 => ErrorKind::RateLimited { retry_after: None },
            500.. => ErrorKind::Unavailable { retry_after: None },
            _ => ErrorKind::BadInput,
        };
        Err(Error::new(kind, format!("{status}: {}", body.trim())))
    }
}

#[runnable(name = "remote", kind = retriever)]
impl Runnable<String> for Remote {
    type Output = Vec<Hit>;

    async fn call_ref<'a>(&'a self, query: &'a String, _cx: &'a Context) -> Result<Vec<Hit>> {
        self.search(query).await
    }
}
