//! Chat models: the trait, the request that it takes, and the step around it.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`ChatModel`] |
//! | `chat` | [`Chat`], a model as a step |
//! | `boxed` | [`BoxModel`], models of several types under one |
//! | `structured` | [`Structured`], a model that answers with values of a type |
//! | `request`, `options`, `reasoning`, `response_format` | [`ChatRequest`] and the settings in it |
//! | `keys` | the configuration keys by which a run sets those settings |
//! | `as_prompt` | [`AsPrompt`], the inputs that a model takes |

mod as_prompt;
mod boxed;
mod chat;
pub mod keys;
mod options;
mod reasoning;
mod request;
mod response_format;
mod structured;

pub use as_prompt::AsPrompt;
pub use boxed::BoxModel;
pub use chat::Chat;
pub use keys::ModelKeys;
pub use options::Options;
pub use reasoning::ReasoningEffort;
pub use request::ChatRequest;
pub use response_format::ResponseFormat;
pub use structured::Structured;

use crate::{Message, MessageAssembler, MessageChunk};
use catena::{Assemble, Chunks, Context, Details, Result};
use futures_util::{TryFutureExt, stream};
use std::future::Future;

/// A chat model: one that answers messages with a message, at once or piece by piece.
///
/// Any such model becomes a step of a chain by [`Chat::new`](crate::Chat::new). A model of your own, for a test or a
/// provider that is missing here, needs two methods:
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
    /// Returns the name the provider knows it by: `gpt-4o-mini`. It is the name of the step, too, in events, error paths and
    /// graphs.
    fn name(&self) -> &str;

    /// Where it is asked, for messages of errors: `api.openai.com`.
    fn host(&self) -> Option<&str> {
        None
    }

    /// Who runs it, by the name that OpenTelemetry's conventions have for it: `openai`, `anthropic`, `gcp.gemini`.
    fn provider(&self) -> Option<&str> {
        None
    }

    /// Tell how it is set up, for graphs and manifests. [`Chat`](crate::Chat) has told its name and the options of its answers
    /// already.
    fn details(&self, _details: &mut Details) {}

    /// Whether the provider sees to it that answers are of this form. For those that it does not know,
    /// [`Chat`](crate::Chat) writes the form into the prompt, and leaves it out of the request. By default it knows none.
    fn has_response_format(&self, _format: &ResponseFormat) -> bool {
        false
    }

    /// The whole answer. Dropping the future gives the request up.
    fn complete<'a>(
        &'a self,
        request: ChatRequest,
        cx: &'a Context,
    ) -> impl Future<Output = Result<Message>> + Send + 'a;

    /// The answer as it comes. Dropping the stream gives the request up.
    ///
    /// A stream that ends is complete: one that broke off ends with an error. By default the whole answer, at once.
    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk> {
        let chunks = self.complete(request, cx).map_ok(|message| {
            let mut chunks = Vec::new();
            MessageAssembler::default().split(message, &mut |chunk| chunks.push(Ok(chunk)));
            stream::iter(chunks)
        });
        Chunks::new(chunks.try_flatten_stream())
    }
}

/// What a model around another is known by: all that the other is.
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
