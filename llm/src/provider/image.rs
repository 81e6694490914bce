//! The images that each provider accepts.

use super::kind::Kind;
use crate::{Messages, Part, Role};
use catena::{Error, ErrorKind, Result};

/// Checks that the provider accepts the images.
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
