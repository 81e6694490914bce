//! Fallbacks that are told the error: g22.

use super::python::{Raised, exception, outcome, repr};
use catena::{Config, Error, Failed, Result, prelude::*};
use catena_tests::Cases;
use futures_util::TryStreamExt;
use serde_json::{Value, json};

fn text(input: &Value) -> &str {
    input["t"].as_str().unwrap()
}

#[runnable]
fn prim(input: &Value) -> Result<Value, Raised> {
    Err(Raised("ValueError", format!("prim:{}", text(input))))
}

#[runnable]
fn p2(input: &Value) -> Result<Value, Raised> {
    if text(input) == "ok" { Ok(json!("primary ok")) } else { Err(Raised("ValueError", format!("p2:{}", text(input)))) }
}

#[runnable]
fn fb1(failed: &Failed<Value>) -> Result<Value, Raised> {
    Err(Raised("KeyError", format!("fb1 saw {}", repr(&failed.error))))
}

/// What the recording's last fallback tells of what it sees.
fn told(input: &Value, seen: Option<&Error>) -> Value {
    let keys: Vec<&String> = input.as_object().unwrap().keys().collect();
    json!({ "t": text(input), "exc_seen": seen.map_or("None".to_owned(), repr), "keys": keys })
}

#[runnable]
fn fb2(input: &Value, error: &Error) -> Value {
    told(input, Some(error))
}

/// The same, as the fallback of a fallback.
#[runnable]
fn then_fb2(input: &Failed<Value>, error: &Error) -> Value {
    told(&input.input, Some(error))
}

#[runnable]
fn fb2_untold(input: &Value) -> Value {
    told(input, None)
}

/// Takes over for an error of one class, and gives others back.
#[runnable]
fn fb2_for_key_errors(input: &Value, error: Error) -> Result<Value> {
    match error.downcast_ref() {
        Some(Raised("KeyError", _)) => Ok(told(input, Some(&error))),
        _ => Err(error),
    }
}

/// The recording writes the error into the input, where the last fallback sees it among the keys.
fn without_key(mut theirs: Value) -> Value {
    let told = if theirs["ok"].is_object() { &mut theirs["ok"] } else { &mut theirs };
    assert_eq!(told["keys"], json!(["exc", "t"]));
    told["keys"] = json!(["t"]);
    theirs
}

const ROW: &str = "an error for the fallback";

#[tokio::test]
async fn g22_exception_key() {
    let mut g22 = Cases::of("g22_fallbacks_exception_key", "");
    let input = g22.take("input");
    let chain = prim.fallback_with_error(fb1.fallback_with_error(then_fb2));
    let all_fail = prim.fallback_with_error(fb1);
    for case in ["invoke", "ainvoke"] {
        let theirs = g22.take(case);
        assert_eq!(outcome(chain.invoke(input.clone()).await), without_key(theirs), "{case}");
    }
    let theirs = g22.take("stream");
    let chunks: Vec<Value> = chain.stream(input.clone()).try_collect().await.unwrap();
    assert_eq!(chunks, [without_key(theirs[0][0].clone())]);
    g22.told(ROW);
    let lent = input.clone();
    chain.call_ref(&lent, &Context::new()).await.unwrap();
    g22.differs("input_after_invoke (MUTATED in place)", ROW, &lent, &input);
    #[runnable]
    fn refuse(_text: &str) -> Result<String, Raised> {
        Err(Raised("ValueError", "no".into()))
    }
    #[runnable]
    fn excuse(input: String, error: Error) -> String {
        format!("{input}: {}", repr(&error))
    }
    g22.differs(
        "non_dict_input",
        ROW,
        &outcome(refuse.fallback_with_error(excuse).invoke("str".to_owned()).await),
        &json!({ "ok": "str: ValueError('no')" }),
    );
    let only = prim.fallback_with_error(fb2_for_key_errors);
    g22.same("unhandled_exception_type", &outcome(only.invoke(input.clone()).await));
    g22.same("all_fail invoke -> FIRST error", &outcome(all_fail.invoke(input.clone()).await));
    let one = || Config::new().max_concurrency(1);
    let first = json!({ "$exc": "ValueError", "msg": "prim:x" });
    g22.differs(
        "all_fail batch -> LAST error of first failed index",
        "all alternatives failed",
        &outcome(all_fail.try_batch([input.clone(), json!({ "t": "y" })]).config(one()).await),
        &json!({ "err": first }),
    );
    let results = all_fail.batch([input.clone()]).await;
    let error = results[0].as_ref().unwrap_err();
    let others: Vec<Value> = error.others().iter().map(exception).collect();
    assert_eq!(others, [json!({ "$exc": "KeyError", "msg": "\"fb1 saw ValueError('prim:x')\"" })]);
    g22.differs(
        "all_fail batch return_exceptions",
        "all alternatives failed",
        &json!({ "ok": [exception(error)] }),
        &json!({ "ok": [first] }),
    );
    let inputs = ["ok", "bad", "ok"].map(|t| json!({ "t": t }));
    let mut theirs = g22.take("batch mixed (only failed inputs go to the fallback)");
    theirs["ok"][1] = without_key(theirs["ok"][1].clone());
    assert_eq!(outcome(p2.fallback_with_error(fb2).try_batch(inputs).config(one()).await), theirs);
    // Without a fallback, a step is what it is.
    let keys = chain!(Value => |input| input.as_object().unwrap().keys().cloned().collect::<Vec<_>>());
    g22.same("input key absent on first call", &outcome(keys.invoke(json!({ "t": 1 })).await));
    let untold = prim.fallback(fb2_untold).invoke(input.clone()).await;
    g22.same("no exception_key: fallback gets same input", &outcome(untold));
    g22.same("empty fallbacks and failure", &outcome(prim.invoke(input).await));
}
