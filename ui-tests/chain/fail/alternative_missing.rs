use catena::{ConfigKey, prelude::*};

static DOUBLE: ConfigKey<bool> = ConfigKey::new("double", false);

fn main() {
    let _ = chain!(i64 => match config(DOUBLE) { true => |n| n * 2 });
}
