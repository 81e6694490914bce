//! A crate to be opened in an editor.

use crate::Client;
use serde_json::Value;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What each text begins with: steps, and what goes into them.
const BEGINNING: &str = r"use catena::prelude::*;

/// Makes it loud.
#[runnable]
pub fn shout(text: &str) -> String { text.to_uppercase() }
#[runnable]
pub fn length(text: &str) -> usize { text.len() }

#[derive(Clone, Record)]
pub struct Verdict { pub urgency: u8, pub reason: String }
#[derive(Clone, Record)]
pub struct Ticket { pub verdict: Verdict, pub customer: String }

pub mod parser {
    use catena::prelude::*;
    #[runnable]
    pub fn words(text: &str) -> usize { text.split(' ').count() }
}

#[derive(Clone)]
pub struct Model;
impl Model { pub fn louder(self) -> Self { self } }
#[runnable]
impl Runnable<String> for Model {
    type Output = String;
    async fn call(&self, input: String, _: &Context) -> catena::Result<String> { Ok(input) }
}

";

/// A name that it completes.
#[derive(Debug)]
pub struct Offer {
    /// The name itself.
    pub name: String,
    /// Names of a smaller rank come first, and names of one rank in any order.
    pub rank: String,
}

/// A crate that depends on `catena`, open in a rust-analyzer.
pub struct Project {
    client: Client,
    file: PathBuf,
}

impl Project {
    /// Made in this folder.
    ///
    /// # Errors
    /// Where the folder cannot be written to, or the server does not start.
    pub fn open(program: &str, folder: &Path) -> io::Result<Self> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let file = folder.join("src/lib.rs");
        fs::create_dir_all(folder.join("src"))?;
        let manifest = format!(
            "[package]\nname = \"edited\"\nedition = \"2024\"\n[workspace]\n[dependencies]\ncatena = {{ path = '{}' }}\n",
            workspace.join("runtime").canonicalize()?.display(),
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        fs::copy(workspace.join("rust-toolchain.toml"), folder.join("rust-toolchain.toml"))?;
        fs::write(&file, BEGINNING)?;
        let client = Client::start(program, folder)?;
        Ok(Project { client, file })
    }

    /// What it offers at the `^` in a text.
    ///
    /// # Errors
    /// Where the server is gone.
    pub fn completions(&mut self, text: &str) -> io::Result<Vec<Offer>> {
        let answer = self.ask("completion", text)?;
        let items = answer.get("items").unwrap_or(&answer).as_array().cloned().unwrap_or_default();
        let name = |item: &Value| {
            let label = item["filterText"].as_str().or(item["label"].as_str())?;
            let name = label.split(['(', ' ', '…']).next()?.to_owned();
            Some(Offer { name, rank: item["sortText"].as_str().unwrap_or_default().to_owned() })
        };
        Ok(items.iter().filter_map(name).collect())
    }

    /// What it shows of what stands at the `^` in a text.
    ///
    /// # Errors
    /// Where the server is gone.
    pub fn hover(&mut self, text: &str) -> io::Result<String> {
        let answer = self.ask("hover", text)?;
        Ok(answer["contents"]["value"].as_str().unwrap_or_default().to_owned())
    }

    /// The texts, from their definition to the end of the line, that it goes to from the `^`.
    ///
    /// # Errors
    /// Where the server is gone.
    pub fn definitions(&mut self, text: &str) -> io::Result<Vec<String>> {
        let answer = self.ask("definition", text)?;
        let whole = format!("{BEGINNING}{}", text.replace('^', ""));
        let place = |location: &Value| {
            let range = location.get("targetSelectionRange").or(location.get("range"))?;
            let line = usize::try_from(range["start"]["line"].as_u64()?).ok()?;
            let character = usize::try_from(range["start"]["character"].as_u64()?).ok()?;
            Some(whole.lines().nth(line)?.get(character..)?.to_owned())
        };
        let locations = match &answer {
            Value::Array(locations) => locations.clone(),
            one => vec![one.clone()],
        };
        Ok(locations.iter().filter_map(place).collect())
    }

    fn ask(&mut self, question: &str, text: &str) -> io::Result<Value> {
        let at = text.find('^').ok_or_else(|| io::Error::other("the text has no `^`"))?;
        let whole = format!("{BEGINNING}{}", text.replace('^', ""));
        let before = &whole[..BEGINNING.len() + at];
        let line = before.matches('\n').count();
        let character = before.rsplit('\n').next().map_or(0, |line| line.chars().count());
        self.client.show(&self.file, &whole)?;
        self.client.at(question, &self.file, (line, character))
    }
}
