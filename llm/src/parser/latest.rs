use catena::{Assemble, Error, Result};

/// An assembler of chunks that replace one another. It returns the last one.
#[derive(Debug)]
pub struct Latest<T>(Option<T>);

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Latest(None)
    }
}

impl<T: Clone + Send + 'static> Assemble for Latest<T> {
    type Chunk = T;
    type Output = T;

    fn push(&mut self, chunk: T) {
        self.0 = Some(chunk);
    }

    fn finish(self) -> Result<T> {
        self.0.ok_or_else(|| Error::msg("the stream of a step ended without a value"))
    }

    fn split(&self, output: T, emit: &mut dyn FnMut(T)) {
        emit(output);
    }

    fn duplicate(&self, chunk: &T) -> Option<T> {
        Some(chunk.clone())
    }

    fn duplicates(&self) -> bool {
        true
    }

    fn fork(&self) -> Option<Self> {
        Some(Latest::default())
    }
}
