//! Files in messages, and images and files in the results of tools: what each provider receives, and what is refused.

use catena::{ErrorKind, RunnableExt};
use catena_llm::{
    Agent, File, Image, Message, Messages, ModelBuilder, Part, ToolCall, ToolContent, anthropic, gemini, gemini_openai,
    openai, openai_responses,
    simulator::{Answer, Provider, Simulator},
    tool, tools,
};
use serde_json::{Value, json};

fn builder(sim: &Simulator, provider: Provider, model: &str) -> ModelBuilder {
    let builder = match provider {
        Provider::OpenAi => openai(model),
        Provider::OpenAiResponses => openai_responses(model),
        Provider::Anthropic => anthropic(model),
        Provider::Gemini => gemini(model),
        _ => gemini_openai(model),
    };
    builder.base_url(sim.base_url(provider)).api_key("k-123456")
}

fn sent(sim: &Simulator) -> Value {
    sim.requests().pop().unwrap().request.body
}

fn pdf() -> File {
    File::pdf(*b"%PDF").named("report.pdf")
}

const PDF: &str = "JVBERg==";

#[tokio::test]
async fn files_are_sent_as_each_provider_takes_them() {
    use Provider::{Anthropic, Gemini, OpenAi, OpenAiResponses};
    let sim = Simulator::start().await.unwrap();
    let text = File::bytes("text/csv", *b"a,b");
    let wav = File::bytes("audio/wav", *b"RIFF");
    let web = File::url("application/pdf", "https://example.com/a.pdf");
    let upload = File::uploaded("application/pdf", "file-1");
    let data = |kind: &str, data: &str| format!("data:{kind};base64,{data}");
    for (provider, model, place, file, wanted) in [
        (
            OpenAi,
            "gpt-4o",
            "/messages/0/content/1",
            pdf(),
            json!({"type": "file", "file": {"filename": "report.pdf", "file_data": data("application/pdf", PDF)}}),
        ),
        (
            OpenAi,
            "gpt-4o-audio-preview",
            "/messages/0/content/1",
            wav.clone(),
            json!({"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}),
        ),
        (
            OpenAi,
            "gpt-4o",
            "/messages/0/content/1",
            upload.clone(),
            json!({"type": "file", "file": {"file_id": "file-1"}}),
        ),
        (
            OpenAiResponses,
            "gpt-5",
            "/input/0/content/1",
            pdf(),
            json!({"type": "input_file", "filename": "report.pdf", "file_data": data("application/pdf", PDF)}),
        ),
        (
            OpenAiResponses,
            "gpt-5",
            "/input/0/content/1",
            web.clone(),
            json!({"type": "input_file", "file_url": "https://example.com/a.pdf"}),
        ),
        (
            OpenAiResponses,
            "gpt-5",
            "/input/0/content/1",
            upload.clone(),
            json!({"type": "input_file", "file_id": "file-1"}),
        ),
        (
            Anthropic,
            "claude-sonnet-4-5",
            "/messages/0/content/1",
            pdf(),
            json!({
                "type": "document", "title": "report.pdf",
                "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
            }),
        ),
        (
            Anthropic,
            "claude-sonnet-4-5",
            "/messages/0/content/1",
            text.clone(),
            json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a,b"}}),
        ),
        (
            Anthropic,
            "claude-sonnet-4-5",
            "/messages/0/content/1",
            web.clone(),
            json!({"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}}),
        ),
        (
            Anthropic,
            "claude-sonnet-4-5",
            "/messages/0/content/1",
            File::uploaded("image/png", "file-2"),
            json!({"type": "image", "source": {"type": "file", "file_id": "file-2"}}),
        ),
        (
            Gemini,
            "gemini-2.5-flash",
            "/contents/0/parts/1",
            wav.clone(),
            json!({"inlineData": {"mimeType": "audio/wav", "data": "UklGRg=="}}),
        ),
        (
            Gemini,
            "gemini-2.5-flash",
            "/contents/0/parts/1",
            web.clone(),
            json!({"fileData": {"mimeType": "application/pdf", "fileUri": "https://example.com/a.pdf"}}),
        ),
    ] {
        let model = builder(&sim, provider, model).build().unwrap();
        model.invoke(Message::user("What does it say?").with_file(file)).await.unwrap();
        assert_eq!(sent(&sim).pointer(place), Some(&wanted), "{provider}: {}", sent(&sim));
    }
}

#[tokio::test]
async fn files_that_a_protocol_cannot_take_are_errors_before_anything_is_sent() {
    use Provider::{Anthropic, Gemini, OpenAi, OpenAiResponses};
    let sim = Simulator::start().await.unwrap();
    let wav = File::bytes("audio/wav", *b"RIFF");
    let web = File::url("application/pdf", "https://example.com/a.pdf");
    for (provider, model, file, said) in [
        (OpenAi, "gpt-4o", web, "by URL, which cannot be sent to OpenAI: give its bytes"),
        (OpenAi, "gpt-4o", File::bytes("audio/ogg", *b"Oggs"), "WAV and MP3 can"),
        (OpenAiResponses, "gpt-5", wav.clone(), "chat completions take it"),
        (Anthropic, "claude-sonnet-4-5", wav, "`audio/wav`, which cannot be sent to Anthropic: PDF and text can"),
        (Anthropic, "claude-sonnet-4-5", File::bytes("text/plain", [0xff]), "not in UTF-8"),
        (Anthropic, "claude-sonnet-4-5", File::url("text/plain", "https://example.com/a.txt"), "give its bytes"),
        (Gemini, "gemini-2.5-flash", File::uploaded("application/pdf", "files/a"), "by `File::url`"),
        (Gemini, "gemini-2.5-flash", File::pdf([]), "without bytes"),
        (OpenAi, "gpt-4o", File::bytes("pdf", *b"x"), "of the media type `pdf`, which is none"),
    ] {
        let model = builder(&sim, provider, model).build().unwrap();
        let error = model.invoke(Message::user("?").with_file(file.clone())).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput, "{error}");
        assert!(error.message().contains(said), "{provider} {file:?}: {error}");
        assert!(error.message().starts_with("message 1 has a file"), "{error}");
    }
    assert!(sim.requests().is_empty());
}

/// A picture of a page.
#[tool]
fn screenshot() -> ToolContent {
    ToolContent::new("The page.").with_image(Image::bytes("image/png", *b"\x89PNG")).with_file(pdf())
}

#[tokio::test]
async fn an_agent_shows_the_pictures_and_files_of_its_tools() {
    use Provider::{Anthropic, Gemini, OpenAiResponses};
    let sim = Simulator::start().await.unwrap();
    let png = "iVBORw==";
    let inline = |kind: &str, data: &str| json!({"inlineData": {"mimeType": kind, "data": data}});
    for (provider, name, place, wanted) in [
        (
            Anthropic,
            "claude-sonnet-4-5",
            "/messages/2/content/0/content",
            json!([
                {"type": "text", "text": "The page."},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": png}},
                {
                    "type": "document", "title": "report.pdf",
                    "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
                },
            ]),
        ),
        (
            OpenAiResponses,
            "gpt-5",
            "/input/2/output",
            json!([
                {"type": "input_text", "text": "The page."},
                {"type": "input_image", "image_url": format!("data:image/png;base64,{png}")},
                {
                    "type": "input_file", "filename": "report.pdf",
                    "file_data": format!("data:application/pdf;base64,{PDF}"),
                },
            ]),
        ),
        (
            Gemini,
            "gemini-3-pro-preview",
            "/contents/2/parts/0/functionResponse/parts",
            json!([inline("image/png", png), inline("application/pdf", PDF)]),
        ),
        // Models before Gemini 3 get them in the user's turn after the result.
        (
            Gemini,
            "gemini-2.5-flash",
            "/contents/3/parts",
            json!([inline("image/png", png), inline("application/pdf", PDF)]),
        ),
    ] {
        sim.script(provider).answer(Answer::new("").tool_call("screenshot", json!({}))).answer("Seen.");
        let model = builder(&sim, provider, name).build().unwrap();
        let agent = Agent::new(model).tools(tools![screenshot].unwrap());
        let said = agent.invoke("Look.").await.unwrap_or_else(|error| panic!("{provider} {name}: {error}"));
        assert_eq!(said.answer.text(), "Seen.");
        assert_eq!(sent(&sim).pointer(place), Some(&wanted), "{provider}: {:#}", sent(&sim));
    }
    // Chat completions take text alone in a result.
    let model = builder(&sim, Provider::OpenAi, "gpt-4o").build().unwrap();
    sim.script(Provider::OpenAi).answer(Answer::new("").tool_call("screenshot", json!({})));
    let error = Agent::new(model).tools(tools![screenshot].unwrap()).invoke("Look.").await.unwrap_err();
    assert!(error.message().contains("in the result of a tool, which cannot be sent to OpenAI"), "{error}");
    assert_eq!(sim.requests_for(Provider::OpenAi).len(), 1);
}

#[test]
fn files_survive_being_stored() {
    let call = ToolCall::new("1", "screenshot", "{}");
    let conversation = Messages::from([
        Message::user("Compare.").with_file(pdf()).with_file(File::url("audio/wav", "https://example.com/a.wav")),
        Message::assistant("").with_tool_call(call),
        Message::tool("1", "The page.")
            .with_image(Image::bytes("image/png", *b"x"))
            .with_file(File::uploaded("text/csv", "f")),
    ]);
    let stored = serde_json::to_string(&conversation).unwrap();
    assert_eq!(serde_json::from_str::<Messages>(&stored).unwrap(), conversation);
    let written: Value = serde_json::from_str(&stored).unwrap();
    let file = json!({"type": "file", "media_type": "application/pdf", "name": "report.pdf", "data": PDF});
    assert_eq!(written[0]["content"][1], file);

    for (wrong, said) in [
        (json!({"type": "file", "media_type": "a/b"}), "one of `data`, `url` and `id`"),
        (json!({"type": "file", "media_type": "a/b", "url": "u", "id": "i"}), "one of `data`, `url` and `id`"),
        (json!({"type": "file", "media_type": "a/b", "data": "?"}), "not base64"),
    ] {
        let error = serde_json::from_value::<Part>(wrong).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
    // The bytes are not printed.
    assert_eq!(format!("{:?}", pdf()), r#"File { media_type: "application/pdf", name: "report.pdf", bytes: 4 }"#);
}
