//! The steps that a call is inside of, which distinguish recursion from steps that are only nested.

use crate::{Context, Error, ErrorKind, RECURSION_LIMIT, Result, run::permit_loan::Own};
use std::{
    any::TypeId,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// The number of boxes that the program has created. Each takes its number from here.
static MADE: AtomicU64 = AtomicU64::new(0);

/// One step on the way, and those around it.
#[derive(Debug)]
pub(crate) struct Way {
    outer: Option<Arc<Way>>,
    id: Option<u64>,
    sort: Sort,
    /// `true` if the step was made after the one around it was entered.
    fresh: bool,
    /// The number of times that the step is on the way, including this one.
    turn: u32,
    /// The number of boxes when the step was entered.
    made: u64,
    /// The place that it runs in, under a limit.
    own: Option<Arc<Own>>,
}

/// The identity that a step shares with another one that the same code creates on the next turn.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sort {
    Type(TypeId),
    Name(&'static str),
    /// None: it is a place for any step.
    Place,
}

impl Way {
    fn new(outer: Option<&Arc<Way>>, id: Option<u64>, sort: Sort) -> Self {
        // A step that was there before is on the way again if it is the same one. A step that was made on the way cannot be
        // the same one: it takes its turn after those that were made by the same code.
        let fresh = match (outer, id) {
            (Some(outer), Some(id)) => id >= outer.made,
            (None, Some(_)) => false,
            (_, None) => true,
        };
        let around = || std::iter::successors(outer, |way| way.outer.as_ref());
        let before = if fresh {
            let alike = || around().filter(|way| way.sort == sort);
            alike().filter(|way| way.fresh).count() + usize::from(alike().any(|way| !way.fresh))
        } else {
            around().filter(|way| way.id == id).count()
        };
        let turn = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
        Way {
            outer: outer.cloned(),
            id,
            sort,
            fresh,
            turn,
            made: MADE.load(Relaxed),
            own: outer.and_then(|way| way.own.clone()),
        }
    }
}

impl Way {
    /// The place that the step runs in, if it is that of a child of a fan-out.
    pub(crate) fn own(&self) -> Option<&Arc<Own>> {
        self.own.as_ref()
    }
}

/// The visits to one box.
///
/// A run that asks for nothing enters the box in a context that the box keeps, and so allocates none.
#[derive(Debug)]
pub(crate) struct Visits {
    id: u64,
    sort: Sort,
    /// The context of calls that come from no other step on a way.
    alone: Context,
    /// The context of calls that come by the way on the left, which is that of the first of them.
    nested: OnceLock<(Arc<Way>, Context)>,
}

impl Visits {
    pub(crate) fn of<R: 'static>() -> Self {
        let (id, sort) = (MADE.fetch_add(1, Relaxed), Sort::Type(TypeId::of::<R>()));
        let alone = Context::bare(Arc::new(Way::new(None, Some(id), sort)));
        Visits { id, sort, alone, nested: OnceLock::new() }
    }

    /// The context inside the box, in a run that asks for nothing, if the box has it.
    #[inline]
    pub(crate) fn bare<'a>(&'a self, cx: &Context) -> Option<&'a Context> {
        if !cx.asks_for_nothing() {
            return None;
        }
        match cx.way() {
            None => Some(&self.alone),
            Some(way) => match self.nested.get() {
                Some((known, inside)) if Arc::ptr_eq(known, way) => Some(inside),
                Some(_) => None,
                None => self.first(way),
            },
        }
    }

    #[cold]
    fn first(&self, outer: &Arc<Way>) -> Option<&Context> {
        let way = Way::new(Some(outer), Some(self.id), self.sort);
        if way.turn > 1 {
            return None;
        }
        let (known, inside) = self.nested.get_or_init(|| (Arc::clone(outer), Context::bare(Arc::new(way))));
        Arc::ptr_eq(known, outer).then_some(inside)
    }

    /// The context inside the box.
    pub(crate) fn inside(&self, cx: &Context) -> Result<Context> {
        cx.entering(Way::new(cx.way(), Some(self.id), self.sort))
    }
}

impl Context {
    /// The context inside a step that may be on its own way, such as an agent that a tool of an agent asks. `step` names
    /// what kind of step it is.
    ///
    /// # Errors
    /// [`ErrorKind::Recursion`] if such steps are inside each other more often than the run's limit allows.
    pub fn deeper(&self, step: &'static str) -> Result<Self> {
        self.entering(Way::new(self.way(), None, Sort::Name(step)))
    }

    /// Returns the context of a step with a permit, which the children of its fan-outs use.
    pub(crate) fn in_own_place(&self) -> Self {
        let (outer, own) = (self.way().cloned(), Some(Arc::default()));
        let made = outer.as_ref().map_or(0, |way| way.made);
        self.on(Arc::new(Way { outer, id: None, sort: Sort::Place, fresh: false, turn: 0, made, own }))
    }

    fn entering(&self, way: Way) -> Result<Self> {
        let limit = self.recursion_limit().unwrap_or(RECURSION_LIMIT);
        if way.turn > limit {
            return Err(Error::new(
                ErrorKind::Recursion { limit },
                format!(
                    "a step is inside itself more than {limit} deep: does the recursion end? If so, raise `Config::recursion_limit`"
                ),
            ));
        }
        Ok(self.on(Arc::new(way)))
    }
}
