//! The crates that are measured: with chains, and the same written by hand.

use std::{fmt::Write, path::Path};

/// How many chains, or maps, are in a crate of them.
const CHAINS: usize = 100;
/// How many chains are in a crate of long ones, and how many maps in one of maps.
pub const LONG_CHAINS: usize = 10;

/// What a service would have in its chains: text and numbers, a step that waits, one that fails.
const STEPS: [(&str, &str); 6] = [
    ("trim", "pub fn trim@(text: String) -> String { text.trim().to_owned() }"),
    ("words", "pub fn words@(text: String) -> Vec<String> { text.split(' ').map(str::to_owned).collect() }"),
    ("count", "pub fn count@(words: Vec<String>) -> usize { words.len() }"),
    ("wait", "pub async fn wait@(n: usize) -> usize { std::future::ready(n).await }"),
    ("check", "pub fn check@(n: usize) -> Result<u32, std::num::TryFromIntError> { u32::try_from(n) }"),
    ("show", "pub fn show@(n: u32) -> String { n.to_string() }"),
];

/// How each crate makes its code be generated: the future of each chain goes behind one type.
const PRELUDE: &str = "
    pub type Failure = Box<dyn std::error::Error + Send + Sync>;
    pub type Work<T> = std::pin::Pin<Box<dyn std::future::Future<Output = Result<T, Failure>> + Send>>;
";

/// The six steps, as functions with this suffix.
fn steps(attribute: &str, suffix: &str) -> String {
    STEPS.iter().fold(String::new(), |code, (_, step)| format!("{code}{attribute}\n{}\n", step.replace('@', suffix)))
}

/// A hundred chains of six steps: of the same six, or each of its own.
pub fn chains(own: bool) -> String {
    let mut code = format!("use catena::prelude::*;\n{PRELUDE}");
    if !own {
        code += &steps("#[runnable]", "");
    }
    for chain in 0..CHAINS {
        let suffix = suffix(own, chain);
        if own {
            code += &steps("#[runnable]", &suffix);
        }
        let names: Vec<String> = STEPS.iter().map(|(name, _)| format!("{name}{suffix}")).collect();
        let _ = writeln!(
            code,
            "pub fn chain_{chain}() -> impl Runnable<String, Output = String> {{ chain!(String => {}) }}
             pub fn run_{chain}(input: String) -> Work<String> {{
                 Box::pin(async move {{ Ok(chain_{chain}().invoke(input).await?) }})
             }}",
            names.join(" | "),
        );
    }
    code
}

/// The same as [`chains`], by hand.
pub fn by_hand(own: bool) -> String {
    let mut code = PRELUDE.to_owned();
    if !own {
        code += &steps("", "");
    }
    for chain in 0..CHAINS {
        let s = suffix(own, chain);
        if own {
            code += &steps("", &s);
        }
        let _ = writeln!(
            code,
            "pub async fn chain_{chain}(input: String) -> Result<String, Failure> {{
                 let text = trim{s}(input);
                 let words = words{s}(text);
                 let count = count{s}(words);
                 let count = wait{s}(count).await;
                 let count = check{s}(count)?;
                 Ok(show{s}(count))
             }}
             pub fn run_{chain}(input: String) -> Work<String> {{ Box::pin(chain_{chain}(input)) }}"
        );
    }
    code
}

fn suffix(own: bool, chain: usize) -> String {
    if own { format!("_{chain}") } else { String::new() }
}

/// Chains of this many steps; none, where it is zero.
pub fn long_chains(length: usize) -> String {
    let mut code = format!(
        "use catena::prelude::*;\n{PRELUDE}
         #[runnable] pub fn up(n: u32) -> u64 {{ u64::from(n) + 1 }}
         #[runnable] pub async fn down(n: u64) -> u32 {{ n as u32 }}\n"
    );
    for chain in 0..LONG_CHAINS {
        if length == 0 {
            break;
        }
        let steps = vec!["up | down"; length / 2].join(" | ");
        let _ = writeln!(
            code,
            "pub fn chain_{chain}() -> impl Runnable<u32, Output = u32> {{ chain!(u32 => {steps}) }}
             pub fn run_{chain}(input: u32) -> Work<u32> {{ Box::pin(async move {{ Ok(chain_{chain}().invoke(input).await?) }}) }}"
        );
    }
    code
}

/// Functions that are steps, of which no chain is made.
pub fn steps_alone(count: usize) -> String {
    let mut code = "use catena::prelude::*;\n".to_owned();
    for step in 0..count {
        let _ = writeln!(code, "#[runnable] pub fn trim_{step}(text: &str) -> String {{ text.trim().to_owned() }}");
    }
    code
}

/// Maps of this many branches, whose fields are added up.
pub fn maps(branches: usize) -> String {
    let mut code = format!(
        "use catena::prelude::*;\n{PRELUDE}
         #[runnable] pub async fn length(text: &str) -> usize {{ text.len() }}\n"
    );
    let fields: Vec<String> = (0..branches).map(|n| format!("f{n}: length")).collect();
    let sum: Vec<String> = (0..branches).map(|n| format!("r.f{n}")).collect();
    for map in 0..LONG_CHAINS {
        let _ = writeln!(
            code,
            "pub fn chain_{map}() -> impl Runnable<String, Output = usize> {{ chain!(String => <{}> | |r| {}) }}
             pub fn run_{map}(input: String) -> Work<usize> {{ Box::pin(async move {{ Ok(chain_{map}().invoke(input).await?) }}) }}",
            fields.join(", "),
            sum.join(" + "),
        );
    }
    code
}

/// The same as [`maps`], by hand: with a struct for each, and `try_join!`.
pub fn joins(branches: usize) -> String {
    let mut code = format!("{PRELUDE}pub async fn length(text: &str) -> Result<usize, Failure> {{ Ok(text.len()) }}\n");
    let fields: Vec<String> = (0..branches).map(|n| format!("f{n}")).collect();
    let of_types: Vec<String> = fields.iter().map(|field| format!("pub {field}: usize")).collect();
    let sum: Vec<String> = fields.iter().map(|field| format!("r.{field}")).collect();
    for map in 0..LONG_CHAINS {
        let _ = writeln!(
            code,
            "pub struct Record{map} {{ {} }}
             pub async fn chain_{map}(input: String) -> Result<usize, Failure> {{
                 let ({names}) = futures_util::try_join!({})?;
                 let r = Record{map} {{ {names} }};
                 Ok({})
             }}
             pub fn run_{map}(input: String) -> Work<usize> {{ Box::pin(chain_{map}(input)) }}",
            of_types.join(", "),
            vec!["length(&input)"; branches].join(", "),
            sum.join(" + "),
            names = fields.join(", "),
        );
    }
    code
}

/// What is put into itself, or done over and over, and how often.
pub const NESTED: [(&str, [usize; 4]); 14] = [
    ("maps in maps", [2, 4, 6, 8]),
    ("fallbacks in a row", [5, 10, 20, 40]),
    ("retries in a row", [5, 10, 20, 40]),
    ("races in a row", [5, 10, 20, 40]),
    ("timeouts in a row", [5, 10, 20, 40]),
    ("arms of a match", [8, 32, 64, 128]),
    ("matches in matches", [2, 4, 8, 12]),
    ("a chain put first into itself", [4, 8, 12, 16]),
    ("a chain put last into itself", [4, 8, 12, 16]),
    ("a chain without an input type put first into itself", [4, 8, 12, 16]),
    ("a chain without an input type put last into itself", [4, 8, 12, 16]),
    ("chains without an input type in chains, in place", [4, 8, 12, 16]),
    ("matches in matches, with guards, in place", [2, 4, 8, 12]),
    ("a map, a match, a retry, a fallback", [1, 2, 4, 6]),
];

/// A step in these tokens, in these tokens, ..
fn in_place(times: usize, level: impl Fn(&str) -> String) -> String {
    (0..times).fold("inc".to_owned(), |inner, _| level(&inner))
}

/// A chain that is nested in one of these ways, so many times; called once.
pub fn nested(how: &str, times: usize) -> String {
    let arms = |count: usize| (0..count).fold(String::new(), |arms, arm| format!("{arms}{arm} => inc, "));
    let level = match how {
        "maps in maps" => "let c = chain!(u64 => <a: c, b: inc> | .a);".to_owned(),
        "fallbacks in a row" => "let c = c.fallback(inc);".to_owned(),
        "retries in a row" => "let c = c.retry(2);".to_owned(),
        "races in a row" => "let c = c.race(inc);".to_owned(),
        "timeouts in a row" => "let c = c.timeout(std::time::Duration::from_secs(1));".to_owned(),
        "matches in matches" => "let c = chain!(u64 => match { 0 => inc, 1 => c, _ => inc });".to_owned(),
        "a chain put first into itself" => "let c = chain!(u64 => c | inc);".to_owned(),
        "a chain put last into itself" => "let c = chain!(u64 => inc | c);".to_owned(),
        "a chain without an input type put first into itself" => "let c = chain!(c | inc);".to_owned(),
        "a chain without an input type put last into itself" => "let c = chain!(inc | c);".to_owned(),
        "chains without an input type in chains, in place" => {
            format!("let c = {};", in_place(times, |inner| format!("chain!({inner} | inc)")))
        }
        "matches in matches, with guards, in place" => {
            let arms = |inner: &str| format!("match {{ 0 => inc, n if n > 100 => inc, _ => {inner} }}");
            format!("let c = chain!(u64 => {});", in_place(times, arms))
        }
        "arms of a match" => format!("let c = chain!(u64 => c | match {{ {}_ => inc }});", arms(times - 1)),
        _ => "let c = chain!(u64 => <a: c, b: inc> | .a | match { 0 => inc, _ => inc }).retry(2).fallback(inc);".to_owned(),
    };
    let once = how == "arms of a match" || how.ends_with("in place");
    let levels = if once { level } else { vec![level; times].join("\n") };
    format!(
        "use catena::prelude::*;\n{PRELUDE}
         #[runnable] pub async fn inc(n: u64) -> u64 {{ n + 1 }}
         pub fn run(input: u64) -> Work<u64> {{
             Box::pin(async move {{
                 let c = inc;
                 {levels}
                 Ok(c.invoke(input).await?)
             }})
         }}\n"
    )
}

/// What Catena stands on, with the same features, alone.
pub fn manifest_without_catena() -> String {
    manifest(
        r#"tokio = { version = "1.54.1", default-features = false, features = ["rt", "rt-multi-thread", "time", "sync"] }
           serde = { version = "1.0.229", default-features = false, features = ["std"] }"#,
    )
}

/// Catena with its default features.
pub fn manifest_with_catena(path: impl AsRef<Path>) -> String {
    manifest(&format!("catena = {{ path = {:?} }}", path.as_ref()))
}

fn manifest(dependencies: &str) -> String {
    format!("[package]\nname = \"measured\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n{dependencies}\n")
}
