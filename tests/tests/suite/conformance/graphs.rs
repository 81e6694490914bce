//! Graphs as nodes and edges: g25.

use catena::{Config, Router, prelude::*};
use catena_tests::Cases;
use serde_json::{Value, json};

/// The names of nodes and of the ends of edges, in one order. What comes in and goes out has other names in both, and so
/// have the ends of maps and passthroughs.
fn named(graph: &Value) -> Value {
    let nodes = graph["nodes"].as_array().unwrap();
    let name = |at: usize| -> String {
        let node = &nodes[at];
        let name = node["data"].as_str().or(node["data"]["name"].as_str()).unwrap();
        let is_map = name.to_lowercase().starts_with("parallel<");
        if node["type"] == "schema" && !is_map {
            return if at == 0 { "in" } else { "out" }.to_owned();
        }
        let name = name.replace("Parallel<", "parallel<").replace(">Input", ">_input").replace(">Output", ">_output");
        name.replace("Passthrough", "passthrough")
    };
    let mut names: Vec<String> = (0..nodes.len()).map(name).collect();
    let end = |edge: &Value, end: &str| names[usize::try_from(edge[end].as_u64().unwrap()).unwrap()].clone();
    let edges = graph["edges"].as_array().unwrap().iter();
    let mut edges: Vec<[String; 2]> = edges.map(|edge| [end(edge, "source"), end(edge, "target")]).collect();
    names.sort();
    edges.sort();
    json!({ "nodes": names, "edges": edges })
}

#[runnable]
fn f(x: i64) -> i64 {
    x + 1
}

#[runnable(kind = prompt, name = "ChatPromptTemplate")]
fn prompt(t: String) -> String {
    t
}

#[runnable(kind = model, name = "FakeListChatModel")]
fn model(t: String) -> String {
    t
}

#[runnable(kind = parser, name = "StrOutputParser")]
fn parser(t: String) -> String {
    t
}

#[runnable]
fn merge(joke: i64, poem: i64, orig: i64) -> String {
    format!("{joke} {poem} {orig}")
}

#[derive(Clone, Record)]
struct Numbers {
    a: i64,
}

#[derive(Clone, Record)]
struct Routed {
    key: String,
    input: i64,
}

#[runnable]
fn calc(numbers: &Numbers) -> i64 {
    numbers.a
}

#[test]
fn g25_graphs() {
    let mut whole = Cases::of("g25_graph", "");
    whole.take("chains");
    whole.elsewhere("extra", "styles of drawings");
    let prompts = chain!(String => prompt | model | parser).graph().json();
    let prompts = prompts["nodes"].as_array().unwrap().iter().filter(|node| node["data"]["id"][1] == "prompt");
    whole.same("get_prompts", &prompts.map(|node| node["data"]["name"].clone()).collect());
    let mut g25 = Cases::of("g25_graph", "/chains").each(|case| named(&case["to_json"]));
    g25.told("names in graphs");
    let ours = |graph: catena::Graph| named(&graph.json());
    g25.same("prompt|model|parser", &ours(chain!(String => prompt | model | parser).graph()));
    let fan = chain!(i64 => f | <joke: f, poem: f | f, orig: _> | merge);
    g25.same("lambda|{joke,poem:seq,orig}|merge", &ours(fan.graph()));
    let retried = f.with_config(Config::new().run_name("named").metadata("k", "v"));
    let retried = chain!(i64 => f.retry(3) | retried);
    assert_eq!(retried.graph().json()["nodes"][1]["around"], json!(["retry ×3"]));
    g25.same("with_retry|with_config(run_name ignored, metadata kept)", &ours(retried.graph()));

    // Before a map that comes first there is what goes in.
    let merged = catena::Passthrough.named("join");
    let nested = chain!(i64 => <a: <x: f.named("ax"), y: f.named("ay")>, b: f.named("b")> | merged);
    g25.but_for("nested parallel", "names in graphs", &ours(nested.graph()), |theirs| {
        add(&mut theirs["nodes"], json!("in"));
        add(&mut theirs["edges"], json!(["in", "parallel<a,b>_input"]));
    });
    let assign = chain!(Numbers => <a: .a, b: calc> | .b);
    let expected = json!({
        "nodes": [".a", ".b", "calc", "in", "out", "parallel<a,b>_input", "parallel<a,b>_output"],
        "edges": [
            [".a", "parallel<a,b>_output"],
            [".b", "out"],
            ["calc", "parallel<a,b>_output"],
            ["in", "parallel<a,b>_input"],
            ["parallel<a,b>_input", ".a"],
            ["parallel<a,b>_input", "calc"],
            ["parallel<a,b>_output", ".b"],
        ],
    });
    g25.differs("assign(b)|pick(b)", "names in graphs", &ours(assign.graph()), &expected);

    let shown = "what graphs show";
    let branch = chain!(i64 => match { x if x > 0 => f, _ => f });
    let expected = json!({
        "nodes": ["f", "f", "in", "match", "out"],
        "edges": [["f", "out"], ["f", "out"], ["in", "match"], ["match", "f"], ["match", "f"]],
    });
    g25.differs("branch (opaque single node)", shown, &ours(branch.graph()), &expected);
    let fallback = chain!(i64 => f.fallback(f.named("backup")));
    let expected = json!({
        "nodes": ["backup", "f", "in", "out"],
        "edges": [["backup", "out"], ["f", "backup"], ["f", "out"], ["in", "f"]],
    });
    g25.differs("with_fallbacks (opaque single node)", shown, &ours(fallback.graph()), &expected);
    let router = Router::new([("a", f.boxed())]);
    let expected = json!({
        "nodes": ["f", "in", "match", "out"],
        "edges": [["f", "out"], ["in", "match"], ["match", "f"]],
    });
    g25.differs("router (opaque)", shown, &ours(chain!(Routed => router).graph()), &expected);
}

/// In its place among those that are sorted.
fn add(list: &mut Value, item: Value) {
    let list = list.as_array_mut().unwrap();
    let text = item.to_string();
    let at = list.iter().position(|other| format!("{other}") > text).unwrap_or(list.len());
    list.insert(at, item);
}
