//! The images and files that each protocol takes, checked before anything is sent.

use super::protocol::Protocol;
use crate::{File, Image, Messages, Part, Role, wire::openai_chat::audio_format};
use catena::{Error, ErrorKind, Result};

/// Checks that the protocol takes the images and files. `title` is what errors call the provider.
pub(super) fn check(protocol: Protocol, title: &str, messages: &Messages) -> Result<()> {
    for (at, message) in messages.iter().enumerate() {
        let mut has_result = false;
        for part in message.parts() {
            let (noun, checked) = match part {
                Part::Image(image) => ("an image", check_image(image)),
                Part::File(file) => ("a file", check_file(protocol, title, file)),
                Part::ToolResult { .. } => {
                    has_result = true;
                    continue;
                }
                _ => continue,
            };
            let placed = match message.role() {
                Role::User => Ok(()),
                Role::Tool if has_result => check_result(protocol, title, part),
                // An image that the model made.
                Role::Assistant if protocol.makes_images() && matches!(part, Part::Image(_)) => Ok(()),
                role => Err(format!(", and is of the role `{role}`: only the user's may have one")),
            };
            if let Err(why) = placed.and(checked) {
                return Err(Error::new(ErrorKind::BadInput, format!("message {} has {noun}{why}", at + 1)));
            }
        }
    }
    Ok(())
}

fn check_image(image: &Image) -> Result<(), String> {
    match image.as_bytes() {
        Some((media_type, _)) if !media_type.trim().to_ascii_lowercase().starts_with("image/") => {
            Err(format!(" of the media type `{media_type}`, which is not that of an image"))
        }
        Some((_, [])) => Err(" without bytes".to_owned()),
        _ => Ok(()),
    }
}

/// Checks an image or a file in the result of a tool.
fn check_result(protocol: Protocol, title: &str, part: &Part) -> Result<(), String> {
    match (protocol, part) {
        (Protocol::OpenAiChat { .. }, _) => Err(format!(
            " in the result of a tool, which cannot be sent to {title} by chat completions: OpenAI's responses take \
             it, see `openai_responses`"
        )),
        (Protocol::Gemini, Part::File(file)) if file.as_bytes().is_none() || file.is_audio() => {
            Err(format!(" in the result of a tool, of which {title} takes images, PDF and text by their bytes"))
        }
        _ => Ok(()),
    }
}

fn check_file(protocol: Protocol, title: &str, file: &File) -> Result<(), String> {
    let media_type = file.media_type();
    if media_type.split_once('/').is_none_or(|(kind, rest)| kind.is_empty() || rest.is_empty()) {
        return Err(format!(" of the media type `{media_type}`, which is none"));
    }
    if file.as_bytes().is_some_and(<[u8]>::is_empty) {
        return Err(" without bytes".to_owned());
    }
    if file.to_image().is_some() {
        return Ok(());
    }
    let (is_bytes, is_url, is_id) = (file.as_bytes().is_some(), file.as_url().is_some(), file.as_id().is_some());
    let cannot = |cure: &str| Err(format!(" of the media type `{media_type}`, which cannot be sent to {title}{cure}"));
    match protocol {
        Protocol::OpenAiChat { .. } if is_url => {
            Err(format!(" by URL, which cannot be sent to {title}: give its bytes, or upload it"))
        }
        Protocol::OpenAiChat { .. } if file.is_audio() && is_bytes && audio_format(media_type).is_none() => {
            cannot(": WAV and MP3 can")
        }
        Protocol::OpenAiChat { .. } if media_type.starts_with("image/") => {
            cannot(" by the id of an upload: give its bytes")
        }
        Protocol::OpenAiResponses if file.is_audio() => cannot(" by OpenAI's responses: chat completions take it"),
        Protocol::Anthropic(_) if is_id && (file.is_pdf() || file.is_text() || media_type.starts_with("image/")) => {
            Ok(())
        }
        Protocol::Anthropic(_) if is_url && !file.is_pdf() => cannot(" by URL: give its bytes"),
        Protocol::Anthropic(_)
            if file.is_text() && file.as_bytes().is_some_and(|data| std::str::from_utf8(data).is_err()) =>
        {
            Err(" that is a text, but not in UTF-8".to_owned())
        }
        Protocol::Anthropic(_) if !file.is_pdf() && !file.is_text() => cannot(": PDF and text can"),
        Protocol::Gemini if is_id => Err(format!(
            " by the id of an upload, which cannot be sent to {title}: give the URL of the upload, by `File::url`"
        )),
        _ => Ok(()),
    }
}
