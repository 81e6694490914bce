//! The names of components in a chain, and the components of boxed steps.

use super::{Component, ComponentKind, Member, component::only};
use crate::{Extent, Kind};
use serde_json::Value;

impl Component {
    /// Sets the name of a part that is written as this word in a chain.
    pub(crate) fn written_as(self, word: &str) -> Self {
        use ComponentKind as K;
        if word.is_empty() || !self.name.is_empty() || self.kind == K::Step(Kind::Passthrough) {
            return self;
        }
        match self.kind {
            K::Step(_) | K::Opaque => self.called(word),
            K::Retry | K::Timeout | K::Map | K::Spawned | K::Choice | K::Configured | K::Configurable | K::Settled => {
                self.inside(|inner| inner.written_as(word))
            }
            K::Fallback | K::Race => self.first(|inner| inner.written_as(word)),
            K::Sequence if self.members.len() == 1 => self.inside(|inner| inner.written_as(word)),
            K::Sequence | K::Parallel => Component::around(K::Named, self).called(word),
            K::Branch if word != "match" => Component::around(K::Named, self).called(word),
            K::Branch | K::Router | K::Named | K::Field => self,
        }
    }

    fn inside(mut self, change: impl Fn(Component) -> Component) -> Self {
        self.members =
            self.members.into_iter().map(|member| Member { component: change(member.component), ..member }).collect();
        self
    }

    fn first(mut self, change: impl Fn(Component) -> Component) -> Self {
        if !self.members.is_empty() {
            let first = self.members.remove(0);
            self.members.insert(0, Member { component: change(first.component), ..first });
        }
        self
    }

    /// With sequences of one step as that step, and names that say nothing new left out.
    pub(crate) fn simple(mut self) -> Self {
        self = self.inside(Component::simple);
        // Whatever order this build of `serde_json` keeps: the same chain is always drawn the same.
        self.settings.sort_keys();
        self.settings.values_mut().for_each(Value::sort_all_objects);
        match self.kind {
            ComponentKind::Sequence if self.members.len() == 1 => only(self.members),
            ComponentKind::Named if self.name.is_empty() => only(self.members),
            ComponentKind::Named if self.members.iter().all(|inner| inner.component.is_one_step()) => {
                let name = self.name;
                only(self.members).renamed(&name)
            }
            _ => self,
        }
    }

    /// A single step, maybe with something around it that leaves it one.
    pub(crate) fn is_one_step(&self) -> bool {
        use ComponentKind as K;
        match self.kind {
            K::Step(_) | K::Opaque => true,
            K::Retry | K::Timeout | K::Spawned | K::Configured | K::Configurable => {
                self.members.iter().all(|inner| inner.component.is_one_step())
            }
            _ => false,
        }
    }

    fn renamed(self, name: &str) -> Self {
        if self.members.is_empty() { self.called(name) } else { self.inside(|inner| inner.renamed(name)) }
    }

    /// In a box: it takes its input whole, and where that keeps no chunks, gives its output whole.
    pub(crate) fn boxed(mut self, keeps_chunks: bool) -> Self {
        self.takes_whole();
        if !keeps_chunks {
            self.gives_whole();
        }
        self
    }

    fn takes_whole(&mut self) {
        self.takes = Extent::Whole;
        match self.kind {
            ComponentKind::Sequence => self.members.iter_mut().take(1).for_each(|first| first.component.takes_whole()),
            _ => self.members.iter_mut().for_each(|member| member.component.takes_whole()),
        }
    }

    fn gives_whole(&mut self) {
        self.gives = Extent::Whole;
        match self.kind {
            ComponentKind::Sequence => {
                self.members.iter_mut().next_back().into_iter().for_each(|last| last.component.gives_whole());
            }
            _ => self.members.iter_mut().for_each(|member| member.component.gives_whole()),
        }
    }
}
