//! Who can sign in.

/// A user who can sign in at a [`LocalProvider`](super::LocalProvider).
#[derive(Debug, Clone)]
pub struct User {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) email_verified: bool,
    pub(super) picture: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) roles: Vec<String>,
    pub(super) permissions: Vec<String>,
    pub(super) org_id: Option<String>,
}

impl User {
    /// Makes a user with this id and nothing else. The tokens' `sub` is `authsafe|<id>`.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: None,
            email: None,
            email_verified: true,
            picture: None,
            scopes: Vec::new(),
            roles: Vec::new(),
            permissions: Vec::new(),
            org_id: None,
        }
    }

    /// Sets the `name` claim, granted with the scope `profile`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the `email` claim, granted with the scope `email`.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets the `email_verified` claim. It is true by default.
    #[must_use]
    pub fn email_verified(mut self, verified: bool) -> Self {
        self.email_verified = verified;
        self
    }

    /// Sets the `picture` claim, granted with the scope `profile`.
    #[must_use]
    pub fn picture(mut self, url: impl Into<String>) -> Self {
        self.picture = Some(url.into());
        self
    }

    /// Sets the scopes that this user is granted, when asked for, besides `openid`, `profile`, `email`
    /// and `offline_access`.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the `roles` claim.
    #[must_use]
    pub fn roles(mut self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.roles = roles.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the `permissions` claim.
    #[must_use]
    pub fn permissions(mut self, permissions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.permissions = permissions.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the `org_id` claim.
    #[must_use]
    pub fn org_id(mut self, id: impl Into<String>) -> Self {
        self.org_id = Some(id.into());
        self
    }

    pub(super) fn sub(&self) -> String {
        format!("authsafe|{}", self.id)
    }

    pub(super) fn display_name(&self) -> &str {
        self.name
            .as_deref()
            .or(self.email.as_deref())
            .unwrap_or(&self.id)
    }

    /// What of `requested` this user is granted, in the order requested, where these scopes are for
    /// everybody.
    pub(super) fn grant(&self, requested: &str, standard: &[&str]) -> Vec<String> {
        let mut granted: Vec<String> = Vec::new();
        for scope in requested.split(' ').filter(|scope| !scope.is_empty()) {
            let known = standard.contains(&scope) || self.scopes.iter().any(|own| own == scope);
            if known && !granted.iter().any(|already| already == scope) {
                granted.push(scope.to_owned());
            }
        }
        granted
    }
}

/// The scopes that everybody is granted.
pub(super) const STANDARD: [&str; 4] = ["openid", "profile", "email", "offline_access"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_what_was_requested_and_is_allowed_once() {
        let alice = User::new("alice").scopes(["admin", "reports"]);
        assert_eq!(
            alice.grant("openid admin  unknown admin email", &STANDARD),
            ["openid", "admin", "email"]
        );
        assert_eq!(
            User::new("bob").grant("openid admin", &STANDARD),
            ["openid"]
        );
    }
}
