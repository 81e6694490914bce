//! Embeddings, in OpenAI's protocol and in Gemini's.

use super::{
    Fault,
    lenient::{self, Every, Struct},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, json};
use std::fmt;

/// Writes a request in OpenAI's protocol.
pub(crate) fn write_openai(model: &str, texts: &[String], dimensions: Option<usize>) -> Value {
    let mut body = json!({ "model": model, "input": texts, "encoding_format": "float" });
    if let Some(dimensions) = dimensions {
        body["dimensions"] = dimensions.into();
    }
    body
}

/// Returns the path and writes a request in Gemini's protocol.
pub(crate) fn write_gemini(model: &str, texts: &[String], dimensions: Option<usize>) -> (String, Value) {
    let folder = if model.contains('/') { "" } else { "models/" };
    let request = |text: &String| {
        let mut request = json!({ "model": format!("{folder}{model}"), "content": { "parts": [{ "text": text }] } });
        if let Some(dimensions) = dimensions {
            request["outputDimensionality"] = dimensions.into();
        }
        request
    };
    let requests: Vec<Value> = texts.iter().map(request).collect();
    (format!("{folder}{model}:batchEmbedContents"), json!({ "requests": requests }))
}

/// An answer of either protocol.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    data: Every<Row>,
    embeddings: Every<Row>,
    embedding: Row,
    error: Option<Value>,
    #[serde(deserialize_with = "lenient::text")]
    object: Option<String>,
    usage: Struct<Tokens>,
    #[serde(rename = "usageMetadata")]
    usage_metadata: Struct<Tokens>,
}

/// The tokens of an answer, in OpenAI's protocol or in Gemini's.
#[derive(Default, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_field_names, reason = "the names are those of the protocols")]
struct Tokens {
    #[serde(deserialize_with = "lenient::count")]
    prompt_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    total_tokens: Option<u64>,
    #[serde(rename = "promptTokenCount", deserialize_with = "lenient::count")]
    prompt_token_count: Option<u64>,
    #[serde(rename = "totalTokenCount", deserialize_with = "lenient::count")]
    total_token_count: Option<u64>,
}

impl Tokens {
    fn input(self) -> Option<u64> {
        self.prompt_tokens.or(self.prompt_token_count).or(self.total_tokens).or(self.total_token_count)
    }
}

/// The vectors of an answer, and the tokens that the provider counted.
#[derive(Debug, PartialEq)]
pub(crate) struct Vectors {
    pub(crate) vectors: Vec<Vec<f32>>,
    pub(crate) tokens: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    #[serde(deserialize_with = "lenient::count")]
    index: Option<u64>,
    embedding: Vector,
    values: Vector,
    /// The vectors of Cohere.
    float: Every<Row>,
}

/// A vector, with an object around it or without.
#[derive(Default)]
struct Row(Option<Entry>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a vector")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Row, E> {
        Ok(Row(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Row, A::Error> {
        Entry::deserialize(de::value::MapAccessDeserializer::new(map)).map(|entry| Row(Some(entry)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Row, A::Error> {
        let embedding = Vector(VectorVisitor.visit_seq(seq)?);
        Ok(Row(Some(Entry { embedding, ..Entry::default() })))
    }
}

/// A vector: a list of numbers, a list of one such list, or base64 of 32-bit floats, little-endian.
#[derive(Debug, Default, PartialEq)]
struct Vector(Vec<f32>);

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VectorVisitor).map(Vector)
    }
}

struct VectorVisitor;

impl<'de> Visitor<'de> for VectorVisitor {
    type Value = Vec<f32>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers, or base64")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Vec<f32>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<f32>, A::Error> {
        let mut vector = Vec::new();
        while let Some(element) = seq.next_element()? {
            match element {
                Element::Number(number) => vector.push(number),
                Element::List(list) if vector.is_empty() && seq.next_element::<de::IgnoredAny>()?.is_none() => {
                    return Ok(list);
                }
                Element::List(_) => return Err(de::Error::custom("a text has several vectors")),
            }
        }
        Ok(vector)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<f32>, E> {
        let bytes = STANDARD.decode(text.trim()).map_err(E::custom)?;
        let (floats, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(E::custom("the base64 of a vector has no whole number of floats"));
        }
        Ok(floats.iter().map(|float| f32::from_le_bytes(*float)).collect())
    }
}

/// An element of a vector.
enum Element {
    Number(f32),
    List(Vec<f32>),
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor)
    }
}

struct ElementVisitor;

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "vectors have 32-bit floats")]
impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Element, E> {
        Ok(Element::Number(number as f32))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Element, E> {
        Ok(Element::Number(number as f32))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Element, E> {
        Ok(Element::Number(number as f32))
    }

    fn visit_str<E: de::Error>(self, number: &str) -> Result<Element, E> {
        number
            .trim()
            .parse()
            .ok()
            .filter(|number: &f32| number.is_finite())
            .map(Element::Number)
            .ok_or_else(|| E::custom("a text is not a number"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Element, A::Error> {
        let mut list = Vec::new();
        while let Some(number) = seq.next_element()? {
            list.push(number);
        }
        Ok(Element::List(list))
    }
}

/// Reads the vectors for this many texts, in their order.
pub(crate) fn read(body: &str, texts: usize) -> Result<Vectors, Fault> {
    let fault = |error: serde_json::Error| match lenient::parse(body) {
        Ok(value) => no_vectors(value),
        Err(_) => Fault::not_json(body, &error),
    };
    let is_list = body.trim_start().starts_with('[');
    let answer = if is_list {
        lenient::parse(body).map(|embeddings| Answer { embeddings, ..Answer::default() })
    } else {
        lenient::parse(body)
    };
    let Answer { data, embeddings, embedding, error, object, usage, usage_metadata } = answer.map_err(fault)?;
    if error.as_ref().is_some_and(lenient::says_something) || object.as_deref() == Some("error") {
        return Err(Fault::Reported(lenient::parse(body).unwrap_or_default()));
    }
    let rows = data.0.into_iter().chain(embeddings.0).chain([embedding]).filter_map(|row| row.0);
    let entries = rows.flat_map(|mut entry| {
        let several = std::mem::take(&mut entry.float).0;
        let alone = several.is_empty().then_some(entry);
        several.into_iter().filter_map(|row| row.0).chain(alone)
    });
    let (mut indices, mut read) = (Vec::new(), Vec::new());
    for Entry { index, embedding, values, .. } in entries {
        indices.push(index);
        read.push(if embedding.0.is_empty() { values.0 } else { embedding.0 });
    }
    let count = read.len();
    let mut vectors: Vec<Option<Vec<f32>>> = vec![None; texts];
    for (place, vector) in places(&indices).into_iter().flatten().zip(read) {
        if let Some(free @ None) = vectors.get_mut(place)
            && !vector.is_empty()
        {
            *free = Some(vector);
        }
    }
    match vectors.into_iter().collect() {
        Some(vectors) if count == texts => {
            let tokens = [usage, usage_metadata].into_iter().find_map(|usage| usage.read()?.input());
            Ok(Vectors { vectors, tokens })
        }
        _ if count == 0 => Err(no_vectors(lenient::parse(body).unwrap_or_default())),
        _ => Err(Fault::NotAnAnswer(json!({ "embeddings": count, "texts": texts }))),
    }
}

/// Returns the place of each vector, by its index or else by its place in the answer. Some servers count all of a batch, so that an
/// answer begins at 1 or later, and some give one index to all. `None` if the order cannot be known, for some indices repeat.
fn places(indices: &[Option<u64>]) -> Option<Vec<usize>> {
    let least = indices.iter().flatten().min().copied();
    if indices.len() > 1 && least.is_some() && indices.iter().all(|index| *index == least) {
        return Some((0..indices.len()).collect());
    }
    // An index may be missing.
    let is_complete = indices.iter().all(Option::is_some);
    let first = least.filter(|_| is_complete).unwrap_or(0);
    let place =
        |(at, index): (usize, &Option<u64>)| index.map_or(Some(at), |index| usize::try_from(index - first).ok());
    let places: Vec<usize> = indices.iter().enumerate().map(place).collect::<Option<_>>()?;
    let mut seen = vec![false; places.len()];
    let is_order = places.iter().all(|place| seen.get_mut(*place).is_some_and(|seen| !std::mem::replace(seen, true)));
    is_order.then_some(places)
}

#[cold]
fn no_vectors(body: Value) -> Fault {
    Fault::NotAnAnswer(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_read_in_every_form() {
        for body in [
            r#"{"object":"list","data":[{"object":"embedding","index":1,"embedding":[3,4.5]},{"index":0,"embedding":[1.0,-2]}],"model":"m"}"#,
            r#"{"data":[{"embedding":[1,-2]},{"index":null,"embedding":[3,4.5]}],"error":null}"#,
            r#"{"data":[{"embedding":"AACAPwAAAMA="},{"embedding":"AABAQAAAkEA="}]}"#,
            r#"{"embeddings":[{"values":[1,-2]},{"values":[3,4.5]}]}"#,
            // Those of Ollama, Cohere, text-embeddings-inference, and llama.cpp.
            r#"{"model":"m","embeddings":[[1,-2],[3,4.5]],"total_duration":1}"#,
            r#"{"id":"1","embeddings":{"float":[[1,-2],[3,4.5]]},"texts":["a","b"]}"#,
            "[[1,-2],[3,4.5]]",
            r#"[{"index":0,"embedding":[[1,-2]]},{"index":1,"embedding":[[3,4.5]]}]"#,
            r#"{"data":[{"embedding":["1","-2.0"],"index":"0"},{"embedding":[3,4.5],"index":1.0}]}"#,
            // Indices of a batch, of which this is a part; and no indices at all, as a number.
            r#"{"data":[{"index":8,"embedding":[3,4.5]},{"index":7,"embedding":[1,-2]}]}"#,
            r#"{"data":[{"index":0,"embedding":[1,-2]},{"index":0,"embedding":[3,4.5]}]}"#,
        ] {
            let read = read(body, 2).map(|read| read.vectors);
            assert_eq!(read, Ok(vec![vec![1.0, -2.0], vec![3.0, 4.5]]), "{body}");
        }
        let one = Vectors { vectors: vec![vec![1.0]], tokens: None };
        assert_eq!(read(r#"{"embedding":{"values":[1]}}"#, 1), Ok(one));
    }

    #[test]
    fn tokens_are_read_in_every_form() {
        for (usage, tokens) in [
            (r#""usage":{"prompt_tokens":7,"total_tokens":7}"#, Some(7)),
            (r#""usage":{"prompt_tokens":7.0}"#, Some(7)),
            (r#""usage":{"total_tokens":8}"#, Some(8)),
            (r#""usageMetadata":{"promptTokenCount":9}"#, Some(9)),
            (r#""usage":null"#, None),
            (r#""usage":{}"#, None),
            (r#""usage":"many""#, None),
        ] {
            let body = format!(r#"{{"data":[{{"embedding":[1]}}],{usage}}}"#);
            assert_eq!(read(&body, 1).map(|read| read.tokens), Ok(tokens), "{body}");
        }
    }

    #[test]
    fn what_is_not_one_vector_for_each_text_is_a_fault() {
        for body in [
            r#"{"data":[{"embedding":[1]}]}"#,
            r#"{"data":[{"embedding":[1]},{"embedding":[]}]}"#,
            r#"{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}"#,
            r#"{"data":[{"index":1,"embedding":[1]},{"embedding":[1]}]}"#,
            r#"{"data":[{"embedding":[1]},{"embedding":["x"]}]}"#,
            r#"{"data":[{"embedding":[1]},{"embedding":[NaN]}]}"#,
            r#"{"data":[{"embedding":[1]},{"embedding":[null]}]}"#,
            r#"{"data":[{"embedding":[1]},{"embedding":[[1],[2]]}]}"#,
            r#"{"data":[]}"#,
            r#"{"hello":"world"}"#,
        ] {
            assert!(matches!(read(body, 2), Err(Fault::NotAnAnswer(_))), "{body}: {:?}", read(body, 2));
        }
        // Two of three are the same.
        let twice = r#"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[2]},{"index":1,"embedding":[3]}]}"#;
        assert!(matches!(read(twice, 3), Err(Fault::NotAnAnswer(_))));
        assert!(matches!(read(r#"{"error":"out of memory"}"#, 1), Err(Fault::Reported(_))));
        assert!(matches!(read(r#"{"data":[{"embe"#, 1), Err(Fault::NotJson { .. })));
    }
}
