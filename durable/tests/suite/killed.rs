//! Processes that are killed at random moments.

use crate::work::Folder;
use catena::{Config, Context, Result, Runnable, prelude::*, runnable};
use catena_durable::{ConfigExt, DurableExt, Journal, RunState};
use std::{
    collections::BTreeMap,
    env,
    fs::OpenOptions,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const JOURNAL: &str = "CATENA_TEST_JOURNAL";
const LOG: &str = "CATENA_TEST_LOG";
const RUN: &str = "CATENA_TEST_RUN";
const WAIT: &str = "CATENA_TEST_WAIT";

/// Where the journal of a child is: a file, or the settings of Postgres.
pub(crate) const POSTGRES: &str = "postgres:";

async fn open(journal: &str) -> Journal {
    #[cfg(feature = "postgres")]
    if let Some(settings) = journal.strip_prefix(POSTGRES) {
        return Journal::builder().lease(LEASE).postgres(settings).await.unwrap();
    }
    Journal::sqlite(journal).await.unwrap()
}

/// A short one, so that the tests need not wait for long.
#[cfg(feature = "postgres")]
pub(crate) const LEASE: Duration = Duration::from_millis(600);

/// A step that writes to a log when it begins and when it ends, as whatever it does outside would.
#[derive(Clone)]
struct Effect {
    name: &'static str,
    log: PathBuf,
    takes: Duration,
}

impl Effect {
    fn note(&self, what: &str, input: u64) {
        let line = format!("{} {what} {}({input})\n", std::process::id(), self.name);
        // In one write, which a kill does not tear.
        OpenOptions::new().create(true).append(true).open(&self.log).unwrap().write_all(line.as_bytes()).unwrap();
    }
}

#[runnable]
impl Runnable<u64> for Effect {
    type Output = u64;

    async fn call(&self, input: u64, _cx: &Context) -> Result<u64> {
        self.note("begin", input);
        tokio::time::sleep(self.takes).await;
        self.note("end", input);
        Ok(input * 3 + 1)
    }
}

/// A sequence, a map of five, a list and an arm.
pub(crate) fn chain(log: &Path, takes: Duration) -> impl Runnable<u64, Output = u64> + use<> {
    let step = |name| Effect { name, log: log.to_owned(), takes };
    let (b1, b2, b3, b4, b5) = (step("b1"), step("b2"), step("b3"), step("b4"), step("b5"));
    chain!(u64 =>
        step("first").durable("first/1")
        | <
            b1: b1.durable("b1/1"),
            b2: b2.durable("b2/1"),
            b3: b3.durable("b3/1"),
            b4: chain!(u64 => b4.durable("b4/1")),
            b5: b5.durable("b5/1"),
        >
        | |all| vec![all.b1, all.b2 + 1, all.b3 + 2, all.b4 + 3, all.b5 + 4]
        | step("item").durable("item/1").map()
        | |items| items.into_iter().fold(0, |sum, item| sum * 7 % 1_000_003 + item)
        | match { n if n % 2 == 0 => step("even").durable("even/1"), _ => step("odd").durable("odd/1") }
        | step("last").durable("last/1"))
}

fn log_of(file: &Path) -> PathBuf {
    file.with_extension("log")
}

/// The program that the tests below run and kill.
#[tokio::test]
#[ignore = "the program that the tests below run and kill"]
async fn child() {
    let (Ok(journal), Ok(log), Ok(run)) = (env::var(JOURNAL), env::var(LOG), env::var(RUN)) else { return };
    let journal = open(&journal).await;
    println!("\nready");
    let wait = env::var(WAIT).map_or(Duration::ZERO, |_| Duration::from_mins(1));
    let chain = chain(Path::new(&log), Duration::from_millis(4));
    let output = chain.invoke_with(5, Config::new().durable(journal.run(run).wait(wait))).await.unwrap();
    println!("\noutput {output}");
}

fn start(file: &Path, run: &str, wait: bool) -> Child {
    start_with(file.to_str().unwrap(), &log_of(file), run, wait)
}

pub(crate) fn start_with(journal: &str, log: &Path, run: &str, wait: bool) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "killed::child", "--ignored", "--nocapture"]);
    command.env(JOURNAL, journal).env(LOG, log).env(RUN, run);
    if wait {
        command.env(WAIT, "1");
    }
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Reads what the child says until it is killed or has ended. Returns its output.
pub(crate) fn output_of(mut child: Child, kill_after: Option<Duration>) -> Option<u64> {
    let out = BufReader::new(child.stdout.take().unwrap());
    let mut output = None;
    let mut lines = out.lines().map_while(std::io::Result::ok);
    for line in lines.by_ref() {
        if line == "ready" {
            break;
        }
    }
    if let Some(after) = kill_after {
        std::thread::sleep(after);
        child.kill().unwrap();
    }
    for line in lines {
        output = line.strip_prefix("output ").and_then(|output| output.parse().ok()).or(output);
    }
    child.wait().unwrap();
    output
}

/// How often each step has ended in a log, by its name and input.
pub(crate) fn ends(log: &Path) -> BTreeMap<String, usize> {
    let mut ends = BTreeMap::new();
    for line in std::fs::read_to_string(log).unwrap_or_default().lines() {
        if let Some((_, step)) = line.split_once(" end ") {
            *ends.entry(step.to_owned()).or_default() += 1;
        }
    }
    ends
}

/// What the chain gives, and what it runs, if nothing happens.
pub(crate) async fn undisturbed() -> (u64, BTreeMap<String, usize>) {
    let folder = Folder::new();
    let log = log_of(&folder.path());
    let output = chain(&log, Duration::ZERO).invoke(5).await.unwrap();
    (output, ends(&log))
}

/// How many processes are killed, in each test.
const KILLS: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_at_any_moment_loses_nothing_and_does_nothing_twice_that_was_kept() {
    let (expected, steps) = undisturbed().await;
    let mut random = fastrand::Rng::with_seed(7);
    let (mut kills, mut run) = (0, 0);
    let folder = Folder::new();
    while kills < KILLS {
        run += 1;
        let file = folder.path().with_file_name(format!("{run}.db"));
        let mut killed = 0_usize;
        let mut kept: Vec<String> = Vec::new();
        // Killed in the middle again and again, and at last left alone.
        let output = loop {
            // About as long as a run takes.
            let after = (killed < 5).then(|| Duration::from_micros(random.u64(0..120_000)));
            let output = output_of(start(&file, "order", false), after);
            if let Some(output) = output {
                break output;
            }
            killed += 1;
            kills += 1;
            // What was kept before is kept now.
            let journal = Journal::sqlite(&file).await.unwrap();
            let Ok(details) = journal.inspect("order").await else { continue };
            // It may have had its output, and no time to say so.
            assert!(matches!(details.info.state, RunState::Interrupted | RunState::Completed), "{details}");
            let now: Vec<String> = details.steps.into_iter().map(|step| step.key).collect();
            assert!(kept.iter().all(|key| now.contains(key)), "{kept:?} {now:?}");
            kept = now;
        };
        assert_eq!(output, expected);
        let ends = ends(&log_of(&file));
        assert!(ends.keys().eq(steps.keys()), "{ends:?}");
        // One that was running when its process was killed ran once more, and no step more than that for each kill.
        for (step, times) in &ends {
            assert!(*times <= 1 + killed, "{step} ended {times} times after {killed} kills");
        }
        let again: usize = ends.values().map(|times| times - 1).sum();
        // At most those that can run at once: five.
        assert!(again <= 5 * killed, "{again} again after {killed} kills: {ends:?}");
        // A process that comes later runs nothing.
        assert_eq!(output_of(start(&file, "order", false), None), Some(expected));
        assert_eq!(self::ends(&log_of(&file)), ends);
    }
}

/// Steps that were kept when a process was killed are not even begun by the next.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_was_kept_is_not_begun_again() {
    let folder = Folder::new();
    let mut random = fastrand::Rng::with_seed(3);
    for run in 0..20 {
        let file = folder.path().with_file_name(format!("{run}.db"));
        let log = log_of(&file);
        if output_of(start(&file, "order", false), Some(Duration::from_micros(random.u64(0..90_000)))).is_some() {
            continue;
        }
        let journal = Journal::sqlite(&file).await.unwrap();
        let kept = journal.inspect("order").await.map_or(0, |details| details.steps.len());
        let before = std::fs::read_to_string(&log).unwrap_or_default().lines().count();
        drop(journal);
        output_of(start(&file, "order", false), None).unwrap();
        let after = std::fs::read_to_string(&log).unwrap();
        let begun = after.lines().skip(before).filter(|line| line.contains(" begin ")).count();
        // Thirteen steps in all: the records that were kept and the steps that began again are together no more than that.
        assert_eq!(begun + kept, 13, "{kept} kept, then\n{after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_workers_the_other_goes_on_when_one_is_killed_in_a_map_of_five() {
    let (expected, _) = undisturbed().await;
    let folder = Folder::new();
    let mut random = fastrand::Rng::with_seed(11);
    for run in 0..KILLS / 5 {
        let file = folder.path().with_file_name(format!("{run}.db"));
        let (first, second) = (start(&file, "order", false), start(&file, "order", true));
        // The first fails at once if the second was faster: then it is the second that runs, alone.
        output_of(first, Some(Duration::from_micros(random.u64(0..60_000))));
        let begun = Instant::now();
        assert_eq!(output_of(second, None), Some(expected));
        // The system says at once that the first is dead.
        assert!(begun.elapsed() < Duration::from_secs(30));
        overlaps(&log_of(&file));
    }
}

/// Checks that no two processes ran the run at once: the lines of one are before those of the other.
pub(crate) fn overlaps(log: &Path) {
    let text = std::fs::read_to_string(log).unwrap();
    let mut processes: Vec<&str> = Vec::new();
    for line in text.lines() {
        let process = line.split(' ').next().unwrap();
        if processes.last() != Some(&process) {
            assert!(!processes.contains(&process), "two processes at once:\n{text}");
            processes.push(process);
        }
    }
}
