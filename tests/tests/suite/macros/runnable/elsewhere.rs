pub mod steps {
    use catena::prelude::*;

    #[runnable]
    pub fn double(n: u32) -> u32 {
        n * 2
    }

    #[runnable]
    pub(in crate::macros::runnable::elsewhere) fn triple(n: u32) -> u32 {
        n * 3
    }

    #[runnable(retry = 2)]
    pub(crate) fn fields(left: u32, right: u32) -> u32 {
        left + right
    }

    #[runnable]
    pub fn make<T: From<u32>>(n: u32) -> T {
        n.into()
    }

    #[runnable]
    pub fn quadruple() -> impl Runnable<u32, Output = u32> {
        chain!(u32 => double | double)
    }
}

#[tokio::test]
async fn steps_are_as_visible_as_their_functions() -> catena::Result<()> {
    use catena::prelude::*;
    let chain = chain!(u32 =>
        steps::double | steps::triple | <left: |n| n, right: |n| n> | steps::fields
        | steps::quadruple() | steps::make::<u64>()
    );
    assert_eq!(chain.invoke(1).await?, 48);
    assert_eq!(steps::double::function(2) + steps::triple::function(1) + steps::fields::function(1, 1), 9);
    Ok(())
}
