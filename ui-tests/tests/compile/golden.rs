//! Programs of folders, compiled one by one: those under `fail` give the errors that stand beside them, and those under
//! `pass` compile and run.

use crate::program::{Libraries, workspace};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
    thread,
};

/// The width that errors are wrapped at, whatever the terminal.
const WIDTH: &str = "140";

/// Compiles the programs of each topic, and says which of them do otherwise than they should.
///
/// With `UPDATE_ERRORS=1` the errors are written down instead.
pub(crate) fn check(topics: &[&str]) -> Vec<String> {
    let programs: Vec<PathBuf> = topics
        .iter()
        .flat_map(|topic| ["fail", "pass"].map(|end| Path::new(topic).join(end)))
        .flat_map(|folder| sources(&folder))
        .collect();
    assert!(programs.len() > 150, "only {} programs", programs.len());
    let (libraries, failures) = (Libraries::of_this_test().unwrap(), Mutex::new(Vec::new()));
    let next = Mutex::new(programs.iter());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(program) = { next.lock().unwrap_or_else(PoisonError::into_inner).next() } {
                    let of_errors = program.parent().is_some_and(|folder| folder.ends_with("fail"));
                    let failure = if of_errors { fails(&libraries, program) } else { passes(&libraries, program) };
                    failures.lock().unwrap_or_else(PoisonError::into_inner).extend(failure);
                }
            });
        }
    });
    failures.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The programs of a folder, from the root of the crate.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = fs::read_dir(root.join(folder)).into_iter().flatten().map(|entry| entry.unwrap().file_name());
    let mut sources: Vec<_> =
        entries.map(|name| folder.join(name)).filter(|path| path.extension().is_some_and(|end| end == "rs")).collect();
    sources.sort();
    sources
}

/// A compiler in the root of the workspace, so that it finds the sources of the crates that errors lead to.
fn rustc(libraries: &Libraries, program: &Path, output: &Path) -> Command {
    let mut rustc = libraries.rustc();
    rustc.current_dir(workspace()).args(["--diagnostic-width", WIDTH, "-A", "warnings", "-o"]).arg(output);
    rustc.arg(Path::new("ui-tests").join(program));
    rustc
}

/// Where the compiler writes to for a program.
fn output(program: &Path) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("goldens");
    fs::create_dir_all(&folder).unwrap();
    folder.join(program.with_extension("").to_string_lossy().replace(['/', '\\'], "_"))
}

fn passes(libraries: &Libraries, program: &Path) -> Option<String> {
    let binary = output(program);
    let compiled = rustc(libraries, program, &binary).output().unwrap();
    if !compiled.status.success() {
        return Some(format!("{} does not compile:\n{}", program.display(), String::from_utf8_lossy(&compiled.stderr)));
    }
    let run = Command::new(&binary).output().unwrap();
    fs::remove_file(&binary).unwrap();
    (!run.status.success()).then(|| format!("{} fails:\n{}", program.display(), String::from_utf8_lossy(&run.stderr)))
}

fn fails(libraries: &Libraries, program: &Path) -> Option<String> {
    let mut rustc = rustc(libraries, program, &output(program));
    // Constants of generic functions are computed with the code.
    rustc.args(["-C", "no-prepopulate-passes", "--emit", "obj"]);
    let compiled = rustc.output().unwrap();
    if compiled.status.success() {
        return Some(format!("{} compiles, and should not", program.display()));
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(program).with_extension("stderr");
    let errors = normalized(&String::from_utf8(compiled.stderr).unwrap());
    if env::var_os("UPDATE_ERRORS").is_some() {
        fs::write(golden, errors).unwrap();
        return None;
    }
    let expected = fs::read_to_string(golden).unwrap_or_default();
    (expected != errors).then(|| {
        let name = program.display();
        format!(
            "{name}: `UPDATE_ERRORS=1` writes this error down, for you to read.\n-- expected\n{expected}-- is\n{errors}"
        )
    })
}

/// Errors without what differs from machine to machine or from day to day: folders, line numbers of the crates and the room
/// for them, numbers of implementors, and the compiler's sums at the end. Of equal errors there is one, as Cargo shows them.
fn normalized(errors: &str) -> String {
    let errors = errors.replace(&format!("{}/", workspace().display()), "");
    let mut blocks: Vec<Vec<String>> = Vec::new();
    // Whether the lines of code are those of a crate.
    let mut of_crate = false;
    let mut before = "";
    for line in errors.lines() {
        let start = line.trim_start();
        if before.is_empty() && !line.starts_with(' ') {
            blocks.push(Vec::new());
        }
        before = line;
        if !line.starts_with([' ', '.']) && !line.starts_with(|first: char| first.is_ascii_digit()) {
            of_crate = false;
        }
        if let Some(path) = start.strip_prefix("--> ").or_else(|| start.strip_prefix("::: ")) {
            of_crate = !path.starts_with("ui-tests/");
        }
        if !is_left_out(start)
            && let Some(block) = blocks.last_mut()
        {
            block.push(if of_crate { without_number(line) } else { others(&line.replace("ui-tests/", "")) });
        }
    }
    let mut written: Vec<String> = Vec::new();
    for block in blocks {
        let text = narrow(&block).join("\n").trim_end().to_owned();
        if !text.is_empty() && !written.contains(&text) {
            written.push(text);
        }
    }
    written.join("\n\n") + "\n"
}

fn is_left_out(line: &str) -> bool {
    let sums = ["error: aborting due to", "For more information about", "Some errors have detailed"];
    let of_files =
        ["= note: the full name for the type has been written", "= note: consider using `--verbose` to print"];
    sums.iter().chain(&of_files).any(|start| line.starts_with(start))
}

/// A line about a crate: its path without the position, its code without the number of the line.
fn without_number(line: &str) -> String {
    let start = line.trim_start();
    let indent = &line[..line.len() - start.len()];
    if let Some(path) = start.strip_prefix("--> ").or_else(|| start.strip_prefix("::: ")) {
        return format!("{indent}{}$WORKSPACE/{}", &start[..4], path.split(':').next().unwrap_or_default());
    }
    match start.split_once(" |") {
        Some((number, code)) if number.bytes().all(|digit| digit.is_ascii_digit()) => {
            format!("{indent}{} |{code}", " ".repeat(number.len()))
        }
        _ => line.to_owned(),
    }
}

/// An error with no more room for the numbers of lines than those need that are left.
fn narrow(error: &[String]) -> Vec<String> {
    let number = |line: &String| {
        let (number, _) = line.trim_start().split_once(" |")?;
        (!number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())).then_some(number.len())
    };
    let needed = error.iter().filter_map(number).max().unwrap_or(1);
    let arrow = error.iter().find_map(|line| line.find("--> ").filter(|at| line[..*at].trim().is_empty()));
    let less = " ".repeat(arrow.unwrap_or(needed).saturating_sub(needed));
    error.iter().map(|line| line.strip_prefix(&less).unwrap_or(line).to_owned()).collect()
}

/// The line `and 27 others`, without its number.
fn others(line: &str) -> String {
    match line.trim_start().strip_prefix("and ").and_then(|rest| rest.strip_suffix(" others")) {
        Some(number) if number.bytes().all(|digit| digit.is_ascii_digit()) => line.replace(number, "$N"),
        _ => line.to_owned(),
    }
}
