//! A chain whose types are JSON.

use crate::run::names;
use catena::{Config, Error, ErrorKind, Result, Runnable, RunnableExt};
use futures_util::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{marker::PhantomData, sync::Arc};

/// A chain of any type.
pub(super) trait AnyChain: Send + Sync {
    /// Checks the names of its durable steps.
    fn check(&self) -> Result<()>;
    /// Runs it.
    fn invoke(self: Arc<Self>, input: Value, config: Config) -> BoxFuture<'static, Result<Value>>;
}

/// A chain, and the type of its input.
pub(super) struct Typed<C, In> {
    pub(super) chain: C,
    pub(super) input: PhantomData<fn(In)>,
}

impl<C, In> AnyChain for Typed<C, In>
where
    In: DeserializeOwned + Send + 'static,
    C: Runnable<In> + 'static,
    C::Output: Serialize,
{
    fn check(&self) -> Result<()> {
        names::of(&self.chain.component()).map(drop)
    }

    fn invoke(self: Arc<Self>, input: Value, config: Config) -> BoxFuture<'static, Result<Value>> {
        Box::pin(async move {
            let input = serde_json::from_value(input).map_err(|error| {
                let message = format!("the input is not of the chain's type: {error}");
                Error::new(ErrorKind::BadInput, message).with_source(error)
            })?;
            let output = self.chain.invoke_with(input, config).await?;
            serde_json::to_value(output).map_err(|error| {
                Error::new(ErrorKind::Step, format!("the output cannot be written as JSON: {error}")).with_source(error)
            })
        })
    }
}
