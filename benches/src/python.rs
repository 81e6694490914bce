//! LangChain itself: `python/compare.py` times the same cases in Python, beside the same by hand there, with the `langchain-core` of
//! `python/requirements.txt`.

use crate::{
    case::{Case, kept},
    measure::Measured,
};
use serde::Deserialize;
use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// What of it is used.
pub const USED: &str = "`RunnableLambda`, `|`, `RunnableParallel`, `RunnableBranch`, `with_retry`, `with_fallbacks`, `map`, `batch`, \
                        `RunnableGenerator`, `astream_events`";

/// What Python says, or why it says nothing.
#[derive(Deserialize)]
pub struct Python {
    pub interpreter: String,
    /// Of `langchain-core`.
    pub version: String,
    rows: Vec<Row>,
    without: Vec<Without>,
    #[serde(skip)]
    pub skipped: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    group: String,
    case: String,
    who: String,
    answer: String,
    /// Of one call: the median of the rounds, a quarter below, a quarter above.
    nanoseconds: [f64; 3],
}

#[derive(Deserialize)]
struct Without {
    group: String,
    case: String,
    why: String,
}

/// Whether this row is one of LangChain's, not of what is written by hand in Python.
pub fn is_langchain(who: &str) -> bool {
    who.starts_with("langchain-core")
}

impl Python {
    pub fn not_asked() -> Self {
        Self::skipped("`--no-python` was asked for".to_owned())
    }

    fn skipped(why: String) -> Self {
        let nothing = || "-".to_owned();
        Python { interpreter: nothing(), version: nothing(), rows: Vec::new(), without: Vec::new(), skipped: Some(why) }
    }

    /// Its figures for these cases. What is missing on this machine is no error; what goes wrong in the script is.
    pub fn run(cases: &[(&str, &str)], rounds: usize) -> Result<Self, Box<dyn Error>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
        let python = match environment(&folder.join("requirements.txt")) {
            Ok(python) => python,
            Err(why) => return Ok(Self::skipped(why)),
        };
        let names: Vec<String> = cases.iter().map(|(group, case)| format!("{group}: {case}")).collect();
        println!("LangChain in Python takes its turn");
        let output = Command::new(python)
            .arg("-B")
            .arg(folder.join("compare.py"))
            .arg(rounds.to_string())
            .args(names)
            .output()?;
        if !output.status.success() {
            return Err(format!("`python/compare.py` failed:\n{}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    fn rows(&self, group: &str, case: &str) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.group == group && row.case == case)
    }

    /// Rows for this case, in parts of the time by hand in Rust.
    pub fn figures(&self, group: &str, case: &str, by_hand: f64) -> Vec<Measured> {
        let figure = |row: &Row| Measured {
            who: kept(row.who.clone()),
            nanoseconds: row.nanoseconds[0],
            ratio: row.nanoseconds.map(|nanoseconds| nanoseconds / by_hand),
            allocations: None,
            bytes: None,
            instructions: None,
        };
        self.rows(group, case).map(figure).collect()
    }

    /// Why there are none.
    pub fn without(&self, group: &str, case: &str) -> Vec<(&'static str, &'static str)> {
        let its = self.without.iter().filter(|without| without.group == group && without.case == case);
        its.map(|without| ("langchain-core", &**kept(without.why.clone()))).collect()
    }

    /// Those whose answer is not the one by hand in Rust.
    pub fn wrong(&self, group: &str, case: &Case) -> Vec<String> {
        let mut rows = self.rows(group, case.name).peekable();
        if rows.peek().is_none() {
            return Vec::new();
        }
        let Some(first) = case.contenders.first() else { return Vec::new() };
        let expected = (first.answer)();
        let wrong = rows.filter(|row| row.answer != expected);
        wrong.map(|row| format!("{}: {} says {}, {} {expected}", case.name, row.who, row.answer, first.who)).collect()
    }
}

/// The interpreter of a virtual environment beside this program, with what is required in it.
fn environment(requirements: &Path) -> Result<PathBuf, String> {
    let folder = env::current_exe().map_err(|error| error.to_string())?.with_file_name("benches-python");
    let python = folder.join("bin/python");
    let (installed, wanted) = (folder.join("requirements.txt"), fs::read(requirements));
    let wanted = wanted.map_err(|error| error.to_string())?;
    if python.exists() && fs::read(&installed).is_ok_and(|is| is == wanted) {
        return Ok(python);
    }
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder).output();
    done(made, "`python3 -m venv`")?;
    let pip =
        Command::new(&python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(requirements).output();
    done(pip, "`pip install`")?;
    fs::write(installed, wanted).map_err(|error| error.to_string())?;
    Ok(python)
}

/// What went wrong, in one line.
fn done(output: std::io::Result<Output>, what: &str) -> Result<(), String> {
    match output {
        Err(error) => Err(format!("{what} cannot be run: {error}")),
        Ok(output) if !output.status.success() => {
            let said = [output.stderr, output.stdout].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
            let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("nothing was said").to_owned();
            Err(format!("{what} failed: {last}"))
        }
        Ok(_) => Ok(()),
    }
}
