//! The chains that are drawn in the goldens.
#![allow(dead_code)]

use catena_graph::{Arm, Diagram, Extent, Field, Kind, Outcome, Shape, Status, Step, Track};

pub(crate) fn model(name: &str, detail: &str) -> Track {
    Step::new(name, Kind::Model).detail(detail).streams(Extent::Whole, Extent::Pieces).into()
}

pub(crate) fn parser(name: &str) -> Track {
    Step::new(name, Kind::Parser).streams(Extent::Pieces, Extent::Same).into()
}

pub(crate) fn function(name: &str) -> Track {
    Step::new(name, Kind::Function).link(format!("fn.{name}.html")).into()
}

fn prompt(name: &str) -> Track {
    Track::step(name, Kind::Prompt)
}

/// All of them, by the name of their golden.
pub(crate) fn all() -> Vec<(&'static str, Diagram)> {
    vec![
        ("one", Diagram::new("one", function("shout")).input("String").output("String")),
        ("plain", plain()),
        ("compare", compare()),
        ("route", route()),
        ("robust", robust()),
        ("rag", rag()),
        ("agent", agent()),
        ("wrapped", wrapped()),
        ("long", long()),
        ("forty", forty()),
        ("nested", nested()),
        ("hostile", hostile()),
        ("empty", empty()),
        ("run", run()),
        ("kinds", kinds()),
        ("tokens", tokens()),
    ]
}

fn plain() -> Diagram {
    let chain = Track::sequence([prompt("prompt"), model("gpt", "gpt-4o"), parser("text")]);
    Diagram::new("answer", chain)
}

pub(crate) fn compare() -> Diagram {
    let models = Track::parallel([
        Field::new("gpt", model("gpt_4o", "gpt-4o")),
        Field::new("claude", model("sonnet", "claude-sonnet-4-5").timeout("20 s")),
        Field::new("gemini", model("flash", "gemini-2.5-flash").retry(3)).settled(),
    ]);
    let chain = Track::sequence([prompt("prompt").gives("Vec<Message>"), models, function("consensus")]);
    Diagram::new("compare", chain).input("Question").output("Verdict")
}

fn route() -> Diagram {
    let chain = Track::sequence([
        function("classify").gives("Route"),
        Track::branch([
            Arm::new("Route::Math(question)", Track::sequence([prompt("math"), model("o3", "o3-mini")])),
            Arm::new("Route::Code { lang, .. } if lang == \"rust\"", model("sonnet", "claude-sonnet-4-5")),
            Arm::new("_", Track::step("", Kind::Passthrough)),
        ]),
        parser("text"),
    ]);
    Diagram::new("route", chain).input("String").output("String")
}

fn robust() -> Diagram {
    let chain = Track::sequence([
        prompt("prompt"),
        Track::fallback([
            model("gpt", "gpt-4o").retry(3).timeout("20 s"),
            model("claude", "claude-sonnet-4-5").timeout("30 s"),
            function("apologise"),
        ]),
        Track::race([model("fast", "groq/llama"), model("cheap", "gpt-4o-mini")]),
        function("log"),
    ]);
    Diagram::new("robust", chain).input("Question")
}

fn rag() -> Diagram {
    let chain = Track::sequence([
        Track::parallel([
            Field::new(
                "documents",
                Track::sequence([
                    Track::step(".question", Kind::Pick),
                    Track::step("vectors", Kind::Retriever),
                    function("rerank").for_each().gives("Vec<Document>"),
                ]),
            ),
            Field::Kept,
        ]),
        prompt("answer_from").gives("Vec<Message>"),
        model("gpt", "gpt-4o").retry(5).named("answer"),
        parser("text"),
        function("cite"),
    ]);
    Diagram::new("rag", chain).input("Ask").output("Cited")
}

fn agent() -> Diagram {
    let tools = Track::sequence([
        Track::step("search", Kind::Tool),
        Track::step("|page| page.text", Kind::Closure),
        Track::step("tokens", Kind::Generator),
    ]);
    let chain = Track::sequence([
        Track::step("pick_tool", Kind::Router).choice(),
        tools.for_each(),
        Track::opaque(),
        Track::step("", Kind::Lazy).spawned(),
        function("report").configured("max_concurrency 4"),
    ]);
    Diagram::new("agent", chain).input("Task").output("Report")
}

fn wrapped() -> Diagram {
    let inner = Track::sequence([prompt("p"), model("m", "gpt-4o")]);
    let retried = Shape::Retry {
        attempts: None,
        note: Some("100 ms, doubled, at most 5 s".into()),
        track: Box::new(inner.clone()),
    };
    let chain = Track::sequence([
        Track::from(retried).timeout("1 min").configured("tags: a, b").named("guarded"),
        inner.spawned().for_each().timeout("5 s"),
    ]);
    Diagram::new("wrapped", chain)
}

pub(crate) fn long() -> Diagram {
    let step = |at: usize| match at % 5 {
        0 => prompt(&format!("prompt_{at}")).gives("Vec<Message>"),
        1 => model(&format!("model_{at}"), "gpt-4o"),
        2 => parser(&format!("parse_{at}")),
        3 => function(&format!("normalise_{at}")).gives("Record"),
        _ => Track::step(format!("|x| x.field_{at}"), Kind::Closure),
    };
    Diagram::new("thirty steps", Track::sequence((0..30).map(step))).input("Question").output("Answer")
}

fn forty() -> Diagram {
    let fields = (0..40).map(|at| Field::new(format!("field_{at}"), function(&format!("step_{at}"))));
    Diagram::new("a map of forty", Track::sequence([Track::parallel(fields), function("merge")]))
}

fn nested() -> Diagram {
    let mut track = function("leaf");
    for depth in (1..=5).rev() {
        track = Track::branch([
            Arm::new(format!("Level{depth}::Down(x)"), Track::sequence([function(&format!("level_{depth}")), track])),
            Arm::new("_", function("stop")),
        ]);
    }
    Diagram::new("five deep", track)
}

/// What nobody should call anything.
pub(crate) fn hostile() -> Diagram {
    let names = [
        "\"quoted\" & <b>bold</b>",
        "end",
        "日本語の名前です",
        "👩‍👩‍👧 family 🚀",
        "line\nbreak\ttab",
        "a]b[c{d}e(f)g|h;i#j`k\\l",
        "--> %% style click",
        "\u{202e}drawkcab\u{0}\u{7}",
        "",
    ];
    let long = "x".repeat(300);
    let hostile_step =
        |name: &str| -> Track { Step::new(name, Kind::Function).detail(name).link("java\"><script>").into() };
    let mut fields: Vec<Field> = names.iter().map(|name| Field::new(*name, hostile_step(name))).collect();
    fields.push(Field::new(long.as_str(), hostile_step(&long)).settled());
    fields.push(Field::new("end", hostile_step("end")));
    let arms = names.iter().map(|name| Arm::new(*name, hostile_step(name).named(*name).timeout(*name)));
    let chain = Track::sequence([
        Track::parallel(fields).gives("Map<\"K\", V>"),
        Track::branch(arms).gives(long.as_str()),
        hostile_step(&long).retry(u32::MAX).ended(Outcome::new(Status::Failed).error("<error> \"x\"\n").took("1\n2")),
    ]);
    Diagram::new("\"hostile\" <title> & \n\n end", chain).input("Vec<\"a\">").output(long)
}

fn empty() -> Diagram {
    let chain = Track::sequence([
        Track::sequence([]),
        Track::parallel([]),
        Track::branch([]),
        Track::fallback([]),
        Track::race([]),
        Track::sequence([]).retry(0).timeout("").named(""),
    ]);
    Diagram::new("", chain)
}

/// A chain with what became of it.
pub(crate) fn run() -> Diagram {
    let models = Track::parallel([
        Field::new(
            "gpt",
            model("gpt_4o", "gpt-4o").ended(
                Outcome::new(Status::Ok).took("1.24 s").attempts(2).note("812 tokens in, 96 out").note("$0.0041"),
            ),
        ),
        Field::new(
            "claude",
            Track::fallback([
                model("sonnet", "claude-sonnet-4-5")
                    .ended(Outcome::new(Status::Failed).took("20.0 s").attempts(3).error("429 Too Many Requests")),
                model("haiku", "claude-haiku-4-5").ended(Outcome::new(Status::Ok).took("0.8 s")),
            ]),
        ),
        Field::new("gemini", model("flash", "gemini-2.5-flash").ended(Outcome::new(Status::Cancelled))).settled(),
    ]);
    let route = Track::branch([
        Arm::new("Verdict::Agreed", function("publish").ended(Outcome::new(Status::Ok).took("3 ms"))),
        Arm::new("Verdict::Split(..)", function("ask_human").ended(Outcome::new(Status::Skipped))),
    ]);
    let chain = Track::sequence([
        prompt("prompt").ended(Outcome::new(Status::Ok).took("41 µs")),
        models.ended(Outcome::new(Status::Ok).took("20.9 s")),
        function("consensus").ended(Outcome::new(Status::Running).took("2 s")),
        route,
    ]);
    Diagram::new("a run", chain.ended(Outcome::new(Status::Running).took("22.9 s"))).input("Question").output("Verdict")
}

fn kinds() -> Diagram {
    Diagram::new("kinds", Track::sequence(Kind::ALL.map(|kind| Track::step(format!("a_{}", kind.word()), kind))))
}

/// A chain of which only the tokens are known, as in docs.
fn tokens() -> Diagram {
    let step = |name: &str| Track::step(name, Kind::Unknown);
    let linked = |name: &str| Track::from(Step::new(name, Kind::Unknown).link(format!("fn.{name}.html")));
    let chain = Track::sequence([
        step("prompt"),
        Track::parallel([
            Field::new("gpt", step("model_a").timeout("Duration::from_secs(20)")),
            Field::new("claude", step("model_b").retry(3)),
            Field::new("gemini", Track::sequence([step("model_c"), linked("shorten")])).settled(),
        ]),
        linked("merge"),
        Track::step("|answer| answer.trim().to_owned()", Kind::Closure),
    ]);
    Diagram::new("ask", chain).input("Question")
}
