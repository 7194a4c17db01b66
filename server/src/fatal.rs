//! The end of the process when a fault may have left what everybody shares half changed.
//!
//! A panic while a request is answered or a page is read costs that request alone: it shares nothing. A panic under the
//! chat's lock, in one of the hub's tasks or in the journal's writer would leave a server that looks alive and does
//! nothing. So the process says why and ends at once, without a farewell; whoever supervises it starts it anew, from what
//! is stored. See "When something panics" in `docs/architecture.md`.

use std::{process, thread};

/// Ends the process, with a line in the log that says what has panicked. The panic itself was reported before this.
pub(crate) fn end(what: &str) -> ! {
    tracing::error!("{what} panicked, and nothing can be relied on: the server ends here, to be started anew");
    process::abort()
}

/// Ends the process when it is dropped by a panic. It holds what has panicked then.
#[derive(Debug)]
pub(crate) struct EndOnPanic(pub(crate) &'static str);

impl Drop for EndOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            end(self.0);
        }
    }
}
