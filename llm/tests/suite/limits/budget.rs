use crate::dispatch::dispatch;
use catena::{Config, ErrorKind, RunnableExt, StepExt, parallel};
use catena_llm::{
    Cost, MessageAssembler, Price, PriceTable, Usage,
    budget::{Budget, BudgetExceeded},
    cache::MemoryCache,
    testing::{Reply, Scripted},
};
use futures_util::StreamExt;
use std::{
    fmt::Write,
    sync::{Arc, Mutex},
};
use tracing_subscriber::{
    Layer,
    layer::{self, SubscriberExt},
};

fn usd(amount: &str) -> Cost {
    amount.parse().unwrap()
}

/// A model whose every answer takes 1000 tokens and costs $0.001.
fn model(name: &str) -> Scripted {
    Scripted::new().named(name).respond(|_| Some(Reply::from("yes and no").usage(Usage::new(900, 100))))
}

fn dollars(limit: &str) -> Budget {
    let mut prices = PriceTable::empty();
    prices.set("cheap", Price::per_million(usd("1"), usd("1")));
    prices.set("dear", Price::per_million(usd("10"), usd("10")));
    Budget::dollars(usd(limit)).prices(prices)
}

fn under(budget: &Budget) -> Config {
    Config::new().with(budget.clone())
}

#[tokio::test]
async fn a_run_that_exceeds_its_budget_stops_and_says_so() {
    let asked = model("cheap");
    let budget = dollars("0.0025");
    let chat = asked.chat();
    for _ in 0..2 {
        chat.invoke_with("?", under(&budget)).await.unwrap();
    }
    let error = chat.clone().retry(5).invoke_with("?", under(&budget)).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert_eq!(error.message(), "the budget of $0.0025 is exceeded: $0.003 is spent, the last $0.001 of it by cheap");
    let exceeded: &BudgetExceeded = error.downcast_ref().unwrap();
    assert!(exceeded.was_asked());
    assert_eq!((exceeded.model(), exceeded.spent().cost), ("cheap", usd("0.003")));
    // And the next one is not even sent.
    let error = chat.invoke_with("?", under(&budget)).await.unwrap_err();
    assert_eq!(error.message(), "the budget of $0.0025 is used up: $0.003 is spent, so cheap is not asked");
    assert_eq!(asked.requests().len(), 3);
}

#[tokio::test]
async fn a_budget_is_shared_by_maps_batches_retries_and_fallbacks() {
    let budget = dollars("1");
    let broken =
        Scripted::answers([Reply::from(catena::Error::msg("no")), "yes".into()]).named("cheap").chat().retry(2);
    let chain = parallel((
        model("cheap").chat(),
        model("dear").chat(),
        Scripted::answers([catena::Error::msg("no")]).named("dear").chat().fallback(model("cheap").chat()),
        broken,
    ));
    chain.invoke_with("?", under(&budget)).await.unwrap();
    model("cheap").chat().map().invoke_with(vec!["?"; 3], under(&budget)).await.unwrap();
    let spent = budget.spent();
    assert_eq!(spent.by_model["dear"], (usd("0.01"), Usage::new(900, 100)));
    let (cost, usage) = spent.by_model["cheap"];
    // Five of known usage, and one that does not say: 5 tokens sent, and 5 for "yes".
    assert_eq!((cost, usage), (usd("0.00501"), Usage::new(4505, 505)));
    assert_eq!(spent.cost, usd("0.01501"));
}

#[tokio::test]
async fn a_fallback_does_not_get_around_it() {
    let (first, second) = (model("dear"), model("cheap"));
    let budget = dollars("0.005");
    let error = first.chat().fallback(second.chat()).invoke_with("?", under(&budget)).await.unwrap_err();
    assert!(error.downcast_ref::<BudgetExceeded>().is_some(), "{error:?}");
    assert!(second.requests().is_empty());
}

#[tokio::test]
async fn streams_are_counted_at_their_end_even_where_they_break_off() {
    let budget = dollars("0.0015");
    let chat = model("cheap").chat();
    chat.stream_with("?", under(&budget)).assemble(MessageAssembler::default()).await.unwrap();
    assert_eq!(budget.spent().cost, usd("0.001"));
    // The chunks come all the same; the end is an error.
    let mut chunks = chat.stream_with("?", under(&budget));
    let mut text = String::new();
    let error = loop {
        match chunks.next().await.unwrap() {
            Ok(chunk) => text += &chunk.text,
            Err(error) => break error,
        }
    };
    assert_eq!(text, "yes and no");
    assert!(error.downcast_ref::<BudgetExceeded>().is_some(), "{error:?}");

    for broken in [true, false] {
        let budget = Budget::tokens(1000);
        let reply = Reply::from("one two three four").then_fail(catena::Error::msg("cut"));
        let chat = Scripted::answers([reply]).chat();
        let mut chunks = chat.stream_with("1234", under(&budget));
        for _ in 0..4 {
            chunks.next().await.unwrap().unwrap();
        }
        if broken {
            chunks.next().await.unwrap().unwrap_err();
        }
        drop(chunks);
        // 4 for the message, 1 for its text; 1, 1, 2, 2 for the words.
        assert_eq!(budget.spent().usage, Usage::new(5, 6), "{broken}");
    }
}

#[tokio::test]
async fn a_model_without_a_price_is_an_error_of_a_strict_budget_before_it_is_asked() {
    let asked = model("in-house-7b");
    let error = asked.chat().invoke_with("?", under(&dollars("1").strict())).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.message().starts_with("the price of in-house-7b is not known"), "{error}");
    assert!(asked.requests().is_empty());
    let budget = dollars("1").default_price(Price::per_million(usd("2"), usd("2")));
    asked.chat().invoke_with("?", under(&budget)).await.unwrap();
    assert_eq!(budget.spent().cost, usd("0.002"));
    // Tokens need no price.
    let error = asked.chat().invoke_with("?", under(&Budget::tokens(500))).await.unwrap_err();
    assert_eq!(
        error.message(),
        "the budget of 500 tokens is exceeded: 1000 tokens are spent, the last 1000 tokens of it by in-house-7b"
    );
}

/// Keeps the texts of all events.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl tracing::field::Visit for Log {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            let _ = writeln!(self.0.lock().unwrap(), "{value:?}");
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &tracing::Event<'_>, _: layer::Context<'_, S>) {
        event.record(&mut self.clone());
    }
}

#[tokio::test]
async fn a_model_without_a_price_is_warned_of_once_and_its_tokens_count() {
    let log = Log::default();
    let subscriber = dispatch(tracing_subscriber::registry().with(log.clone()));
    let _logging = tracing::dispatcher::set_default(&subscriber);
    let budget = dollars("0.0025");
    let (unknown, known) = (model("in-house-7b").chat(), model("cheap").chat());
    for _ in 0..3 {
        unknown.invoke_with("?", under(&budget)).await.unwrap();
    }
    known.invoke_with("?", under(&budget)).await.unwrap();
    let spent = budget.spent();
    assert_eq!((spent.cost, spent.usage), (usd("0.001"), Usage::new(3600, 400)));
    let log = log.0.lock().unwrap().clone();
    assert_eq!(log.matches("the price of in-house-7b is not known, so the budget of $0.0025").count(), 1, "{log}");
    // A limit on tokens also holds for a model without a price.
    let both = dollars("1").and_tokens(1500);
    unknown.invoke_with("?", under(&both)).await.unwrap();
    assert!(unknown.invoke_with("?", under(&both)).await.is_err());
}

#[tokio::test]
async fn answers_out_of_a_cache_are_free() {
    let asked = model("cheap");
    let budget = dollars("0.0015");
    let chat = asked.chat().cached(MemoryCache::new(10));
    for _ in 0..5 {
        chat.invoke_with("?", under(&budget)).await.unwrap();
        chat.stream_with("?", under(&budget)).assemble(MessageAssembler::default()).await.unwrap();
    }
    assert_eq!((budget.spent().cost, asked.requests().len()), (usd("0.001"), 1));
}

#[tokio::test]
async fn a_part_of_a_chain_may_have_its_own_and_the_runs_counts_more() {
    let part = Budget::tokens(10);
    let chat = model("cheap").chat().with_config(Config::new().with(part.clone()));
    assert!(chat.invoke("?").await.is_err());
    let run = Budget::unlimited();
    assert!(chat.invoke_with("?", under(&run)).await.is_ok());
    assert_eq!((part.spent().usage.total_tokens(), run.spent().usage.total_tokens()), (1000, 1000));
    // One of the model's own counts besides.
    let own = Budget::tokens(10);
    assert!(model("cheap").chat().budgeted(&own).invoke_with("?", under(&run)).await.is_err());
    assert_eq!(own.spent().usage.total_tokens(), 1000);
    own.reset();
    assert_eq!(own.spent().usage.total_tokens(), 0);
}
