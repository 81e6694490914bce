//! The syntax tree of `chain!`.

use proc_macro2::{Ident, Span};
use syn::{Expr, ExprClosure, Pat, Type};

pub(crate) struct Root {
    pub(crate) input: Option<Input>,
    pub(crate) chain: Chain,
}

/// What stands before `=>`.
pub(crate) enum Input {
    Type(Box<Type>),
    Record(Vec<(Ident, Type)>),
    /// A record with more fields than the runtime has tuples for, and the mistake.
    TooLong(Vec<(Ident, Type)>, syn::Error),
    /// What cannot be read.
    Broken(syn::Error),
}

pub(crate) struct Chain {
    pub(crate) steps: Vec<Step>,
}

pub(crate) enum Step {
    /// `<a: .., b?: .., ..>`, maybe `as Struct`.
    Map(Map),
    /// `match { pattern => chain, .. }`
    Match(Match),
    /// `.name`
    Pick(Ident),
    /// `.{a, b}`
    SubRecord(Vec<Ident>),
    /// `_`
    Input(Span),
    /// `|x| ..`
    Closure(ExprClosure),
    /// Anything else of Rust.
    Expr(Expr),
    /// What cannot be read, maybe not yet: the mistake has the place of the step, and the type of any.
    Broken(syn::Error),
}

pub(crate) struct Map {
    pub(crate) open: Span,
    pub(crate) fields: Vec<MapField>,
    /// Where `..` stands.
    pub(crate) rest: Option<Rest>,
    pub(crate) target: Option<Type>,
    /// Mistakes that leave open which fields come out.
    pub(crate) broken: Vec<syn::Error>,
}

/// The `..` of a map.
pub(crate) struct Rest {
    pub(crate) span: Span,
    /// How many fields stand before it.
    pub(crate) at: usize,
}

pub(crate) struct MapField {
    pub(crate) name: Ident,
    pub(crate) settled: bool,
    pub(crate) chain: Chain,
}

pub(crate) struct Match {
    pub(crate) keyword: Span,
    /// The key of `match config(KEY) { .. }`.
    pub(crate) key: Option<Expr>,
    pub(crate) arms: Vec<Arm>,
    /// Mistakes in place of arms.
    pub(crate) broken: Vec<syn::Error>,
}

pub(crate) struct Arm {
    pub(crate) pattern: Pat,
    pub(crate) guard: Option<Expr>,
    pub(crate) chain: Chain,
}
