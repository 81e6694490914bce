//! The figures as a table.

use crate::{SERVICES, ceilings::Ceiling};
use std::fmt;

/// A figure of both services.
pub(crate) struct Row {
    title: &'static str,
    unit: Unit,
    figures: [f64; 2],
    ceiling: Option<Ceiling>,
}

#[derive(Clone, Copy)]
enum Unit {
    Count,
    Seconds,
    Megabytes,
}

impl Row {
    /// How many there are.
    #[allow(clippy::cast_precision_loss, reason = "they are far fewer than 2^52")]
    pub(crate) fn count(title: &'static str, figures: [usize; 2]) -> Self {
        Row { title, unit: Unit::Count, figures: figures.map(|figure| figure as f64), ceiling: None }
    }

    /// How long it takes.
    pub(crate) fn seconds(title: &'static str, figures: [f64; 2]) -> Self {
        Row { title, unit: Unit::Seconds, figures, ceiling: None }
    }

    /// How large it is, from a number of bytes.
    #[allow(clippy::cast_precision_loss, reason = "they are far fewer than 2^52")]
    pub(crate) fn megabytes(title: &'static str, bytes: [u64; 2]) -> Self {
        Row { title, unit: Unit::Megabytes, figures: bytes.map(|bytes| bytes as f64 / 1e6), ceiling: None }
    }

    /// With a ceiling.
    pub(crate) fn held(self, ceiling: Ceiling) -> Self {
        Row { ceiling: Some(ceiling), ..self }
    }
}

/// All figures.
pub(crate) struct Table<const N: usize>([Row; N]);

impl<const N: usize> Table<N> {
    /// With these rows.
    pub(crate) fn new(rows: [Row; N]) -> Self {
        Table(rows)
    }

    /// The rows that are above their ceilings.
    pub(crate) fn above(&self) -> Vec<&str> {
        let above = |row: &&Row| row.ceiling.is_some_and(|ceiling| !ceiling.holds(row.figures));
        self.0.iter().filter(above).map(|row| row.title).collect()
    }
}

impl<const N: usize> fmt::Display for Table<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [by_hand, catena] = SERVICES.map(|service| service.title);
        writeln!(f, "| | {by_hand} | {catena} | ratio | ceiling |\n|---|---:|---:|---:|---:|")?;
        for Row { title, unit, figures: [by_hand, catena], ceiling } in &self.0 {
            let [first, second] = [*by_hand, *catena].map(|figure| unit.show(figure));
            let ceiling = match ceiling {
                Some(Ceiling::Ratio(ratio)) => format!("{ratio} times"),
                Some(Ceiling::Count(count)) => unit.show(*count),
                None => String::new(),
            };
            writeln!(f, "| {title} | {first} | {second} | {:.2} | {ceiling} |", catena / by_hand)?;
        }
        Ok(())
    }
}

impl Unit {
    fn show(self, figure: f64) -> String {
        match self {
            Unit::Seconds => format!("{figure:.2} s"),
            Unit::Megabytes => format!("{figure:.1} MB"),
            Unit::Count => grouped(&format!("{figure:.0}")),
        }
    }
}

/// The digits with a comma after every three.
fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_above_its_ceiling_is_named() {
        let table = Table::new([
            Row::seconds("slow", [1.0, 1.6]).held(Ceiling::Ratio(1.5)),
            Row::seconds("fast", [1.0, 1.4]).held(Ceiling::Ratio(1.5)),
            Row::seconds("none", [1.0, f64::NAN]).held(Ceiling::Ratio(1.5)),
            Row::count("much", [1, 1_001]).held(Ceiling::Count(1_000.0)),
            Row::count("free", [1, 1_000_000]),
        ]);
        assert_eq!(table.above(), ["slow", "none", "much"]);
        let shown = table.to_string();
        assert!(shown.contains("| slow | 1.00 s | 1.60 s | 1.60 | 1.5 times |"), "{shown}");
        assert!(shown.contains("| much | 1 | 1,001 | 1001.00 | 1,000 |"), "{shown}");
    }
}
