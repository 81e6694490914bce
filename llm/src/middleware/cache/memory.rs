use super::{CacheKey, CacheStore, CachedAnswer};
use catena::Result;
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A store of the most recently used answers, in memory. A clone is the same store.
#[derive(Clone)]
pub struct MemoryCache {
    capacity: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    answers: HashMap<CacheKey, (u64, CachedAnswer)>,
    /// The keys, ordered by their last use.
    order: BTreeMap<u64, CacheKey>,
    now: u64,
}

impl MemoryCache {
    /// Creates a store of at most this many answers. When it is full, the least recently used answer is removed. With a
    /// capacity of 0 it stores nothing.
    pub fn new(capacity: usize) -> Self {
        MemoryCache { capacity, state: Arc::default() }
    }

    /// Returns the number of answers.
    pub fn len(&self) -> usize {
        self.state().answers.len()
    }

    /// Returns whether the store is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes all answers.
    pub fn clear(&self) {
        let mut state = self.state();
        state.answers.clear();
        state.order.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tick(&mut self) -> u64 {
        self.now += 1;
        self.now
    }
}

impl CacheStore for MemoryCache {
    async fn get(&self, key: &CacheKey) -> Result<Option<CachedAnswer>> {
        let mut state = self.state();
        let now = state.tick();
        let State { answers, order, .. } = &mut *state;
        let Some((used, answer)) = answers.get_mut(key) else { return Ok(None) };
        if let Some(key) = order.remove(used) {
            order.insert(now, key);
        }
        *used = now;
        Ok(Some(answer.clone()))
    }

    async fn put(&self, key: &CacheKey, answer: &CachedAnswer) -> Result<()> {
        let mut state = self.state();
        let now = state.tick();
        if let Some((used, _)) = state.answers.insert(key.clone(), (now, answer.clone())) {
            state.order.remove(&used);
        }
        state.order.insert(now, key.clone());
        while state.answers.len() > self.capacity
            && let Some((_, oldest)) = state.order.pop_first()
        {
            state.answers.remove(&oldest);
        }
        Ok(())
    }
}

impl fmt::Debug for MemoryCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCache")
            .field("capacity", &self.capacity)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
