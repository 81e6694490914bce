//! The events of a run in a terminal.

use crate::{Event, EventKind, Observer, Run, RunId, host::Instant, util::visible::visible};
use serde_json::Value;
use std::{
    collections::HashMap,
    fmt,
    io::{IsTerminal, Write},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// The maximum length of a value in a line.
const VALUE: usize = 200;

/// An observer that writes every start, end and error as a line, indented by depth, with the time of each step.
///
/// ```text
/// > sequence  {"question":"why?"}
///   > ask  {"question":"why?"}
///   < ask  1.2ms  "because"
/// < sequence  1.3ms  7
/// ```
///
/// ```
/// use catena::{Config, Console, prelude::*};
///
/// #[runnable]
/// fn double(n: u32) -> u32 { n * 2 }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// double.invoke_with(1, Config::new().observe(Console::stderr())).await?;
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub struct Console {
    out: Mutex<Out>,
    values: bool,
    chunks: bool,
    colour: bool,
}

struct Out {
    writer: Box<dyn Write + Send>,
    started: HashMap<RunId, Instant>,
}

impl Console {
    /// Writes to the standard error output, in colours if it is a terminal and `NO_COLOR` is not set.
    pub fn stderr() -> Self {
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Console { colour, ..Console::to(std::io::stderr()) }
    }

    /// Writes to any writer, without colours. Errors of the writer are ignored.
    pub fn to(writer: impl Write + Send + 'static) -> Self {
        let out = Mutex::new(Out { writer: Box::new(writer), started: HashMap::new() });
        Console { out, values: true, chunks: false, colour: false }
    }

    /// Sets whether inputs and outputs are shown. The default is `true`.
    pub fn values(mut self, values: bool) -> Self {
        self.values = values;
        self
    }

    /// Sets whether the chunks of streams are shown. The default is `false`.
    pub fn chunks(mut self, chunks: bool) -> Self {
        self.chunks = chunks;
        self
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn value(&self, value: Option<&Value>) -> String {
        let Some(value) = value.filter(|_| self.values) else { return String::new() };
        let text = value.to_string();
        let text = visible(&text);
        let short = match text.char_indices().nth(VALUE) {
            Some((end, _)) => format!("  {}…", &text[..end]),
            None => format!("  {text}"),
        };
        self.paint("2", &short)
    }

    fn line(&self, event: &Event, took: Option<Duration>) -> Option<String> {
        let took = took.map(|took| format!("  {took:.1?}")).unwrap_or_default();
        let name = &*visible(event.name());
        Some(match &event.kind {
            EventKind::Start { input } => format!("{} {name}{}", self.paint("36", ">"), self.value(input.as_deref())),
            EventKind::Stream { chunk } if self.chunks => {
                format!("{} {name}{}", self.paint("2", "~"), self.value(chunk.as_deref()))
            }
            EventKind::Stream { .. } => return None,
            EventKind::End { output, .. } => {
                format!("{} {name}{took}{}", self.paint("32", "<"), self.value(output.as_deref()))
            }
            EventKind::Error { error, .. } => {
                let error = error.to_string();
                format!("{} {name}{took}  {}", self.paint("31", "!"), self.paint("31", &error))
            }
            EventKind::Custom { data, .. } => {
                format!("{} {name}{}", self.paint("33", "*"), self.value(data.as_deref()))
            }
        })
    }
}

fn depth(run: &Run) -> usize {
    run.parent().map_or(0, |parent| 1 + depth(parent))
}

impl Observer for Console {
    fn event(&self, event: &Event) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let took = match event.kind {
            EventKind::Start { .. } => {
                out.started.insert(event.run.id(), Instant::now());
                None
            }
            EventKind::End { .. } | EventKind::Error { .. } => {
                out.started.remove(&event.run.id()).map(|start| start.elapsed())
            }
            EventKind::Stream { .. } | EventKind::Custom { .. } => None,
        };
        if let Some(line) = self.line(event, took) {
            let inner = usize::from(matches!(event.kind, EventKind::Custom { .. }));
            let indent = "  ".repeat(depth(&event.run) + inner);
            let _ = writeln!(out.writer, "{indent}{line}");
        }
    }

    fn reads(&self) -> bool {
        self.values
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("values", &self.values).field("chunks", &self.chunks).finish_non_exhaustive()
    }
}
