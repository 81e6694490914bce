use super::*;
use report::{Fared, Outcome};

async fn asked(line: &str) -> Report {
    let args = Args::try_parse_from(line.split(';')).unwrap();
    run(&args, nothing_set(), CancellationToken::new()).await.unwrap()
}

fn nothing_set() -> Variables {
    Arc::new(|_| None)
}

fn outcomes(report: &Report) -> Vec<Outcome> {
    report.models.iter().map(|fared| fared.outcome).collect()
}

fn kinds(fared: &Fared) -> Vec<&'static str> {
    fared.errors.iter().map(|error| error.kind().name()).collect()
}

#[tokio::test]
async fn three_models_answer_and_two_agree() {
    let report = asked("_;--simulate;--json;What is quantum computing?").await;
    assert_eq!(outcomes(&report), [Outcome::Answered; 3]);
    let agreement = report.agreement.as_ref().unwrap();
    assert_eq!((agreement.agreeing.as_slice(), agreement.asked), (["gpt", "claude"].as_slice(), 3));
    let json = serde_json::to_value(&report).unwrap();
    assert!(json["speed_up"].as_f64().unwrap() > 1.0, "{json}");
    assert!(json["cost"].as_f64().unwrap() > 0.0 && json["input_tokens"].as_u64().unwrap() > 20, "{json}");
    let text = report.text();
    assert!(text.contains("2 of 3 asked: gpt, claude") && text.contains("67 %"), "{text}");
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_and_a_hanging_model_replaced() {
    let report = asked("_;--json;--fail;claude=429;--fail;gpt=timeout").await;
    assert_eq!(outcomes(&report), [Outcome::AnsweredByBackup, Outcome::AnsweredAfterRetry, Outcome::Answered]);
    assert_eq!(kinds(&report.models[0]), ["timeout"; 3]);
    assert_eq!(kinds(&report.models[1]), ["rate_limited"; 2]);
    let text = report.text();
    assert!(text.contains("gpt     was answered for by gpt-4o-mini"), "{text}");
    assert!(text.contains("claude  answered at attempt 3"), "{text}");
}

#[tokio::test]
async fn a_settled_model_that_fails_does_not_sink_the_others() {
    let report = asked("_;--json;--fail;gemini=cut").await;
    assert_eq!(outcomes(&report), [Outcome::Answered, Outcome::Answered, Outcome::Failed]);
    assert!(report.error.is_none());
    assert_eq!(kinds(&report.models[2]), ["unavailable"; 3]);
    assert!(report.text().contains("gemini  gave no answer; its backup: "), "{}", report.text());
}

#[tokio::test]
async fn a_model_that_is_needed_and_fails_is_the_error_of_all() {
    let report = asked("_;--json;--fail;gpt=401").await;
    let error = report.error.as_ref().unwrap();
    assert_eq!((error.kind().name(), error.path().as_str()), ("auth", "compare.<gpt>.gpt-4o"));
    assert!(error.message().contains("401"), "{error}");
}

#[tokio::test]
async fn an_interrupted_run_shows_what_was_answered() {
    let args = Args::try_parse_from(["_", "--simulate", "--json", "--fail", "gpt=timeout"]).unwrap();
    // Long after the answers of two, long before the third model is given up.
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
        cancel.cancel();
    });
    let report = run(&args, nothing_set(), stop).await.unwrap();
    assert!(report.interrupted);
    assert_eq!(outcomes(&report)[1..], [Outcome::Answered, Outcome::Answered]);
    assert!(report.text().contains("interrupted"), "{}", report.text());
}

#[tokio::test]
async fn with_keys_the_providers_are_asked_where_they_are_said_to_be() {
    use catena_llm::simulator::{Provider, Simulator};
    let provider = Simulator::builder().api_key("sk-real").respond(|_: &_| "Forty-two.").start().await.unwrap();
    let (openai, anthropic, gemini) = (provider.openai_url(), provider.anthropic_url(), provider.gemini_url());
    let variables: Variables = Arc::new(move |name| match name {
        "OPENAI_API_KEY" | "ANTHROPIC_API_KEY" | "GEMINI_API_KEY" => Some("sk-real".to_owned()),
        "OPENAI_BASE_URL" => Some(openai.clone()),
        "ANTHROPIC_BASE_URL" => Some(anthropic.clone()),
        "GEMINI_BASE_URL" => Some(gemini.clone()),
        _ => None,
    });
    let args = Args::try_parse_from(["_", "--json", "what?"]).unwrap();
    let report = run(&args, variables, CancellationToken::new()).await.unwrap();
    assert!(!serde_json::to_value(&report).unwrap()["simulated"].as_bool().unwrap());
    assert_eq!(report.agreement.unwrap().agreeing.len(), 3);
    for asked in [Provider::OpenAi, Provider::Anthropic, Provider::GeminiOpenAi] {
        assert_eq!(provider.requests_for(asked).len(), 1, "{asked:?}");
    }
}

#[tokio::test]
async fn a_missing_key_is_named() {
    let variables: Variables = Arc::new(|name| (name != "GEMINI_API_KEY").then(|| "sk-real".to_owned()));
    let args = Args::try_parse_from(["_"]).unwrap();
    let error = run(&args, variables, CancellationToken::new()).await.err().unwrap();
    assert_eq!(
        (error.kind().name(), error.message()),
        ("auth", "three providers are asked: set GEMINI_API_KEY too, or `--simulate`")
    );
}

#[tokio::test]
async fn the_run_is_drawn_with_what_it_cost_and_without_what_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let (html, svg) = (folder.path().join("run.html"), folder.path().join("run.svg"));
    asked(&format!("_;--json;--fail;claude=429;--fail;gemini=cut;--draw;html={};a private question", html.display()))
        .await;
    let page = std::fs::read_to_string(&html).unwrap();
    for said in ["compare", "gpt-4o", "3 attempts", "tokens in", "$0.00", "gemini"] {
        assert!(page.contains(said), "{said}");
    }
    assert!(!page.contains("a private question"));
    asked(&format!("_;--json;--simulate;--draw;svg={}", svg.display())).await;
    assert!(std::fs::read_to_string(&svg).unwrap().starts_with("<svg"));
    let args = Args::try_parse_from(["_", "--simulate", "--json", "--draw", "svg=/nowhere/run.svg"]).unwrap();
    let error = run(&args, nothing_set(), CancellationToken::new()).await.err().unwrap();
    assert!(error.to_string().contains("/nowhere/run.svg"), "{error}");
}

#[test]
fn a_wrong_way_to_draw_says_what_there_is() {
    for wrong in ["png=run.png", "svg", "svg=", "Live"] {
        let error = wrong.parse::<Draw>().unwrap_err();
        assert!(error.contains("`html=FILE`"), "{wrong}: {error}");
    }
}

#[test]
fn answers_are_grouped_by_their_words() {
    use agreement::Agreement;
    let answers = [("a", "The capital is Canberra."), ("b", "Sydney!"), ("c", "Canberra is its capital")];
    let agreement = Agreement::of(&answers, 4).unwrap();
    assert_eq!((agreement.agreeing, agreement.consensus_rate), (vec!["a", "c"], 0.5));
    assert!(Agreement::of(&[], 3).is_none());
}

#[test]
fn a_wrong_failure_says_what_there_is() {
    let wrong = |written: &str| written.parse::<Failure>().unwrap_err();
    assert!(wrong("llama=429").contains("`gpt`, `claude`, `gemini`"));
    assert!(wrong("gpt=tired").contains("`timeout`"));
    assert!(wrong("gpt").contains("MODEL=HOW"));
}
