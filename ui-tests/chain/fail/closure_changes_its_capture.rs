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

fn chain(mut seen: Vec<String>) -> impl Runnable<Ask, Output = usize> {
    chain!(Ask => move |ask| { seen.push(ask.tier); seen.len() })
}

fn main() {}
