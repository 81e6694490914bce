//! Images and files that providers refuse, in their words.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::Problem;

fn refuse<T>(why: String) -> Result<T, Problem> {
    Err(Problem::Refused(why))
}

/// Returns the media type and whether the data is base64, of a URL such as `data:image/png;base64,..`.
fn data_url(url: &str) -> Option<(&str, bool)> {
    let (media_type, data) = url.strip_prefix("data:")?.split_once(";base64,")?;
    Some((media_type, !data.is_empty() && STANDARD.decode(data).is_ok()))
}

fn image_url(url: &str, place: &str) -> Result<(), Problem> {
    match data_url(url) {
        Some((media_type, true)) if media_type.starts_with("image/") => Ok(()),
        Some((media_type, true)) => {
            refuse(format!("Invalid MIME type. Only image types are supported: '{place}' is '{media_type}'."))
        }
        Some((_, false)) => refuse(format!("Invalid base64 image_url: '{place}'.")),
        None if url.starts_with("https://") || url.starts_with("http://") => Ok(()),
        None => refuse(format!("Invalid '{place}'. Expected a valid URL, but got a value with an invalid format.")),
    }
}

/// Checks a part of OpenAI's responses.
pub(super) fn openai_input(part: &Value, place: &str) -> Result<(), Problem> {
    let text = |key: &str| part[key].as_str();
    match text("type") {
        Some("input_image") => match (text("image_url"), text("file_id")) {
            (Some(url), _) => image_url(url, &format!("{place}.image_url")),
            (None, Some(_)) => Ok(()),
            (None, None) => refuse(format!("Missing required parameter: '{place}.image_url'.")),
        },
        Some("input_file") => match (text("file_data"), text("file_url"), text("file_id")) {
            (Some(data), None, None) => {
                if text("filename").is_none() {
                    return refuse(format!("Missing required parameter: '{place}.filename'."));
                }
                file_data(data, &format!("{place}.file_data"))
            }
            (None, Some(_), None) | (None, None, Some(_)) => Ok(()),
            (None, None, None) => refuse(format!("Missing required parameter: '{place}.file_id'.")),
            _ => {
                refuse(format!("Mutually exclusive parameters: '{place}'. Ensure you are only providing one of them."))
            }
        },
        _ => Ok(()),
    }
}

/// Checks a part of OpenAI's chat completions.
pub(super) fn openai_chat(part: &Value, role: &str, place: &str) -> Result<(), Problem> {
    let kind = part["type"].as_str().unwrap_or_default();
    let known: &[&str] = match role {
        "user" => &["text", "image_url", "input_audio", "file"],
        "assistant" => &["text", "refusal", "thinking"],
        _ => &["text"],
    };
    if !known.contains(&kind) {
        let quoted: Vec<String> = known.iter().map(|kind| format!("'{kind}'")).collect();
        let why = format!("'{kind}'. Supported values are: {}", quoted.join(", "));
        return Err(Problem::Invalid(place.to_owned(), why));
    }
    match kind {
        "image_url" => image_url(part["image_url"]["url"].as_str().unwrap_or_default(), &format!("{place}.image_url")),
        "input_audio" => {
            let audio = &part["input_audio"];
            let format = audio["format"].as_str().unwrap_or_default();
            if !["wav", "mp3"].contains(&format) {
                let why = format!("'{format}'. Supported values are: 'wav' and 'mp3'");
                return Err(Problem::Invalid(format!("{place}.input_audio.format"), why));
            }
            let data = audio["data"].as_str().unwrap_or_default();
            if data.is_empty() || STANDARD.decode(data).is_err() {
                return refuse(format!("Invalid '{place}.input_audio.data'. Expected valid base64."));
            }
            Ok(())
        }
        "file" => {
            let file = &part["file"];
            match (file["file_data"].as_str(), file["file_id"].as_str()) {
                (Some(data), None) if file["filename"].is_string() => {
                    file_data(data, &format!("{place}.file.file_data"))
                }
                (Some(_), None) => refuse(format!("Missing required parameter: '{place}.file.filename'.")),
                (None, Some(_)) => Ok(()),
                _ => refuse(format!("Missing required parameter: '{place}.file.file_id'.")),
            }
        }
        _ => Ok(()),
    }
}

fn file_data(data: &str, place: &str) -> Result<(), Problem> {
    match data_url(data) {
        Some((_, true)) => Ok(()),
        _ => refuse(format!(
            "Invalid '{place}'. Expected a base64-encoded data URL with a MIME type, but got a value without it."
        )),
    }
}

/// Checks a block of Anthropic's messages. `is_result` is whether it stands in the result of a tool.
pub(super) fn anthropic(block: &Value, is_model: bool, place: &str) -> Result<(), Problem> {
    let source = &block["source"];
    let text = |key: &str| source[key].as_str().unwrap_or_default();
    let kind = block["type"].as_str().unwrap_or_default();
    match kind {
        "image" | "document" if is_model => {
            refuse(format!("{place}: Input tag '{kind}' found using 'type' does not match any of the expected tags"))
        }
        "image" => match text("type") {
            "base64" => {
                let known = ["image/jpeg", "image/png", "image/gif", "image/webp"];
                if !known.contains(&text("media_type")) {
                    return refuse(format!(
                        "{place}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' \
                         or 'image/webp'"
                    ));
                }
                base64(text("data"), &format!("{place}.image.source.base64"))
            }
            "url" | "file" => Ok(()),
            other => {
                refuse(format!("{place}.image.source: Input tag '{other}' does not match any of the expected tags"))
            }
        },
        "document" => match text("type") {
            "base64" if text("media_type") != "application/pdf" => {
                refuse(format!("{place}.document.source.base64.media_type: Input should be 'application/pdf'"))
            }
            "base64" => base64(text("data"), &format!("{place}.document.source.base64")),
            "text" if text("media_type") != "text/plain" => {
                refuse(format!("{place}.document.source.text.media_type: Input should be 'text/plain'"))
            }
            "text" if text("data").is_empty() => {
                refuse(format!("{place}.document.source.text.data: String should have at least 1 character"))
            }
            "text" | "url" | "file" | "content" => Ok(()),
            other => {
                refuse(format!("{place}.document.source: Input tag '{other}' does not match any of the expected tags"))
            }
        },
        _ => Ok(()),
    }
}

fn base64(data: &str, place: &str) -> Result<(), Problem> {
    if data.is_empty() || STANDARD.decode(data).is_err() {
        return refuse(format!("{place}: invalid base64 data"));
    }
    Ok(())
}

/// Checks a part of Gemini's contents.
pub(super) fn gemini(part: &Value, place: &str) -> Result<(), Problem> {
    let inline = &part["inlineData"];
    if inline.is_object() {
        let data = inline["data"].as_str().unwrap_or_default();
        if data.is_empty() {
            return refuse(format!("* {place}.inline_data.data: required field is not set"));
        }
        if STANDARD.decode(data).is_err() {
            return refuse(format!("Invalid value at '{place}.inline_data.data' (TYPE_BYTES), Base64 decoding failed"));
        }
        let media_type = inline["mimeType"].as_str().unwrap_or_default();
        if !media_type.contains('/') || media_type == "application/octet-stream" {
            return refuse(format!("Unsupported MIME type: {media_type}"));
        }
    }
    if part["fileData"].is_object() && part["fileData"]["fileUri"].as_str().is_none_or(str::is_empty) {
        return refuse(format!("* {place}.file_data.file_uri: required field is not set"));
    }
    Ok(())
}
