//! The macros among names, lints and contexts that are not theirs.

mod by_example;
mod lints;
mod names;
mod no_prelude;
mod places;

/// The output of a chain that waits for nothing.
fn now<T>(run: impl Future<Output = catena::Result<T>>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(run).expect("the chain runs")
}

/// An owned text, where there is no `into` in scope.
fn text(text: &str) -> String {
    text.to_owned()
}
