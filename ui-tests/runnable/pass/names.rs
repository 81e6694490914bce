//! A parameter, a variable and a closure's parameter may have the name of a step.
use catena::prelude::*;

#[runnable]
fn gpt(text: String) -> String {
    text
}

#[runnable]
fn claude(gpt: String) -> String {
    gpt
}

#[runnable]
fn consensus(gpt: String, claude: &str) -> String {
    let consensus = format!("{gpt}{claude}");
    let claude = |gpt: &str| gpt.to_owned();
    claude(&consensus)
}

fn main() {
    let chain = chain!(String => <gpt: gpt, claude: claude> | consensus);
    assert_eq!(chain.invoke_blocking("a".into()).ok().as_deref(), Some("aa"));
}
