use catena::prelude::*;

struct Ticket(u32);

fn main() {
    let chain = chain!(Ticket => <a: |t: Ticket| t.0, b: |t: Ticket| t.0 + 1> | |r| r.a + r.b);
    let _ = chain.invoke(Ticket(1));
}
