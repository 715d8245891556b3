#[authsafe::routes(
    ca_file = "https://id.example.com/ca.pem",
)]
mod auth {}

fn main() {}
