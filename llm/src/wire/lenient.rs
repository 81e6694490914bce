//! JSON as servers write it: a field may be missing, `null`, empty, or of another type. All of these mean "not known".
//!
//! The functions are for `#[serde(default, deserialize_with = "..")]`. None of them fails on a value of another type.

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;
use std::{borrow::Cow, fmt, marker::PhantomData};

/// Parses JSON, and what some servers write in its place: see [`corrected`].
pub(crate) fn parse<T: DeserializeOwned>(data: &str) -> serde_json::Result<T> {
    serde_json::from_str(data).or_else(|error| match corrected(data) {
        Cow::Owned(corrected) => serde_json::from_str(&corrected),
        Cow::Borrowed(_) => Err(error),
    })
}

/// Returns JSON that says the same as `data`, for a second attempt to read `data`: the last of fields that repeat, and
/// [`corrected`] text. Returns the error if `data` is not JSON.
#[cold]
pub(crate) fn mended(data: &str) -> serde_json::Result<String> {
    parse::<Value>(data).map(|value| value.to_string())
}

/// Parses JSON that may borrow from `data`, like [`parse`]. `mended` keeps what the second attempt borrows from.
pub(crate) fn borrow<'de, T: Deserialize<'de>>(data: &'de str, mended: &'de mut String) -> serde_json::Result<T> {
    serde_json::from_str(data).or_else(|_| {
        *mended = self::mended(data)?;
        serde_json::from_str(mended)
    })
}

/// A short text, borrowed if it has no escapes: a string that is not empty, or a number. Anything else is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordVisitor).map(Word)
    }
}

struct WordVisitor;

impl<'de> Visitor<'de> for WordVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(count.to_string()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }

    fn visit_f64<E: de::Error>(self, float: f64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(float.to_string()))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(""))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(""))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cow::Borrowed(""))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cow::Borrowed(""))
    }
}

/// Anything, of which an object is read as `T`, whose own fields have to be lenient. It reads without
/// a copy.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Struct<T> {
    Read(T),
    /// `null`, or nothing.
    #[default]
    Nothing,
    /// Another value. It is in a box, because it is rare, and what is read is moved.
    Other(Box<Value>),
}

impl<T> Struct<T> {
    /// Returns the object.
    pub(crate) fn read(self) -> Option<T> {
        match self {
            Struct::Read(read) => Some(read),
            Struct::Nothing | Struct::Other(_) => None,
        }
    }

    fn other(value: impl Into<Value>) -> Self {
        Struct::Other(Box::new(value.into()))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Struct<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StructVisitor(PhantomData))
    }
}

struct StructVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for StructVisitor<T> {
    type Value = Struct<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Struct<T>, A::Error> {
        T::deserialize(de::value::MapAccessDeserializer::new(map)).map(Struct::Read)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Struct<T>, E> {
        Ok(Struct::Nothing)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Struct<T>, E> {
        Ok(if text.is_empty() { Struct::Nothing } else { Struct::other(text) })
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<Struct<T>, E> {
        Ok(Struct::other(count))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Struct<T>, E> {
        Ok(Struct::other(number))
    }

    fn visit_f64<E: de::Error>(self, float: f64) -> Result<Struct<T>, E> {
        Ok(Struct::other(float))
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Struct<T>, E> {
        Ok(Struct::other(truth))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Struct<T>, A::Error> {
        Value::deserialize(de::value::SeqAccessDeserializer::new(seq)).map(Struct::other)
    }
}

/// A list of `T`. `null` is an empty list, and anything else a list of one. It leaves nothing out, and
/// reads without a copy.
pub(crate) struct Every<T>(pub(crate) Vec<T>);

impl<T> Default for Every<T> {
    fn default() -> Self {
        Every(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Every<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EveryVisitor(PhantomData)).map(Every)
    }
}

struct EveryVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EveryVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let Some(first) = seq.next_element()? else { return Ok(Vec::new()) };
        // Most lists have one element. A vector would take room for four.
        let mut list = Vec::with_capacity(1);
        list.push(first);
        while let Some(element) = seq.next_element()? {
            list.push(element);
        }
        Ok(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
        T::deserialize(de::value::MapAccessDeserializer::new(map)).map(|one| vec![one])
    }

    fn visit_unit<E: de::Error>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
        if text.is_empty() {
            return Ok(Vec::new());
        }
        T::deserialize(de::value::StrDeserializer::new(text)).map(|one| vec![one])
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }
}

/// Reads a text: a string that is not empty, or a number. Anything else is `None`.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(deserializer.deserialize_any(Scalar)?.into_text().filter(|text| !text.is_empty()))
}

/// Reads a text that continues another, of which blanks and nothing are to be told apart from `null`.
pub(crate) fn piece<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(deserializer.deserialize_any(Scalar)?.into_text())
}

/// Reads a text that continues another, or JSON that stands for such a text.
pub(crate) fn json_piece<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        None => None,
        Some(Value::String(text)) => Some(text),
        Some(value) => Some(value.to_string()),
    })
}

/// Reads a count: a number that is not negative, also as a float or as text. Anything else is `None`.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match deserializer.deserialize_any(Scalar)? {
        Read::Count(count) => Some(count),
        Read::Float(float) => whole(float),
        Read::Text(text) => text.trim().parse().ok().or_else(|| whole(text.trim().parse().ok()?)),
        Read::Truth(_) | Read::Other => None,
    })
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, and NaN becomes 0")]
fn whole(float: f64) -> Option<u64> {
    (float.is_finite() && float >= 0.0).then_some(float as u64)
}

/// Reads `true` or `false`. Anything else is `None`.
pub(crate) fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match deserializer.deserialize_any(Scalar)? {
        Read::Truth(truth) => Some(truth),
        _ => None,
    })
}

/// Returns whether a value says something: not `null`, `false`, 0, empty, or an object of such values.
pub(crate) fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(list) => list.iter().any(says_something),
        Value::Object(fields) => fields.values().any(says_something),
    }
}

/// A scalar, as it was read.
enum Read {
    Text(String),
    Count(u64),
    Float(f64),
    Truth(bool),
    Other,
}

impl Read {
    fn into_text(self) -> Option<String> {
        match self {
            Read::Text(text) => Some(text),
            Read::Count(count) => Some(count.to_string()),
            Read::Float(float) => Some(float.to_string()),
            Read::Truth(_) | Read::Other => None,
        }
    }
}

struct Scalar;

impl<'de> Visitor<'de> for Scalar {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Read, E> {
        Ok(Read::Text(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Read, E> {
        Ok(Read::Text(text))
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<Read, E> {
        Ok(Read::Count(count))
    }

    #[allow(clippy::cast_precision_loss, reason = "a negative number is not known either way")]
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Read, E> {
        Ok(u64::try_from(number).map_or(Read::Float(number as f64), Read::Count))
    }

    fn visit_f64<E: de::Error>(self, float: f64) -> Result<Read, E> {
        Ok(Read::Float(float))
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Read, E> {
        Ok(Read::Truth(truth))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Read, E> {
        Ok(Read::Other)
    }

    fn visit_none<E: de::Error>(self) -> Result<Read, E> {
        Ok(Read::Other)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Read, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Read, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Read::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Read::Other)
    }
}

/// Returns JSON in the place of text that many writers of JSON take for it. In strings, escapes of lone surrogates become
/// U+FFFD, and control characters are escaped. Outside of them, `NaN` and `Infinity` become `null`.
#[cold]
fn corrected(json: &str) -> Cow<'_, str> {
    let code = |at: usize| {
        let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut corrected = String::new();
    let (mut kept, mut at, mut in_string) = (0, 0, false);
    let bytes = json.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        let (length, instead): (usize, Option<Cow<'_, str>>) = match byte {
            b'\\' => match (code(at), code(at + 6)) {
                (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (12, None),
                (Some(0xD800..=0xDFFF), _) => (6, Some("\\ufffd".into())),
                (Some(_), _) => (6, None),
                // The escaped character may be a backslash or a quotation mark.
                (None, _) => (2, None),
            },
            b'"' => {
                in_string = !in_string;
                (1, None)
            }
            0..0x20 if in_string => (1, Some(format!("\\u{byte:04x}").into())),
            b'-' | b'N' | b'I' if !in_string => {
                let words = ["NaN", "-NaN", "Infinity", "-Infinity"];
                let word = words.into_iter().find(|word| json[at..].starts_with(word));
                (word.map_or(1, str::len), word.map(|_| "null".into()))
            }
            _ => (1, None),
        };
        if let Some(instead) = instead {
            corrected.push_str(&json[kept..at]);
            corrected.push_str(&instead);
            kept = at + length;
        }
        at += length;
    }
    if kept == 0 {
        return Cow::Borrowed(json);
    }
    corrected.push_str(&json[kept..]);
    Cow::Owned(corrected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Fields {
        #[serde(deserialize_with = "text")]
        id: Option<String>,
        #[serde(deserialize_with = "count")]
        tokens: Option<u64>,
    }

    #[test]
    fn what_is_not_known_is_none_in_every_form() {
        for unknown in ["null", "\"\"", "[]", "{}", "[1, {\"a\": []}]", "true"] {
            let json = format!(r#"{{"id": {unknown}, "tokens": {unknown}}}"#);
            assert_eq!(parse::<Fields>(&json).unwrap(), Fields::default(), "{json}");
        }
    }

    #[test]
    fn numbers_are_read_in_every_form() {
        for (json, tokens) in [
            ("5", Some(5)),
            ("5.0", Some(5)),
            ("\"5\"", Some(5)),
            ("\" 5.0 \"", Some(5)),
            ("-1", None),
            ("1e999", None),
        ] {
            let read = parse::<Fields>(&format!(r#"{{"tokens": {json}}}"#));
            assert_eq!(read.ok().and_then(|read| read.tokens), tokens, "{json}");
        }
        assert_eq!(parse::<Fields>(r#"{"id": 7}"#).unwrap().id.as_deref(), Some("7"));
    }

    #[test]
    fn a_lone_surrogate_is_replaced() {
        for (json, text) in [
            (r#""a\ud83db""#, "a\u{fffd}b"),
            (r#""\udc00""#, "\u{fffd}"),
            (r#""\ud83d\ude00""#, "\u{1f600}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#""\\ud83d""#, "\\ud83d"),
        ] {
            assert_eq!(parse::<String>(json).unwrap(), text, "{json}");
        }
        assert!(parse::<String>(r#""\ud8"#).is_err());
    }

    #[test]
    fn numbers_that_json_has_not_and_control_characters_are_read() {
        for (json, text) in [
            ("[NaN, -Infinity,Infinity, \"NaN\", -1]", r#"[null,null,null,"NaN",-1]"#),
            ("{\"a\tb\": \"c\nd\\\"\r\", \"e\": NaN}", r#"{"a\tb":"c\nd\"\r","e":null}"#),
        ] {
            assert_eq!(parse::<Value>(json).unwrap().to_string(), text, "{json}");
        }
        assert!(parse::<Value>("[NaNs]").is_err() && parse::<Value>("[Inf]").is_err());
    }
}
