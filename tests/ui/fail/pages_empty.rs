#[authsafe::routes(pages())]
mod auth {}

fn main() {}
