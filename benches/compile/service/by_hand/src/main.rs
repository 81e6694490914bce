//! The help desk of a shop: the service beside this one, written by hand.

mod answers;
mod app;
mod assistant;
mod chat;
mod compare;
mod failure;
mod models;
mod reviews;
mod tickets;

#[cfg(test)]
#[path = "../../tests.rs"]
mod tests;

use app::App;
use models::Models;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).init();
    let app = App::new(Models::from_environment()?);
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    tracing::info!("listening at {}", listener.local_addr()?);
    axum::serve(listener, app::routes(app))
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}

#[cfg(test)]
fn service(models: Models) -> axum::Router {
    app::routes(App::new(models))
}
