//! A door in front of which handlers wait until the test lets them through.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

#[derive(Debug, Clone)]
pub struct Door {
    arrived: Arc<Semaphore>,
    opened: Arc<Semaphore>,
}

/// A request whose handler waits at a door.
pub struct Waiting<T> {
    door: Door,
    request: JoinHandle<T>,
}

impl Default for Door {
    fn default() -> Self {
        Self {
            arrived: Arc::new(Semaphore::new(0)),
            opened: Arc::new(Semaphore::new(0)),
        }
    }
}

impl Door {
    /// For the handler: waits.
    pub async fn wait(&self) {
        self.arrived.add_permits(1);
        self.opened.acquire().await.unwrap().forget();
    }

    /// Sends a request, and comes back once its handler waits here.
    pub async fn stops<T, R>(&self, request: R) -> Waiting<T>
    where
        T: Send + 'static,
        R: Future<Output = T> + Send + 'static,
    {
        let request = tokio::spawn(request);
        self.arrived.acquire().await.unwrap().forget();
        let door = self.clone();
        Waiting { door, request }
    }
}

impl<T> Waiting<T> {
    /// Lets the handler through, and returns what the request came to.
    pub async fn let_through(self) -> T {
        self.door.opened.add_permits(1);
        self.request.await.unwrap()
    }
}
