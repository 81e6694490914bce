//! A chain that is served, without its types.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Chain`], the trait object |
//! | `input`, `output` | the bounds on a served chain's types |
//! | `model` | the chains that are models: what they take and give |
//! | `call` | [`Call`]: a chain with the input that was read for it |
//! | `pieces` | the chunks of a run as JSON |
//! | `served` | [`Served`]: a chain with its name, its schemas and its graph |

mod call;
mod input;
mod model;
mod output;
mod pieces;
mod schema;
mod served;

pub(crate) use call::{Call, caught};
pub use input::Input;
pub(crate) use model::{FromChat, detect};
pub use model::{ModelInput, ModelOutput};
pub use output::Output;
pub(crate) use pieces::{Piece, PieceKind, Pieces};
pub(crate) use served::Served;

use call::Prepared;
use catena::{Assemble, Graph, Keys, Runnable, RunnableExt, StepExt};
use catena_llm::{ChatRequest, MessageChunk};
use serde_json::Value;
use std::{any::TypeId, marker::PhantomData, sync::Arc};

/// A reason that an input could not be read: the place in the JSON, and the words of `serde`.
pub(crate) type Unreadable = serde_path_to_error::Error<serde_json::Error>;

/// A chain whose types are known to its implementation alone.
pub(crate) trait Chain: Send + Sync {
    /// Reads an input.
    fn read(&self, json: &str) -> Result<Box<dyn Call>, Unreadable>;
    /// Makes an input of a conversation, if the chain takes one.
    fn ask(&self, request: ChatRequest) -> Option<catena::Result<Box<dyn Call>>>;
    /// `true` if the chain takes a conversation and gives an answer.
    fn is_model(&self) -> bool;
    fn piece_kind(&self) -> PieceKind;
    /// `true` if the chain takes a client's tools and formats.
    fn takes_tools(&self) -> bool;
    fn keys(&self) -> Keys;
    fn config_schema(&self) -> catena::Result<Value>;
    fn graph(&self) -> Graph;
    fn input_schema(&self) -> Option<Value>;
    fn output_schema(&self) -> Option<Value>;
}

/// The chain and its input type.
struct Typed<In, R> {
    chain: Arc<R>,
    from_chat: Option<FromChat<In>>,
    answers: bool,
    pieces: PieceKind,
    input: PhantomData<fn(In)>,
}

/// Erases the types of a chain.
pub(crate) fn erase<In, R>(chain: R, from_chat: Option<FromChat<In>>) -> Box<dyn Chain>
where
    In: Input,
    R: Runnable<In> + 'static,
    R::Output: Output,
{
    // By this, the types that go through the chain become known.
    let _ = chain.output_schema();
    let chunk = TypeId::of::<R::Chunk>();
    let pieces = if chunk == TypeId::of::<MessageChunk>() {
        PieceKind::MessageChunk
    } else if R::Assembler::WHOLE || !catena::Types::knows::<R::Chunk>() {
        PieceKind::Whole
    } else {
        PieceKind::Other
    };
    let answers = model::is_answer::<R::Output>();
    Box::new(Typed { chain: Arc::new(chain), from_chat, answers, pieces, input: PhantomData })
}

impl<In, R> Chain for Typed<In, R>
where
    In: Input,
    R: Runnable<In> + 'static,
    R::Output: Output,
{
    fn read(&self, json: &str) -> Result<Box<dyn Call>, Unreadable> {
        if let Ok(input) = serde_json::from_str(json) {
            return Ok(self.prepared(input));
        }
        // Once more, for the place of what is wrong, which is not cheap to keep track of.
        let mut reader = serde_json::Deserializer::from_str(json);
        let input: In = serde_path_to_error::deserialize(&mut reader)?;
        Ok(self.prepared(input))
    }

    fn ask(&self, request: ChatRequest) -> Option<catena::Result<Box<dyn Call>>> {
        let from_chat = self.from_chat.as_ref()?;
        Some((from_chat.read)(request).map(|input| self.prepared(input)))
    }

    fn is_model(&self) -> bool {
        self.from_chat.is_some() && self.answers
    }

    fn piece_kind(&self) -> PieceKind {
        self.pieces
    }

    fn takes_tools(&self) -> bool {
        self.from_chat.as_ref().is_some_and(|from_chat| from_chat.tools)
    }

    fn keys(&self) -> Keys {
        self.chain.config_keys()
    }

    fn config_schema(&self) -> catena::Result<Value> {
        StepExt::config_schema(&*self.chain)
    }

    fn graph(&self) -> Graph {
        RunnableExt::<In>::graph(&*self.chain)
    }

    fn input_schema(&self) -> Option<Value> {
        RunnableExt::<In>::input_schema(&*self.chain).or_else(schema::of::<In>)
    }

    fn output_schema(&self) -> Option<Value> {
        RunnableExt::<In>::output_schema(&*self.chain).or_else(schema::of::<R::Output>)
    }
}

impl<In, R> Typed<In, R>
where
    In: Input,
    R: Runnable<In> + 'static,
    R::Output: Output,
{
    fn prepared(&self, input: In) -> Box<dyn Call> {
        Box::new(Prepared { chain: Arc::clone(&self.chain), input, pieces: self.pieces })
    }
}
