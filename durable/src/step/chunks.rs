//! Chunks as JSON, of the types of which it is known how.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::any::{Any, TypeId};

/// How the chunks of a type are written and read.
pub(super) struct Codec<C> {
    pub(super) write: fn(&C) -> Option<Value>,
    pub(super) read: fn(Value) -> Option<C>,
}

impl<C: 'static> Codec<C> {
    /// Returns the codec of a type: of texts and, with the feature `llm`, of the chunks of messages. The chunks of other types are
    /// made again from the output.
    pub(super) fn known() -> Option<Self> {
        let known = Codec::of::<String>();
        #[cfg(feature = "llm")]
        let known = known.or_else(Codec::of::<catena_llm::MessageChunk>);
        known
    }

    fn of<T: Serialize + DeserializeOwned + 'static>() -> Option<Self> {
        (TypeId::of::<C>() == TypeId::of::<T>()).then_some(Codec { write: write::<C, T>, read: read::<C, T> })
    }
}

fn write<C: 'static, T: Serialize + 'static>(chunk: &C) -> Option<Value> {
    serde_json::to_value((chunk as &dyn Any).downcast_ref::<T>()?).ok()
}

fn read<C: 'static, T: DeserializeOwned + 'static>(json: Value) -> Option<C> {
    let chunk: Box<dyn Any> = Box::new(serde_json::from_value::<T>(json).ok()?);
    chunk.downcast::<C>().ok().map(|chunk| *chunk)
}
