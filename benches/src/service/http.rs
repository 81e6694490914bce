//! A chain behind an axum handler, beside the same handler by hand: each in a process of its own, over loopback.

use super::{
    Comparison, Metric, Settings, Unit,
    child::{self, Server},
    load::{Answered, Load},
};
use crate::{
    case::{BY_HAND, CATENA},
    instructions,
};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
};

pub const NAME: &str = "an axum handler";
const WHICH: [&str; 2] = ["hand", "chain"];
const SECONDS: u32 = 1;
/// How far Catena may be from the handler by hand.
const GOAL: f64 = 0.02;

/// One server in one round.
struct Sample {
    answered: Answered,
    /// Of a request, where it can be known.
    on_processor: Option<f64>,
}

pub fn compare(settings: &Settings<'_>) -> Result<Vec<Comparison>, String> {
    let server = child::built("catena-bench-service", "server", &[])?;
    let load = Load::find()?;
    check(&server)?;
    let mut samples: [Vec<Sample>; 2] = [Vec::new(), Vec::new()];
    for round in 0..settings.rounds {
        // New processes in each round: where its memory happens to lie favours one of them as long as it lives.
        let servers = [start(&server, 0)?, start(&server, 1)?];
        for turn in 0..servers.len() {
            let which = (round + turn) % servers.len();
            samples[which].push(sample(&servers[which], &load)?);
        }
    }
    let of = |figure: fn(&Sample) -> Option<f64>| {
        samples.iter().map(|its| its.iter().filter_map(figure).collect()).collect()
    };
    let mut metrics = vec![
        Metric::new("requests a second", Unit::PerSecond, of(|its| Some(its.answered.per_second))).goal(1.0 - GOAL),
        Metric::new("p99", Unit::Nanoseconds, of(|its| Some(its.answered.p99))),
    ];
    if samples[0].iter().all(|sample| sample.on_processor.is_some()) {
        let time = Metric::new("processor time of a request", Unit::Nanoseconds, of(|its| its.on_processor));
        metrics.push(time.goal(1.0 + GOAL));
    } else {
        println!("SKIPPED: processor time of a request, for this system does not tell it");
    }
    if settings.instructions {
        let counted = [0, 1].map(|which| instructions_of_a_request(&server, which));
        let [Some(by_hand), Some(chain)] = counted else { return Err("valgrind counts nothing".to_owned()) };
        let counted = vec![vec![by_hand], vec![chain]];
        metrics.push(Metric::new("instructions of a request", Unit::Instructions, counted).goal(1.0 + GOAL));
    }
    Ok(vec![Comparison {
        name: format!("{NAME} over HTTP/1.1"),
        note: format!(
            "A prompt, a map of two models that wait once, and a step that merges. Each server has one thread; {} asks over 32 \
             connections that are kept alive, for {SECONDS} s a round. Instructions are those of the server, asked over one connection.",
            load.name()
        ),
        contenders: vec![BY_HAND, CATENA],
        metrics,
    }])
}

fn start(server: &Path, which: usize) -> Result<Server, String> {
    Server::start(Command::new(server).arg(WHICH[which]))
}

/// That both say the same.
fn check(server: &Path) -> Result<(), String> {
    let [by_hand, chain] = [0, 1].map(|which| {
        let server = start(server, which)?;
        let mut connection = connect(&server.address)?;
        request(&mut connection, "/answers/why").map_err(|error| error.to_string())
    });
    let (by_hand, chain) = (by_hand?, chain?);
    if by_hand == chain { Ok(()) } else { Err(format!("the chain says {chain}, by hand it is {by_hand}")) }
}

#[allow(clippy::cast_precision_loss)]
fn sample(server: &Server, load: &Load) -> Result<Sample, String> {
    // Until all connections of the process and all its memory have been used once.
    let mut connection = connect(&server.address)?;
    for _ in 0..1000 {
        request(&mut connection, "/answers/why").map_err(|error| error.to_string())?;
    }
    let before = server.on_processor();
    let answered = load.ask(&server.address, SECONDS)?;
    let requests = answered.per_second * f64::from(SECONDS);
    let on_processor = before.zip(server.on_processor()).map(|(before, after)| (after - before) / requests);
    Ok(Sample { answered, on_processor })
}

/// What so many more requests take more.
#[allow(clippy::cast_precision_loss)]
fn instructions_of_a_request(server: &Path, which: usize) -> Option<f64> {
    const MORE: u64 = 2000;
    let [few, many] = [200, 200 + MORE].map(|requests| {
        let mut command = instructions::counting(server);
        let server = Server::start(command.arg(WHICH[which]).stderr(Stdio::piped())).ok()?;
        let mut connection = connect(&server.address).ok()?;
        for _ in 0..requests {
            request(&mut connection, "/answers/why").ok()?;
        }
        request(&mut connection, "/stop").ok()?;
        drop(connection);
        instructions::said(&server.ended()?)
    });
    Some(many?.saturating_sub(few?) as f64 / MORE as f64)
}

fn connect(address: &str) -> Result<BufReader<TcpStream>, String> {
    let stream = TcpStream::connect(address).map_err(|error| format!("{address}: {error}"))?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    Ok(BufReader::new(stream))
}

/// One request, and the status and the text of its answer. axum says how long it is.
fn request(connection: &mut BufReader<TcpStream>, path: &str) -> std::io::Result<String> {
    connection.get_mut().write_all(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes())?;
    let (mut status, mut length) = (String::new(), 0);
    connection.read_line(&mut status)?;
    loop {
        let mut line = String::new();
        connection.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body)?;
    Ok(status + &String::from_utf8_lossy(&body))
}
