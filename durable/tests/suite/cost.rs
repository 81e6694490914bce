//! The cost of durable steps without a journal.

use catena::prelude::*;
use catena_durable::DurableExt;

#[runnable]
async fn double(n: u32) -> u32 {
    n * 2
}

#[test]
fn without_a_journal_nothing_is_allocated() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let chain = chain!(u32 =>
        double.durable("a/1") | <x: double.durable("b/1"), y: double.durable("c/1").scoped("s")> | |both| both.x + both.y);
    runtime.block_on(async {
        assert_eq!(chain.invoke(1).await.unwrap(), 8);
        let allocated = allocation_counter::measure(|| {
            let call = chain.invoke(1);
            assert_eq!(futures_util::FutureExt::now_or_never(call).unwrap().unwrap(), 8);
        });
        assert_eq!(allocated.count_total, 0);
    });
}
