use super::*;

macro_rules! adder {
    ($(#[$doc:meta])* $vis:vis $name:ident, $n:expr) => {
        $(#[$doc])*
        #[runnable]
        $vis fn $name(n: u32) -> u32 {
            n + $n
        }
    };
}
adder!(
    /// Adds one.
    pub(super) add_one,
    1
);
adder!(add_two, 2);

macro_rules! joiner {
    ($name:ident($first:ident: $First:ty, $second:ident: $Second:ty) $retry:literal $body:expr) => {
        #[runnable(retry = $retry)]
        async fn $name($first: $First, $second: $Second) -> catena::Result<String> {
            Ok($body)
        }
    };
}
joiner!(join(title: &str, stars: u32) 3 format!("{title} {stars}"));

macro_rules! generic {
    ($name:ident<$T:ident: $bound:path>) => {
        #[runnable]
        fn $name<$T: $bound>(value: &$T) -> String {
            value.to_string()
        }
    };
}
generic!(display<T: Display>);

#[tokio::test]
async fn macros_make_steps() -> catena::Result<()> {
    assert_eq!(chain!(u32 => add_one | add_two | display).invoke(1).await?, "4");
    assert_eq!(join.invoke(page()).await?, "Cats 5");
    Ok(())
}
