//! The figures of a group, as bars in parts of the one by hand.

use plotters::prelude::*;
use std::{error::Error, path::Path};

const WIDTH: u32 = 900;
const ROW: u32 = 18;

/// A case, and what each contender takes, in parts of what the first takes.
pub type Bars = (String, Vec<(&'static str, f64)>);

/// One bar for each contender of each case; the first one's is 1.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_precision_loss)]
pub fn draw(file: &Path, title: &str, cases: &[Bars]) -> Result<(), Box<dyn Error>> {
    let rows: usize = cases.iter().map(|(_, bars)| bars.len() + 1).sum();
    let most = cases.iter().flat_map(|(_, bars)| bars).map(|(_, ratio)| *ratio).fold(2.0, f64::max);
    let root = SVGBackend::new(file, (WIDTH, ROW * rows as u32 + 60)).into_drawing_area();
    root.fill(&WHITE)?;
    let root = root.titled(title, ("sans-serif", 18))?;
    let (left, bar) = (330, f64::from(WIDTH) - 430.0);
    let mut y = 8;
    for (case, bars) in cases {
        root.draw(&Text::new(case.as_str(), (8, y), ("sans-serif", 14)))?;
        y += ROW as i32;
        for (who, ratio) in bars {
            // A logarithm, or a peer that takes a thousand times as long would hide all others.
            let length = (1.0 + ratio).ln() / (1.0 + most).ln() * bar;
            let colour = if *who == crate::case::CATENA { RGBColor(37, 99, 235) } else { RGBColor(150, 160, 175) };
            root.draw(&Text::new(*who, (24, y), ("sans-serif", 13)))?;
            root.draw(&Rectangle::new([(left, y + 1), (left + length as i32, y + ROW as i32 - 4)], colour.filled()))?;
            root.draw(&Text::new(format!("{:.2}", ratio), (left + length as i32 + 6, y), ("sans-serif", 13)))?;
            y += ROW as i32;
        }
    }
    root.present()?;
    Ok(())
}
