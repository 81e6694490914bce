use catena::{Kind, Node, policy::Verdict, prelude::*};

const fn raced_search(chain: &Node) -> Verdict {
    let mut walk = chain.walk();
    while let Some(visit) = walk.next() {
        if visit.is(Kind::Retriever) && visit.within_race() {
            return visit.refused("is a search in a race, and paid for even where it loses");
        }
    }
    Verdict::Allowed
}

#[runnable(kind = retriever)]
async fn search(query: String) -> String { query }
#[runnable]
async fn remember(query: String) -> String { query }

#[runnable(deny(self::raced_search))]
fn find() -> impl Runnable<String> {
    search.race(remember)
}

fn main() { find(); }
