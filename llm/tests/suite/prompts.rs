//! Prompts: what the macro makes of its texts, and templates that are read when the program runs.

use catena::{RunnableExt, Step, prelude::*};
use catena_llm::{Message, Messages, Role, prompt};

#[derive(Clone, Record)]
struct Turn {
    question: String,
    history: Messages,
    context: Option<String>,
}

fn turn(context: Option<&str>) -> Turn {
    let history = [Message::user("Hi"), Message::assistant("Hello {question}")].into();
    Turn { question: "why {not}?".into(), history, context: context.map(str::to_owned) }
}

fn said(messages: &Messages) -> Vec<(Role, &str)> {
    messages.iter().map(|message| (*message.role(), message.text())).collect()
}

#[tokio::test]
async fn fields_may_be_named_like_words_of_rust() {
    #[derive(Clone, Record)]
    struct Issue {
        r#type: String,
        r#match: Option<u32>,
    }
    let issue = || Issue { r#type: "bug".into(), r#match: Some(4) };
    let plain = chain!(Issue => prompt!("A {type}\nlike {match?}"));
    assert_eq!(plain.invoke(issue()).await.unwrap(), "A bug\nlike 4");
    let wide = chain!(Issue => prompt!("A {type:>5}"));
    assert_eq!(wide.invoke(issue()).await.unwrap(), "A   bug");
}

#[tokio::test]
async fn history_goes_where_it_is_put() {
    let ask = prompt!(system: "Be brief.", ..history, user: "{question}");
    let messages = ask.invoke(turn(None)).await.unwrap();
    let expected = [
        (Role::System, "Be brief."),
        (Role::User, "Hi"),
        (Role::Assistant, "Hello {question}"),
        (Role::User, "why {not}?"),
    ];
    assert_eq!(said(&messages), expected);
    // Whatever is a prompt: a text, a list; lent, in a chain, twice.
    let ask = prompt!(..a, ..b, ..a);
    let input = record! { a: "x", b: vec![Message::assistant("y")] };
    let messages = chain!({ a: &'static str, b: Vec<Message> } => ask).invoke(input).await.unwrap();
    assert_eq!(said(&messages), [(Role::User, "x"), (Role::Assistant, "y"), (Role::User, "x")]);
}

#[tokio::test]
async fn examples_are_there_when_it_is_built() {
    let examples: Vec<Message> =
        [("2+2", "4"), ("1+3", "4 {x}")].map(|(q, a)| [Message::user(q), Message::assistant(a)]).concat();
    let ask = prompt!(system: "Reckon in {lang}.", ..(examples), user: "{sum}", lang = String::from("French"));
    let again = ask.clone();
    for ask in [ask, again] {
        let messages = ask.invoke(record! { sum: "3+3" }).await.unwrap();
        let texts: Vec<&str> = messages.iter().map(Message::text).collect();
        assert_eq!(texts, ["Reckon in French.", "2+2", "4", "1+3", "4 {x}", "3+3"]);
    }
}

#[tokio::test]
async fn values_given_beside_the_text_are_shown_in_their_formats() {
    let words = 5;
    let ask = prompt!("{lang:>7}|{words:03}|{question}|{lang}|{lang:?}", lang = "{fr}", words = words + 1,);
    let text = ask.invoke(record! { question: "why?" }).await.unwrap();
    assert_eq!(text, "   {fr}|006|why?|{fr}|\"{fr}\"");
    // All of them given: what comes in does not matter, or is shown as it is.
    assert_eq!(prompt!("{a}!", a = 1).invoke(()).await.unwrap(), "1!");
    assert_eq!(prompt!("{lang}: {}", lang = "fr").invoke("oui").await.unwrap(), "fr: oui");
    assert_eq!(format!("{ask:?}"), "Prompt");
}

#[tokio::test]
async fn lines_and_messages_of_what_is_none_are_left_out() {
    let ask = prompt!(
        "Answer {{briefly}}.
Context: {context?:>6}, {context?}
Question: {question}"
    );
    let text = ask.invoke(turn(Some("book"))).await.unwrap();
    assert_eq!(text, "Answer {briefly}.\nContext:   book, book\nQuestion: why {not}?");
    assert_eq!(ask.invoke(turn(None)).await.unwrap(), "Answer {briefly}.\nQuestion: why {not}?");
    // At the beginning, at the end, and nothing else.
    let ends = prompt!("{context?}\n\n{question}\n{context?}");
    assert_eq!(ends.invoke(turn(None)).await.unwrap(), "\nwhy {not}?");
    assert_eq!(ends.invoke(turn(Some("c"))).await.unwrap(), "c\n\nwhy {not}?\nc");
    assert_eq!(prompt!("{context?}").invoke(turn(None)).await.unwrap(), "");
    // With roles.
    let ask = prompt!(system: "Use {context?}.", user: "{question}\n({context?})", assistant: "So:");
    let messages = ask.invoke(turn(Some("it"))).await.unwrap();
    assert_eq!(said(&messages)[..2], [(Role::System, "Use it."), (Role::User, "why {not}?\n(it)")]);
    let messages = ask.invoke(turn(None)).await.unwrap();
    assert_eq!(said(&messages), [(Role::User, "why {not}?"), (Role::Assistant, "So:")]);
}

#[tokio::test]
async fn a_strict_prompt_uses_all_fields() {
    let ask = prompt!(strict, ..history, user: "{question}\n{context?}");
    assert_eq!(ask.invoke(turn(None)).await.unwrap().len(), 3);
    let ask = prompt!(strict, "{a} {lang}", lang = "fr");
    assert_eq!(ask.invoke(record! { a: 1 }).await.unwrap(), "1 fr");
}

#[tokio::test]
async fn what_is_in_a_prompt_is_told() {
    let ask = prompt!(system: "Use {context?}.", ..history, user: "{question}");
    let mut details = catena::Details::default();
    ask.details(&mut details);
    assert_eq!(details.get("template_1_system"), Some(&"Use {context?}.".into()));
    assert_eq!(details.get("messages_2"), Some(&"history".into()));
    let input = Runnable::input_json(&ask, &turn(None)).unwrap();
    assert_eq!(input["history"], "user: Hi\nassistant: Hello {question}");
    assert_eq!((input["context"].as_str(), input["question"].as_str()), (Some(""), Some("why {not}?")));
}

#[cfg(feature = "templates")]
mod templates {
    use catena::{ErrorKind, RunnableExt, chain, record};
    use catena_llm::{ChatTemplate, Role, Template};
    use schemars::JsonSchema;
    use serde::Serialize;
    use serde_json::json;

    #[derive(Clone, Serialize, JsonSchema)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code)]
    struct Ask {
        the_question: String,
        tags: Vec<String>,
    }

    fn ask() -> Ask {
        Ask { the_question: "<why> {{ not }} {% if %}?".into(), tags: vec!["a".into(), "b".into()] }
    }

    #[tokio::test]
    async fn values_are_text_and_never_templates() {
        let template = Template::new("{{ theQuestion }}{% for tag in tags %} #{{ tag }}{% endfor %}\n").unwrap();
        assert_eq!(template.variables().into_iter().collect::<Vec<_>>(), ["tags", "theQuestion"]);
        let template = template.for_input::<Ask>().unwrap();
        assert_eq!(template.invoke(ask()).await.unwrap(), "<why> {{ not }} {% if %}? #a #b\n");
        // Behind a step, which gives a record.
        let chain = chain!({ a: u8 } => <n: .a> | template_of("{{ n }}!"));
        assert_eq!(chain.invoke(record! { a: 1 }).await.unwrap(), "1!");
    }

    fn template_of(source: &str) -> Template {
        Template::new(source).unwrap()
    }

    #[tokio::test]
    async fn mistakes_are_told_when_it_is_built() {
        let error = Template::new("a\n{{ question").unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.to_string().contains(":2"), "{error}");
        assert!(Template::new("{% include 'secret' %}").is_err());
        let template = template_of("{% set x = 1 %}{{ x }}{{ range(3) | length }}{{ the_question.len }}{{ more }}");
        let error = template.clone().for_input::<Ask>().unwrap_err();
        assert_eq!(
            error.message(),
            "the template shows `more`, `the_question`, and its input has `tags`, `theQuestion`"
        );
        assert!(template.for_fields(["the_question", "more", "unused"]).is_ok());
        let error = template_of("{{ a }}").for_fields(Vec::<String>::new()).unwrap_err();
        assert_eq!(error.message(), "the template shows `a`, and its input has no fields");
    }

    #[tokio::test]
    async fn what_is_missing_is_an_error() {
        for (source, input) in [
            ("{{ question }}", json!({})),
            ("{% for x in question %}{% endfor %}", json!({})),
            ("{{ a.b.c }}", json!({ "a": {} })),
            ("{{ question }}", json!("text")),
        ] {
            let error = template_of(source).invoke(input).await.unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::BadInput, "{source}");
            assert!(error.to_string().contains("undefined"), "{error}");
        }
    }

    #[tokio::test]
    async fn messages_have_their_roles() {
        let roles = [(Role::System, "{{ lang }}"), (Role::User, "{{ q }}"), (Role::Assistant, "So")];
        let chat = ChatTemplate::new(roles).unwrap().for_fields(["lang", "q"]).unwrap();
        let messages = chat.invoke(json!({ "lang": "fr", "q": "{{ lang }}" })).await.unwrap();
        assert_eq!(messages.to_string(), "system: fr\nuser: {{ lang }}\nassistant: So");
        assert!(ChatTemplate::new([(Role::User, "{{ a }}")]).unwrap().for_fields(["b"]).is_err());
        assert!(ChatTemplate::new([(Role::Tool, "x")]).is_err());
    }
}
