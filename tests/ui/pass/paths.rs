#[authsafe::routes(paths(signin = "in", callback = "oauth/back", logout = "out", refresh = "again"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
