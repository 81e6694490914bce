use catena::{Config, ConfigKey};

static TEMPERATURE: ConfigKey<f64> = ConfigKey::new("temperature", 0.7);

fn main() {
    let _ = Config::new().set(&TEMPERATURE, "hot");
}
