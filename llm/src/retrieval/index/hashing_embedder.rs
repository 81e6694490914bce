use super::{Embedder, Embedding};
use catena::{Context, Details, Result};

/// Vectors without a model: texts that share words are near. For tests and for trying things out; it knows no meanings.
///
/// The same text has the same vector everywhere and always.
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
    /// Vectors of so many numbers, at least one. The fewer, the more words fall together.
    pub fn new(dimensions: usize) -> Self {
        HashingEmbedder { dimensions: dimensions.max(1) }
    }

    /// The vector of a text, of length 1; of one without words, all zeros.
    pub fn vector(&self, text: &str) -> Embedding {
        let mut vector = vec![0.0; self.dimensions];
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let hash = hash(word);
            let at = usize::try_from(hash >> 1).unwrap_or_default() % self.dimensions;
            // Both signs, so that words which fall together do not add up.
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

/// FNV-1a of the word in lower case, without the `s` of a plural. On 32 bits, to be the same on all machines.
fn hash(word: &str) -> u32 {
    let word = word.to_lowercase();
    let word = word.strip_suffix('s').filter(|one| one.len() > 2).unwrap_or(&word);
    let mixed = word.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    // Its low bits alone are not well mixed.
    mixed ^ (mixed >> 15)
}
