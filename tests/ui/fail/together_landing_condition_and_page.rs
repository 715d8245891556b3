#[authsafe::routes(landing(rol("editor") => "edit", _ => "/"))]
mod auth {}

fn main() {}
