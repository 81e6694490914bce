//! The program that `graph_main!` makes, run as a process.

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_graph")).args(arguments).output().expect("the program is there");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code().expect("it ends by itself"), text(stdout), text(stderr))
}

#[test]
fn it_draws_in_every_format() {
    let (code, text, _) = run(&["compare"]);
    assert_eq!(code, 0);
    assert!(text.contains("─ one ─▶ ask [retry ×3]"), "{text}");
    for (format, start) in [("svg", "<svg "), ("mermaid", "---"), ("dot", "digraph"), ("json", "{"), ("text", "String")]
    {
        let (code, drawn, said) = run(&["--format", format, "compare"]);
        assert!(code == 0 && drawn.starts_with(start) && drawn.ends_with('\n'), "{format}: {drawn} {said}");
    }
    let (_, narrow, _) = run(&["compare", "--width=30"]);
    assert!(narrow.lines().all(|line| line.chars().count() <= 30), "{narrow}");
}

#[test]
fn it_writes_files_and_tells_what_has_changed_since() {
    let folder = std::env::temp_dir().join(format!("catena-graph-command-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    assert_eq!(run(&["patient", "--output", &file("patient.svg")]).0, 0);
    assert!(std::fs::read_to_string(file("patient.svg")).unwrap().starts_with("<svg "));
    assert_eq!(run(&["patient", "--manifest", "--output", &file("patient.json")]).0, 0);
    assert_eq!(run(&["patient", "--since", &file("patient.json")]), (0, String::new(), String::new()));
    let manifest = std::fs::read_to_string(file("patient.json")).unwrap();
    std::fs::write(file("older.json"), manifest.replace("\"max_attempt_number\": 5", "\"max_attempt_number\": 3"))
        .unwrap();
    let (code, said, _) = run(&["patient", "--since", &file("older.json")]);
    assert_eq!((code, said.as_str()), (1, "ask: attempts 3 -> 5\n"));
    std::fs::write(file("none.json"), "{}").unwrap();
    let (code, _, why) = run(&["patient", "--since", &file("none.json")]);
    assert!(code == 2 && why.contains("this is no manifest"), "{why}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_wrong_is_said_with_what_there_is() {
    for (arguments, why) in [
        (&[][..], "error: say which chain: compare, patient, broken\n"),
        (&["compar"], "error: there is no chain `compar`: did you mean `compare`?\n"),
        (&["xyz"], "error: there is no chain `xyz`: there are `compare`, `patient`, `broken`\n"),
        (
            &["compare", "--format", "png"],
            "error: there is no format `png`: there are `text`, `mermaid`, `dot`, `svg`, `json`\n",
        ),
        (&["compare", "--frobnicate"], "error: there is no option `--frobnicate`: there are `--format`, "),
        (&["broken"], "error: `broken` could not be built: invalid digit found in string\n"),
        (&["compare", "--format", "svg", "--width", "9"], "error: --width is for the format text, not for svg\n"),
        (&["compare", "--since", "/no/such/file"], "error: /no/such/file: "),
    ] {
        let (code, said, error) = run(arguments);
        assert!(code == 2 && said.is_empty() && error.starts_with(why), "{arguments:?}: {code} {said}{error}");
    }
}

#[test]
fn it_helps_and_lists() {
    assert_eq!(run(&["--list"]), (0, "compare\npatient\nbroken\n".to_owned(), String::new()));
    let (code, help, _) = run(&["--help"]);
    assert!(code == 0 && help.contains("--format FORMAT") && help.ends_with("Chains:\ncompare\npatient\nbroken\n"));
}
