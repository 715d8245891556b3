//! The tokens' claims.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use super::error::DevError;
use super::knobs::tampered;
use super::manner::Place;
use super::shared::{Shared, random_secret};
use super::store::{Access, Grant};
use super::user::User;

/// ID tokens are for the moment of sign-in; an hour is plenty.
const ID_TOKEN_LIFETIME: u64 = 3600;

/// §4 of Back-Channel Logout: two minutes at the most.
const LOGOUT_TOKEN_LIFETIME: u64 = 120;

/// An access token: `at+jwt`, as RFC 9068 has it, or nothing that says anything.
pub(super) fn access_token(
    shared: &Shared,
    grant: &Grant,
    access: &Access,
) -> Result<String, DevError> {
    let user = &shared.users[grant.user];
    let (opaque, tamper, tamper_header, scope_form, roles_form) = {
        let knobs = shared.knobs();
        (
            knobs.opaque_access_tokens,
            knobs.tamper_access_token.clone(),
            knobs.tamper_access_token_header.clone(),
            knobs.scope_form,
            knobs.roles_form,
        )
    };
    if opaque {
        return random_secret();
    }
    if let Some(manner) = shared.manner {
        let Some(mut token) = manner.access_token(shared, grant, access)? else {
            return random_secret();
        };
        let claims = tampered(tamper.as_ref(), core::mem::take(&mut token.claims));
        let keys = shared.keys();
        let header = token.header(keys.header("JWT"));
        let signed = keys.sign(tampered(tamper_header.as_ref(), header), claims)?;
        return Ok(match token.is_corrupt() {
            true => corrupted(&signed),
            false => signed,
        });
    }
    let mut claims = Map::new();
    put(&mut claims, "iss", &shared.iss);
    put(&mut claims, "sub", user.sub());
    put(&mut claims, "aud", &access.audience);
    put(&mut claims, "client_id", &grant.client_id);
    put(&mut claims, "iat", access.issued_at);
    put(&mut claims, "exp", access.expires_at);
    put(&mut claims, "auth_time", grant.auth_time);
    put(&mut claims, "jti", random_secret()?);
    put(&mut claims, "sid", &grant.sid);
    put(&mut claims, "scope", scope_form.write(&access.scopes));
    put(&mut claims, "roles", roles_form.write(&user.roles));
    put(
        &mut claims,
        "permissions",
        roles_form.write(&user.permissions),
    );
    put_some(&mut claims, "org_id", user.org_id.as_ref());
    let claims = tampered(tamper.as_ref(), claims);
    let keys = shared.keys();
    let header = tampered(tamper_header.as_ref(), keys.header("at+jwt"));
    keys.sign(header, claims)
}

/// An ID token: OpenID Connect Core §2 and §3.1.3.6.
pub(super) fn id_token(
    shared: &Shared,
    grant: &Grant,
    nonce: Option<&str>,
    access_token: &str,
    now: u64,
) -> Result<String, DevError> {
    let user = &shared.users[grant.user];
    let (tamper, tamper_header, corrupt) = {
        let knobs = shared.knobs();
        (
            knobs.tamper_id_token.clone(),
            knobs.tamper_id_token_header.clone(),
            knobs.corrupt_signatures,
        )
    };
    let mut claims = Map::new();
    put(&mut claims, "iss", &shared.iss);
    put(&mut claims, "aud", &grant.client_id);
    put(&mut claims, "iat", now);
    put(&mut claims, "exp", now + ID_TOKEN_LIFETIME);
    put(&mut claims, "auth_time", grant.auth_time);
    put(&mut claims, "sid", &grant.sid);
    put(&mut claims, "at_hash", at_hash(access_token));
    put_some(&mut claims, "nonce", nonce);
    if shared.manner.is_none() {
        put_some(&mut claims, "org_id", user.org_id.as_ref());
    }
    claims.extend(about(shared, user, &grant.scopes, Place::IdToken));
    let claims = tampered(tamper.as_ref(), claims);
    let keys = shared.keys();
    let header = tampered(tamper_header.as_ref(), keys.header("JWT"));
    let token = keys.sign(header, claims)?;
    Ok(if corrupt { corrupted(&token) } else { token })
}

/// A logout token: OpenID Connect Back-Channel Logout §2.4.
pub(super) fn logout_token(
    shared: &Shared,
    client_id: &str,
    sub: Option<&str>,
    sid: Option<&str>,
) -> Result<String, DevError> {
    let (tamper, tamper_header) = {
        let knobs = shared.knobs();
        (
            knobs.tamper_logout_token.clone(),
            knobs.tamper_logout_token_header.clone(),
        )
    };
    let now = shared.now();
    let mut claims = Map::new();
    put(&mut claims, "iss", &shared.iss);
    put(&mut claims, "aud", client_id);
    put(&mut claims, "iat", now);
    put(&mut claims, "exp", now + LOGOUT_TOKEN_LIFETIME);
    put(&mut claims, "jti", random_secret()?);
    put_some(&mut claims, "sub", sub);
    put_some(&mut claims, "sid", sid);
    let event = "http://schemas.openid.net/event/backchannel-logout";
    put(&mut claims, "events", json!({ event: {} }));
    let claims = tampered(tamper.as_ref(), claims);
    let keys = shared.keys();
    let header = tampered(tamper_header.as_ref(), keys.header("logout+jwt"));
    keys.sign(header, claims)
}

/// Who the user is, as far as the scopes tell: OpenID Connect Core §5.4.
pub(super) fn about(
    shared: &Shared,
    user: &User,
    scopes: &[String],
    place: Place,
) -> Map<String, Value> {
    if let Some(manner) = shared.manner {
        return manner.told(user, scopes, place);
    }
    let has = |name: &str| scopes.iter().any(|scope| scope == name);
    let mut claims = Map::new();
    put(&mut claims, "sub", user.sub());
    if has("profile") {
        put_some(&mut claims, "name", user.name.as_ref());
        put_some(&mut claims, "picture", user.picture.as_ref());
    }
    if has("email") && user.email.is_some() {
        put_some(&mut claims, "email", user.email.as_ref());
        put(&mut claims, "email_verified", user.email_verified);
    }
    claims
}

/// OpenID Connect Core §3.1.3.6: the left half of the SHA-256.
fn at_hash(access_token: &str) -> String {
    let hash = digest(&SHA256, access_token.as_bytes());
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(&hash.as_ref()[..16])
}

/// The same token with another first character of the signature.
fn corrupted(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let rest: String = signature.chars().skip(1).collect();
    format!("{message}.{first}{rest}")
}

pub(super) fn put(claims: &mut Map<String, Value>, name: &str, value: impl serde::Serialize) {
    claims.insert(name.to_owned(), json!(value));
}

pub(super) fn put_some(
    claims: &mut Map<String, Value>,
    name: &str,
    value: Option<impl serde::Serialize>,
) {
    if let Some(value) = value {
        put(claims, name, value);
    }
}
