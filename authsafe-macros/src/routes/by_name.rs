//! `provider = "keycloak"`: the row of that name, laid under what the attribute says itself.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{LitStr, Meta};

use crate::condition::Kind;
use crate::error::{Errors, nearest};
use crate::key::Key;
use crate::keys;
use crate::routes::args::RoutesArgs;
use crate::routes::presets::{For, Out, PRESETS, Preset, Takes};
use crate::routes::sentences;
use crate::routes::spec::{AskUserInfo, Logout, ResponseMode, Setting, Spec};
use crate::value;
use crate::words;
use authsafe_rules::default;

/// A provider that is known by the name that was written.
#[derive(Clone)]
pub(super) struct Named {
    name: LitStr,
    preset: &'static Preset,
}

/// What stands behind `provider`.
#[derive(Default)]
pub(super) struct Written {
    pub(super) named: Option<Named>,
    /// A name was written, right or wrong.
    pub(super) has_name: bool,
    /// The keys of the list, where it is one.
    pub(super) rest: Option<TokenStream>,
}

/// Reads `provider = "..."` and `provider("...", timeout = "10s")`.
pub(super) fn read(key: &Key, errors: &mut Errors) -> Written {
    let mut written = Written::default();
    let Meta::List(list) = &key.meta else {
        let name = value::literal(key, errors);
        written.has_name = true;
        written.named = name.and_then(|name| known(name, errors));
        return written;
    };
    let mut rest = TokenStream::new();
    for (at, part) in keys::split(list.tokens.clone(), errors)
        .into_iter()
        .enumerate()
    {
        match syn::parse2::<LitStr>(part.clone()) {
            Ok(name) if at == 0 => {
                written.has_name = true;
                written.named = known(name, errors);
            }
            Ok(name) => errors.at(name, sentences::PROVIDER_NAME_FIRST),
            Err(_) => rest.extend([part, quote::quote!(,)]),
        }
    }
    written.rest = Some(rest);
    written
}

fn known(name: LitStr, errors: &mut Errors) -> Option<Named> {
    let text = name.value();
    let preset = PRESETS.iter().find(|preset| preset.name == text);
    if preset.is_none() {
        let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        let near = words::provider(&text).or_else(|| nearest(&text.to_ascii_lowercase(), &names));
        errors.at(&name, sentences::unknown_provider(&text, near, &names));
    }
    preset.map(|preset| Named { name, preset })
}

impl Named {
    /// Returns a text of the row, at the name.
    fn text(&self, text: &str) -> LitStr {
        LitStr::new(text, self.name.span())
    }

    fn texts(&self, texts: &[&str]) -> Vec<LitStr> {
        texts.iter().map(|text| self.text(text)).collect()
    }

    /// Returns the scopes that sign-in requests where the attribute names none.
    pub(super) fn scopes(&self) -> Option<Vec<LitStr>> {
        let scopes = self.preset.scopes;
        (!scopes.is_empty()).then(|| self.texts(scopes))
    }

    /// Returns whether refresh tokens are given for `offline_access` alone.
    pub(super) fn wants_offline_access(&self) -> bool {
        matches!(self.preset.refresh_token, For::OfflineAccess)
    }

    /// Checks what the attribute says besides against the row.
    pub(super) fn check(&self, args: &RoutesArgs, spec: &Spec, errors: &mut Errors) {
        self.scopes_taken(spec, errors);
        self.claims_told(args, spec, errors);
        let Preset { name, title, .. } = self.preset;
        if let (Some(ResponseMode::Query), Some(key)) = (spec.response_mode, &args.response_mode) {
            let requested = spec.scopes.as_deref().unwrap_or_default();
            let is_by_form = |scope: &&LitStr| self.preset.form_for.contains(&&*scope.value());
            if let Some(scope) = requested.iter().find(is_by_form) {
                let sentence = sentences::answers_by_form(title, &scope.value());
                errors.at(written_value(key), sentence);
            }
        }
        if let (Some(logout), Some(key)) = (&spec.logout, &args.logout) {
            let sentence = match (self.preset.logout, logout) {
                (None, _) | (_, Logout::Local) => None,
                (Some(Out::Local), _) if has_endpoint(spec, "end_session") => None,
                (Some(Out::Local), _) => Some(sentences::no_end_session(title)),
                (Some(Out::By(by)), Logout::By(written)) if written.value() == by => None,
                (Some(Out::By(by)), _) => Some(sentences::logs_out_by(title, name, by)),
            };
            if let Some(sentence) = sentence {
                errors.at(written_value(key), sentence);
            }
        }
        if let (Some(AskUserInfo::Always), Some(key)) = (spec.userinfo, &args.userinfo)
            && self.preset.asks_no_userinfo
            && !has_endpoint(spec, "userinfo")
        {
            errors.at(written_value(key), sentences::no_userinfo(title));
        }
        if let Some(key) = &args.tenants
            && !self.preset.tenants
        {
            errors.at(key.path(), sentences::no_tenants(title));
        }
        if let (Some(authsafe), Some(key)) = (spec.endpoints.authsafe, &args.endpoints)
            && authsafe != self.preset.authsafe
        {
            errors.at(key.path(), sentences::whose_endpoints(name, authsafe));
        }
        let fixes = |name: &str| self.preset.authorize.iter().any(|(it, _)| *it == name);
        for forwarded in spec.forward.iter().flatten() {
            let text = forwarded.value();
            let is_written = spec.authorize.iter().any(|(it, _)| it.value() == text);
            if !is_written && fixes(&text) {
                errors.at(forwarded, sentences::named_and_forwarded(name, &text));
            }
        }
    }

    /// Checks that the provider has each scope.
    fn scopes_taken(&self, spec: &Spec, errors: &mut Errors) {
        let title = self.preset.title;
        for scope in spec.scopes.iter().flatten() {
            let text = scope.value();
            match self.preset.takes {
                Takes::AnyBut(refused) if refused == text => {
                    let instead = match self.preset.refresh_token {
                        For::Parameter(it) => sentences::refresh_for(self.preset.name, it),
                        _ => sentences::REFRESH_FOR_ALL.to_owned(),
                    };
                    errors.at(scope, sentences::refused_scope(title, &text, &instead));
                }
                Takes::Only(taken) if !taken.contains(&&*text) => {
                    errors.at(scope, sentences::unknown_scope(title, &text, taken));
                }
                _ => {}
            }
        }
    }

    /// Checks that the roles and permissions that the attribute asks for can be there.
    fn claims_told(&self, args: &RoutesArgs, spec: &Spec, errors: &mut Errors) {
        let (Some(scopes), Some(key)) = (&spec.scopes, &args.scopes) else {
            return;
        };
        let landing = spec.landing.iter().flatten().map(|rule| &rule.when);
        let conditions = landing.chain(spec.protect.iter().map(|rule| &rule.when));
        let mut asked: Vec<Kind> = conditions
            .flat_map(|when| when.named())
            .map(|(kind, _)| kind)
            .collect();
        asked.extend(spec.roles.as_ref().map(|_| Kind::Role));
        for (claim, scope) in self.preset.by_scope {
            let is_asked = asked.iter().any(|kind| match kind {
                Kind::Role => *claim == "roles",
                Kind::Permission => *claim == "permissions",
                Kind::Scope | Kind::Org => false,
            });
            let is_told = scopes.iter().any(|it| it.value() == *scope)
                || spec.claims.iter().any(|(it, _)| it == claim);
            if is_asked && !is_told {
                let sentence = sentences::told_by_scope(self.preset.title, claim, scope);
                errors.at(key.path(), sentence);
            }
        }
    }

    /// Fills in what the attribute does not say.
    pub(super) fn fill(&self, spec: &mut Spec) {
        let preset = self.preset;
        // What AuthSafe is by default no other provider is.
        if !preset.authsafe && spec.domain.is_none() {
            spec.domain = Some(Setting::Env {
                name: self.text(default::DOMAIN_VARIABLE),
                default: None,
            });
        }
        for (claim, path) in preset.claims {
            if spec.claims.iter().all(|(written, _)| written != claim) {
                spec.claims.push((claim, vec![self.text(path)]));
            }
        }
        for (name, value) in preset.authorize {
            if spec.authorize.iter().all(|(it, _)| it.value() != *name) {
                let value = Setting::Literal(self.text(value));
                spec.authorize.push((self.text(name), value));
            }
        }
        for name in preset.forward {
            let is_fixed = spec.authorize.iter().any(|(it, _)| it.value() == *name);
            let mut forwarded = spec.forward.iter().flatten();
            if !is_fixed && forwarded.all(|it| it.value() != *name) {
                let forward = spec.forward.get_or_insert_default();
                forward.push(self.text(name));
            }
        }
        if preset.form_post {
            spec.response_mode.get_or_insert(ResponseMode::FormPost);
        }
        match preset.logout {
            Some(Out::Local) if !has_endpoint(spec, "end_session") => {
                spec.logout.get_or_insert(Logout::Local);
            }
            Some(Out::By(name)) => {
                let by = Logout::By(self.text(name));
                spec.logout.get_or_insert(by);
            }
            Some(Out::Local) | None => {}
        }
        spec.revoke_at_logout = spec.revoke_at_logout.or(preset.revoke_at_logout);
        if preset.asks_no_userinfo && !has_endpoint(spec, "userinfo") {
            spec.userinfo.get_or_insert(AskUserInfo::Never);
        }
        if preset.authsafe {
            spec.endpoints.authsafe.get_or_insert(true);
        }
    }
}

fn has_endpoint(spec: &Spec, name: &str) -> bool {
    spec.endpoints.urls.iter().any(|(it, _)| *it == name)
}

/// Returns what stands behind the key, or all of it.
fn written_value(key: &Key) -> TokenStream {
    match &key.meta {
        Meta::NameValue(pair) => pair.value.to_token_stream(),
        other => other.to_token_stream(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::routes;
    use quote::quote;

    /// Returns the keys that a row sets, as an attribute has them.
    fn keys(preset: &Preset) -> Vec<String> {
        let list = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
            texts.join(", ")
        };
        let pairs = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(name, value)| format!("{name} = {value:?}"));
            pairs.collect::<Vec<_>>().join(", ")
        };
        let mut keys = Vec::new();
        let mut key = |is_set: bool, key: String| keys.extend(is_set.then_some(key));
        let scopes = list(preset.scopes);
        key(!preset.scopes.is_empty(), format!("scopes({scopes})"));
        let claims = pairs(preset.claims);
        key(!preset.claims.is_empty(), format!("claims({claims})"));
        let fixed = pairs(preset.authorize);
        key(!preset.authorize.is_empty(), format!("authorize({fixed})"));
        let forward = list(preset.forward);
        key(!preset.forward.is_empty(), format!("forward({forward})"));
        key(preset.form_post, "response_mode = \"form_post\"".to_owned());
        key(preset.asks_no_userinfo, "userinfo = \"never\"".to_owned());
        match preset.logout {
            None => {}
            Some(Out::Local) => key(true, "logout = \"local\"".to_owned()),
            Some(Out::By(name)) => key(true, format!("logout(return_parameter = {name:?})")),
        }
        if let Some(revokes) = preset.revoke_at_logout {
            key(true, format!("revoke_at_logout = {revokes}"));
        }
        key(preset.authsafe, "endpoints(authsafe)".to_owned());
        keys
    }

    fn expanded(args: &str) -> String {
        let module = quote!(
            pub mod auth {}
        );
        routes(args.parse().unwrap(), module).to_string()
    }

    #[test]
    fn a_name_is_short_for_the_keys_of_its_row_and_for_nothing_else() {
        for preset in PRESETS {
            let mut keys = keys(preset);
            if !preset.authsafe {
                keys.push("domain = env(\"AUTHSAFE_DOMAIN\")".to_owned());
            }
            let written = expanded(&keys.join(", "));
            assert!(!written.contains("compile_error"), "{written}");
            let named = expanded(&format!("provider = {:?}", preset.name));
            assert_eq!(named, written, "{}", preset.name);
            let with_times = format!("provider({:?}, timeout = \"9s\")", preset.name);
            let times = "provider(timeout = \"9s\")".to_owned();
            keys.push(times);
            assert_eq!(expanded(&with_times), expanded(&keys.join(", ")));
        }
    }

    #[test]
    fn each_row_can_be_written_out_beside_its_name() {
        for preset in PRESETS {
            let keys = keys(preset).join(", ");
            let named = expanded(&format!("provider = {:?}", preset.name));
            let both = expanded(&format!("provider = {:?}, {keys}", preset.name));
            assert_eq!(named, both, "{}", preset.name);
        }
    }

    #[test]
    fn what_is_written_wins_key_by_key() {
        let named = expanded(
            "provider = \"google\", authorize(access_type = \"online\", hd = \"example.com\"), \
             claims(roles = \"groups\"), forward(\"include_granted_scopes\"), revoke_at_logout, \
             domain = \"https://accounts.google.com\"",
        );
        let written = expanded(
            "authorize(access_type = \"online\", hd = \"example.com\"), \
             claims(roles = \"groups\", organization = \"hd\"), forward(\"include_granted_scopes\"), \
             logout = \"local\", revoke_at_logout, domain = \"https://accounts.google.com\"",
        );
        assert_eq!(named, written);
        // An endpoint that is named is called.
        let named = expanded(
            "provider = \"apple\", endpoints(end_session = \"https://id.example/out\", \
             userinfo = \"https://id.example/me\")",
        );
        assert!(
            !named.contains("LogoutSpec") && !named.contains("AskUserInfo"),
            "{named}"
        );
    }

    #[test]
    fn the_table_in_the_docs_is_the_rows() {
        let docs = include_str!("../../docs/routes.md");
        let mut table = docs
            .lines()
            .skip_while(|line| !line.starts_with("| `\"authsafe\"` |"));
        for preset in PRESETS {
            let keys: Vec<_> = keys(preset).iter().map(|key| format!("`{key}`")).collect();
            let keys = match keys.is_empty() {
                true => "nothing".to_owned(),
                false => keys.join(", "),
            };
            let row = format!("| `{:?}` | {keys} | ", preset.name);
            let why = table.next().and_then(|line| line.strip_prefix(&row));
            let why = why.unwrap_or_else(|| panic!("the next row of the table is {row}"));
            assert!(why.ends_with(". |"), "{row}why");
        }
        let quoted = PRESETS.iter().map(|preset| format!("`{:?}`", preset.name));
        let quoted = quoted.collect::<Vec<_>>().join(", ");
        assert!(docs.contains(&quoted), "the names are {quoted}");
    }
}
