use base64::{Engine, engine::general_purpose::STANDARD};
use catena::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, sync::Arc};

/// An image in a [`Message`](crate::Message), by URL or as bytes. A clone copies a pointer.
///
/// ```
/// use catena_llm::{Image, Message};
///
/// let question = Message::user("What is on these?")
///     .with_image(Image::url("https://example.com/cat.png"))
///     .with_image(Image::bytes("image/png", *b"\x89PNG\r\n\x1a\n.."));
/// assert_eq!(question.text(), "What is on these?");
/// ```
///
/// In JSON an image is a part of the message's content: `{"type": "image", "url": ".."}`, or
/// `{"type": "image", "media_type": "image/png", "data": ".."}` with the bytes in base64.
///
/// Not every provider accepts every image. An image that the protocol has no place for fails the call with
/// [`ErrorKind::BadInput`] before the request is sent.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Image(Source);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Source {
    Url(Arc<str>),
    Bytes { media_type: Arc<str>, data: Arc<[u8]> },
}

impl Image {
    /// Creates an image that the provider fetches from a URL, or knows by an earlier upload. A `data:` URL in base64 is
    /// an image of its bytes.
    ///
    /// ```
    /// use catena_llm::Image;
    ///
    /// let image = Image::url("data:image/png;base64,cG5n");
    /// assert_eq!(image.as_bytes(), Some(("image/png", &b"png"[..])));
    /// assert_eq!(image.to_url(), "data:image/png;base64,cG5n");
    /// ```
    pub fn url(url: impl Into<Arc<str>>) -> Self {
        let url = url.into();
        let inline = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
        let bytes = inline.and_then(|(media_type, data)| Some((media_type, STANDARD.decode(data).ok()?)));
        match bytes {
            Some((media_type, data)) => Image::bytes(media_type, data),
            None => Image(Source::Url(url)),
        }
    }

    /// Creates an image whose bytes are part of the request. The media type is `image/png`, `image/jpeg`, `image/webp`
    /// or `image/gif`.
    pub fn bytes(media_type: impl Into<Arc<str>>, data: impl Into<Arc<[u8]>>) -> Self {
        Image(Source::Bytes { media_type: media_type.into(), data: data.into() })
    }

    /// Returns the URL, or `None` if the image has bytes.
    pub fn as_url(&self) -> Option<&str> {
        match &self.0 {
            Source::Url(url) => Some(url),
            Source::Bytes { .. } => None,
        }
    }

    /// Returns the media type and the bytes, or `None` if the image has a URL.
    pub fn as_bytes(&self) -> Option<(&str, &[u8])> {
        match &self.0 {
            Source::Url(_) => None,
            Source::Bytes { media_type, data } => Some((media_type, data)),
        }
    }

    /// Returns the URL, which is a `data:` URL in base64 if the image has bytes.
    pub fn to_url(&self) -> Cow<'_, str> {
        match &self.0 {
            Source::Url(url) => Cow::Borrowed(url),
            Source::Bytes { media_type, data } => format!("data:{media_type};base64,{}", STANDARD.encode(data)).into(),
        }
    }

    /// Returns the bytes in base64, or `None` if the image has a URL.
    #[cfg(feature = "providers")]
    pub(crate) fn base64(&self) -> Option<String> {
        self.as_bytes().map(|(_, data)| STANDARD.encode(data))
    }
}

/// Omits the bytes.
impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Url(url) => f.debug_tuple("Image").field(url).finish(),
            Source::Bytes { media_type, data } => {
                write!(f, "Image({media_type}, {} bytes)", data.len())
            }
        }
    }
}

/// The JSON form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wire {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<String>,
}

impl From<Image> for Wire {
    fn from(Image(source): Image) -> Self {
        match source {
            Source::Url(url) => Wire { url: Some((*url).to_owned()), media_type: None, data: None },
            Source::Bytes { media_type, data } => {
                Wire { url: None, media_type: Some((*media_type).to_owned()), data: Some(STANDARD.encode(data)) }
            }
        }
    }
}

impl TryFrom<Wire> for Image {
    type Error = Error;

    fn try_from(wire: Wire) -> Result<Self> {
        let wrong = |message: String| Error::new(ErrorKind::BadInput, message);
        match wire {
            Wire { url: Some(url), media_type: None, data: None } => Ok(Image::url(url)),
            Wire { url: None, media_type: Some(media_type), data: Some(data) } => {
                let data = STANDARD
                    .decode(data)
                    .map_err(|error| wrong(format!("the image's `data` is not base64: {error}")).with_source(error))?;
                Ok(Image::bytes(media_type, data))
            }
            _ => Err(wrong("an image has either a `url`, or `media_type` and `data`".to_owned())),
        }
    }
}

impl Serialize for Image {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        Wire::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Image {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        wire.try_into().map_err(|error: Error| serde::de::Error::custom(error.message()))
    }
}
