//! Processes that are started and measured.

use std::{
    env,
    error::Error,
    fs,
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};

/// A process that has printed a line; it is ended when this is dropped.
pub struct Running {
    child: Child,
    /// Kept, because some go on printing.
    out: BufReader<ChildStdout>,
    /// The first line that it printed.
    pub line: String,
}

impl Running {
    pub fn start(command: &mut Command) -> Result<Self, Box<dyn Error>> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let out = child.stdout.take().ok_or("it prints nothing")?;
        let mut running = Running { child, out: BufReader::new(out), line: String::new() };
        running.out.read_line(&mut running.line)?;
        running.line = running.line.trim().to_owned();
        if running.line.is_empty() { Err(format!("{command:?} ended early").into()) } else { Ok(running) }
    }

    /// This program, for one of its other jobs.
    pub fn own(words: &[&str]) -> Result<Self, Box<dyn Error>> {
        Running::start(Command::new(env::current_exe()?).args(words))
    }

    /// The nanoseconds that its threads have been on a processor, in the program and in the system.
    pub fn processor(&self) -> Result<f64, Box<dyn Error>> {
        let mut sum = 0.0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let text = fs::read_to_string(thread?.path().join("schedstat"))?;
            sum += text.split_whitespace().next().ok_or("no schedstat")?.parse::<f64>()?;
        }
        Ok(sum)
    }

    /// The bytes that it has in memory.
    pub fn memory(&self) -> Result<f64, Box<dyn Error>> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The numbers that a load prints.
pub fn load(words: &[&str]) -> Result<Vec<f64>, Box<dyn Error>> {
    let output = Command::new(env::current_exe()?).arg("load").args(words).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("the load {words:?} failed").into());
    }
    Ok(String::from_utf8(output.stdout)?.split_whitespace().map(str::parse).collect::<Result<_, _>>()?)
}
