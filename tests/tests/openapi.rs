//! The document of the endpoints: valid by the standard's own schema, complete by the guide, and
//! what the endpoints really answer. And what guards write into the documents of handlers.

#![allow(clippy::unwrap_used, clippy::expect_used, dead_code)]

use std::collections::{BTreeMap, BTreeSet};

use authsafe::{require, require_auth, require_recent, require_role, require_scope};
use authsafe_tests::{Answer, Stage, auth};
use axum::extract::Path;
use http::Method;
use serde_json::{Value, json};
use utoipa::{Modify, OpenApi};

/// Routes with everything that the document tells of.
mod full {
    #[authsafe::routes(
        base_path = "/auth",
        paths(signin = "in", session = "who", backchannel_logout = "ended"),
        scopes("openid", "email", "profile", "admin"),
        cookies(name = "shop", domain = "example.com"),
        bearer(audience = "https://api.example.com"),
        rate_limit(signin = "20/minute")
    )]
    pub(crate) mod auth {}
}

mod asked {
    #[authsafe::routes(paths(session = "session"), scopes("openid", "offline_access"))]
    pub(crate) mod auth {}
}

mod tokens {
    #[authsafe::routes(bearer(audience = "https://api.example.com"))]
    pub(crate) mod auth {}
}

mod by_form {
    #[authsafe::routes(
        response_mode = "form_post",
        forward("organization"),
        paths(signed_out = "signed-out")
    )]
    pub(crate) mod auth {}
}

mod local {
    #[authsafe::routes(app_url = "http://localhost:3000")]
    pub(crate) mod auth {}
}

fn value(api: &utoipa::openapi::OpenApi) -> Value {
    serde_json::to_value(api).unwrap()
}

// Handlers

/// One report.
#[require_scope("admin")]
#[utoipa::path(get, path = "/reports/{id}", responses((status = 200, description = "It")))]
async fn report(Path(id): Path<u32>) -> String {
    id.to_string()
}

#[require_scope(any("admin", all("email", "profile")))]
#[utoipa::path(get, path = "/either")]
async fn either() {}

#[require_auth]
#[utoipa::path(get, path = "/signed-in")]
async fn signed_in() {}

#[require(all(scope("admin"), not(role("guest")), any(role("admin"), org("org_1"))), routes = any)]
#[utoipa::path(get, path = "/tree")]
async fn tree() {}

#[require_scope("admin")]
#[require_recent(max_age = "5m")]
#[require_scope("email")]
#[utoipa::path(post, path = "/several")]
async fn several() {}

#[authsafe::policy(any(scope("email"), recent("5m")))]
async fn in_person(_: &authsafe::Session, _: &http::request::Parts) -> bool {
    true
}

#[authsafe::policy]
async fn never(_: &authsafe::Session, _: &http::request::Parts) -> bool {
    false
}

#[require(policy = in_person)]
#[require_scope("admin")]
#[utoipa::path(get, path = "/named")]
async fn named() {}

#[require(policy = never)]
#[utoipa::path(get, path = "/named-alone")]
async fn named_alone() {}

#[require_role("admin")]
#[utoipa::path(
    get,
    path = "/own",
    security(("key" = [])),
    responses((status = 403, description = "My own words")),
)]
async fn own() {}

#[require_scope("admin")]
mod guarded {
    #[utoipa::path(get, path = "/in-a-module")]
    pub(crate) async fn page() {}

    #[authsafe::public]
    #[utoipa::path(get, path = "/health", responses((status = 200, description = "Well")))]
    pub(crate) async fn health() {}
}

#[derive(OpenApi)]
#[openapi(paths(
    report,
    either,
    signed_in,
    tree,
    several,
    named,
    named_alone,
    own,
    guarded::page,
    guarded::health
))]
struct ApiDoc;

fn whole() -> Value {
    let mut api = value(&ApiDoc::openapi().merge_from(auth::SPEC.openapi()));
    add_key(&mut api);
    api
}

fn add_key(api: &mut Value) {
    api["components"]["securitySchemes"]["key"] =
        json!({ "type": "apiKey", "in": "header", "name": "x-key" });
}

/// Behind routes that take bearer tokens.
fn with_everything() -> Value {
    let mut api = ApiDoc::openapi();
    full::auth::SPEC.modify(&mut api);
    let mut api = value(&api);
    add_key(&mut api);
    api
}

// The validator

/// What is wrong with a document: by the standard's schema, and by what that cannot say.
fn problems(api: &Value) -> Vec<String> {
    let schema = include_str!("../fixtures/openapi/schema-3.1.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let mut problems: Vec<String> = validator
        .iter_errors(api)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    for reference in found(api, "$ref") {
        let pointer = reference.as_str().unwrap().trim_start_matches('#');
        if api.pointer(pointer).is_none() {
            problems.push(format!("nothing is at {pointer}"));
        }
    }
    for (name, schema) in object(&api["components"]["schemas"]) {
        if !jsonschema::meta::is_valid(schema) {
            problems.push(format!("{name} is no JSON schema"));
        }
    }
    let mut ids = BTreeSet::new();
    for (path, operation) in operations(api) {
        if !ids.insert(operation["operationId"].to_string()) {
            problems.push(format!("{path}: operationId is there twice"));
        }
        for requirement in list(&operation["security"]) {
            for (scheme, scopes) in object(requirement) {
                let scheme = &api["components"]["securitySchemes"][scheme];
                if scheme.is_null() {
                    problems.push(format!("{path}: there is no such scheme"));
                }
                for scope in list(scopes) {
                    if !list(&scheme["x-scopes"]).contains(scope) {
                        problems.push(format!("{path}: there is no scope {scope}"));
                    }
                }
            }
        }
    }
    problems
}

/// All values of a key, at any depth.
fn found<'a>(value: &'a Value, key: &str) -> Vec<&'a Value> {
    match value {
        Value::Object(map) => {
            let deeper = map.values().flat_map(|value| found(value, key));
            map.get(key).into_iter().chain(deeper).collect()
        }
        Value::Array(all) => all.iter().flat_map(|value| found(value, key)).collect(),
        _ => Vec::new(),
    }
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn operations(api: &Value) -> Vec<(&String, &Value)> {
    object(&api["paths"])
        .flat_map(|(path, item)| object(item).map(move |(_, operation)| (path, operation)))
        .collect()
}

fn operation<'a>(api: &'a Value, path: &str) -> &'a Value {
    let mut all = operations(api).into_iter();
    all.find(|(at, _)| *at == path).expect(path).1
}

#[test]
fn the_documents_are_valid() {
    for api in [
        value(&auth::SPEC.openapi()),
        value(&full::auth::SPEC.openapi()),
        with_everything(),
        whole(),
    ] {
        assert_eq!(problems(&api), [""; 0], "{api:#}");
    }
}

type Spoil = fn(&mut Value);

#[test]
fn a_document_that_is_wrong_is_refused() {
    let breaks: [(&str, Spoil); 10] = [
        ("no version", |api| api["openapi"] = json!("4")),
        ("no title", |api| api["info"]["title"] = json!(null)),
        ("a path without a slash", |api| {
            let item = api["paths"]["/reports/{id}"].take();
            api["paths"] = json!({ "reports": item });
        }),
        ("a parameter nowhere", |api| {
            api["paths"]["/api/auth/signin"]["get"]["parameters"][0]["in"] = json!("body");
        }),
        ("a response without words", |api| {
            api["paths"]["/tree"]["get"]["responses"]["403"]["description"] = json!(null);
        }),
        ("a status that is none", |api| {
            api["paths"]["/tree"]["get"]["responses"]["9000"] = json!({ "description": "" });
        }),
        ("a cookie that has no name", |api| {
            api["components"]["securitySchemes"]["session"]["name"] = json!(null);
        }),
        ("a scheme that is none", |api| {
            api["paths"]["/tree"]["get"]["security"][0] = json!({ "sesion": [] });
        }),
        ("a scope that is none", |api| {
            api["paths"]["/tree"]["get"]["security"][0]["session"][0] = json!("admn");
        }),
        ("a reference to nothing", |api| {
            let schemas = api["components"]["schemas"].as_object_mut().unwrap();
            schemas.remove("AuthsafeGuardError").unwrap();
        }),
    ];
    for (what, spoil) in breaks {
        let mut api = whole();
        spoil(&mut api);
        assert_ne!(problems(&api), [""; 0], "{what}");
    }
}

// The errors

/// The schemas of the errors by the guide's words for who answers with them.
const ERRORS: [(&str, &str); 7] = [
    ("signin", "AuthsafeSignInError"),
    ("callback", "AuthsafeCallbackError"),
    ("logout", "AuthsafeLogoutError"),
    ("refresh", "AuthsafeRefreshError"),
    ("session", "AuthsafeSessionError"),
    ("back-channel logout", "AuthsafeBackchannelLogoutError"),
    ("guards", "AuthsafeGuardError"),
];

/// An error as the guide and the document have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    status: String,
    error: String,
    code: String,
}

/// A row of the guide's table.
#[derive(Debug)]
struct Row {
    who: Vec<&'static str>,
    told: Told,
}

fn rows() -> Vec<Row> {
    let page = include_str!("../../authsafe/src/guide/errors.md");
    let rows = page.lines().filter_map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, who, _, status, error, code, _] = cells[..] else {
            return None;
        };
        let _: u16 = status.parse().ok()?;
        let plain = |text: &str| text.trim_matches('`').to_owned();
        let told = Told {
            status: plain(status),
            error: plain(error),
            code: plain(code),
        };
        let who = who.split(", ").collect();
        Some(Row { who, told })
    });
    rows.collect()
}

/// Each error's status, words and code, by the schema of its body.
fn errors(api: &Value) -> BTreeMap<String, BTreeSet<Told>> {
    let mut errors: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for (_, operation) in operations(api) {
        for (status, response) in object(&operation["responses"]) {
            let content = &response["content"]["application/json"];
            let Some(schema) = content["schema"]["$ref"].as_str() else {
                continue;
            };
            let schema = schema.rsplit('/').next().unwrap();
            for (_, example) in object(&content["examples"]) {
                let body = &example["value"];
                let told = Told {
                    status: status.clone(),
                    error: text(&body["error"]),
                    code: text(&body["code"]),
                };
                errors.entry(schema.to_owned()).or_default().insert(told);
            }
        }
    }
    errors
}

#[test]
fn every_error_of_the_guide_is_in_the_document_and_no_other() {
    let api = with_everything();
    let documented = errors(&api);
    let rows = rows();
    assert!(rows.len() > 25, "where is the table?");
    for row in &rows {
        let told = &row.told;
        if row.who == ["any"] {
            let anywhere = documented.values().any(|errors| errors.contains(told));
            assert!(anywhere, "nobody answers {told:?}");
        }
        for who in row.who.iter().filter(|who| **who != "any") {
            let (_, schema) = ERRORS.iter().find(|(it, _)| it == who).expect(who);
            assert!(documented[*schema].contains(told), "{who} lacks {told:?}");
        }
    }
    for (who, schema) in ERRORS {
        for told in &documented[schema] {
            let mut of_it = rows.iter().filter(|row| row.told == *told);
            let is_told = of_it.any(|row| row.who == ["any"] || row.who.contains(&who));
            assert!(is_told, "not in the guide: {who}: {told:?}");
        }
    }
}

#[test]
fn the_guide_says_of_every_code_what_to_do() {
    let page = include_str!("../../authsafe/src/guide/errors.md");
    let codes: BTreeSet<String> = rows().into_iter().map(|row| row.told.code).collect();
    let explained = page.lines().filter_map(|line| line.strip_prefix("### "));
    let explained: Vec<&str> = explained.collect();
    let once: BTreeSet<String> = explained.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(once, codes);
    assert_eq!(explained.len(), once.len(), "a code is explained twice");
}

#[test]
fn the_codes_of_a_schema_are_those_of_its_errors() {
    let api = with_everything();
    for (schema, errors) in errors(&api) {
        let codes: BTreeSet<_> = errors.iter().map(|error| error.code.as_str()).collect();
        let listed = &api["components"]["schemas"][&schema]["properties"]["code"]["enum"];
        let listed: Vec<_> = list(listed).iter().map(|it| it.as_str().unwrap()).collect();
        assert_eq!(listed, codes.into_iter().collect::<Vec<_>>(), "{schema}");
    }
}

#[test]
fn headers_that_an_answer_has_are_in_the_document() {
    let api = value(&full::auth::SPEC.openapi());
    let headers = |path: &str, status: &str| {
        let headers = &operation(&api, path)["responses"][status]["headers"];
        object(headers)
            .map(|(name, it)| (name.clone(), it["example"].clone()))
            .collect::<BTreeMap<_, _>>()
    };
    assert_eq!(headers("/auth/in", "405")["allow"], "GET, HEAD");
    assert_eq!(headers("/auth/logout", "405")["allow"], "POST");
    assert_eq!(headers("/auth/in", "429")["retry-after"], 60);
    // There the provider alone says 429.
    assert!(!headers("/auth/callback", "429").contains_key("retry-after"));
    assert_eq!(
        headers("/auth/refresh", "401")["www-authenticate"],
        "Session"
    );
    assert!(headers("/auth/in", "303").contains_key("location"));
}

// The endpoints

#[test]
fn endpoints_lie_where_the_attribute_puts_them() {
    let paths = |api: &Value| {
        object(&api["paths"])
            .map(|it| it.0.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        paths(&value(&full::auth::SPEC.openapi())),
        [
            "/auth/callback",
            "/auth/ended",
            "/auth/in",
            "/auth/logout",
            "/auth/refresh",
            "/auth/who"
        ]
    );
    let without = paths(&value(&auth::SPEC.openapi()));
    assert_eq!(without.len(), 4, "{without:?}");
}

#[tokio::test]
async fn the_cookie_has_its_real_name() {
    let name = |api: &utoipa::openapi::OpenApi| {
        value(api)["components"]["securitySchemes"]["session"]["name"].clone()
    };
    assert_eq!(name(&auth::SPEC.openapi()), "__Host-authsafe");
    assert_eq!(name(&full::auth::SPEC.openapi()), "__Secure-shop");
    assert_eq!(name(&local::auth::SPEC.openapi()), "authsafe-3000");
    let stage = Stage::new().await;
    let port = stage.url.rsplit(':').next().unwrap();
    assert_eq!(name(&stage.auth.openapi()), format!("authsafe-{port}"));
    let deployed = stage
        .again_with("APP_URL", "https://shop.example.com")
        .await;
    assert_eq!(name(&deployed.openapi()), "__Host-authsafe");
}

/// Is an answer one of those that the document has, with the body that it has there?
#[track_caller]
fn is_documented(api: &Value, path: &str, answer: &Answer) {
    let responses = &operation(api, path)["responses"];
    let response = &responses[answer.status.as_str()];
    assert!(response.is_object(), "{path}: {answer:#?}");
    for (name, _) in object(&response["headers"]) {
        let name = http::HeaderName::try_from(name).unwrap();
        assert!(answer.header(name.clone()).is_some(), "{name}: {answer:#?}");
    }
    let content = &response["content"]["application/json"]["schema"];
    if content.is_null() {
        assert_eq!(answer.body, "");
        return;
    }
    if answer.is_page() {
        let (code, content) = (answer.code(), &response["content"]);
        assert_eq!(content["text/html"]["schema"]["type"], "string", "{path}");
        let examples = &content["application/json"]["examples"];
        assert!(
            examples[code.as_str().unwrap()].is_object(),
            "{path}: {code}"
        );
        return;
    }
    let schema = json!({
        "allOf": [content],
        "unevaluatedProperties": false,
        "components": api["components"],
    });
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let problems: Vec<_> = validator
        .iter_errors(&answer.json())
        .map(|it| it.to_string())
        .collect();
    assert!(problems.is_empty(), "{problems:?}: {answer:#?}");
}

#[tokio::test]
async fn what_is_answered_is_documented() {
    let stage = Stage::builder().spec(asked::auth::SPEC).start().await;
    let api = &value(&asked::auth::SPEC.openapi());
    let [sign_in, callback, logout, refresh, session] =
        ["signin", "callback", "logout", "refresh", "session"]
            .map(|name| format!("/api/auth/{name}"));

    let mut alice = stage.browser();
    let journey = alice.sign_in("alice", None).await;
    is_documented(api, &sign_in, &journey.started);
    is_documented(api, &callback, &journey.callback);
    is_documented(api, &callback, &alice.open(&callback).await);
    is_documented(api, &callback, &alice.own_post(&callback).send().await);

    let refreshed = alice.own_post(&refresh).send().await;
    assert_eq!(refreshed.status, 200);
    is_documented(api, &refresh, &refreshed);
    is_documented(api, &refresh, &alice.post(&refresh).await);
    is_documented(
        api,
        &refresh,
        &alice.visit(Method::GET, &refresh).send().await,
    );

    let asked = alice.fetch(&session).await;
    assert_eq!(asked.status, 200);
    is_documented(api, &session, &asked);
    is_documented(api, &session, &stage.browser().fetch(&session).await);

    let fetch = alice.own_post(&logout).header("accept", "application/json");
    let left = fetch.send().await;
    assert_eq!(left.status, 200);
    is_documented(api, &logout, &left);
    is_documented(api, &logout, &alice.own_post(&logout).send().await);
    let mut bob = stage.browser_of("bob").await;
    let left = bob.own_post(&logout).send().await;
    assert_eq!(left.status, 303);
    is_documented(api, &logout, &left);
}

#[tokio::test]
async fn the_metadata_of_the_resource_is_documented() {
    let stage = Stage::builder().spec(tokens::auth::SPEC).start().await;
    let api = &value(&stage.auth.openapi());
    let path = "/.well-known/oauth-protected-resource";
    let answer = stage.browser().fetch(path).await;
    assert_eq!(answer.status, 200);
    is_documented(api, path, &answer);
    is_documented(api, path, &stage.browser().post(path).await);
    assert_eq!(problems(api), [""; 0]);
}

#[tokio::test]
async fn what_a_guard_answers_is_documented() {
    let pages = axum::Router::new().route("/reports/{id}", axum::routing::get(report));
    let stage = Stage::builder().pages(pages).start().await;
    let api = &whole();
    let stranger = stage.browser().fetch("/reports/1").await;
    assert_eq!(stranger.status, 401);
    is_documented(api, "/reports/{id}", &stranger);
    let bob = stage.browser_of("bob").await.fetch("/reports/1").await;
    assert_eq!(bob.status, 403);
    is_documented(api, "/reports/{id}", &bob);
    let alice = stage.browser_of("alice").await.fetch("/reports/1").await;
    assert_eq!(alice.body, "1");
}

// The guards

fn security(path: &str) -> Value {
    operation(&whole(), path)["security"].clone()
}

#[test]
fn a_guard_says_which_scopes_it_asks_for() {
    assert_eq!(security("/reports/{id}"), json!([{ "session": ["admin"] }]));
    assert_eq!(
        security("/either"),
        json!([{ "session": ["admin"] }, { "session": ["email", "profile"] }])
    );
    assert_eq!(security("/signed-in"), json!([{ "session": [] }]));
    assert_eq!(security("/tree"), json!([{ "session": ["admin"] }]));
    assert_eq!(
        security("/several"),
        json!([{ "session": ["admin", "email"] }])
    );
    assert_eq!(security("/named"), json!([{ "session": ["admin"] }]));
    assert_eq!(security("/named-alone"), json!([{ "session": [] }]));
    assert_eq!(security("/in-a-module"), json!([{ "session": ["admin"] }]));
}

#[test]
fn a_token_opens_what_a_session_does_where_the_routes_take_them() {
    let api = with_everything();
    let security = |path: &str| operation(&api, path)["security"].clone();
    assert_eq!(
        security("/either"),
        json!([
            { "session": ["admin"] },
            { "session": ["email", "profile"] },
            { "bearer": ["admin"] },
            { "bearer": ["email", "profile"] },
        ])
    );
    assert_eq!(security("/own"), json!([{ "key": [] }]));
    // What ends or renews a session needs one.
    assert_eq!(security("/auth/logout"), json!([{ "session": [] }]));
    let own = &operation(&api, "/own")["responses"]["403"];
    assert_eq!(own["description"], "My own words");
    let codes = |path: &str| operation(&api, path)["responses"].to_string();
    assert!(codes("/either").contains("insufficient_scope"));
    assert!(!codes("/signed-in").contains("insufficient_scope"));
    assert!(codes("/signed-in").contains("invalid_token"));
    let none = whole();
    assert_eq!(none["components"]["securitySchemes"]["bearer"], Value::Null);
    assert!(!none.to_string().contains("invalid_token"));
}

#[test]
fn a_handler_without_a_guard_asks_for_nothing() {
    assert_eq!(security("/health"), Value::Null);
    for path in ["/api/auth/signin", "/api/auth/callback"] {
        assert_eq!(security(path), json!([]), "also where all else is secured");
    }
    assert_eq!(security("/api/auth/logout"), json!([{ "session": [] }]));
}

#[test]
fn what_the_user_wrote_stays() {
    assert_eq!(security("/own"), json!([{ "key": [] }]));
    let api = whole();
    let responses = &operation(&api, "/own")["responses"];
    assert_eq!(responses["403"]["description"], "My own words");
    assert!(responses["401"].is_object());
    let report = operation(&api, "/reports/{id}");
    assert_eq!(report["summary"], "One report.");
    assert_eq!(report["responses"]["200"]["description"], "It");
}

#[test]
fn a_guard_says_in_words_what_openapi_cannot() {
    let api = whole();
    let words = |path: &str| {
        let response = &operation(&api, path)["responses"]["403"];
        response["description"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let tree = r#"`all(scope("admin"), not(role("guest")), any(role("admin"), org("org_1")))`"#;
    assert!(words("/tree").contains(tree), "{}", words("/tree"));
    let several = r#"`all(scope("admin"), recent("300s"), scope("email"))`"#;
    assert!(words("/several").contains(several), "{}", words("/several"));
    let named = r#"`all(scope("admin"), any(scope("email"), recent("300s")))`, and then a policy"#;
    assert!(words("/named").contains(named), "{}", words("/named"));
}

#[test]
fn a_guard_has_the_errors_that_it_can_have() {
    let api = whole();
    let codes = |path: &str| {
        let responses = object(&operation(&api, path)["responses"]);
        let examples = responses
            .flat_map(|(_, it)| object(&it["content"]["application/json"]["examples"]))
            .map(|(code, _)| code.as_str());
        examples.collect::<BTreeSet<_>>()
    };
    assert!(!codes("/signed-in").contains("forbidden"));
    assert!(codes("/tree").contains("forbidden"));
    assert!(!codes("/tree").contains("reauthentication_required"));
    assert!(codes("/several").contains("reauthentication_required"));
    assert!(codes("/named").contains("reauthentication_required"));
    for (path, is_named) in [("/named", true), ("/named-alone", true), ("/tree", false)] {
        assert!(codes(path).contains("forbidden"));
        assert_eq!(codes(path).contains("policy_unavailable"), is_named);
    }
}

#[test]
fn the_guard_is_not_among_the_arguments_that_utoipa_sees() {
    let api = whole();
    let report = operation(&api, "/reports/{id}");
    assert_eq!(list(&report["parameters"]).len(), 1);
    assert_eq!(report["parameters"][0]["name"], "id");
    assert_eq!(report["requestBody"], Value::Null);
}

#[test]
fn what_is_forwarded_a_form_and_the_landing_are_in_the_document() {
    let document = value(&by_form::auth::SPEC.openapi());
    let sign_in = &document["paths"]["/api/auth/signin"]["get"]["parameters"];
    let names = sign_in.as_array().unwrap().iter();
    let names: Vec<_> = names.map(|it| it["name"].as_str().unwrap()).collect();
    assert!(
        names.contains(&"organization") && names.contains(&"ui_locales"),
        "{names:?}"
    );
    let callback = &document["paths"]["/api/auth/callback"];
    let form = &callback["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"];
    assert!(
        form["schema"]["properties"]["code"].is_object(),
        "{callback:#}"
    );
    assert!(callback.get("get").is_none());
    let landing = &document["paths"]["/api/auth/signed-out"]["get"];
    assert_eq!(landing["parameters"][0]["name"], "state");
    assert!(landing["responses"]["303"].is_object());
}
