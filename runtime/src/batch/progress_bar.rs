use super::Batch;
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

impl<R, In, Inputs, Mode> Batch<'_, R, In, Inputs, Mode> {
    /// Shows a bar on stderr: done and total, failed, rate, and the time left. Nothing is shown if stderr is not a terminal.
    /// Requires the feature `progress`.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// #[runnable]
    /// async fn double(n: u32) -> u32 { n * 2 }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// assert_eq!(double.try_batch([1, 2]).progress_bar().await?, [2, 4]);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn progress_bar(self) -> Self {
        let bar = ProgressBar::no_length().with_finish(ProgressFinish::Abandon);
        match ProgressStyle::with_template("{bar:40} {pos}/{len} {msg} {per_sec} {eta} left") {
            Ok(look) => self.progress_bar_with(bar.with_style(look)),
            Err(_) => self.progress_bar_with(bar),
        }
    }

    /// Shows the progress on a bar of yours, such as one of several. Its message is the number of failed items. Requires the
    /// feature `progress`.
    pub fn progress_bar_with(self, bar: ProgressBar) -> Self {
        self.on_progress(move |progress| {
            if progress.done == 0 {
                bar.reset();
                if let Some(total) = progress.total {
                    bar.set_length(total as u64);
                }
            } else if progress.total.is_none() {
                bar.unset_length();
            }
            if progress.failed > 0 {
                bar.set_message(format!("{} failed", progress.failed));
            }
            bar.set_position(progress.done as u64);
        })
    }
}
