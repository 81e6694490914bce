use std::time::Duration;

/// The bounds of an exchange with a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The longest time from the request to the head of the response.
    pub(super) first_byte: Duration,
    /// The longest time between two packets of the body.
    pub(super) idle: Duration,
    /// The most bytes of an event.
    pub(super) event: usize,
    /// The most bytes of an answer, whole or streamed.
    pub(super) answer: usize,
    /// The most bytes that are read of an error.
    pub(super) error_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            // A whole answer begins when it is complete, which takes minutes for long reasoning.
            first_byte: Duration::from_mins(15),
            idle: Duration::from_mins(5),
            event: crate::wire::sse::EVENT_LIMIT,
            answer: 256 << 20,
            error_body: 1 << 20,
        }
    }
}
