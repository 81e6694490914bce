//! Chains cross threads: whatever they are made of, they can be spawned.
use catena::prelude::*;
use std::sync::Arc;

#[runnable]
async fn shout(text: &str) -> String {
    tokio::task::yield_now().await;
    text.to_uppercase()
}

#[runnable]
fn both(loud: String, size: catena::Result<usize>) -> String {
    format!("{loud} {size:?}")
}

fn main() {
    let chain = Arc::new(chain!(String =>
        <loud: shout.retry(2).fallback(shout), size?: |s| s.len()>
        | both
        | match { s if s.is_empty() => |_| 0, s => |s: String| s.len() }
    ));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let shared = Arc::clone(&chain);
        let whole = tokio::spawn(async move { shared.invoke("hey".into()).await });
        assert_eq!(whole.await.unwrap().ok(), Some(9));
    });
}
