//! Retrievers around others.
//!
//! | file | contents |
//! |---|---|
//! | `hybrid` | [`Hybrid`], which merges the documents of two retrievers |
//! | `reranker` | [`Reranker`], the trait, and [`Reranked`], a retriever whose documents are ranked again |
//! | `model_reranker` | [`ModelReranker`], a chat model that ranks documents |
//! | `parents` | [`Parents`], which gives whole documents for their chunks |
//! | `compressed` | [`Compressed`], which keeps the passages that matter |

mod compressed;
mod hybrid;
mod model_reranker;
mod parents;
mod reranker;

pub use compressed::Compressed;
pub use hybrid::Hybrid;
pub use model_reranker::ModelReranker;
pub use parents::{DocumentSource, Parents};
pub use reranker::{Ranked, Reranked, Reranker};
