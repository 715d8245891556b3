#[authsafe::routes(
    roles("editor"),
    protect("/edit/**" => role("editr"))
)]
mod auth {}

fn main() {}
