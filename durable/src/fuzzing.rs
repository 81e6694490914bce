//! Reads the bytes of records, as a function of any bytes.

use crate::record::{
    outcome::{self, Outcome},
    usage::Usage,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

fn read<O: DeserializeOwned>(payload: &[u8]) {
    match outcome::read::<O>("key", payload) {
        Ok(Outcome::Error(error)) => {
            // It is kept again as it is.
            let again = outcome::write::<Value>("key", &Err(error.clone()));
            if let Ok(Ok(Outcome::Error(same))) = again.map(|payload| outcome::read::<Value>("key", &payload)) {
                assert_eq!(same.to_string(), error.to_string());
            }
        }
        Ok(Outcome::Output(_) | Outcome::Chunks(_)) => {}
        Err(error) => assert!(!error.message().is_empty()),
    }
}

/// Reads bytes as all that a record may hold.
///
/// # Panics
/// If an error that was read is not the same when it is kept again, or a sum is too small.
pub fn read_record(bytes: &[u8]) {
    read::<Value>(bytes);
    read::<String>(bytes);
    read::<Vec<Option<u32>>>(bytes);
    if let Ok(usage) = serde_json::from_slice::<Usage>(bytes) {
        let mut twice = usage.clone();
        twice.add(&usage);
        assert!(twice.calls >= usage.calls);
    }
    if let Ok(answer) = serde_json::from_slice::<Value>(bytes) {
        let _ = Usage::of_answer(&answer);
    }
    #[cfg(feature = "restate")]
    crate::restate::read_events(bytes);
}
