//! Expansions of each construct, as formatted Rust. `UPDATE_SNAPSHOTS=1 cargo test -p catena-macros` updates the
//! snapshots: read the difference before you keep it.

use super::expand;
use proc_macro2::TokenStream;
use quote::quote;
use std::{fs, path::PathBuf};

fn check(snapshot: &str, name: &str, input: TokenStream, options: TokenStream) {
    let tokens = expand(name, input, options);
    let file: syn::File = if matches!(name, "chain" | "record" | "prompt") {
        syn::parse_quote!(fn expansion() { #tokens })
    } else {
        syn::parse_quote!(#tokens)
    };
    let expansion = prettyplease::unparse(&file);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("src/tests/snapshots/{snapshot}.rs.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, &expansion).expect("the snapshot can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == expansion, "{snapshot} expands differently now:\n{expansion}");
}

macro_rules! snapshots {
    ($($test:ident: $name:literal $([$($options:tt)*])? => { $($input:tt)* })*) => {$(
        #[test]
        fn $test() {
            check(stringify!($test), $name, quote!($($input)*), quote!($($($options)*)?));
        }
    )*};
}

snapshots! {
    sequence: "chain" => { Question => prompt | model.retry(3) | parse::<Answer>() }
    parallel: "chain" => { String => <gpt: model_a, claude?: model_b> | merge }
    as_struct: "chain" => { String => <gpt: model_a> as Answers }
    inline_record: "chain" => { { text: String } => <.., size: length> }
    branch: "chain" => {
        Intent => match { Intent::Math(n) if n > 3 => solve, Intent::Code { lang, text } => code, other => ask }
    }
    closures: "chain" => { |x| x + 1 | |y| fetch(y).await? | .name | _ }
    chain_over_a_reference: "chain" => { &str => prompt }
    picks: "chain" => { Question => .text }
    picks_of_a_field: "chain" => { Question => .verdict.text }
    match_on_a_field: "chain" => {
        Ticket => match .verdict.urgency { Urgency::Critical => page, Urgency::Low(level) => later, _ => |t| t.text }
    }
    texts: "chain" => { Reply => match { Reply { kind: "yes" | "y", text } => agree, Reply { text, .. } => |t| t } }
    picks_of_several: "chain" => { Question => .{text, lang} }
    passthrough: "chain" => { String => _ }
    sub_chain: "chain" => { <answer: <text: model> | .text> }
    config_match: "chain" => { match config(MODEL) { Size::Small => haiku, Size::Large => opus } }
    modified: "chain" => { router.fallback(other) | first.race(second) | worker.spawned() | each.map() }
    half_written: "chain" => { String => prompt | model. | <gpt: model_a, cl> | parse }
    function: "runnable" => { /// Docs.
        pub fn shout(text: &str) -> String { text.to_uppercase() } }
    function_of_fields: "runnable" => { async fn merge(gpt: Message, cx: &Context) -> Result<Verdict> { judge(gpt, cx).await } }
    function_of_several: "runnable" => { fn merge(gpt: Message, claude: &Message) -> Verdict { judge(gpt, claude) } }
    function_with_options: "runnable" [name = "ask", retry = 3, timeout = "5s"] => { fn ask(text: String) -> String { text } }
    generic_function: "runnable" => { fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Error> { from_str(text) } }
    impl_block: "runnable" => {
        impl Runnable<f64> for Scale {
            type Output = f64;
            async fn call(&self, input: f64, _: &Context) -> Result<f64> { Ok(input * self.0) }
        }
    }
    builder: "runnable" => { fn compare() -> impl Runnable<Question, Output = Verdict> { chain!(prompt | model) } }
    builder_that_fails: "runnable" => {
        fn compare() -> catena::Result<impl Runnable<Question>> { let gpt = model()?; Ok(chain!(prompt | gpt)) }
    }
    builder_that_waits: "runnable" => { async fn compare() -> impl Runnable<Question> { chain!(prompt | model().await) } }
    builder_with_policies: "runnable" [deny(untimed_model, more_models_than::<2>, self::own)] => {
        fn compare() -> impl Runnable<Question, Output = Verdict> { chain!(prompt | model) }
    }
    generator: "runnable" => {
        fn loud(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send { text.map(up) }
    }
    function_that_blocks: "runnable" [blocking, idempotent] => { fn read(path: PathBuf) -> Result<String, Error> { load(path) } }
    impl_block_of_a_look: "runnable" [name = "length", kind = parser] => {
        impl<T> Runnable<Vec<T>> for Length {
            type Output = usize;
            async fn call_ref(&self, input: &Vec<T>, _: &Context) -> Result<usize> { Ok(input.len()) }
        }
    }
    tool: "tool" => {
        /// The weather in a city.
        pub async fn weather(
            /// Its name.
            city: &str,
            days: Option<u8>,
            cx: &Context,
        ) -> Result<Forecast, Error> { ask(city, days, cx).await } }
    tool_with_options: "tool" [name = "read-file", timeout = "5s", blocking, idempotent, output_limit = 1000] => {
        /// What is in a file.
        fn read(path: PathBuf) -> io::Result<String> { load(path) } }
    tool_with_mistakes: "tool" [nam = "x"] => { fn roll<T>(sides: &mut T) {} }
    derive: "derive_record" => { struct Question<T> { text: String, extra: T } }
    record_literal: "record" => { text, lang: "en" }
    prompt_text: "prompt" => { "Answer: {question:>5} {{}}" }
    prompt_chat: "prompt" => { system: "Be brief.", user: "{question}" }
    prompt_of_parts: "prompt" => {
        strict, system: "In {lang}.", ..(examples), ..history, user: "Use {context?}\n{question}", lang = "French"
    }
}
