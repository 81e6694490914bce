//! The page of a run, used in a real browser.
//!
//! Where there is no `node` or no `chromium`, the test says so and passes; `CATENA_REQUIRE_BROWSER=1` makes that a failure.
//! `CATENA_BROWSER` names another browser, `CATENA_PICTURES` a folder for what it looks like.

use catena::{Config, Drawing, Error, Retry, prelude::*};
use catena_tests::ms;
use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

#[runnable(kind = prompt)]
async fn ask(text: String) -> String {
    tokio::time::sleep(ms(4)).await;
    text
}

#[runnable(kind = model)]
async fn gpt(text: String) -> String {
    tokio::time::sleep(ms(1_240)).await;
    text
}

#[runnable(kind = model, tags("cheap"))]
async fn haiku(text: String) -> String {
    tokio::time::sleep(ms(450)).await;
    text
}

#[runnable(kind = model)]
async fn refuse(_text: String) -> catena::Result<String> {
    tokio::time::sleep(ms(210)).await;
    Err(Error::msg("429 Too Many Requests: no <numbers> today").with_retryable(true))
}

#[runnable(kind = retriever)]
async fn find(text: String) -> Vec<String> {
    tokio::time::sleep(ms(90)).await;
    (0..30).map(|n| format!("{text} {n}")).collect()
}

#[runnable]
async fn rank(text: String) -> usize {
    tokio::time::sleep(ms(text.len() as u64 % 37)).await;
    text.len()
}

#[runnable]
fn consensus(gpt: String, claude: String, gemini: catena::Result<String>, found: Vec<usize>) -> String {
    format!("{gpt} {claude} {} {}", gemini.is_ok(), found.len())
}

#[runnable(kind = parser)]
fn shorten(text: String) -> String {
    text.chars().take(20).collect()
}

async fn page() -> String {
    let retry = || Retry::attempts(3).jitter(false);
    let chain = chain!(String =>
        ask
        | <
            gpt: gpt,
            claude: refuse.retry(retry()).fallback(haiku),
            gemini?: refuse,
            found: find | rank.map(),
        >
        | consensus
        | match { text if text.len() > 9 => shorten, _ => |text| text }
    );
    let drawing = Drawing::new("compare").values(true);
    let config = Config::new().observe(drawing.clone()).tag("test");
    let question = "What is </script><img src=x onerror=\"document.title=1\"> and why?".to_owned();
    chain.invoke_with(question, config).await.unwrap();
    drawing.html()
}

fn there(program: &str) -> bool {
    let status = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

#[tokio::test(start_paused = true)]
async fn a_browser_shows_it() {
    let browser = std::env::var("CATENA_BROWSER").unwrap_or_else(|_| "chromium".to_owned());
    if !there("node") || !there(&browser) {
        let why = format!("the page of a run in a browser: install node and {browser}");
        assert!(std::env::var_os("CATENA_REQUIRE_BROWSER").is_none(), "{why}");
        // Not `eprintln!`, which the test harness keeps to itself when a test passes. It names the thread after the test.
        let thread = std::thread::current();
        writeln!(std::io::stderr().lock(), "SKIPPED: {}: {why}", thread.name().unwrap_or_default()).unwrap();
        return;
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("drawn_page.html");
    std::fs::write(&file, page().await).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/page.mjs");
    let pictures = std::env::var_os("CATENA_PICTURES");
    let output = Command::new("node").arg(script).arg(&file).args(pictures).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
