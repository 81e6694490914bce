//! A model that tells how it is set up, as those of `catena-llm` do.

use catena::{Context, Details, Extent, Kind, Node, Result, prelude::*};

/// What a router takes.
#[derive(Clone, Record)]
pub(crate) struct Routed {
    pub(crate) key: String,
    pub(crate) input: String,
}

pub(crate) struct Model {
    pub(crate) model: &'static str,
    pub(crate) temperature: f64,
}

pub(crate) const GPT: Model = Model { model: "gpt-4o", temperature: 0.2 };
pub(crate) const SONNET: Model = Model { model: "claude-sonnet-4-5", temperature: 1.0 };

impl catena::Step for Model {
    const NODE: Node = Node::leaf("", Kind::Model).streaming(Extent::Whole, Extent::Pieces);

    fn details(&self, details: &mut Details) {
        details.set("model", self.model);
        details.set("temperature", self.temperature);
        details.set("base_url", "https://me:hunter2@example.com/v1?key=hunter2");
        details.secret("api_key", "OPENAI_API_KEY");
    }
}

impl Runnable<String> for Model {
    type Output = String;
    type Chunk = String;
    type Assembler = catena::Concat;

    fn assembler(&self) -> catena::Concat {
        catena::Concat::default()
    }

    async fn call<'a>(&'a self, input: String, _cx: &'a Context) -> Result<String> {
        Ok(input)
    }

    fn call_stream<'a>(&'a self, input: String, _cx: &'a Context) -> catena::Chunks<'a, String>
    where
        String: 'a,
    {
        catena::Chunks::once(async move { Ok(input) })
    }
}
