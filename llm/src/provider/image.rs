//! Images in the form of each provider.

use super::kind::Kind;
use crate::{Image, Messages, Part, Role};
use catena::{Error, ErrorKind, Result};
use genai::chat::{Binary, ContentPart};

/// Converts an image to the client's type.
pub(super) fn content(image: &Image) -> ContentPart {
    ContentPart::Binary(match (image.as_bytes(), image.base64(), image.as_url()) {
        (Some((media_type, _)), Some(data), _) => Binary::from_base64(media_type, data, None),
        (.., url) => {
            let url = url.unwrap_or_default();
            Binary::from_url(media_type(url), url, None)
        }
    })
}

/// Returns the media type of an image by URL, guessed from its extension; any image type if that is unknown. Only
/// Gemini uses it.
fn media_type(url: &str) -> &'static str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "heif" => "image/heif",
        _ => "image/*",
    }
}

/// Checks that the provider accepts the images, because the client silently omits others.
pub(super) fn check(kind: Kind, messages: &Messages) -> Result<()> {
    let wrong = |message: String| Err(Error::new(ErrorKind::BadInput, message));
    for (at, message) in messages.iter().enumerate() {
        for part in message.parts() {
            let Part::Image(image) = part else { continue };
            if *message.role() != Role::User {
                let role = message.role();
                return wrong(format!(
                    "message {} has an image, and is of the role `{role}`: only the user's may have one",
                    at + 1
                ));
            }
            match image.as_bytes() {
                Some((media_type, _)) if !media_type.trim().to_ascii_lowercase().starts_with("image/") => {
                    return wrong(format!(
                        "message {} has an image of the media type `{media_type}`, which is not that of an image",
                        at + 1
                    ));
                }
                Some((_, [])) => return wrong(format!("message {} has an image without bytes", at + 1)),
                None if kind == Kind::Anthropic => {
                    return wrong(format!(
                        "message {} has an image by URL, which cannot be sent to {}: give its bytes, by `Image::bytes`",
                        at + 1,
                        kind.title()
                    ));
                }
                _ => {}
            }
        }
    }
    Ok(())
}
