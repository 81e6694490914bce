//! What clients of models cost: processor time, allocations and peak memory, beside `reqwest` and `serde` by hand.
//!
//! `cargo run --release -p catena-bench-wire` starts a server of canned answers in a process of its own, on loopback, and
//! each client in a process of its own, taking turns. It writes `wire/RESULTS.md`.

mod case;
mod clients;
#[path = "../../machine.rs"]
mod machine;
mod server;

use case::{AT_ONCE, CASES, Case};
use clients::{Ask, CLIENTS, client};
use machine::machine;
use futures_util::future::join_all;
use nix::sys::resource::{UsageWho, getrusage};
use std::{
    env, fmt::Write as _, fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// The measurements of each client and case. The best one counts, because the others were disturbed.
const ROUNDS: usize = 7;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["server"] => server::serve(),
        ["client", name, case, url] => measure(name, Case::of(case).unwrap(), url),
        _ => compare(),
    }
}

/// The processor time of this process so far, of the program and of the system.
fn processor() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    let micros = |time: nix::sys::time::TimeVal| u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec()).unwrap();
    Duration::from_micros(micros(usage.user_time()) + micros(usage.system_time()))
}

async fn ask_all(ask: &Ask, case: Case) {
    let check = |length: usize| assert_eq!(length, case.length(), "{}", case.name());
    if case == Case::Open {
        join_all((0..AT_ONCE).map(|_| ask())).await.into_iter().for_each(check);
    } else {
        for _ in 0..case.times() {
            check(ask().await);
        }
    }
}

/// Measures a client, and prints nanoseconds, allocations, bytes and peak bytes, of all that was done.
fn measure(name: &str, case: Case, url: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let ask = client(name, case, url);
    // Connections are opened, and what is made once is made.
    runtime.block_on(async {
        if case == Case::Open {
            ask_all(&ask, case).await;
        } else {
            assert_eq!(ask().await, case.length(), "{name} {}", case.name());
        }
    });
    let begun = processor();
    runtime.block_on(ask_all(&ask, case));
    let time = processor() - begun;
    let heap = allocation_counter::measure(|| runtime.block_on(ask_all(&ask, case)));
    println!("{} {} {} {}", time.as_nanos(), heap.count_total, heap.bytes_total, heap.bytes_max);
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn compare() {
    let program = env::current_exe().unwrap();
    let mut server = Server(Command::new(&program).arg("server").stdout(Stdio::piped()).spawn().unwrap());
    let mut port = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut port).unwrap();
    let url = format!("http://127.0.0.1:{}/v1/", port.trim());
    let mut page = format!("{INTRO}\n{}\n", machine());
    for case in CASES {
        let mut best: Vec<Option<[f64; 4]>> = vec![None; CLIENTS.len()];
        for _ in 0..ROUNDS {
            for (name, best) in CLIENTS.iter().zip(&mut best) {
                let output = Command::new(&program).args(["client", name, case.name(), &url]).output().unwrap();
                assert!(output.status.success(), "{name} {}: {}", case.name(), String::from_utf8_lossy(&output.stderr));
                let text = String::from_utf8(output.stdout).unwrap();
                let figures: Vec<f64> = text.split_whitespace().map(|figure| figure.parse().unwrap()).collect();
                let figures: [f64; 4] = figures.try_into().unwrap();
                *best = Some(best.map_or(figures, |best| std::array::from_fn(|at| best[at].min(figures[at]))));
            }
        }
        table(&mut page, case, &best.into_iter().map(Option::unwrap).collect::<Vec<_>>());
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
    fs::write(path, &page).unwrap();
    println!("{page}");
}

const INTRO: &str = "# What clients of models cost\n\n\
    Written by `cargo run --release -p catena-bench-wire`, in one run on one machine: the best of 7 measurements of each \
    client, which took turns. The server of canned answers is a process of its own, on loopback. Each client is one, too, \
    with one thread. Its processor time is that of the program and of the system together. Allocations are counted in a \
    second pass. The peak is the most bytes of heap at once beyond those before.\n\n\
    *By hand* is `reqwest` with structs of the fields that are needed, and checks nothing.\n\n\
    The goal is at most 1.2 times by hand in processor time of a whole answer and of a piece and in heap of an open stream, and ahead \
    of every peer.\n";

/// Adds a table, of figures for each thing.
fn table(page: &mut String, case: Case, figures: &[[f64; 4]]) {
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    let things = case.things() as f64;
    let peak_of = if case == Case::Open { things } else { 1.0 };
    let _ = writeln!(page, "\n## {}\n", case.title());
    page.push_str("| | processor time | in parts of by hand | allocations | bytes allocated | peak of heap | in parts |\n");
    page.push_str("|---|---:|---:|---:|---:|---:|---:|\n");
    for (name, [time, count, bytes, peak]) in CLIENTS.iter().zip(figures) {
        let _ = writeln!(
            page,
            "| {name} | {:.2} µs | {:.2} | {:.1} | {:.0} | {:.1} KiB | {:.2} |",
            time / things / 1000.0,
            time / figures[0][0],
            count / things,
            bytes / things,
            peak / peak_of / 1024.0,
            peak / figures[0][3],
        );
    }
}
