//! The servers that are measured, each a process of its own with one thread.

use crate::{by_hand, chains};
use axum::{Router, serve::ListenerExt};
use catena_llm::simulator::{Answer, Simulator};
use catena_serve::{Limits, Server};
use std::{error::Error, time::Duration};
use tokio::net::TcpListener;

fn doors() -> Server {
    let limits = Limits::new().concurrency(20_000);
    Server::new()
        .chain("short", chains::short())
        .chain("pieces", chains::pieces(false))
        .chain("at_once", chains::pieces(true))
        .chain("idle", chains::idle())
        .limits(limits)
}

fn routes(which: &[String]) -> Result<Router, Box<dyn Error>> {
    let which: Vec<&str> = which.iter().map(String::as_str).collect();
    Ok(match which[..] {
        ["doors"] => doors().router()?,
        ["resumable"] => doors().resumable(Duration::from_secs(60)).router()?,
        ["hand"] => by_hand::routes(),
        ["layered"] => by_hand::layered(),
        ["asks", simulator] => Server::new().chain("asks", chains::asks(simulator)?).router()?,
        _ => return Err("there is no such server".into()),
    })
}

/// Serves until the process is ended. The address is printed.
pub async fn serve(which: &[String]) -> Result<(), Box<dyn Error>> {
    let routes = routes(which)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    // Else the second piece waits until the client has acknowledged the first, which takes Linux 40 ms. uvicorn does the same.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    // Else each connection copies the table of the routes.
    axum::serve(listener, routes.into_make_service()).await?;
    Ok(())
}

/// The pause before each piece of the simulator's answers.
pub const PAUSE: Duration = Duration::from_millis(5);

/// A simulator of a provider, until the process is ended. Its URL is printed.
pub async fn simulate() -> Result<(), Box<dyn Error>> {
    let answer = |_: &_| Answer::new("It computes with qubits, which are in several states at once.");
    let simulator = Simulator::builder().respond(answer).chunk_delay(PAUSE).start().await?;
    println!("{}", simulator.openai_url());
    loop {
        // It remembers each request.
        tokio::time::sleep(Duration::from_millis(200)).await;
        simulator.clear_requests();
    }
}
