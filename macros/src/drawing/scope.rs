//! What is known of the names in a function: its variables, and what they hold.

use catena_graph::Track;
use proc_macro2::Ident;
use syn::{Item, Pat, UseTree, visit::Visit};

/// More steps than these are not drawn: a variable that holds a chain can be used, and its chain drawn, any number of times.
const MOST_STEPS: usize = 600;

/// The names of a function, the innermost last.
pub(super) struct Scope {
    names: Vec<(String, Name)>,
    steps: usize,
    /// The type that the `chain!` read last takes, where it is written.
    pub(super) input: Option<String>,
}

#[derive(Clone)]
enum Name {
    /// A chain, and how it is drawn.
    Chain(Box<Track>),
    /// Some other value, or an item that has no page of its own.
    Other,
}

impl Default for Scope {
    fn default() -> Self {
        Scope { names: Vec::new(), steps: MOST_STEPS, input: None }
    }
}

impl Scope {
    /// What is known of names now; to be gone back to.
    pub(super) fn mark(&self) -> usize {
        self.names.len()
    }

    /// Forgets the names since.
    pub(super) fn leave(&mut self, mark: usize) {
        self.names.truncate(mark);
    }

    /// A variable that holds a chain.
    pub(super) fn chain(&mut self, name: &Ident, track: Track) {
        self.names.push((name.to_string(), Name::Chain(Box::new(track))));
    }

    /// The variables of a pattern.
    pub(super) fn pattern(&mut self, pattern: &Pat) {
        struct Names<'s>(&'s mut Scope);
        impl<'ast> Visit<'ast> for Names<'_> {
            fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
                self.0.names.push((ident.ident.to_string(), Name::Other));
                syn::visit::visit_pat_ident(self, ident);
            }
        }
        Names(self).visit_pat(pattern);
    }

    /// An item inside the function, which has no page.
    pub(super) fn item(&mut self, item: &Item) {
        let ident = match item {
            Item::Const(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Fn(item) => &item.sig.ident,
            Item::Mod(item) => &item.ident,
            Item::Static(item) => &item.ident,
            Item::Struct(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Use(item) => return self.imports(&item.tree),
            _ => return,
        };
        self.names.push((ident.to_string(), Name::Other));
    }

    fn imports(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => self.imports(&path.tree),
            UseTree::Name(name) => self.names.push((name.ident.to_string(), Name::Other)),
            UseTree::Rename(name) => self.names.push((name.rename.to_string(), Name::Other)),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.imports(tree)),
            UseTree::Glob(_) => {}
        }
    }

    /// The chain that a variable holds, where it is still to be drawn.
    pub(super) fn held(&mut self, name: &str) -> Option<Track> {
        let Name::Chain(track) = self.find(name)? else { return None };
        let track = Track::clone(track);
        self.take(track.steps()).then_some(track)
    }

    /// Whether the name is one of the function's own, so that no page is about it.
    pub(super) fn is_local(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn find(&self, name: &str) -> Option<&Name> {
        self.names.iter().rev().find(|(known, _)| known == name).map(|(_, what)| what)
    }

    /// Whether so many steps more are drawn.
    fn take(&mut self, steps: usize) -> bool {
        let left = self.steps.checked_sub(steps);
        self.steps = left.unwrap_or(self.steps);
        left.is_some()
    }
}
