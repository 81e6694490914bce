//! The macros, with their docs: what they expand into is in the crate `catena-macros`.

/// A chain: steps composed into one typed expression, itself a step.
///
/// ```text
/// chain  := [ Type `=>` ] step ( `|` step )*
/// step   := `<` field ( `,` field )* [`,`] `>` [ `as` Type ]   a parallel map
///         | `match` [ path ] `{` pattern [ `if` guard ] `=>` chain , .. `}`   a branch
///         | path | `.{` name, .. `}`                             a field, or some of them
///         | `_`                                                  the input itself
///         | closure                                              |x| expr, async too
///         | expr                                                 anything that is a step
/// field  := name [`?`] `:` chain | `..`
/// path   := `.`name ..                                           a field, or a field of a field
/// ```
///
/// A step that does not fit is one compiler error, on that step.
///
/// # The input
/// `Type =>` says what goes in; it may be left out where the first step takes one type alone. A closure says its type by
/// its parameter: `|text: String| ..`.
/// `{ question: String, lang: String } =>` takes any [record](crate::Record) with these fields.
///
/// # Parallel maps
/// The branches of `<gpt: a | b, claude: c>` run at once, in the task of the caller, and are lent the input. The output is a
/// struct with a public field each; it is `Debug`, `Clone`, `PartialEq` and `Serialize` where the fields are. The first
/// failure stops the others. With `name?: ..` the field is a `Result`, and its failure stops no other. `<..> as Answers`
/// fills a struct of yours. `..` copies the fields of the value before, after a map or an inline record.
///
/// ```
/// use catena::prelude::*;
///
/// #[runnable]
/// fn letters(text: &str) -> usize { text.chars().count() }
/// #[runnable]
/// fn number(text: &str) -> Result<f64, std::num::ParseFloatError> { text.parse() }
///
/// let chain = chain!(String => <letters: letters, number?: number, upper: |t| t.to_uppercase()>);
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let found = chain.invoke("pi".into()).await?;
/// assert_eq!((found.letters, found.upper.as_str()), (2, "PI"));
/// assert!(found.number.is_err());
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Branches
/// The patterns of `match { .. }` see the value itself, and the compiler checks that none is missing. An arm whose pattern
/// binds nothing, or the whole, gets the value; one that binds a name gets that; one that binds several gets a record of
/// them. All arms end in the same type; `todo!()` stands for one that is not written yet.
///
/// `match .verdict.urgency { .. }` matches on a field. Its arms get the whole input; where a pattern binds something, they get
/// a record of the `input` and what is bound, so that functions take both by name. The field is cloned only if a pattern of
/// the `match` binds something.
///
/// A text matches a `String` as it does a `&str`, also inside of a pattern: `"yes" | "y" => ..`, `Some("no") => ..`. The
/// compiler does not know which texts there are, so other arms have to cover all values.
///
/// ```
/// use catena::prelude::*;
///
/// #[derive(Clone)]
/// enum Urgency { Critical, Low { days: u8 } }
/// #[derive(Clone, Record)]
/// struct Ticket { urgency: Urgency, lang: String }
///
/// #[runnable]
/// fn page(ticket: Ticket) -> String { format!("now, in {}", ticket.lang) }
/// #[runnable]
/// fn later(input: Ticket, days: u8) -> String { format!("in {days} days, in {}", input.lang) }
///
/// let chain = chain!(Ticket => match .urgency {
///     Urgency::Critical => page,
///     Urgency::Low { days } => later,
/// });
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let ticket = Ticket { urgency: Urgency::Low { days: 3 }, lang: "en".into() };
/// assert_eq!(chain.invoke(ticket).await?, "in 3 days, in en");
///
/// let sure = chain!(String => match { "yes" | "y" => |_| true, _ => |_| false });
/// assert!(sure.invoke("yes".into()).await?);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Closures
/// `|x| expr` is a try-block: `?` works on errors of every type, on an `Option` by `.ok_or("..")?`, and the value needs no
/// `Ok`. A body that ends in `Ok(..)` or `Err(..)`, or whose type is declared as a `Result`, is the result itself, and a
/// `return` leaves with one. The parameter's type comes from the step before; `|x: &Type|` reads it, without a clone where it
/// is lent, as to the branches of a map.
///
/// With an `async` body, or an `.await` in it, a closure is an async step. It may use a handle, such as a pool of connections,
/// which it owns with `move`:
///
/// ```
/// use catena::prelude::*;
/// use std::sync::Arc;
///
/// #[derive(Clone)]
/// struct Customers(Arc<Vec<String>>);
///
/// impl Customers {
///     async fn name(&self, id: usize) -> Option<String> { self.0.get(id).cloned() }
/// }
///
/// fn greeting(customers: Customers) -> impl Runnable<usize, Output = String> {
///     chain!(usize => async move |id| customers.name(id).await.ok_or("there is no such customer")? | |name| format!("Hi {name}"))
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let chain = greeting(Customers(Arc::new(vec!["Ada".to_owned()])));
/// assert_eq!(chain.invoke(0).await?, "Hi Ada");
/// assert_eq!(chain.invoke(1).await.unwrap_err().message(), "there is no such customer");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// The calls of such a closure share what it has captured: it is put into an `Arc` when the chain is built.
///
/// # Streams
/// `stream` gives the chunks of the last step as they come, if the steps before pass them on: generators, picks, `_`, `..`
/// and parallel maps do, and steps that implement `transform`. A pick does where each field of its path is one of a map, or
/// of a struct that a map fills; a field of any other value comes in one chunk.
///
/// The chunks of a map are an enum with a variant for each field, and a method of the field's name, `chunk.gpt()`; of `<..> as
/// Answers`, where `Answers` derives `Record`, the enum `AnswersChunk` that the derive makes. Other steps wait for their whole
/// input, `# Streaming` says which; [`assert_streams!`](crate::assert_streams) refuses a chain that has one where it holds up
/// a stream.
///
/// # Where it meets Rust's own syntax
/// A single `|` ends a step, so a bitwise `or` goes into parentheses. A `>` in a branch of a map closes the map, unless it
/// compares: in a closure, with an operand after it, as in `<big: |n| n > 3>`. Modifiers of a whole map, or of a closure, go
/// on a chain of it: `chain!(<..>).retry(3)`.
///
/// # Formatting
/// `rustfmt` formats a chain that reads as a Rust expression: steps and closures without `Type =>`, maps and `match`. Declare
/// the input by the first step then, as in `chain!(|text: String| text.len() | double)`. Every other chain is left as it is
/// written.
///
/// # Under another name
/// What the macros expand to says `::catena`. Where `Cargo.toml` calls the crate something else, `catena2 = { package = "catena",
/// .. }`, one line in the root of the crate gives it its name back: `extern crate catena2 as catena;`.
///
/// # Cost
/// `chain!` builds nested structs. A call of them allocates nothing of its own.
pub use catena_macros::chain;

/// Makes a step of a function, of an `impl Runnable` block, or of a function that builds a chain.
///
/// # Functions
/// Sync or async; returning a value, a `Result` with any `std` error, or nothing. With one parameter, the function takes the
/// whole input, by value or by `&` (`&str` looks at a `String`, `&[T]` at a `Vec<T>`); by `&`, nothing is cloned for it.
/// With several, it takes the fields of these names from a [record](crate::Record): in any order, others ignored. A
/// parameter of type `&Context` gets the [context](crate::Context).
///
/// ```
/// use catena::prelude::*;
///
/// #[runnable]
/// fn merge(claude: &str, gpt: &str) -> String { format!("{gpt} {claude}") }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let both = record! { gpt: "to be".to_owned(), claude: "or not".to_owned() };
/// assert_eq!(merge.invoke(both).await?, "to be or not");
/// // The function itself, for tests:
/// assert_eq!(merge::function("b", "a"), "a b");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// The step is a unit struct of the function's name. The function is inside it: `merge::function(..)`. Parameters and
/// variables of `#[runnable]` functions may have the names of steps, but elsewhere in the module a variable, a pattern, a
/// module or a type may not, as with any unit struct.
///
/// A type parameter that no input mentions is named by the caller: `fn parse<T: DeserializeOwned>(text: &str) -> ..` is the
/// step `parse::<Answer>()`.
///
/// # Functions that give a stream
/// With `-> impl Stream<Item = catena::Result<T>>` the step yields chunks, and its output is what they
/// [add up to](crate::Gather): texts to a text, lists to a list. It takes one input by value, or, as an
/// `impl Stream<Item = catena::Result<T>> + Send`, the chunks of the step before; and maybe the context. The items of the
/// output need not be `Result`s. See [`Generator`](crate::Generator). Of the options, there are `name`, `kind`,
/// `tags` and `idempotent`.
///
/// ```
/// use catena::prelude::*;
/// use futures_util::{Stream, TryStreamExt};
///
/// #[runnable]
/// fn spaced(text: impl Stream<Item = catena::Result<String>> + Send) -> impl Stream<Item = catena::Result<String>> + Send {
///     text.map_ok(|piece| piece.replace('_', " "))
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(spaced.invoke("to_be".to_owned()).await?, "to be");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Options
/// | option | |
/// |---|---|
/// | `name = "merge answers"` | what paths and graphs call it, instead of the function's name |
/// | `kind = tool` | what it is: `function`, `prompt`, `model`, `parser`, `tool`, `retriever` |
/// | `tags("a", "b")` | tags, in its [`Node`](crate::Node) |
/// | `timeout = "5s"` | a limit on each attempt |
/// | `retry = 3` | attempts in all; or `retry(attempts = 3, base = "100ms", max_delay = "2s", total_delay = "10s")` |
/// | `idempotent` | running it twice is as good as once: [policies](crate::policy) let it be retried |
/// | `blocking` | runs on the threads for work that blocks; a sync function, which cannot be stopped once it runs |
///
/// # `impl` blocks
/// On `impl Runnable<In> for Type`, all that is not written is filled in; see [`Runnable`](crate::Runnable). What has to be
/// written is `Output` and `call`, or `call_ref` for a step that only looks. Chains in it are drawn in its docs.
///
/// # Functions that build a chain
/// With `-> impl Runnable<..>` the function stays what it is, and its chain has its name. Its docs [draw](crate::pictures) the chain.
///
/// ```
/// use catena::prelude::*;
///
/// #[runnable]
/// fn compare() -> impl Runnable<String, Output = u8> {
///     chain!(String => <number: |text| text.parse::<u8>()?> | .number)
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let error = compare().invoke("x".into()).await.unwrap_err();
/// assert_eq!(error.path(), "compare.<number>.|text|");
/// # });
/// ```
///
/// Of the options there are `name`, and `deny(..)`, for [policies](crate::policy) that the chain is held to when the function
/// is compiled to code, so by `cargo build` and not by `cargo check`:
///
/// ```compile_fail,E0080
/// # use catena::prelude::*;
/// #[runnable(kind = model)]
/// async fn gpt(question: String) -> String { question }
///
/// // `untimed_model` refuses this chain: `gpt` is a model without a timeout
/// #[runnable(deny(untimed_model))]
/// fn ask() -> impl Runnable<String> { chain!(String => gpt) }
/// ```
pub use catena_macros::runnable;

/// A record on the spot: an anonymous struct with these fields.
///
/// ```
/// use catena::record;
///
/// let lang = "en";
/// let question = record! { text: "why?", lang };
/// assert_eq!((question.text, question.lang), ("why?", "en"));
/// ```
pub use catena_macros::record;

/// Makes a struct with named fields a [`Record`](trait@crate::Record), so that steps take its fields by name.
///
/// Beside the struct stands an enum of its pieces, for streams that fill it by `<..> as Answers`: `AnswersChunk`, with a
/// variant for each field, `gpt_mini` as `GptMini`, and a type parameter for the chunks of each. Another name is given by
/// `#[record(chunk = Piece)]`. There is none for more than twelve fields, or fields whose variants would have one name; then the
/// struct comes in one chunk.
///
/// The enum is `Clone`, `Debug`, `PartialEq` and `Serialize` if its parts are: `{"loud":"HEY"}` is a chunk of `loud`. It derives
/// more by `#[record(derive(Eq, Hash, serde::Deserialize))]`.
///
/// ```
/// use catena::prelude::*;
/// use futures_util::StreamExt;
///
/// #[derive(Record)]
/// #[record(chunk = Piece, derive(Eq, Hash))]
/// struct Answers { loud: String, size: usize }
///
/// let chain = chain!(String => <size: |t| t.len(), loud: |t| t.to_uppercase()> as Answers);
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let mut chunks = chain.stream("hey".to_owned());
/// while let Some(chunk) = chunks.next().await {
///     match chunk? {
///         Piece::Loud(text) => assert_eq!(text, "HEY"),
///         Piece::Size(size) => assert_eq!(size, 3),
///     }
/// }
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub use catena_macros::Record;

/// Refuses to compile where a stream stops: where a step that gets its input in pieces waits for all of them, or where the
/// output comes in one piece. The error names the step.
///
/// `assert_streams!(chain)` checks a value, in a function; `assert_streams!(fn compare)` the chain that a function without
/// parameters builds, anywhere. The first is checked when the function is compiled to code, so by `cargo build` and not by
/// `cargo check`; the second by both.
///
/// A step blocks where pieces come to it: a prompt before a model holds up nothing. `.map()`, `match`, `.retry(..)`,
/// `.timeout(..)`, `.fallback(..)`, `.race(..)`, `.spawned()` and `.boxed()` wait for their whole input. What a boxed step
/// does inside cannot be seen.
///
/// ```
/// use catena::{assert_streams, prelude::*};
/// use futures_util::{Stream, StreamExt};
///
/// #[runnable]
/// fn shout(text: impl Stream<Item = catena::Result<String>> + Send) -> impl Stream<Item = catena::Result<String>> + Send {
///     text.map(|piece| Ok(piece?.to_uppercase()))
/// }
///
/// #[runnable]
/// fn loud() -> impl Runnable<String, Output = String> {
///     chain!(String => <loud: shout, plain: _> | .loud | shout)
/// }
/// assert_streams!(fn loud);
///
/// let chain = chain!(String => |text| text + "!" | shout);
/// assert_streams!(chain);
/// ```
///
/// ```compile_fail
/// # use catena::{assert_streams, prelude::*};
/// # use futures_util::{Stream, StreamExt};
/// # #[runnable]
/// # fn shout(text: impl Stream<Item = catena::Result<String>> + Send) -> impl Stream<Item = catena::Result<String>> + Send {
/// #     text.map(|piece| Ok(piece?.to_uppercase()))
/// # }
/// // this chain does not stream: `|text|` waits for all of its input, which comes in pieces
/// let chain = chain!(String => shout | |text| text + "!" | shout);
/// assert_streams!(chain);
/// ```
#[macro_export]
macro_rules! assert_streams {
    (fn $build:path) => {
        const _: () = if let Some(problem) = $crate::__private::problem_of(&$build) {
            panic!("{}", problem);
        };
    };
    ($chain:expr) => {
        $crate::__private::value_streams(&$chain)
    };
}

/// Refuses to compile a chain that a [policy](crate::policy) refuses. The error names the policy and the step.
///
/// `assert_chain!(chain, policy, ..)` checks a value, in a function; `assert_chain!(fn compare, policy, ..)` the chain that a
/// function without parameters builds, anywhere. The first is checked when the function is compiled to code, so by
/// `cargo build` and not by `cargo check`; the second by both. A function that builds a chain can also say so itself:
/// `#[runnable(deny(untimed_model))]`.
///
/// ```
/// use catena::{assert_chain, policy, prelude::*};
///
/// #[runnable(kind = model, timeout = "5s", retry = 3)]
/// async fn ask(question: String) -> String { question }
///
/// #[runnable]
/// fn twice() -> impl Runnable<String> { chain!(String => ask | ask) }
/// assert_chain!(fn twice, policy::untimed_model, policy::unbounded_retry);
///
/// let both = chain!(String => <a: ask, b: ask>);
/// assert_chain!(both, policy::more_models_than::<2>);
/// ```
///
/// ```compile_fail,E0080
/// # use catena::{assert_chain, policy, prelude::*};
/// # #[runnable(kind = model, timeout = "5s", retry = 3)]
/// # async fn ask(question: String) -> String { question }
/// // `policy::more_models_than::<1>` refuses this chain: `parallel` has more models at once than that
/// let both = chain!(String => <a: ask, b: ask>);
/// assert_chain!(both, policy::more_models_than::<1>);
/// ```
#[macro_export]
macro_rules! assert_chain {
    (fn $build:path, $($policy:path),+ $(,)?) => {
        $(const _: () = {
            let __verdict: $crate::policy::Verdict = $policy($crate::__private::Structure::built_by(&$build).node());
            if let Some(__problem) = $crate::__private::Problem::of(stringify!($policy), &__verdict) {
                panic!("{}", __problem.text());
            }
        };)+
    };
    ($chain:expr, $($policy:path),+ $(,)?) => {
        match &$chain {
            __chain => {
                $($crate::__private::Structure::is_of(
                    const {
                        let __structure = $crate::__private::Structure::new();
                        let __verdict: $crate::policy::Verdict = $policy(__structure.node());
                        if let Some(__problem) = $crate::__private::Problem::of(stringify!($policy), &__verdict) {
                            panic!("{}", __problem.text());
                        }
                        __structure
                    },
                    __chain,
                );)+
            }
        }
    };
}
