//! `langchain-rust`: what its chains give each other is text among variables of `serde_json::Value`. So the numbers are text between
//! these steps, as they have to be.

use super::{cannot, list, question};
use crate::{
    case::{Case, kept},
    steps::{add, mix, model, parse, triple, wait},
};
use async_trait::async_trait;
use catena::{Error, Result};
use futures_util::{Stream, StreamExt, TryFutureExt, stream};
use langchain_rust::{
    chain::{Chain, ChainError, LLMChainBuilder, SequentialChain, SequentialChainBuilder},
    language_models::{GenerateResult, LLMError, llm::LLM},
    output_parsers::{OutputParser, OutputParserError},
    prompt::PromptArgs,
    prompt_args,
    schemas::{Message, StreamData},
    sequential_chain, template_fstring,
};
use std::{fmt::Display, future::ready, hint::black_box, pin::Pin};

const WHO: &str = list::LANGCHAIN_RUST.who;

/// The variable that a chain writes, unless it says another, and these read.
const VARIABLE: &str = "output";

fn error(error: impl Display) -> ChainError {
    ChainError::OtherError(error.to_string())
}

/// A chain of one function.
struct Step<F>(F);

#[async_trait]
impl<F, Fut> Chain for Step<F>
where
    F: Fn(u64) -> Fut + Send + Sync,
    Fut: Future<Output = Result<u64, ChainError>> + Send,
{
    async fn call(&self, variables: PromptArgs) -> Result<GenerateResult, ChainError> {
        let text = variables.get(VARIABLE).and_then(|value| value.as_str()).ok_or_else(|| error(VARIABLE))?;
        let n = text.parse().map_err(error)?;
        Ok(GenerateResult { generation: (self.0)(n).await?.to_string(), ..GenerateResult::default() })
    }

    fn get_input_keys(&self) -> Vec<String> {
        vec![VARIABLE.to_owned()]
    }
}

fn adds() -> impl Chain + 'static {
    Step(|n| ready(Ok(add::function(n))))
}

fn triples() -> impl Chain + 'static {
    Step(|n| ready(Ok(triple::function(n))))
}

fn mixes() -> impl Chain + 'static {
    Step(|n| mix::function(n).map_err(error))
}

fn waits() -> impl Chain + 'static {
    Step(|n| wait::function(n).map_err(error))
}

fn numbers(case: Case, chain: SequentialChain) -> Case {
    let chain = kept(chain);
    case.by(WHO, || async {
        let answer = chain.invoke(prompt_args! { VARIABLE => black_box(7_u64).to_string() }).await;
        Ok::<u64, Error>(answer.map_err(|error| Error::msg(error.to_string()))?.parse()?)
    })
}

pub fn one_step(case: Case) -> Case {
    numbers(case, sequential_chain!(mixes()))
}

pub fn three_steps(case: Case) -> Case {
    numbers(case, sequential_chain!(adds(), triples(), mixes()))
}

pub fn ten_steps(case: Case) -> Case {
    let eight = (0..4).fold(SequentialChainBuilder::new(), |chain, _| chain.add_chain(adds()).add_chain(triples()));
    numbers(case, eight.add_chain(adds()).add_chain(mixes()).build())
}

pub fn hundred_steps(case: Case) -> Case {
    let chain = (0..50).fold(SequentialChainBuilder::new(), |chain, _| chain.add_chain(mixes()).add_chain(adds()));
    numbers(case, chain.build())
}

pub fn three_waits(case: Case) -> Case {
    numbers(case, sequential_chain!(waits(), waits(), waits()))
}

#[derive(Clone)]
struct Model;

#[async_trait]
impl LLM for Model {
    async fn generate(&self, messages: &[Message]) -> Result<GenerateResult, LLMError> {
        let prompt = messages.last().map(|message| message.content.clone()).unwrap_or_default();
        let answer = model::function(prompt).await.map_err(|error| LLMError::OtherError(error.to_string()))?;
        Ok(GenerateResult { generation: answer, ..GenerateResult::default() })
    }

    async fn stream(
        &self,
        messages: &[Message],
    ) -> Result<Pin<Box<dyn Stream<Item = Result<StreamData, LLMError>> + Send>>, LLMError> {
        let answer = self.generate(messages).await?.generation;
        Ok(stream::iter([Ok(StreamData::new(answer.clone().into(), None, answer))]).boxed())
    }
}

struct Parser;

#[async_trait]
impl OutputParser for Parser {
    async fn parse(&self, answer: &str) -> Result<String, OutputParserError> {
        let length = parse::function(answer.to_owned());
        length.map(|length| length.to_string()).map_err(|error| OutputParserError::ParsingError(error.to_string()))
    }
}

/// Its own chain of these three. `call`, for `invoke` leaves out the parser.
pub fn texts(case: Case) -> Case {
    let chain = LLMChainBuilder::new()
        .prompt(template_fstring!("Answer in one sentence: {question}", "question"))
        .llm(Model)
        .output_parser(Parser)
        .build();
    let chain = kept(chain.expect("it has a prompt and a model"));
    case.by(WHO, || async {
        let answer = chain.call(prompt_args! { "question" => question() }).await;
        Ok::<usize, Error>(answer.map_err(|error| Error::msg(error.to_string()))?.generation.parse()?)
    })
}

/// Its chains are behind pointers, anyway.
pub fn boxed_steps(case: Case) -> Case {
    three_steps(case)
}

cannot!(
    "it has nothing that runs chains side by side":
    three_branches, twelve_branches, waiting_branches, long_branches, nested, over_a_list,
);
cannot!("its routers ask a model or compare embeddings": two_arms, eight_arms);
cannot!("it has no names for chains": named);
cannot!("it has no retries for chains": unused_retry, used_retry);
cannot!("it has no fallbacks": unused_fallback, used_fallback);
cannot!("it has no timeouts": timeout);
cannot!("it has no batches": batch(u64, usize), long_batch(u64, usize));
cannot!(
    "the model's stream is a chain's stream: nothing passes chunks on to a next step":
    stream_of_one(u64), stream_of_three(u64), stream_of_ten(u64), stream_of_a_map(u64),
);
cannot!("it has `tracing` spans, but no events": observed);
