//! Runs the compiler, and counts the processor time that it takes.

use crate::Result;
use nix::sys::resource::{UsageWho, getrusage};
use serde_json::Value;
use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What is asked of the compiler.
#[derive(Clone, Copy)]
pub enum Emit {
    /// As `cargo check`.
    Check,
    /// As `cargo build`.
    Build,
}

impl fmt::Display for Emit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Emit::Check => "check",
            Emit::Build => "build",
        })
    }
}

/// The compiler, and the libraries that the generated crates use, built as `cargo build` builds them.
pub struct Compiler {
    benches: PathBuf,
    libraries: Vec<(String, PathBuf)>,
}

impl Compiler {
    /// Builds the libraries.
    pub fn new(benches: &Path) -> Result<Self> {
        let output = Command::new(env!("CARGO"))
            .args(["build", "--message-format=json", "-p", "catena", "-p", "futures-util"])
            .current_dir(benches)
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            return Err("the libraries cannot be built".into());
        }
        let mut libraries = Vec::new();
        for line in String::from_utf8(output.stdout)?.lines() {
            let message: Value = serde_json::from_str(line)?;
            let Some(name @ ("catena" | "futures_util")) = message["target"]["name"].as_str() else { continue };
            let library = message["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str);
            libraries.extend(library.filter(|file| file.ends_with(".rlib")).map(|file| (name.to_owned(), file.into())));
        }
        Ok(Compiler { benches: benches.to_owned(), libraries })
    }

    /// Where the crate `catena` is.
    pub fn catena(&self) -> PathBuf {
        self.benches.join("../runtime")
    }

    /// How the compiler is called for a crate with this source, in this directory.
    fn command(&self, source: &str, directory: &Path) -> Result<Command> {
        let file = directory.join("lib.rs");
        fs::write(&file, source)?;
        let mut rustc = Command::new("rustc");
        rustc.args(["--edition=2024", "--crate-type=lib", "--crate-name=measured", "--cap-lints=allow"]);
        rustc.current_dir(&self.benches).arg(file).arg("--out-dir").arg(directory);
        for (name, library) in &self.libraries {
            rustc.arg("--extern").arg(format!("{name}={}", library.display()));
            let beside = library.parent().ok_or("a library without a directory")?;
            rustc.arg("-L").arg(format!("dependency={}", beside.join("deps").display()));
            rustc.arg("-L").arg(format!("dependency={}", beside.display()));
        }
        Ok(rustc)
    }

    /// The processor time of the compiler on a crate with this source.
    pub fn time(&self, source: &str, emit: Emit) -> Result<f64> {
        let directory = tempfile::tempdir()?;
        let mut rustc = self.command(source, directory.path())?;
        match emit {
            Emit::Check => rustc.arg("--emit=metadata"),
            Emit::Build => rustc.args(["--emit=link", "-Cdebuginfo=2"]),
        };
        timed(&mut rustc)
    }
}

/// The lines of the crate after all macros are expanded.
pub fn expanded_lines(compiler: &Compiler, source: &str) -> Result<f64> {
    let directory = tempfile::tempdir()?;
    let mut rustc = compiler.command(source, directory.path())?;
    // The option is not stable; nothing that is measured is compiled with it.
    let output = rustc.arg("-Zunpretty=expanded").env("RUSTC_BOOTSTRAP", "1").output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    #[allow(clippy::cast_precision_loss)]
    Ok(String::from_utf8(output.stdout)?.lines().filter(|line| !line.trim().is_empty()).count() as f64)
}

/// The processor time of a clean `cargo build` of an empty crate with this manifest.
pub fn clean_build(manifest: &str) -> Result<f64> {
    let directory = tempfile::tempdir()?;
    fs::create_dir(directory.path().join("src"))?;
    fs::write(directory.path().join("src/lib.rs"), "")?;
    fs::write(directory.path().join("Cargo.toml"), manifest)?;
    let cargo = |arguments: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(arguments).current_dir(directory.path()).env("CARGO_TARGET_DIR", directory.path().join("target"));
        cargo
    };
    // Whatever has to be downloaded is no part of it.
    timed(&mut cargo(&["fetch", "--quiet"]))?;
    timed(&mut cargo(&["build", "--quiet"]))
}

/// The processor time, of user and system, of a command and all that it started.
fn timed(command: &mut Command) -> Result<f64> {
    let before = spent()?;
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(spent()? - before)
}

fn spent() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    #[allow(clippy::cast_precision_loss)]
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

/// A time as it is printed.
pub fn seconds(time: f64) -> String {
    format!("{time:.2} s")
}
