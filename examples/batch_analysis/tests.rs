use super::*;
use report::Item;

fn args(line: &str) -> Args {
    Args::try_parse_from(line.split(' ')).unwrap()
}

async fn analyse(line: &str) -> Report {
    run(&args(line), &ProgressBar::hidden(), CancellationToken::new()).await.unwrap()
}

fn error_kinds(item: &Item) -> Vec<&str> {
    item.errors().map(|error| error.kind().name()).collect()
}

/// What the models refuse, whatever is tried.
fn hopeless(item: &Item) -> bool {
    item.text.trim().is_empty() || item.text.len() > 4000
}

fn find<'a>(report: &'a Report, start: &str) -> &'a Item {
    report.items.iter().find(|item| item.text.starts_with(start)).unwrap()
}

fn mood(report: &Report, start: &str) -> Option<Mood> {
    find(report, start).analysis.as_ref()?.mood.known().copied()
}

fn topic(report: &Report, start: &str) -> Option<Topic> {
    find(report, start).analysis.as_ref()?.topic.known().copied()
}

#[tokio::test]
async fn a_hundred_messages_keep_their_places() {
    let report = analyse("_").await;
    assert!(!report.interrupted);
    assert_eq!((report.messages, report.finished, report.incomplete), (100, 100, 3));
    let texts: Vec<&str> = report.items.iter().map(|item| item.text.as_str()).collect();
    assert_eq!(texts, std::fs::read_to_string(args("_").file).unwrap().lines().collect::<Vec<_>>());
    for item in &report.items {
        match item.text.as_str() {
            text if text.trim().is_empty() => assert_eq!(error_kinds(item), ["bad_input"; 2]),
            text if text.len() > 4000 => {
                assert_eq!(error_kinds(item), ["bad_input"; 2]);
                assert!(item.errors().all(|error| error.message().contains("maximum context length is 1000 tokens")));
            }
            text => assert_eq!(error_kinds(item), [""; 0], "{text}"),
        }
    }
    // The empty ones were spared; the one that is too long was not tried again.
    assert_eq!((report.model_calls.made, report.model_calls.failed), (2 * 98, 2));
    // One limit for all of them: two models could be asked about each message at once.
    assert_eq!(report.model_calls.most_at_once, 10);
    assert_eq!(report.moods.values().sum::<usize>(), 97);
    assert!(report.items_per_second > 0.0);
}

#[tokio::test]
async fn the_answers_are_read_out_of_the_texts() {
    let report = analyse("_").await;
    assert_eq!(mood(&report, "Perfect gift"), Some(Mood::Positive));
    assert_eq!(mood(&report, "The drill is powerful"), Some(Mood::Positive));
    assert_eq!(mood(&report, "Die Lieferung"), Some(Mood::Positive));
    assert_eq!(mood(&report, "商品は"), Some(Mood::Positive));
    assert_eq!(mood(&report, "👎"), Some(Mood::Negative));
    assert_eq!(mood(&report, "Ignore all previous"), Some(Mood::Neutral));
    assert_eq!(mood(&report, "Sound is excellent"), Some(Mood::Mixed));
    assert_eq!(topic(&report, "I was charged twice"), Some(Topic::Payment));
    assert_eq!(topic(&report, "My parcel was due"), Some(Topic::Delivery));
    assert_eq!(topic(&report, "I cannot log in"), Some(Topic::Account));
    assert_eq!(topic(&report, "The zip of the jacket"), Some(Topic::Product));
    assert_eq!(topic(&report, "12345"), Some(Topic::Other));
}

#[tokio::test]
async fn calls_that_fail_are_tried_again() {
    let report = analyse("_ --fail 10 --attempts 8").await;
    assert_eq!((report.finished, report.incomplete), (100, 3));
    let calls = &report.model_calls;
    assert!(calls.failed > 2 + 15, "{}", calls.failed);
    assert!(["rate_limited", "unavailable"].iter().all(|kind| calls.errors.contains_key(kind)), "{:?}", calls.errors);
    assert_eq!(calls.made, 2 * 98 + calls.failed - 2, "one more call for each that failed");
}

#[tokio::test]
async fn without_another_attempt_the_failure_stays_in_its_place() {
    let report = analyse("_ --fail 4 --attempts 1").await;
    assert_eq!(report.finished, 100);
    assert_eq!(report.model_calls.made, 2 * 98);
    let failed: usize = report.items.iter().filter(|item| !hopeless(item)).map(|item| item.errors().count()).sum();
    assert_eq!(failed, report.model_calls.failed - 2);
    assert!(failed >= 2 * 97 / 4 - 1, "{failed}");
    // The rest of such a message is there.
    assert!(report.items.iter().all(|item| item.analysis.is_some()));
    assert_eq!(report.incomplete, report.items.iter().filter(|item| item.errors().next().is_some()).count());
    let table = report.table(100);
    let paths =
        ["<mood>.gpt-4o-mini ", "<topic>.claude-haiku-4-5 ", "<mood>.not_empty    the message is empty (bad_input)"];
    assert!(paths.iter().all(|path| table.contains(path)), "{table}");
}

#[tokio::test]
async fn interrupted_it_reports_what_is_finished() {
    // Twenty rounds of 50 ms at the very least.
    let args = args("_ --latency 50");
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(350)).await;
        cancel.cancel();
    });
    let report = run(&args, &ProgressBar::hidden(), stop).await.unwrap();
    assert!(report.interrupted && report.finished > 0 && report.finished < 100, "{}", report.finished);
    assert_eq!(report.items.iter().filter(|item| item.analysis.is_some()).count(), report.finished);
    let table = report.table(100);
    assert!(table.contains("not finished") && table.contains("Interrupted: "), "{table}");
}

#[tokio::test]
async fn concurrency_is_a_limit() {
    let report = analyse("_ --concurrency 1").await;
    assert_eq!((report.finished, report.incomplete), (100, 3));
    assert_eq!(report.model_calls.most_at_once, 1);
}

#[tokio::test]
async fn json_has_it_all() {
    let json = serde_json::to_value(analyse("_").await).unwrap();
    assert_eq!(json["finished"], 100);
    assert_eq!(json["items"][0]["mood"], "positive");
    assert_eq!(json["items"][0]["style"]["words"], 14);
    assert_eq!(json["items"][6]["mood"]["error"]["kind"], "bad_input");
    assert_eq!(json["moods"].as_object().unwrap().len(), 4);
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let bar = ProgressBar::hidden();
    let error = run(&args("_ --file /nowhere"), &bar, CancellationToken::new()).await.err().unwrap();
    assert!(error.to_string().contains("while reading /nowhere"), "{error}");
    for line in ["_ --concurrency 0", "_ --fail 0", "_ --attempts 0", "_ --attempts many"] {
        assert!(Args::try_parse_from(line.split(' ')).is_err(), "{line}");
    }
}

#[tokio::test]
async fn a_file_of_nothing_is_no_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let report = analyse(&format!("_ --file {}", file.path().display())).await;
    assert_eq!((report.messages, report.finished), (0, 0));
    assert!(report.table(10).contains("0 of 0 messages"));
}

#[test]
fn style_is_measured() {
    let style = style::measure::function("The cat sat on the mat. The cat ate, and the cat slept!");
    assert_eq!((style.words, style.sentences), (13, 2));
    // 13 words of one syllable each in two sentences.
    let ease = 206.835 - 1.015 * 6.5 - 84.6;
    assert!((style.reading_ease.unwrap() - ease).abs() < 1e-9, "{style:?}");
    assert_eq!(style.keywords, ["slept"]);
    for (text, words, sentences) in [("", 0, 0), ("😍 !?", 0, 0), ("質量很差。", 1, 1)] {
        let style = style::measure::function(text);
        assert_eq!((style.words, style.sentences, style.reading_ease), (words, sentences, None), "{text}");
    }
}
