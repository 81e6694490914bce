//! Values as JSON, for code outside of the crate that does not know their types.

use crate::{Types, reflect::registry};
use serde_json::Value;

impl Types {
    /// Returns a value as JSON, if a step that has been asked for its types can write values of this type.
    ///
    /// A step is asked when its schemas are asked for, and when it runs with an observer. `None` also stands for a value
    /// that `serde` refuses.
    ///
    /// ```
    /// use catena::Types;
    ///
    /// assert_eq!(Types::json(&vec![1, 2]), Some(serde_json::json!([1, 2])));
    /// assert_eq!(Types::json(&std::time::Duration::ZERO), None);
    /// ```
    pub fn json<T: 'static>(value: &T) -> Option<Value> {
        registry::json(value)
    }

    /// Returns whether [`json`](Self::json) can write values of this type.
    ///
    /// ```
    /// assert!(catena::Types::knows::<String>());
    /// ```
    pub fn knows<T: 'static>() -> bool {
        registry::writes::<T>()
    }
}
