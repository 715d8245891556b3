use authsafe::require;

#[authsafe::routes(scopes("openid", "admin"), roles("editor", "author"))]
mod auth {}

#[require(all(scope("admin"), not(any(role("billing"), scope("admn")))))]
async fn handler() {}

fn main() {}
