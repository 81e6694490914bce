//! Programs of their own, built and started.

use super::processor;
use std::{
    env,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// Build a program of this workspace, with these arguments of cargo's, and say where it is.
pub fn built(package: &str, program: &str, more: &[&str]) -> Result<PathBuf, String> {
    let here = env::current_exe().map_err(|error| error.to_string())?;
    // Of `target/release/catena-benches`.
    let target = here.ancestors().nth(2).ok_or("this program is in no target directory")?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["rustc", "--quiet", "--release", "--package", package, "--bin", program, "--target-dir"])
        .arg(target)
        .args(more)
        .output()
        .map_err(|error| format!("cargo does not run: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{program}` does not build: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(target.join("release").join(program))
}

/// What a program prints.
pub fn said(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{} does not run: {error}", name(command)))?;
    if !output.status.success() {
        return Err(format!("{} fails: {}", name(command), String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The numbers that a program prints.
pub fn numbers(command: &mut Command) -> Result<Vec<f64>, String> {
    let said = said(command)?;
    let numbers: Result<Vec<f64>, _> = said.split_whitespace().map(str::parse).collect();
    numbers.map_err(|_| format!("{} says no numbers: {said}", name(command)))
}

fn name(command: &Command) -> String {
    format!("`{}`", command.get_program().to_string_lossy())
}

/// A server that says in its first line where it is; killed when this is dropped.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Server {
    pub fn start(command: &mut Command) -> Result<Self, String> {
        let mut child =
            command.stdout(Stdio::piped()).spawn().map_err(|error| format!("{}: {error}", name(command)))?;
        let mut address = String::new();
        let read = child.stdout.take().map(|out| BufReader::new(out).read_line(&mut address));
        let server = Server { child, address: address.trim().to_owned() };
        match read {
            Some(Ok(_)) if !server.address.is_empty() => Ok(server),
            _ => Err(format!("{} says no address", name(command))),
        }
    }

    /// Nanoseconds it was on a processor, where that is known.
    pub fn on_processor(&self) -> Option<f64> {
        processor::nanoseconds(&self.child.id().to_string())
    }

    /// What it says on the way, once it has been told to end.
    pub fn ended(mut self) -> Option<String> {
        let mut errors = String::new();
        std::io::Read::read_to_string(&mut self.child.stderr.take()?, &mut errors).ok()?;
        self.child.wait().ok()?;
        Some(errors)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
