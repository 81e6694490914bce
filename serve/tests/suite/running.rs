//! A server on a free port, and what is asked of it.

use catena_serve::Server;
use reqwest::{Client, Response};
use serde_json::Value;
use std::net::SocketAddr;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// A server that ends with this.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    end: Option<oneshot::Sender<()>>,
    pub(crate) serving: Option<JoinHandle<catena::Result<()>>>,
}

impl Running {
    pub(crate) async fn start(server: Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel();
        let serving = tokio::spawn(server.serve_until(listener, async move {
            let _ = ended.await;
        }));
        Running { address, client: Client::new(), end: Some(end), serving: Some(serving) }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.client.post(self.url(path)).json(body).send().await.unwrap()
    }

    /// The status and the body of what is posted.
    pub(crate) async fn answer(&self, path: &str, body: &Value) -> (u16, Value) {
        let response = self.post(path, body).await;
        let status = response.status().as_u16();
        (status, response.json().await.unwrap())
    }

    /// The frames of a stream: the event and the data of each.
    pub(crate) async fn frames(&self, path: &str, body: &Value) -> Vec<(String, Value)> {
        let response = self.post(path, body).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        frames(&response.text().await.unwrap())
    }

    /// Asks the server to end.
    pub(crate) fn end(&mut self) {
        let _ = self.end.take().map(|end| end.send(()));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
        }
    }
}

/// Frames as (event, data). Data that is no JSON is text.
pub(crate) fn frames(text: &str) -> Vec<(String, Value)> {
    let frame = |frame: &str| {
        let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
        let data = field("data: ");
        (field("event: "), serde_json::from_str(&data).unwrap_or(Value::String(data)))
    };
    text.split("\n\n").filter(|text| !text.is_empty() && !text.starts_with(':')).map(frame).collect()
}
