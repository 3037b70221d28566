//! One life of a server, in this process and on a runtime of its own, so that it can end in the middle of everything.

use generatio_server::app::App;
use generatio_server::serve::{ServeError, Server};
use generatio_server::settings::Settings;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};

/// How long the threads of a life that is over may take to come to their end.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server that answers.
pub(crate) struct Life {
    url: String,
    runtime: Option<Runtime>,
    app: Arc<App>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), ServeError>>,
}

impl Life {
    /// Starts a server and waits until it answers.
    pub(crate) async fn begin(settings: Settings) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let started = runtime.spawn(Server::start(settings)).await.expect("its task ends well");
        let server = started.expect("the server starts");
        let (url, app) = (format!("http://{}", server.address()), Arc::clone(server.app()));
        let (stop, stopped) = oneshot::channel::<()>();
        let served = runtime.spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self { url, runtime: Some(runtime), app, stop, served }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What is behind it.
    pub(crate) fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Asks it to stop, as an operator would, and waits until it has.
    pub(crate) async fn stop(mut self) {
        let (stop, _) = oneshot::channel();
        std::mem::replace(&mut self.stop, stop).send(()).expect("it listens");
        (&mut self.served).await.expect("its task ends well").expect("there is a way to FAL");
        self.crash().await;
    }

    /// Every task dies where it waits, as in a crash: nothing is finished, nobody is answered. Writes that the store's
    /// own thread had taken still happen, as if the crash had come a moment later.
    pub(crate) async fn crash(mut self) {
        let runtime = self.runtime.take().expect("it lives");
        spawn_blocking(move || runtime.shutdown_timeout(PATIENCE)).await.expect("it shuts down");
        self.app.store.close().await;
        // With the last of the app goes the lock on its data.
        assert_eq!(Arc::strong_count(&self.app), 1, "a task outlived its server");
    }
}

impl Drop for Life {
    /// After a failed test: a runtime must not be waited for on another one.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
