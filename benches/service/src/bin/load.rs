//! Asks a server for the same over and over, on connections that are kept alive: `load <address> <path> <connections> <seconds>`.
//! Prints the requests a second, and the nanoseconds within which 99 % of them were answered. For machines without `wrk`.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, client::conn::http1::handshake, header::HOST};
use hyper_util::rt::TokioIo;
use std::{
    error::Error,
    time::{Duration, Instant},
};
use tokio::net::TcpStream;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The time of each answer on one connection.
async fn ask(address: String, path: String, until: Instant) -> Outcome<Vec<Duration>> {
    let stream = TcpStream::connect(&address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let mut took = Vec::new();
    while Instant::now() < until {
        let request = Request::get(&path).header(HOST, &address).body(Empty::<Bytes>::new())?;
        let begun = Instant::now();
        let response = sender.send_request(request).await?;
        if !response.status().is_success() {
            return Err(format!("the server says {}", response.status()).into());
        }
        response.into_body().collect().await?;
        took.push(begun.elapsed());
    }
    drop(sender);
    connection.await??;
    Ok(took)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [address, path, connections, seconds] = words.as_slice() else {
        return Err("usage: load <address> <path> <connections> <seconds>".into());
    };
    let begun = Instant::now();
    let until = begun + Duration::from_secs_f64(seconds.parse()?);
    let ask = |_| tokio::spawn(ask(address.clone(), path.clone(), until));
    let mut took = Vec::new();
    for connection in (0..connections.parse()?).map(ask).collect::<Vec<_>>() {
        took.extend(connection.await??);
    }
    let seconds = begun.elapsed().as_secs_f64();
    took.sort();
    let p99 = took.get(took.len() * 99 / 100).ok_or("nothing was answered")?;
    #[allow(clippy::cast_precision_loss)]
    let per_second = took.len() as f64 / seconds;
    println!("{per_second} {}", p99.as_nanos());
    Ok(())
}
