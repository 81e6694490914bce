//! One piece of work, done by several contenders who have to give the same answer.

use std::{cell::RefCell, fmt::Debug, future::Future, hint::black_box, pin::Pin, rc::Rc};
use tokio::runtime::{Builder, Runtime};

/// Who the others are compared with.
pub const BY_HAND: &str = "by hand";
/// What it is all about.
pub const CATENA: &str = "Catena";

/// A piece of work.
pub struct Case {
    pub name: &'static str,
    /// What Catena's time, in parts of the time by hand, should be at most; and in instructions, where that is asked for.
    pub goal: Option<f64>,
    /// How many units of work one call does: elements of a batch, chunks of a stream.
    pub units: u64,
    pub contenders: Vec<Contender>,
    /// Who does not do it, and why.
    pub without: Vec<(&'static str, &'static str)>,
}

/// One way to do it.
pub struct Contender {
    pub who: &'static str,
    /// Do it so many times.
    pub run: Box<dyn Fn(u64)>,
    /// What comes of it.
    pub answer: Box<dyn Fn() -> String>,
}

impl Case {
    pub fn new(name: &'static str) -> Self {
        Case { name, goal: None, units: 1, contenders: Vec::new(), without: Vec::new() }
    }

    pub fn goal(mut self, goal: f64) -> Self {
        self.goal = Some(goal);
        self
    }

    pub fn units(mut self, units: u64) -> Self {
        self.units = units;
        self
    }

    /// One more who does it.
    pub fn by<Fut>(mut self, who: &'static str, call: impl Fn() -> Fut + 'static) -> Self
    where
        Fut: Future<Output: Debug>,
    {
        let call = Rc::new(call);
        let again = Rc::clone(&call);
        let answer = move || on_runtime(|runtime| format!("{:?}", runtime.block_on(again())));
        let run = move |times| {
            on_runtime(|runtime| {
                // Behind a pointer, as a task is: else whether the compiler puts this loop into that of the runtime depends on how
                // large the call is, and the loop costs one contender more than another.
                let work: Pin<Box<dyn Future<Output = ()> + '_>> = Box::pin(async {
                    for _ in 0..times {
                        black_box(call().await);
                    }
                });
                runtime.block_on(work);
            });
        };
        self.contenders.push(Contender { who, run: Box::new(run), answer: Box::new(answer) });
        self
    }

    /// One who does not do it: no row, but a line that says why.
    pub fn cannot(mut self, who: &'static str, why: &'static str) -> Self {
        self.without.push((who, why));
        self
    }

    /// With a contender from elsewhere.
    pub fn with(self, add: impl FnOnce(Case) -> Case) -> Self {
        add(self)
    }

    /// The contenders whose answer is not the one by hand. Of these, a peer does not take part: a line says so.
    pub fn wrong(&mut self, is_peer: impl Fn(&str) -> bool) -> Vec<String> {
        let Some(first) = self.contenders.first() else { return Vec::new() };
        let (by, expected) = (first.who, (first.answer)());
        let (mut wrong, mut without) = (Vec::new(), Vec::new());
        self.contenders.retain(|contender| {
            let answer = (contender.answer)();
            let right = answer == expected;
            if !right && is_peer(contender.who) {
                without.push((contender.who, &**kept(format!("WRONG: it says {answer}, {by} {expected}"))));
            } else if !right {
                wrong.push(format!("{}: {} says {answer}, {by} {expected}", self.name, contender.who));
            }
            right
        });
        self.without.extend(without);
        wrong
    }
}

/// For the rest of the program: what futures borrow while they are measured.
pub fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn on_runtime<T>(work: impl FnOnce(&Runtime) -> T) -> T {
    thread_local! {
        static RUNTIME: RefCell<Option<Runtime>> = const { RefCell::new(None) };
    }
    RUNTIME.with_borrow_mut(|runtime| {
        work(
            runtime
                .get_or_insert_with(|| Builder::new_current_thread().enable_all().build().expect("a runtime starts")),
        )
    })
}
