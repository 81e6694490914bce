//! The simulator of the providers' wire protocols as a program; see `catena-simulator --help`.
#![forbid(unsafe_code)]

use catena_llm::simulator::{Answer, Fault, Provider, Simulator, Target};
use futures_util::poll;
use std::{
    io::{ErrorKind, Write},
    pin::pin,
    process::ExitCode,
    time::Duration,
};

/// The settings from the command line.
#[derive(Default)]
struct Settings {
    port: u16,
    faults: Vec<(Target, Fault, Option<usize>)>,
    answer: Option<String>,
    latency: Duration,
    chunk_delay: Duration,
    help: bool,
}

fn help() -> String {
    let mut text = "Simulates OpenAI, Anthropic and Gemini on this machine, until Ctrl-C.\n\n\
        catena-simulator [--port N] [--fail WHO=FAULT[*TIMES]].. [--answer TEXT] [--latency MS] [--chunk-delay MS]\n\n\
        \x20 --port N           the port; by default, or with 0, any free one\n\
        \x20 --fail WHO=FAULT   make requests fail: always, or with `*3` the next three; may be repeated.\n\
        \x20                    WHO is openai, openai-responses, anthropic, gemini, gemini-openai, all, or the prefix of a model's name\n\
        \x20 --answer TEXT      the answer of all models; by default the text of the user\n\
        \x20 --latency MS       the delay before an answer\n\
        \x20 --chunk-delay MS   the delay before each chunk of a stream\n\n\
        Faults: a status such as 500 or 429, or 429:2 to ask for a delay of two seconds, and\n"
        .to_owned();
    for (name, meaning) in Fault::names() {
        text.extend(["  ", name, &" ".repeat(13_usize.saturating_sub(name.len())), meaning, "\n"]);
    }
    text
}

fn settings(mut arguments: impl Iterator<Item = String>) -> Result<Settings, String> {
    let mut settings = Settings::default();
    while let Some(argument) = arguments.next() {
        // `--port 80` and `--port=80`.
        let (name, mut given) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
            _ => (argument, None),
        };
        let mut value = || given.take().or_else(|| arguments.next()).ok_or(format!("`{name}` needs a value"));
        match name.as_str() {
            "--port" => settings.port = number(&name, &value()?)?,
            "--fail" => settings.faults.push(fault(&value()?)?),
            "--answer" => settings.answer = Some(value()?),
            "--latency" => settings.latency = Duration::from_millis(number(&name, &value()?)?),
            "--chunk-delay" => settings.chunk_delay = Duration::from_millis(number(&name, &value()?)?),
            "--help" | "-h" => settings.help = true,
            _ => return Err(format!("there is no `{name}`; see --help")),
        }
    }
    Ok(settings)
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("`{name} {value}` is not a valid number"))
}

/// Parses a fault such as `gpt=429*2`.
fn fault(text: &str) -> Result<(Target, Fault, Option<usize>), String> {
    let (who, what) = text.split_once('=').ok_or(format!("`--fail {text}` should look like gpt=429"))?;
    let (what, times) = match what.split_once('*') {
        Some((what, times)) => (what, Some(number("--fail .. *", times)?)),
        None => (what, None),
    };
    let target = match who {
        "" => return Err(format!("`--fail {text}` does not name a target")),
        "all" => Target::any(),
        "openai" => Provider::OpenAi.into(),
        "openai-responses" => Provider::OpenAiResponses.into(),
        "anthropic" => Provider::Anthropic.into(),
        "gemini" => Provider::Gemini.into(),
        "gemini-openai" => Provider::GeminiOpenAi.into(),
        model => Target::models(model),
    };
    let fault = what.parse().map_err(|error| format!("`--fail {text}`: {error}"))?;
    Ok((target, fault, times))
}

async fn serve(settings: Settings) -> Result<(), String> {
    let Settings { port, faults, answer, latency, chunk_delay, help: _ } = settings;
    let builder = Simulator::builder().port(port).latency(latency).chunk_delay(chunk_delay);
    let builder = match answer {
        Some(answer) => builder.respond(move |_| Answer::new(&answer)),
        None => builder,
    };
    let sim = builder.start().await.map_err(|error| format!("port {port} cannot be opened: {error}"))?;
    for (target, fault, times) in faults {
        let script = sim.script(target).fail(fault);
        match times {
            Some(times) => script.times(times),
            None => script.always(),
        };
    }
    let text = format!(
        "export OPENAI_BASE_URL={}\nexport OPENAI_API_KEY=simulated\n\
         export ANTHROPIC_BASE_URL={}\nexport ANTHROPIC_API_KEY=simulated\n\
         export GEMINI_BASE_URL={}\nexport GEMINI_API_KEY=simulated\n\
         # Gemini by OpenAI's protocol: {}\n# Serving until Ctrl-C.\n",
        sim.openai_url(),
        sim.url(),
        sim.gemini_url(),
        sim.gemini_openai_url(),
    );
    // Ctrl-C is handled from the first poll on, which must precede the message that the server is ready.
    let mut stop = pin!(tokio::signal::ctrl_c());
    let pressed = poll!(stop.as_mut()).is_ready();
    say(&text)?;
    if pressed { Ok(()) } else { stop.await.map_err(|error| format!("cannot wait for Ctrl-C: {error}")) }
}

fn say(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A closed pipe is not an error: the reader has read enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.to_string()),
        _ => Ok(()),
    }
}

fn main() -> ExitCode {
    let outcome = settings(std::env::args().skip(1)).and_then(|settings| {
        if settings.help {
            return say(&help());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| error.to_string())?.block_on(serve(settings))
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
