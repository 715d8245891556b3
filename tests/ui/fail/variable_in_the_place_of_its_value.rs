#[authsafe::routes(
    client_id = env("ID", default = "${CLIENT_ID}"),
    app_url = env("URL", default = "$APP_URL"),
    domain = env("ISSUER", default = "{{ DOMAIN }}"),
)]
mod auth {}

fn main() {}
