//! `authsafe secret` and `authsafe check`.

#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks by printing"
)]

use std::collections::BTreeMap;
use std::process::ExitCode;

use authsafe::__private::{self, Checked, SecretSetting, Setting, SpecParts};
use authsafe::Spec;

const HELP: &str = "\
authsafe: sign-in for Rust web apps

Usage:
  authsafe secret                 print a new cookie secret
  authsafe check [OPTIONS]        read the environment as the app does, ask the provider,
                                  report everything that is wrong
  authsafe --version              print the version

Options of check:
  --env-file FILE    read variables from FILE too, lines of NAME=value; the environment goes first
  --base-path PATH   where the app has its endpoints (/api/auth)
  --public           the app is a public client: it has no client secret
  --authsafe         the provider is AuthSafe under a domain of yours: `endpoints(authsafe)`
  --domain NAME, --client-id NAME, --client-secret NAME, --cookie-secret NAME, --app-url NAME
                     the variable that the app reads instead: `client_id = env(\"NAME\")`

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
        ["check", options @ ..] => match Options::read(options) {
            Ok(options) => check(options),
            Err(wrong) => usage(&wrong),
        },
        ["--version" | "-V"] => {
            println!("authsafe {}", env!("CARGO_PKG_VERSION"));
            ExitCode::SUCCESS
        }
        ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            ExitCode::SUCCESS
        }
        [] => usage("a command is missing"),
        [
            "secret" | "--version" | "-V" | "help" | "--help" | "-h",
            more,
            ..,
        ] => usage(&format!("`{more}` is too much")),
        [other, ..] => usage(&format!("there is no command `{other}`")),
    }
}

/// Tells what is wrong with the arguments, and which there are.
fn usage(wrong: &str) -> ExitCode {
    eprintln!("authsafe: {wrong}\n\n{HELP}");
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

/// What `check` was told.
struct Options {
    /// The attribute that the options describe. It lives as long as the program.
    spec: &'static Spec,
    /// The variables of the file.
    file: BTreeMap<String, String>,
}

impl Options {
    fn read(mut options: &[&str]) -> Result<Self, String> {
        let mut spec = SpecParts::DEFAULT;
        let mut file = BTreeMap::new();
        while let [option, rest @ ..] = options {
            let value = || match rest {
                [value, ..] if !value.starts_with("--") => Ok(leaked(value)),
                _ => Err(format!("`{option}` needs a value behind it")),
            };
            let takes_one = match *option {
                "--public" => {
                    spec.client_secret = SecretSetting::None;
                    false
                }
                "--authsafe" => {
                    spec.endpoints.authsafe = true;
                    false
                }
                "--base-path" => {
                    let path = value()?;
                    if !path.starts_with('/') {
                        return Err(format!("`--base-path {path}`: a path begins with `/`"));
                    }
                    spec.base_path = path.trim_end_matches('/');
                    true
                }
                "--env-file" => {
                    file.extend(variables_of(value()?)?);
                    true
                }
                "--domain" => {
                    rename(&mut spec.domain, value()?);
                    true
                }
                "--client-id" => {
                    rename(&mut spec.client_id, value()?);
                    true
                }
                "--app-url" => {
                    rename(&mut spec.app_url, value()?);
                    true
                }
                "--client-secret" => {
                    spec.client_secret = SecretSetting::Env { name: value()? };
                    true
                }
                "--cookie-secret" => {
                    spec.cookie_secret = SecretSetting::Env { name: value()? };
                    true
                }
                other => return Err(format!("`check` has no option `{other}`")),
            };
            options = rest.get(usize::from(takes_one)..).unwrap_or_default();
        }
        let spec = Box::leak(Box::new(__private::spec(spec)));
        Ok(Self { spec, file })
    }
}

fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn rename(setting: &mut Setting, to: &'static str) {
    if let Setting::Env { name, .. } = setting {
        *name = to;
    }
}

/// Reads lines of `NAME=value`: with `export` before it or not, in quotes or not. A `#` begins a
/// comment, at the start of a line or behind a space.
fn variables_of(path: &str) -> Result<BTreeMap<String, String>, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("`--env-file {path}` cannot be read: {error}"))?;
    let mut variables = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // The line itself may be a secret, and is not shown.
        let Some((name, value)) = line.split_once('=') else {
            return Err(format!(
                "line {number} of `{path}` is not `NAME=value`: it has no `=`"
            ));
        };
        let value = value.trim_start();
        let quoted = ['"', '\'']
            .into_iter()
            .find_map(|quote| value.strip_prefix(quote)?.split_once(quote));
        let value = match quoted {
            Some((value, _)) => value,
            None => value.split(" #").next().unwrap_or_default().trim_end(),
        };
        variables.insert(name.trim_end().to_owned(), value.to_owned());
    }
    Ok(variables)
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

fn check(options: Options) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let checked = match runtime {
        Ok(runtime) => runtime.block_on(__private::check(options.spec, |name| {
            options.file.get(name).cloned()
        })),
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
