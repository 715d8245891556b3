#[authsafe::routes]
mod auth {}

fn main() {
    let vars = std::collections::HashMap::from([("APP_URL", "http://localhost:3000")]);
    drop(auth::from_vars(|name| vars.get(name).map(|&value| value.to_owned())));
}
