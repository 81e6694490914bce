//! A chain with its name, and with what is known of it without running it.

use super::Chain;
use catena::{Graph, Keys};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// A chain under a name. Schemas and the graph are made when they are first asked for.
pub(crate) struct Served {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) chain: Box<dyn Chain>,
    pub(crate) keys: Keys,
    graph: OnceLock<Graph>,
    input_schema: OnceLock<Value>,
    output_schema: OnceLock<Value>,
}

impl Served {
    pub(crate) fn new(name: String, chain: Box<dyn Chain>) -> Self {
        let keys = chain.keys();
        Served {
            name,
            description: None,
            chain,
            keys,
            graph: OnceLock::new(),
            input_schema: OnceLock::new(),
            output_schema: OnceLock::new(),
        }
    }

    pub(crate) fn graph(&self) -> &Graph {
        self.graph.get_or_init(|| self.chain.graph())
    }

    /// Returns the schema of the input; of any value, if it is not known.
    pub(crate) fn input_schema(&self) -> &Value {
        self.input_schema.get_or_init(|| self.chain.input_schema().unwrap_or_else(|| any("Input")))
    }

    /// Returns the schema of the output; of any value, if it is not known.
    pub(crate) fn output_schema(&self) -> &Value {
        self.output_schema.get_or_init(|| self.chain.output_schema().unwrap_or_else(|| any("Output")))
    }
}

fn any(title: &str) -> Value {
    json!({ "title": title })
}
