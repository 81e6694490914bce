//! The trace that a request is part of, as W3C Trace Context writes it.

use catena::RunId;
use std::{fmt, str::FromStr};

/// The length of the header.
const LENGTH: usize = 55;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The identity of a trace and of a span in it: the header `traceparent`.
///
/// A request's header is taken over: its trace goes on, and the response's header and the run's context have a new span
/// of it. Without a header, or with one that is invalid, a new trace begins. A step that calls another service sends it
/// on:
///
/// ```
/// use catena::prelude::*;
/// use catena_serve::TraceParent;
///
/// #[runnable]
/// fn headers(_: (), cx: &Context) -> Vec<(String, String)> {
///     let trace = cx.get::<TraceParent>();
///     trace.map(|trace| ("traceparent".to_owned(), trace.to_string())).into_iter().collect()
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace: u128,
    span: u64,
    flags: u8,
}

impl TraceParent {
    /// Returns the identity of the trace.
    pub fn trace_id(&self) -> u128 {
        self.trace
    }

    /// Returns the identity of the span.
    pub fn span_id(&self) -> u64 {
        self.span
    }

    /// Returns whether the trace is recorded.
    pub fn is_sampled(&self) -> bool {
        self.flags & 1 == 1
    }

    /// Begins a trace, which is not recorded unless somewhere downstream decides to.
    pub(crate) fn random() -> Self {
        TraceParent { trace: RunId::random().as_u128(), span: span(), flags: 0 }
    }

    /// Returns a new span of the same trace.
    pub(crate) fn child(self) -> Self {
        TraceParent { span: span(), ..self }
    }

    /// Returns the header: `00-<trace>-<span>-<flags>`.
    pub(crate) fn header(&self) -> [u8; LENGTH] {
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        hex(&mut text[3..35], &self.trace.to_be_bytes());
        hex(&mut text[36..52], &self.span.to_be_bytes());
        hex(&mut text[53..], &[self.flags]);
        text
    }
}

/// Writes bytes as digits.
fn hex(to: &mut [u8], bytes: &[u8]) {
    for (digits, byte) in to.chunks_exact_mut(2).zip(bytes) {
        digits.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xf)]]);
    }
}

/// Returns a random identity. Of a UUID, six bits are not random: the halves make up for each other's.
fn span() -> u64 {
    let random = RunId::random().as_u128();
    let [high, low] = [64, 0].map(|shift| {
        let half = (random >> shift) & u128::from(u64::MAX);
        u64::try_from(half).unwrap_or(1)
    });
    (high ^ low).max(1)
}

/// The header of another version or form is no `traceparent`.
impl FromStr for TraceParent {
    type Err = InvalidTraceParent;

    fn from_str(header: &str) -> Result<Self, InvalidTraceParent> {
        let hex = |text: &str, digits: usize| {
            let fits = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            u128::from_str_radix(text, 16).ok().filter(|_| fits).ok_or(InvalidTraceParent)
        };
        let mut parts = header.splitn(5, '-');
        let mut next = || parts.next().ok_or(InvalidTraceParent);
        let (version, trace, parent, flags) = (next()?, next()?, next()?, next()?);
        let known = hex(version, 2)?;
        let trace = hex(trace, 32)?;
        let span = u64::try_from(hex(parent, 16)?).map_err(|_| InvalidTraceParent)?;
        let flags = u8::try_from(hex(flags, 2)?).map_err(|_| InvalidTraceParent)?;
        // A later version may have more parts.
        let excess = known == 0 && parts.next().is_some();
        if known == 0xff || trace == 0 || span == 0 || excess {
            return Err(InvalidTraceParent);
        }
        Ok(TraceParent { trace, span, flags })
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.header()).unwrap_or_default())
    }
}

/// The error for a header that is no `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTraceParent;

impl fmt::Display for InvalidTraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a `traceparent` of W3C Trace Context: `00-<trace>-<span>-<flags>`")
    }
}

impl std::error::Error for InvalidTraceParent {}

#[cfg(test)]
mod tests {
    use super::TraceParent;

    const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_header_is_read_and_written() {
        let trace: TraceParent = HEADER.parse().unwrap();
        assert!(trace.is_sampled());
        assert_eq!(trace.to_string(), HEADER);
        let child = trace.child();
        assert_eq!(child.trace_id(), trace.trace_id());
        assert_ne!(child.span_id(), trace.span_id());
    }

    #[test]
    fn other_texts_are_refused() {
        let zero = "0".repeat(16);
        for wrong in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            &HEADER.replace("00f067aa0ba902b7", &zero),
            &format!("{HEADER}-more"),
        ] {
            assert!(wrong.parse::<TraceParent>().is_err(), "{wrong}");
        }
        assert!(HEADER.replacen("00", "01", 1).parse::<TraceParent>().is_ok());
    }
}
