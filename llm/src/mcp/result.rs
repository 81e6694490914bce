//! The results of a server's tools.

use crate::{File, Image, ToolContent};
use base64::{Engine, engine::general_purpose::STANDARD};
use catena::{Error, Result};
use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};
use serde_json::Value;

/// Returns the content for a model. A result with `isError` is an error.
pub(super) fn content(result: CallToolResult, text_only: bool) -> Result<ToolContent> {
    let failed = result.is_error.unwrap_or_default();
    let mut out = Out { texts: Vec::new(), content: ToolContent::default(), text_only: text_only || failed };
    let mut says = Vec::new();
    for block in result.content {
        if let ContentBlock::Text(text) = &block {
            says.extend(serde_json::from_str::<Value>(&text.text).ok());
        }
        out.block(block);
    }
    if let Some(value) = result.structured_content.filter(|value| !says.contains(value)) {
        out.texts.push(value.to_string());
    }
    let Out { texts, mut content, .. } = out;
    content.text = texts.join("\n");
    if failed {
        let text = if content.text.is_empty() { "the tool failed without a reason".to_owned() } else { content.text };
        return Err(Error::msg(text));
    }
    if content.text.is_empty() && content.parts.is_empty() {
        content.text.push_str("done");
    }
    Ok(content)
}

struct Out {
    texts: Vec<String>,
    content: ToolContent,
    text_only: bool,
}

impl Out {
    fn block(&mut self, block: ContentBlock) {
        match block {
            ContentBlock::Text(text) => self.texts.push(text.text),
            ContentBlock::Image(image) => self.data(&image.mime_type, &image.data, None),
            ContentBlock::Audio(audio) => self.data(&audio.mime_type, &audio.data, None),
            ContentBlock::Resource(embedded) => match embedded.resource {
                ResourceContents::TextResourceContents { uri, text, .. } => self.texts.push(format!("{uri}:\n{text}")),
                ResourceContents::BlobResourceContents { uri, mime_type, blob, .. } => {
                    self.data(mime_type.as_deref().unwrap_or("application/octet-stream"), &blob, Some(&uri));
                }
                #[allow(unreachable_patterns, reason = "there may be more of them in a later version")]
                _ => self.texts.push("[a resource that cannot be shown]".to_owned()),
            },
            ContentBlock::ResourceLink(link) => {
                let about = link.description.map(|about| format!(": {about}")).unwrap_or_default();
                self.texts.push(format!("[resource {} ({}){about}]", link.uri, link.name));
            }
            other => self.texts.push(serde_json::to_string(&other).unwrap_or_default()),
        }
    }

    /// Adds data as an image or a PDF, or else a line about it.
    fn data(&mut self, media_type: &str, base64: &str, uri: Option<&str>) {
        let at = uri.map(|uri| format!(" at {uri}")).unwrap_or_default();
        let image = matches!(media_type, "image/png" | "image/jpeg" | "image/gif" | "image/webp");
        let shown = !self.text_only && (image || media_type == "application/pdf");
        match STANDARD.decode(base64.trim()) {
            Err(error) => self.texts.push(format!("[{media_type}{at}, which is not base64: {error}]")),
            Ok(data) if !shown => self.texts.push(format!("[{media_type}{at}, {} bytes, not shown]", data.len())),
            Ok(data) if image => self.content.parts.push(crate::Part::Image(Image::bytes(media_type, data))),
            Ok(data) => self.content.parts.push(crate::Part::File(File::pdf(data))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rmcp::model::Resource;
    use serde_json::json;

    fn read(result: CallToolResult) -> ToolContent {
        content(result, false).unwrap()
    }

    #[test]
    fn structured_content_is_not_said_twice() {
        let value = json!({ "celsius": 21 });
        assert_eq!(read(CallToolResult::structured(value.clone())).text(), r#"{"celsius":21}"#);
        let mut both = CallToolResult::success(vec![ContentBlock::text("It is warm.")]);
        both.structured_content = Some(value);
        assert_eq!(read(both).text(), "It is warm.\n{\"celsius\":21}");
    }

    #[test]
    fn images_are_images_and_other_data_is_described() {
        let result = CallToolResult::success(vec![
            ContentBlock::text("Look:"),
            ContentBlock::image("aGk=", "image/png"),
            ContentBlock::image("<svg>", "image/svg+xml"),
            ContentBlock::audio("aGk=", "audio/wav"),
            ContentBlock::resource_link(Resource::new("file:///a.txt", "a.txt")),
            ContentBlock::embedded_text("file:///b.txt", "B"),
        ]);
        let content = read(result.clone());
        assert_eq!(content.parts(), [crate::Part::Image(Image::bytes("image/png", *b"hi"))]);
        let text = content.text();
        assert!(text.starts_with("Look:\n[image/svg+xml, which is not base64: "), "{text}");
        assert!(
            text.contains("\n[audio/wav, 2 bytes, not shown]\n[resource file:///a.txt (a.txt)]\nfile:///b.txt:\nB"),
            "{text}"
        );
        let text_only = super::content(result, true).unwrap();
        assert!(text_only.parts().is_empty() && text_only.text().contains("[image/png, 2 bytes, not shown]"));
    }

    #[test]
    fn an_error_is_an_error_and_nothing_is_done() {
        let error = content(CallToolResult::error(vec![ContentBlock::text("no such file")]), false).unwrap_err();
        assert_eq!(error.message(), "no such file");
        assert_eq!(
            content(CallToolResult::error(vec![]), false).unwrap_err().message(),
            "the tool failed without a reason"
        );
        assert_eq!(read(CallToolResult::success(vec![])).text(), "done");
    }
}
