use catena::{Error, ErrorKind};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign},
    str::FromStr,
};

/// An amount of US dollars, exact to a millionth of a millionth.
///
/// ```
/// use catena_llm::Cost;
///
/// let cost = "$0.000123".parse::<Cost>()? + Cost::from_micros(1);
/// assert_eq!(cost.to_string(), "$0.000124");
/// assert_eq!(format!("{cost:.2}"), "$0.00");
/// # Ok::<(), catena::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cost {
    /// The amount in millionths of a millionth. A price per million tokens in millionths is the price per token in this
    /// unit.
    picos: u128,
}

const DIGITS: usize = 12;
const DOLLAR: u128 = 1_000_000_000_000;
const MILLION: u128 = 1_000_000;

impl Cost {
    /// Zero dollars.
    pub const ZERO: Cost = Cost { picos: 0 };

    /// Creates an amount of millionths of a dollar.
    pub const fn from_micros(micros: u64) -> Self {
        Cost { picos: micros as u128 * MILLION }
    }

    /// Returns the amount in dollars, rounded to a float: for charts, not for sums.
    #[allow(clippy::cast_precision_loss, reason = "said in the doc")]
    pub fn as_dollars(self) -> f64 {
        self.picos as f64 / DOLLAR as f64
    }

    /// Returns the cost of this many tokens, if `self` is the price of a million. Rounded up to the smallest unit.
    pub(super) fn per_million(self, tokens: u64) -> Cost {
        Cost { picos: self.picos.saturating_mul(tokens.into()).div_ceil(MILLION) }
    }
}

impl Add for Cost {
    type Output = Cost;

    fn add(self, other: Cost) -> Cost {
        Cost { picos: self.picos.saturating_add(other.picos) }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Cost) {
        *self = *self + other;
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Cost>>(costs: I) -> Cost {
        costs.fold(Cost::ZERO, Add::add)
    }
}

/// Writes all digits, at least the cents. With a precision, such as `{:.6}`, rounds to that many digits.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = f.precision().unwrap_or(DIGITS).min(DIGITS);
        let unit = 10_u128.pow(u32::try_from(DIGITS - shown).unwrap_or(0));
        let rounded = self.picos.saturating_add(unit / 2) / unit * unit;
        let digits = format!("{:0DIGITS$}", rounded % DOLLAR);
        let digits = match f.precision() {
            Some(_) => &digits[..shown],
            None => &digits[..digits.trim_end_matches('0').len().max(2)],
        };
        let dollars = rounded / DOLLAR;
        let text = if digits.is_empty() { format!("${dollars}") } else { format!("${dollars}.{digits}") };
        f.write_str(&text)
    }
}

/// Parses dollars in decimal digits, with or without the sign: `$2.50`, `10`.
impl FromStr for Cost {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::new(ErrorKind::BadInput, format!("`{text}` is not an amount of dollars such as `$2.50`"));
        let number = text.trim().trim_start_matches('$');
        let (dollars, part) = number.split_once('.').unwrap_or((number, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !(digits(dollars) && digits(part)) || part.len() > DIGITS || (dollars.is_empty() && part.is_empty()) {
            return Err(wrong());
        }
        let dollars: u128 = if dollars.is_empty() { 0 } else { dollars.parse().map_err(|_| wrong())? };
        let part: u128 = format!("{part:0<DIGITS$}").parse().map_err(|_| wrong())?;
        let picos = dollars.checked_mul(DOLLAR).and_then(|picos| picos.checked_add(part)).ok_or_else(wrong)?;
        Ok(Cost { picos })
    }
}

/// Serializes as a string, `"$0.000123"`, because JSON numbers are often read as floats.
impl Serialize for Cost {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cost {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error: Error| serde::de::Error::custom(error.message()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_they_are_read() {
        for (text, shown) in [
            ("0", "$0.00"),
            ("$0.000123", "$0.000123"),
            ("2.5", "$2.50"),
            (".075", "$0.075"),
            ("1234.", "$1234.00"),
            ("0.000000000001", "$0.000000000001"),
        ] {
            let cost: Cost = text.parse().unwrap();
            assert_eq!(cost.to_string(), shown);
            assert_eq!(serde_json::from_str::<Cost>(&serde_json::to_string(&cost).unwrap()).unwrap(), cost);
        }
        for wrong in ["", "$", ".", "-1", "1e3", "1.2.3", "NaN", "0.0000000000001", "9999999999999999999999999999999"] {
            assert!(wrong.parse::<Cost>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_precision_rounds() {
        let cost: Cost = "1.996".parse().unwrap();
        assert_eq!(format!("{cost:.2} {cost:.0} {cost:.4}"), "$2.00 $2 $1.9960");
    }

    #[test]
    fn no_part_of_a_token_is_free() {
        let million: Cost = "0.000000000001".parse().unwrap();
        assert_eq!(million.per_million(1), million);
        assert_eq!(Cost::ZERO.per_million(u64::MAX), Cost::ZERO);
    }
}
