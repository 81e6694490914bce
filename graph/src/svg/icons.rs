//! A glyph for each kind of step, 16 by 16 pixels, so that kinds differ without colour.

use crate::Kind;

/// The path of a kind's glyph, relative to its upper left corner; none where nothing is known.
pub(super) fn icon(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Unknown => return None,
        // An italic f.
        Kind::Function => "m12 3.2c-2.2-1-3.4.2-3.8 2.6l-1 5.400c-.4 2.200-1.600 3-3.400 2.200m1.700-6.600h6",
        // Waves.
        Kind::Generator => {
            "m1.500 6q1.600-2.800 3.250 0t3.250 0t3.250 0t3.250 0m-13 4.500q1.600-2.800 3.250 0t3.250 0t3.250 0t3.250 0"
        }
        // A lambda.
        Kind::Closure => "m3.500 3h1.300c.9 0 1.200.4 1.600 1.300l4 8.700h1.600m-4.700-6.600l-3.800 6.600",
        // A dot and a way out of a frame.
        Kind::Pick => {
            "m9 2.500h-5a1.500 1.500 0 0 0-1.500 1.500v8a1.500 1.500 0 0 0 1.500 1.500h5m-2.500-5.500h7.500m-3-3l3 3-3 3"
        }
        // Straight through.
        Kind::Passthrough => "m1.500 8h12.500m-3.500-3.500l3.500 3.500-3.500 3.500",
        // A speech bubble with lines.
        Kind::Prompt => {
            "m3.500 2.500h9a1.500 1.500 0 0 1 1.500 1.500v5.500a1.500 1.500 0 0 1-1.500 1.500h-5l-3 2.700v-2.700h-1a1.500 1.500 0 0 1-1.500-1.500v-5.500a1.500 1.500 0 0 1 1.500-1.500m1.500 3h6m-6 2.700h4"
        }
        // A spark, and a small one.
        Kind::Model => {
            "m6.500 3.500c.5 3 1.500 4 4.500 4.500c-3 .5-4 1.500-4.500 4.500c-.5-3-1.500-4-4.500-4.500c3-.5 4-1.500 4.500-4.500m6-2c.2 1.400.6 1.800 2 2c-1.400.2-1.800.6-2 2c-.2-1.400-.6-1.800-2-2c1.400-.2 1.800-.6 2-2"
        }
        // Braces.
        Kind::Parser => {
            "m6 2.500c-1.600 0-2.200.6-2.200 2v1.700c0 1-.5 1.600-1.600 1.800c1.100.2 1.600.8 1.600 1.800v1.700c0 1.400.6 2 2.200 2m4-11c1.600 0 2.200.6 2.200 2v1.700c0 1 .5 1.600 1.600 1.800c-1.100.2-1.600.8-1.600 1.800v1.700c0 1.400-.6 2-2.200 2"
        }
        // A wrench.
        Kind::Tool => {
            "m9.600 4.200a3.300 3.300 0 0 1 4.300-2l-2.200 2.200l1.900 1.900l2.200-2.200a3.300 3.300 0 0 1-4.700 3.900l-5.100 5.100a1.500 1.500 0 0 1-2.200-2.200l5.100-5.100a3.300 3.300 0 0 1 .7-1.600"
        }
        // A magnifying glass.
        Kind::Retriever => "m2.500 7a4.500 4.500 0 1 0 9 0a4.500 4.500 0 1 0-9 0m7.700 3.200l3.800 3.800",
        // An hourglass.
        Kind::Lazy => {
            "m4 2.500h8m-8 11h8m-7-11v2c0 1.500 3 2.500 3 3.500s-3 2-3 3.500v2m6-11v2c0 1.500-3 2.500-3 3.500s3 2 3 3.500v2"
        }
        // A rail that splits.
        Kind::Router => "m1.500 8h3.500c3 0 3-4.500 6-4.500h3m-9 4.500c3 0 3 4.500 6 4.500h3m-2-11l2 2-2 2m0 5l2 2-2 2",
        // A closed box.
        Kind::Opaque => {
            "m8 1.800l5.500 2.900v6.600l-5.500 2.900l-5.500-2.900v-6.600zm-5.500 2.900l5.500 2.900l5.500-2.900m-5.500 2.900v6.600"
        }
    })
}

/// A clock, 12 by 12 pixels.
pub(super) const CLOCK: &str = "m1 6a5 5 0 1 0 10 0a5 5 0 1 0-10 0m5-2.800v2.800l2 1.300";
/// Sliders, 12 by 12 pixels.
pub(super) const SLIDERS: &str = "m1 3.500h6m3 0h1m-4 0a1.500 1.500 0 1 0 3 0a1.500 1.500 0 1 0-3 0m-6 5h1m3 0h6m-9 0a1.500 1.500 0 1 0 3 0a1.500 1.500 0 1 0-3 0";
/// A flag, 12 by 12 pixels.
pub(super) const FLAG: &str = "m2.500 11.500v-10.500h7l-1.700 2.700 1.700 2.800h-7";
/// A sheet on top of others, 12 by 12 pixels.
pub(super) const SHEETS: &str = "m1 4h7v7h-7zm2-1.500v-1h7.500v7.500h-1";
/// A way out to the side, 12 by 12 pixels.
pub(super) const ASIDE: &str = "m1 1.500v5.500a2 2 0 0 0 2 2h7.500m-2.700-2.700l2.700 2.700-2.700 2.700";
