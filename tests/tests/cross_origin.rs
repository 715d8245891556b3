//! Which other origins' pages may ask to change something: those that the attribute allows.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use authsafe::__private::{BearerSpec, CrossOrigin, Protect, Setting, SpecParts, parts, spec};
use authsafe::testing::Testing;
use authsafe::{Policy, Session, Spec, Visitor};
use authsafe_tests::peers::{Peer, Setup, Tale, alike_in};
use authsafe_tests::{Answer, Stage, auth};
use http::header;

const LOGOUT: &str = "/api/auth/logout";
const REFRESH: &str = "/api/auth/refresh";
const API: &str = "https://api.example.com";
const ADMIN: &str = "http://admin.localhost:4000";
const EVIL: &str = "http://evil.localhost:4000";

const GUARDED: SpecParts = SpecParts {
    protect: &[Protect {
        path: "/vault/**",
        when: Policy::SignedIn,
    }],
    bearer: Some(BearerSpec::new(Setting::Literal(API))),
    ..*parts(auth::SPEC)
};
static ALLOWED: Spec = spec(SpecParts {
    cross_origin: CrossOrigin::Allow(&[
        Setting::Literal("http://admin.localhost:4000/"),
        Setting::Env {
            name: "OWN_ORIGIN",
            default: Some("http://other.localhost"),
        },
    ]),
    ..GUARDED
});
static UNCHECKED: Spec = spec(SpecParts {
    cross_origin: CrossOrigin::Unchecked,
    ..GUARDED
});

/// All that a session opens: a guard, extractors, policies, a path rule.
const CHANGES: [&str; 5] = ["/admin/upload", "/sent", "/owned", "/greet", "/vault/safe"];

async fn told_of(spec: &'static Spec, story: impl AsyncFn(&Peer, &mut Tale, &str)) {
    let setup = Setup {
        spec,
        files: true,
        ..Setup::default()
    };
    alike_in(setup, async |peer, tale: &mut Tale| {
        let alice = peer.browser_of("alice").await;
        let cookie = format!("authsafe={}", alice.cookie("authsafe").unwrap());
        story(peer, tale, &cookie).await;
    })
    .await;
}

async fn post(peer: &Peer, path: &str, cookie: &str, more: &[(&str, &str)]) -> Answer {
    let headers = [&[("cookie", cookie), ("content-length", "0")], more].concat();
    peer.say(&format!("POST {path} HTTP/1.1"), &headers).await
}

fn refuses(answer: &Answer) {
    answer.refuses(403, "foreign_origin", "Cross-site request refused");
}

#[tokio::test]
async fn pages_of_an_origin_that_is_allowed_may_ask_what_the_apps_own_may() {
    told_of(&ALLOWED, async |peer, tale, cookie| {
        let by = |origin| [("sec-fetch-site", "same-site"), ("origin", origin)];
        for path in CHANGES.into_iter().chain([REFRESH, LOGOUT]) {
            for own in [ADMIN, "http://other.localhost"] {
                // A logout is told last: the session is gone then.
                if path == LOGOUT && own == ADMIN {
                    continue;
                }
                for origin in [EVIL, "http://admin.localhost", "null"] {
                    let answer = post(peer, path, cookie, &by(origin)).await;
                    refuses(&answer);
                    tale.tell(&format!("{path} by {origin}"), &answer);
                }
                let answer = post(peer, path, cookie, &by(own)).await;
                assert!(answer.status.as_u16() < 400, "{path} by {own}: {answer:#?}");
                tale.tell(&format!("{path} by {own}"), &answer);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_app_with_a_check_of_its_own_has_its_guards_ask_nobody() {
    told_of(&UNCHECKED, async |peer, tale, cookie| {
        let foreign = [("sec-fetch-site", "cross-site"), ("origin", EVIL)];
        for path in CHANGES {
            let answer = post(peer, path, cookie, &foreign).await;
            assert!(answer.status.as_u16() < 400, "{path}: {answer:#?}");
            tale.tell(path, &answer);
        }
        // Those are ours, and there the app checks nothing.
        for path in [REFRESH, LOGOUT] {
            let answer = post(peer, path, cookie, &foreign).await;
            refuses(&answer);
            tale.tell(path, &answer);
        }
    })
    .await;
}

#[tokio::test]
async fn a_person_sees_a_page_and_a_script_json() {
    told_of(&ALLOWED, async |peer, tale, cookie| {
        let page = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("origin", EVIL),
        ];
        for path in ["/sent", "/vault/safe", LOGOUT] {
            let answer = post(peer, path, cookie, &page).await;
            assert!(answer.is_page(), "{answer:#?}");
            assert_eq!(answer.status, 403);
            assert!(answer.header(header::CONTENT_SECURITY_POLICY).is_some());
            tale.tell(path, &answer);
        }
        let script = [("sec-fetch-mode", "cors"), ("origin", EVIL)];
        let answer = post(peer, "/sent", cookie, &script).await;
        assert_eq!(answer.code(), "foreign_origin");
        tale.tell("script", &answer);
    })
    .await;
}

#[tokio::test]
async fn an_https_app_takes_no_http_origin_for_its_own() {
    let start = |app_url, origin| {
        let stage = Stage::builder().spec(&ALLOWED);
        let stage = stage.var("APP_URL", app_url).var("OWN_ORIGIN", origin);
        async move { stage.try_start().await.err().map(|it| it.to_string()) }
    };
    let refused = start("https://app.example", "http://10.0.0.7").await;
    let refused = refused.unwrap();
    assert!(
        refused.contains("OWN_ORIGIN (cross_origin) cannot be \"http://10.0.0.7\": it is http and `app_url` is https"),
        "{refused}"
    );
    // What is on this machine is nobody else's.
    let refused = start("https://app.example", "http://localhost:5173").await;
    assert!(!refused.unwrap().contains("OWN_ORIGIN"));
    let refused = start("http://localhost:3000", "https://a.example/path").await;
    let refused = refused.unwrap();
    assert!(
        refused.contains("(cross_origin) cannot be \"https://a.example/path\": it has a path;"),
        "{refused}"
    );
}

/// Asks who it is, and lets what is within see a POST.
async fn ask_and_make_a_post(
    mut request: actix_web::dev::ServiceRequest,
    next: actix_web::middleware::Next<actix_web::body::BoxBody>,
) -> Result<actix_web::dev::ServiceResponse, actix_web::Error> {
    request.extract::<Visitor>().await?;
    request.head_mut().method = actix_web::http::Method::POST;
    next.call(request).await
}

async fn changes(session: Session) -> String {
    session.user().id().to_owned()
}

#[test]
fn a_get_that_a_middleware_has_made_a_post_of_is_judged_as_one() {
    use actix_web::dev::Service as _;
    use actix_web::test::{TestRequest, init_service};
    use actix_web::{App, middleware::from_fn, web};

    let testing = Testing::new(auth::SPEC);
    let cookie = testing.sign_in_as("authsafe|alice").cookie();
    let cookie = cookie.to_str().unwrap().to_owned();
    actix_web::rt::System::new().block_on(async {
        let app = App::new()
            .route("/changes", web::route().to(changes))
            .wrap(from_fn(ask_and_make_a_post))
            .wrap(testing.auth().middleware());
        let app = init_service(app).await;
        let ask = async |origin: &str, more: &str| {
            let request = TestRequest::get()
                .uri("/changes")
                .insert_header(("host", "localhost"))
                .insert_header(("origin", origin))
                .append_header(("cookie", cookie.as_str()))
                .append_header(("cookie", more));
            let answer = app.call(request.to_request()).await;
            answer.map_or_else(|it| it.as_response_error().status_code(), |it| it.status())
        };
        // Another session cookie, that is none, has it take longer to tell who it is.
        let (name, _) = cookie.split_once('=').unwrap();
        for more in ["", "a=b", &format!("{name}=none")] {
            assert_eq!(ask("https://evil.example", more).await, 403, "{more}");
            assert_eq!(ask("http://localhost", more).await, 200, "{more}");
        }
    });
}
