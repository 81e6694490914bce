//! Runs in a terminal while they run.

use super::{
    Drawing,
    terminal_rows::{lines, plain, row, rows},
    tree::Tree,
};
use crate::{
    Event, EventKind, Node, Observer, Run,
    host::{Instant, WorkClock},
};
use catena_graph::Status;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressState, ProgressStyle};
use std::{
    fmt,
    io::{IsTerminal, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The interval between two drawings.
const TICK: Duration = Duration::from_millis(100);
const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// An observer that shows a run in the terminal while it runs, as build tools do: running and finished steps with their times, and
/// counts for maps.
///
/// ```text
/// ⠙ compare               1.24 s
///   ✓ prompt               41 µs
///   ⠙ parallel<gpt,claude> 1.24 s
///     ✓ gpt: gpt_4o         0.9 s  15 tokens in, 33 out · $0.0003
///     ⠙ claude: sonnet     1.24 s  attempt 2
/// ```
///
/// The last picture stays after the end. If standard error is not a terminal, each step is a line when it has ended, except for the
/// items of maps. Colours are omitted if `NO_COLOR` is set. A thread draws it ten times a second, and exists only while a step
/// runs. Clones show the same. Requires the feature `progress`.
///
/// ```
/// use catena::{Config, Drawing, Live, prelude::*};
///
/// #[runnable]
/// fn double(n: u32) -> u32 { n * 2 }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let live = Live::stderr(Drawing::new("double"));
/// double.invoke_with(1, Config::new().observe(live.clone())).await?;
/// // What was seen can be drawn in other ways, too.
/// assert!(live.drawing().svg().contains("double"));
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Live {
    drawing: Drawing,
    out: Arc<Out>,
    colour: bool,
}

enum Out {
    Terminal { target: Box<Target>, shown: Mutex<Option<Shown>> },
    Lines(Mutex<Box<dyn Write + Send>>),
}

type Target = dyn Fn() -> ProgressDrawTarget + Send + Sync;

/// The picture in the terminal, from the start of the first run to the end of the last.
struct Shown {
    bar: ProgressBar,
}

impl Live {
    /// Shows the runs of a drawing on the standard error output.
    pub fn stderr(drawing: Drawing) -> Self {
        if !std::io::stderr().is_terminal() {
            return Live::lines(drawing, std::io::stderr());
        }
        let colour = std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
        Live { colour, ..Live::terminal(drawing, ProgressDrawTarget::stderr) }
    }

    /// Shows the runs on another terminal, without colours. `target` is called whenever a run begins after all have ended.
    ///
    /// ```
    /// use catena::{Drawing, Live};
    /// use indicatif::ProgressDrawTarget;
    ///
    /// let live = Live::terminal(Drawing::new("run"), ProgressDrawTarget::stdout);
    /// # let _ = live;
    /// ```
    pub fn terminal(drawing: Drawing, target: impl Fn() -> ProgressDrawTarget + Send + Sync + 'static) -> Self {
        let out = Out::Terminal { target: Box::new(target), shown: Mutex::new(None) };
        Live { drawing, out: Arc::new(out), colour: false }
    }

    /// Writes a line for each step that has ended, to any writer. Errors of the writer are ignored.
    ///
    /// ```
    /// use catena::{Config, Drawing, Live, prelude::*};
    ///
    /// #[runnable]
    /// fn double(n: u32) -> u32 { n * 2 }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let live = Live::lines(Drawing::new("double"), std::io::stdout());
    /// double.invoke_with(1, Config::new().observe(live)).await?;
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn lines(drawing: Drawing, writer: impl Write + Send + 'static) -> Self {
        Live { drawing, out: Arc::new(Out::Lines(Mutex::new(Box::new(writer)))), colour: false }
    }

    /// Returns the drawing, for other renderers.
    pub fn drawing(&self) -> &Drawing {
        &self.drawing
    }

    /// Hides the picture while a function writes to the same terminal.
    ///
    /// ```
    /// use catena::{Drawing, Live};
    ///
    /// let live = Live::stderr(Drawing::new("run"));
    /// live.suspend(|| println!("an answer"));
    /// ```
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        let bar = match &*self.out {
            Out::Terminal { shown, .. } => lock(shown).as_ref().map(|shown| shown.bar.clone()),
            Out::Lines(_) => None,
        };
        match bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn show(&self, target: &Target, shown: &Mutex<Option<Shown>>) {
        let quiet = self.drawing.lock().is_quiet();
        // Neither lock is held while the terminal is written to: drawing takes that of the log.
        let bar = {
            let mut shown = lock(shown);
            if quiet {
                shown.take().map(|shown| shown.bar)
            } else {
                Some(shown.get_or_insert_with(|| Shown { bar: self.bar(target()) }).bar.clone())
            }
        };
        match bar {
            // While a thread panics, it draws nothing.
            Some(bar) if quiet && std::thread::panicking() => drop(std::thread::spawn(move || bar.finish()).join()),
            Some(bar) if quiet => bar.finish(),
            Some(bar) => bar.tick(),
            None => {}
        }
    }

    /// The picture as the single part of a bar's template.
    fn bar(&self, target: ProgressDrawTarget) -> ProgressBar {
        let (drawing, colour, begin) = (self.drawing.clone(), self.colour, WorkClock::now());
        let from = drawing.lock().begun().saturating_sub(1);
        let run = move |_: &ProgressState, out: &mut dyn fmt::Write| {
            let (rows_there, columns) = console::Term::stderr().size_checked().unwrap_or((24, 100));
            let trees: Vec<Tree> = drawing
                .trees()
                .into_iter()
                .filter(|tree| tree.is_rest || tree.numbers.first().is_some_and(|number| *number >= from))
                .collect();
            let most = usize::from(rows_there).saturating_sub(2).max(3);
            let frame = usize::try_from(begin.elapsed().as_millis() / TICK.as_millis()).unwrap_or(0);
            let mark = |status: Status| match status {
                Status::Running => SPINNER[frame % SPINNER.len()],
                status => status.mark(),
            };
            let text = lines(&rows(&trees, Instant::now(), most), usize::from(columns), mark, |status, text| {
                paint(colour, status, text)
            });
            let _ = out.write_str(&text);
        };
        let bar = ProgressBar::with_draw_target(None, target).with_finish(ProgressFinish::Abandon);
        if let Ok(style) = ProgressStyle::with_template("{run}") {
            bar.set_style(style.with_key("run", run));
        }
        bar.enable_steady_tick(TICK);
        bar
    }
}

/// The finished steps, if there is no terminal.
fn tell(tree: &Tree, writer: &Mutex<Box<dyn Write + Send>>) {
    let path: Vec<&str> = around(&tree.seen.run).iter().rev().map(|run| run.name()).collect();
    let mut row = row(tree, None, 0, Instant::now());
    if !path.is_empty() {
        row.name = format!("{} › {}", path.join(" › "), row.name);
    }
    let more = if row.more.is_empty() { String::new() } else { format!("  {}", row.more) };
    let line = format!("{} {}  {}{more}", row.status.mark(), row.name, row.time);
    let _ = writeln!(lock(writer), "{}", plain(&line));
}

/// The runs around a run, innermost first.
fn around(run: &Run) -> Vec<&Run> {
    std::iter::successors(run.parent(), |run| run.parent()).collect()
}

/// Returns `true` if a run is worth a line: not the items of a map.
fn is_told(run: &Run) -> bool {
    !around(run).iter().any(|run| matches!(run.structure.0, Node::Map(_)))
}

fn paint(colour: bool, status: Status, text: &str) -> String {
    let code = match status {
        _ if !colour => return text.to_owned(),
        Status::Running => "36",
        Status::Ok => "32",
        Status::Failed => "31",
        Status::Cancelled => "33",
        _ => "2",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observer for Live {
    fn event(&self, event: &Event) {
        let over = matches!(event.kind, EventKind::End { .. } | EventKind::Error { .. });
        match &*self.out {
            Out::Terminal { target, shown } => {
                self.drawing.event(event);
                if over || matches!(event.kind, EventKind::Start { .. }) {
                    self.show(target, shown);
                }
            }
            Out::Lines(writer) => {
                let number = self.drawing.lock().number(event.run.id()).filter(|_| over && is_told(&event.run));
                self.drawing.event(event);
                // Of very many runs of a step, not all are kept, nor told.
                let tree = number.and_then(|number| self.drawing.lock().tree(number));
                if let Some(tree) = tree {
                    tell(&tree, writer);
                }
            }
        }
    }

    fn reads(&self) -> bool {
        self.drawing.reads()
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("drawing", &self.drawing).finish_non_exhaustive()
    }
}
