//! Conditions, rules and guards that look as if nobody passed, or as if they were never asked.

use authsafe::{policy, require, require_auth, require_org, require_permission, require_role};

#[authsafe::routes(
    roles("a", "b", "c"),
    landing(
        all(role("a"), role("b")) => "/ab",
        role("a") => "/a",
        any(role("b"), role("c")) => "/bc",
        _ => "/",
    ),
    protect(
        "/own" => auth,
        "/own/*/deep/**" => auth,
        "/own/**" => role("a"),
        "/x/y/z" => all(not(org("org_1")), not(org("org_2"))),
        "/x/y/*/**" => any(org("org_1"), org("org_2")),
        "/x/y/**" => all(recent("1h"), not(recent("5m"))),
        "/x/**" => auth,
    ),
    public("/own/help", "/own/*/deep", "/*/open"),
    base_path = "/x/auth",
)]
mod auth {}

#[authsafe::routes(roles("staff"), base_path = "/staff")]
mod staff {}

#[policy(all(any(org("org_1"), org("org_2")), not(org("org_2"))))]
struct First;

#[require(any(all(policy(First), not(role("a"))), all(not(policy(First)), role("a"))))]
async fn one_of_two() {}

#[require(not(all(org("org_1"), permission("a"))))]
#[require_org(any("org_1", "org_2"))]
async fn not_both() {}

#[require_role("staff", routes = crate::staff)]
#[require(not(role("a")), routes = crate::auth)]
async fn of_two_sessions() {}

#[require_org("org_1", routes = crate::staff)]
#[require_org("org_2", routes = crate::auth)]
async fn of_two_organizations() {}

#[require(not(role("a")))]
mod handlers {
    #[authsafe::require_role("a")]
    pub async fn own() {}

    pub async fn of_the_module() {}
}

#[require_auth]
#[require_permission("sell")]
mod guarded_twice {
    pub async fn sell() {}
}

struct Shop<T>(T);

impl<T: ?Sized + Send + Sync> Shop<Box<T>> {
    #[require_auth]
    async fn open(&self) {}

    #[require_auth]
    #[require_permission("sell")]
    async fn sell(them: &Self) {
        let _ = &them.0;
    }
}

// Whoever implements it may leave `opens` as it is or write another. Nobody can see that from here: a trait of types with a
// size looks like a type.
trait Opens: Sized {
    #[require_auth]
    async fn opens(&self) {}
}

impl Opens for u8 {}

fn main() {
    let _ = (one_of_two, not_both, of_two_sessions, of_two_organizations);
    let _ = (handlers::own, handlers::of_the_module, guarded_twice::sell);
    let _ = (Shop::<Box<str>>::open, Shop::<Box<str>>::sell, u8::opens);
}
