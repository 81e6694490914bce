//! Times as text.

/// A time: `20 s`, `1.5 s`, `250 ms`, `2 min`.
pub(crate) fn seconds(seconds: f64) -> String {
    if seconds >= 60.0 && seconds % 60.0 == 0.0 {
        format!("{} min", seconds / 60.0)
    } else if seconds >= 1.0 || seconds == 0.0 {
        format!("{} s", round(seconds))
    } else if seconds >= 0.001 {
        format!("{} ms", round(seconds * 1e3))
    } else {
        format!("{} µs", round(seconds * 1e6))
    }
}

fn round(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn times_read_well() {
        let cases = [
            (20.0, "20 s"),
            (1.5, "1.5 s"),
            (0.25, "250 ms"),
            (120.0, "2 min"),
            (90.0, "90 s"),
            (0.0, "0 s"),
            (0.000_5, "500 µs"),
            (0.1 + 0.2, "300 ms"),
        ];
        for (time, words) in cases {
            assert_eq!(seconds(time), words);
        }
    }
}
