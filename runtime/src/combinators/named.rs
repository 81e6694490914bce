//! A step under another name.

use crate::{
    Assemble, Chunks, Component, ComponentKind, Context, Node, Result, Runnable, Step,
    observe::instrument::within,
    step::{
        outcome::{MapOutcome, maps_outcome},
        runnable::{Delegate, like},
    },
    util::labels::{Labels, LabelsOf, name_at},
};
use std::{borrow::Cow, marker::PhantomData};

/// A step under a name given at run time; made by [`named`](crate::StepExt::named). The name is what paths and graphs
/// call it. Costs nothing on a call.
#[derive(Clone, Debug)]
pub struct Named<S> {
    step: S,
    name: Cow<'static, str>,
}

/// A chain under the name of the function that builds it, which the compiler knows; made by `#[runnable]`.
pub struct StaticNamed<S, X> {
    step: S,
    names: PhantomData<fn() -> X>,
}

impl<S> Named<S> {
    pub(crate) const fn new(step: S, name: Cow<'static, str>) -> Self {
        Named { step, name }
    }
}

impl<S, X: Labels> StaticNamed<S, X> {
    /// Under the first of the words.
    pub const fn of(_: LabelsOf<X>, step: S) -> Self {
        StaticNamed { step, names: PhantomData }
    }
}

impl<S: Clone, X: Labels> Clone for StaticNamed<S, X> {
    fn clone(&self) -> Self {
        StaticNamed { step: self.step.clone(), names: PhantomData }
    }
}

impl<S: Step> Step for Named<S> {
    const NODE: Node = Node::Named { name: "", node: &S::NODE };

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
}

impl<S: Step, X: Labels> Step for StaticNamed<S, X> {
    const NODE: Node = Node::Named { name: name_at::<X>(0), node: &S::NODE };

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }
}

impl<S> Delegate for Named<S> {
    type To = S;
    fn inner(&self) -> &S {
        &self.step
    }
}

impl<S, X> Delegate for StaticNamed<S, X> {
    type To = S;
    fn inner(&self) -> &S {
        &self.step
    }
}

impl<S: Step, O> MapOutcome<O> for Named<S> {
    type Mapped = O;

    #[inline]
    fn map_outcome(&self, outcome: Result<O>) -> Result<O> {
        outcome.map_err(|error| error.known_as(self.name()))
    }
}

impl<S: Step, X: Labels, O> MapOutcome<O> for StaticNamed<S, X> {
    type Mapped = O;

    #[inline]
    fn map_outcome(&self, outcome: Result<O>) -> Result<O> {
        outcome.map_err(|error| error.known_as(self.name()))
    }
}

/// What a step does, in a context that has its other name.
macro_rules! renamed {
    ($In:ty, |$this:ident| $name:expr) => {
        like!($In, S);

        fn component(&self) -> Component {
            let $this = self;
            let name: Cow<'static, str> = $name;
            Component::around(ComponentKind::Named, self.step.component()).called(&name)
        }

        async fn call<'a>(&'a self, input: $In, cx: &'a Context) -> Result<Self::Output> {
            let $this = self;
            let child = cx.named(|| $name);
            self.map_outcome(self.step.call(input, child.as_ref().unwrap_or(cx)).await)
        }

        async fn call_ref<'a>(&'a self, input: &'a $In, cx: &'a Context) -> Result<Self::Output>
        where
            $In: Clone + Sync,
        {
            let $this = self;
            let child = cx.named(|| $name);
            self.map_outcome(self.step.call_ref(input, child.as_ref().unwrap_or(cx)).await)
        }

        maps_outcome!($In);

        fn call_stream<'a>(&'a self, input: $In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
        where
            $In: 'a,
        {
            let $this = self;
            within!(cx.named(|| $name), cx => self.step.call_stream(input, cx))
        }

        fn transform<'a, Up>(
            &'a self,
            chunks: Chunks<'a, Up::Chunk>,
            assembler: Up,
            cx: &'a Context,
        ) -> Chunks<'a, Self::Chunk>
        where
            Up: Assemble<Output = $In>,
            $In: 'a,
        {
            let $this = self;
            within!(cx.named(|| $name), cx => self.step.transform(chunks, assembler, cx))
        }
    };
}

impl<In: Send, S: Runnable<In>> Runnable<In> for Named<S> {
    renamed!(In, |this| this.name.clone());
}

impl<In: Send, S: Runnable<In>, X: Labels> Runnable<In> for StaticNamed<S, X> {
    renamed!(In, |_this| Cow::Borrowed(name_at::<X>(0)));
}
