mod api {
    pub fn audience() -> String {
        "https://api.example.com".to_owned()
    }

    pub const RESOURCE: &str = "https://api.example.com";
}

#[authsafe::routes(
    authorize(
        audience = env("API"),
        access_type = "offline",
        prompt = "consent",
        resource = api::RESOURCE,
        r#type = api::audience,
        hd = env("DOMAIN", default = "example.com"),
    ),
    forward("organization", "kc_idp_hint", "connection", "domain_hint", "acr_values"),
)]
mod auth {}

fn main() {
    drop(auth::from_env());
}
