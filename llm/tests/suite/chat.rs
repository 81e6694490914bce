//! Any chat model as a step, without a provider.

use catena::{Context, Error, Kind, Leaf, Node, Result, Runnable, RunnableExt, Step, StepExt, parallel};
use catena_llm::{
    AsPrompt, Chat, ChatModel, ChatRequest, FinishReason, Message, MessageAssembler, Messages, Options, Usage,
};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

/// Repeats what it is asked, after so many failures.
#[derive(Default)]
struct Echo {
    failures: AtomicU32,
}

impl ChatModel for Echo {
    fn name(&self) -> &'static str {
        "echo-1"
    }

    async fn complete(&self, request: ChatRequest, _cx: &Context) -> Result<Message> {
        if self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
            return Err(Error::msg("not now"));
        }
        let limit = request.options.max_tokens.map_or(usize::MAX, |limit| limit as usize);
        let text: String = request.messages.to_string().chars().take(limit).collect();
        Ok(Message::assistant(text).with_finish_reason(FinishReason::Stop).with_usage(Usage::new(1, 2)))
    }
}

/// A prompt that must not be copied.
struct Precious;

impl Clone for Precious {
    fn clone(&self) -> Self {
        panic!("the prompt was copied")
    }
}

impl AsPrompt for Precious {
    fn to_messages(&self) -> Messages {
        "Hello".to_messages()
    }
}

#[tokio::test]
async fn branches_and_attempts_do_not_copy_the_prompt() {
    let flaky =
        Chat::new(Echo { failures: 2.into() }).retry(catena::Retry::attempts(3).base(std::time::Duration::ZERO));
    let (a, b) = parallel((flaky, Chat::new(Echo::default()))).invoke(Precious).await.unwrap();
    assert_eq!((a.text(), b.text()), ("user: Hello", "user: Hello"));
}

#[tokio::test]
async fn a_stream_of_a_model_that_has_none_is_its_whole_answer() {
    let model = Chat::new(Arc::new(Echo::default())).with_options(Options::new().max_tokens(7));
    let streamed = model.stream("Hello").assemble(MessageAssembler::default()).await.unwrap();
    assert_eq!(streamed, model.invoke("Hello").await.unwrap());
    assert_eq!(streamed.text(), "user: H");
}

#[tokio::test]
async fn errors_say_whom_was_asked_and_the_chain_says_where() {
    assert!(matches!(<Chat<Echo> as Step>::NODE, Node::Step(Leaf { name: "", kind: Kind::Model, .. })));
    let error = Chat::new(Echo { failures: 1.into() }).named("sonnet").invoke("Hello").await.unwrap_err();
    assert_eq!(error.to_string(), "sonnet: not now (while asking echo-1)");
}

#[test]
fn later_options_win_and_leave_the_rest() {
    let base = Options::new().temperature(1.0).max_tokens(9).stop("a");
    let model = Chat::new(Echo::default()).with_options(base).with_options(Options::new().max_tokens(3));
    assert_eq!(model.options(), &Options::new().temperature(1.0).max_tokens(3).stop("a"));
    assert!(serde_json::from_str::<Options>(r#"{"temprature": 1}"#).is_err());
}

/// It runs on every sort of prompt, and so on borrowed ones.
#[allow(dead_code, reason = "that it compiles is the test")]
fn takes_every_prompt(model: &Chat<Echo>) {
    fn step<P: Send>(_: &impl Runnable<P, Output = Message>) {}
    fn borrowed(_: &impl for<'x> Runnable<&'x str, Output = Message>) {}
    step::<String>(model);
    step::<Message>(model);
    step::<Messages>(model);
    step::<Vec<Message>>(model);
    borrowed(model);
}
