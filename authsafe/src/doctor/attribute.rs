//! The attribute to write: what the settings of the command say, and what was found.

use crate::spec::{SecretSetting, SpecParts};

/// Returns `name("a", "b")`.
pub(super) fn list<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> String {
    let values: Vec<_> = values.map(|it| format!("{it:?}")).collect();
    format!("{name}({})", values.join(", "))
}

/// Returns the attribute that has what differs from the defaults, and these keys besides.
pub(super) fn attribute(spec: &SpecParts, found: &[String]) -> String {
    let default = SpecParts::DEFAULT;
    let mut keys = Vec::new();
    for (key, setting, by_default) in [
        ("domain", spec.domain, default.domain),
        ("client_id", spec.client_id, default.client_id),
        ("app_url", spec.app_url, default.app_url),
    ] {
        if let Some(name) = setting
            .variable()
            .filter(|it| Some(*it) != by_default.variable())
        {
            keys.push(format!("{key} = env({name:?})"));
        }
    }
    for (key, secret, by_default) in [
        ("client_secret", spec.client_secret, default.client_secret),
        ("cookie_secret", spec.cookie_secret, default.cookie_secret),
    ] {
        match secret {
            SecretSetting::None => keys.push(format!("{key} = none")),
            SecretSetting::Env { name } if Some(name) != by_default.variable() => {
                keys.push(format!("{key} = env({name:?})"));
            }
            _ => {}
        }
    }
    if spec.base_path != default.base_path {
        keys.push(format!("base_path = {:?}", spec.base_path));
    }
    if spec.scopes != default.scopes {
        keys.push(list("scopes", spec.scopes.iter().copied()));
    }
    if spec.endpoints.authsafe {
        keys.push("endpoints(authsafe)".to_owned());
    }
    keys.extend_from_slice(found);
    match keys.is_empty() {
        true => "#[authsafe::routes]".to_owned(),
        false => format!("#[authsafe::routes({})]", keys.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Setting;

    #[test]
    fn what_is_the_default_is_not_written() {
        assert_eq!(attribute(&SpecParts::DEFAULT, &[]), "#[authsafe::routes]");
        let spec = SpecParts {
            client_id: Setting::Env {
                name: "OIDC_CLIENT",
                default: None,
            },
            client_secret: SecretSetting::None,
            base_path: "/auth",
            scopes: &["openid", "groups"],
            ..SpecParts::DEFAULT
        };
        assert_eq!(
            attribute(&spec, &["client_auth = \"basic\"".to_owned()]),
            "#[authsafe::routes(client_id = env(\"OIDC_CLIENT\"), client_secret = none, base_path = \"/auth\", \
             scopes(\"openid\", \"groups\"), client_auth = \"basic\")]"
        );
    }
}
