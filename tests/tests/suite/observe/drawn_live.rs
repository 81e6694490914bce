//! A run on the terminal while it runs.

use catena::{CancellationToken, Config, Drawing, Error, Live, Retry, prelude::*};
use catena_tests::ms;
use indicatif::{ProgressDrawTarget, TermLike};
use std::{
    io::{self, Write},
    sync::{Arc, Mutex, atomic::AtomicU32, atomic::Ordering::SeqCst},
};

#[runnable]
async fn ask(n: u32) -> u32 {
    tokio::time::sleep(ms(4)).await;
    n
}

#[runnable]
async fn slow(n: u32) -> u32 {
    tokio::time::sleep(ms(u64::from(n) * 100)).await;
    n
}

#[runnable]
async fn refuse(_n: u32) -> catena::Result<u32> {
    Err(Error::msg("no \x1b[31mnumbers\ntoday").with_retryable(true))
}

/// Refuses multiples of ten.
#[runnable]
fn fussy(n: u32) -> catena::Result<u32> {
    if n.is_multiple_of(10) { Err(Error::msg("fussy")) } else { Ok(n) }
}

/// Where lines go that are no terminal.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

const COLUMNS: usize = 100;

/// A terminal: what is on it, line by line.
#[derive(Clone, Debug, Default)]
struct Screen(Arc<Mutex<(Vec<String>, usize)>>);

impl Screen {
    fn text(&self) -> String {
        let lines = self.0.lock().unwrap();
        lines.0.iter().map(|line| line.trim_end().to_owned() + "\n").collect::<String>().trim_end().to_owned()
    }

    /// As terminals do, with what is too long for a line in the next.
    fn put(&self, text: &str) {
        let (lines, at) = &mut *self.0.lock().unwrap();
        for c in text.chars() {
            *at += usize::from(c == '\n' || lines.get(*at).is_some_and(|line| line.chars().count() == COLUMNS));
            if lines.len() <= *at {
                lines.resize(*at + 1, String::new());
            }
            if c != '\n' {
                lines[*at].push(c);
            }
        }
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        u16::try_from(COLUMNS).unwrap()
    }
    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        let mut screen = self.0.lock().unwrap();
        screen.1 = screen.1.saturating_sub(n);
        Ok(())
    }
    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.lock().unwrap().1 += n;
        Ok(())
    }
    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn write_line(&self, text: &str) -> io::Result<()> {
        self.put(&format!("{text}\n"));
        Ok(())
    }
    fn write_str(&self, text: &str) -> io::Result<()> {
        self.put(text);
        Ok(())
    }
    fn clear_line(&self) -> io::Result<()> {
        let (lines, at) = &mut *self.0.lock().unwrap();
        if let Some(line) = lines.get_mut(*at) {
            line.clear();
        }
        Ok(())
    }
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

fn live(screen: &Screen) -> Live {
    let screen = screen.clone();
    Live::terminal(Drawing::new("run"), move || ProgressDrawTarget::term_like_with_hz(Box::new(screen.clone()), 255))
}

#[tokio::test(start_paused = true)]
async fn without_a_terminal_each_step_that_ends_is_a_line() {
    let lines = Lines::default();
    let live = Live::lines(Drawing::new("run"), lines.clone());
    let chain = chain!(u32 => ask | <a: slow, b?: refuse.retry(Retry::attempts(2).jitter(false))> | |x| x.a);
    chain.invoke_with(3, Config::new().observe(live)).await.unwrap();
    assert_eq!(
        lines.text(),
        "\
✓ sequence › ask  4 ms
✗ sequence › parallel<a,b> › refuse › refuse  0 ms  no \\u{1b}[31mnumbers today
✗ sequence › parallel<a,b> › refuse › refuse  0 ms  attempt 2 · no \\u{1b}[31mnumbers today
✗ sequence › parallel<a,b> › b: refuse  200 ms  2 attempts
✓ sequence › parallel<a,b> › a: slow  300 ms
✓ sequence › parallel<a,b>  300 ms
✓ sequence › |x|  0 ms
✓ sequence  304 ms
"
    );
}

#[tokio::test(start_paused = true)]
async fn the_items_of_a_map_are_a_count() {
    let lines = Lines::default();
    let live = Live::lines(Drawing::new("run"), lines.clone());
    let chain = chain!(Vec<u32> => fussy.fallback(slow).map());
    chain.invoke_with((1..=30).collect(), Config::new().observe(live)).await.unwrap();
    assert_eq!(lines.text(), "✓ map<fallback>  3 s  30 of 30 done\n".replace("3 s", "3.00 s"));
}

#[tokio::test(start_paused = true)]
async fn a_terminal_shows_what_runs_and_what_has_ended() {
    let screen = Screen::default();
    let chain = chain!(u32 => ask | <a: slow, b?: refuse> | |x| x.a);
    let live = live(&screen);
    let seen = async {
        tokio::time::sleep(ms(1_204)).await;
        // Drawn at the next event, or a tenth of a second later.
        live.suspend(|| {});
        screen.text()
    };
    let (result, seen) = tokio::join!(chain.invoke_with(30, Config::new().observe(live.clone())), seen);
    result.unwrap();
    let spinner = |text: &str| text.replace(|c| ('\u{2800}'..='\u{28ff}').contains(&c), "*");
    assert_eq!(
        spinner(&seen),
        "\
* sequence         1.20 s
  ✓ ask              4 ms
  * parallel<a,b>  1.20 s
    * a: slow      1.20 s
    ✗ b: refuse      0 ms  no \\u{1b}[31mnumbers today"
    );
    assert_eq!(
        screen.text(),
        "\
✓ sequence         3.00 s
  ✓ ask              4 ms
  ✓ parallel<a,b>  3.00 s
    ✓ a: slow      3.00 s
    ✗ b: refuse      0 ms  no \\u{1b}[31mnumbers today
  ✓ |x|              0 ms"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stopped_run_leaves_its_last_picture() {
    let screen = Screen::default();
    let stop = CancellationToken::new();
    let config = Config::new().observe(live(&screen)).cancel(stop.clone());
    let (result, ()) = tokio::join!(slow.invoke_with(30, config), async {
        tokio::time::sleep(ms(500)).await;
        stop.cancel();
    });
    assert!(result.is_err());
    assert_eq!(screen.text(), "⊘ slow  500 ms");
}

#[tokio::test(start_paused = true)]
async fn a_panic_leaves_its_last_picture() {
    #[runnable]
    async fn burst(_n: u32) -> u32 {
        panic!("burst")
    }
    let screen = Screen::default();
    let config = Config::new().observe(live(&screen));
    let task = tokio::spawn(async move { burst.invoke_with(1, config).await });
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!(screen.text(), "✗ burst  0 ms  the step panicked");
}

#[tokio::test(start_paused = true)]
async fn many_lines_are_folded_from_within() {
    let screen = Screen::default();
    let chain = chain!(u32 => <a: <a: ask, b: ask, c: ask, d: ask, e: ask, f: ask>, b: <a: ask, b: ask, c: ask, d: ask, e: ask, f: ask>,
        c: <a: ask, b: ask, c: ask, d: ask, e: ask, f: ask>, d: <a: ask, b: ask, c: ask, d: ask, e: ask, f: ask>>);
    chain.invoke_with(1, Config::new().observe(live(&screen))).await.unwrap();
    let text = screen.text();
    assert_eq!(text.lines().count(), 5, "a terminal of 24 lines has no room for 29:\n{text}");
    assert!(text.contains("d: parallel<"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn one_run_after_another_is_drawn_beneath_it() {
    let screen = Screen::default();
    let live = live(&screen);
    for n in 1..=2 {
        slow.invoke_with(n, Config::new().observe(live.clone())).await.unwrap();
    }
    assert!(
        screen.text().starts_with("✓ slow  100 ms") && screen.text().ends_with("✓ slow  200 ms"),
        "{}",
        screen.text()
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_on_when_all_has_ended() {
    static DRAWN: AtomicU32 = AtomicU32::new(0);
    let screen = Screen::default();
    let target = screen.clone();
    let live = Live::terminal(Drawing::new("run"), move || {
        DRAWN.fetch_add(1, SeqCst);
        ProgressDrawTarget::term_like(Box::new(target.clone()))
    });
    assert_eq!(DRAWN.load(SeqCst), 0, "nothing is drawn before anything runs");
    slow.invoke_with(1, Config::new().observe(live.clone())).await.unwrap();
    drop(live);
    // The thread that draws holds the screen: with it gone, only this test does.
    for _ in 0..500 {
        if Arc::strong_count(&screen.0) == 1 {
            return;
        }
        std::thread::yield_now();
        std::thread::park_timeout(ms(10));
    }
    panic!("the screen is still held");
}
