#[authsafe::routes(client_auth = "auto")]
mod auto {}

#[authsafe::routes(client_auth = "basic")]
mod basic {}

#[authsafe::routes(client_auth = "post", client_secret = env("SECRET", default = none))]
mod post {}

#[authsafe::routes(client_auth = "auto", client_secret = none)]
mod public {}

fn main() {
    drop(auto::from_env());
    drop(basic::from_env());
    drop(post::from_env());
    drop(public::from_env());
}
