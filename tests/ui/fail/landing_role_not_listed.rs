#[authsafe::routes(roles("editor", "admin"), landing(role("editr") => "/edit", _ => "/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
