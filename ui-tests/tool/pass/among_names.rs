#![deny(warnings, clippy::pedantic)]
//! A tool among names that are not the standard ones.

#[allow(dead_code)]
type Result<T> = std::result::Result<T, String>;
#[allow(dead_code)]
struct Option;
#[allow(dead_code)]
struct String_;
#[allow(dead_code)]
trait Tool {}
#[allow(dead_code)]
mod catena_llm_ {}
#[allow(dead_code, non_snake_case)]
fn Ok() {}

/// Rolls a die.
#[catena_llm::tool(idempotent)]
async fn roll(
    /// How many.
    sides: &u8,
    text: &[String],
    _cx: &catena::Context,
) -> std::io::Result<u8> {
    let roll = *sides + u8::try_from(text.len()).map_err(std::io::Error::other)?;
    std::result::Result::Ok(roll)
}

fn main() {
    assert_eq!(catena_llm::Tool::name(&roll), "roll");
}
