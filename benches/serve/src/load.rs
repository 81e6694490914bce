//! The clients, in a process of their own, whose work is not measured.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
    header::{CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use std::{
    error::Error,
    time::{Duration, Instant},
};
use tokio::net::TcpStream;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

struct Client {
    address: String,
    path: String,
    sender: SendRequest<Full<Bytes>>,
}

impl Client {
    async fn connect(address: &str, path: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Client { address: address.to_owned(), path: path.to_owned(), sender })
    }

    async fn ask(&mut self) -> Outcome<Incoming> {
        let body = Full::from(r#"{"input":"What is quantum computing?"}"#);
        let request = Request::post(&self.path).header(HOST, &self.address).header(CONTENT_TYPE, "application/json");
        let response = self.sender.send_request(request.body(body)?).await?;
        if !response.status().is_success() {
            return Err(format!("the server says {}", response.status()).into());
        }
        Ok(response.into_body())
    }
}

/// Asks so many times on each of some connections, and checks that each answer has this text so many times. Prints the answers a
/// second, and the nanoseconds until the median answer had its first piece and ended.
pub async fn repeat(
    address: &str,
    path: &str,
    [connections, times]: [usize; 2],
    first_piece: &str,
    text: &str,
    often: usize,
) -> Outcome<()> {
    let begun = Instant::now();
    let ask = |_| {
        let (address, path, text) = (address.to_owned(), path.to_owned(), text.to_owned());
        let first_piece = first_piece.as_bytes().to_vec();
        tokio::spawn(async move {
            let mut client = Client::connect(&address, &path).await?;
            let mut took = Vec::with_capacity(times);
            for _ in 0..times {
                let begun = Instant::now();
                let mut body = client.ask().await?;
                let (mut first, mut all) = (None, Vec::new());
                while let Some(frame) = body.frame().await {
                    if let Ok(data) = frame?.into_data() {
                        all.extend_from_slice(&data);
                        // The first piece of the answer, not the frames before it.
                        if first.is_none() && all.windows(first_piece.len()).any(|piece| piece == first_piece) {
                            first = Some(begun.elapsed());
                        }
                    }
                }
                let found = String::from_utf8_lossy(&all).matches(&*text).count();
                if found != often {
                    return Err(format!("`{text}` is there {found} times: {}", String::from_utf8_lossy(&all)).into());
                }
                let whole = begun.elapsed();
                took.push((first.unwrap_or(whole), whole));
            }
            Outcome::Ok(took)
        })
    };
    let mut took: Vec<(Duration, Duration)> = Vec::new();
    for asked in (0..connections).map(ask).collect::<Vec<_>>() {
        took.extend(asked.await??);
    }
    #[allow(clippy::cast_precision_loss)]
    let per_second = took.len() as f64 / begun.elapsed().as_secs_f64();
    let median = |mut all: Vec<Duration>| {
        all.sort();
        all[all.len() / 2].as_nanos()
    };
    let first = median(took.iter().map(|took| took.0).collect());
    let whole = median(took.iter().map(|took| took.1).collect());
    println!("{per_second} {first} {whole}");
    Ok(())
}

/// Opens streams and reads the first piece of each, prints a line, and keeps them open until the process is ended.
pub async fn open(address: &str, path: &str, streams: usize) -> Outcome<()> {
    let mut all = Vec::with_capacity(streams);
    for _ in 0..streams {
        let mut client = Client::connect(address, path).await?;
        let mut body = client.ask().await?;
        let mut read = Vec::new();
        while !read.windows(4).any(|four| four == b"here") {
            let frame = body.frame().await.ok_or("the stream ended")??;
            if let Ok(data) = frame.into_data() {
                read.extend_from_slice(&data);
            }
        }
        all.push((client, body));
    }
    println!("open");
    std::future::pending().await
}
