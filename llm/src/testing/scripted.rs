use super::Reply;
use crate::{Chat, ChatModel, ChatRequest, Message, MessageChunk};
use catena::{Chunks, Context, Error, ErrorKind, Result};
use futures_util::{StreamExt, stream};
use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// A model that answers from a script, and records its requests.
///
/// A request that matches a [rule](Scripted::when) gets the reply of that rule, any other request the next
/// [answer](Scripted::answer) of the script. If there is neither, the request fails with [`ErrorKind::BadInput`], which
/// no retry repeats.
///
/// A clone is the same model: keep one to inspect the requests.
///
/// ```
/// use catena::{ErrorKind, RunnableExt, StepExt};
/// use catena_llm::testing::Scripted;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// let model = Scripted::new().answer(catena::Error::msg("out of order")).answer("Oslo").when("France", "Paris");
/// let chat = model.chat().retry(2);
///
/// assert_eq!(chat.invoke("The capital of Norway?").await?.text(), "Oslo");
/// assert_eq!(chat.invoke("The capital of France?").await?.text(), "Paris");
/// assert_eq!(model.requests().len(), 3);
///
/// let error = chat.invoke("And of Italy?").await.unwrap_err();
/// assert!(error.message().contains("the script has no answer left"), "{error}");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Scripted {
    name: Arc<str>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    rules: Vec<Rule>,
    script: VecDeque<Reply>,
    /// The number of answers that were added to the script.
    written: usize,
    requests: Vec<ChatRequest>,
}

type Respond = dyn Fn(&ChatRequest) -> Option<Reply> + Send + Sync;

type Rule = Arc<Respond>;

impl Default for Scripted {
    fn default() -> Self {
        Scripted { name: "scripted".into(), state: Arc::default() }
    }
}

impl Scripted {
    /// Creates a model without a script.
    pub fn new() -> Self {
        Scripted::default()
    }

    /// Creates a model with a script of these answers.
    ///
    /// ```
    /// let model = catena_llm::testing::Scripted::answers(["Paris", "Oslo"]);
    /// # assert_eq!(model.unused(), 2);
    /// ```
    pub fn answers<R: Into<Reply>>(replies: impl IntoIterator<Item = R>) -> Self {
        replies.into_iter().fold(Scripted::new(), Scripted::answer)
    }

    /// Sets the name. The default is `scripted`.
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Scripted { name: name.into(), ..self }
    }

    /// Appends an answer to the script: a text, a [`Message`], an [`Error`] or a [`Reply`].
    pub fn answer(self, reply: impl Into<Reply>) -> Self {
        let mut state = self.state();
        state.script.push_back(reply.into());
        state.written += 1;
        drop(state);
        self
    }

    /// Adds a rule: requests whose last message contains `text` get this reply instead of an answer of the script. If
    /// several rules match, the first wins.
    pub fn when(self, text: impl Into<String>, reply: impl Into<Reply>) -> Self {
        let (text, reply) = (text.into(), reply.into());
        self.respond(move |request| {
            let last = request.messages.last()?;
            last.text().contains(&text).then(|| reply.clone())
        })
    }

    /// Adds a [rule](Scripted::when) that replies to every request for which the function returns a reply.
    ///
    /// ```
    /// use catena::RunnableExt;
    /// use catena_llm::testing::Scripted;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let echo = Scripted::new().respond(|request| Some(request.messages.last()?.text().to_uppercase().into())).chat();
    /// assert_eq!(echo.invoke("hello").await?.text(), "HELLO");
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn respond(self, respond: impl Fn(&ChatRequest) -> Option<Reply> + Send + Sync + 'static) -> Self {
        self.state().rules.push(Arc::new(respond));
        self
    }

    /// Returns the model as a step. The step has a clone of the model, so that this one sees its requests too.
    pub fn chat(&self) -> Chat<Scripted> {
        Chat::new(self.clone())
    }

    /// Returns the requests, in order. A call that is never polled makes no request.
    pub fn requests(&self) -> Vec<ChatRequest> {
        self.state().requests.clone()
    }

    /// Returns the number of unused answers of the script. At the end of a test it should be 0.
    pub fn unused(&self) -> usize {
        self.state().script.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, request: &ChatRequest) -> Result<Reply> {
        let rules = {
            let mut state = self.state();
            state.requests.push(request.clone());
            state.rules.clone()
        };
        // A rule may use this model, so no lock is held while it runs.
        let reply = rules.iter().find_map(|rule| rule(request));
        let mut state = self.state();
        let reply = reply.or_else(|| state.script.pop_front());
        reply.map(|reply| reply.complete(&self.name)).ok_or_else(|| {
            let asked = request.messages.last().map_or("", |message| message.text());
            let (asked, number, written) = (short(asked), state.requests.len(), state.written);
            let message = format!(
                "the script has no answer left: it had {written}, and this is request {number}, which ends with `{asked}`"
            );
            Error::new(ErrorKind::BadInput, message)
        })
    }
}

fn short(text: &str) -> String {
    const SHOWN: usize = 120;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

async fn wait(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

impl ChatModel for Scripted {
    fn name(&self) -> &str {
        &self.name
    }

    async fn complete(&self, request: ChatRequest, _cx: &Context) -> Result<Message> {
        let reply = self.next(&request)?;
        wait(reply.time()).await;
        reply.outcome()
    }

    fn stream<'a>(&'a self, request: ChatRequest, _cx: &'a Context) -> Chunks<'a, MessageChunk> {
        Chunks::open(async move {
            let reply = self.next(&request)?;
            wait(reply.first_delay()).await;
            let end = reply.error().cloned().map(Err);
            let each = reply.each_delay();
            let chunks = stream::iter(reply.message_chunks()).then(move |chunk| async move {
                wait(each).await;
                Ok(chunk)
            });
            Ok(Chunks::new(chunks.chain(stream::iter(end))))
        })
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Scripted")
            .field("name", &self.name)
            .field("unused", &state.script.len())
            .field("requests", &state.requests.len())
            .finish_non_exhaustive()
    }
}
