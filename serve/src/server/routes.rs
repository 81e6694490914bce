//! The routes of all doors as one router.

use super::Server;
#[cfg(feature = "mcp")]
use crate::mcp;
use crate::{
    chain::Served,
    langserve, open_api, openai, page,
    request::{Door, Gate, Identified, get},
    ui,
};
use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, Method, StatusCode},
};
use catena::{Error, ErrorKind};
use std::sync::Arc;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// The names that are paths of the server's own.
const RESERVED: [&str; 6] = ["v1", "mcp", "healthz", "readyz", "openapi.json", ""];

impl Server {
    /// Returns all routes, to nest or merge into the router of an application, or to serve as they are. It may be put
    /// below layers of any kind; the application's state is its own.
    ///
    /// [`axum::serve()`] leaves Nagle's algorithm on, which delays chunks by up to 40 ms. To serve streams, turn it off as
    /// [`serve`](Self::serve) does: `listener.tap_io(|stream| _ = stream.set_nodelay(true))`, of
    /// [`ListenerExt`](axum::serve::ListenerExt). It also copies a router with all its routes for each connection: give it
    /// [`into_make_service`](Router::into_make_service), which does so once.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] for two chains of one name, for a name that cannot be part of a path, for an origin that
    /// is none, and for a chain with two configurable values of one id.
    pub fn router<S: Clone + Send + Sync + 'static>(self) -> catena::Result<Router<S>> {
        Ok(self.parts()?.0.with_state(()))
    }

    /// Returns the routes and the gate that all of them share.
    pub(super) fn parts(self) -> catena::Result<(Router, Arc<Gate>)> {
        let Server {
            title,
            chains,
            limits,
            debug,
            configure,
            origins,
            resumable,
            #[cfg(feature = "mcp")]
            hosts,
        } = self;
        check(&chains)?;
        let gate = Arc::new(Gate::new(limits, debug, resumable, configure));
        let chains: Vec<Arc<Served>> = chains.into_iter().map(Arc::new).collect();
        let mut router = Router::new();
        let door = |served: &Arc<Served>| Arc::new(Door { gate: Arc::clone(&gate), served: Arc::clone(served) });
        let doors: Vec<Arc<Door>> = chains.iter().map(door).collect();
        for door in &doors {
            let name = &door.served.name;
            let own = langserve::routes(name).merge(ui::routes(name)).with_state(Arc::clone(door));
            router = router.merge(own).merge(page::routes(door));
        }
        if let Some(models) = openai::routes(&gate, &chains) {
            router = router.merge(models);
        }
        #[cfg(feature = "mcp")]
        {
            router = router.merge(mcp::routes(&gate, &chains, &hosts, &origins));
        }
        router = router.merge(open_api::routes(title, doors));
        let of_itself = Router::new()
            .route("/healthz", get(async || "ok"))
            .route("/readyz", get(readiness))
            .with_state(Arc::clone(&gate));
        router = router.merge(of_itself);
        router = router.method_not_allowed_fallback(Identified(async || StatusCode::METHOD_NOT_ALLOWED));
        if !origins.is_empty() {
            router = router.layer(cors(&origins)?);
        }
        Ok((router, gate))
    }
}

async fn readiness(State(gate): State<Arc<Gate>>) -> (StatusCode, &'static str) {
    if gate.is_closing() { (StatusCode::SERVICE_UNAVAILABLE, "shutting down") } else { (StatusCode::OK, "ready") }
}

fn check(chains: &[Served]) -> catena::Result<()> {
    let wrong = |message: String| Err(Error::new(ErrorKind::BadInput, message));
    for (index, served) in chains.iter().enumerate() {
        let name = &*served.name;
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
        if !plain || name.starts_with('.') || RESERVED.contains(&name) {
            return wrong(format!(
                "a chain cannot be served as `{name}`: take letters, digits, `_`, `-` and `.`, and none of the server's own \
                 paths (`v1`, `mcp`, `healthz`, `readyz`, `openapi.json`)"
            ));
        }
        if chains[..index].iter().any(|other| other.name == name) {
            return wrong(format!("there are two chains of the name `{name}`: give one another name"));
        }
        served.keys.schema().map_err(|error| error.while_doing(format!("serving `{name}`")))?;
    }
    Ok(())
}

fn cors(origins: &[String]) -> catena::Result<CorsLayer> {
    let allowed = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        let parse = |origin: &String| {
            let scheme = ["https://", "http://"].iter().any(|scheme| origin.starts_with(scheme));
            let value = HeaderValue::from_str(origin).ok().filter(|_| scheme && !origin.ends_with('/'));
            value.ok_or_else(|| {
                let message = format!("`{origin}` is not an origin such as `https://app.example`, without a path");
                Error::new(ErrorKind::BadInput, message)
            })
        };
        AllowOrigin::list(origins.iter().map(parse).collect::<catena::Result<Vec<_>>>()?)
    };
    // Of requests in general, of streams that go on, and of MCP.
    let headers = [
        "accept",
        "authorization",
        "content-type",
        "last-event-id",
        "mcp-method",
        "mcp-name",
        "mcp-protocol-version",
        "mcp-session-id",
        "traceparent",
        "x-request-id",
    ];
    Ok(CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(headers.map(HeaderName::from_static))
        .expose_headers(
            ["mcp-session-id", "retry-after", "traceparent", "x-request-id", "x-stream-id"]
                .map(HeaderName::from_static),
        ))
}
