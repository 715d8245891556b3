//! The feature `metrics`: what is counted and measured, under names that stay.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use authsafe::dev::Endpoint;
use authsafe::store::Memory;
use authsafe_tests::Stage;
use authsafe_tests::peers::{Setup, alike_in};
use http::{Method, StatusCode};
use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

/// All that was recorded, by its name and labels.
#[derive(Clone, Default)]
struct Recorded(Arc<Mutex<BTreeMap<String, Vec<f64>>>>);

/// One counter or histogram.
struct Series(String, Recorded);

impl Series {
    fn note(&self, value: f64) {
        let Self(name, Recorded(all)) = self;
        let mut all = all.lock().unwrap();
        all.entry(name.clone()).or_default().push(value);
    }
}

impl CounterFn for Series {
    fn increment(&self, value: u64) {
        assert_eq!(value, 1);
        self.note(1.0);
    }

    fn absolute(&self, _: u64) {
        panic!("nothing here counts elsewhere");
    }
}

impl HistogramFn for Series {
    fn record(&self, value: f64) {
        self.note(value);
    }
}

impl Recorded {
    fn series(&self, key: &Key) -> Arc<Series> {
        let labels: Vec<_> = key
            .labels()
            .map(|it| format!("{}={}", it.key(), it.value()))
            .collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        Arc::new(Series(name, self.clone()))
    }

    /// How often it was recorded.
    fn count(&self, name: &str) -> usize {
        self.0.lock().unwrap().get(name).map_or(0, Vec::len)
    }
}

impl Recorder for Recorded {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.series(key))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.series(key))
    }
}

const GUIDE: &str = include_str!("../../authsafe/src/guide/audit_and_metrics.md");

static RECORDED: LazyLock<Recorded> = LazyLock::new(|| {
    let recorded = Recorded::default();
    metrics::set_global_recorder(recorded.clone()).unwrap();
    recorded
});

mod app {
    #[authsafe::routes(
        scopes("openid", "profile", "offline_access", "admin"),
        bearer(audience = "https://api.example.com")
    )]
    pub(super) mod auth {}
}

/// All of it in one test: what is recorded is the process's.
#[tokio::test]
async fn what_happens_is_counted_and_what_takes_time_is_measured() {
    LazyLock::force(&RECORDED);
    let stage = Stage::builder().spec(app::auth::SPEC).start().await;
    let auth = stage.auth.clone().with_shared_state(Memory::default());
    let mut alice = stage.browser_of("alice").await;
    alice.post("/api/auth/refresh").await;
    let refused = r#"{"error": "invalid_grant"}"#;
    let bad = StatusCode::BAD_REQUEST;
    let mut bob = stage.browser_of("bob").await;
    bob.fetch("/admin/dashboard").await;
    stage.provider.answer_next(Endpoint::Token, bad, refused);
    bob.post("/api/auth/refresh").await;
    alice.post("/api/auth/logout").await;
    drop(auth);
    for series in [
        "authsafe_sign_ins_started_total{}",
        "authsafe_sign_ins_total{}",
    ] {
        assert_eq!(RECORDED.count(series), 2, "{series}");
    }
    for series in [
        "authsafe_sign_outs_total{}",
        "authsafe_refreshes_total{outcome=ok}",
        "authsafe_refreshes_total{outcome=session_ended}",
        "authsafe_refusals_total{code=forbidden}",
        "authsafe_refusals_total{code=session_ended}",
    ] {
        assert_eq!(RECORDED.count(series), 1, "{series}");
    }
    for series in [
        "authsafe_provider_duration_seconds{endpoint=discovery,outcome=answered}",
        "authsafe_provider_duration_seconds{endpoint=jwks,outcome=answered}",
        "authsafe_provider_duration_seconds{endpoint=token,outcome=answered}",
        "authsafe_store_duration_seconds{store=shared_state,operation=put,outcome=ok}",
        "authsafe_cache_requests_total{cache=keys,result=hit}",
        "authsafe_cache_requests_total{cache=metadata,result=hit}",
    ] {
        assert!(RECORDED.count(series) > 0, "{series}");
    }

    // An access token is looked for, and found the second time.
    let token = stage
        .provider
        .access_token("bob", "https://api.example.com", &[]);
    let authorization = format!("Bearer {}", token.unwrap());
    for (result, others) in [("miss", 0), ("hit", 1)] {
        let mut browser = stage.browser();
        let visit = browser.visit(Method::GET, "/me");
        let visit = visit.header("authorization", &authorization);
        assert_eq!(visit.send().await.status, 200);
        let series = |result| {
            format!("authsafe_cache_requests_total{{cache=access_tokens,result={result}}}")
        };
        assert_eq!(RECORDED.count(&series(result)), 1);
        assert_eq!(RECORDED.count(&series("miss")), 1);
        assert_eq!(RECORDED.count(&series("hit")), others);
    }

    // The provider goes away.
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    stage.provider.answer_next(Endpoint::Token, unavailable, "");
    stage.browser().callback("alice").await;
    let series = "authsafe_provider_duration_seconds{endpoint=token,outcome=provider_unavailable}";
    assert_eq!(RECORDED.count(series), 1);

    alike_in(Setup::default(), async |peer, tale| {
        let forbidden = "authsafe_refusals_total{code=forbidden}";
        let before = RECORDED.count(forbidden);
        let mut bob = peer.browser_of("bob").await;
        tale.tell("forbidden", &bob.fetch("/admin/dashboard").await);
        assert_eq!(
            RECORDED.count(forbidden),
            before + 1,
            "{:?}",
            peer.framework
        );
    })
    .await;

    // Durations are seconds, and labels are words of our own.
    for (name, values) in &*RECORDED.0.lock().unwrap() {
        let is_duration = name.contains("_duration_seconds{");
        assert!(is_duration || name.contains("_total{"), "{name}");
        let (bare, _) = name.split_once('{').unwrap();
        assert!(GUIDE.contains(&format!("\n| `{bare}` |")), "{bare}");
        assert!(values.iter().all(|it| (0.0..60.0).contains(it)), "{name}");
        let is_word = |c: char| c.is_ascii_lowercase() || "_{}=,".contains(c);
        assert!(name.chars().all(is_word), "{name}");
        for secret in ["alice", "bob", "dashboard", "127"] {
            assert!(!name.contains(secret), "{name}");
        }
    }
}
