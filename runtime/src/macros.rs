//! The macros and their docs. Their expansions are in the crate `catena-macros`.

/// Composes steps into a chain: one typed expression, which is itself a step.
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
/// `Type =>` is the type of the input. It may be omitted if the first step takes a single type, or is a closure whose parameter has
/// a type: `|text: String| ..`. `{ question: String, lang: String } =>` takes any [record](crate::Record) with these fields.
///
/// # Parallel maps
/// The branches of `<gpt: a | b, claude: c>` run concurrently, in the task of the caller, and borrow the input. The output is a
/// struct with a public field for each branch. It is `Debug`, `Clone`, `PartialEq` and `Serialize` if the fields are. The first
/// failure stops the other branches. With `name?: ..` the field is a `Result`, and its failure stops no other. `<..> as Answers`
/// fills a struct of yours. `..`, after a map or an inline record, copies the fields of the value before.
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
/// The patterns of `match { .. }` match the value itself, and the compiler checks that none is missing. If a pattern binds nothing,
/// or the whole value, its arm gets the value. If it binds one name, the arm gets that value. If it binds several, the arm gets a
/// record of them. All arms end in the same type. `todo!()` is a placeholder for an arm.
///
/// `match .verdict.urgency { .. }` matches on a field. Its arms get the whole input. If a pattern binds names, the arm gets a record
/// of the `input` and the bound values, so that functions take both by name. The field is cloned only if a pattern of the `match`
/// binds a name.
///
/// A text matches a `String` like a `&str`, also inside a pattern: `"yes" | "y" => ..`, `Some("no") => ..`. As with any `&str`,
/// further arms have to cover all other texts.
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
/// `|x| expr` is a try-block: `?` works on errors of every type, on an `Option` by `.ok_or("..")?`, and the value needs no `Ok`. If
/// the body ends in `Ok(..)` or `Err(..)`, or its type is declared as a `Result`, it is the result. A `return` has to return a
/// result. The type of the parameter is that of the step before. `|x: &Type|` borrows it, which saves the clone in a branch of a
/// map.
///
/// A closure with an `async` body, or with an `.await` in it, is an async step. With `move` it owns a handle, such as a pool of
/// connections:
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
/// The calls of such a closure share the captured values, which are put into an `Arc` when the chain is built. If a handle is
/// needed elsewhere too, a block clones it for the closure: `{ let db = db.clone(); async move |id| db.find(id).await? }`.
///
/// # Streams
/// `stream` yields the chunks of the last step as they arrive, if the steps before it stream too: generators, picks, `_`, `..`,
/// parallel maps, and steps that implement `transform`. A pick streams if each field of its path is one of a map, or of a struct
/// that a map fills. A field of any other value is a single chunk.
///
/// The chunks of a map are an enum with a variant for each field, and a method with the name of each field, `chunk.gpt()`. The
/// chunks of `<..> as Answers`, if `Answers` derives `Record`, are the derived enum `AnswersChunk`. Other steps buffer their input;
/// see `# Streaming` in their docs. [`assert_streams!`](crate::assert_streams) refuses a chain in which such a step holds up a
/// stream.
///
/// # Parentheses
/// A `|` ends a step, so a bitwise `or` needs parentheses. A `>` in a branch of a map closes the map, unless it is a comparison in
/// a closure, with an operand after it, as in `<big: |n| n > 3>`. A modifier of a whole map, or of a closure, follows a chain of
/// it: `chain!(<..>).retry(3)`.
///
/// # Formatting
/// `rustfmt` formats a chain that reads as a Rust expression: steps and closures without `Type =>`, maps and `match`. Declare
/// the input by the first step then, as in `chain!(|text: String| text.len() | double)`. Every other chain is left as it is
/// written.
///
/// # Under another name
/// The expansions of the macros name `::catena`. If `Cargo.toml` renames the crate, `catena2 = { package = "catena", .. }`, add a
/// line to the root of your crate: `extern crate catena2 as catena;`.
///
/// # Cost
/// `chain!` builds nested structs. A call of a chain allocates nothing of its own.
pub use catena_macros::chain;

/// Turns a function, or an `impl Runnable` block, into a step, and names the chain that a function builds.
///
/// # Functions
/// A function may be sync or async. It returns a value, nothing, or a `Result` with any error that goes into a
/// `Box<dyn Error + Send + Sync>`. With one parameter, it takes the whole input, by value or by `&` (`&str` borrows a `String`,
/// `&[T]` a `Vec<T>`), which saves a clone. With several parameters, it takes the fields of these names from a
/// [record](crate::Record), in any order, and ignores other fields. A parameter of type `&Context` gets the
/// [context](crate::Context).
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
/// The step is a unit struct with the name of the function. The function itself is `merge::function(..)`. Parameters and variables
/// of `#[runnable]` functions may have the names of steps. Other variables, patterns, modules and types in the module may not, as
/// with any unit struct.
///
/// The caller sets a type parameter that is not in the input: `fn parse<T: DeserializeOwned>(text: &str) -> ..` is the step
/// `parse::<Answer>()`.
///
/// # Functions that return a stream
/// With `-> impl Stream<Item = catena::Result<T>>` the step yields chunks. Its output is [gathered](crate::Gather) from them: a text
/// from texts, a list from lists. It takes one input by value, or the chunks of the step before as an
/// `impl Stream<Item = catena::Result<T>> + Send`, and optionally the context. The items of the output need not be `Result`s. See
/// [`Generator`](crate::Generator). Its options are `name`, `kind`, `tags` and `idempotent`.
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
/// | `name = "merge answers"` | the name in paths, events and graphs; the default is the name of the function |
/// | `kind = tool` | the kind: `function`, `prompt`, `model`, `parser`, `tool`, `retriever` |
/// | `tags("a", "b")` | tags, in its [`Node`](crate::Node) |
/// | `timeout = "5s"` | a limit on each attempt |
/// | `retry = 3` | the number of attempts; or `retry(attempts = 3, base = "100ms", max_delay = "2s", total_delay = "10s")` |
/// | `idempotent` | running it twice has the effect of running it once: [policies](crate::policy) let it be retried |
/// | `blocking` | runs a sync function on the threads for blocking work, where it cannot be stopped |
///
/// # `impl` blocks
/// On `impl Runnable<In> for Type`, missing items are filled in; see [`Runnable`](crate::Runnable). `Output` is required, and `call`,
/// or `call_ref` for a step that borrows its input. Chains in it are drawn in its docs.
///
/// # Functions that build a chain
/// With `-> impl Runnable<..>` the function stays a function, and its chain has its name. Its docs [draw](crate::pictures) the
/// chain. A function that opens a file or builds a model returns `Result<impl Runnable<..>>`, with any error. It may be `async`.
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
/// Its options are `name`, and `deny(..)` for [policies](crate::policy). They are checked when code is generated for the function:
/// by `cargo build`, but not by `cargo check`.
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

/// Creates an anonymous struct with these fields.
///
/// ```
/// use catena::record;
///
/// let lang = "en";
/// let question = record! { text: "why?", lang };
/// assert_eq!((question.text, question.lang), ("why?", "en"));
/// ```
pub use catena_macros::record;

/// Implements [`Record`](trait@crate::Record) for a struct with named fields, so that steps take its fields by name.
///
/// It also defines an enum of the struct's chunks, for streams that fill the struct by `<..> as Answers`: `AnswersChunk`, with a
/// variant for each field, `gpt_mini` as `GptMini`, and a type parameter for the chunks of each. `#[record(chunk = Piece)]` sets
/// another name. A struct with more than twelve fields, or with fields whose variants would have the same name, has no such enum,
/// and is a single chunk.
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

/// Refuses to compile a chain whose stream is held up: by a step that buffers the chunks that it gets, or by an output that is a
/// single chunk. The error names the step.
///
/// `assert_streams!(chain)` checks a value, in a function. `assert_streams!(fn compare)` checks the chain that a function without
/// parameters builds, anywhere. The first is checked when code is generated for the function: by `cargo build`, but not by
/// `cargo check`. The second is checked by both.
///
/// A step holds up a stream only if chunks arrive at it: a prompt before a model does not. `.map()`, `match`, `.retry(..)`,
/// `.timeout(..)`, `.fallback(..)`, `.race(..)`, `.spawned()` and `.boxed()` buffer their input. The compiler does not see the
/// steps inside a boxed step.
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
/// `assert_chain!(chain, policy, ..)` checks a value, in a function. `assert_chain!(fn compare, policy, ..)` checks the chain that a
/// function without parameters builds, anywhere. The first is checked when code is generated for the function: by `cargo build`,
/// but not by `cargo check`. The second is checked by both. A function that builds a chain can have its policies in
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
