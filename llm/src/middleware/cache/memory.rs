use super::{CacheKey, CacheStore, CachedAnswer};
use catena::Result;
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Answers in memory, the ones used last. A clone is the same store.
#[derive(Clone)]
pub struct MemoryCache {
    capacity: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    answers: HashMap<CacheKey, (u64, CachedAnswer)>,
    /// By when they were used last.
    order: BTreeMap<u64, CacheKey>,
    now: u64,
}

impl MemoryCache {
    /// At most so many answers: of more, the ones that were not used for the longest time are forgotten. With 0, none are
    /// kept.
    pub fn new(capacity: usize) -> Self {
        MemoryCache { capacity, state: Arc::default() }
    }

    /// How many answers there are.
    pub fn len(&self) -> usize {
        self.state().answers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forget them all.
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
