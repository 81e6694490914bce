//! The tools of servers of the Model Context Protocol (MCP), by [`rmcp`](https://docs.rs/rmcp).
//!
//! An [`McpServer`] is an entry of [`tools!`](crate::tools), beside tools of your own:
//!
//! ```no_run
//! use catena_llm::{Agent, mcp::McpServer, openai, tool, tools};
//!
//! /// The weather in a city.
//! #[tool]
//! fn weather(city: &str) -> String { format!("sunny in {city}") }
//!
//! # async fn example() -> catena::Result<()> {
//! let files = McpServer::stdio("npx", ["-y", "@modelcontextprotocol/server-filesystem", "/srv/docs"]);
//! let search = McpServer::http("https://mcp.example.com/mcp").bearer("secret");
//! let tools = tools![weather, files.prefix("fs").only(["read_text_file", "list_directory"]), search]?;
//! let agent = Agent::new(openai("gpt-4o-mini").build()?).tools(tools);
//! # Ok(()) }
//! ```
//!
//! A server is started, or connected to, when an agent first needs its tools;
//! [`Tools::listed`](crate::Tools::listed) does it at once. Servers of the protocol's version `2026-07-28` and of earlier
//! ones are spoken to as they need. The process of a server ends when the last clone of its set is dropped.
//!
//! # The list of tools
//! An agent takes the list as it is at the beginning of each turn. The server is asked again after it has said that its
//! list changed, and after it was connected to again. A tool whose schema is not that of an object is left out, with a
//! warning in the log. A name that providers do not accept, or that is taken already, is mapped to one they accept; the
//! server receives its own name. Your own tools always keep their names.
//!
//! # Results
//! Texts are joined. Images and PDFs are given to the model as such ([`text_only`](McpServer::text_only) leaves them out).
//! Structured content is added as JSON, unless a text has the same. Links, audio and other data are described by a
//! line of text. A result with `isError` is an error of the call, which the model reads. Longer texts than the
//! [limit](McpServer::output_limit) are truncated, as for all tools.
//!
//! # Failures
//! A server that cannot be reached at first is an error of the run, unless it is [optional](McpServer::optional). One
//! that dies later is an error of the call, which the model reads; the next call starts it again. A call is never
//! repeated by itself, because nothing says if it was carried out. Each call has a [timeout](McpServer::timeout) of 60
//! seconds by default. A server that sends a message of more than [16 MiB](McpServer::message_limit) is disconnected.
//!
//! # Trust
//! A process gets only the variables `HOME`, `LANG`, `LOGNAME`, `PATH`, `SHELL`, `TERM`, `TMPDIR`, `USER` (on Windows also
//! those that programs need there) and the ones [you set](McpServer::env), so that it does not see your keys. Requests of
//! a server for input of the user or for answers of a model are declined. What a server says about a tool, such as that
//! it only reads, decides nothing here; use [`approve`](crate::Agent::approve).
//!
//! | file | contents |
//! |---|---|
//! | this file | [`McpServer`], the settings of a server |
//! | `transport` | how a server is reached: a process, HTTP, a stream |
//! | `process`, `bounded` | a process that ends with its connection; a reader of lines that are not too long |
//! | `connection` | a connection, and the notice that the list has changed |
//! | `shared` | a server as a source of tools: connecting again, the list, failures |
//! | `list` | the list, with its bounds |
//! | `tool`, `result` | one tool of a server, and its results |
//! | `in_memory` | a server of your own tools, for tests |

mod bounded;
mod connection;
mod in_memory;
mod list;
mod process;
mod result;
mod shared;
mod tool;
mod transport;

pub use in_memory::InMemory;
pub use transport::{Http, Stdio, Transport};

use crate::{HttpClient, OUTPUT_LIMIT, Tools, tool::ToolEntry};
use catena::Result;
use std::{ffi::OsString, path::PathBuf, sync::Arc, time::Duration};

/// A server of the Model Context Protocol, whose tools a model may call. An entry of [`tools!`](crate::tools); see the
/// [module](self).
///
/// Each set has a process or a connection of its own; clones of the set share it.
#[derive(Clone, Debug)]
pub struct McpServer<T> {
    transport: T,
    settings: Settings,
}

/// The settings that all servers have.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    prefix: Option<String>,
    only: Option<Vec<String>>,
    timeout: Duration,
    connect_timeout: Duration,
    output_limit: usize,
    message_limit: usize,
    optional: bool,
    text_only: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            prefix: None,
            only: None,
            timeout: Duration::from_mins(1),
            connect_timeout: Duration::from_mins(1),
            output_limit: OUTPUT_LIMIT,
            message_limit: 16 << 20,
            optional: false,
            text_only: false,
        }
    }
}

impl McpServer<Stdio> {
    /// Creates a server that is a program, started with these arguments, which reads requests from its standard input.
    pub fn stdio<A: Into<OsString>>(program: impl Into<OsString>, arguments: impl IntoIterator<Item = A>) -> Self {
        McpServer::new(Stdio::new(program.into(), arguments.into_iter().map(Into::into).collect()))
    }

    /// Sets a variable of the process's environment. Its value is not shown in errors.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.transport.environment.push((name.into(), value.into()));
        self
    }

    /// Sets the directory that the process starts in.
    pub fn current_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.transport.directory = Some(directory.into());
        self
    }
}

impl McpServer<Http> {
    /// Creates a server at a URL, over streamable HTTP.
    pub fn http(url: impl Into<String>) -> Self {
        McpServer::new(Http::new(url.into()))
    }

    /// Sets the token that requests are authorized with. It is not shown in errors.
    pub fn bearer(mut self, token: impl Into<String>) -> Self {
        self.transport.bearer = Some(token.into().trim().to_owned());
        self
    }

    /// Adds a header to each request. Its value is not shown in errors.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.transport.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the HTTP client: with a proxy, certificates, or limits of its own.
    pub fn http_client(mut self, client: impl Into<HttpClient>) -> Self {
        self.transport.client = Some(client.into());
        self
    }
}

impl McpServer<InMemory> {
    /// Creates a server of these tools in this process, for tests: the protocol is spoken, over a pipe in memory.
    ///
    /// ```
    /// use catena::RunnableExt;
    /// use catena_llm::{Message, ToolCall, mcp::McpServer, tool, tools};
    ///
    /// /// Reads a file.
    /// #[tool]
    /// fn read(path: &str) -> String { format!("the text of {path}") }
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let tools = tools![McpServer::in_memory(tools![read]?).prefix("fs")]?;
    /// assert_eq!(tools.listed().await?.definitions()[0].name, "fs_read");
    ///
    /// let asked = Message::assistant("").with_tool_call(ToolCall::new("1", "fs_read", r#"{"path": "a.txt"}"#));
    /// assert_eq!(tools.invoke(asked).await?[0].parts()[0].content(), "the text of a.txt");
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn in_memory(tools: Tools) -> Self {
        McpServer::new(InMemory::new(tools))
    }
}

impl<T: Transport> McpServer<T> {
    fn new(transport: T) -> Self {
        McpServer { transport, settings: Settings::default() }
    }

    /// Puts a prefix and `_` before the names of the tools: `fs` makes `fs_read` of `read`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.settings.prefix = Some(prefix.into());
        self
    }

    /// Sets the tools that are taken, by the names that the server gives them. By default all are. A name that the
    /// server does not list at first is an error, which has the names that it lists.
    pub fn only<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.settings.only = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the timeout of a call. The default is 60 seconds. A call that takes longer is cancelled, and the model reads
    /// that it gave nothing.
    pub fn timeout(mut self, after: Duration) -> Self {
        self.settings.timeout = after;
        self
    }

    /// Sets the timeout of starting the server and of listing its tools. The default is 60 seconds, in which `npx` can
    /// download a program.
    pub fn connect_timeout(mut self, after: Duration) -> Self {
        self.settings.connect_timeout = after;
        self
    }

    /// Sets the maximum size of a result's text in bytes. The default is [`OUTPUT_LIMIT`]. A longer text is truncated.
    pub fn output_limit(mut self, bytes: usize) -> Self {
        self.settings.output_limit = bytes;
        self
    }

    /// Sets the maximum size of a message of the server in bytes. The default is 16 MiB. A server that sends a longer one
    /// is disconnected, because the rest of it would have to be read.
    pub fn message_limit(mut self, bytes: usize) -> Self {
        self.settings.message_limit = bytes;
        self
    }

    /// Lets an agent run without this server while it cannot be reached. By default that is an error of the run. The
    /// log has a warning, and the server is tried again after 30 seconds.
    pub fn optional(mut self) -> Self {
        self.settings.optional = true;
        self
    }

    /// Replaces images and files in results by a line of text. Use it for models that take none in the results of tools.
    pub fn text_only(mut self) -> Self {
        self.settings.text_only = true;
        self
    }
}

impl<T: Transport> ToolEntry for McpServer<T> {
    fn add_to(self, tools: Tools) -> Result<Tools> {
        let transport = self.transport.erase().0;
        transport.check()?;
        Ok(tools.with_source(Arc::new(shared::Server::new(transport, self.settings))))
    }
}
