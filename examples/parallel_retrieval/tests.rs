use super::*;
use report::{Fared, Outcome};
use results::Source;

fn args(line: &str) -> Args {
    Args::try_parse_from(line.split(';')).unwrap()
}

async fn search(line: &str) -> Report {
    run(&args(line), CancellationToken::new()).await.unwrap()
}

fn of(report: &Report, source: Source) -> &Fared {
    report.sources.iter().find(|fared| fared.source == source).unwrap()
}

fn outcomes(report: &Report) -> [Outcome; 3] {
    [Source::Sqlite, Source::Bm25, Source::Remote].map(|source| of(report, source).outcome)
}

#[tokio::test]
async fn all_sources_answer_and_what_they_share_appears_once() {
    let report = search("_;replayed after a crash: the write-ahead log").await;
    assert_eq!(outcomes(&report), [Outcome::Answered; 3]);
    let best = &report.results[0];
    assert_eq!(best.sources.len(), 3, "three collections have the text, each a little otherwise");
    assert!((best.score - 3.0).abs() < 1e-9, "and it is the best hit of each: {}", best.score);
    assert_eq!(best.snippet, "After a crash the log is replayed from the last checkpoint.");
    assert_eq!(report.results.iter().filter(|line| line.title.to_lowercase().contains("write-ahead")).count(), 1);
    assert!(report.results.windows(2).all(|pair| pair[0].score >= pair[1].score));
    assert!(report.sources.iter().all(|fared| fared.found > Some(0) && fared.took_ms > Some(0.0)));
    let table = report.table(1);
    assert!(table.contains("sqlite bm25 remote") && table.contains("more: --limit"), "{table}");
}

#[tokio::test]
async fn a_remote_source_that_stays_down_is_replaced_by_nothing() {
    let report = search("_;--fail;remote;backpressure").await;
    assert_eq!(outcomes(&report), [Outcome::Answered, Outcome::Answered, Outcome::ReplacedByNothing]);
    let remote = of(&report, Source::Remote);
    let kinds: Vec<_> = remote.errors.iter().map(|error| error.kind().name()).collect();
    assert_eq!((remote.found, kinds), (Some(0), vec!["unavailable"; 3]));
    assert_eq!(report.results[0].title, "Backpressure");
    assert!(report.table(5).contains("failed 3 times: an empty list instead"));
}

#[tokio::test]
async fn a_remote_source_that_comes_back_is_asked_again() {
    let report = search("_;--fail;remote=2;backpressure").await;
    assert_eq!(of(&report, Source::Remote).outcome, Outcome::AnsweredAfterRetry);
    assert_eq!((of(&report, Source::Remote).errors.len(), of(&report, Source::Remote).found), (2, Some(1)));
    let table = report.table(5);
    assert!(table.contains("failed twice, then answered"), "{table}");
    assert_eq!(table.matches("503 Service Unavailable: the search is down").count(), 1);
}

#[tokio::test]
async fn a_settled_source_that_fails_does_not_stop_the_others() {
    let report = search("_;--fail;sqlite;--fail;remote;sqlite async thread").await;
    assert_eq!(outcomes(&report), [Outcome::Failed, Outcome::Answered, Outcome::ReplacedByNothing]);
    assert_eq!(of(&report, Source::Sqlite).errors[0].message(), "no such table: notes");
    assert!(!report.results.is_empty());
}

#[tokio::test]
async fn interrupted_it_says_what_was_not_finished() {
    let args = args("_;--fail;remote=hang;backpressure");
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        cancel.cancel();
    });
    let report = run(&args, stop).await.unwrap();
    assert!(report.interrupted && report.results.is_empty());
    assert_eq!(of(&report, Source::Bm25).outcome, Outcome::Answered);
    let remote = of(&report, Source::Remote);
    assert_eq!((remote.outcome, remote.found, remote.took_ms), (Outcome::NotFinished, None, None));
    let table = report.table(5);
    assert!(table.contains("not finished") && table.contains("Interrupted after"), "{table}");
}

#[tokio::test]
async fn weights_decide_who_is_first() {
    let report = search("_;--weight;sqlite=0;--weight;remote=0;--weight;bm25=2.5;how are retries spread?").await;
    assert_eq!(report.results[0].title, "Retries and jitter");
    assert!((report.results[0].score - 2.5).abs() < 1e-9);
}

#[tokio::test]
async fn json_has_it_all() {
    let json = serde_json::to_value(search("_;--fail;remote;tcp").await).unwrap();
    assert_eq!(json["query"], "tcp");
    assert_eq!(json["sources"][2]["outcome"], "replaced_by_nothing");
    assert_eq!(json["sources"][2]["errors"][0]["kind"], "unavailable");
    assert_eq!(json["results"][0]["rank"], 1);
    assert!(json["elapsed_ms"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let error = run(&args("_;???"), CancellationToken::new()).await.err().unwrap();
    assert_eq!(error.message(), r#"there is nothing to search for in "???""#);
    let error = run(&args("_;--library;/nowhere;rust"), CancellationToken::new()).await.err().unwrap();
    assert!(error.to_string().contains("while reading"), "{error}");
    for line in
        ["_;--fail;bm25", "_;--fail;remote=often", "_;--weight;remote", "_;--weight;moon=1", "_;--weight;bm25=-1"]
    {
        assert!(Args::try_parse_from(line.split(';')).is_err(), "{line}");
    }
}

#[tokio::test]
async fn a_query_is_data_to_every_source() {
    let report = search(r#"_;"rust" OR NEAR( -title:* & q=%20#futures"#).await;
    assert_eq!(outcomes(&report), [Outcome::Answered; 3]);
}

#[test]
fn bm25_is_the_formula() {
    let document = |text: &str| library::Document { title: String::new(), text: text.to_owned() };
    let index = Bm25::index(vec![document("red green"), document("red red blue blue"), document("grey")]);
    let hits = index.search("red red");
    // rarity = ln(1 + (3 - 2 + 0.5) / (2 + 0.5)); lengths 2 and 4, on average 7/3
    let rarity = 1.6_f64.ln();
    let score = |count: f64, length: f64| rarity * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / (7.0 / 3.0)));
    assert_eq!(hits.len(), 2);
    assert_eq!((hits[0].text.as_str(), hits[1].text.as_str()), ("red red blue blue", "red green"));
    assert!((hits[0].score - score(2.0, 4.0)).abs() < 1e-12 && (hits[1].score - score(1.0, 2.0)).abs() < 1e-12);
    assert!(Bm25::index(Vec::new()).search("red").is_empty());
}
