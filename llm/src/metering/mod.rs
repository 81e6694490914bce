//! Tokens and money: the usage and the cost of the models of a run.
//!
//! | file | contents |
//! |---|---|
//! | `meter` | the calls of models, measured if the run is observed or has a [`Spending`] |
//! | `spending` | [`Spending`], the sums of a run |
//! | `estimate` | estimates of tokens that no provider has counted |
//! | `price` | [`PriceTable`], the cost of tokens |
//! | `catalogue` | [`Catalogue`], the limits, prices and capabilities of models |

mod catalogue;
pub(crate) mod estimate;
pub(crate) mod meter;
mod price;
mod spending;

pub(crate) use estimate::message as estimate_message;

pub use catalogue::{Capability, Catalogue, ModelInfo};
pub use price::{Cost, Price, PriceTable};
#[cfg(feature = "providers")]
pub(crate) use spending::Ending;
pub use spending::{Spending, Spent};
