//! The syntax tree of `chain!`.

use proc_macro2::{Ident, Span};
use syn::{Expr, ExprClosure, Pat, Stmt, Type, spanned::Spanned};

pub(crate) struct Root {
    pub(crate) input: Option<Input>,
    pub(crate) chain: Chain,
}

/// The part of a chain before `=>`.
pub(crate) enum Input {
    Type(Box<Type>),
    Record(Vec<(Ident, Type)>),
    /// A record with more fields than the runtime has tuples for, and the error.
    TooLong(Vec<(Ident, Type)>, syn::Error),
    /// An input that cannot be parsed.
    Broken(syn::Error),
}

pub(crate) struct Chain {
    pub(crate) steps: Vec<Step>,
}

pub(crate) enum Step {
    /// `<a: .., b?: .., ..>`, optionally with `as Struct`.
    Map(Map),
    /// `match { pattern => chain, .. }`
    Match(Match),
    /// `.name`, or `.name.of_that`
    Pick(Vec<Ident>),
    /// `.`, or `.name.`: a pick that is still being typed. The error stands in place of the last field.
    HalfPick(Vec<Ident>, syn::Error),
    /// `.{a, b}`
    SubRecord(Vec<Ident>),
    /// `_`
    Input(Span),
    /// `|x| ..`, and the statements of the block that ends in it: `{ let db = db.clone(); move |x| .. }`
    Closure(ExprClosure, Vec<Stmt>),
    /// Any other Rust expression.
    Expr(Expr),
    /// A step that cannot be parsed, perhaps because it is still being typed. The error stands at the position of the
    /// step and has any type.
    Broken(syn::Error),
}

pub(crate) struct Map {
    pub(crate) open: Span,
    pub(crate) fields: Vec<MapField>,
    /// The `..` among the fields.
    pub(crate) rest: Option<Rest>,
    pub(crate) target: Option<Type>,
    /// Errors because of which the fields of the output are unknown.
    pub(crate) broken: Vec<syn::Error>,
}

/// The `..` of a map.
pub(crate) struct Rest {
    pub(crate) span: Span,
    /// The number of fields before it.
    pub(crate) at: usize,
}

pub(crate) struct MapField {
    pub(crate) name: Ident,
    pub(crate) settled: bool,
    pub(crate) chain: Chain,
}

pub(crate) struct Match {
    pub(crate) keyword: Span,
    /// The names of `match .name.of_that { .. }`.
    pub(crate) of: Vec<Ident>,
    /// The key of `match config(KEY) { .. }`.
    pub(crate) key: Option<Expr>,
    pub(crate) arms: Vec<Arm>,
    /// Errors in place of arms.
    pub(crate) broken: Vec<syn::Error>,
}

pub(crate) struct Arm {
    pub(crate) pattern: Pat,
    pub(crate) guard: Option<Expr>,
    pub(crate) chain: Chain,
    /// The last token of the chain.
    pub(crate) end: Span,
}

impl Step {
    /// Returns the position of the step, or of its first token.
    pub(crate) fn span(&self) -> Span {
        match self {
            Step::Map(map) => map.open,
            Step::Match(branch) => branch.keyword,
            Step::Pick(names) | Step::SubRecord(names) => names.first().map_or_else(Span::call_site, Ident::span),
            Step::Input(span) => *span,
            Step::Closure(closure, _) => closure.span(),
            Step::Expr(expr) => expr.span(),
            Step::Broken(mistake) | Step::HalfPick(_, mistake) => mistake.span(),
        }
    }
}
