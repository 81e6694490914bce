//! Tokens and money: what the models of a run used.
//!
//! | file | contents |
//! |---|---|
//! | `meter` | the calls of models, measured when an observer needs it |
//! | `spending` | [`Spending`], the observer that sums them up |
//! | `estimate` | the tokens of a text, when no provider has counted them |
//! | `price` | [`PriceTable`], the cost of those tokens |

pub(crate) mod estimate;
pub(crate) mod meter;
mod price;
mod spending;

pub use price::{Cost, Price, PriceTable};
pub use spending::{Spending, Spent};
