//! Requests to a server over connections that are kept alive: by `wrk` where it is installed, else by a program of this workspace.

use super::child;
use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

const CONNECTIONS: &str = "32";
const PATH: &str = "/answers/why";

/// Who asks.
pub enum Load {
    Wrk,
    Own(PathBuf),
}

/// How a server did.
pub struct Answered {
    pub per_second: f64,
    /// Nanoseconds within which 99 % of the requests were answered.
    pub p99: f64,
}

impl Load {
    pub fn find() -> Result<Self, String> {
        // Without arguments it prints its usage.
        if Command::new("wrk").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok() {
            return Ok(Load::Wrk);
        }
        println!("SKIPPED: load by wrk, for it is not here; a program of this workspace asks in its place");
        child::built("catena-bench-service", "load", &[]).map(Load::Own)
    }

    pub fn name(&self) -> &'static str {
        match self {
            Load::Wrk => "wrk",
            Load::Own(_) => "a program of this workspace",
        }
    }

    /// Ask for so many seconds.
    pub fn ask(&self, address: &str, seconds: u32) -> Result<Answered, String> {
        let seconds = seconds.to_string();
        match self {
            Load::Wrk => {
                let url = format!("http://{address}{PATH}");
                let mut wrk = Command::new("wrk");
                let said = child::said(wrk.args(["-t1", "-c", CONNECTIONS, "-d", &seconds, "--latency", &url]))?;
                read(&said).ok_or_else(|| format!("wrk says something else: {said}"))
            }
            Load::Own(program) => {
                match child::numbers(Command::new(program).args([address, PATH, CONNECTIONS, &seconds]))?[..] {
                    [per_second, p99] => Ok(Answered { per_second, p99 }),
                    _ => Err("the load says something else".to_owned()),
                }
            }
        }
    }
}

/// What `wrk` prints. An answer that is no success has a line of its own, and spoils all.
fn read(said: &str) -> Option<Answered> {
    let after = |label: &str| said.lines().find_map(|line| line.trim().strip_prefix(label)).map(str::trim);
    if after("Non-2xx").is_some() || after("Socket errors").is_some() {
        return None;
    }
    Some(Answered { per_second: after("Requests/sec:")?.parse().ok()?, p99: nanoseconds(after("99%")?)? })
}

/// `1.25ms`.
fn nanoseconds(text: &str) -> Option<f64> {
    let split = text.find(char::is_alphabetic)?;
    let unit = match &text[split..] {
        "us" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        _ => return None,
    };
    Some(text[..split].parse::<f64>().ok()? * unit)
}
