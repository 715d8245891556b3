//! `authsafe dev`: a provider for development that several processes share.

use std::path::Path;

use authsafe::dev::{Builder, DevError, LocalProvider, User};

use crate::options::near;

pub(crate) const HELP: &str = "\
Options of dev:
  --port PORT         where it listens on 127.0.0.1 (9400)
  --app-url URL       the origin of the app (http://localhost:3000)
  --user \"ID FIELDS\"  somebody who can sign in, in the place of Alice and Bob; as often as you like:
                      `alice name=\"Alice Admin\" email=a@x.example scopes=admin roles=admin,editor`,
                      and permissions=, org=, picture=
  --users FILE        the same, one a line; `#` begins a comment
  --like PROVIDER     behaves like a provider by name: keycloak, auth0, entra, ...
  --keep FILE         where its keys and tokens outlive a restart (.authsafe-dev.json); `none`: nowhere";

const NAMES: [&str; 7] = [
    "--port",
    "--app-url",
    "--user",
    "--users",
    "--like",
    "--keep",
    "--help",
];

const PORT: u16 = 9400;
const KEEP: &str = ".authsafe-dev.json";
/// The variables that an app reads.
const VARIABLES: [&str; 5] = [
    "AUTHSAFE_DOMAIN",
    "AUTHSAFE_CLIENT_ID",
    "AUTHSAFE_CLIENT_SECRET",
    "AUTHSAFE_COOKIE_SECRET",
    "APP_URL",
];

/// What `authsafe dev` is told.
pub(crate) struct Options {
    port: u16,
    app_url: String,
    users: Vec<User>,
    like: Option<String>,
    keep: Option<String>,
    pub(crate) help: bool,
}

impl Options {
    /// Reads them. `Err`: what is wrong with them.
    pub(crate) fn read(mut options: &[&str]) -> Result<Self, String> {
        let mut read = Self {
            port: PORT,
            app_url: "http://localhost:3000".to_owned(),
            users: Vec::new(),
            like: None,
            keep: Some(KEEP.to_owned()),
            help: false,
        };
        while let [option, rest @ ..] = options {
            if ["--help", "-h"].contains(option) {
                read.help = true;
                options = rest;
                continue;
            }
            if !NAMES.contains(option) {
                let near = near(&NAMES, option);
                return Err(format!("`dev` has no option `{option}`{near}"));
            }
            let [value, rest @ ..] = rest else {
                return Err(format!("`{option}` needs a value behind it"));
            };
            match *option {
                "--port" => {
                    let port = value.parse();
                    read.port = port.map_err(|_| {
                        format!("`--port {value}`: write a number from 0 to 65535, such as {PORT}")
                    })?;
                }
                "--app-url" => (*value).clone_into(&mut read.app_url),
                "--user" => read.users.push(user(value)?),
                "--users" => read.users.extend(users(value)?),
                "--like" => read.like = Some((*value).to_owned()),
                _ => read.keep = Some((*value).to_owned()).filter(|it| it != "none"),
            }
            options = rest;
        }
        Ok(read)
    }

    fn builder(self) -> Builder {
        let mut builder = LocalProvider::builder().bind(format!("127.0.0.1:{}", self.port));
        if let Some(like) = self.like {
            builder = builder.like(like);
        }
        if let Some(file) = self.keep {
            builder = builder.keep(file);
        }
        match self.users.is_empty() {
            true => builder.demo(),
            false => self.users.into_iter().fold(builder, Builder::user),
        }
    }

    /// Starts it. Returns it, and what to paste.
    pub(crate) async fn start(self) -> Result<(LocalProvider, String), DevError> {
        let app_url = self.app_url.clone();
        let provider = self.builder().start().await?;
        let vars = provider.vars(&app_url);
        let lines = VARIABLES.map(|name| match vars(name) {
            Some(value) => format!("{name}={value}\n"),
            None => String::new(),
        });
        Ok((provider, lines.concat()))
    }
}

fn users(file: &str) -> Result<Vec<User>, String> {
    let text = std::fs::read_to_string(Path::new(file));
    let text = text.map_err(|error| format!("`--users {file}` cannot be read: {error}"))?;
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(user).collect()
}

/// Reads `alice name="Alice Admin" scopes=admin,editor`.
fn user(line: &str) -> Result<User, String> {
    let mut words = words(line).into_iter();
    let id = words.next().filter(|id| !id.contains('='));
    let id = id.ok_or_else(|| format!("`{line}`: a user begins with an id, such as `alice`"))?;
    let mut user = User::new(id);
    for word in words {
        let Some((field, value)) = word.split_once('=') else {
            return Err(format!("`{word}` of `{line}` is not `field=value`"));
        };
        let list = || value.split(',').filter(|it| !it.is_empty());
        user = match field {
            "name" => user.name(value),
            "email" => user.email(value),
            "picture" => user.picture(value),
            "org" => user.org_id(value),
            "scopes" => user.scopes(list()),
            "roles" => user.roles(list()),
            "permissions" => user.permissions(list()),
            other => {
                const FIELDS: &str = "name, email, picture, org, scopes, roles or permissions";
                return Err(format!("`{other}` is no field of a user; write {FIELDS}"));
            }
        };
    }
    Ok(user)
}

/// Splits at spaces, but not within double quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            letter => words
                .last_mut()
                .into_iter()
                .for_each(|word| word.push(letter)),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_at_spaces_and_not_within_quotes() {
        let line = r#"alice  name="Alice Admin" scopes=a,b"#;
        assert_eq!(words(line), ["alice", "name=Alice Admin", "scopes=a,b"]);
    }

    #[test]
    fn what_is_wrong_with_a_user_is_said() {
        for (line, wrong) in [
            ("name=x", "begins with an id"),
            ("alice admin", "is not `field=value`"),
            ("alice role=admin", "is no field"),
        ] {
            assert!(user(line).unwrap_err().contains(wrong), "{line}");
        }
    }
}
