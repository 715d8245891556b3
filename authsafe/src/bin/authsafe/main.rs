//! `authsafe new`, `authsafe secret`, `authsafe check`, `authsafe doctor` and `authsafe dev`.

#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks by printing"
)]

mod dev;
mod new;
mod options;
mod text;

use core::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use authsafe::__private::{self, Checked, Depth, Verdict};

use options::{Options, near};
use text::Style;

const USAGE: &str = "\
Usage:
  authsafe new NAME [OPTIONS] write a small app with sign-in, its tests and a Dockerfile
  authsafe secret             print a new cookie secret
  authsafe check [OPTIONS]    read the settings as the app does, and the provider's document
  authsafe doctor [OPTIONS]   ask the provider, without a sign-in, what is wrong and what to write
  authsafe dev [OPTIONS]      run a provider on this machine that signs anybody in";

const HELP: &str = "\
Options of check and doctor:
  --env-file FILE     read variables from FILE too, lines of NAME=value; the environment goes first
  --domain NAME       the variable that the app reads instead: `domain = env(\"NAME\")`; likewise
                      --client-id, --client-secret, --cookie-secret, --app-url
  --public            the app is a public client: it has no client secret
  --scopes \"A B\"      the scopes that it asks for (openid email profile)
  --base-path PATH    where the app has its endpoints (/api/auth)
  --authsafe          the provider is AuthSafe under a domain of yours: `endpoints(authsafe)`
  --json              print the report as JSON

Variables:
  AUTHSAFE_DOMAIN          the provider (https://identities.authsafe.in)
  AUTHSAFE_CLIENT_ID       the client id that it gave the app
  AUTHSAFE_CLIENT_SECRET   the client secret that it gave the app
  AUTHSAFE_COOKIE_SECRET   what cookies are sealed under: `authsafe secret` prints one
  APP_URL                  the origin at which browsers reach the app

doctor makes authorization requests that nobody goes on with, and shows the token endpoint codes
that nobody gave, with the client secret and with a wrong one. Nobody signs in, and no secret is printed.

Exit codes: 0 nothing tried is wrong, 1 something is, 2 a wrong argument, 3 no answer (check: 1).";

const COMMANDS: [&str; 7] = [
    "new",
    "secret",
    "check",
    "doctor",
    "dev",
    "help",
    "--version",
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["secret"] => secret(),
        ["new", options @ ..] => match new::Options::read(options) {
            Ok(options) if options.help => help(),
            Ok(options) => begin(&options),
            Err(wrong) => usage(&wrong),
        },
        [command @ ("check" | "doctor"), options @ ..] => match Options::read(command, options) {
            Ok(options) if options.help => help(),
            Ok(options) if *command == "doctor" => examine(&options, Depth::Whole, 3),
            Ok(options) if options.json => examine(&options, Depth::Start, 1),
            Ok(options) => check(options),
            Err(wrong) => usage(&wrong),
        },
        ["dev", options @ ..] => match dev::Options::read(options) {
            Ok(options) if options.help => help(),
            Ok(options) => develop(options),
            Err(wrong) => usage(&wrong),
        },
        ["--version" | "-V"] => {
            say(&format!("authsafe {}\n", env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
        ["help" | "--help" | "-h"] => help(),
        [] => usage("a command is missing"),
        [
            "secret" | "--version" | "-V" | "help" | "--help" | "-h",
            more,
            ..,
        ] => usage(&format!("`{more}` is too much")),
        [other, ..] => {
            let near = near(&COMMANDS, other);
            usage(&format!("there is no command `{other}`{near}"))
        }
    }
}

fn help() -> ExitCode {
    say(&format!(
        "authsafe: sign-in for Rust web apps\n\n{USAGE}\n\n{}\n\n{}\n\n{HELP}\n",
        new::HELP,
        dev::HELP
    ));
    ExitCode::SUCCESS
}

/// Tells what is wrong with the arguments, and which there are.
fn usage(wrong: &str) -> ExitCode {
    eprintln!("authsafe: {wrong}\n\n{USAGE}\n\n`authsafe --help` says more.");
    ExitCode::from(2)
}

/// Prints; whoever has read enough may have gone away.
fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

/// Tells why a command failed.
fn failed(wrong: impl Display) -> ExitCode {
    eprintln!("{wrong}");
    ExitCode::FAILURE
}

/// Writes an app into a new folder.
fn begin(options: &new::Options) -> ExitCode {
    match options.write(Path::new("")) {
        Ok(next) => {
            say(&next);
            ExitCode::SUCCESS
        }
        Err(wrong) => failed(format!("authsafe: {wrong}")),
    }
}

fn secret() -> ExitCode {
    let Some(secret) = __private::new_cookie_secret() else {
        return failed("the system's random source failed");
    };
    println!("{secret}");
    ExitCode::SUCCESS
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

/// Runs one command to its end.
fn run<T>(command: impl Future<Output = T>) -> Result<T, ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => Ok(runtime.block_on(command)),
        Err(error) => Err(failed(format!("cannot start: {error}"))),
    }
}

/// Runs the provider until somebody stops it.
fn develop(options: dev::Options) -> ExitCode {
    let running = run(async {
        let (_provider, variables) = options.start().await?;
        say(&variables);
        eprintln!("\nPaste these lines into the `.env` of each app. Ctrl-C stops the provider.");
        core::future::pending::<Result<(), authsafe::dev::DevError>>().await
    });
    match running {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => failed(format!("authsafe: {error}")),
        Err(code) => code,
    }
}

/// Asks the provider, so much, and prints the report. Returns the code of a provider that does not answer.
fn examine(options: &Options, depth: Depth, not_reached: u8) -> ExitCode {
    let lookup = |name: &str| options.variables.get(name).cloned();
    let report = match run(__private::doctor(options.spec, lookup, depth)) {
        Ok(report) => report,
        Err(code) => return code,
    };
    match options.json {
        true => say(&json(&report)),
        false => {
            let is_terminal = io::stdout().is_terminal();
            let style = Style {
                color: is_terminal && __private::wants_color(),
                wrap: is_terminal,
            };
            say(&text::text(&report, style));
        }
    }
    match report.verdict {
        Verdict::NothingWrong => ExitCode::SUCCESS,
        Verdict::Wrong => ExitCode::FAILURE,
        Verdict::NotReached => ExitCode::from(not_reached),
    }
}

fn json(report: &__private::Report) -> String {
    // A report is lists and texts, which are never wrong as JSON.
    serde_json::to_string_pretty(report).unwrap_or_default() + "\n"
}

fn check(options: Options) -> ExitCode {
    let lookup = |name: &str| options.variables.get(name).cloned();
    let checked = match run(__private::check(options.spec, lookup)) {
        Ok(checked) => checked,
        Err(code) => return code,
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
                    println!(
                        "the app starts; whether the provider takes it, `authsafe doctor` asks"
                    );
                    ExitCode::SUCCESS
                }
                Some(error) => failed(format!("the provider could not be asked: {error}")),
            }
        }
        Err(error) => failed(error),
    }
}
