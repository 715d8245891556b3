//! What the discovery document says of scopes, claims and refreshes. It says what a provider can do, not
//! what a token will hold.

use serde_json::{Map, Value};

use super::report::Finding;
use crate::protocol::client::ClientRegistration;
use crate::protocol::discovery::Metadata;

/// Where providers have a user's roles: the claim, and the path that reads it. The default first.
const ROLES: [(&str, &str); 6] = [
    ("roles", "roles"),
    ("groups", "groups"),
    ("realm_access", "realm_access.roles"),
    ("cognito:groups", "cognito:groups"),
    (
        "urn:zitadel:iam:org:project:roles",
        "urn:zitadel:iam:org:project:roles",
    ),
    ("resource_access", "resource_access.CLIENT.roles"),
];
/// The scopes that bring them.
const ROLE_SCOPES: [&str; 4] = [
    "roles",
    "groups",
    "permissions",
    "urn:zitadel:iam:org:projects:roles",
];

/// What the document lists. `None`: it does not say.
pub(super) struct Offers {
    claims: Option<Vec<String>>,
    scopes: Option<Vec<String>>,
    grant_types: Option<Vec<String>>,
}

impl Offers {
    pub(super) fn of(document: &Map<String, Value>) -> Self {
        let list = |name: &str| {
            let values = document.get(name)?.as_array()?;
            let texts = values.iter().filter_map(Value::as_str);
            Some(texts.map(str::to_owned).collect())
        };
        Self {
            claims: list("claims_supported"),
            scopes: list("scopes_supported"),
            grant_types: list("grant_types_supported"),
        }
    }

    /// Returns what it says of what the app asks for.
    /// `name`: the provider's, where it is known by one.
    pub(super) fn findings(
        &self,
        client: &ClientRegistration,
        metadata: &Metadata,
        name: Option<&str>,
    ) -> Vec<Finding> {
        vec![
            self.scopes(client),
            self.names(metadata),
            self.roles(client, name),
            self.refresh(client),
        ]
    }

    fn scopes(&self, client: &ClientRegistration) -> Finding {
        let asked = client.scopes.join(" ");
        let Some(offered) = &self.scopes else {
            return Finding::unknown("scopes", format!("{asked}; it does not say which it has"));
        };
        let unlisted: Vec<_> = client
            .scopes
            .iter()
            .filter(|it| !offered.contains(it))
            .map(|it| format!("`{it}`"))
            .collect();
        match unlisted.is_empty() {
            true => Finding::told("scopes", format!("{asked}: it has them")),
            false => Finding::told(
                "scopes",
                format!("{asked}; it does not list {}", unlisted.join(", ")),
            )
            .because("`scopes_supported` need not have all: some providers ignore what they do not know, some refuse it"),
        }
    }

    fn names(&self, metadata: &Metadata) -> Finding {
        let about = "name, e-mail";
        let userinfo = match &metadata.userinfo {
            Some(_) => "UserInfo is asked for what the ID token lacks",
            None => "there is no UserInfo endpoint: the ID token has to have them",
        };
        let Some(claims) = &self.claims else {
            return Finding::unknown(
                about,
                format!("it does not say which claims it has; {userinfo}"),
            );
        };
        let of_user = ["name", "email", "email_verified"];
        let (has, lacks): (Vec<_>, Vec<_>) = of_user
            .into_iter()
            .partition(|it| claims.iter().any(|claim| claim == it));
        match (has.is_empty(), lacks.is_empty()) {
            (_, true) => Finding::told(about, format!("it has them; {userinfo}")),
            (true, false) => Finding::told(about, format!("it lists none of them; {userinfo}")),
            (false, false) => Finding::told(
                about,
                format!("it does not list `{}`; {userinfo}", lacks.join("`, `")),
            ),
        }
    }

    fn roles(&self, client: &ClientRegistration, name: Option<&str>) -> Finding {
        let about = "roles";
        match name {
            // Groups at them, anybody can found.
            Some(name @ ("google" | "apple" | "gitlab")) => {
                return Finding::told(about, format!("{name} has none"));
            }
            // There, roles are wherever somebody has put them.
            Some(name) if name != "auth0" => {
                let found = format!(
                    "where {name} has them, `provider = {name:?}` reads them; whether a user's token has \
                     them, a sign-in shows"
                );
                return Finding::told(about, found);
            }
            _ => {}
        }
        let has = |list: &Option<Vec<String>>, name: &str| {
            let mut list = list.iter().flatten();
            list.any(|it| it == name)
        };
        let claim = ROLES.iter().find(|(claim, _)| has(&self.claims, claim));
        let scope = ROLE_SCOPES.iter().find(|it| has(&self.scopes, it));
        // AuthSafe lists neither, and tells them for these scopes alone.
        let scope = scope.or_else(|| client.has_fixed_paths.then_some(&"roles"));
        let is_asked = |scope: &str| client.scopes.iter().any(|it| it == scope);
        let mut write = Vec::new();
        let told = match claim {
            Some((claim, path)) => {
                if *path != "roles" {
                    write.push(format!("claims(roles = {path:?})"));
                }
                format!("it has the claim `{claim}`")
            }
            None => "it lists no claim of them".to_owned(),
        };
        let by_scope = match scope {
            Some(scope) if is_asked(scope) => {
                format!(", and the scope `{scope}`, which is asked for")
            }
            Some(scope) => {
                let scopes = client.scopes.iter().map(String::as_str).chain([*scope]);
                write.push(super::attribute::list("scopes", scopes));
                format!(", and the scope `{scope}` may have to be asked for")
            }
            None => String::new(),
        };
        let found = format!("{told}{by_scope}; whether a user's token has it, a sign-in shows");
        let finding = match (claim, scope) {
            (None, None) => Finding::unknown(
                about,
                "it lists no claim or scope of them; whether a user's token has them, a sign-in shows",
            ),
            _ => Finding::told(about, found),
        };
        match write.is_empty() {
            true => finding,
            false => finding.write(format!("{}, if the app asks for roles", write.join(", "))),
        }
    }

    fn refresh(&self, client: &ClientRegistration) -> Finding {
        let about = "refresh";
        let offline = "offline_access";
        let is_asked = client.scopes.iter().any(|it| it == offline);
        let is_offered = self
            .scopes
            .as_ref()
            .map(|all| all.iter().any(|it| it == offline));
        let is_granted = self
            .grant_types
            .as_ref()
            .map(|all| all.iter().any(|it| it == "refresh_token"));
        match (is_granted, is_asked, is_offered) {
            (Some(false), _, _) => Finding::told(
                about,
                "it does not list the grant `refresh_token`; whether a refresh token comes, a sign-in shows",
            ),
            (_, true, Some(false)) => Finding::told(
                about,
                "`offline_access` is asked for, and it does not list that scope",
            ),
            (_, true, _) => Finding::told(
                about,
                "`offline_access` is asked for; whether a refresh token comes, a sign-in shows",
            ),
            (_, false, Some(true)) => Finding::told(
                about,
                "`offline_access`, which brings a refresh token, is not asked for",
            ),
            (_, false, _) => Finding::unknown(
                about,
                "`offline_access` is not asked for; whether a refresh token comes without, a sign-in shows",
            ),
        }
    }
}

/// Returns what it says of logout.
pub(super) fn logout(metadata: &Metadata, after_logout: &str) -> Finding {
    let about = "logout";
    let revocation = match &metadata.revocation {
        Some(_) => "refresh tokens are revoked",
        None => "no refresh token is revoked",
    };
    match &metadata.end_session {
        Some(_) => Finding::told(
            about,
            format!("it ends its own session too, and {revocation}; whether it sends people back, a logout shows"),
        )
        .write(format!("{after_logout} into its list of addresses to come back to after logout")),
        None => Finding::told(
            about,
            format!("it has no end-session endpoint: the app's session ends alone, and {revocation}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing;
    use crate::types::Scopes;
    use serde_json::json;

    fn offers(document: Value) -> Offers {
        Offers::of(document.as_object().unwrap())
    }

    fn client(scopes: &str) -> ClientRegistration {
        let mut client = testing::client("app", "https://id.example");
        client.scopes = Scopes::parse(scopes);
        client
    }

    #[test]
    fn roles_are_where_the_document_lists_them_and_that_is_all_that_is_known() {
        let roles = |document, scopes| {
            let found = offers(document).roles(&client(scopes), None);
            (found.found, found.write)
        };
        let (found, write) = roles(json!({"claims_supported": ["roles", "groups"]}), "openid");
        assert!(
            found.contains("`roles`") && found.contains("a sign-in shows"),
            "{found}"
        );
        assert_eq!(write, None);
        let (_, write) = roles(json!({"claims_supported": ["realm_access"]}), "openid");
        let line = "claims(roles = \"realm_access.roles\"), if the app asks for roles";
        assert_eq!(write.as_deref(), Some(line));
        let groups =
            json!({"claims_supported": ["groups"], "scopes_supported": ["openid", "groups"]});
        let (found, write) = roles(groups.clone(), "openid email");
        assert!(
            found.contains("the scope `groups` may have to be asked for"),
            "{found}"
        );
        let line = "claims(roles = \"groups\"), scopes(\"openid\", \"email\", \"groups\"), if the app asks for roles";
        assert_eq!(write.as_deref(), Some(line));
        let (found, _) = roles(groups, "openid groups");
        assert!(found.contains("which is asked for"), "{found}");
        let nothing = offers(json!({})).roles(&client("openid"), None);
        assert_eq!(nothing.state, super::super::report::State::Unknown);
    }

    #[test]
    fn groups_that_anybody_can_found_are_no_roles() {
        let document = json!({"claims_supported": ["groups", "groups_direct"]});
        let found = offers(document).roles(&client("openid"), Some("gitlab"));
        assert_eq!((&*found.found, found.write), ("gitlab has none", None));
    }

    #[test]
    fn authsafe_tells_roles_for_their_scope() {
        let mut client = client("openid");
        client.has_fixed_paths = true;
        let found = offers(json!({})).roles(&client, None);
        assert!(
            found
                .found
                .contains("the scope `roles` may have to be asked for")
        );
        assert!(
            found
                .write
                .unwrap()
                .starts_with("scopes(\"openid\", \"roles\")")
        );
    }

    #[test]
    fn a_scope_that_is_not_listed_is_named() {
        let offers = offers(json!({"scopes_supported": ["openid", "email"]}));
        let found = offers.scopes(&client("openid admin")).found;
        assert!(found.contains("does not list `admin`"), "{found}");
        let found = offers.scopes(&client("openid email")).found;
        assert!(found.contains("it has them"), "{found}");
    }

    #[test]
    fn refreshes_are_told_by_what_is_asked_for_and_what_is_listed() {
        let refresh = |document, scopes: &str| offers(document).refresh(&client(scopes)).found;
        let lists = json!({"scopes_supported": ["openid", "offline_access"]});
        assert!(refresh(lists.clone(), "openid").contains("is not asked for"));
        assert!(refresh(lists, "openid offline_access").contains("a sign-in shows"));
        let lacks = json!({"scopes_supported": ["openid"]});
        assert!(refresh(lacks, "openid offline_access").contains("does not list that scope"));
        let none = json!({"grant_types_supported": ["authorization_code"]});
        assert!(refresh(none, "openid").contains("grant `refresh_token`"));
    }
}
