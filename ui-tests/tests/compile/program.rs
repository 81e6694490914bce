//! Programs that tests generate, as the compiler sees them: checked with the crates that this very test is linked with.

use serde_json::Value;
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

/// An error of the compiler.
pub(crate) struct Mistake {
    /// As the compiler shows it.
    pub(crate) shown: String,
    /// The lines of that which are not empty at the end.
    pub(crate) lines: usize,
    /// The line in the program, from 1.
    pub(crate) at: usize,
    /// The code that is marked.
    pub(crate) marked: String,
}

/// Checks a program of this name, and returns its errors.
pub(crate) fn check(name: &str, source: &str) -> Vec<Mistake> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name).with_extension("rs"), source).unwrap();
    let libraries = Libraries::of_this_test().unwrap();
    let mut rustc = libraries.rustc();
    rustc.current_dir(folder).args(["--crate-type", "lib", "--emit", "metadata", "--cap-lints", "allow"]);
    rustc.args(["--error-format", "json", "--diagnostic-width", "140"]).arg(format!("{name}.rs"));
    let output = rustc.output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    let mistakes: Vec<Mistake> = errors.lines().filter_map(|line| mistake(&serde_json::from_str(line).ok()?)).collect();
    assert!(output.status.success() != mistakes.iter().any(|_| true), "the compiler itself failed: {errors}");
    mistakes
}

fn mistake(message: &Value) -> Option<Mistake> {
    if message["level"] != "error" || message["message"].as_str()?.starts_with("aborting due to") {
        return None;
    }
    let shown = message["rendered"].as_str()?.trim_end().to_owned();
    let span = message["spans"].as_array()?.iter().find(|span| span["is_primary"] == true);
    let number = |of: &Value| usize::try_from(of.as_u64().unwrap_or_default()).unwrap_or_default();
    // An error within a macro of another crate is one on the tokens that called it.
    let mut span = span.unwrap_or(&Value::Null);
    while span["expansion"].is_object() && span["text"].as_array().is_none_or(Vec::is_empty) {
        span = &span["expansion"]["span"];
    }
    let (start, end) = (number(&span["column_start"]), number(&span["column_end"]));
    let text: Vec<char> = span["text"][0]["text"].as_str().unwrap_or_default().chars().collect();
    let marked = text.get(start.saturating_sub(1)..end.saturating_sub(1)).unwrap_or_default().iter().collect();
    Some(Mistake { lines: shown.lines().count(), shown, at: number(&span["line_start"]), marked })
}

/// The root of the workspace.
pub(crate) fn workspace() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// The crates that programs use, as Cargo has built them for this test.
pub(crate) struct Libraries {
    folder: PathBuf,
    built: Vec<(&'static str, PathBuf)>,
}

impl Libraries {
    pub(crate) fn of_this_test() -> io::Result<Self> {
        let test = std::env::current_exe()?;
        let folder = test.parent().unwrap_or(Path::new(".")).to_owned();
        let linked = fs::metadata(&test)?.modified()?;
        let mut built = Vec::new();
        for name in ["catena", "catena_llm", "catena_serve", "catena_durable", "futures_util", "serde_json", "tokio"] {
            built.push((name, newest(&folder, name, linked)?));
        }
        Ok(Libraries { folder, built })
    }

    /// A compiler that knows the crates.
    pub(crate) fn rustc(&self) -> Command {
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.args(["--edition", "2024", "-L"]).arg(format!("dependency={}", self.folder.display()));
        for (name, library) in &self.built {
            rustc.arg("--extern").arg(format!("{name}={}", library.display()));
        }
        rustc
    }
}

/// Returns the last library of this name that was there when the test was linked. Others are of other features, or old.
fn newest(folder: &Path, name: &str, linked: SystemTime) -> io::Result<PathBuf> {
    let mut found: Option<(SystemTime, PathBuf)> = None;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let built = file.strip_prefix("lib").and_then(|file| file.strip_suffix(".rlib"));
        if built.and_then(|file| file.rsplit_once('-')).is_none_or(|(of, _)| of != name) {
            continue;
        }
        let modified = fs::metadata(&path)?.modified()?;
        if modified <= linked && found.as_ref().is_none_or(|(newest, _)| *newest < modified) {
            found = Some((modified, path));
        }
    }
    found.map(|(_, path)| path).ok_or_else(|| io::Error::other(format!("no library `{name}` beside this test")))
}
