//! Objects and lists of a streamed event, read as leniently as by `lenient`, without an intermediate `Value`.
//!
//! A streamed piece of text is read once this way. Through a `Value` it would be read twice.

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::{fmt, marker::PhantomData};

/// Reads an object as `T`, whose own fields have to be lenient. Anything else is `None`.
pub(crate) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(Lenient::deserialize(deserializer)?.0)
}

/// Reads a list of objects, whose own fields have to be lenient. An object is a list of one. Elements that are not
/// objects are left out, and anything else is an empty list.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_any(List(PhantomData))
}

/// Reads a word as one of several that are known, without a copy of it. Anything else is the default.
pub(crate) fn word<'de, D: Deserializer<'de>, T: Default + for<'a> From<&'a str>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(Word(PhantomData))
}

/// An object, or `None` for anything else.
pub(crate) struct Lenient<T>(pub(crate) Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Object(PhantomData)).map(Lenient)
    }
}

struct Object<T>(PhantomData<T>);
struct List<T>(PhantomData<T>);
struct Word<T>(PhantomData<T>);

/// Methods of a visitor for scalars, which are the default value.
macro_rules! scalars_are_default {
    (with text) => {
        fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
            Ok(Default::default())
        }

        scalars_are_default!();
    };
    () => {
        fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Default::default())
        }

        fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Default::default())
        }

        fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Default::default())
        }

        fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Default::default())
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(Default::default())
        }
    };
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    scalars_are_default!(with text);

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Option<T>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        T::deserialize(de::value::MapAccessDeserializer::new(map)).map(Some)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    scalars_are_default!(with text);

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element::<Lenient<T>>()? {
            list.extend(element.0);
        }
        Ok(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
        Ok(vec![T::deserialize(de::value::MapAccessDeserializer::new(map))?])
    }
}

impl<'de, T: Default + for<'a> From<&'a str>> Visitor<'de> for Word<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<T, E> {
        Ok(word.into())
    }

    scalars_are_default!();

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(T::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(T::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::lenient;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Fields {
        #[serde(deserialize_with = "lenient::text")]
        id: Option<String>,
        #[serde(deserialize_with = "object")]
        inner: Option<Box<Fields>>,
        #[serde(deserialize_with = "list")]
        parts: Vec<Fields>,
    }

    #[test]
    fn values_of_another_type_are_not_known() {
        for unknown in ["null", "\"\"", "\"text\"", "7", "-7", "1.5", "true", "[]", "[1, {\"a\": [2]}]"] {
            let read: Fields = lenient::parse(&format!(r#"{{"id": "a", "inner": {unknown}}}"#)).unwrap();
            assert_eq!(read.inner, None, "{unknown}");
            assert_eq!(read.id.as_deref(), Some("a"));
        }
        let read: Fields = lenient::parse(r#"{"inner": {"inner": {"id": 7}}}"#).unwrap();
        assert_eq!(read.inner.unwrap().inner.unwrap().id.as_deref(), Some("7"));
    }

    #[test]
    fn lists_leave_out_what_is_no_object() {
        let parts = |json: &str| lenient::parse::<Fields>(json).unwrap().parts.len();
        assert_eq!(parts(r#"{"parts": [{"id": "a"}, 3, null, "b", [{}], {}]}"#), 2);
        assert_eq!(parts(r#"{"parts": {"id": "a"}}"#), 1);
        assert_eq!(parts(r#"{"parts": "none"}"#), 0);
    }
}
