//! The end of the process after a fault that may have left shared state half changed.
//!
//! A panic while a request is answered or a page is read costs that request alone, because it shares nothing. After a
//! panic under the chat's lock, in a task of the hub or in the journal's writer, the server would look alive and do
//! nothing. So the process logs the reason and aborts at once, without closing its connections; its supervisor restarts
//! it from the stored state. See "When something panics" in `docs/architecture.md`.

use std::{process, thread};

/// Ends the process with a line in the log about the panic, which was itself reported before.
pub(crate) fn end(what: &str) -> ! {
    tracing::error!("{what} panicked, and nothing can be relied on: the server ends here, to be started anew");
    process::abort()
}

/// Ends the process if it is dropped by a panic. The field names the part that panicked.
#[derive(Debug)]
pub(crate) struct EndOnPanic(pub(crate) &'static str);

impl Drop for EndOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            end(self.0);
        }
    }
}
