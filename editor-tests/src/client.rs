//! The language server protocol, as far as the questions need it.

use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A running server. Dropped, it is ended.
pub struct Client {
    server: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    requests: u64,
    version: u64,
}

impl Client {
    /// Start the server in this folder, and wait until it has read all there is.
    ///
    /// # Errors
    /// Where it does not start, or breaks off.
    pub fn start(program: &str, folder: &Path) -> io::Result<Self> {
        let mut server = Command::new(program)
            .current_dir(folder)
            .env_remove("CARGO_TARGET_DIR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let missing = || io::Error::other("the server has no stdin or stdout");
        let stdin = server.stdin.take().ok_or_else(missing)?;
        let stdout = BufReader::new(server.stdout.take().ok_or_else(missing)?);
        let mut client = Client { server, stdin, stdout, requests: 0, version: 0 };
        client.ask(
            "initialize",
            &json!({
                "processId": null,
                "rootUri": uri(folder),
                "capabilities": {
                    "experimental": { "serverStatusNotification": true },
                    "textDocument": { "hover": { "contentFormat": ["plaintext"] } },
                },
                "initializationOptions": { "checkOnSave": false, "cachePriming": { "enable": false } },
            }),
        )?;
        client.tell("initialized", &json!({}))?;
        loop {
            let message = client.read()?;
            if message["method"] == "experimental/serverStatus" && message["params"]["quiescent"] == true {
                return Ok(client);
            }
        }
    }

    /// Show it this text as the file's.
    ///
    /// # Errors
    /// Where the server is gone.
    pub fn show(&mut self, file: &Path, text: &str) -> io::Result<()> {
        self.version += 1;
        if self.version == 1 {
            let document = json!({ "uri": uri(file), "languageId": "rust", "version": 1, "text": text });
            return self.tell("textDocument/didOpen", &json!({ "textDocument": document }));
        }
        let document = json!({ "uri": uri(file), "version": self.version });
        let changes = json!([{ "text": text }]);
        self.tell("textDocument/didChange", &json!({ "textDocument": document, "contentChanges": changes }))
    }

    /// What it says to `textDocument/..` at this place in the file.
    ///
    /// # Errors
    /// Where the server is gone.
    pub fn at(&mut self, question: &str, file: &Path, (line, character): (usize, usize)) -> io::Result<Value> {
        let place = json!({
            "textDocument": { "uri": uri(file) },
            "position": { "line": line, "character": character },
        });
        self.ask(&format!("textDocument/{question}"), &place)
    }

    fn ask(&mut self, method: &str, params: &Value) -> io::Result<Value> {
        loop {
            self.requests += 1;
            let id = self.requests;
            self.write(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
            let answer = loop {
                let message = self.read()?;
                if message["id"] == id && message.get("method").is_none() {
                    break message;
                }
            };
            // The text has changed while it thought: it wants to be asked again.
            if answer["error"]["code"] != -32801 {
                return Ok(answer["result"].clone());
            }
        }
    }

    fn tell(&mut self, method: &str, params: &Value) -> io::Result<()> {
        self.write(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    fn write(&mut self, message: &Value) -> io::Result<()> {
        let body = message.to_string();
        write!(self.stdin, "Content-Length: {}\r\n\r\n{body}", body.len())?;
        self.stdin.flush()
    }

    /// The next message. What the server itself asks for, it is told that there is nothing.
    fn read(&mut self) -> io::Result<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line)? == 0 {
                return Err(io::Error::other("the server has ended"));
            }
            if line.trim().is_empty() {
                break;
            }
            if let Some(text) = line.strip_prefix("Content-Length:") {
                length = text.trim().parse().map_err(io::Error::other)?;
            }
        }
        let mut body = vec![0; length];
        self.stdout.read_exact(&mut body)?;
        let message: Value = serde_json::from_slice(&body)?;
        if message.get("method").is_some() && message.get("id").is_some() {
            self.write(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": null }))?;
        }
        Ok(message)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A file as a URI, in which a space or another special character of a folder's name is escaped.
fn uri(path: &Path) -> String {
    let mut uri = "file://".to_owned();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => uri.push(char::from(byte)),
            other => {
                let _ = write!(uri, "%{other:02X}");
            }
        }
    }
    uri
}
