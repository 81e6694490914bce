//! What calls cost, in instructions, beside the same written by hand: counted by valgrind, where it is. The programs are built
//! with optimisation for it, which takes long: so it is done only where `CATENA_REQUIRE_VALGRIND` is set, as it is in CI.

use std::{
    env,
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What is called, and what it may cost at most in parts of the same by hand: a little more than it does.
const CEILINGS: [(&str, f64); 16] = [
    ("step", 1.20),
    ("sequence-3", 1.10),
    ("sequence-10", 1.00),
    ("waits-3", 1.05),
    ("map-3", 0.80),
    ("branch-2", 1.10),
    ("branch-3", 1.20),
    ("branch-8", 1.45),
    ("nested", 0.92),
    ("named", 1.25),
    ("retry", 1.60),
    ("fallback", 1.60),
    // An error remembers the step that it comes out of: some twenty instructions for each step that fails.
    ("fallback-used", 1.75),
    ("timeout", 0.55),
    ("boxed", 1.25),
    ("retry-in-vain", 2.85),
];

/// What there is no other to compare with, and the instructions it may cost at most.
const COUNTS: [(&str, u64); 1] = [
    // Three steps with an observer that does nothing: four runs, eight events, a configuration and the observer itself.
    ("observed", 13_500),
];

#[test]
fn calls_cost_what_they_cost() {
    if env::var_os("CATENA_REQUIRE_VALGRIND").is_none() {
        // Not `println!`, which the test harness keeps to itself when a test passes.
        writeln!(
            std::io::stderr().lock(),
            "SKIPPED: instructions of calls: needs valgrind, and CATENA_REQUIRE_VALGRIND=1"
        )
        .unwrap();
        return;
    }
    let program = built();
    let mut said = String::new();
    let mut missed = Vec::new();
    for (what, ceiling) in CEILINGS {
        let [chain, hand] = ["chain", "hand"].map(|which| of_a_call(&program, what, which));
        #[allow(clippy::cast_precision_loss)]
        let ratio = chain as f64 / hand as f64;
        let _ = writeln!(said, "{what}: {chain} to {hand}, {ratio:.2} of at most {ceiling:.2}");
        if ratio > ceiling {
            missed.push(what);
        }
    }
    for (what, ceiling) in COUNTS {
        let count = of_a_call(&program, what, "chain");
        let _ = writeln!(said, "{what}: {count} of at most {ceiling}");
        if count > ceiling {
            missed.push(what);
        }
    }
    println!("{said}");
    assert!(missed.is_empty(), "these cost more than they did: {missed:?}\n{said}");
}

/// Built where all the rest is.
fn built() -> PathBuf {
    // Asked when it runs: a path in the program would build it again for another cargo.
    let built = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--release", "--locked", "--package", "catena", "--example", "call_instructions"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs");
    assert!(built.success(), "the program does not build");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the folder of all targets");
    target.join("release/examples/call_instructions")
}

/// What a hundred more calls take more, for one of them.
fn of_a_call(program: &Path, what: &str, which: &str) -> u64 {
    let [few, many] = ["100", "200"].map(|times| collected(program, [what, which, times]));
    many.saturating_sub(few) / 100
}

fn collected(program: &Path, words: [&str; 3]) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .expect("valgrind runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {said}");
    let line = said.lines().find(|line| line.contains("Collected")).expect("valgrind says what it counted");
    line.rsplit(' ').next().and_then(|count| count.trim().parse().ok()).expect("the count is a number")
}
