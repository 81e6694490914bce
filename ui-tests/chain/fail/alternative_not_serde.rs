use catena::{ConfigKey, prelude::*};

enum Model { Fast, Smart }

static MODEL: ConfigKey<Model> = ConfigKey::new("model", Model::Fast);

fn main() {
    let _ = chain!(i64 => match config(MODEL) { Model::Fast => |n| n + 1, Model::Smart => |n| n * 2 });
}
