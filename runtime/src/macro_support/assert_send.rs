//! Where a future that cannot go to another thread is found out.

/// The same future, which is `Send`: said once, of the user's function and not of what is written around it.
pub fn sent<F: Future + Send>(future: F) -> impl Future<Output = F::Output> + Send {
    future
}
