//! Files in messages: documents, audio, and others.

use base64::{Engine, engine::general_purpose::STANDARD};
use catena::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// A file in a message, such as a PDF or a recording. A clone copies pointers.
///
/// ```
/// use catena_llm::{File, Message};
///
/// # fn read() -> Vec<u8> { b"%PDF-1.7".to_vec() }
/// let asked = Message::user("What does it say?").with_file(File::pdf(read()).named("report.pdf"));
/// assert_eq!(asked.parts().len(), 2);
/// ```
///
/// # Providers
/// A file that a provider's protocol cannot take is an error of the kind [`BadInput`](catena::ErrorKind::BadInput),
/// before anything is sent:
///
/// | | OpenAI chat | OpenAI responses | Anthropic | Gemini |
/// |---|---|---|---|---|
/// | PDF by its bytes | yes | yes | yes | yes |
/// | text by its bytes | yes | yes | yes | yes |
/// | audio by its bytes | WAV, MP3 | no | no | yes |
/// | other types by their bytes | yes | yes | no | yes |
/// | by URL | no | yes | PDF | yes |
/// | by the id of an upload | yes | yes | yes | no: by its URL |
/// | in the result of a tool | no | yes | yes | PDF and text, from Gemini 3 on |
///
/// Uploads to Anthropic need a header of each request, `anthropic-beta: files-api-2025-04-14`; see
/// [`ModelBuilder::header`](crate::ModelBuilder::header). A model may refuse a type that its protocol takes. A file of
/// the type of an image is sent as an [`Image`](crate::Image).
///
/// In JSON it has `media_type`, optionally `name`, and one of `data` (in base64), `url` and `id`.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    media_type: Arc<str>,
    name: Option<Arc<str>>,
    source: Source,
}

#[derive(Clone, PartialEq, Eq)]
enum Source {
    Bytes(Arc<[u8]>),
    Url(Arc<str>),
    Id(Arc<str>),
}

impl File {
    /// Creates a file whose bytes are part of the request, such as `audio/wav` or `text/csv`.
    pub fn bytes(media_type: impl AsRef<str>, data: impl Into<Arc<[u8]>>) -> Self {
        File::new(media_type.as_ref(), Source::Bytes(data.into()))
    }

    /// Creates a PDF whose bytes are part of the request.
    pub fn pdf(data: impl Into<Arc<[u8]>>) -> Self {
        File::bytes("application/pdf", data)
    }

    /// Creates a file that the provider fetches from a URL.
    pub fn url(media_type: impl AsRef<str>, url: impl Into<Arc<str>>) -> Self {
        File::new(media_type.as_ref(), Source::Url(url.into()))
    }

    /// Creates a file that was uploaded to the provider, by the id that the provider gave it.
    pub fn uploaded(media_type: impl AsRef<str>, id: impl Into<Arc<str>>) -> Self {
        File::new(media_type.as_ref(), Source::Id(id.into()))
    }

    fn new(media_type: &str, source: Source) -> Self {
        File { media_type: media_type.trim().to_ascii_lowercase().into(), name: None, source }
    }

    /// Sets the name of the file, which the model may see.
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Returns the media type in lower case, such as `application/pdf`.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// Returns the name of the file, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the bytes, or `None` if the file has a URL or an id.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.source {
            Source::Bytes(data) => Some(data),
            _ => None,
        }
    }

    /// Returns the URL, or `None` if the file has bytes or an id.
    pub fn as_url(&self) -> Option<&str> {
        match &self.source {
            Source::Url(url) => Some(url),
            _ => None,
        }
    }

    /// Returns the provider's id of the file, or `None` if the file has bytes or a URL.
    pub fn as_id(&self) -> Option<&str> {
        match &self.source {
            Source::Id(id) => Some(id),
            _ => None,
        }
    }

    /// Returns whether the media type is that of a text.
    pub(crate) fn is_text(&self) -> bool {
        let subtype = self.media_type.strip_prefix("application/").unwrap_or_default();
        self.media_type.starts_with("text/")
            || matches!(subtype, "json" | "xml" | "yaml" | "toml" | "javascript" | "x-ndjson")
    }

    /// Returns whether the media type is that of audio.
    pub(crate) fn is_audio(&self) -> bool {
        self.media_type.starts_with("audio/")
    }
}

#[cfg(feature = "providers")]
impl File {
    pub(crate) fn is_pdf(&self) -> bool {
        &*self.media_type == "application/pdf"
    }

    /// Returns the image, if the file is one with bytes or a URL.
    pub(crate) fn to_image(&self) -> Option<super::Image> {
        if !self.media_type.starts_with("image/") {
            return None;
        }
        match &self.source {
            Source::Bytes(data) => Some(super::Image::bytes(Arc::clone(&self.media_type), Arc::clone(data))),
            Source::Url(url) => Some(super::Image::url(Arc::clone(url))),
            Source::Id(_) => None,
        }
    }

    /// Returns the bytes in base64, or `None` if the file has a URL or an id.
    pub(crate) fn base64(&self) -> Option<String> {
        self.as_bytes().map(|data| STANDARD.encode(data))
    }

    /// Returns a URL that has the bytes in it, or `None` if the file has a URL or an id.
    pub(crate) fn data_url(&self) -> Option<String> {
        self.base64().map(|data| format!("data:{};base64,{data}", self.media_type))
    }

    /// Returns the name, or one made of the media type.
    pub(crate) fn name_or_default(&self) -> String {
        let ending = match &*self.media_type {
            "text/plain" => "txt",
            "text/markdown" => "md",
            other => other.rsplit(['/', '+', '.']).next().unwrap_or("bin"),
        };
        self.name().map_or_else(|| format!("file.{ending}"), str::to_owned)
    }
}

/// Omits the bytes.
impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("File");
        out.field("media_type", &self.media_type);
        if let Some(name) = &self.name {
            out.field("name", name);
        }
        match &self.source {
            Source::Bytes(data) => out.field("bytes", &data.len()),
            Source::Url(url) => out.field("url", url),
            Source::Id(id) => out.field("id", id),
        };
        out.finish()
    }
}

/// The JSON form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

impl TryFrom<Wire> for File {
    type Error = Error;

    fn try_from(wire: Wire) -> Result<Self> {
        let wrong = |message: String| Error::new(ErrorKind::BadInput, message);
        let source = match (wire.data, wire.url, wire.id) {
            (Some(data), None, None) => {
                let data = STANDARD.decode(data).map_err(|error| {
                    wrong(format!("the `data` of the file is not base64: {error}")).with_source(error)
                })?;
                Source::Bytes(data.into())
            }
            (None, Some(url), None) => Source::Url(url.into()),
            (None, None, Some(id)) => Source::Id(id.into()),
            _ => return Err(wrong("a file has one of `data`, `url` and `id`".to_owned())),
        };
        Ok(File { name: wire.name.map(Into::into), ..File::new(&wire.media_type, source) })
    }
}

impl Serialize for File {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let text = |text: &Arc<str>| Some((**text).to_owned());
        let mut wire = Wire {
            media_type: (*self.media_type).to_owned(),
            name: self.name.as_ref().and_then(text),
            data: None,
            url: None,
            id: None,
        };
        match &self.source {
            Source::Bytes(data) => wire.data = Some(STANDARD.encode(data)),
            Source::Url(url) => wire.url = text(url),
            Source::Id(id) => wire.id = text(id),
        }
        wire.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        wire.try_into().map_err(|error: Error| serde::de::Error::custom(error.message()))
    }
}
