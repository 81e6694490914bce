//! A server as a program: an address, and a shutdown that lets runs end.

use super::Server;
use crate::{failure::Failure, request::Identified};
use axum::{
    Router,
    http::Uri,
    serve::{Listener, ListenerExt},
};
use catena::{Error, ErrorKind, Result};
use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream, ToSocketAddrs},
    sync::oneshot,
};

impl Server {
    /// Serves the chains at an address until the process is asked to end (Ctrl-C, or `SIGTERM` on Unix). New runs are
    /// then refused with the status 503, and those in flight have the [time of grace](crate::Limits::grace) to end. The
    /// server listens until they have.
    ///
    /// `GET /healthz` answers 200 as long as the process works. `GET /readyz` answers 503 once it is asked to end.
    ///
    /// # Errors
    /// As [`router`](Self::router); and [`ErrorKind::Unavailable`] for an address that cannot be listened at.
    pub async fn serve(self, address: impl ToSocketAddrs) -> Result<()> {
        let unavailable = |error: std::io::Error| {
            let message = format!("the address cannot be listened at: {error}");
            Error::new(ErrorKind::Unavailable { retry_after: None }, message).with_source(error)
        };
        let listener = TcpListener::bind(address).await.map_err(unavailable)?;
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, "serving");
        }
        self.serve_until(listener, asked_to_end()).await
    }

    /// Serves the chains on a listener until a future ends; else as [`serve`](Self::serve).
    ///
    /// # Errors
    /// As [`serve`](Self::serve).
    pub async fn serve_until(
        self,
        listener: TcpListener,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let grace = self.limits.grace;
        let (router, gate) = self.parts()?;
        let app: Router = router
            .fallback(Identified(async |uri: Uri| Failure::not_found(format!("there is nothing at {}", uri.path()))));
        let (ended, over) = oneshot::channel();
        let closing = Arc::clone(&gate);
        let shutdown = async move {
            end.await;
            closing.close();
            let _ = ended.send(());
            // It listens as long as runs are in flight: a load balancer reads at `/readyz` that no more are taken.
            closing.idle().await;
        };
        let stopped = |outcome: std::io::Result<()>| {
            outcome.map_err(|error| {
                let message = format!("the server stopped: {error}");
                Error::new(ErrorKind::Unavailable { retry_after: None }, message).with_source(error)
            })
        };
        // A router as it is would be copied for each connection, with all its routes.
        let app = app.into_make_service();
        let serving = async move { axum::serve(undelayed(listener), app).with_graceful_shutdown(shutdown).await };
        tokio::pin!(serving);
        let late = async move {
            // If this fails, the server has ended by itself, and the other branch is ready.
            let _ = over.await;
            tokio::time::sleep(grace).await;
        };
        tokio::select! {
            outcome = &mut serving => return stopped(outcome),
            () = late => {}
        }
        tracing::warn!(?grace, "runs did not end in time: they are cancelled");
        gate.cancel();
        // Time for the last words of the runs that are cancelled. Clients that do not read them are left.
        tokio::time::timeout(LAST_WORDS, serving).await.map_or(Ok(()), stopped)
    }
}

/// Sends each write at once. With Nagle's algorithm, a small chunk after another waits until the client has acknowledged
/// the one before, which Linux puts off by up to 40 ms.
fn undelayed(listener: TcpListener) -> impl Listener<Io = TcpStream, Addr = SocketAddr> {
    listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "chunks may be delayed");
        }
    })
}

/// The time in which the responses of cancelled runs are written.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Completes when the process is asked to end.
async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

#[cfg(test)]
mod tests {
    use super::undelayed;
    use axum::serve::Listener;
    use tokio::net::{TcpListener, TcpStream};

    #[tokio::test]
    async fn a_chunk_does_not_wait_for_the_acknowledgement_of_the_one_before() {
        let mut listener = undelayed(TcpListener::bind("127.0.0.1:0").await.unwrap());
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        assert!(listener.accept().await.0.nodelay().unwrap());
    }
}
