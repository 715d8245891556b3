use authsafe::{
    require, require_auth, require_org, require_permission, require_recent, require_role,
};

#[authsafe::routes(scopes("openid", "a", "b"), roles("editor", "author"))]
mod auth {}

#[require_auth]
async fn signed_in() {}

#[require_auth()]
async fn signed_in_too() {}

#[require_role("editor")]
async fn role() {}

#[require_role(all("editor", "author"), routes = crate::auth)]
async fn roles() {}

#[require_role("whoever", routes = any)]
async fn any_role() {}

#[require_permission("orders:write")]
async fn permission() {}

#[require_permission(any("orders:write", all("orders:read", "customers:read")))]
async fn permissions() {}

#[require_org("org_2f9c")]
async fn org() {}

#[require_org(any("org_2f9c", "org_77aa"))]
async fn orgs() {}

#[require_recent(max_age = "5m")]
async fn recent() {}

#[require(all(scope("a"), any(role("editor"), not(scope("b")), permission("p"), org("o"))))]
async fn tree() {}

#[require(recent("5m"))]
async fn recent_alone() {}

#[require(any(recent("5m"), all(scope("a"), not(recent("1h"))), not(not(recent("2h"),)),))]
async fn recent_in_a_tree() {}

#[require(all(recent("1h"), not(recent("5m"))))]
async fn between() {}

#[require(not(role("author")))]
async fn not() {}

#[require_role("editor")]
#[require_recent(max_age = "90s")]
async fn several(_body: String) {}

struct Shop;

impl Shop {
    #[require_auth]
    #[require_permission("orders:write")]
    async fn order(self) {}
}

fn main() {
    let _ = (signed_in, signed_in_too, role, roles, any_role, permission);
    let _ = (recent_alone, recent_in_a_tree, between);
    let _ = (permissions, org, orgs, recent, tree, not, several, Shop::order);
}
