//! A program of the examples, as somebody starts it who has configured nothing.

use std::process::Command;

/// The program at `path`, on a free port, whatever the environment of the tests says.
pub(crate) fn unconfigured(path: &str) -> Command {
    let mut command = Command::new(path);
    for name in [
        "AUTHSAFE_DOMAIN",
        "AUTHSAFE_CLIENT_ID",
        "AUTHSAFE_CLIENT_SECRET",
        "AUTHSAFE_COOKIE_SECRET",
        "APP_URL",
        "RUST_LOG",
    ] {
        command.env_remove(name);
    }
    command.env("PORT", "0");
    command
}
