//! Words of other libraries and frameworks, and what is written here for each.

use quote::ToTokens;

/// What is written here.
#[derive(Clone, Copy)]
pub(crate) enum Here {
    /// A key, with its list: `session.max_age`. The user's value goes with it.
    Key(&'static str),
    /// One of several keys: the first that the user's value suits, or all of them.
    Keys(&'static [&'static str]),
    /// The same, for this reason.
    Because(&'static [&'static str], &'static str),
    /// One of these lines, with the user's text in the place of the one in braces.
    Lines(&'static [&'static str]),
    /// Nothing, for this reason.
    Nothing(&'static str),
}

use Here::{Because, Key, Keys, Lines, Nothing};

/// Returns what the row of a word says, in whatever spelling the word is.
fn row<T: Copy>(rows: &[(&str, T)], word: &str) -> Option<T> {
    let word = plain(word);
    let mut rows = rows.iter();
    let row = rows.find(|(words, _)| words.split(' ').any(|it| it == word));
    row.map(|(_, here)| *here)
}

/// Returns what is written here for a key of others.
pub(crate) fn key(word: &str) -> Option<Here> {
    row(KEYS, word)
}

/// Returns what is written here for a key that others have beside a condition.
pub(crate) fn guard_key(word: &str) -> Option<&'static str> {
    row(GUARD_KEYS, word)
}

/// Returns what is meant by a condition of others.
pub(crate) fn condition(word: &str) -> Option<Meant> {
    row(CONDITIONS, word)
}

/// Writes a word as keys are written here: `clientId`, `client-id` and `CLIENT_ID` as `client_id`.
pub(crate) fn plain(word: &str) -> String {
    let is_loud = !word.contains(|c: char| c.is_ascii_lowercase());
    let mut plain = String::new();
    let mut before = '_';
    for c in word.trim_start_matches("r#").chars() {
        if c.is_ascii_uppercase() && !is_loud && before.is_ascii_lowercase() {
            plain.push('_');
        }
        plain.push(match c {
            '-' | '.' | ':' | ' ' => '_',
            c => c.to_ascii_lowercase(),
        });
        before = c;
    }
    plain
}

macro_rules! rows {
    ($name:ident: $of:ty { $($words:literal => $meant:expr;)+ }) => {
        const $name: &[(&str, $of)] = &[$(($words, $meant)),+];
    };
}

// Keys of openidconnect, oauth2, axum-oidc, tower-sessions, Auth.js, nextjs-auth0, passport, Spring Security,
// Keycloak's adapters, Django, Rails, and of AuthSafe in other languages.
rows!(
    KEYS: Here {
        // The provider and the client.
        "issuer issuer_url issuer_uri issuer_base_url iss authority auth_server_url auth_server server_url \
             provider_url provider_uri identity_provider idp idp_url discovery_url discovery_uri discovery well_known \
             metadata_url config_url oidc_url host realm_url authsafe_domain auth_domain openid_configuration \
             configuration_uri oidc_issuer auth0_domain" =>
            Key("domain");
        "client clientid app_id application_id oauth_client_id consumer_key oidc_client_id auth0_client_id" =>
            Key("client_id");
        "credentials app_secret oauth_client_secret consumer_secret api_secret client_key oidc_client_secret \
             auth0_client_secret" =>
            Key("client_secret");
        "secret secrets" => Keys(&["client_secret", "cookie_secret"]);
        "session_secret nextauth_secret auth_secret auth0_secret cookie_key cookie_password session_key \
             session_password encryption_key signing_key secret_key secret_key_base master_key jwt_secret \
             cookie_secrets cookie_keys" =>
            Key("cookie_secret");
        "base_url site_url app_base_url nextauth_url public_url root_url external_url origin app_origin \
             frontend_url host_url application_url redirect_base_url" =>
            Key("app_url");
        "redirect_uri redirect_uris redirect_url redirect_urls callback_url callback_urls callback_uri \
             reply_url login_redirect_uri return_url" =>
            Because(
                &["paths.callback", "app_url"],
                "the redirect URI is `app_url`, `base_path` and `paths(callback = ...)` together",
            );
        "token_endpoint_auth_method auth_method auth_type client_authentication_method client_auth_method \
             authentication_method" =>
            Key("client_auth");
        "ca ca_cert ca_certificate root_ca certificate tls_ca ca_bundle ssl_ca" => Key("ca_file");
        "tenant tenant_id" => Key("tenants");
        "http_timeout request_timeout connect_timeout" => Key("provider.timeout");
        "clock_tolerance clock_skew skew tolerance allowed_clock_skew" => Key("provider.leeway");
        "authorization_endpoint authorization_url authorization_uri authorize_url" => Key("endpoints.authorization");
        "token_url token_endpoint token_uri access_token_url" => Key("endpoints.token");
        "jwks_uri jwks_url jwk_set_uri jwks_endpoint" => Key("endpoints.jwks");
        "userinfo_endpoint userinfo_url user_info_uri user_info_url" => Key("endpoints.userinfo");
        "revocation_endpoint revocation_url revoke_url" => Key("endpoints.revocation");
        "introspection_endpoint introspection_url introspection_uri" => Key("endpoints.introspection");
        "end_session_endpoint end_session_url logout_endpoint logout_uri" => Key("endpoints.end_session");
        "algorithm alg signing_algorithm jwt_algorithm id_token_signing_alg id_token_signed_response_alg \
             jws_algorithm" =>
            Key("algorithms");
        // The authorization request.
        "scope requested_scopes oauth_scopes" => Key("scopes");
        "role" => Key("roles");
        "prompt" => Lines(&["authorize(prompt = \"{login}\")"]);
        "access_type" => Lines(&["authorize(access_type = \"{offline}\")"]);
        "connection" => Lines(&["authorize(connection = \"{google}\")"]);
        "acr_values" => Lines(&["authorize(acr_values = \"{mfa}\")"]);
        "login_hint" => Lines(&["authorize(login_hint = \"{ada@example.com}\")"]);
        "resource" => Lines(&["authorize(resource = \"{https://api.example.com}\")"]);
        "audience audiences api_audience aud" =>
            Lines(&[
                "authorize(audience = \"{https://api.example.com}\")",
                "bearer(audience = \"{https://api.example.com}\")",
            ]);
        "authorization_params auth_params extra_params params authorization_parameters additional_parameters \
             extra_auth_params" =>
            Lines(&["authorize(prompt = \"login\")"]);
        "pkce use_pkce code_challenge code_challenge_method code_verifier state nonce" =>
            Nothing("every sign-in has PKCE, a state and a nonce");
        "response_type response_types grant_type grant_types flow authorization_grant_type" =>
            Nothing("every sign-in is the authorization code flow with PKCE");
        // Pages and paths.
        "post_logout_redirect_uri post_logout_redirect_uris post_logout_redirect_url logout_redirect \
             logout_redirect_url logout_redirect_uri after_logout_url after_sign_out after_sign_out_url \
             logout_success_url post_logout logout_url" =>
            Key("after_logout");
        "login login_path sign_in signin_path login_route login_endpoint" => Keys(&["paths.signin", "pages.sign_in"]);
        "login_url login_page sign_in_url sign_in_page signin_url signin_page" => Key("pages.sign_in");
        "signout sign_out logout_path logout_route" => Key("paths.logout");
        "backchannel_logout_uri back_channel_logout backchannel_logout_url" => Key("paths.backchannel_logout");
        "error_page error_url error_path failure_url failure_redirect" => Key("pages.error");
        "success_redirect success_url default_success_url after_login after_sign_in after_login_url \
             after_sign_in_url login_success_url default_redirect landing_page home home_page post_login_redirect \
             login_redirect_url return_to" =>
            Lines(&["landing(_ => \"{/dashboard}\")"]);
        "mount mount_path auth_path route_prefix path_prefix basepath api_base" => Key("base_path");
        // Sessions and cookies.
        "session_duration absolute_duration session_lifetime session_max_age session_timeout session_age \
             lifetime ttl session_ttl expires_in expiry expiration session_expiry with_expiry session_cookie_age" =>
            Key("session.max_age");
        "idle_timeout session_idle inactivity inactivity_timeout inactivity_duration rolling_duration \
             session_idle_timeout" =>
            Key("session.idle");
        "refresh_token refresh_tokens use_refresh_tokens auto_renew automatic_silent_renew rotate_refresh_tokens" =>
            Key("session.auto_refresh");
        "session_store session_backend storage" => Key("session.store");
        "database_url database postgres sqlite sql" => Lines(&["session(store = path::to::function)"]);
        "cookie_name session_name session_cookie session_cookie_name" => Key("cookies.name");
        "cookie_domain session_cookie_domain" => Key("cookies.domain");
        "cookie_path session_cookie_path" => Key("cookies.path");
        "cookie_secure secure_cookie secure_cookies use_secure_cookies with_secure https_only session_cookie_secure" =>
            Key("cookies.secure");
        "cookie_same_site samesite cookie_samesite with_same_site" => Key("cookies.same_site");
        "http_only httponly cookie_http_only" => Nothing("scripts never see the session's cookie");
        "redis_url redis_uri" => Key("shared_state.redis");
        "redis_prefix key_prefix" => Key("shared_state.prefix");
        // Requests.
        "proxy proxies trust_proxy trusted_hosts trust_host forwarded_allow_ips" => Key("trusted_proxies");
        "cors allowed_origins cors_origins trusted_origins allow_origins csrf csrf_trusted_origins" =>
            Key("cross_origin");
        "throttle rate rates rate_limits" => Key("rate_limit");
        "protected protected_routes protected_paths secured authorize_requests matcher require required guards \
             auth_required authorize_http_requests" =>
            Key("protect");
        "public_routes public_paths ignore ignored_routes ignored_paths exclude excluded_paths skip permit_all \
             allow_anonymous whitelist allowlist" =>
            Key("public");
        "bearer_only jwt resource_server" => Key("bearer");
        "role_claim roles_claim role_attribute authorities_claim authorities_claim_name groups_claim" =>
            Key("claims.roles");
        "permissions_claim permission_claim" => Key("claims.permissions");
        "user_name_attribute name_claim username_claim" => Key("claims.name");
        "email_claim" => Key("claims.email");
        // Hooks.
        "on_login on_sign_in on_signin on_logout events callbacks event_handler on_success hooks" => Key("on_event");
        "on_failure error_handler on_err" => Key("on_error");
        "unauthorized on_unauthorized unauthorized_handler on_unauthenticated authentication_entry_point on_fail \
             unauthenticated_redirect login_required" =>
            Key("unauthenticated");
    }
);

// What others have beside a guard's condition.
rows!(
    GUARD_KEYS: &str {
        "redirect redirect_to login_url login fallback on_fail or_else error unauthorized on_unauthorized" =>
            "unauthenticated = \"redirect\"";
        "module config spec app provider sign_in" => "routes = crate::auth";
    }
);

// Other names of providers that are known by name.
rows!(
    PROVIDERS: &str {
        "azure azuread azure_ad aad microsoft microsoft_entra_id entra_id entraid ms office365" => "entra";
        "aws amazon aws_cognito amazon_cognito" => "cognito";
        "gsuite google_workspace workspace gcp" => "google";
        "redhat rhsso rh_sso red_hat_sso" => "keycloak";
        "goauthentik" => "authentik";
        "sign_in_with_apple appleid apple_id" => "apple";
    }
);

/// Returns the name here of a provider that others call otherwise.
pub(crate) fn provider(word: &str) -> Option<&'static str> {
    row(PROVIDERS, word)
}

/// What others write where users of all tenants may sign in.
const ALL_TENANTS: [&str; 5] = ["any", "all", "common", "organizations", "*"];

/// Returns the word for all tenants that stands where `any` is written here.
pub(crate) fn all_tenants(meta: &syn::Meta) -> Option<String> {
    let value = match meta {
        syn::Meta::List(list) => list.tokens.to_string(),
        syn::Meta::NameValue(pair) => pair.value.to_token_stream().to_string(),
        syn::Meta::Path(_) => return None,
    };
    let word = value.trim_matches('"');
    ALL_TENANTS.contains(&word).then(|| word.to_owned())
}

/// What a condition of others asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Meant {
    /// Somebody who is signed in.
    SignedIn,
    /// Whoever comes.
    Everybody,
    Nobody,
    /// Whatever has not matched before.
    Otherwise,
    /// A name of this kind; of several, one is enough.
    Named(&'static str),
    /// An authority of Spring Security, whose prefix says its kind.
    Authority,
    Recent,
    All,
    Any,
    Not,
    /// Something of the user that only the app can decide about.
    Policy,
}

impl Meant {
    /// Returns the list that it is here.
    pub(crate) const fn list(self) -> Option<&'static str> {
        match self {
            Self::All => Some("all"),
            Self::Any => Some("any"),
            Self::Not => Some("not"),
            _ => None,
        }
    }
}

// Conditions of Spring Security, Django, Laravel, Rails, ASP.NET Core, actix-web-grants and axum-login.
rows!(
    CONDITIONS: Meant {
        "auth authenticated is_authenticated fully_authenticated is_fully_authenticated login login_required \
             logged_in signed_in require_auth authorized authorize" =>
            Meant::SignedIn;
        "permit_all public anonymous is_anonymous everyone everybody anyone allow allow_any allow_anonymous open \
             guest" =>
            Meant::Everybody;
        "deny deny_all nobody never no_one forbid" => Meant::Nobody;
        "default otherwise else fallback rest" => Meant::Otherwise;
        "require_role has_role has_any_role is_in_role in_role user_in_role roles role_in any_role group groups in_group" =>
            Meant::Named("role");
        "has_scope has_any_scope scopes any_scope require_scope has_claim_scope scp" => Meant::Named("scope");
        "require_permission has_permission has_any_permission permissions can has_perm perm perms privilege privileges right rights ability" =>
            Meant::Named("permission");
        "require_org organization organisation organizations tenant tenants team company orgs in_org has_org" =>
            Meant::Named("org");
        "has_authority has_any_authority authority authorities" => Meant::Authority;
        "require_recent fresh max_age step_up reauth reauthenticate auth_time sudo recently" => Meant::Recent;
        "and all_of every both each" => Meant::All;
        "or any_of one_of some either" => Meant::Any;
        "without except unless no" => Meant::Not;
        "user users username user_id email claim claims sub subject owner_of is_owner expr expression custom" =>
            Meant::Policy;
    }
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::lists;

    #[test]
    fn a_word_stands_in_one_row_and_is_none_of_ours() {
        let ours = |word: &str| lists()[0].1.iter().any(|(key, _)| *key == word);
        let rows = KEYS.iter().flat_map(|(words, _)| words.split(' '));
        let mut all: Vec<&str> = rows.filter(|word| !word.is_empty()).collect();
        for word in &all {
            assert_eq!(plain(word), **word);
            assert!(!ours(word), "{word}");
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        let rows = CONDITIONS.iter().flat_map(|(words, _)| words.split(' '));
        let mut all: Vec<&str> = rows.filter(|word| !word.is_empty()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn a_row_names_keys_that_there_are() {
        for (_, here) in KEYS {
            let keys: &[&str] = match here {
                Key(key) => &[key],
                Keys(keys) | Because(keys, _) => keys,
                Lines(_) | Nothing(_) => &[],
            };
            for key in keys {
                assert!(crate::keys::place(key).is_some(), "{key}");
            }
        }
    }

    #[test]
    fn a_word_is_found_in_any_spelling() {
        for word in [
            "redirectUri",
            "redirect-uri",
            "REDIRECT_URI",
            "redirect_uri",
        ] {
            assert!(key(word).is_some(), "{word}");
        }
        assert_eq!(plain("clientId"), "client_id");
        assert_eq!(plain("isAuthenticated"), "is_authenticated");
        assert!(key("colour").is_none());
    }
}
