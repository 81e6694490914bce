//! Images and files in a message.

use super::Fault;
use crate::{File, Image, Part};
use serde_json::Value;

/// Writes an image or a file, by the functions of a protocol. A file of the media type of an image is an image.
pub(crate) fn media(
    part: &Part,
    write_image: fn(&Image) -> Result<Value, Fault>,
    write_file: fn(&File) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    match part {
        Part::Image(image) => write_image(image),
        Part::File(file) => file.to_image().map_or_else(|| write_file(file), |image| write_image(&image)),
        _ => Err(Fault::Unsupported("the part is not an image or a file".to_owned())),
    }
}
