//! The names in a function: its variables, and the chains that they hold.

use catena_graph::Track;
use proc_macro2::Ident;
use syn::{Item, Pat, UseTree, visit::Visit};

/// The maximum number of steps in a drawing. A variable that holds a chain can be used any number of times.
const MOST_STEPS: usize = 600;

/// The names of a function, the innermost last.
pub(super) struct Scope {
    names: Vec<(String, Name)>,
    steps: usize,
    /// The input type of the `chain!` read last, if it is written.
    pub(super) input: Option<String>,
}

#[derive(Clone)]
enum Name {
    /// A chain and its drawing.
    Chain(Box<Track>),
    /// Another value, or an item without a page of its own.
    Other,
}

impl Default for Scope {
    fn default() -> Self {
        Scope { names: Vec::new(), steps: MOST_STEPS, input: None }
    }
}

impl Scope {
    /// Returns a mark for [`leave`](Self::leave).
    pub(super) fn mark(&self) -> usize {
        self.names.len()
    }

    /// Forgets the names added since a mark.
    pub(super) fn leave(&mut self, mark: usize) {
        self.names.truncate(mark);
    }

    /// Adds a variable that holds a chain.
    pub(super) fn chain(&mut self, name: &Ident, track: Track) {
        self.names.push((name.to_string(), Name::Chain(Box::new(track))));
    }

    /// Adds the variables of a pattern.
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

    /// Adds an item inside the function, which has no page.
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

    /// Returns the chain that a variable holds, if the drawing has room for it.
    pub(super) fn held(&mut self, name: &str) -> Option<Track> {
        let Name::Chain(track) = self.find(name)? else { return None };
        let track = Track::clone(track);
        self.take(track.steps()).then_some(track)
    }

    /// Returns whether a name is local to the function, so that no page documents it.
    pub(super) fn is_local(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn find(&self, name: &str) -> Option<&Name> {
        self.names.iter().rev().find(|(known, _)| known == name).map(|(_, what)| what)
    }

    /// Reserves room for this many steps, and returns whether there is enough.
    fn take(&mut self, steps: usize) -> bool {
        let left = self.steps.checked_sub(steps);
        self.steps = left.unwrap_or(self.steps);
        left.is_some()
    }
}
