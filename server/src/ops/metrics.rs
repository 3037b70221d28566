//! What a server counts, as Prometheus reads it (OpenMetrics 1.0 text). Labels are names that this program knows: never
//! a path, an address or anything else that a client can make up, so that their number has a bound.

mod gauges;
mod listener;

pub use listener::serve;

use crate::app::App;
use gauges::Gauges;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::time::Duration;

/// Upper bounds of the buckets, seconds: from an answer out of memory to a picture that takes its time.
const BUCKETS: [f64; 11] = [0.000_5, 0.001, 0.002_5, 0.01, 0.05, 0.25, 1.0, 5.0, 15.0, 60.0, 600.0];

/// The counters of one server.
pub struct Metrics {
    registry: Registry,
    answers: Family<Answered, Counter>,
    seconds: Family<Asked, Histogram>,
    gauges: Gauges,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("generatio");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program", version);
        let answers = Family::default();
        registry.register("http_answers", "Answers to requests", Family::clone(&answers));
        let seconds = Family::new_with_constructor(histogram as fn() -> Histogram);
        let help = "From a request's head to its answer's; streams go on after that";
        registry.register_with_unit("http_answer", help, Unit::Seconds, Family::clone(&seconds));
        let gauges = Gauges::in_registry(&mut registry);
        Self { registry, answers, seconds, gauges }
    }
}

impl Metrics {
    /// Counts an answer. `method` and `route` are names out of tables.
    pub fn answered(&self, method: &'static str, route: &'static str, status: u16, took: Duration) {
        self.answers.get_or_create(&Answered { method, route, status }).inc();
        self.seconds.get_or_create(&Asked { method, route }).observe(took.as_secs_f64());
    }

    /// All of it as text, with what `app` holds at this moment.
    pub async fn text(&self, app: &App) -> String {
        self.gauges.take(app).await;
        let mut text = String::new();
        if let Err(error) = encode(&mut text, &self.registry) {
            tracing::error!(%error, "metrics do not print");
        }
        text
    }
}

fn histogram() -> Histogram {
    Histogram::new(BUCKETS)
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: &'static str,
}

#[cfg(test)]
mod tests {
    use crate::http::answer::tests::{app, ask};

    /// The value of the line that begins so.
    fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
    }

    #[tokio::test]
    async fn answers_are_counted_by_route_and_made_up_paths_are_one() {
        let (app, _folder) = app().await;
        for path in ["/api/health", "/api/health", "/made/up", "/made/up/too", "/api/collections/x/records"] {
            ask(&app, http::Request::get(path), String::new()).await;
        }
        ask(&app, http::Request::builder().method("BREW").uri("/api/health"), String::new()).await;
        let text = app.metrics.text(&app).await;
        for (line, count) in [
            (r#"generatio_http_answers_total{method="GET",route="/api/health",status="200"}"#, "2"),
            (r#"generatio_http_answers_total{method="GET",route="-",status="404"}"#, "2"),
            (r#"generatio_http_answers_total{method="OTHER",route="-",status="404"}"#, "1"),
            (r#"generatio_http_answer_seconds_count{method="GET",route="/api/health"}"#, "2"),
            ("generatio_sessions", "0"),
            ("generatio_jobs_running", "0"),
        ] {
            assert_eq!(value(&text, line), Some(count), "{line} in {text}");
        }
        assert!(!text.contains("made/up") && !text.contains("BREW"), "{text}");
        assert!(value(&text, "generatio_database_bytes").is_some_and(|bytes| bytes != "0"), "{text}");
        assert!(text.ends_with("# EOF\n"), "{text}");
        app.store.close().await;
    }

    #[tokio::test]
    async fn ten_thousand_paths_add_no_line() {
        let (app, _folder) = app().await;
        let lines = async || app.metrics.text(&app).await.lines().count();
        ask(&app, http::Request::get("/0"), String::new()).await;
        let before = lines().await;
        for number in 0..10_000 {
            ask(&app, http::Request::get(format!("/{number}")), String::new()).await;
        }
        assert_eq!(lines().await, before);
        app.store.close().await;
    }
}
