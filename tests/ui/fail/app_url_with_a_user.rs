#[authsafe::routes(app_url = "https://user:pass@app.example.com")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
