//! Drawings of functions and `impl` blocks, in characters. `UPDATE_SNAPSHOTS=1` updates the snapshots.

use crate::drawing;
use catena_graph::{Diagram, Text};
use proc_macro2::TokenStream;
use quote::quote;
use std::{fmt::Write as _, fs, path::PathBuf};

/// Draws an item.
pub(super) fn of(item: TokenStream) -> Vec<Diagram> {
    match syn::parse2(item) {
        Ok(syn::Item::Fn(function)) => {
            drawing::of_function(&function.sig.ident.to_string(), &function).into_iter().collect()
        }
        Ok(syn::Item::Impl(block)) => drawing::of_impl("impl", &block),
        _ => Vec::new(),
    }
}

fn check(snapshot: &str, item: TokenStream) {
    let mut drawn = String::new();
    for diagram in of(item) {
        let _ = writeln!(drawn, "{}\n{}{}\n", diagram.title, Text::new(110).draw(&diagram), diagram.words());
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("src/tests/drawings/{snapshot}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, &drawn).expect("the snapshot can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == drawn, "{snapshot} is drawn differently now:\n{drawn}");
}

macro_rules! drawings {
    ($($test:ident: { $($body:tt)* })*) => {$(
        #[test]
        fn $test() {
            check(stringify!($test), quote!($($body)*));
        }
    )*};
}

drawings! {
    whole_language: {
        fn compare() -> impl Runnable<Question, Output = Verdict> {
            chain!(Question =>
                prompt!("Answer in one sentence: {text}")
                | <gpt: gpt_4o | .text, claude?: sonnet.retry(3), ..> as Answers
                | |answers: Answers| answers.gpt
                | match { Route::Math(x) if x > 3 => solve, Route::Code { lang, .. } => code | _ | run, _ => _ }
                | .{a, b} | json::<Vec<Answer>>())
        }
    }
    modifiers: {
        fn robust(policy: Retry) -> impl Runnable<String, Output = String> {
            chain!(
                ask.timeout(Duration::from_secs(30)).retry(3).fallback(other.retry(Retry::attempts(5).base(MS * 10)))
                    .fallback(|_| String::new())
                | fast.race(cheap).race(local).spawned()
                | chain!(split | trim).map().concurrency(8)
                | gather.named("all together").with_config(Config::new().tag("x").max_concurrency(4))
                | choose.then_run()
                | last.retry(policy).timeout(LIMIT).boxed()
                | lazy(|| chain!(again)).tap(|x| log(x))
            )
        }
    }
    variables: {
        fn built(key: &str, step: S) -> catena::Result<impl Runnable<String>> {
            use crate::prompts::local;
            let gpt = openai("gpt-4o").build()?;
            let sonnet = anthropic("sonnet").key(key).build()?.retry(3);
            let answer = chain!(String => prompt | <gpt: gpt, claude: sonnet> | models::merge);
            let answer = answer.timeout(Duration::from_millis(250));
            Ok(chain!(answer.clone() | local | step | Scale::new(2) | Scale { by: 2 } | self.model))
        }
    }
    choices: {
        fn chosen(cheap: bool, how: How) -> impl Runnable<String> {
            if how.is_none() { return chain!(plain).boxed(); }
            match how {
                How::Twice => chain!(ask | ask).boxed(),
                How::Other(step) => if cheap { chain!(step).boxed() } else { chain!(ask | step).boxed() },
            }
        }
    }
    inline_record: {
        fn record() -> impl Runnable<Input> { chain!({ text: String, n: Vec<u8> } => <.., size: length> | generator(f) | |x| x + 1) }
    }
    impl_block: {
        impl Runnable<String> for Service {
            type Output = String;
            async fn call(&self, input: String, cx: &Context) -> Result<String> {
                let chain = chain!(String => shout | self.model.retry(2));
                let pieces = stream.boxed();
                let first = chain.call(input, cx).await?;
                chain!(String => whisper | count).timeout(LIMIT).call(first, cx).await
            }
        }
    }
    nothing_to_see: {
        fn opaque(step: Step) -> impl Runnable<String> { make(step).build() }
    }
}
