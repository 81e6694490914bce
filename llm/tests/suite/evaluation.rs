//! Evaluations: what becomes of each case, of the files, and of hostile words.

use catena::{Config, Error, ErrorKind, prelude::*};
use catena_llm::{
    Cost, Message, Price, PriceTable, Usage,
    evaluation::{Case, Dataset, Evaluation, Report, Score, scorer},
    prompt,
    testing::{Reply, Scripted},
};
use serde_json::json;
use std::{
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::Duration,
};

fn capitals() -> Dataset<String, String> {
    Dataset::new(
        [("France", "Paris"), ("Peru", "Lima"), ("Chad", "N'Djamena")].map(|(a, b)| (a.to_owned(), b.to_owned())),
    )
}

/// Knows two of three, and fails for the last.
#[runnable]
fn know(country: String) -> catena::Result<String> {
    match country.as_str() {
        "France" => Ok("Paris".to_owned()),
        "Peru" => Ok("Quito, <script>alert(1)</script>".to_owned()),
        _ => Err(Error::msg("unknown \u{1b}[31mcountry")),
    }
}

#[tokio::test]
async fn each_case_has_its_outcome() {
    let report = Evaluation::new("capitals", capitals())
        .scorer("exact", scorer::exact())
        .score("short", |_case, answer: &String| answer.len() < 10)
        .run(&know)
        .await
        .unwrap();
    let [france, peru, chad] = report.cases() else { panic!("{report}") };
    assert!(france.passed() && france.drawing.is_none());
    assert_eq!(peru.failed, ["exact", "short"]);
    assert!(chad.error.as_deref().unwrap().contains("unknown"));
    assert_eq!((report.passed(), report.mean("exact"), report.mean("none")), (1, Some(1.0 / 3.0), None));
    assert_eq!(report.exit_code(), ExitCode::FAILURE);

    let table = report.to_string();
    assert!(table.contains("1 of 3") && table.contains("FAILED"), "{table}");
    assert!(!table.contains('\u{1b}'), "{table:?}");
    let page = report.html();
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
    assert_eq!(page.matches("<svg").count(), 2);
}

#[tokio::test]
async fn a_part_may_be_enough() {
    let evaluation = Evaluation::new("capitals", capitals()).scorer("exact", scorer::exact());
    assert_eq!(evaluation.required(0.3).run(&know).await.unwrap().exit_code(), ExitCode::SUCCESS);
}

#[tokio::test]
async fn a_panic_is_the_error_of_its_case() {
    let chain = chain!(String => |country| { assert!(country != "Peru", "out of ink"); country });
    let report = Evaluation::new("panics", capitals()).score("any", |_, _: &String| true).run(&chain).await.unwrap();
    assert_eq!(report.passed(), 2);
    assert!(report.cases()[1].error.as_deref().unwrap().contains("out of ink"));
}

#[tokio::test]
async fn no_scorer_is_an_error() {
    let error = Evaluation::new("none", capitals()).run(&know).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.message().contains("needs a scorer"));
}

#[tokio::test(start_paused = true)]
async fn concurrency_is_limited_and_the_order_is_kept() {
    static NOW: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let chain = chain!(u64 => |n| {
        MOST.fetch_max(NOW.fetch_add(1, SeqCst) + 1, SeqCst);
        tokio::time::sleep(Duration::from_secs(10 - n)).await;
        NOW.fetch_sub(1, SeqCst);
        n
    });
    let data = Dataset::new((0..9).map(|n| (n, n)));
    let report = Evaluation::new("order", data)
        .scorer("same", scorer::json_equality())
        .concurrency(3)
        .run(&chain)
        .await
        .unwrap();
    assert_eq!((report.passed(), MOST.load(SeqCst)), (9, 3));
    assert!(report.cases().iter().enumerate().all(|(n, case)| case.output == json!(n)));
}

#[tokio::test]
async fn json_is_compared_by_value() {
    let data = Dataset::new([
        (json!({"a": 1, "b": [1, 2]}), json!({"b": [1.0, 2], "a": 1})),
        (json!({"a": {"b": [1, 2]}}), json!({"a": {"b": [1, 3]}})),
        (json!({"a": 1}), json!({"a": 1, "b": null})),
    ]);
    let report = Evaluation::new("json", data)
        .scorer("equal", scorer::json_equality())
        .run(&chain!(serde_json::Value => _))
        .await
        .unwrap();
    let reasons: Vec<_> = report.cases().iter().map(|case| case.scores["equal"].reason()).collect();
    assert_eq!(reasons, [None, Some("another value at /a/b/1"), Some("another value at /b")]);
}

#[tokio::test]
async fn a_model_judges_and_its_cost_is_its_own() {
    let judge = Scripted::new()
        .named("judge")
        .answer(Reply::from(r#"{"reason": "Polite.", "score": 9}"#).usage(Usage::new(1_000_000, 0)))
        .answer(Reply::from(r#"{"reason": "Rude.", "score": 2}"#).usage(Usage::new(1_000_000, 0)))
        .answer(Reply::from(r#"{"reason": "?", "score": 40}"#).usage(Usage::new(1_000_000, 0)));
    let model = Scripted::new().named("gpt").when("?", Reply::from("Hello.").usage(Usage::new(1_000_000, 0))).chat();
    let chain = chain!(String => prompt!("{}?") | model | |answer: Message| answer.text().to_owned());
    let dollars = |dollars: u64| Cost::from_micros(1_000_000 * dollars);
    let per_million = |input, output| Price::per_million(dollars(input), dollars(output));
    let mut prices = PriceTable::empty();
    prices.set("judge", per_million(2, 8)).set("gpt", per_million(1, 4));
    let report = Evaluation::new("polite", capitals())
        .scorer("polite", scorer::judge(judge.chat(), "The answer is polite."))
        .pass_mark(0.7)
        .prices(prices)
        .concurrency(1)
        .run(&chain)
        .await
        .unwrap();
    let [polite, rude, odd] = report.cases() else { panic!("{report}") };
    assert_eq!((polite.passed(), polite.scores["polite"].reason()), (true, Some("Polite.")));
    assert_eq!((rude.passed(), rude.scores["polite"].value()), (false, 0.2));
    assert!(odd.error.as_deref().unwrap().contains("the score 40"), "{odd:?}");
    assert_eq!((polite.cost, polite.judging_cost, polite.tokens), (Some(1.0), Some(2.0), 1_000_000));
    let asked = judge.requests()[0].messages[1].text().to_owned();
    assert!(asked.contains("The answer is polite.") && asked.contains("\"output\": \"Hello.\""), "{asked}");
}

#[tokio::test]
async fn two_runs_are_compared() {
    let evaluation = || Evaluation::new("capitals", capitals()).scorer("exact", scorer::exact());
    let before = evaluation().run(&know).await.unwrap();
    let better = chain!(String => |country| if country == "Peru" { "Lima".to_owned() } else { "?".to_owned() });
    let now = evaluation().run(&better).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("before.json");
    before.save(&path).unwrap();
    let before = Report::load(&path).unwrap();

    let comparison = now.compare(&before);
    assert!(comparison.is_worse());
    assert_eq!((comparison.broken, comparison.mended), (vec!["1".to_owned()], vec!["2".to_owned()]));
    assert_eq!(now.compare(&before).to_string(), "exact: 0.33 before, 0.33 now\nbroken: 1\nmended: 2\n");

    std::fs::write(&path, r#"{"version": 99}"#).unwrap();
    assert!(Report::load(&path).unwrap_err().message().contains("version 99"));
}

#[test]
fn bad_lines_are_named() {
    let refused = |text: &str| Dataset::<String, u32>::parse(text).unwrap_err().message().to_owned();
    assert!(refused("").contains("no cases"));
    assert!(refused("{\"input\": \"a\", \"expected\": 1}\n\n{\"input\": 2, \"expected\": 1}").contains("line 3"));
    let twice =
        "{\"id\": \"x\", \"input\": \"a\", \"expected\": 1}\n{\"id\": \"x\", \"input\": \"b\", \"expected\": 1}";
    assert!(refused(twice).contains("line 2") && refused(twice).contains("\"x\""));
    let data =
        Dataset::<String, u32>::parse("\u{feff}{\"input\": \"a\", \"expected\": 1, \"source\": \"web\"}\r\n").unwrap();
    let case: &Case<String, u32> = &data.cases()[0];
    assert_eq!((case.id.as_str(), &case.metadata["source"]), ("1", &json!("web")));
    let missing = Dataset::<String, u32>::open("/nowhere/data.jsonl").unwrap_err();
    assert!(missing.to_string().contains("/nowhere/data.jsonl"));
}

#[tokio::test]
async fn the_configuration_is_that_of_each_run() {
    let evaluation =
        Evaluation::new("limited", capitals()).score("any", |_, _: &String| Score::new(f64::NAN).because("-"));
    let slow = chain!(String => |text| { std::future::pending::<()>().await; text });
    let report = evaluation.config(Config::new().deadline(Duration::ZERO)).run(&slow).await.unwrap();
    assert_eq!(report.passed(), 0);
    assert!(report.cases()[0].error.as_deref().unwrap().contains("deadline"));
}
