//! A server of canned answers, in a process of its own, whose work is not measured.

use crate::case::{self, AT_ONCE, Case};
use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// The responses, ready to be sent.
struct Responses {
    whole: Vec<u8>,
    stream: Vec<u8>,
    arguments: Vec<u8>,
    /// The two halves of a stream that stops for a while.
    open: [Vec<u8>; 2],
    /// The streams that have stopped, until all of them have.
    waiting: AtomicUsize,
    go_on: Notify,
}

/// Serves until the process is ended. The port is printed.
pub fn serve() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let json = case::whole();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ";
    let (stream, _) = streamed(Case::Stream);
    let (arguments, _) = streamed(Case::Arguments);
    let (first, second) = streamed(Case::Open);
    let responses = Arc::new(Responses {
        whole: format!("{head}{}\r\n\r\n{json}", json.len()).into_bytes(),
        stream,
        arguments,
        open: [first, second],
        waiting: AtomicUsize::new(0),
        go_on: Notify::new(),
    });
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap().port());
        std::io::stdout().flush().unwrap();
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            tokio::spawn(answer(connection, Arc::clone(&responses)));
        }
    });
}

/// Returns a streamed response: a chunk of HTTP for each event. The second part comes after the pause.
fn streamed(case: Case) -> (Vec<u8>, Vec<u8>) {
    let (events, pause) = case::events(case);
    let mut parts = (Vec::new(), Vec::new());
    parts.0.extend_from_slice(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    for (at, event) in events.iter().enumerate() {
        let part = if at < pause { &mut parts.0 } else { &mut parts.1 };
        part.extend_from_slice(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes());
    }
    let end = if parts.1.is_empty() { &mut parts.0 } else { &mut parts.1 };
    end.extend_from_slice(b"0\r\n\r\n");
    parts
}

async fn answer(mut connection: TcpStream, responses: Arc<Responses>) -> Option<()> {
    connection.set_nodelay(true).ok()?;
    let mut request = Vec::new();
    loop {
        let body = loop {
            if let Some(length) = complete(&request) {
                break request.drain(..length).collect::<Vec<u8>>();
            }
            if connection.read_buf(&mut request).await.ok()? == 0 {
                return None;
            }
        };
        let body = String::from_utf8_lossy(&body);
        let asked = |case: Case| body.contains(&format!("\"model\":\"gpt-{}\"", case.name()));
        if asked(Case::Whole) {
            connection.write_all(&responses.whole).await.ok()?;
        } else if asked(Case::Stream) {
            connection.write_all(&responses.stream).await.ok()?;
        } else if asked(Case::Arguments) {
            connection.write_all(&responses.arguments).await.ok()?;
        } else {
            connection.write_all(&responses.open[0]).await.ok()?;
            let go_on = responses.go_on.notified();
            if responses.waiting.fetch_add(1, Ordering::Relaxed) + 1 == AT_ONCE {
                // The clients have read the first half of all of them.
                tokio::time::sleep(Duration::from_millis(700)).await;
                responses.waiting.store(0, Ordering::Relaxed);
                responses.go_on.notify_waiters();
            } else {
                go_on.await;
            }
            connection.write_all(&responses.open[1]).await.ok()?;
        }
    }
}

/// Returns the length of the first request, if all of it is there.
fn complete(bytes: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    (body.len() >= length).then_some(head.len() + 4 + length)
}
