//! The simulator as a program.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    process::{Child, Command, Output, Stdio},
    sync::Arc,
};

use catena::RunnableExt;
use catena_llm::{Model, ModelBuilder, anthropic, gemini, gemini_openai, openai};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_catena-simulator"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// One that runs, and the variables that it says to set.
struct Running(Child, Arc<HashMap<String, String>>);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program(arguments).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let lines = lines.take_while(|line| !line.contains("Ctrl-C"));
        let variables = lines.filter_map(|line| {
            line.strip_prefix("export ")?.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned()))
        });
        let variables = Arc::new(variables.collect());
        Running(child, variables)
    }

    fn model(&self, builder: ModelBuilder) -> Model {
        let variables = Arc::clone(&self.1);
        builder.variables(move |name| variables.get(name).cloned()).build().unwrap()
    }
}

#[tokio::test]
async fn what_it_prints_is_all_that_a_model_needs() {
    let running = Running::start(&["--port", "0", "--fail", "gpt=429:2", "--fail=claude=500*1", "--answer", "Yes."]);
    let error = running.model(openai("gpt-4o")).invoke("Hello").await.unwrap_err();
    assert_eq!((error.kind().name(), error.retry_after().map(|wait| wait.as_secs())), ("rate_limited", Some(2)));
    assert_eq!(running.model(openai("o3")).invoke("Hello").await.unwrap().text(), "Yes.");
    let claude = running.model(anthropic("claude-sonnet-4-5"));
    assert_eq!(claude.invoke("Hello").await.unwrap_err().kind().name(), "unavailable");
    assert_eq!(claude.invoke("Hello").await.unwrap().text(), "Yes.");
    for model in [gemini("gemini-2.5-flash"), gemini_openai("gemini-2.5-flash")] {
        assert_eq!(running.model(model).invoke("Hello").await.unwrap().text(), "Yes.");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_well() {
    let mut running = Running::start(&[]);
    let id = running.0.id().to_string();
    assert!(Command::new("sh").args(["-c", "kill -INT \"$0\"", &id]).status().unwrap().success());
    assert!(running.0.wait().unwrap().success());
}

#[test]
fn what_it_does_not_understand_it_says() {
    let run = |arguments: &[&str]| program(arguments).output().unwrap();
    for (arguments, says) in [
        (&["--fial", "gpt=429"][..], "there is no `--fial`"),
        (&["--fail"], "`--fail` needs a value"),
        (&["--fail", "gpt"], "should look like gpt=429"),
        (&["--fail", "=429"], "does not name a target"),
        (&["--fail", "gpt=gremlins"], "there is no fault `gremlins`"),
        (&["--fail", "gpt=429*often"], "is not a valid number"),
        (&["--port", "99999"], "is not a valid number"),
    ] {
        let Output { status, stderr, .. } = run(arguments);
        let stderr = String::from_utf8_lossy(&stderr);
        assert!(status.code() == Some(2) && stderr.contains(says), "{arguments:?}: {stderr}");
    }
    let help = run(&["--help"]);
    assert!(help.status.success() && String::from_utf8_lossy(&help.stdout).contains("early-end"));
}
