use catena::prelude::*;
use std::sync::Arc;

#[derive(Clone)]
struct Db(Arc<String>);

impl Db {
    async fn profile(&self, tier: &str) -> catena::Result<String> { Ok(format!("{}{tier}", self.0)) }
    fn look(&self, tier: &str) -> String { format!("{}{tier}", self.0) }
}

#[derive(Clone)]
struct Ask { tier: String }

fn chain() -> impl Runnable<Ask, Output = usize> {
    chain!(Ask => async |ask| {
        let count = std::rc::Rc::new(1);
        tokio::task::yield_now().await;
        ask.tier.len() + *count
    })
}

fn main() {}
