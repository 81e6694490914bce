use catena::{ConfigKey, prelude::*};

static WAY: ConfigKey<u8> = ConfigKey::new("way", 0);

fn main() {
    let _ = chain!(i64 => match config(WAY) { 0 => |n| n + 1, other => |n| n * 2 });
}
