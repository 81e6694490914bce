use catena::prelude::*;

struct Service;

fn main() {
    let _ = Service.stream("text".to_owned());
}
