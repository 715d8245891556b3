use authsafe::__private::{AskUserInfo, parts};

#[authsafe::routes]
mod silent {}

#[authsafe::routes(
    userinfo = "always",
    claims(
        roles("realm_access.roles", "https://example.com/roles"),
        permissions = "rights",
        organization = "tid",
        name("name", "preferred_username"),
        email = "mail",
    ),
    keep("department", "address.locality"),
)]
mod everything {}

#[authsafe::routes(userinfo = "never")]
mod never {}

#[authsafe::routes(userinfo = "auto", keep("tid"))]
mod auto {}

fn main() {
    drop(silent::from_env());
    drop(everything::from_env());
    drop(never::from_env());
    drop(auto::from_env());
    let silent = parts(silent::SPEC);
    assert_eq!(silent.userinfo, AskUserInfo::Auto);
    assert!(silent.claims.roles.is_empty() && silent.claims.keep.is_empty());
    let everything = parts(everything::SPEC);
    assert_eq!(everything.userinfo, AskUserInfo::Always);
    let roles = ["realm_access.roles", "https://example.com/roles"];
    assert_eq!(everything.claims.roles, roles);
    assert_eq!(everything.claims.permissions, ["rights"]);
    assert_eq!(everything.claims.organization, ["tid"]);
    assert_eq!(everything.claims.name, ["name", "preferred_username"]);
    assert_eq!(everything.claims.email, ["mail"]);
    assert_eq!(everything.claims.keep, ["department", "address.locality"]);
    assert_eq!(parts(never::SPEC).userinfo, AskUserInfo::Never);
    assert_eq!(parts(auto::SPEC).userinfo, AskUserInfo::Auto);
    assert_eq!(parts(auto::SPEC).claims.keep, ["tid"]);
}
