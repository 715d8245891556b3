//! What `check` and `doctor` are told.

use std::collections::BTreeMap;
use std::iter::Peekable;

use authsafe::__private::{self, SecretSetting, Setting, SpecParts};
use authsafe::Spec;
use authsafe_rules::spelling;

const NAMES: [&str; 12] = [
    "--json",
    "--env-file",
    "--base-path",
    "--scopes",
    "--public",
    "--authsafe",
    "--domain",
    "--client-id",
    "--client-secret",
    "--cookie-secret",
    "--app-url",
    "--help",
];

/// The options of a command.
pub(crate) struct Options {
    /// The attribute that they describe. It lives as long as the program.
    pub(crate) spec: &'static Spec,
    /// The variables of the files.
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) json: bool,
    pub(crate) help: bool,
}

impl Options {
    /// Reads them. `Err`: what is wrong with them.
    pub(crate) fn read(command: &str, options: &[&str]) -> Result<Self, String> {
        let mut spec = SpecParts::DEFAULT;
        let mut variables = BTreeMap::new();
        let (mut json, mut help) = (false, false);
        let mut words = options.iter().copied().peekable();
        while let Some(word) = words.next() {
            let (option, joined) = split(word);
            let mut value = || value(option, joined, &mut words).map(leaked);
            match option {
                "--json" | "--help" | "-h" | "--public" | "--authsafe" if joined.is_some() => {
                    return Err(format!("`{option}` takes no value"));
                }
                "--json" => json = true,
                "--help" | "-h" => help = true,
                "--public" => spec.client_secret = SecretSetting::None,
                "--authsafe" => spec.endpoints.authsafe = true,
                "--env-file" => variables.extend(variables_of(value()?)?),
                "--base-path" => {
                    let path = value()?;
                    if !path.starts_with('/') {
                        return Err(format!("`--base-path {path}`: a path begins with `/`"));
                    }
                    spec.base_path = path.trim_end_matches('/');
                }
                "--scopes" => {
                    let names = value()?.split([' ', ',']).filter(|it| !it.is_empty());
                    let names: Vec<&'static str> = names.collect();
                    if !names.contains(&"openid") {
                        return Err("`--scopes`: `openid` is among them".to_owned());
                    }
                    spec.scopes = Box::leak(names.into_boxed_slice());
                }
                "--domain" => rename(&mut spec.domain, value()?),
                "--client-id" => rename(&mut spec.client_id, value()?),
                "--app-url" => rename(&mut spec.app_url, value()?),
                "--client-secret" => spec.client_secret = SecretSetting::Env { name: value()? },
                "--cookie-secret" => spec.cookie_secret = SecretSetting::Env { name: value()? },
                other => {
                    let near = near(&NAMES, other);
                    return Err(format!("`{command}` has no option `{other}`{near}"));
                }
            }
        }
        let spec = Box::leak(Box::new(__private::spec(spec)));
        Ok(Self {
            spec,
            variables,
            json,
            help,
        })
    }
}

/// Splits `--option=value`.
pub(crate) fn split(word: &str) -> (&str, Option<&str>) {
    match word.split_once('=') {
        Some((option, value)) if option.starts_with("--") => (option, Some(value)),
        _ => (word, None),
    }
}

/// Returns what stands behind `=`, or next.
pub(crate) fn value<'a>(
    option: &str,
    joined: Option<&'a str>,
    words: &mut Peekable<impl Iterator<Item = &'a str>>,
) -> Result<&'a str, String> {
    let value = joined.or_else(|| words.next_if(|it| !it.starts_with("--")));
    let value = value.filter(|it| !it.is_empty() || joined.is_none());
    value.ok_or_else(|| format!("`{option}` needs a value behind it"))
}

/// Asks for the name that may have been meant, if any is near.
pub(crate) fn near(names: &[&str], written: &str) -> String {
    let near = spelling::nearest(names, written).and_then(|at| names.get(at));
    near.map_or(String::new(), |it| format!(": did you mean `{it}`?"))
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
