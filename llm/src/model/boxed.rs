//! Models of several types as one type.

use crate::{
    Chat, ChatModel, ChatRequest, Message, MessageChunk, ModelIdentity, Redactor, ResponseFormat, model::same_as,
};
use catena::{Chunks, Context, Details, Result};
use futures_util::future::BoxFuture;
use std::{fmt, future::Future, sync::Arc};

/// Any [`ChatModel`], as one type. Created by [`Chat::boxed_model`]. A clone is the same model.
///
/// Use it for models that are chosen when the program runs and differ in type. Examples are a cached model and one
/// without a cache. A call allocates once more than the model itself, a stream does not.
///
/// Models of all providers already have one type, [`Model`](crate::Model). A chain can also leave the choice of a model
/// to the run, by `match config(KEY)`.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{BoxModel, Chat, testing::Scripted};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let models: Vec<Chat<BoxModel>> = vec![
///     Scripted::answers(["from a script"]).chat().boxed_model(),
///     Scripted::answers(["one at a time"]).chat().concurrency_limited(1).boxed_model(),
/// ];
/// let mut said = Vec::new();
/// for model in &models {
///     said.push(model.invoke("Hello").await?.to_string());
/// }
/// assert_eq!(said, ["from a script", "one at a time"]);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct BoxModel(Arc<dyn Erased>);

impl BoxModel {
    /// Creates a model without the type of `model`.
    pub fn new(model: impl ChatModel + 'static) -> Self {
        BoxModel(Arc::new(model))
    }
}

impl<M: ChatModel + 'static> Chat<M> {
    /// Returns this step without the type of its model; see [`BoxModel`].
    pub fn boxed_model(self) -> Chat<BoxModel> {
        self.map_model(BoxModel::new)
    }
}

/// A model with boxed futures.
trait Erased: Send + Sync {
    fn name(&self) -> &str;
    fn host(&self) -> Option<&str>;
    fn provider(&self) -> Option<&str>;
    fn identity(&self, identity: &mut ModelIdentity);
    fn secrets(&self, secrets: &mut Redactor);
    fn has_response_format(&self, format: &ResponseFormat) -> bool;
    fn details(&self, details: &mut Details);
    fn complete<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> BoxFuture<'a, Result<Message>>;
    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk>;
}

impl<M: ChatModel> Erased for M {
    fn name(&self) -> &str {
        ChatModel::name(self)
    }

    fn host(&self) -> Option<&str> {
        ChatModel::host(self)
    }

    fn provider(&self) -> Option<&str> {
        ChatModel::provider(self)
    }

    fn identity(&self, identity: &mut ModelIdentity) {
        ChatModel::identity(self, identity);
    }

    fn secrets(&self, secrets: &mut Redactor) {
        ChatModel::secrets(self, secrets);
    }

    fn has_response_format(&self, format: &ResponseFormat) -> bool {
        ChatModel::has_response_format(self, format)
    }

    fn details(&self, details: &mut Details) {
        ChatModel::details(self, details);
    }

    fn complete<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> BoxFuture<'a, Result<Message>> {
        Box::pin(ChatModel::complete(self, request, cx))
    }

    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk> {
        ChatModel::stream(self, request, cx)
    }
}

impl ChatModel for BoxModel {
    same_as!(self, self.0);

    fn details(&self, details: &mut Details) {
        self.0.details(details);
    }

    fn complete<'a>(
        &'a self,
        request: ChatRequest,
        cx: &'a Context,
    ) -> impl Future<Output = Result<Message>> + Send + 'a {
        self.0.complete(request, cx)
    }

    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk> {
        self.0.stream(request, cx)
    }
}

impl fmt::Debug for BoxModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BoxModel").field(&self.0.name()).finish()
    }
}
