use catena::{Node, policy::Verdict, prelude::*};

fn not_const(_: &Node) -> Verdict { Verdict::Allowed }
const fn not_a_verdict(_: &Node) -> bool { true }

#[runnable(deny(self::not_const))]
fn first() -> impl Runnable<String> { chain!(String => |text| text) }

#[runnable(deny(self::not_a_verdict))]
fn second() -> impl Runnable<String> { chain!(String => |text| text) }

fn main() {}
