//! The program behind [`graph_main!`](crate::graph_main).

use crate::{Difference, Format, Graph, Manifest, Result, Runnable, manifest, util::suggest::unknown};
use std::{
    env, fs,
    io::{self, Write},
    process::ExitCode,
};

/// Defines the `main` of a program that draws chains, such as `examples/graph.rs`, for READMEs and CI.
///
/// Each chain is the name of a function that builds it, or `name = expression`, in which `?` may be used. The program's `--help`
/// lists its arguments:
///
/// ```text
/// cargo run --example graph                                  # the only chain, or the list of chains
/// cargo run --example graph -- compare --format svg > docs/compare.svg
/// cargo run --example graph -- compare --manifest > compare.json
/// cargo run --example graph -- compare --since compare.json  # what has changed, in words; exit code 1 if anything has
/// ```
///
/// An unknown chain, format or option ends it with code 2 and the list of known ones.
///
/// ```no_run
/// use catena::prelude::*;
///
/// #[runnable]
/// fn words(text: &str) -> usize { text.split_whitespace().count() }
///
/// #[runnable]
/// fn count() -> impl Runnable<String, Output = usize> { chain!(String => words) }
///
/// catena::graph_main!(count, patient = words.retry("3".parse::<u32>()?));
/// ```
#[macro_export]
macro_rules! graph_main {
    ($($chains:tt)+) => {
        fn main() -> ::std::process::ExitCode {
            $crate::__graph_chains!([] $($chains)+)
        }
    };
}

/// The chains of [`graph_main!`], one by one.
#[doc(hidden)]
#[macro_export]
macro_rules! __graph_chains {
    ([$($done:tt)*]) => {
        $crate::__private::graph_command(&[$($done)*])
    };
    ([$($done:tt)*] $name:ident = $chain:expr $(, $($rest:tt)*)?) => {
        $crate::__graph_chains!([$($done)* (
            ::core::stringify!($name),
            || ::core::result::Result::Ok($crate::__private::drawn(&$chain)),
        ),] $($($rest)*)?)
    };
    ([$($done:tt)*] $build:ident $(, $($rest:tt)*)?) => {
        $crate::__graph_chains!([$($done)*] $build = $build() $(, $($rest)*)?)
    };
}

/// A chain to draw: its name, and what builds it.
type Chain = (&'static str, fn() -> Result<Drawn>);

/// A chain as it is drawn and written down.
pub struct Drawn {
    graph: Graph,
    manifest: Manifest,
}

/// The output about a chain.
pub fn drawn<In: Send>(chain: &impl Runnable<In>) -> Drawn {
    Drawn { graph: super::of_chain(chain), manifest: manifest::of_chain(chain) }
}

const HELP: &str = "\
Draws a chain of this program.

usage: [CHAIN] [--format FORMAT] [--width COLUMNS] [--output FILE]
       [CHAIN] --manifest [--output FILE]
       [CHAIN] --since FILE

  CHAIN             its name; may be left out where there is one only
  --format FORMAT   text, mermaid, dot, svg or json; else by the end of FILE, else text
  --width COLUMNS   how wide the text may be; 100 where nothing is said
  --output FILE     write to a file instead of the standard output
  --manifest        kinds, names and settings as JSON
  --since FILE      what has changed since that manifest, in words; code 1 if anything has
  --list            the names of the chains
";

/// The arguments.
#[derive(Debug, Default, PartialEq)]
struct Asked {
    chain: Option<String>,
    format: Option<Format>,
    width: Option<usize>,
    output: Option<String>,
    since: Option<String>,
    manifest: bool,
    list: bool,
    help: bool,
}

/// The output of the program, and its exit code.
enum End {
    Said(String),
    Written,
    Changed(Difference),
}

/// Runs the program with these arguments.
pub fn graph_command(chains: &[Chain]) -> ExitCode {
    let (said, code) = match asked(env::args().skip(1)).and_then(|asked| answer(&asked, chains)) {
        Ok(End::Said(text)) => (text, ExitCode::SUCCESS),
        Ok(End::Written) => (String::new(), ExitCode::SUCCESS),
        Ok(End::Changed(difference)) => {
            let code = if difference.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
            (difference.to_string(), code)
        }
        Err(why) => {
            // Nobody is left to tell where this fails.
            let _ = writeln!(io::stderr(), "error: {why}");
            return ExitCode::from(2);
        }
    };
    match io::stdout().write_all(said.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(2),
        _ => code,
    }
}

fn asked(mut arguments: impl Iterator<Item = String>) -> std::result::Result<Asked, String> {
    let mut asked = Asked::default();
    while let Some(argument) = arguments.next() {
        let (option, given) = match argument.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value.to_owned())),
            _ => (argument.as_str(), None),
        };
        let is_flag = ["--manifest", "--list", "--help", "-h"].contains(&option);
        if is_flag && given.is_some() {
            return Err(format!("{option} takes no value"));
        }
        let mut value = || given.clone().or_else(|| arguments.next()).ok_or_else(|| format!("{option} needs a value"));
        match option {
            "--format" => {
                asked.format = Some(value()?.parse().map_err(|error: crate::Error| error.message().to_owned())?);
            }
            "--width" => {
                let width = value()?;
                let columns = width.parse().ok().filter(|columns| *columns > 0);
                asked.width = Some(columns.ok_or_else(|| format!("--width takes a number of columns, not `{width}`"))?);
            }
            "--output" => asked.output = Some(value()?),
            "--since" => asked.since = Some(value()?),
            "--manifest" => asked.manifest = true,
            "--list" => asked.list = true,
            "--help" | "-h" => asked.help = true,
            option if option.starts_with('-') => {
                let known = ["--format", "--width", "--output", "--since", "--manifest", "--list", "--help"];
                return Err(unknown("option", option, known.into_iter()).message().to_owned());
            }
            name => match &asked.chain {
                None => asked.chain = Some(name.to_owned()),
                Some(first) => return Err(format!("one chain at a time: `{first}` or `{name}`")),
            },
        }
    }
    Ok(asked)
}

fn answer(asked: &Asked, chains: &[Chain]) -> std::result::Result<End, String> {
    let names = || chains.iter().map(|(name, _)| *name);
    let list = || names().flat_map(|name| [name, "\n"]).collect::<String>();
    if asked.help {
        return Ok(End::Said(format!("{HELP}\nChains:\n{}", list())));
    }
    if asked.list {
        return Ok(End::Said(list()));
    }
    if (asked.manifest || asked.since.is_some()) && (asked.format.is_some() || asked.width.is_some()) {
        return Err("--format and --width are for drawings, not for --manifest and --since".to_owned());
    }
    if asked.since.is_some() && (asked.manifest || asked.output.is_some()) {
        return Err("--since goes alone: it draws and writes nothing".to_owned());
    }
    let (name, build) = match (&asked.chain, chains) {
        (Some(name), _) => chains
            .iter()
            .find(|(known, _)| known == name)
            .ok_or_else(|| unknown("chain", name, names()).message().to_owned())?,
        (None, [only]) => only,
        (None, _) => {
            return Err(format!("say which chain: {}", names().collect::<Vec<_>>().join(", ")));
        }
    };
    let drawn = build().map_err(|error| format!("`{name}` could not be built: {error}"))?;
    if let Some(file) = &asked.since {
        let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        let old: Manifest = serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
        return Ok(End::Changed(old.difference(&drawn.manifest)));
    }
    let text = if asked.manifest { format!("{:#}\n", drawn.manifest.json()) } else { draw(asked, &drawn.graph)? };
    match &asked.output {
        None => Ok(End::Said(text)),
        Some(file) => fs::write(file, text).map(|()| End::Written).map_err(|error| format!("{file}: {error}")),
    }
}

fn draw(asked: &Asked, graph: &Graph) -> std::result::Result<String, String> {
    let extension = asked.output.as_deref().and_then(|file| file.rsplit_once('.')).map(|(_, extension)| extension);
    let format = asked.format.or_else(|| Format::of_extension(extension?)).unwrap_or(Format::Text);
    match asked.width {
        None => Ok(graph.draw(format)),
        Some(columns) if format == Format::Text => Ok(graph.text_of_width(columns)),
        Some(_) => Err(format!("--width is for the format text, not for {}", format.name())),
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, asked};
    use crate::Format;

    fn read(arguments: &str) -> Result<Asked, String> {
        asked(arguments.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn arguments_are_read_in_any_order() {
        let wanted = Asked { chain: Some("a".into()), format: Some(Format::Svg), ..Asked::default() };
        assert_eq!(read("a --format svg"), Ok(wanted));
        assert_eq!(read("--format=svg a"), read("a --format svg"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (arguments, why) in [
            ("--format", "--format needs a value"),
            ("--format sgv", "there is no format `sgv`: did you mean `svg`?"),
            ("--fromat svg", "there is no option `--fromat`: did you mean `--format`?"),
            ("--width wide", "--width takes a number of columns, not `wide`"),
            ("--width 0", "--width takes a number of columns, not `0`"),
            ("--list=yes", "--list takes no value"),
            ("a b", "one chain at a time: `a` or `b`"),
        ] {
            assert_eq!(read(arguments).unwrap_err(), why);
        }
    }
}
