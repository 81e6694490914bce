//! Chat models: the trait, the request that it takes, and the step around it.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`ChatModel`] |
//! | `chat` | [`Chat`], a model as a step |
//! | `boxed` | [`BoxModel`], models of several types under one |
//! | `structured` | [`Structured`], a model that answers with values of a type |
//! | `request`, `options`, `reasoning`, `response_format` | [`ChatRequest`] and the settings in it |
//! | `request_json` | the JSON form of a request |
//! | `identity` | [`ModelIdentity`], the values that tell two models apart |
//! | `keys` | the configuration keys by which a run sets those settings |
//! | `as_prompt` | [`AsPrompt`], the inputs that a model takes |

mod as_prompt;
mod boxed;
mod chat;
mod identity;
pub mod keys;
mod options;
mod reasoning;
mod request;
mod request_json;
mod response_format;
mod structured;

pub use as_prompt::AsPrompt;
pub use boxed::BoxModel;
pub use chat::Chat;
pub use identity::ModelIdentity;
pub use keys::ModelKeys;
pub use options::Options;
pub use reasoning::ReasoningEffort;
pub use request::ChatRequest;
pub use response_format::ResponseFormat;
pub use structured::Structured;

use crate::{Message, MessageAssembler, MessageChunk, Redactor};
use catena::{Assemble, Chunks, Context, Details, Result};
use futures_util::{TryFutureExt, stream};
use std::future::Future;

/// A chat model: it answers messages with a message, as a whole or in chunks.
///
/// [`Chat::new`](crate::Chat::new) makes a step of any such model. A custom model, for a test or for a provider that is
/// missing here, needs two methods:
///
/// ```
/// use catena::{Context, RunnableExt};
/// use catena_llm::{Chat, ChatModel, ChatRequest, Message};
///
/// struct Parrot;
///
/// impl ChatModel for Parrot {
///     fn name(&self) -> &str {
///         "parrot"
///     }
///
///     async fn complete(&self, request: ChatRequest, _cx: &Context) -> catena::Result<Message> {
///         let said = request.messages.last().map_or("", |message| message.text());
///         Ok(Message::assistant(format!("{said}, {said}!")).with_model("parrot"))
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let parrot = Chat::new(Parrot);
/// assert_eq!(parrot.invoke("Hello").await?.text(), "Hello, Hello!");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub trait ChatModel: Send + Sync {
    /// Returns the provider's name for the model, such as `gpt-4o-mini`. It is also the name of the step in events,
    /// error paths and graphs.
    fn name(&self) -> &str;

    /// Returns the host that requests are sent to, such as `api.openai.com`. Error messages name it.
    fn host(&self) -> Option<&str> {
        None
    }

    /// Returns the name of the provider in OpenTelemetry's conventions: `openai`, `anthropic`, `gcp.gemini`.
    fn provider(&self) -> Option<&str> {
        None
    }

    /// Adds the settings of the model, for graphs and manifests. [`Chat`](crate::Chat) has already added the name and
    /// the options.
    fn details(&self, _details: &mut Details) {}

    /// Adds everything besides the request on which an answer may depend: the URL, headers, the key of an account. A
    /// [cache](crate::cache) gives no answer of one model to another whose identity differs. The
    /// [name](ChatModel::name), the host and the [details](ChatModel::details) are part of it without being added.
    ///
    /// By default nothing is added. Implement it for a model whose instances may answer differently, and forward it in
    /// a model that wraps another.
    fn identity(&self, _identity: &mut ModelIdentity) {}

    /// Adds the credentials that are sent with a request. A [cassette](crate::testing::Cassette) removes them wherever
    /// they occur. By default there are none.
    fn secrets(&self, _secrets: &mut Redactor) {}

    /// Returns whether the provider enforces this format of the answer. If it does not, [`Chat`](crate::Chat) removes
    /// the format from the request and writes it into the prompt. The default is `false`.
    fn has_response_format(&self, _format: &ResponseFormat) -> bool {
        false
    }

    /// Returns the whole answer. Dropping the future cancels the request.
    fn complete<'a>(
        &'a self,
        request: ChatRequest,
        cx: &'a Context,
    ) -> impl Future<Output = Result<Message>> + Send + 'a;

    /// Returns the answer as a stream. Dropping the stream cancels the request.
    ///
    /// A stream that ends without an error is complete; a stream that breaks off ends with an error. By default the
    /// stream yields the whole answer once it is complete.
    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk> {
        let chunks = self.complete(request, cx).map_ok(|message| {
            let mut chunks = Vec::new();
            MessageAssembler::default().split(message, &mut |chunk| chunks.push(Ok(chunk)));
            stream::iter(chunks)
        });
        Chunks::new(chunks.try_flatten_stream())
    }
}

/// Forwards the identity of a wrapping model to the model inside.
macro_rules! same_as {
    ($self:ident, $inner:expr) => {
        fn name(&$self) -> &str {
            $inner.name()
        }

        fn host(&$self) -> Option<&str> {
            $inner.host()
        }

        fn provider(&$self) -> Option<&str> {
            $inner.provider()
        }

        fn identity(&$self, identity: &mut $crate::ModelIdentity) {
            $inner.identity(identity);
        }

        fn secrets(&$self, secrets: &mut $crate::Redactor) {
            $inner.secrets(secrets);
        }

        fn has_response_format(&$self, format: &$crate::ResponseFormat) -> bool {
            $inner.has_response_format(format)
        }
    };
}
pub(crate) use same_as;

macro_rules! pointer {
    ($($Pointer:ty),*) => {$(
        impl<M: ChatModel> ChatModel for $Pointer {
            same_as!(self, (**self));

            fn details(&self, details: &mut Details) {
                (**self).details(details);
            }

            fn complete<'a>(
                &'a self,
                request: ChatRequest,
                cx: &'a Context,
            ) -> impl Future<Output = Result<Message>> + Send + 'a {
                (**self).complete(request, cx)
            }

            fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk> {
                (**self).stream(request, cx)
            }
        }
    )*};
}
pointer!(&M, std::sync::Arc<M>);
