//! Random chains with random names: every drawing is made, and is sound.

use crate::{checks, samples};
use catena_graph::{Arm, Diagram, Dot, Extent, Field, Kind, Mermaid, Network, Outcome, Status, Step, Svg, Text, Track};
use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z_]{1,12}",
        1 => Just(String::new()),
        1 => "\\PC{0,40}",
        1 => ".{0,20}",
        1 => "[\"'<>&#;`|\\[\\]{}()\\\\\\n\\t -]{1,12}",
        1 => "[日本語👩🚀é\u{301}\u{200d}]{1,20}",
        1 => "[a-z]{300}",
    ]
}

fn extent() -> impl Strategy<Value = Extent> {
    prop_oneof![Just(Extent::Whole), Just(Extent::Pieces), Just(Extent::Same)]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let status = prop_oneof![
        Just(Status::Running),
        Just(Status::Ok),
        Just(Status::Failed),
        Just(Status::Cancelled),
        Just(Status::Skipped)
    ];
    (status, name(), 0u32..9, prop::collection::vec(name(), 0..3), prop::option::of(name())).prop_map(
        |(status, took, attempts, notes, error)| {
            let mut outcome = Outcome::new(status).took(took).attempts(attempts);
            outcome.notes = notes;
            outcome.error = error;
            outcome
        },
    )
}

fn track() -> impl Strategy<Value = Track> {
    let step =
        (name(), 0..Kind::ALL.len(), prop::collection::vec(name(), 0..9), prop::option::of(name()), extent(), extent());
    let step = step.prop_map(|(name, kind, details, link, takes, gives)| {
        let mut step = Step::new(name, Kind::ALL[kind]).streams(takes, gives);
        step.details = details;
        step.link = link;
        Track::from(step)
    });
    step.prop_recursive(5, 40, 6, |inner| {
        let some = prop::collection::vec(inner.clone(), 0..6);
        let field = (name(), inner.clone(), any::<bool>(), 0..6).prop_map(|(name, track, settled, kept)| {
            match (kept, settled) {
                (0, _) => Field::Kept,
                (_, true) => Field::new(name, track).settled(),
                _ => Field::new(name, track),
            }
        });
        let shape = prop_oneof![
            3 => some.clone().prop_map(Track::sequence),
            3 => prop::collection::vec(field, 0..6).prop_map(Track::parallel),
            1 => prop::collection::vec((name(), inner.clone()), 0..5)
                .prop_map(|arms| Track::branch(arms.into_iter().map(|(pattern, track)| Arm::new(pattern, track)))),
            1 => some.clone().prop_map(Track::fallback),
            1 => some.prop_map(Track::race),
            1 => (inner.clone(), any::<u32>()).prop_map(|(track, attempts)| track.retry(attempts)),
            1 => (inner.clone(), name()).prop_map(|(track, limit)| track.timeout(limit)),
            1 => (inner.clone(), name()).prop_map(|(track, name)| track.named(name)),
            1 => (inner.clone(), name()).prop_map(|(track, note)| track.configured(note)),
            1 => inner.clone().prop_map(Track::for_each),
            1 => inner.clone().prop_map(Track::spawned),
            1 => inner.prop_map(Track::choice),
        ];
        (shape, prop::option::weighted(0.2, name()), prop::option::weighted(0.1, outcome())).prop_map(
            |(mut track, output, outcome)| {
                track.output = output;
                track.outcome = outcome;
                track
            },
        )
    })
}

fn diagram() -> impl Strategy<Value = Diagram> {
    (name(), track(), prop::option::of(name()), prop::option::of(name())).prop_map(|(title, track, input, output)| {
        let mut diagram = Diagram::new(title, track);
        diagram.input = input;
        diagram.output = output;
        diagram
    })
}

fn sound(diagram: &Diagram, width: u16, columns: usize) {
    let html = Svg::new("x y\"<").width(width).draw(diagram);
    checks::svg(&html);
    assert_eq!(html, Svg::new("x y\"<").width(width).draw(diagram));
    checks::svg(&Svg::new("").narrow(0).width(width).standalone().draw(diagram));
    for text in [Text::new(columns), Text::new(columns).ascii()] {
        let drawn = text.draw(diagram);
        checks::text(&drawn, columns);
        assert_eq!(drawn, text.draw(diagram));
    }
    assert_eq!(Mermaid::new().draw(diagram), Mermaid::new().draw(diagram));
    assert_eq!(Dot::new().draw(diagram), Dot::new().draw(diagram));
    assert_eq!(Network::of(diagram), Network::of(diagram));
    checks::text(&diagram.words(), usize::MAX);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_drawing_is_sound(diagram in diagram(), width in 0u16..1200, columns in 0usize..140) {
        sound(&diagram, width, columns);
    }
}

#[test]
fn so_is_what_is_deep_or_long() {
    let leaf = || Track::step("leaf", Kind::Model);
    let deep = (0..120).fold(leaf(), |inner, at| match at % 6 {
        0 => Track::sequence([leaf(), inner]),
        1 => inner.retry(2),
        2 => Track::parallel([Field::new("a", inner), Field::new("b", leaf())]),
        3 => inner.for_each(),
        4 => Track::branch([Arm::new("_", inner)]),
        _ => inner.timeout("1 s").named("name"),
    });
    sound(&Diagram::new("deep", deep), 780, 100);
    let long = Track::sequence((0..600).map(|at| Track::step(format!("step_{at}"), Kind::Function)));
    sound(&Diagram::new("long", long), 780, 100);
}

#[test]
fn so_is_every_sample_in_every_width() {
    for (name, diagram) in samples::all() {
        println!("{name}");
        for width in [0, 200, 350, 780, 2000, u16::MAX] {
            sound(&diagram, width, usize::from(width) / 8);
        }
    }
}
