use catena::{Kind, Node, policy::untimed_model};

macro_rules! deep {
    ($node:expr; ) => { $node };
    ($node:expr; $_:tt $($rest:tt)*) => { deep!(Node::Settled(&Node::Settled(&Node::Settled(&Node::Settled(&$node)))); $($rest)*) };
}
const MODEL: Node = Node::Timeout { after: None, node: &Node::leaf("gpt", Kind::Model) };
const TOO_DEEP: Node = deep!(MODEL; 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);

const _: () = assert!(!untimed_model(&TOO_DEEP).is_refused());

fn main() {}
