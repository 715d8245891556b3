#[authsafe::routes]
mod auth {
    pub fn from_env() {}
}

fn main() {}
