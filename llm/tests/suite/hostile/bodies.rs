//! Bodies without a bound end within the timeout of the model and 64 MB, whichever provider sends them.

use super::{
    client::{Case, LIMIT, MEMORY, Outcome, run_in_a_process},
    pieces::{Body, PROTOCOLS, common_bodies, own_bodies},
};
use futures_util::{StreamExt, stream};
use std::{env, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What a case may take besides its timeout: the machine is shared.
const GRACE: Duration = Duration::from_secs(3);

async fn serve(bodies: Arc<Vec<Body>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(respond(stream, bodies.clone()));
        }
    });
    url
}

/// Answers `POST /{case}/..` with the body of that number, until the client leaves.
async fn respond(mut stream: TcpStream, bodies: Arc<Vec<Body>>) -> Option<()> {
    let mut request = vec![0; 64 << 10];
    let length = stream.read(&mut request).await.ok()?;
    let line = String::from_utf8_lossy(&request[..length]).into_owned();
    let case: usize = line.split('/').nth(1)?.parse().ok()?;
    let body = bodies.get(case)?;
    stream.write_all(body.head.as_bytes()).await.ok()?;
    let mut at = 0;
    while let Some(piece) = (body.piece)(at) {
        stream.write_all(&piece).await.ok()?;
        at += 1;
    }
    stream.shutdown().await.ok()
}

/// Returns what is wrong with the outcome of a case.
fn fault(name: &str, outcome: Option<Outcome>) -> Option<String> {
    let Some(Outcome { error, kind, millis, memory }) = outcome else { return Some("the client died".to_owned()) };
    let took = Duration::from_millis(millis);
    // The HTTP client reads these in one go, as many as fit into its buffers.
    let grace = if name.contains("provisional answers") { 10 * GRACE } else { GRACE };
    match (error, memory) {
        (_, Some(memory)) if memory > MEMORY => Some(format!("took {} MiB", memory >> 20)),
        _ if took > LIMIT + grace => Some(format!("took {took:?}")),
        (None, _) => Some("was taken for an answer".to_owned()),
        // It ends by a limit of time, or by an error that says what is wrong, and not at length.
        (Some(error), _) if kind != "timeout" && !(10..2000).contains(&error.len()) => Some(error),
        _ => None,
    }
}

async fn all_end(protocol: &'static str, bodies: Vec<Body>, in_each_form: bool) {
    let bodies = Arc::new(bodies);
    let url = serve(bodies.clone()).await;
    let cases = (0..bodies.len()).flat_map(|at| [(at, false), (at, true)]);
    let is_asked_for = |(at, is_stream): &(usize, bool)| *is_stream == bodies[*at].head.contains("event-stream");
    let cases: Vec<_> = cases.filter(|case| in_each_form || is_asked_for(case)).collect();
    let faults = stream::iter(cases).map(|(at, is_stream)| {
        let name = format!("{}, {}", bodies[at].name, if is_stream { "streamed" } else { "whole" });
        let case = Case { protocol: protocol.to_owned(), url: format!("{url}/{at}"), is_stream };
        async move {
            let outcome = run_in_a_process("hostile::client::child", &case).await;
            if let Some(Outcome { error, millis, memory, .. }) = &outcome {
                println!("{protocol}, {name}: {millis} ms, {:?} KiB, {error:.150?}", memory.map(|bytes| bytes >> 10));
            }
            fault(&name, outcome).map(|fault| format!("{protocol}, {name}: {fault}"))
        }
    });
    let faults: Vec<String> = faults.buffer_unordered(2).filter_map(std::future::ready).collect().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_bodies_end_within_their_timeout_and_64_mb() {
    // The bodies that look the same in each protocol take long: they are tried with one, unless the variable says `all`. So
    // are bodies of the form that was not asked for: a stream in place of one answer, and the other way round.
    let is_all = env::var("CATENA_HOSTILE").is_ok_and(|which| which == "all");
    for (at, protocol) in PROTOCOLS.into_iter().enumerate() {
        let mut chosen = common_bodies();
        chosen.retain(|_| at == 0 || is_all);
        chosen.extend(own_bodies(protocol));
        all_end(protocol, chosen, at == 0 || is_all).await;
    }
}
