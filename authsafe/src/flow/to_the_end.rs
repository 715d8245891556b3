//! Work that goes on when whoever asked for it has gone away.

use std::panic::resume_unwind;

use tokio::sync::oneshot;
use tracing::Instrument as _;

use crate::types::{Boxed, spawn};

/// Does in a task of its own what must not be left half done: frameworks drop the future of a caller
/// that hangs up. `None`: the runtime shuts down. A panic, which is one of the app's own code, goes on
/// in the caller. The work comes in a box: it is long, and would move with each future around it.
pub(crate) async fn to_the_end<T: Send + 'static>(work: Boxed<'static, T>) -> Option<T> {
    let (tell, told) = oneshot::channel();
    let work = work.in_current_span();
    let task = spawn(Box::pin(async { _ = tell.send(work.await) }));
    if let Err(error) = task.await
        && let Ok(panic) = error.try_into_panic()
    {
        resume_unwind(panic);
    }
    told.await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;
    use tokio::time::timeout;

    #[tokio::test]
    async fn it_goes_on_when_nobody_waits_for_it() {
        let (go, gone) = oneshot::channel::<()>();
        let (tell, told) = oneshot::channel();
        let work = to_the_end(Box::pin(async move {
            let _ = gone.await;
            let _ = tell.send(());
        }));
        assert!(timeout(Duration::from_millis(10), work).await.is_err());
        drop(go);
        assert!(told.await.is_ok());
    }

    #[tokio::test]
    #[should_panic(expected = "the app's own")]
    async fn a_panic_is_the_callers() {
        to_the_end(Box::pin(async { panic!("the app's own") })).await;
    }
}
