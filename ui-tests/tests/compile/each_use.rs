//! Each mistake in a chain with each use of the chain: one error, on the token that is to blame, however it goes on.

use crate::program;
use std::fmt::Write as _;

const BEGINNING: &str = r#"
use catena::prelude::*;
use catena_llm::prompt;
use futures_util::StreamExt as _;
type Text = String;
#[derive(Clone, Record)]
struct Question { text: String }
#[derive(Clone, Record)]
struct Pair { loud: String, size: usize }
struct Once;
#[runnable]
fn eat(_once: Once) -> String { String::new() }
#[runnable]
fn ask(prompt: &str) -> String { prompt.to_owned() }
#[runnable]
fn shout(text: String) -> String { text.to_uppercase() }
#[runnable]
fn length(text: &str) -> usize { text.len() }
#[runnable]
fn merge(loud: String, size: usize, extra: bool) -> String { format!("{loud}{size}{extra}") }
fn plain(text: String) -> String { text }
fn takes<In: Send>(_: &impl Runnable<In>) {}
"#;

/// A chain with a mistake.
struct Wrong {
    name: &'static str,
    input: &'static str,
    output: &'static str,
    chain: &'static str,
    /// The code that the error marks.
    to_blame: &'static str,
}

const fn wrong(
    name: &'static str,
    input: &'static str,
    output: &'static str,
    chain: &'static str,
    to_blame: &'static str,
) -> Wrong {
    Wrong { name, input, output, chain, to_blame }
}

const MISTAKES: &[Wrong] = &[
    wrong("missing_field", "Text", "String", "chain!(Text => <loud: shout, size: length> | merge)", "merge"),
    wrong(
        "missing_field_amid",
        "Text",
        "usize",
        "chain!(Text => <loud: shout, size: length> | merge | length)",
        "merge",
    ),
    wrong(
        "mistyped_field",
        "Text",
        "String",
        "chain!(Text => <loud: length, size: length, extra: |_| true> | merge)",
        "merge",
    ),
    wrong("missing_field_untyped", "Text", "String", "chain!(<loud: shout, size: length> | merge)", "merge"),
    wrong(
        "missing_field_inline",
        "Question",
        "String",
        "chain!({ text: String } => <loud: .text, size: |q| q.text.len()> | merge)",
        "merge",
    ),
    wrong(
        "unknown_variable",
        "Question",
        "String",
        r#"chain!(Question => prompt!("{txt}") | ask)"#,
        r#"prompt!("{txt}")"#,
    ),
    wrong(
        "unknown_variable_alone",
        "Question",
        "String",
        r#"chain!(Question => prompt!("{txt}"))"#,
        r#"prompt!("{txt}")"#,
    ),
    wrong(
        "fallback_differs",
        "Text",
        "usize",
        "chain!(Text => shout.fallback(length) | length)",
        "shout.fallback(length)",
    ),
    wrong(
        "fallback_differs_last",
        "Text",
        "String",
        "chain!(Text => shout.fallback(length))",
        "shout.fallback(length)",
    ),
    wrong("race_differs", "Text", "String", "chain!(Text => shout.race(length))", "shout.race(length)"),
    wrong(
        "arms_differ",
        "Text",
        "String",
        "chain!(Text => match { t if t.len() > 3 => shout, _ => length })",
        "length",
    ),
    wrong(
        "arms_differ_amid",
        "Text",
        "String",
        "chain!(Text => match { t if t.len() > 3 => shout, _ => length } | shout)",
        "length",
    ),
    wrong("wrong_type", "Text", "String", "chain!(Text => length | shout)", "shout"),
    wrong("wrong_type_first", "usize", "String", "chain!(usize => shout)", "shout"),
    wrong("wrong_type_amid", "Text", "usize", "chain!(Text => length | shout | length)", "shout"),
    wrong("wrong_type_in_branch", "Text", "String", "chain!(Text => <a: length | shout, b: shout> | .a)", "shout"),
    wrong("plain_function", "Text", "String", "chain!(Text => shout | plain)", "plain"),
    wrong("plain_function_first", "Text", "usize", "chain!(Text => plain | length)", "plain"),
    wrong("modifier_of_plain_function", "Text", "String", "chain!(Text => plain.retry(3))", "retry"),
    wrong("not_a_step", "Text", "usize", "chain!(Text => 5 | length)", "5"),
    wrong("unknown_field_picked", "Question", "String", "chain!(Question => .txt)", "txt"),
    wrong("unknown_field_in_closure", "Question", "String", "chain!(Question => |q| q.txt)", "txt"),
    wrong("unknown_name", "Text", "String", "chain!(Text => shoot)", "shoot"),
    wrong("unknown_modifier", "Text", "String", "chain!(Text => shout.retri(3))", "retri"),
    wrong("struct_lacks_field", "Text", "Pair", "chain!(Text => <loud: shout> as Pair)", "Pair"),
    wrong("stray_pipe", "Text", "String", "chain!(Text => shout | | shout)", "|"),
    wrong("input_not_clone", "Once", "String", "chain!(Once => <a: eat, b: eat> | .a)", "<"),
];

/// Uses of a chain: its name, and a program with `$In`, `$Out` and `$chain`.
const USES: &[(&str, &str)] = &[
    ("alone", "fn f() { let _ = $chain; }"),
    ("invoked", "async fn f(input: $In) -> catena::Result<$Out> { $chain.invoke(input).await }"),
    (
        "bound",
        "async fn f(input: $In) -> catena::Result<$Out> { let chain = $chain; let output = chain.invoke(input).await?; Ok(output) }",
    ),
    (
        "streamed",
        "async fn f(input: $In) { let chain = $chain; let mut chunks = chain.stream(input); while let Some(chunk) = chunks.next().await { let _ = chunk.unwrap(); } }",
    ),
    (
        "batched",
        "async fn f(input: $In) { let chain = $chain; for output in chain.batch(vec![input]).max_concurrency(2).await { let _ = output.is_ok(); } }",
    ),
    ("returned", "fn f() -> impl Runnable<$In, Output = $Out> { $chain }"),
    ("returned_by_a_step", "#[runnable] fn f() -> impl Runnable<$In, Output = $Out> { $chain }"),
    (
        "modified",
        r#"async fn f(input: $In) -> catena::Result<$Out> { $chain.named("it").spawned().invoke(input).await }"#,
    ),
    ("boxed", "fn f() -> catena::BoxRunnable<$In, $Out> { let chain = $chain; chain.boxed() }"),
    ("a_step", "fn f() -> impl Runnable<$In, Output = $Out> { let chain = $chain; chain!($In => chain | |x| x) }"),
    ("passed_and_drawn", r#"fn f() { let chain = $chain; takes::<$In>(&chain); println!("{}", chain.graph()); }"#),
];

/// The lines of an error at most, as the compiler shows it: those of the fields of a function, which show it twice.
const LINES: usize = 20;

#[test]
fn a_mistake_is_one_error_in_each_use() {
    let mut source = BEGINNING.to_owned();
    let mut cells = Vec::new();
    for wrong in MISTAKES {
        for (used, program) in USES {
            let program =
                program.replace("$chain", wrong.chain).replace("$In", wrong.input).replace("$Out", wrong.output);
            let begin = source.lines().count() + 1;
            writeln!(source, "mod {}_{used} {{\nuse super::*;\n{program}\n}}", wrong.name).unwrap();
            cells.push((wrong, *used, begin..=source.lines().count()));
        }
    }
    let mistakes = program::check("each_use", &source);
    let mut failures = Vec::new();
    for (wrong, used, lines) in &cells {
        let found: Vec<_> = mistakes.iter().filter(|mistake| lines.contains(&mistake.at)).collect();
        let as_wished = matches!(&found[..], [one] if one.marked == wrong.to_blame && one.lines <= LINES);
        if !as_wished {
            let shown: Vec<_> = found.iter().map(|mistake| mistake.shown.as_str()).collect();
            failures.push(format!("{} {used}: {} errors\n{}", wrong.name, found.len(), shown.join("\n")));
        }
    }
    assert_eq!(mistakes.len(), cells.len(), "errors beside the chains: {}", failures.join("\n\n"));
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
