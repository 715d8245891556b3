#[authsafe::routes(domain = "https://id.example.com/.well-known-tenant")]
mod first {}

#[authsafe::routes(domain = "https://id.example.com/openid-configuration", endpoints(issuer = "https://id.example.com/"))]
mod second {}

#[authsafe::routes(endpoints(token = "https://id.example.com/token?p=B2C_1_sign_in"))]
mod third {}

#[authsafe::routes(endpoints(jwks = "https://id.example.com/.well-known/jwks.json"), ca_file = "C:\\ca.pem", client_id = "$price")]
mod fourth {}

fn main() {
    drop(fourth::from_env());
    drop(first::from_env());
    drop(second::from_env());
    drop(third::from_env());
}
