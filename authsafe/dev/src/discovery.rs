//! Where everything is: OpenID Connect Discovery §3, and the keys.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Map, Value, json};

use super::endpoint::Endpoint;
use super::knobs::Object;
use super::shared::Shared;

pub(super) async fn document(State(shared): State<Arc<Shared>>) -> Json<Map<String, Value>> {
    let (response_iss, end_session, client_auth) = {
        let knobs = shared.knobs();
        (knobs.response_iss, knobs.end_session, knobs.client_auth)
    };
    let mut document = Map::new();
    let mut say = |name: &str, value: Value| document.insert(name.to_owned(), value);
    say("issuer", json!(shared.told_issuer));
    for (name, endpoint) in [
        ("authorization_endpoint", Endpoint::Authorize),
        ("token_endpoint", Endpoint::Token),
        ("jwks_uri", Endpoint::Jwks),
        ("userinfo_endpoint", Endpoint::UserInfo),
        ("revocation_endpoint", Endpoint::Revoke),
        ("introspection_endpoint", Endpoint::Introspect),
    ] {
        if endpoint != Endpoint::UserInfo || shared.has_userinfo() {
            say(name, json!(shared.url(endpoint)));
        }
    }
    if end_session {
        say("end_session_endpoint", json!(shared.url(Endpoint::Logout)));
    }
    say("backchannel_logout_supported", json!(true));
    say("backchannel_logout_session_supported", json!(true));
    if response_iss {
        say(
            "authorization_response_iss_parameter_supported",
            json!(true),
        );
    }
    let offered = shared.manner.map_or(client_auth.names(), |it| it.offers);
    let mut authentication = offered.to_vec();
    authentication.push("none");
    for name in [
        "token_endpoint_auth_methods_supported",
        "revocation_endpoint_auth_methods_supported",
        "introspection_endpoint_auth_methods_supported",
    ] {
        say(name, json!(authentication));
    }
    say("response_types_supported", json!(["code"]));
    say("response_modes_supported", json!(["query", "form_post"]));
    say(
        "grant_types_supported",
        json!(["authorization_code", "refresh_token"]),
    );
    say("code_challenge_methods_supported", json!(["S256"]));
    say("id_token_signing_alg_values_supported", json!(["RS256"]));
    say("subject_types_supported", json!(["public"]));
    say(
        "prompt_values_supported",
        json!(["none", "login", "select_account"]),
    );
    say("scopes_supported", json!(scopes(&shared)));
    say(
        "claims_supported",
        json!([
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "at_hash",
            "sid",
            "name",
            "email",
            "email_verified",
            "picture",
            "org_id"
        ]),
    );
    say("request_parameter_supported", json!(false));
    say("request_uri_parameter_supported", json!(false));
    Json(shared.tampered(Object::Discovery, document))
}

pub(super) async fn jwks(State(shared): State<Arc<Shared>>) -> Json<JwkSet> {
    Json(shared.keys().jwks())
}

fn scopes(shared: &Shared) -> Vec<&str> {
    let mut scopes = shared.standard_scopes();
    for scope in shared.users.iter().flat_map(|user| &user.scopes) {
        if !scopes.contains(&scope.as_str()) {
            scopes.push(scope);
        }
    }
    scopes
}
