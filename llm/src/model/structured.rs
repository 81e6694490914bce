//! Models that answer with values of a type.

use crate::{
    AsPrompt, Chat, ChatModel, Message, MessageAssembler, Messages, Options, ResponseFormat,
    parser::{Answer, FixWith, Parser, Typed, typed},
};
use catena::{
    __private::{Call, Started, waits},
    Chunks, Component, ComponentKind, Context, Keys, Node, Part, Result, Runnable, Running, Step, Types,
};
use serde_json::Value;
use std::future::Future;

impl<M: ChatModel> Chat<M> {
    /// Returns a step that answers with values of a type. If the provider has structured output, the schema of the type
    /// is sent with the request. Otherwise it is written into the prompt (see [`ResponseFormat`]). The answer is parsed
    /// like [`typed`] does.
    ///
    /// If strict schemas cannot express the type, the schema is written into the prompt as well. Examples are a map
    /// with arbitrary keys and a list at the top level.
    ///
    /// ```
    /// use catena::{Context, Result, RunnableExt};
    /// use catena_llm::{Chat, ChatModel, ChatRequest, Message};
    /// use schemars::JsonSchema;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// struct City { name: String, people: u64 }
    ///
    /// struct Almanac;
    ///
    /// impl ChatModel for Almanac {
    ///     fn name(&self) -> &str { "almanac" }
    ///
    ///     async fn complete(&self, request: ChatRequest, _cx: &Context) -> Result<Message> {
    ///         assert!(request.messages[0].text().contains("\"people\""), "the schema is in the prompt");
    ///         Ok(Message::assistant(r#"{"name": "Rome", "people": 2750000}"#))
    ///     }
    /// }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let city = Chat::new(Almanac).structured::<City>().invoke("Tell me of Rome.").await?;
    /// assert_eq!((city.name.as_str(), city.people), ("Rome", 2_750_000));
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn structured<T: Answer>(self) -> Structured<M, Parser<Typed<T>>> {
        let options = Options::new().response_format(ResponseFormat::of::<T>());
        Structured { chat: self.with_options(options), parser: typed() }
    }
}

/// A model and the parser of its answers; created by [`structured`](Chat::structured).
///
/// # Streaming
/// Yields [`Partial`](crate::parser::Partial)s while the model writes.
#[derive(Clone, Debug)]
pub struct Structured<M, S> {
    chat: Chat<M>,
    parser: S,
}

impl<M, T: Send + 'static> Structured<M, Parser<Typed<T>>> {
    /// Passes an answer that could not be parsed to a model, and parses the corrected answer; see [`Parser::fix_with`].
    pub fn fix_with<F>(self, model: F) -> Structured<M, FixWith<Typed<T>, F>> {
        Structured { chat: self.chat, parser: self.parser.fix_with(model) }
    }
}

impl<M, T, F> Structured<M, FixWith<Typed<T>, F>> {
    /// Sets the maximum number of calls of the correcting model. The default is 1.
    pub fn attempts(self, attempts: u32) -> Self {
        Structured { chat: self.chat, parser: self.parser.attempts(attempts) }
    }
}

impl<M: ChatModel, S: Runnable<Message>> Structured<M, S> {
    /// Returns the stream of values. The contexts are those of the model and of the parser.
    fn answers<'a>(&'a self, prompt: Messages, [of_chat, of_parser]: [&'a Context; 2]) -> Chunks<'a, S::Chunk> {
        let answer = self.chat.call_stream(prompt, of_chat);
        self.parser.transform(answer, MessageAssembler::default(), of_parser)
    }
}

impl<M: ChatModel, S: Step> Step for Structured<M, S> {
    const NODE: Node = Node::Named {
        name: "structured",
        node: &Node::Sequence(&[Part { label: "", node: Chat::<M>::NODE }, Part { label: "", node: S::NODE }]),
    };

    fn keys(&self, keys: &mut Keys) {
        self.chat.keys(keys);
        self.parser.keys(keys);
    }
}

impl<P, M, S> Runnable<P> for Structured<M, S>
where
    P: AsPrompt + Send,
    M: ChatModel,
    S: Runnable<Message>,
{
    type Output = S::Output;
    type Chunk = S::Chunk;
    type Assembler = S::Assembler;

    fn assembler(&self) -> Self::Assembler {
        self.parser.assembler()
    }

    fn types(&self, types: &mut Types) {
        Runnable::<Messages>::types(&self.chat, types);
        self.parser.types(types);
    }

    fn component(&self) -> Component {
        let steps = [("", Runnable::<Messages>::component(&self.chat)), ("", self.parser.component())];
        let sequence = Component::sequence(steps, false);
        Component::around(ComponentKind::Named, sequence).called("structured").giving::<Self::Output>()
    }

    fn input_json(&self, input: &P) -> Option<Value> {
        self.chat.input_json(input)
    }

    fn call_ref<'a>(&'a self, input: &'a P, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send
    where
        P: Clone + Sync,
    {
        Running::call_ref(self, input, cx)
    }

    fn start<'a>(&'a self, input: P, cx: &'a Context) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
        waits(async move { self.parser.call(self.chat.call(input, cx).await?, cx).await })
    }

    fn start_ref<'a>(
        &'a self,
        input: &'a P,
        cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output>
    where
        P: Clone + Sync,
    {
        waits(async move { self.parser.call(self.chat.call_ref(input, cx).await?, cx).await })
    }

    fn call_stream<'a>(&'a self, input: P, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        P: 'a,
    {
        let prompt = input.to_messages();
        drop(input);
        Chunks::observed(self, prompt, cx, |structured, prompt, cx| match cx.piped() {
            None => structured.answers(prompt.clone(), [cx, cx]),
            Some([of_chat, of_parser]) => {
                let prompt = prompt.clone();
                Chunks::generate(move |out| async move {
                    out.forward(structured.answers(prompt, [&of_chat, &of_parser])).await
                })
            }
        })
    }
}
