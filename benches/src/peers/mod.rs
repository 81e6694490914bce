//! The same work, as others compose it: used as their docs say.

pub mod rig;
pub mod tower;
