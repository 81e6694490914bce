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

fn close(_: Db) -> String { String::new() }

fn chain(db: Db) -> impl Runnable<Ask, Output = String> {
    chain!(Ask => move |_| close(db))
}

fn main() {}
