use authsafe::__private::parts;
use authsafe::Policy;

#[authsafe::routes(
    scopes("openid", "admin"),
    roles("editor"),
    protect(
        "/admin/users/*" => all(scope("admin"), role("editor")),
        "/admin/**" => scope("admin"),
        "/teams/mine/edit" => auth,
        "/teams/mine/**" => auth,
        "/teams/*/edit" => any(role("editor"), permission("teams:write"), org("org_1")),
        "/auth/profile" => auth,
        "/" => auth,
        "/**" => not(role("editor")),
    ),
    public("/health", "/assets/**", "/admin/help"),
    base_path = "/auth",
)]
mod auth {}

fn main() {
    assert_eq!(parts(auth::SPEC).protect.len(), 8);
    assert_eq!(parts(auth::SPEC).protect[1].path, "/admin/**");
    assert_eq!(parts(auth::SPEC).protect[1].when, Policy::Scope("admin"));
    assert_eq!(parts(auth::SPEC).protect[3].when, Policy::SignedIn);
    assert_eq!(parts(auth::SPEC).public, ["/health", "/assets/**", "/admin/help"]);
}
