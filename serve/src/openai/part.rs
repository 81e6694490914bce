//! The parts of messages, as both protocols write them.

use crate::failure::Failure;
use catena_llm::{Image, Part};
use serde_json::Value;

/// Reads a part: a text, or an image.
pub(crate) fn part(json: &Value, place: &str) -> Result<Part, Failure> {
    let text = |name: &str| json[name].as_str().map(|text| Part::Text(text.to_owned()));
    let read = match json["type"].as_str() {
        Some("text" | "input_text" | "output_text") => text("text"),
        Some("refusal") => text("refusal"),
        Some("image_url" | "input_image") => {
            let url = json["image_url"].as_str().or_else(|| json["image_url"]["url"].as_str());
            url.map(|url| image(url, place)).transpose()?
        }
        _ => None,
    };
    read.ok_or_else(|| Failure::bad_request("this part is neither text nor an image").at(place))
}

/// Reads an image by its URL, which may have the bytes in it.
pub(crate) fn image(url: &str, place: &str) -> Result<Part, Failure> {
    let image = Image::url(url);
    match image.as_url() {
        Some("") => Err(Failure::bad_request("the image has no URL").at(place)),
        Some(url) if url.starts_with("data:") => {
            Err(Failure::bad_request("the image is not in base64: `data:image/png;base64,..`").at(place))
        }
        _ => Ok(Part::Image(image)),
    }
}
