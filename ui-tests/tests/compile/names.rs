//! Names of the user's that expansions use themselves: each identifier of a snapshot as a step, a function, a constant, a
//! variable, a parameter, a field, a type and a type parameter, beside each construct.

use crate::program;
use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

/// Words that are no names, or only with `r#`.
const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen \
    if impl in let loop macro match mod move mut override priv pub ref return self Self static struct super trait true try type \
    typeof unsafe unsized use virtual where while yield _";

/// Constructs beside the names of a module, which they do not use. They say everything in full, as a macro does.
const CONSTRUCTS: &str = r#"
mod constructs {
    #![allow(unused_imports)]
    use super::*;
    use ::catena::RunnableExt as _;
    use ::catena::StepExt as _;

    #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq, ::catena::Record)]
    #[record(chunk = Pieces_, derive(::core::cmp::Eq))]
    pub struct Asked_ { pub q_: ::std::string::String, pub n_: ::core::primitive::usize }

    #[::catena::runnable]
    pub fn loud_(t_: &::core::primitive::str) -> ::std::string::String { t_.to_uppercase() }
    #[::catena::runnable(retry = 2, timeout = "5s", name = "it")]
    pub async fn kept_(t_: ::std::string::String) -> ::core::result::Result<::std::string::String, ::std::io::Error> {
        ::core::result::Result::Ok(t_)
    }
    #[::catena::runnable(blocking, idempotent)]
    pub fn read_(t_: ::std::string::String) -> ::std::string::String { t_ }
    #[::catena::runnable]
    pub fn both_(q_: ::std::string::String, n_: &::core::primitive::usize, c_: &::catena::Context) -> ::std::string::String {
        let _ = c_;
        ::std::format!("{q_} {n_}")
    }
    #[::catena::runnable]
    pub fn any_<T_: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static>(t_: T_) -> T_ { t_ }
    #[::catena::runnable]
    pub fn pieces_(t_: ::std::string::String)
    -> impl ::futures_util::Stream<Item = ::catena::Result<::std::string::String>> + ::core::marker::Send {
        ::futures_util::stream::iter([::core::result::Result::Ok(t_)])
    }
    pub struct Own_;
    #[::catena::runnable]
    impl ::catena::Runnable<::core::primitive::usize> for Own_ {
        type Output = ::core::primitive::usize;
        async fn call(&self, n_: ::core::primitive::usize, _: &::catena::Context) -> ::catena::Result<::core::primitive::usize> {
            ::core::result::Result::Ok(n_)
        }
    }
    /// Weather.
    #[::catena_llm::tool(timeout = "5s", idempotent)]
    pub async fn weather_(
        /// A city.
        q_: ::std::string::String,
        days_: ::core::option::Option<::core::primitive::u8>,
    ) -> ::std::string::String { let _ = days_; q_ }

    #[::catena::runnable(deny(untimed_model))]
    pub fn whole_() -> impl ::catena::Runnable<Asked_, Output = ::std::string::String> {
        ::catena::chain!(Asked_ =>
            <q_: .q_ | loud_, n_?: |a_| a_.n_, same_: _, two_: .{ q_, n_ }>
            | <.., n_: |r_| r_.n_?>
            | both_
            | <q_: kept_, n_: |t_| async move { later_(t_).await.len() }> as Asked_
            | match {
                a_ if a_.n_ > 3 => <q_: .q_, n_: .n_ | Own_> as Asked_,
                Asked_ { q_, n_ } => any_ | <q_: .q_, n_: .n_> as Asked_,
            }
            | |a_| ::std::format!("{}", a_.q_)
            | read_
            | pieces_
        )
    }
    async fn later_(t_: ::std::string::String) -> ::std::string::String { t_ }

    pub fn inline_() -> impl ::catena::Runnable<Asked_, Output = ::std::string::String> {
        ::catena::chain!({ q_: ::std::string::String } =>
            ::catena_llm::prompt!("Answer: {q_:>5} {{}}") | match { "a" | "b" => loud_, _ => kept_ } | loud_.fallback(kept_))
    }
    pub fn chat_() -> impl ::catena::Runnable<Asked_, Output = ::catena_llm::Messages> {
        ::catena::chain!(Asked_ => ::catena_llm::prompt!(system: "Be {tone_}.", user: "{q_}", tone_ = "brief"))
    }
    pub fn records_() -> ::core::primitive::usize {
        let r_ = ::catena::record! { q_: 1, n_: 2 };
        r_.q_ + r_.n_
    }
}
"#;

/// The identifiers of all snapshots of expansions.
fn identifiers() -> BTreeSet<String> {
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../macros/src/tests/snapshots");
    let mut names = BTreeSet::new();
    for snapshot in fs::read_dir(snapshots).unwrap() {
        let text = fs::read_to_string(snapshot.unwrap().path()).unwrap();
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        names.extend(
            words
                .filter(|word| !word.is_empty() && !word.starts_with(|first: char| first.is_ascii_digit()))
                .map(str::to_owned),
        );
    }
    for keyword in KEYWORDS.split_whitespace() {
        names.remove(keyword);
    }
    let mut stems = BTreeSet::new();
    names.retain(|name| !name.starts_with("__") || stems.insert(stem(name).to_owned()));
    // An item of this name hides the attributes `#[diagnostic::..]`, which have no longer path.
    names.remove("diagnostic");
    names
}

/// The identifiers that variables and fields can have. Without `CATENA_NAMES=all` they are those of expansions alone, which
/// begin with an underscore: others are of the user, or of paths.
fn variables() -> Vec<String> {
    let all = std::env::var("CATENA_NAMES").is_ok_and(|names| names == "all");
    identifiers().into_iter().filter(|name| is_variable(name) && (all || name.starts_with('_'))).collect()
}

/// A name without the number at its end: `__flow1` and `__flow12` are made in the same way.
fn stem(name: &str) -> &str {
    name.trim_end_matches(|last: char| last.is_ascii_digit())
}

/// Checks a program of this name, in which `each` stands for each identifier.
fn compiles(name: &str, before: &str, each: &dyn Fn(&str) -> String, after: &str) {
    let names = identifiers();
    assert!(names.len() > 300 && names.contains("__words"), "{names:?}");
    let mut source = "#![allow(warnings)]\n".to_owned();
    source.push_str(before);
    for name in &names {
        writeln!(source, "{}", each(name)).unwrap();
    }
    source.push_str(after);
    let mistakes: Vec<_> = program::check(name, &source).into_iter().map(|mistake| mistake.shown).collect();
    assert!(mistakes.is_empty(), "{} errors: {}", mistakes.len(), mistakes.join("\n"));
}

/// Whether a name is written as those of variables are. Others are patterns of the user's own that match a constant.
fn is_variable(name: &str) -> bool {
    !name.trim_start_matches('_').starts_with(char::is_uppercase)
}

/// Steps, and parameters of the same name.
#[test]
fn steps_with_the_names_of_an_expansion() {
    let step = |name: &str| {
        let parameter = if is_variable(name) { name } else { "text_" };
        format!(
            "#[::catena::runnable] pub fn {name}({parameter}: ::std::string::String) -> ::std::string::String {{ {parameter} }}"
        )
    };
    compiles("steps", "", &step, CONSTRUCTS);
}

#[test]
fn functions_and_modules_with_the_names_of_an_expansion() {
    let functions = |name: &str| format!("pub fn {name}() {{}} pub mod {name} {{}}");
    compiles("functions", "", &functions, CONSTRUCTS);
}

#[test]
fn constants_and_types_with_the_names_of_an_expansion() {
    let constants = |name: &str| format!("pub const {name}: () = (); pub struct {name} {{}}");
    compiles("constants", "", &constants, CONSTRUCTS);
}

#[test]
fn statics_and_traits_with_the_names_of_an_expansion() {
    let statics = |name: &str| format!("pub static {name}: () = (); pub trait {name} {{}}");
    compiles("statics", "", &statics, CONSTRUCTS);
}

/// Variables that closures and patterns of a chain use, and names that they bind: twelve at once.
#[test]
fn variables_with_the_names_of_an_expansion() {
    let names = variables();
    let mut source = String::new();
    for (index, names) in names.chunks(12).enumerate() {
        let each = |of: &dyn Fn(&str) -> String, between: &str| {
            names.iter().map(|name| of(name)).collect::<Vec<_>>().join(between)
        };
        let (bound, sum) = (each(&|name| format!("let {name} = 1;"), " "), names.join(" + "));
        let branches = each(&|name| format!("f_{name}: move |x| x + {name}"), ", ");
        let arms = each(&|name| format!("({name}, 3) if {name} > 4 => _"), ", ");
        let closures = each(&|name| format!("|{name}| {name} + 1"), " | ");
        let first = &names[0];
        writeln!(
            source,
            "pub fn variables_{index}() {{
                {bound}
                let _ = ::catena::chain!(usize => <{branches}> | move |map_| map_.f_{first} + {sum});
                let _ = ::catena::chain!((usize, usize) =>
                    match {{ {arms}, ({first}, other_) => <a: .{first}, other: _> | .a }});
                let _ = ::catena::chain!(usize => {closures} | |{first}| async move {{ {first} + 1 }});
            }}"
        )
        .unwrap();
    }
    compiles("variables", &source, &|_| String::new(), "");
}

/// Fields of records, maps, parameters and prompts: eight of the names at once.
#[test]
fn fields_with_the_names_of_an_expansion() {
    let names = variables();
    let mut source = String::new();
    for (index, names) in names.chunks(8).enumerate() {
        // A function of one parameter takes the whole input: so there are two at least.
        let names = [names, &["other_".to_owned()]].concat();
        let each = |of: &dyn Fn(&str) -> String, between: &str| {
            names.iter().map(|name| of(name)).collect::<Vec<_>>().join(between)
        };
        let (declared, all) = (each(&|name| format!("pub {name}: String"), ", "), names.join(", "));
        let (parameters, inline) =
            (each(&|name| format!("{name}: &str"), ", "), each(&|name| format!("{name}: String"), ", "));
        let (branches, variables) =
            (each(&|name| format!("{name}: .{name}"), ", "), each(&|name| format!("{{{name}}}"), " "));
        let optional = each(&|name| format!("{{{name}?}}"), "\\n");
        let (options, first) = (each(&|name| format!("pub {name}: Option<String>"), ", "), &names[0]);
        let bound = each(&|name| format!("let {name} = 1;"), " ");
        writeln!(
            source,
            "pub mod fields_{index} {{
                #[derive(Clone, PartialEq, ::catena::Record)] pub struct It {{ {declared} }}
                #[derive(Clone, ::catena::Record)] pub struct Optional {{ {options} }}
                #[::catena::runnable] pub fn takes_({parameters}) -> usize {{ {first}.len() }}
                #[::catena::runnable(retry = 2)] pub async fn asks_({first}: &str) -> String {{ {first}.to_owned() }}
                /// Reads.
                #[::catena_llm::tool] pub fn tool_({inline}) -> String {{ {first} }}
                pub fn chains() {{
                    let _ = ::catena::chain!(It => <{branches}> as It | .{{ {all} }} | takes_);
                    let _ = ::catena::chain!({{ {inline} }} => <.., b_: |x| x.{first}.len()> | .{first} | asks_);
                    let _ = ::catena::chain!(It => match .{first} {{ \"a\" => .{first}, _ => |x| x.{first} }});
                    let _ = ::catena::chain!(It => match {{ It {{ {all} }} => takes_ }});
                    let _ = ::catena::chain!(It => ::catena_llm::prompt!(\"{variables}\"));
                    let _ = ::catena::chain!(Optional => ::catena_llm::prompt!(\"{optional}\"));
                    {bound}
                    let _ = ::catena::record! {{ {all} }}.{first};
                }}
            }}"
        )
        .unwrap();
    }
    compiles("fields", &source, &|_| String::new(), "");
}

/// Types and type parameters in signatures and in the input of chains.
#[test]
fn types_with_the_names_of_an_expansion() {
    let types = |name: &str| {
        // Of these two, the name itself says something: a parameter `&Context` is the run's, and a function that returns a
        // `Result` may fail.
        if is_variable(name) || name == "Context" || name == "Result" {
            return String::new();
        }
        format!(
            "pub mod type_{name} {{
                #[derive(::core::clone::Clone)] pub struct {name};
                #[derive(::core::clone::Clone, ::catena::Record)]
                #[record(derive())]
                pub struct It_<{name}> {{ pub a_: {name}, pub b_: () }}
                #[::catena::runnable] pub fn two_(a_: {name}, b_: &{name}) -> {name} {{ let _ = b_; a_ }}
                pub fn chains_() {{ let _ = ::catena::chain!({name} => <a_: |x_: {name}| x_, b_: _> | two_); }}
                #[::catena::runnable]
                pub fn one_<{name}: ::core::marker::Send + 'static>(a_: {name}) -> {name} {{ a_ }}
            }}"
        )
    };
    compiles("types", "", &types, "");
}

/// Returns the names of the methods that the snapshots call, but those that programs here call themselves. A name that begins
/// with two underscores is the expansion's own.
fn methods() -> BTreeSet<String> {
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../macros/src/tests/snapshots");
    let mut names = BTreeSet::new();
    for snapshot in fs::read_dir(snapshots).unwrap() {
        let text = fs::read_to_string(snapshot.unwrap().path()).unwrap();
        for call in text.split('.').skip(1) {
            let end = call.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(call.len());
            let (name, rest) = call.split_at(end);
            if rest.trim_start().starts_with(['(', ':']) && name.starts_with(|first: char| first.is_ascii_lowercase()) {
                names.insert(name.to_owned());
            }
        }
    }
    for own in ["await", "fallback", "len", "race", "retry", "to_uppercase"] {
        names.remove(own);
    }
    names
}

/// A trait of the user for all types, with a method of each name that an expansion calls.
#[test]
fn methods_of_all_types_with_the_names_of_an_expansion() {
    let names = methods();
    assert!(names.len() > 12 && names.contains("record"), "{names:?}");
    for (program, receiver) in [("methods_by_value", "self"), ("methods_by_reference", "&self")] {
        let mut methods = String::new();
        for name in &names {
            write!(methods, "fn {name}({receiver}) where Self: Sized {{}} ").unwrap();
        }
        let own = format!("pub trait Ext_ {{ {methods} }} impl<T: ?::core::marker::Sized> Ext_ for T {{}}");
        compiles(program, &own, &|_| String::new(), &CONSTRUCTS.replace("use super::*;", "use super::Ext_ as _;"));
    }
}
