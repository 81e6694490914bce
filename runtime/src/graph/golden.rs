//! Drawings as golden files, so that a change of a chain shows in review.

use crate::{Format, Graph};
use std::{env, fs, path::Path};

/// Compares the drawing of a chain with a golden file, so that a change of the chain shows in review.
///
/// The path is relative to the folder of the crate. Its extension is that of the format: `.txt`, `.mmd` (Mermaid), `.dot`, `.svg`
/// or `.json`. With `UPDATE_GRAPHS=1` in the environment, the file is written.
///
/// ```
/// use catena::{assert_graph, prelude::*};
///
/// #[runnable]
/// fn shout(text: String) -> String { text.to_uppercase() }
///
/// assert_graph!(chain!(String => shout.retry(3)), "docs/golden.txt");
/// ```
///
/// # Panics
/// If the drawing differs from the file, with the lines that differ, and if there is no file.
#[macro_export]
macro_rules! assert_graph {
    ($chain:expr, $file:expr $(,)?) => {
        $crate::__private::assert_graph(&$crate::RunnableExt::graph(&$chain), ::core::env!("CARGO_MANIFEST_DIR"), $file)
    };
}

/// Compares a drawing with the file of it.
///
/// # Panics
/// If they differ, or if there is no file.
#[track_caller]
pub fn assert_graph(graph: &Graph, folder: &str, file: &str) {
    let update = env::var_os("UPDATE_GRAPHS").is_some_and(|value| !value.is_empty() && value != "0");
    if let Err(why) = check(graph, &Path::new(folder).join(file), update) {
        panic!("{why}");
    }
}

const HOW: &str = "to write it anew, run the test with UPDATE_GRAPHS=1";

fn check(graph: &Graph, path: &Path, update: bool) -> Result<(), String> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let Some(format) = Format::of_extension(extension) else {
        let known = Format::ALL.map(|format| format!(".{}", format.extension())).join(", ");
        return Err(format!("{}: no graph is drawn in such a file, but in {known}", path.display()));
    };
    let drawn = graph.draw(format);
    if update {
        let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, &drawn));
        return made.map_err(|error| format!("{}: {error}", path.display()));
    }
    match fs::read_to_string(path) {
        // A checkout may have other line breaks.
        Ok(kept) if kept.replace("\r\n", "\n") == drawn => Ok(()),
        Ok(kept) => {
            let changes = changes(&kept.replace("\r\n", "\n"), &drawn);
            Err(format!("{}: the graph has changed; {HOW}\n{changes}", path.display()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(format!("{}: there is no such file yet; {HOW}. The graph:\n{drawn}", path.display()))
        }
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

/// The lines that differ, with `-` for those that were and `+` for those that are, and the lines around them.
fn changes(kept: &str, drawn: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (kept.lines().collect(), drawn.lines().collect());
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (gone, come) = (&old_rest[..old_rest.len() - end], &new_rest[..new_rest.len() - end]);
    if gone.is_empty() && come.is_empty() {
        return "  (only the line breaks differ)\n".to_owned();
    }
    let mut text = String::new();
    let mut say = |mark: &str, lines: &[&str]| lines.iter().for_each(|line| text.extend([mark, line, "\n"]));
    say("  ", &old[start.saturating_sub(2)..start]);
    say("- ", gone);
    say("+ ", come);
    let after = &new_rest[come.len()..];
    say("  ", &after[..after.len().min(2)]);
    text
}

#[cfg(test)]
mod tests {
    use super::{changes, check};
    use crate::{RunnableExt, prelude::*};
    use std::{fs, path::Path};

    #[test]
    fn a_change_is_shown_with_the_lines_around_it() {
        assert_eq!(changes("a\nb\nc\nd\ne\nf\n", "a\nb\nc\nx\ny\ne\nf\n"), "  b\n  c\n- d\n+ x\n+ y\n  e\n  f\n");
        assert_eq!(changes("a\n", "a\nb\n"), "  a\n+ b\n");
        assert_eq!(changes("a", "a\n"), "  (only the line breaks differ)\n");
    }

    #[test]
    fn a_file_is_written_kept_and_missed() {
        let folder = std::env::temp_dir().join(format!("catena-golden-{}", std::process::id()));
        let path = folder.join("deep/er/graph.mmd");
        let one = crate::Passthrough.named("one");
        let one = RunnableExt::<u8>::graph(&one);
        let two = RunnableExt::<u8>::graph(&crate::Passthrough.retry(3));
        let missing = check(&one, &path, false).unwrap_err();
        assert!(missing.contains("there is no such file yet") && missing.contains("UPDATE_GRAPHS=1"), "{missing}");
        check(&one, &path, true).unwrap();
        check(&one, &path, false).unwrap();
        fs::write(&path, one.mermaid().replace('\n', "\r\n")).unwrap();
        check(&one, &path, false).unwrap();
        let changed = check(&two, &path, false).unwrap_err();
        assert!(changed.contains("\n+ ") && changed.contains("UPDATE_GRAPHS=1"), "{changed}");
        let unknown = check(&one, Path::new("graph.png"), false).unwrap_err();
        assert!(unknown.contains(".svg"), "{unknown}");
        fs::remove_dir_all(folder).unwrap();
    }
}
