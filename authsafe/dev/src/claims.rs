//! The tokens' claims.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use super::error::DevError;
use super::keys::Keys;
use super::knobs::Object;
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
    let (opaque, scope_form, roles_form) = {
        let knobs = shared.knobs();
        (
            knobs.opaque_access_tokens,
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
        let claims = core::mem::take(&mut token.claims);
        let parts = [Object::AccessTokenHeader, Object::AccessToken];
        let header = |keys: &Keys| token.header(keys.header("JWT"));
        let signed = sign(shared, parts, header, claims)?;
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
    let header = |keys: &Keys| keys.header("at+jwt");
    let parts = [Object::AccessTokenHeader, Object::AccessToken];
    sign(shared, parts, header, claims)
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
    let corrupt = shared.knobs().corrupt_signatures;
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
    let header = |keys: &Keys| keys.header("JWT");
    let parts = [Object::IdTokenHeader, Object::IdToken];
    let token = sign(shared, parts, header, claims)?;
    Ok(if corrupt { corrupted(&token) } else { token })
}

/// A logout token: OpenID Connect Back-Channel Logout §2.4.
pub(super) fn logout_token(
    shared: &Shared,
    client_id: &str,
    sub: Option<&str>,
    sid: Option<&str>,
) -> Result<String, DevError> {
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
    let header = |keys: &Keys| keys.header("logout+jwt");
    let parts = [Object::LogoutTokenHeader, Object::LogoutToken];
    sign(shared, parts, header, claims)
}

/// Signs a header and claims by the current key; a test may change both before.
fn sign(
    shared: &Shared,
    [of_header, of_claims]: [Object; 2],
    header: impl FnOnce(&Keys) -> Map<String, Value>,
    claims: Map<String, Value>,
) -> Result<String, DevError> {
    let claims = shared.tampered(of_claims, claims);
    let keys = shared.keys();
    keys.sign(shared.tampered(of_header, header(&keys)), claims)
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
