#[authsafe::routes(
    ca_file = "-----BEGIN CERTIFICATE-----",
)]
mod auth {}

fn main() {}
