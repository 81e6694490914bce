//! The steps of a run as progress of its call.

use catena::{Event, EventKind, Observer};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// The maximum number of messages that wait to be sent. Further ones are dropped: progress never makes a run wait.
const WAITING: usize = 32;

/// Sends the name of each step that has ended.
struct Ended(Sender<String>);

impl Observer for Ended {
    fn event(&self, event: &Event) {
        if matches!(event.kind, EventKind::End { .. }) && event.run.parent().is_some() {
            let _ = self.0.try_send(event.name().to_owned());
        }
    }

    fn reads(&self) -> bool {
        false
    }
}

/// Returns an observer, and the names of the steps that end.
pub(super) fn progress() -> (impl Observer, Receiver<String>) {
    let (sender, receiver) = channel(WAITING);
    (Ended(sender), receiver)
}
