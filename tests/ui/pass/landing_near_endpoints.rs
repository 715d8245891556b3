#[authsafe::routes(landing(_ => "/api/auth/signin/../welcome"), after_logout = "/api/auth")]
mod first {}

#[authsafe::routes(landing(_ => "/?next=/api/auth/signin"), pages(error = "/oops#/api/auth/signin"))]
mod second {}

#[authsafe::routes(landing(_ => "/api/auth/SIGNIN"), pages(sign_in = "/api/auth%2fsignin"))]
mod third {}

#[authsafe::routes(landing(_ => "/api/auth/signin/form"))]
mod fourth {}

fn main() {
    drop(first::from_env());
    drop(second::from_env());
    drop(third::from_env());
    drop(fourth::from_env());
}
