//! Schemas of inputs, outputs and settings: g32.

use super::recorded_events::name_of_run;
use catena::{Result, prelude::*};
use catena_tests::Cases;
use futures_util::{Stream, TryStreamExt};
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

/// A schema without what does not change what it allows: titles, formats; with definitions in their place. One that is not
/// known allows anything.
fn plain(schema: Option<&Value>) -> Value {
    let schema = schema.cloned().unwrap_or(Value::Bool(true));
    within(&schema, &schema["$defs"])
}

fn within(schema: &Value, definitions: &Value) -> Value {
    let Value::Object(schema) = schema else { return json!({}) };
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return within(&definitions[name.trim_start_matches("#/$defs/")], definitions);
    }
    // What may be left out, Python says as "or null".
    if let Some([one, null]) = schema.get("anyOf").and_then(Value::as_array).map(Vec::as_slice)
        && null["type"] == "null"
    {
        return within(one, definitions);
    }
    let kept = schema.iter().filter_map(|(name, value)| match name.as_str() {
        "type" | "$trimmed" => Some((name.clone(), value.clone())),
        "items" => Some((name.clone(), within(value, definitions))),
        "properties" => {
            let fields = value.as_object()?.iter().map(|(name, field)| (name.clone(), within(field, definitions)));
            Some((name.clone(), Value::Object(fields.collect())))
        }
        "required" => {
            let mut names: Vec<&str> = value.as_array()?.iter().filter_map(Value::as_str).collect();
            names.sort_unstable();
            Some((name.clone(), json!(names)))
        }
        _ => None,
    });
    Value::Object(kept.collect())
}

/// What LangChain tells of a step, in this form.
fn theirs(case: &Value) -> Value {
    let [input, output, config] = ["input_schema", "output_schema", "config_schema"].map(|name| plain(case.get(name)));
    json!({ "name": case["name"], "input": input, "output": output, "config": config })
}

/// What Catena tells of it, and the name of its run.
async fn ours<In: Send + 'static, R: Runnable<In>>(step: &R, input: In) -> Value {
    let mut config = step.config_schema().unwrap();
    // Of the settings, the recording asks for these.
    let asked: Map<String, Value> = ["tags", "max_concurrency"]
        .map(|name| (name.to_owned(), config["properties"][name].clone()))
        .into_iter()
        .collect();
    config["properties"] = asked.into();
    json!({
        "name": name_of_run(step, input).await,
        "input": plain(step.input_schema().as_ref()),
        "output": plain(step.output_schema().as_ref()),
        "config": plain(Some(&config)),
    })
}

#[runnable]
fn f(x: i64) -> String {
    x.to_string()
}

#[runnable]
fn g(x: String) -> Result<f64> {
    Ok(x.parse()?)
}

#[derive(Clone, JsonSchema, Record)]
struct Ab {
    a: Value,
    b: Value,
}

fn ab() -> Ab {
    Ab { a: json!(1), b: json!(2) }
}

#[runnable]
fn d(a: Value, b: Value) -> Value {
    json!([a, b])
}

#[allow(dead_code)]
#[derive(JsonSchema)]
struct Td {
    a: i64,
    b: String,
}

#[runnable]
fn td(x: Td) -> Td {
    x
}

#[derive(Clone, JsonSchema, Record)]
struct Qn {
    q: String,
    n: String,
}

#[runnable(kind = prompt, name = "ChatPromptTemplate")]
fn prompt(q: &str, n: &str) -> String {
    format!("{q} {n}")
}

#[runnable(kind = parser, name = "StrOutputParser")]
fn parser(text: String) -> String {
    text
}

#[runnable(name = "gen")]
fn digits(numbers: impl Stream<Item = Result<i64>> + Send) -> impl Stream<Item = Result<String>> + Send {
    numbers.map_ok(|n| n.to_string())
}

const MESSAGES: &str = "messages, their history, parsers of JSON";

#[tokio::test]
async fn g32_schemas() {
    let mut whole = Cases::of("g32_schemas", "");
    whole.refused("mismatch runs and fails only at run time (or not at all)", "a wrong wire", "chain/wrong_type");
    whole.take("cases");
    let mut g32 = Cases::of("g32_schemas", "/cases").each(theirs);
    g32.same("lambda typed", &ours(&f, 1).await);
    g32.same("lambda untyped", &ours(&chain!(Value => |x| x), json!(1)).await);
    g32.same("lambda inferring dict keys from source", &ours(&chain!(Ab => d), ab()).await);
    let named = |name: &'static str| move |theirs: &mut Value| theirs["name"] = name.into();
    g32.but_for("itemgetter", "names of runs", &ours(&chain!(Ab => .{ a, b }), ab()).await, named(".{..}"));
    let value = Td { a: 1, b: "b".into() };
    g32.same("TypedDict", &ours(&chain!(Td => td), value).await);
    g32.same("seq f|g", &ours(&chain!(i64 => f | g), 1).await);
    g32.same("parallel", &ours(&chain!(i64 => <x: f, y: f>), 1).await);
    // Where LangChain knows that there is a field, and not of which type, Catena knows the type.
    g32.but_for("seq then parallel", "schemas", &ours(&chain!(i64 => f | <x: g, y: _>), 1).await, |theirs| {
        theirs["output"]["properties"]["y"] = json!({ "type": "string" });
    });
    g32.but_for("pick after parallel", "schemas", &ours(&chain!(i64 => <x: f, y: f | g> | .x), 1).await, |theirs| {
        theirs["output"] = json!({ "type": "string" });
    });
    let assign = chain!({ a: Value, b: Value } => <.., n: d>);
    g32.but_for("assign", "names of runs", &ours(&assign, ab()).await, named("RunnableParallel<a,b,n>"));
    g32.same("passthrough", &ours(&chain!(Value => _), json!(1)).await);
    g32.same("each", &ours(&f.map(), vec![1]).await);
    g32.same("with_types", &ours(&chain!(i64 => |x| x.to_string()), 1).await);
    let qn = Qn { q: "q".into(), n: "n".into() };
    let text = || json!({ "type": "string" });
    g32.but_for("prompt", MESSAGES, &ours(&chain!(Qn => prompt), qn).await, |theirs| theirs["output"] = text());
    g32.but_for("parser", MESSAGES, &ours(&parser, "text".into()).await, |theirs| theirs["input"] = text());
    g32.but_for("generator typed", "a generator", &ours(&digits, vec![1]).await, |theirs| {
        theirs["input"] = json!({ "type": "array", "items": { "type": "integer" } });
    });
    g32.refused("MISMATCH f(int->str) | f(int->str): composes without any error", "a wrong wire", "chain/wrong_type");
}
