//! The tokens of all requests of a run.

use super::{claude, flash, gpt};
use catena::{Config, Retry, RunnableExt, StepExt, prelude::*};
use catena_llm::{
    MessageAssembler, Price, PriceTable, Spending, Spent, Usage,
    simulator::{Answer, Chunking, Fault, Provider, Simulator, tokens},
};
use futures_util::StreamExt;
use std::time::Duration;

const ANSWER: &str = "It is a kind of computer.";

async fn simulator() -> Simulator {
    Simulator::builder().respond(|_| ANSWER).start().await.unwrap()
}

fn run() -> (Spending, Config) {
    let spending = Spending::new();
    (spending.clone(), Config::new().with(spending))
}

fn once(question: &str) -> Usage {
    Usage::new(tokens(question) as u64, tokens(ANSWER) as u64)
}

fn of<'a>(models: &'a [Spent], name: &str) -> &'a Spent {
    models.iter().find(|spent| spent.model == name).unwrap_or_else(|| panic!("{name}: {models:?}"))
}

fn again() -> Retry {
    Retry::attempts(3).base(Duration::ZERO)
}

#[tokio::test]
async fn branches_items_attempts_and_fallbacks_are_summed() {
    let sim = simulator().await;
    sim.script(Provider::OpenAi).fail(Fault::status(500)).fail(Fault::EmptyAnswer);
    sim.script(Provider::Anthropic).fail(Fault::status(529)).always();
    let ask = chain!(String => <
        gpt: gpt(&sim).retry(again()),
        claude: claude(&sim).fallback(flash(&sim)),
    >);
    let (spending, config) = run();
    ask.map().invoke_with(vec!["Who?".to_owned(), "Who?".to_owned()], config).await.unwrap();

    let models = spending.models();
    let (gpt, claude, flash) =
        (of(&models, "gpt-4o"), of(&models, "claude-sonnet-4-5"), of(&models, "gemini-2.5-flash"));
    // Two answers, a refusal, and an answer with nothing in it: that one had read the question, too.
    assert_eq!((gpt.calls, gpt.failed, gpt.unreported), (4, 2, 0));
    assert_eq!(gpt.usage.input_tokens, 3 * once("Who?").input_tokens);
    assert_eq!(gpt.usage.output_tokens, 2 * once("Who?").output_tokens);
    assert_eq!(gpt.failed_usage, Usage::new(once("Who?").input_tokens, 0));
    assert_eq!((claude.calls, claude.failed, claude.usage), (2, 2, Usage::default()));
    assert_eq!((flash.calls, flash.failed), (2, 0));
    assert_eq!(flash.usage, [once("Who?"); 2].into_iter().sum());
    assert_eq!(spending.calls(), sim.requests().len() as u64);
    assert_eq!(spending.usage(), gpt.usage + flash.usage);

    let prices = PriceTable::default();
    let cost = gpt.cost(&prices).unwrap() + flash.cost(&prices).unwrap();
    assert!(cost > catena_llm::Cost::ZERO);
    assert_eq!(spending.cost(&prices), Some(cost));
    assert_eq!(spending.cost(&PriceTable::empty()), None);
}

#[tokio::test]
async fn streams_count_as_calls_do() {
    let sim = simulator().await;
    for model in [gpt(&sim), claude(&sim), flash(&sim)] {
        let (spending, config) = run();
        model.stream_with("Who?", config.clone()).assemble(MessageAssembler::default()).await.unwrap();
        let [spent] = &spending.models()[..] else { panic!("{spending:?}") };
        assert_eq!((spent.calls, spent.failed, spent.unreported, spent.usage), (1, 0, 0, once("Who?")));
        // Nothing is asked before a stream is read.
        drop(model.stream_with("Who?", config));
        assert_eq!(spending.calls(), 1);
    }
}

#[tokio::test]
async fn what_breaks_off_counts_as_far_as_it_was_told() {
    let sim = simulator().await;
    sim.script(Provider::Anthropic).fail(Fault::Cut { after: 2 });
    sim.script(Provider::OpenAi).fail(Fault::Cut { after: 2 });
    let (spending, config) = run();
    for model in [gpt(&sim), claude(&sim)] {
        let chunks = model.stream_with("Who?", config.clone());
        chunks.assemble(MessageAssembler::default()).await.unwrap_err();
    }
    let models = spending.models();
    let (gpt, claude) = (of(&models, "gpt-4o"), of(&models, "claude-sonnet-4-5"));
    // Anthropic tells at the beginning what it has read; OpenAI tells all of it at the end, or never.
    assert_eq!((claude.failed, claude.unreported, claude.failed_usage.input_tokens), (1, 0, once("Who?").input_tokens));
    assert_eq!((gpt.failed, gpt.unreported, gpt.usage), (1, 1, Usage::default()));
}

#[tokio::test]
async fn what_is_stopped_on_the_way_counts_too() {
    let sim = simulator().await;
    sim.script(Provider::OpenAi).fail(Fault::Hang).fail(Fault::Stall { after: 1 });
    let (spending, config) = run();
    // Long enough for the request to arrive, on a slow machine too.
    let model = gpt(&sim).timeout(Duration::from_secs(1));
    assert_eq!(model.invoke_with("Who?", config.clone()).await.unwrap_err().kind().name(), "timeout");
    let model = gpt(&sim);
    let mut chunks = model.stream_with("Who?", config);
    chunks.next().await.unwrap().unwrap();
    drop(chunks);
    let [spent] = &spending.models()[..] else { panic!("{spending:?}") };
    assert_eq!((spent.calls, spent.failed, spent.unreported), (2, 2, 2));
}

#[tokio::test]
async fn the_price_is_that_of_the_model_which_answered_else_of_the_one_asked() {
    let sim = Simulator::builder().respond(|_| Answer::from(ANSWER).chunking(Chunking::Whole)).start().await.unwrap();
    let (spending, config) = run();
    let model = openai_named("my-deployment", &sim);
    model.invoke_with("Who?", config).await.unwrap();
    let dollar: catena_llm::Cost = "1".parse().unwrap();
    let prices: PriceTable = [("my-deployment".to_owned(), Price::per_million(dollar, dollar))].into_iter().collect();
    assert_eq!(spending.cost(&prices), Some(prices.cost("my-deployment", &once("Who?")).unwrap()));
    assert_eq!(spending.cost(&PriceTable::default()), None);
}

fn openai_named(name: &str, sim: &Simulator) -> catena_llm::Model {
    catena_llm::openai(name).base_url(sim.openai_url()).api_key("k").build().unwrap()
}
