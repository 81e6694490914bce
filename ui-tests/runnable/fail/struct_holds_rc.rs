use catena::prelude::*;
use std::rc::Rc;

struct Counted { count: Rc<usize> }

#[runnable]
impl Runnable<String> for Counted {
    type Output = usize;
    async fn call(&self, text: String, _: &Context) -> catena::Result<usize> { Ok(text.len() + *self.count) }
}

fn main() {}
