//! `authsafe secret` and `authsafe check`.

#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks by printing"
)]

use std::process::ExitCode;

use authsafe::__private::{self, Checked, SecretSetting, SpecParts};
use authsafe::Spec;

const HELP: &str = "\
authsafe: sign-in for Rust web apps

Usage:
  authsafe secret                 print a new cookie secret
  authsafe check [OPTIONS]        read the environment as the app does, ask the provider,
                                  report everything that is wrong

Options of check:
  --base-path PATH   where the app has its endpoints (/api/auth)
  --public           the app is a public client: it has no client secret
  --authsafe         the provider is AuthSafe under a domain of yours: `endpoints(authsafe)`

Environment:
  AUTHSAFE_DOMAIN          the provider (https://identities.authsafe.in)
  AUTHSAFE_CLIENT_ID       the client id that it gave the app
  AUTHSAFE_CLIENT_SECRET   the client secret that it gave the app
  AUTHSAFE_COOKIE_SECRET   what cookies are sealed under: `authsafe secret` prints one
  APP_URL                  the origin at which browsers reach the app

check exits with 0 when sign-in would work, 1 when it would not, 2 when it was called wrongly.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["secret"] => secret(),
        ["check", options @ ..] => match spec(options) {
            Some(spec) => check(spec),
            None => usage(),
        },
        ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            ExitCode::SUCCESS
        }
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    eprintln!("{HELP}");
    ExitCode::from(2)
}

fn secret() -> ExitCode {
    match __private::new_cookie_secret() {
        Some(secret) => {
            println!("{secret}");
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("the system's random source failed");
            ExitCode::FAILURE
        }
    }
}

/// The attribute that the options describe. It lives as long as the program.
fn spec(mut options: &[&str]) -> Option<&'static Spec> {
    let mut spec = SpecParts::DEFAULT;
    loop {
        options = match options {
            [] => return Some(Box::leak(Box::new(__private::spec(spec)))),
            ["--public", rest @ ..] => {
                spec.client_secret = SecretSetting::None;
                rest
            }
            ["--authsafe", rest @ ..] => {
                spec.endpoints.authsafe = true;
                rest
            }
            ["--base-path", path, rest @ ..] if path.starts_with('/') => {
                spec.base_path = Box::leak(path.trim_end_matches('/').to_owned().into_boxed_str());
                rest
            }
            _ => return None,
        };
    }
}

/// Returns what it means that the provider names no such endpoint.
fn without(endpoint: &str) -> &'static str {
    match endpoint {
        "revocation endpoint" => "none: logout leaves the refresh token to run out",
        "introspection endpoint" => "none: access tokens that are no JWTs are refused",
        "end-session endpoint" => "none: logout ends the session of the app alone",
        _ => "none",
    }
}

fn check(spec: &'static Spec) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let checked = match runtime {
        Ok(runtime) => runtime.block_on(__private::check(spec)),
        Err(error) => {
            eprintln!("cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match checked {
        Ok(Checked {
            auth,
            unreachable,
            endpoints,
        }) => {
            for (name, url) in endpoints {
                println!("{name}: {}", url.as_deref().unwrap_or(without(name)));
            }
            if let Some(redirect_uri) = auth.redirect_uri() {
                println!("redirect URI to register at the provider: {redirect_uri}");
            }
            match unreachable {
                None => {
                    println!("sign-in is ready");
                    ExitCode::SUCCESS
                }
                Some(error) => {
                    eprintln!("the provider could not be asked: {error}");
                    ExitCode::FAILURE
                }
            }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
