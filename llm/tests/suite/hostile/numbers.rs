//! A table of extremes over every public constructor that takes a number: an error is fine; a panic, a result that is no
//! number, or a run without an end is not.

use catena::{Chunks, Context, Error, RunnableExt, StepExt, record};
use catena_llm::{
    Agent, ChatModel, ChatRequest, ChatTemplate, Cost, Message, MessageChunk, MessageMetadata, Options, Price,
    PriceTable, Role, Template, ToolCallChunk, Tools, Usage,
    budget::Budget,
    cache::MemoryCache,
    limit::RateLimit,
    memory::{HistoryExt, InMemoryHistory, Trim},
    openai_compatible,
    retrieval::{Document, Embedder, Fuse, HashingEmbedder},
    testing::{Reply, Scripted},
};
use futures_util::FutureExt;
use serde_json::json;
use std::{panic::AssertUnwindSafe, time::Duration};

const TIMES: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_nanos(1),
    Duration::from_secs(1),
    Duration::from_hours(600 * 365 * 24),
    Duration::from_secs(u64::MAX / 2),
    Duration::MAX,
];
const SMALL: [u32; 4] = [0, 1, u32::MAX - 1, u32::MAX];
const LARGE: [u64; 4] = [0, 1, u64::MAX - 1, u64::MAX];
const COUNTS: [usize; 4] = [0, 1, usize::MAX - 1, usize::MAX];
const FLOATS: [f64; 10] =
    [0.0, -0.0, -1.0, 1e-320, f64::MIN_POSITIVE, f64::MAX, f64::MIN, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];

async fn survives<T>(what: &str, run: impl Future<Output = T>) -> Option<T> {
    let run = tokio::time::timeout(Duration::from_hours(1), AssertUnwindSafe(run).catch_unwind());
    match run.await {
        Ok(Ok(output)) => Some(output),
        Ok(Err(_)) => panic!("{what} panicked"),
        // The step waits for longer than an hour, as its setting says.
        Err(_) => None,
    }
}

fn scripted() -> Scripted {
    Scripted::new().respond(|_| Some(Reply::from("Hi").usage(Usage::new(u64::MAX, u64::MAX))))
}

#[tokio::test(start_paused = true)]
async fn rates_of_any_period() {
    for period in TIMES {
        for count in SMALL {
            let what = format!("{count} each {period:?}");
            let limit = RateLimit::per(period).requests(count).tokens(count).estimate(|_| 1);
            let chat = scripted().chat().rate_limited(&limit);
            survives(&what, async {
                for _ in 0..3 {
                    let _ = chat.clone().timeout(Duration::from_secs(1)).invoke("Hi").await;
                }
            })
            .await;
            let _ = format!("{limit:?} {}", RunnableExt::<String>::manifest(&chat).json());
        }
        for estimate in LARGE {
            let limit = RateLimit::per(period).tokens(5).estimate(move |_| estimate);
            let chat = scripted().chat().rate_limited(&limit).timeout(Duration::from_secs(1));
            survives(&format!("an estimate of {estimate}"), chat.invoke("Hi")).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn scores_and_weights() {
    let list = |scores: &[f64]| -> Vec<Document> {
        let document = |(at, score): (usize, &f64)| Document::new(format!("text {at}")).with_score(*score);
        scores.iter().enumerate().map(document).collect()
    };
    let finite = |what: &str, merged: Vec<Document>| {
        for document in merged {
            assert!(document.score().is_some_and(f64::is_finite), "{what}: {:?}", document.score());
        }
    };
    for (a, b) in FLOATS.iter().flat_map(|a| FLOATS.iter().map(move |b| (*a, *b))) {
        let found = || record! { words: list(&[a, b, 0.5]), vectors: list(&[b, 1.0]) };
        let what = format!("scores {a} and {b}");
        if let Some(Ok(merged)) = survives(&what, Fuse::by_score().invoke(found())).await {
            finite(&what, merged);
        }
        let what = format!("weights {a} and {b}");
        for fuse in [Fuse::by_score(), Fuse::by_rank(), Fuse::by_rank().rank_constant(a)] {
            if let Some(Ok(merged)) = survives(&what, fuse.weights([a, b]).invoke(found())).await {
                finite(&what, merged);
            }
        }
    }
    for top in COUNTS {
        survives(&format!("top {top}"), Fuse::by_rank().top(top).lists().invoke(vec![list(&[1.0]), Vec::new()])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn costs_tokens_and_budgets() {
    for (input, output) in LARGE.iter().flat_map(|a| LARGE.iter().map(move |b| (*a, *b))) {
        let usage = Usage::new(input, output);
        let mut sum = usage;
        sum += usage;
        let _ = (sum.total_tokens(), format!("{sum:?}"));
        survives("a budget", scripted().chat().budgeted(Budget::tokens(input)).invoke("Hi")).await;
    }
    for micros in LARGE {
        survives(&format!("a cost of {micros}"), async {
            let cost = Cost::from_micros(micros);
            let _ = (cost + cost, cost.to_string(), cost.as_dollars());
            let price = Price::per_million(cost, cost).cached_input(cost).cache_write(cost);
            let mut prices = PriceTable::empty();
            prices.set("scripted", price);
            let usage = Usage::new(u64::MAX, u64::MAX);
            let _ = prices.cost_of(&Message::assistant("").with_model("scripted").with_usage(usage));
            let budget = Budget::dollars(cost).and_tokens(micros).prices(prices).default_price(price);
            let _ = scripted().chat().budgeted(budget.clone()).invoke("Hi").await;
            let _ = (budget.spent(), format!("{budget:?}"));
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn sizes_of_stores_trims_and_vectors() {
    for count in COUNTS {
        let what = format!("{count}");
        survives(&what, scripted().chat().cached(MemoryCache::new(count)).invoke("Hi")).await;
        let chat = |trim| scripted().chat().with_history(InMemoryHistory::new(), "a").trimmed(trim);
        survives(&what, chat(Trim::messages(count)).invoke("Hi")).await;
        survives(&what, chat(Trim::tokens(count)).invoke("Hi")).await;
        survives(&what, scripted().chat().concurrency_limited(count).timeout(Duration::from_secs(1)).invoke("Hi"))
            .await;
        let tools = Tools::new().max_calls(count).max_concurrent_calls(count);
        let agent = Agent::new(scripted().chat()).tools(tools).max_steps(u32::try_from(count).unwrap_or(u32::MAX));
        survives(&what, agent.invoke("Hi")).await;
        let template = Template::new("{{ a }}").unwrap().max_bytes(count).max_instructions(count as u64);
        let _ = template.render(&json!({ "a": "b" }));
    }
    // A vector of that length is asked for by the program; no memory is taken before a text is embedded.
    for length in [0, 1, 65_536] {
        let embedder = HashingEmbedder::new(length);
        survives("an embedder", embedder.embed(&["text".to_owned()], &Context::new())).await;
    }
    let _ = ChatTemplate::new([(Role::User, "{{ a }}")]).unwrap();
}

#[tokio::test(start_paused = true)]
async fn times_of_models_agents_and_replies() {
    for time in TIMES {
        let reply = || Scripted::answers([Reply::from("Hi").delay(time)]).chat().timeout(Duration::from_secs(1));
        survives(&format!("a delay of {time:?}"), reply().invoke("Hi")).await;
        let agent = Agent::new(scripted().chat()).time_limit(time);
        survives(&format!("an agent of {time:?}"), agent.invoke("Hi")).await;
    }
}

#[tokio::test]
async fn bounds_of_a_provider() {
    for bytes in COUNTS {
        let builder = openai_compatible("http://127.0.0.1:1/v1", "m").max_answer_bytes(bytes).max_event_bytes(bytes);
        let builder =
            builder.max_error_bytes(bytes).max_content_bytes(bytes).max_tool_calls(bytes).max_json_values(bytes);
        for time in TIMES {
            let model = builder.clone().response_timeout(time).idle_timeout(time).build().unwrap();
            let model = model.timeout(Duration::from_secs(5));
            survives(&format!("{bytes} bytes, {time:?}"), model.invoke("Hi")).await.unwrap().unwrap_err();
        }
    }
    for number in FLOATS {
        for options in [Options::new().temperature(number), Options::new().top_p(number)] {
            let built = openai_compatible("http://127.0.0.1:1/v1", "m").options(options).build();
            survives(&format!("an option of {number}"), async {
                match built {
                    Ok(model) => model.timeout(Duration::from_secs(5)).invoke("Hi").await.map(drop),
                    Err(error) => Err(error),
                }
            })
            .await
            .unwrap()
            .unwrap_err();
        }
    }
}

/// A model that numbers its tool calls as it likes.
struct Numbers(usize);

impl ChatModel for Numbers {
    fn name(&self) -> &'static str {
        "numbers"
    }

    async fn complete(&self, _: ChatRequest, _: &Context) -> catena::Result<Message> {
        Err(Error::msg("only streams"))
    }

    fn stream<'a>(&'a self, _: ChatRequest, _: &'a Context) -> Chunks<'a, MessageChunk> {
        let piece = |index| {
            let mut piece = ToolCallChunk::default();
            (piece.index, piece.name) = (index, Some("f".to_owned()));
            Ok(MessageChunk::tool_call(piece))
        };
        Chunks::new(futures_util::stream::iter([piece(self.0), piece(0), piece(self.0 / 2)]))
    }
}

#[tokio::test]
async fn indices_of_tool_calls_reserve_no_memory() {
    for index in COUNTS {
        let chat = catena_llm::Chat::new(Numbers(index));
        let stream = chat.stream("Hi").assemble(catena_llm::MessageAssembler::default());
        let message = survives(&format!("index {index}"), stream).await.unwrap().unwrap();
        assert!(message.tool_calls().len() <= 3);
    }
    let _ = MessageMetadata::default();
}
