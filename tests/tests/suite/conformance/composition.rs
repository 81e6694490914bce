//! What composes, what chains look like, what runs are called: g33.

use super::{python::outcome, recorded_events::name_of_run};
use catena::{Config, Kind, Node, Result, prelude::*};
use catena_tests::Cases;
use futures_util::{Stream, TryStreamExt};
use serde_json::{Value, json};

/// Any input, so that it stands anywhere.
#[runnable(name = "inc")]
fn any<T: Sync>(_x: &T) -> i64 {
    0
}

#[runnable]
fn inc(x: i64) -> i64 {
    x + 1
}

#[runnable(name = "inc")]
fn inc_as_text(x: i64) -> String {
    x.to_string()
}

#[runnable(name = "gen")]
fn generates(pieces: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
    pieces.map_ok(|piece| piece)
}

/// The recording's callable object.
struct C;

#[runnable]
impl Runnable<i64> for C {
    type Output = i64;
    async fn call(&self, input: i64, _cx: &Context) -> Result<i64> {
        Ok(input * 2)
    }
}

#[derive(Record)]
struct Ab {
    a: i64,
    b: i64,
}

#[runnable]
async fn ainc(x: i64) -> i64 {
    x + 1
}

/// Through what does not show: a sequence of one, a name.
fn inner(node: &Node) -> &Node {
    match node {
        Node::Sequence([part]) => inner(&part.node),
        Node::Named { node, .. } => inner(node),
        node => node,
    }
}

fn class(node: &Node) -> &'static str {
    match inner(node) {
        Node::Sequence(_) => "RunnableSequence",
        Node::Parallel(_) => "RunnableParallel",
        Node::Step(leaf) if leaf.kind == Kind::Generator => "RunnableGenerator",
        _ => "RunnableLambda",
    }
}

fn indented(text: &str, by: usize) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(by)))
}

/// The structure that the compiler knows, written as Python's `repr` shows it.
fn repr(node: &Node) -> String {
    match inner(node) {
        Node::Sequence(parts) => {
            let step = |(at, part): (usize, &catena::Part)| indented(&repr(&part.node), if at == 0 { 0 } else { 2 });
            parts.iter().enumerate().map(step).collect::<Vec<_>>().join("\n| ")
        }
        Node::Parallel(fields) => {
            let field = |field: &Node| {
                let Node::Field { name, node } = field else { panic!("{field:?}") };
                format!("  {name}: {}", indented(&repr(node), name.len() + 4))
            };
            format!("{{\n{}\n}}", fields.iter().map(field).collect::<Vec<_>>().join(",\n"))
        }
        node => format!("{}({})", class(node), node.name().unwrap_or("...")),
    }
}

/// What the recording tells of a composition.
async fn seen<In: Send, R: Runnable<In>>(chain: &R, input: In) -> Value {
    let steps = match inner(&R::NODE) {
        Node::Sequence(parts) => Some(parts.iter().map(|part| class(&part.node)).collect::<Vec<_>>()),
        _ => None,
    };
    json!({ "type": class(&R::NODE), "name": name_of_run(chain, input).await, "steps": steps, "repr": repr(&R::NODE) })
}

#[tokio::test]
async fn g33_composition() {
    const SYNC: &str = "sync and async";
    const NESTED: &str = "a chain in a chain";
    let mut g33 = Cases::of("g33_coercion_naming_repr", "/composition");
    macro_rules! same {
        ($case:literal: $($chain:tt)+) => { g33.same($case, &seen(&chain!(i64 => $($chain)+), 1).await) };
    }
    same! { "r | dict": inc | <a: inc, b: |x| x> }
    same! { "dict | r": <a: inc> | any }
    same! { "r | function": inc | inc }
    same! { "function | r": inc | inc }
    same! { "r | lambda": inc | |x| x }
    same! { "r | generator fn": inc_as_text | generates }
    same! { "nested dict": inc | <a: <b: inc>> }
    g33.same("pipe", &seen(&chain!(i64 => inc | inc | <z: inc>).named("P"), 1).await);
    g33.but_for("r | callable object", "names of runs", &seen(&chain!(i64 => inc | C), 1).await, |theirs| {
        theirs["repr"] = "RunnableLambda(inc)\n| RunnableLambda(C)".into();
    });
    // A chain in a chain is a step of it, and goes by its own name.
    macro_rules! nested {
        ($case:literal ($steps:tt, $repr:literal): $($chain:tt)+) => {
            g33.but_for($case, NESTED, &seen(&chain!(i64 => $($chain)+), 1).await, |theirs| {
                theirs["name"] = "RunnableSequence".into();
                theirs["steps"] = json!($steps);
                theirs["repr"] = $repr.into();
            });
        };
    }
    nested! {
        "seq | seq flattens" (
            ["RunnableSequence", "RunnableSequence"],
            "RunnableLambda(inc)\n| RunnableLambda(inc)\n| RunnableLambda(inc)\n  | RunnableLambda(inc)"
        ): (chain!(i64 => inc | inc)) | (chain!(i64 => inc | inc))
    }
    nested! {
        "r | (r|r) flattens too? (plain | seq)" (
            ["RunnableLambda", "RunnableSequence"],
            "RunnableLambda(inc)\n| RunnableLambda(inc)\n  | RunnableLambda(inc)"
        ): inc | (chain!(i64 => inc | inc))
    }
    nested! {
        "named seq keeps name on |" (
            ["RunnableSequence", "RunnableLambda"],
            "RunnableLambda(inc)\n| RunnableLambda(inc)\n| RunnableLambda(inc)"
        ): (chain!(i64 => inc | inc)).named("S") | inc
    }
    let named = chain!(i64 => (chain!(i64 => inc | inc)).named("S") | inc);
    let events: Vec<catena::Event> = named.events(1).try_collect().await.unwrap();
    let own = events.iter().find(|event| event.name() == "S").unwrap();
    assert_eq!(own.run.parents().len(), 1, "a run in that of the whole");
    for case in [
        "r | 5",
        "5 | r",
        "r | 'str'",
        "r | list",
        "r | None",
        "r | set",
        "dict value not coercible",
        "RunnableLambda(5)",
    ] {
        g33.refused(case, "a wrong wire", "chain/not_a_step");
    }
    g33.refused("RunnableGenerator(non generator)", "a wrong wire", "runnable/generators");
    g33.refused("empty dict", "a parallel map without fields", "chain/empty_map");
    g33.refused("duplicate keys: kwargs override mapping", "a field given twice", "chain/duplicate_field");
    let one = outcome(chain!(i64 => inc).invoke(1).await);
    g33.differs("RunnableSequence(one step)", "a chain of one step", &one, &json!({ "ok": 2 }));
    let both = chain!(i64 => <a: inc, b: inc> | |d| d.a * d.b);
    g33.same("invoke dict|lambda", &outcome(both.invoke(2).await));
    // All steps are async; where nothing else is, a thread waits for them.
    let waited = std::thread::spawn(|| (ainc.invoke_blocking(1), generates.invoke_blocking("x".to_owned())));
    let (number, text) = waited.join().unwrap();
    g33.differs("invoke of coroutine lambda", SYNC, &outcome(number), &json!({ "ok": 2 }));
    g33.differs("async-only generator sync", SYNC, &outcome(text), &json!({ "ok": "x" }));
    g33.elsewhere("RunnableLambda(async fn, afunc)", SYNC);
}

#[tokio::test]
async fn g33_names() {
    let mut g33 = Cases::of("g33_coercion_naming_repr", "/names");
    macro_rules! name {
        ($($step:tt)+) => { json!(name_of_run(&$($step)+, 1).await) };
    }
    g33.same("lambda", &name!(chain!(i64 => |x| x)));
    g33.same("fn", &name!(inc));
    g33.same("named", &name!(inc.named("N")));
    g33.same("parallel", &name!(chain!(i64 => <a: inc, b: inc>)));
    g33.same("each", &json!(name_of_run(&inc.map(), vec![1]).await));
    g33.same("retry", &name!(inc.retry(3)));
    g33.same("fallbacks", &name!(inc.fallback(inc)));
    g33.same("branch", &name!(chain!(i64 => match { 1 => inc, _ => inc })));
    g33.same("bind", &name!(inc.with_config(Config::new().tag("a"))));
    g33.differs(
        "with_config(run_name)",
        "names of runs",
        &name!(inc.with_config(Config::new().run_name("X"))),
        &json!("X"),
    );
    let pick = chain!(Ab => .{ a, b });
    let name = name_of_run(&pick, Ab { a: 1, b: 2 }).await;
    g33.differs("pick", "names of runs", &json!(name), &json!(".{..}"));
    let assign = chain!(i64 => <a: inc> | <.., z: |x| x.a>);
    let events: Vec<catena::Event> = assign.events(1).try_collect().await.unwrap();
    let last = events.iter().rfind(|event| event.name().starts_with("parallel")).unwrap();
    g33.differs("assign", "names of runs", &json!(last.name()), &json!("parallel<a,z>"));
    for case in ["suffix", "suffix upper"] {
        let schema = chain!(i64 => inc | inc).input_schema().unwrap();
        g33.differs(case, "schemas", &schema["title"], &json!("int64"));
    }
}
