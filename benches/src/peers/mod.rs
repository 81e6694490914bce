//! The same work, as others compose it: used as their docs say. Each of them has every case: as a row, or as a line that says
//! why it is none.

#[cfg(feature = "graph-flow")]
mod graph_flow;
#[cfg(feature = "langchain-rust")]
mod langchain_rust;
#[cfg(feature = "lc-core")]
mod lc;
#[cfg(feature = "swiftide")]
mod swiftide;
#[cfg(feature = "synaptic")]
mod synaptic;
#[cfg(feature = "wesichain")]
mod wesichain;

mod futures;
pub mod list;
mod rig;
mod tower;

use crate::case::Case;

/// Cases that a peer cannot do.
macro_rules! cannot {
    ($why:literal: $($case:ident $(($($more:ty),+))?),+ $(,)?) => {
        $(pub fn $case(case: crate::case::Case $($(, _: $more)+)?) -> crate::case::Case {
            case.cannot(WHO, $why)
        })+
    };
}
use cannot;

macro_rules! of_all {
    ($($name:ident($($more:ident: $type:ty),*)),+ $(,)?) => {
        $(pub fn $name(case: Case $(, $more: $type)*) -> Case {
            let case = futures::$name(case $(, $more)*);
            let case = tower::$name(case $(, $more)*);
            let case = rig::$name(case $(, $more)*);
            #[cfg(feature = "lc-core")]
            let case = lc::$name(case $(, $more)*);
            #[cfg(feature = "synaptic")]
            let case = synaptic::$name(case $(, $more)*);
            #[cfg(feature = "wesichain")]
            let case = wesichain::$name(case $(, $more)*);
            #[cfg(feature = "graph-flow")]
            let case = graph_flow::$name(case $(, $more)*);
            #[cfg(feature = "langchain-rust")]
            let case = langchain_rust::$name(case $(, $more)*);
            #[cfg(feature = "swiftide")]
            let case = swiftide::$name(case $(, $more)*);
            case
        })+
    };
}

of_all! {
    one_step(),
    three_steps(),
    ten_steps(),
    hundred_steps(),
    three_waits(),
    texts(),
    boxed_steps(),
    three_branches(),
    twelve_branches(),
    waiting_branches(),
    long_branches(),
    nested(),
    over_a_list(),
    two_arms(),
    eight_arms(),
    named(),
    unused_retry(),
    used_retry(),
    unused_fallback(),
    used_fallback(),
    timeout(),
    batch(inputs: u64, limit: usize),
    long_batch(inputs: u64, limit: usize),
    stream_of_one(chunks: u64),
    stream_of_three(chunks: u64),
    stream_of_ten(chunks: u64),
    stream_of_a_map(chunks: u64),
    observed(),
}

/// The question that the chain of texts is asked.
fn question() -> String {
    std::hint::black_box("What is quantum computing?").to_owned()
}
