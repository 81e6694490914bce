//! Chains that are still being typed. The expansion keeps its shape, so that an editor finds the tokens to complete.
//! The other steps keep their types.

use super::expand;
use proc_macro2::TokenStream;
use std::str::FromStr;

fn expansion(chain: &str) -> String {
    let tokens = expand("chain", TokenStream::from_str(chain).expect("these are tokens"), TokenStream::new());
    assert!(syn::parse2::<syn::Expr>(tokens.clone()).is_ok(), "{chain} expands to what does not parse: {tokens}");
    tokens.to_string()
}

/// Checks a completion as an editor does it.
///
/// The editor expands the chain as it is, and with a name inserted at the cursor `^`. The expression before the cursor
/// has to be at the same position in both.
fn completes(chain: &str, before_the_cursor: &str) {
    let (half, whole) = (expansion(&chain.replace('^', "")), expansion(&chain.replace('^', "completed")));
    let at = whole.find("completed").expect("the name is somewhere");
    let at = whole[..at].rfind(before_the_cursor).expect("the expression is before the cursor");
    let end = at + before_the_cursor.len();
    assert_eq!(half.get(..end), whole.get(..end), "of `{chain}`");
}

#[test]
fn what_is_before_the_cursor_stays_where_it_is() {
    for (chain, before_the_cursor) in [
        ("prompt | model.^", "model"),
        ("prompt | model.^ | parse", "model"),
        ("prompt | model.retry(3).^ | parse", "model . retry (3)"),
        ("Question => <gpt: model_a.^, claude: model_b> | merge", "model_a"),
        ("Question => <gpt: a, claude: b> | |r| r.^", "r"),
        ("Question => <gpt: a, claude: b> | |r| { let n = r.^; n + 1 } | next", "r"),
        ("Question => <gpt: a, claude: b> | |r| join(r.^, 3) | next", "r"),
        ("Intent => match { Math(n) => solve.^, other => ask }", "solve"),
        ("Ticket => .^", "__record"),
        ("Ticket => .^ | next", "__record"),
        ("Ticket => .verdict.^", "__record . verdict"),
        ("Ticket => <a: .^, b: next> | last", "__record"),
        ("Ticket => next | .verdict.^ | last", "__record . verdict"),
        ("a | parser::^", "parser ::"),
        ("a | crate::parser::^ | b", "crate :: parser ::"),
        ("a | <gpt: parser::^, claude: b>", "parser ::"),
        ("a | ^", "> (__flow3 ,"),
        ("a | <gpt: ^", "> (__flow6 ,"),
        ("a | |x| ^", "| x |"),
        ("a | |x| x + ^", "x +"),
    ] {
        completes(chain, before_the_cursor);
    }
}

/// An unfinished part is one error, and the steps `first` and `last` are still typed.
#[test]
fn the_other_steps_stand() {
    for middle in [
        "model.",
        "model. | b",
        "",
        "<gpt: >",
        "<gpt: model_a, cl>",
        "<gpt: model_a, cl: >",
        "<gpt: model_a, cl?>",
        "<gpt: model_a,, cl: b>",
        "<gpt: model_a, gpt: model_b>",
        "<gpt: model_a, type: model_b>",
        "<gpt: model_a> as",
        "<>",
        "|x|",
        "|x| x.",
        "|x| x +",
        "|x| { x. }",
        "|x, y| x",
        "match { }",
        "match { Some(x) => a, Non }",
        "match { Some(x) => a, => b }",
        "match { Some(x) => , None => b }",
        "match { x @ Some(y) => a, None => b }",
        ".",
        ".a.",
        ".{}",
        "models::",
        "a b",
        "if x",
        "<gpt: a>.retry(3)",
        "a ==",
        "<gpt: a | cl: b>",
        "<gpt: a cl?: b>",
        "<gpt -> a, cl: b>",
        "<gpt: a, cl = b>",
        "<gpt: a> b",
        "<gpt: |n| n > 3 | b",
        "<gpt: a > 3>",
        "{ gpt: a, cl: b }",
        "match { Some(x) -> a, None => b }",
        "match { Some(x) => a, None: b }",
        "match { Some(x) => a None => b }",
        "match { Some(x) => a | b Some(_) | None if y => b }",
        "match { \"yes\" => a }",
        "match { Some(\"yes\" | _) => a }",
        "match .a { Some(input) => a }",
        "a.await",
        "ask(x).await?",
        "if x { a }",
        "if x { a | b } else { c }",
        "(a | b)",
        "(a | b).retry(3)",
        "(|x| x).retry(3)",
        "|x| x + 1.retry(3)",
        ".a.b.retry(3)",
        ".a.{b, c}",
    ] {
        let chain = format!("Question => first | {middle} | last");
        let expanded = expansion(&chain);
        let mistakes =
            expanded.matches("compile_error").count() + expanded.matches(":: the_name_of_a_step_is_missing").count();
        assert_eq!(mistakes, 1, "mistakes in `{chain}`: {expanded}");
        for step in ["first", "last"] {
            assert!(expanded.contains(&format!(", {step})")), "`{step}` is lost in `{chain}`: {expanded}");
        }
    }
}

#[test]
fn a_branch_that_is_being_typed_leaves_the_others() {
    let expanded = expansion("Question => <gpt: model_a, claude: model_b, ge");
    assert!(expanded.contains(", model_a)") && expanded.contains(", model_b)"), "{expanded}");
    let expanded = expansion("Question => match { A => one | two., B(x) => three, _ => }");
    assert!(expanded.contains(", one)") && expanded.contains(", three)"), "{expanded}");
}

#[test]
fn mistakes_of_all_sorts_are_reported_at_once() {
    let expanded = expansion(
        "Ques tion => b. | |x, y| x | <gpt: c, gpt: d, .., type: e> | match { Some(ref x) => f, => g } | .{h, h} | ,",
    );
    for mistake in [
        "before `=>`",
        "not finished",
        "takes one parameter",
        "`gpt` is already a field",
        "cannot be seen here",
        "is a word of Rust",
        "leave out `ref`",
        "a pattern is missing",
        "`h` is already a field",
        "stray `,`",
    ] {
        assert!(expanded.contains(mistake), "`{mistake}` is not reported: {expanded}");
    }
    assert_eq!(expanded.matches("compile_error").count(), 10, "{expanded}");
}
