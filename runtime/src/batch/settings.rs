use super::Progress;
use crate::{Config, Context};

pub(super) type Each<'a, In> = Box<dyn Fn(usize, &In) -> Config + Send + Sync + 'a>;
pub(super) type Tell<'a> = Box<dyn FnMut(Progress) + Send + 'a>;

/// The settings of a batch.
pub(super) struct Settings<'a, In> {
    pub(super) config: Config,
    pub(super) limit: Option<usize>,
    pub(super) each: Option<Each<'a, In>>,
    pub(super) outer: Context,
    pub(super) progress: Vec<Tell<'a>>,
}

impl<In> Default for Settings<'_, In> {
    fn default() -> Self {
        Settings { config: Config::new(), limit: None, each: None, outer: Context::of_run(), progress: Vec::new() }
    }
}
