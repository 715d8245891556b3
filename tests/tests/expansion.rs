//! What the attribute says is what the constant holds.

use authsafe::__private::{
    ClientAuth, CrossOrigin, LogoutSpec, Parameter, Rate, ResponseMode, SameSite, SecretSetting,
    Setting, SpecParts, Tenants, parts,
};
use authsafe::Policy;
use core::time::Duration;

#[authsafe::routes]
mod plain {}

#[authsafe::routes(cross_origin = unchecked, session(grace = "15m"))]
mod unchecked {}

#[authsafe::routes(session(grace = none, keep(access_token = false)), pages(signed_out = "/bye"))]
mod without_grace {}

#[authsafe::routes(paths(session = "me", backchannel_logout = "ended"))]
mod named {}

#[authsafe::routes]
mod own_paths {
    pub(crate) mod paths {
        pub(crate) const HOME: &str = "/home";
    }
}

#[authsafe::routes(
    domain = "https://id.example.com",
    client_id = env("ID", default = "abc"),
    client_secret = env("SECRET", default = none),
    client_auth = "basic",
    cookie_secret = secrets::cookie,
    app_url = config::APP_URL,
    ca_file = env("CA_FILE"),
    base_path = "/auth",
    paths(signin = "in", logout = "out", signed_out = "gone"),
    scopes("openid", "offline_access", "admin"),
    roles("editor"),
    landing(
        always scope("admin") => "/admin",
        any(role("editor"), all(scope("openid"), scope("offline_access"))) => "/edit",
        _ => "/home",
    ),
    tenants("11111111-2222-3333-4444-555555555555"),
    provider(timeout = "10s", leeway = "2m"),
    authorize(audience = env("API", default = "a"), access_type = "offline", r#type = config::APP_URL),
    response_mode = "form_post",
    forward("organization", "kc_idp_hint"),
    after_logout = "/bye",
    keep_post = "2KB",
    pages(error = "/oops", expired = "/welcome-back", sign_in = "/login"),
    clear_site_data("cache", "storage"),
    logout(return_parameter = "logout_uri"),
    revoke_at_logout = false,
    endpoints(token = env("TOKEN_URL"), jwks = config::jwks),
    algorithms("ES256", "EdDSA"),
    session(max_age = "8h", idle = "30m", transaction = "90s", auto_refresh = false, keep(id_token = false, access_token)),
    cross_origin = allow("https://admin.example.com", env("OWN_ORIGIN")),
    cookies(name = "me", same_site = "none", secure, domain = "example.com", path = "/auth"),
    rate_limit(signin = "20/minute"),
    trusted_proxies("10.0.0.0/8", "2001:db8::1"),
    shared_state(redis = env("REDIS_URL"), prefix = "me:", fail_closed),
    on_event = hooks::event,
    on_error = hooks::error,
)]
mod everything {}

#[authsafe::routes(provider("google", timeout = "9s"), authorize(prompt = "consent"))]
mod google {}

#[authsafe::routes(provider = "authsafe")]
mod authsafe_by_name {}

mod config {
    pub(super) const APP_URL: &str = "https://app.example.com";

    pub(super) fn jwks() -> String {
        format!("{}/jwks", "https://id.example.com")
    }
}

mod secrets {
    pub(super) fn cookie() -> authsafe::SecretString {
        "0123456789abcdef0123456789abcdef".into()
    }
}

mod hooks {
    pub(super) fn event(_: &authsafe::hooks::Event<'_>) {}

    pub(super) fn error(
        _: &authsafe::Error,
        _: &http::request::Parts,
    ) -> Option<authsafe::Response> {
        None
    }
}

fn env(setting: Setting) -> (&'static str, Option<&'static str>) {
    match setting {
        Setting::Env { name, default } => (name, default),
        _ => panic!("not from the environment"),
    }
}

fn value(setting: Setting) -> String {
    match setting {
        Setting::Literal(text) => text.to_owned(),
        Setting::Value(source) => source.value(),
        Setting::Env { .. } => panic!("from the environment"),
    }
}

#[test]
fn a_plain_attribute_is_the_default() {
    let SpecParts { scopes, paths, .. } = *parts(plain::SPEC);
    assert_eq!(scopes, SpecParts::DEFAULT.scopes);
    assert_eq!(
        scopes,
        [
            plain::scopes::OPENID,
            plain::scopes::EMAIL,
            plain::scopes::PROFILE
        ]
    );
    assert_eq!(paths.callback, "callback");
    assert!(parts(plain::SPEC).on_event.is_none() && parts(plain::SPEC).on_error.is_none());
}

#[test]
fn the_paths_of_the_endpoints_are_constants() {
    use {everything::paths as written, plain::paths};
    assert_eq!(paths::SIGNIN, "/api/auth/signin");
    assert_eq!(paths::CALLBACK, "/api/auth/callback");
    assert_eq!(paths::LOGOUT, "/api/auth/logout");
    assert_eq!(paths::REFRESH, "/api/auth/refresh");
    assert_eq!(written::SIGNIN, "/auth/in");
    assert_eq!(written::CALLBACK, "/auth/callback");
    assert_eq!(written::LOGOUT, "/auth/out");
    assert_eq!(written::REFRESH, "/auth/refresh");
    assert_eq!(written::SIGNED_OUT, "/auth/gone");
    assert_eq!(named::paths::SESSION, "/api/auth/me");
    assert_eq!(named::paths::BACKCHANNEL_LOGOUT, "/api/auth/ended");
}

#[test]
fn a_link_to_sign_in_has_the_path_to_come_back_to() {
    let url = plain::sign_in_url("/orders?a=1&b=c");
    assert_eq!(url, "/api/auth/signin?returnTo=%2Forders%3Fa%3D1%26b%3Dc");
    assert_eq!(plain::sign_in_url("//evil.example"), "/api/auth/signin");
    assert_eq!(everything::sign_in_url("/"), "/auth/in?returnTo=%2F");
}

#[test]
fn a_module_of_the_apps_own_that_is_called_paths_stays() {
    assert_eq!(own_paths::paths::HOME, "/home");
}

/// The macro checks landing pages and lifetimes against these without seeing them.
#[test]
fn the_defaults_are_what_the_macro_takes_for_granted() {
    let default = SpecParts::DEFAULT;
    assert_eq!(default.base_path, "/api/auth");
    let paths = default.paths;
    assert_eq!(
        [paths.signin, paths.callback, paths.logout, paths.refresh],
        ["signin", "callback", "logout", "refresh"]
    );
    assert_eq!(default.scopes, ["openid", "email", "profile"]);
    assert_eq!(default.session.max_age, Duration::from_secs(3600));
}

#[test]
fn every_setting_arrives() {
    let spec = parts(everything::SPEC);
    assert_eq!(value(spec.domain), "https://id.example.com");
    assert_eq!(env(spec.client_id), ("ID", Some("abc")));
    assert!(matches!(
        spec.client_secret,
        SecretSetting::OptionalEnv { name: "SECRET" }
    ));
    assert_eq!(spec.client_auth, ClientAuth::Basic);
    assert_eq!(parts(plain::SPEC).client_auth, ClientAuth::Auto);
    assert_eq!(spec.algorithms, ["ES256", "EdDSA"]);
    assert!(parts(plain::SPEC).algorithms.is_empty());
    assert!(matches!(spec.cookie_secret, SecretSetting::Value(_)));
    assert_eq!(value(spec.app_url), "https://app.example.com");
    assert_eq!(spec.ca_file.map(env), Some(("CA_FILE", None)));
    assert_eq!(spec.endpoints.token.map(env), Some(("TOKEN_URL", None)));
    assert_eq!(
        spec.endpoints.jwks.map(value).as_deref(),
        Some("https://id.example.com/jwks")
    );
    assert!(spec.endpoints.issuer.is_none());
    assert!(spec.on_event.is_some() && spec.on_error.is_some());
}

#[test]
fn every_path_name_and_time_arrives() {
    let spec = parts(everything::SPEC);
    assert_eq!(spec.base_path, "/auth");
    let paths = spec.paths;
    assert_eq!(
        [paths.signin, paths.callback, paths.logout, paths.refresh],
        ["in", "callback", "out", "refresh"]
    );
    assert_eq!(spec.scopes, ["openid", "offline_access", "admin"]);
    assert_eq!(spec.roles, ["editor"]);
    assert_eq!(spec.after_logout, "/bye");
    assert_eq!(spec.session.max_age, Duration::from_secs(8 * 3600));
    assert_eq!(spec.session.idle, Some(Duration::from_secs(1800)));
    assert_eq!(spec.session.transaction, Duration::from_secs(90));
    assert!(!spec.session.auto_refresh);
    assert_eq!(spec.cookies.name, "me");
    assert_eq!(spec.cookies.same_site, SameSite::None);
    assert_eq!(spec.cookies.secure, Some(true));
    assert_eq!(
        spec.cookies.domain.map(value).as_deref(),
        Some("example.com")
    );
    assert_eq!(spec.cookies.path, "/auth");
    let rate = Rate {
        count: 20,
        per: Duration::from_secs(60),
    };
    assert_eq!(spec.rate_limit.signin, Some(rate));
    assert_eq!(spec.rate_limit.refresh, None);
    assert_eq!(spec.trusted_proxies, ["10.0.0.0/8", "2001:db8::1"]);
    assert!(matches!(
        spec.shared_state.redis,
        SecretSetting::Env { name: "REDIS_URL" }
    ));
    assert_eq!(spec.shared_state.prefix, "me:");
    assert!(spec.shared_state.fail_closed);
}

#[test]
fn what_goes_to_the_provider_arrives() {
    let spec = parts(everything::SPEC);
    let [audience, access_type, kind] = spec.authorize else {
        panic!("three parameters");
    };
    let name = |it: &Parameter| it.name;
    assert_eq!(
        [name(audience), name(access_type), name(kind)],
        ["audience", "access_type", "type"]
    );
    assert_eq!(env(audience.value), ("API", Some("a")));
    assert_eq!(value(access_type.value), "offline");
    assert_eq!(value(kind.value), config::APP_URL);
    assert_eq!(spec.response_mode, ResponseMode::FormPost);
    assert_eq!(spec.forward, ["organization", "kc_idp_hint"]);
    let cognito = LogoutSpec::Provider {
        return_parameter: "logout_uri",
    };
    assert_eq!(spec.logout, cognito);
    assert!(!spec.revoke_at_logout);
    assert_eq!(spec.paths.signed_out, Some("gone"));
    assert_eq!(
        spec.tenants,
        Tenants::Of(&["11111111-2222-3333-4444-555555555555"])
    );
    let CrossOrigin::Allow([admin, own]) = spec.cross_origin else {
        panic!("two origins");
    };
    assert_eq!(value(*admin), "https://admin.example.com");
    assert_eq!(env(*own), ("OWN_ORIGIN", None));
    assert_eq!(spec.provider.timeout, Some(Duration::from_secs(10)));
    assert_eq!(spec.provider.leeway, Duration::from_secs(120));
    let plain = parts(plain::SPEC);
    assert_eq!(plain.response_mode, ResponseMode::Query);
    assert_eq!(plain.tenants, Tenants::One);
    assert!(matches!(plain.cross_origin, CrossOrigin::Allow([])));
    let unchecked = parts(unchecked::SPEC);
    assert!(matches!(unchecked.cross_origin, CrossOrigin::Unchecked));
    assert_eq!(unchecked.session.grace, Duration::from_secs(900));
    assert_eq!(parts(without_grace::SPEC).session.grace, Duration::ZERO);
    assert_eq!(plain.session.grace, Duration::from_secs(3600));
    let kept = [plain, spec, parts(without_grace::SPEC)].map(|it| it.session.keep);
    let kept = kept.map(|it| (it.id_token, it.access_token));
    assert_eq!(kept, [(true, true), (false, true), (true, false)]);
    let pages = [spec.pages.error, spec.pages.expired, spec.pages.sign_in];
    assert_eq!(
        pages,
        [Some("/oops"), Some("/welcome-back"), Some("/login")]
    );
    assert_eq!(parts(without_grace::SPEC).after_logout, "/bye");
    assert_eq!(spec.clear_site_data, ["cache", "storage"]);
    assert_eq!((spec.keep_post, plain.keep_post), (Some(2048), None));
    assert!(plain.pages.error.is_none() && plain.clear_site_data.is_empty());
    assert_eq!(plain.provider.timeout, None);
    assert_eq!(plain.provider.leeway, Duration::from_secs(60));
    assert!(plain.authorize.is_empty() && plain.forward.is_empty());
    assert_eq!(plain.logout, LogoutSpec::PROVIDER);
    assert!(plain.revoke_at_logout && plain.paths.signed_out.is_none());
}

#[test]
fn what_a_provider_needs_arrives_by_its_name_beside_what_is_written() {
    let spec = parts(google::SPEC);
    assert_eq!(env(spec.domain), ("AUTHSAFE_DOMAIN", None));
    assert_eq!(spec.scopes, SpecParts::DEFAULT.scopes);
    let [prompt, access_type] = spec.authorize else {
        panic!("two parameters");
    };
    assert_eq!([prompt.name, access_type.name], ["prompt", "access_type"]);
    assert_eq!(value(access_type.value), "offline");
    assert_eq!(spec.forward, ["hd"]);
    assert_eq!(spec.claims.organization, ["hd"]);
    assert_eq!(spec.logout, LogoutSpec::Local);
    assert!(!spec.revoke_at_logout);
    assert_eq!(spec.provider.timeout, Some(Duration::from_secs(9)));
    let spec = parts(authsafe_by_name::SPEC);
    let (_, default) = env(spec.domain);
    assert_eq!(default, Some("https://identities.authsafe.in"));
    assert!(spec.endpoints.authsafe);
    assert!(spec.scopes.contains(&authsafe_by_name::scopes::ROLES));
}

#[test]
fn landing_rules_arrive_in_order_as_trees() {
    let [admin, edit, home] = parts(everything::SPEC).landing else {
        panic!("three rules");
    };
    assert_eq!(
        (admin.when, admin.to, admin.always),
        (Policy::Scope("admin"), "/admin", true)
    );
    let tree = Policy::Any(&[
        Policy::Role("editor"),
        Policy::All(&[Policy::Scope("openid"), Policy::Scope("offline_access")]),
    ]);
    assert_eq!((edit.when, edit.to, edit.always), (tree, "/edit", false));
    assert_eq!((home.when, home.to), (Policy::SignedIn, "/home"));
}

#[test]
fn the_worked_example_of_a_key_names_the_files_that_have_it() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let read = |path: &str| std::fs::read_to_string(format!("{root}/{path}"));
    let guide = read("CONTRIBUTING.md").unwrap();
    let mut files = 0;
    for row in guide.lines().filter(|line| line.starts_with("| `")) {
        let named = row.split('|').nth(1).unwrap();
        for path in named.split('`').skip(1).step_by(2) {
            let text = read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
            let has_key = text.contains("ca_file") || path == "CHANGELOG.md";
            assert!(has_key, "{path}");
            files += 1;
        }
    }
    assert!(files > 8, "only {files} files");
    for path in guide.split('`').skip(1).step_by(2) {
        let is_file = path.ends_with(".rs") && path.contains('/') && !path.contains('*');
        assert!(!is_file || exists(root, path), "{path}");
    }
}

/// Returns whether it is a file, or one of the attributes' crate.
fn exists(root: &str, path: &str) -> bool {
    let exists = |folder: &str| std::path::Path::new(&format!("{root}/{folder}{path}")).exists();
    exists("") || exists("authsafe-macros/src/")
}
