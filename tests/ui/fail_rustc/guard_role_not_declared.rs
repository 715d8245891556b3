use authsafe::require_role;

#[authsafe::routes(roles("editor", "author"))]
mod auth {}

#[require_role("editr")]
async fn handler() {}

fn main() {}
