use super::{Embedder, Embedding};
use catena::{Context, Details, Result};

/// An embedder without a model, for tests and experiments. Texts that share words are near; meanings are not
/// considered.
///
/// A text has the same vector on every machine and in every version.
///
/// ```
/// use catena_llm::retrieval::HashingEmbedder;
///
/// let words = HashingEmbedder::new(256);
/// let near = |a: &str, b: &str| words.vector(a).iter().zip(words.vector(b)).map(|(a, b)| a * b).sum::<f32>();
/// assert!(near("When do backups run?", "Backups run at two.") > near("When do backups run?", "Coffee is upstairs."));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HashingEmbedder {
    dimensions: usize,
}

impl HashingEmbedder {
    /// Creates an embedder with this many dimensions, at least one. With fewer dimensions, more words collide.
    pub fn new(dimensions: usize) -> Self {
        HashingEmbedder { dimensions: dimensions.max(1) }
    }

    /// Returns the vector of a text, of length 1. A text without words has a vector of zeros.
    pub fn vector(&self, text: &str) -> Embedding {
        let mut vector = vec![0.0; self.dimensions];
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let hash = hash(word);
            let at = usize::try_from(hash >> 1).unwrap_or_default() % self.dimensions;
            // Both signs occur, so that colliding words do not add up.
            vector[at] += if hash & 1 == 0 { 1.0 } else { -1.0 };
        }
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        if length > 0.0 {
            for number in &mut vector {
                *number /= length;
            }
        }
        vector
    }
}

impl Embedder for HashingEmbedder {
    fn name(&self) -> &'static str {
        "hashed-words"
    }

    fn details(&self, details: &mut Details) {
        details.set("dimensions", self.dimensions);
    }

    async fn embed(&self, texts: &[String], _cx: &Context) -> Result<Vec<Embedding>> {
        Ok(texts.iter().map(|text| self.vector(text)).collect())
    }
}

/// Returns the FNV-1a hash of the word in lower case, without the `s` of a plural. It has 32 bits, to be the same on
/// all machines.
fn hash(word: &str) -> u32 {
    let word = word.to_lowercase();
    let word = word.strip_suffix('s').filter(|one| one.len() > 2).unwrap_or(&word);
    let mixed = word.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    // The low bits of FNV-1a are not well mixed.
    mixed ^ (mixed >> 15)
}
