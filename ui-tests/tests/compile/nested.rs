//! How long chains in chains take to build: the time grows with their number, and does not double with each.

use crate::program::Libraries;
use std::{
    fs,
    path::Path,
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

/// The time of a build at most. Each takes about a second; a shape that doubles with each level takes hours.
const LIMIT: Duration = Duration::from_mins(1);

/// A shape, and the chain of so many levels.
type Nested = (&'static str, usize, fn(usize) -> String);

/// Binds `c` to a chain with itself in it.
fn into_itself(level: &str, levels: usize) -> String {
    format!("let c = inc; {}", format!("let c = {level};").repeat(levels))
}

/// Writes a chain in a chain, in place.
fn in_place(levels: usize, level: impl Fn(&str) -> String) -> String {
    (0..levels).fold("inc".to_owned(), |inner, _| level(&inner))
}

const NESTED: [Nested; 6] = [
    ("put_first", 24, |levels| into_itself("chain!(c | inc)", levels)),
    ("put_last", 24, |levels| into_itself("chain!(inc | c)", levels)),
    ("typed_put_first", 18, |levels| into_itself("chain!(u64 => c | inc)", levels)),
    ("typed_put_last", 18, |levels| into_itself("chain!(u64 => inc | c)", levels)),
    ("chains_in_place", 24, |levels| {
        format!("let c = {};", in_place(levels, |inner| format!("chain!({inner} | inc)")))
    }),
    ("matches_in_place", 14, |levels| {
        let chain = in_place(levels, |inner| format!("match {{ 0 => inc, n if n > 100 => inc, _ => {inner} }}"));
        format!("let c = chain!(u64 => {chain});")
    }),
];

#[test]
fn chains_in_chains_do_not_double_the_time_of_a_build_with_each_level() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nested");
    fs::create_dir_all(&folder).unwrap();
    let libraries = Libraries::of_this_test().unwrap();
    for (name, levels, chain) in NESTED {
        let source = format!(
            "use catena::prelude::*;
             #[runnable] pub async fn inc(n: u64) -> u64 {{ n + 1 }}
             pub fn run(input: u64) -> std::pin::Pin<Box<dyn Future<Output = catena::Result<u64>> + Send>> {{
                 Box::pin(async move {{ {} c.invoke(input).await }})
             }}\n",
            chain(levels)
        );
        fs::write(folder.join(name).with_extension("rs"), source).unwrap();
        let mut rustc = libraries.rustc();
        rustc.current_dir(&folder).args(["--crate-type", "lib", "--emit", "obj", "--cap-lints", "allow"]);
        rustc.arg(format!("{name}.rs")).stdout(Stdio::null()).stderr(Stdio::inherit());
        let mut build = rustc.spawn().unwrap();
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = build.try_wait().unwrap() {
                break status;
            }
            if begun.elapsed() > LIMIT {
                build.kill().unwrap();
                build.wait().unwrap();
                panic!("{name}, {levels} levels, is not built after {LIMIT:?}");
            }
            sleep(Duration::from_millis(10));
        };
        assert!(status.success(), "{name}, {levels} levels, cannot be built");
        println!("{name}, {levels} levels: {:.1?}", begun.elapsed());
    }
}
