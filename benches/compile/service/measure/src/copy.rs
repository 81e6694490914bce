//! A copy of the services, which may be changed.

use crate::{Result, Service};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The copy, in the target directory. Each run makes it again.
pub(crate) struct Copy {
    directory: PathBuf,
    target: PathBuf,
}

impl Copy {
    /// Copies the workspace of the services. The copy depends on the same Catena.
    pub(crate) fn new() -> Result<Self> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no workspace")?;
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(target) => std::env::current_dir()?.join(target),
            None => workspace.join("target"),
        };
        let directory = target.join("measured-services");
        if directory.exists() {
            fs::remove_dir_all(&directory)?;
        }
        for part in ["Cargo.lock", "tests.rs", "by_hand", "catena", "measure"] {
            copy(&workspace.join(part), &directory.join(part))?;
        }
        let catena = workspace.join("../../..").canonicalize()?;
        let manifest = fs::read_to_string(workspace.join("Cargo.toml"))?;
        fs::write(directory.join("Cargo.toml"), manifest.replace("../../..", &catena.display().to_string()))?;
        Ok(Copy { directory, target })
    }

    /// Where it is.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where it is built.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Makes cargo compile a service again.
    pub(crate) fn touch(&self, service: &Service) -> Result<()> {
        let file = fs::File::options().append(true).open(self.source(service).join("main.rs"))?;
        Ok(file.set_modified(std::time::SystemTime::now())?)
    }

    /// Puts one more line with a comment above a chain.
    pub(crate) fn comment(&self, service: &Service) -> Result<()> {
        let file = self.source(service).join("compare.rs");
        let text = fs::read_to_string(&file)?;
        let commented =
            commented(&text, service.chain).ok_or_else(|| format!("no `{}` in {}", service.chain, file.display()))?;
        Ok(fs::write(file, commented)?)
    }

    /// The lines of a service that are not blank.
    pub(crate) fn lines(&self, service: &Service) -> Result<usize> {
        let mut lines = 0;
        for file in fs::read_dir(self.source(service))? {
            lines += fs::read_to_string(file?.path())?.lines().filter(|line| !line.trim().is_empty()).count();
        }
        Ok(lines)
    }

    fn source(&self, service: &Service) -> PathBuf {
        self.directory.join(service.directory).join("src")
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        fs::create_dir_all(to.parent().ok_or("a file without a directory")?)?;
        fs::copy(from, to)?;
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// The text with one more comment above the line that begins so.
fn commented(text: &str, line: &str) -> Option<String> {
    let at = if text.starts_with(line) { 0 } else { text.find(&format!("\n{line}"))? + 1 };
    let (before, after) = text.split_at(at);
    Some(format!("{before}// A comment.\n{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_comes_above_the_line() {
        let text = "use x;\n\nfn chain() {}\n";
        assert_eq!(commented(text, "fn chain(").unwrap(), "use x;\n\n// A comment.\nfn chain() {}\n");
        assert_eq!(commented(text, "use x").unwrap(), "// A comment.\nuse x;\n\nfn chain() {}\n");
        assert!(commented(text, "chain(").is_none());
    }
}
