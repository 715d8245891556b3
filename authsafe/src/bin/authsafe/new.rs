//! `authsafe new`: an app to begin with.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use authsafe::__private;

use crate::options::{near, split, value};

pub(crate) const HELP: &str = "\
Options of new:
  --framework NAME    axum, actix or tower (axum)
  NAME is the name of the app, and of the folder that is made for it here.";

const FRAMEWORKS: [&str; 3] = ["axum", "actix", "tower"];
const OPTIONS: [&str; 2] = ["--framework", "--help"];

/// What stands for the name of the app in a template.
const NAME: &str = "{{project-name}}";
/// The line of `.env.example` that is filled in.
const SECRET: &str = "\nAUTHSAFE_COOKIE_SECRET=\n";

/// A file of the template: where it goes, and what is in it.
type File = (&'static str, &'static str);

macro_rules! file {
    ($path:literal) => {
        ($path, include_str!(concat!("../../../new/", $path)))
    };
    ($framework:literal, $path:literal => $goes_to:literal) => {
        (
            $goes_to,
            include_str!(concat!("../../../new/frameworks/", $framework, "/", $path)),
        )
    };
}

macro_rules! framework {
    ($framework:literal) => {
        [
            file!($framework, "Cargo.toml.liquid" => "Cargo.toml"),
            file!($framework, "main.rs" => "src/main.rs"),
            file!($framework, "tests.rs" => "src/tests.rs"),
        ]
    };
}

const EXAMPLE: File = file!(".env.example");

const SHARED: [File; 8] = [
    file!(".dockerignore"),
    EXAMPLE,
    file!(".gitignore"),
    file!("Dockerfile"),
    file!("README.md"),
    file!("compose.yaml"),
    file!("src/pages.rs"),
    file!("src/style.css"),
];

/// In the order of [`FRAMEWORKS`].
const OWN: [[File; 3]; 3] = [framework!("axum"), framework!("actix"), framework!("tower")];

/// What `authsafe new` is told.
pub(crate) struct Options {
    name: String,
    /// Its place in [`FRAMEWORKS`].
    framework: usize,
    pub(crate) help: bool,
}

impl Options {
    /// Reads them. `Err`: what is wrong with them.
    pub(crate) fn read(options: &[&str]) -> Result<Self, String> {
        let (mut name, mut framework, mut help) = (None, 0, false);
        let mut words = options.iter().copied().peekable();
        while let Some(written) = words.next() {
            let (option, joined) = split(written);
            match option {
                "--help" | "-h" => help = true,
                "--framework" => framework = framework_at(value(option, joined, &mut words)?)?,
                option if option.starts_with('-') => {
                    let near = near(&OPTIONS, option);
                    return Err(format!("`new` has no option `{option}`{near}"));
                }
                _ if name.is_some() => return Err(format!("`{written}` is too much")),
                _ => name = Some(checked(written)?),
            }
        }
        match name {
            None if !help => Err("`new` needs a name: `authsafe new my-app`".to_owned()),
            name => Ok(Self {
                name: name.unwrap_or_default(),
                framework,
                help,
            }),
        }
    }

    /// Writes the app into a new folder of `here`. Returns what to do next. `Err`: why not.
    pub(crate) fn write(&self, here: &Path) -> Result<String, String> {
        let folder = here.join(&self.name);
        is_free(&folder, &self.name)?;
        let own = OWN.get(self.framework).into_iter().flatten();
        for (path, text) in SHARED.iter().chain(own) {
            let text = text.replace(NAME, &self.name);
            write(&folder, path, &text).map_err(|error| self.not_written(path, &error))?;
        }
        let secret = __private::new_cookie_secret().ok_or("the system's random source failed")?;
        let variables = EXAMPLE
            .1
            .replace(SECRET, &format!("\nAUTHSAFE_COOKIE_SECRET={secret}\n"));
        write(&folder, ".env", &variables).map_err(|error| self.not_written(".env", &error))?;
        let framework = FRAMEWORKS.get(self.framework).copied().unwrap_or_default();
        Ok(format!(
            "`{}` is written, on {framework}. Next:\n\n  \
               cd {}\n  \
               authsafe dev    # in one terminal: a provider on this machine, with Alice and Bob in it\n  \
               cargo run       # in another one, in the same folder: the app, on http://localhost:3000\n",
            self.name, self.name
        ))
    }

    fn not_written(&self, path: &str, error: &io::Error) -> String {
        format!("{}/{path} cannot be written: {error}", self.name)
    }
}

fn framework_at(value: &str) -> Result<usize, String> {
    // Names under which they are known too.
    let meant = match value {
        "actix-web" => "actix",
        "hyper" => "tower",
        value => value,
    };
    let found = FRAMEWORKS.iter().position(|it| *it == meant);
    found.ok_or_else(|| match near(&FRAMEWORKS, value).as_str() {
        "" => format!("`--framework {value}`: write axum, actix or tower"),
        near => format!("`--framework {value}`{near}"),
    })
}

/// Returns the name, if Cargo takes it for a program.
fn checked(name: &str) -> Result<String, String> {
    let wrong = |reason: &str| Err(format!("`{name}` cannot be the name of an app: {reason}"));
    if name.contains(['/', '\\']) {
        return wrong("it is a path; change into the folder around it, and write its last part");
    }
    if !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        return wrong("it begins with a small letter from a to z");
    }
    let fits = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_".contains(letter)
    };
    if let Some(letter) = name.chars().find(|letter| !fits(*letter)) {
        return wrong(&format!(
            "`{letter}` is none of small letters, digits, `-` and `_`"
        ));
    }
    if name.len() > 64 {
        return wrong("it has more than 64 letters");
    }
    if RESERVED.split(' ').any(|it| it == name) {
        return wrong("Rust, Cargo or a crate that the app uses has it");
    }
    Ok(name.to_owned())
}

/// Names that no package may have, or that a dependency of the app has.
const RESERVED: &str = "abstract actix-web alloc as async authsafe await axum become box break bytes const continue \
    core crate do dotenvy dyn else enum extern false final fn for gen http http-body-util hyper \
    hyper-util if impl in let loop macro match mod move mut override priv proc-macro proc_macro \
    pub ref return self serde_json static std struct super test tokio tower tracing-subscriber \
    trait true try type typeof unsafe unsized use virtual where while yield";

/// Returns whether nobody's files are there.
fn is_free(folder: &Path, name: &str) -> Result<(), String> {
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!(
            "the folder `{name}` is not empty, and nothing was written; take another name, or empty it"
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotADirectory => Err(format!(
            "`{name}` is a file, and nothing was written; take another name, or move it away"
        )),
        Err(error) => Err(format!("the folder `{name}` cannot be read: {error}")),
    }
}

/// Writes a new file, for its owner alone to read where it holds a secret.
fn write(folder: &Path, path: &str, text: &str) -> io::Result<()> {
    let path = folder.join(path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if path.ends_with(".env") {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_cargo_takes() {
        for name in ["shop", "my-app", "my_app2", "a"] {
            assert_eq!(checked(name).as_deref(), Ok(name));
        }
        for (name, wrong) in [
            ("", "begins with a small letter"),
            ("2shop", "begins with a small letter"),
            ("-shop", "begins with a small letter"),
            ("Shop", "begins with a small letter"),
            ("sHop", "`H` is none of"),
            ("my app", "` ` is none of"),
            ("caf\u{e9}", "`\u{e9}` is none of"),
            ("apps/shop", "it is a path"),
            ("..", "begins with a small letter"),
            ("axum", "has it"),
            ("match", "has it"),
            (&"a".repeat(65), "more than 64"),
        ] {
            let said = checked(name).unwrap_err();
            assert!(said.contains(wrong), "{said}");
        }
    }

    #[test]
    fn the_template_has_a_place_for_the_secret_and_no_other_placeholder() {
        assert_eq!(EXAMPLE.1.matches(SECRET).count(), 1);
        for (path, text) in SHARED.iter().chain(OWN.iter().flatten()) {
            let rest = text.replace(NAME, "");
            assert!(!rest.contains("{{") && !rest.contains("{%"), "{path}");
        }
    }
}
