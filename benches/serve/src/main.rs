//! What serving chains costs, beside axum by hand and LangServe: processor time of a request and of a stream, memory of streams
//! that wait, and a chain over a simulated provider.
//!
//! `cargo run --release -p catena-bench-serve` writes `serve/RESULTS.md`. Each server and each load is a process of its own. With
//! `CATENA_LANGSERVE=<python>`, LangServe is measured by an interpreter that has `serve/python/requirements.txt`.

mod by_hand;
mod chains;
mod child;
mod load;
#[path = "../../machine.rs"]
mod machine;
mod report;
mod server;

use child::{Running, load as loaded};
use report::{Measured, Page};
use std::{
    env,
    error::Error,
    path::Path,
    process::Command,
    thread,
    time::Duration,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The rounds in which all take turns.
const ROUNDS: usize = 9;

/// The rounds of those that ask a model.
const ASKED: usize = 5;

/// The streams that are open at once.
const OPEN: usize = 10_000;

fn main() -> Outcome<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    let plain: Vec<&str> = words.iter().map(String::as_str).collect();
    match plain[..] {
        ["server", ..] => runtime()?.block_on(server::serve(&words[1..])),
        ["simulator"] => runtime()?.block_on(server::simulate()),
        ["load", "open", address, path, streams] => {
            runtime()?.block_on(load::open(address, path, streams.parse()?)).map_err(|error| error.to_string().into())
        }
        ["load", address, path, connections, times, first, text, often] => runtime()?
            .block_on(load::repeat(address, path, [connections.parse()?, times.parse()?], first, text, often.parse()?))
            .map_err(|error| error.to_string().into()),
        [] => compare(),
        _ => Err("usage: catena-bench-serve".into()),
    }
}

fn compare() -> Outcome<()> {
    let mut page = Page::new();
    let whole = ["/short/invoke", "8", "4000", "answer:", "1"];
    page.table("A request to `invoke`", "request", &requests(&["hand", "layered", "doors"], whole)?);
    let streamed = ["/pieces/stream", "4", "40", "quantum", "1000"];
    page.table("A stream of 1,000 pieces, one at a time", "stream", &requests(&["hand", "layered", "doors", "resumable"], streamed)?);
    let at_once = ["/at_once/stream", "4", "40", "quantum", "1000"];
    page.table("A stream of 1,000 pieces that are there at once", "stream", &requests(&["hand", "doors", "resumable"], at_once)?);
    page.memory(OPEN, &idle(&["hand", "doors", "resumable"])?);
    page.langserve(&over_a_model()?);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
    std::fs::write(path, page.text())?;
    println!("{}", page.text());
    Ok(())
}

/// The processor time of an answer, of servers that take turns.
fn requests(servers: &[&str], [path, connections, times, text, often]: [&str; 5]) -> Outcome<Vec<Measured>> {
    let running = servers.iter().map(|which| Running::own(&["server", which])).collect::<Outcome<Vec<_>>>()?;
    let answers: f64 = connections.parse::<f64>()? * times.parse::<f64>()?;
    let mut measured: Vec<Measured> = servers.iter().map(|which| Measured::new(which)).collect();
    for round in 0..=ROUNDS {
        for (server, measured) in running.iter().zip(&mut measured) {
            let begun = server.processor()?;
            let [per_second, ..] = loaded(&[&server.line, path, connections, times, text, text, often])?[..] else {
                return Err("the load prints too little".into());
            };
            // The first round is for what is made once.
            if round > 0 {
                measured.processor.push((server.processor()? - begun) / answers);
                measured.per_second.push(per_second);
            }
        }
    }
    Ok(measured)
}

/// The memory of streams that wait, the least of three servers of each kind.
fn idle(servers: &[&str]) -> Outcome<Vec<Measured>> {
    let mut all: Vec<Measured> = servers.iter().map(|which| Measured::new(which)).collect();
    for _ in 0..3 {
        for (which, measured) in servers.iter().zip(&mut all) {
            let server = Running::own(&["server", which])?;
            // What is made once, and what the allocator keeps of it.
            drop(Running::own(&["load", "open", &server.line, "/idle/stream", "100"])?);
            thread::sleep(Duration::from_millis(300));
            let before = server.memory()?;
            let _open = Running::own(&["load", "open", &server.line, "/idle/stream", &OPEN.to_string()])?;
            let memory = (server.memory()? - before) / OPEN as f64;
            measured.memory = Some(measured.memory.map_or(memory, |least| least.min(memory)));
        }
    }
    Ok(all)
}

/// A chain over a simulated provider: by the doors, and by LangServe.
fn over_a_model() -> Outcome<Vec<Measured>> {
    let simulator = Running::own(&["simulator"])?;
    let mut servers = vec![("doors", Running::own(&["server", "asks", &simulator.line])?)];
    if let Some(python) = env::var_os("CATENA_LANGSERVE") {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/server.py");
        servers.push(("langserve", Running::start(Command::new(python).arg(script).arg(&simulator.line))?));
    } else {
        println!("Without LangServe: set CATENA_LANGSERVE to a Python that has serve/python/requirements.txt.");
    }
    let mut all: Vec<Measured> = servers.iter().map(|(which, _)| Measured::new(which)).collect();
    for round in 0..=ASKED {
        for ((_, server), measured) in servers.iter().zip(&mut all) {
            let begun = server.processor()?;
            let whole = loaded(&[&server.line, "/asks/invoke", "32", "20", "qubits", "qubits", "1"])?;
            let processor = (server.processor()? - begun) / (32.0 * 20.0);
            // The answer begins with "It"; LangServe sends an empty piece before.
            let one = loaded(&[&server.line, "/asks/stream", "1", "20", "\"It", "event: end", "1"])?;
            let many = loaded(&[&server.line, "/asks/stream", "32", "10", "\"It", "event: end", "1"])?;
            if round > 0 {
                measured.processor.push(processor);
                measured.per_second.push(whole[0]);
                measured.first.push(one[1]);
                measured.first_of_many.push(many[1]);
                measured.memory = Some(server.memory()?);
            }
        }
    }
    Ok(all)
}
