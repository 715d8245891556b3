#[authsafe::routes(
    client_id = "${CLIENT_ID}",
    app_url = "$APP_URL",
    domain = "{{ DOMAIN }}",
)]
mod auth {}

fn main() {}
