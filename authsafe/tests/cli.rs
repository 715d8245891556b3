//! The command line: `authsafe secret`, `authsafe check`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::process::{Command, Output};

use authsafe::dev::{Endpoint, LocalProvider};

/// Runs the command with these variables and no others.
fn run(args: &[&str], vars: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_authsafe"))
        .args(args)
        .env_clear()
        .envs(vars.iter().copied())
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn secret() -> String {
    let output = run(&["secret"], &[]);
    assert_eq!(code(&output), 0);
    text(&output.stdout).trim().to_owned()
}

#[test]
fn each_secret_is_another_and_is_one_that_check_takes() {
    let (one, two) = (secret(), secret());
    assert_ne!(one, two);
    let output = run(&["check"], &[("AUTHSAFE_COOKIE_SECRET", &one)]);
    let report = text(&output.stderr);
    assert!(report.contains("APP_URL"), "{report}");
    assert!(!report.contains("AUTHSAFE_COOKIE_SECRET"), "{report}");
}

#[test]
fn check_lists_all_that_is_missing() {
    let output = run(&["check"], &[]);
    assert_eq!(code(&output), 1);
    let report = text(&output.stderr);
    for variable in [
        "AUTHSAFE_CLIENT_ID",
        "AUTHSAFE_CLIENT_SECRET",
        "AUTHSAFE_COOKIE_SECRET",
        "APP_URL",
    ] {
        assert!(report.contains(variable), "{report}");
    }
}

#[test]
fn check_never_prints_a_secret() {
    let vars = [
        ("AUTHSAFE_CLIENT_SECRET", "hunter2-client"),
        ("AUTHSAFE_COOKIE_SECRET", "hunter2-cookie"),
    ];
    let output = run(&["check"], &vars);
    let all = text(&output.stdout) + &text(&output.stderr);
    assert!(
        all.contains("AUTHSAFE_COOKIE_SECRET") && !all.contains("hunter2"),
        "{all}"
    );
}

/// A check of a public client against a provider.
fn check(issuer: &str) -> Output {
    check_with(issuer, &[])
}

fn check_with(issuer: &str, options: &[&str]) -> Output {
    let secret = secret();
    let vars = [
        ("AUTHSAFE_DOMAIN", issuer),
        ("AUTHSAFE_CLIENT_ID", "app"),
        ("AUTHSAFE_COOKIE_SECRET", &secret),
        ("APP_URL", "http://localhost:3000"),
    ];
    let always = ["check", "--public", "--base-path", "/auth"];
    run(&[&always, options].concat(), &vars)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_prints_the_redirect_uri_to_register() {
    let provider = LocalProvider::builder().demo().start().await.unwrap();
    let output = check(provider.issuer());
    assert_eq!(code(&output), 0, "{output:?}");
    let report = text(&output.stdout);
    assert!(
        report.contains("http://localhost:3000/auth/callback"),
        "{report}"
    );
    assert!(report.contains("the app starts"), "{report}");
    assert!(!report.contains("ready"), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_prints_whom_the_app_will_call_and_what_it_will_not() {
    let provider = LocalProvider::builder().demo().start().await.unwrap();
    provider.tamper_discovery(|document| {
        document.remove("revocation_endpoint");
        document.remove("introspection_endpoint");
    });
    let issuer = provider.issuer();
    let report = text(&check(issuer).stdout);
    for line in [
        format!("issuer: {issuer}"),
        format!("authorization endpoint: {issuer}/auth/authorize"),
        format!("token endpoint: {issuer}/auth/token"),
        format!("JWKS URI: {issuer}/auth/jwks"),
        "revocation endpoint: none: logout leaves the refresh token to run out".to_owned(),
        "introspection endpoint: none: access tokens that are no JWTs are refused".to_owned(),
        format!("end-session endpoint: {issuer}/auth/logout"),
    ] {
        assert!(report.lines().any(|it| it == line), "{line}\n{report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_takes_fixed_paths_for_authsafe_alone() {
    let provider = LocalProvider::builder().demo().start().await.unwrap();
    let gone = axum::http::StatusCode::NOT_FOUND;
    provider.answer_next(Endpoint::Discovery, gone, "");
    let output = check(provider.issuer());
    assert_eq!(code(&output), 1);
    let report = text(&output.stderr);
    let asked = format!("{}/.well-known/openid-configuration", provider.issuer());
    assert!(
        report.contains(&asked) && report.contains("endpoints(authsafe)"),
        "{report}"
    );
    provider.answer_next(Endpoint::Discovery, gone, "");
    let output = check_with(provider.issuer(), &["--authsafe"]);
    assert_eq!(code(&output), 0, "{output:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_says_what_is_wrong_with_the_provider() {
    let provider = LocalProvider::builder().demo().start().await.unwrap();
    provider.tamper_discovery(|document| {
        document.insert("issuer".to_owned(), "https://other.example".into());
    });
    let output = check(provider.issuer());
    assert_eq!(code(&output), 1);
    let report = text(&output.stderr);
    assert!(report.contains("https://other.example"), "{report}");
}

#[test]
fn check_fails_where_the_provider_cannot_be_asked() {
    // Nobody listens on port 9 of loopback, and nobody else is asked.
    let output = check("http://127.0.0.1:9");
    assert_eq!(code(&output), 1);
    assert!(text(&output.stderr).contains("could not be asked"));
}

#[test]
fn a_wrong_call_prints_the_help_and_exits_with_2() {
    for args in [&["what"][..], &[], &["check", "--what"]] {
        let output = run(args, &[]);
        assert_eq!(code(&output), 2, "{args:?}");
        assert!(text(&output.stderr).contains("Usage:"));
    }
    assert_eq!(code(&run(&["--help"], &[])), 0);
}

#[test]
fn wrong_arguments_are_named() {
    for (args, named) in [
        (&[][..], "a command is missing"),
        (&["doctr"], "there is no command `doctr`"),
        (&["secret", "--json"], "`--json` is too much"),
        (&["check", "--publik"], "`check` has no option `--publik`"),
        (&["check", "extra"], "`check` has no option `extra`"),
        (&["check", "--base-path"], "`--base-path` needs a value"),
        (
            &["check", "--client-id", "--public"],
            "`--client-id` needs a value",
        ),
        (
            &["check", "--base-path", "auth"],
            "`--base-path auth`: a path begins with `/`",
        ),
        (&["check", "--env-file", "/nowhere/.env"], "/nowhere/.env"),
    ] {
        let output = run(args, &[]);
        assert_eq!(code(&output), 2, "{args:?}");
        let said = text(&output.stderr);
        assert!(said.contains(named), "{args:?}: {said}");
        assert!(said.contains("Usage:"), "{args:?}: {said}");
    }
}

#[test]
fn the_version_is_told() {
    let output = run(&["--version"], &[]);
    assert_eq!(code(&output), 0);
    let version = format!("authsafe {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(text(&output.stdout), version);
}

/// A file of variables, which ends with the test.
struct EnvFile(std::path::PathBuf);

impl EnvFile {
    fn new(name: &str, lines: &str) -> Self {
        let path = std::env::temp_dir().join(format!("authsafe-{}-{name}", std::process::id()));
        std::fs::write(&path, lines).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for EnvFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn variables_are_read_from_a_file_and_under_other_names() {
    let provider = LocalProvider::builder().demo().start().await.unwrap();
    let lines = format!(
        "# of the app\n\nexport OIDC_ISSUER=\"{}\" # local\nOIDC_CLIENT = 'app'\nSEAL={}\nURL=http://localhost:3000 # here\n",
        provider.issuer(),
        secret()
    );
    let file = EnvFile::new("good", &lines);
    let args = [
        ["check", "--public"].as_slice(),
        &["--env-file", file.path(), "--domain", "OIDC_ISSUER"],
        &["--client-id", "OIDC_CLIENT", "--cookie-secret", "SEAL"],
        &["--app-url", "URL"],
    ]
    .concat();
    let output = run(&args, &[]);
    assert_eq!(code(&output), 0, "{output:?}");
    let report = text(&output.stdout);
    assert!(
        report.contains("http://localhost:3000/api/auth/callback"),
        "{report}"
    );

    // The environment goes first.
    let output = run(&args, &[("URL", "http://localhost:4000")]);
    let report = text(&output.stdout);
    assert!(
        report.contains("http://localhost:4000/api/auth/callback"),
        "{report}"
    );

    // What is missing is told by the name that the app has for it.
    let output = run(&["check", "--client-id", "OIDC_CLIENT"], &[]);
    let report = text(&output.stderr);
    assert!(report.contains("OIDC_CLIENT"), "{report}");
    assert!(!report.contains("AUTHSAFE_CLIENT_ID"), "{report}");
}

#[test]
fn a_line_that_is_no_variable_is_named_by_its_number_and_not_shown() {
    let file = EnvFile::new("bad", "A=1\nhunter2\n");
    let output = run(&["check", "--env-file", file.path()], &[]);
    assert_eq!(code(&output), 2);
    let said = text(&output.stderr);
    assert!(said.contains("line 2 of"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

mod dev {
    use super::*;
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpStream;
    use std::process::{Child, Stdio};

    struct Running(Child);

    impl Drop for Running {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// Runs it until it is dropped. Returns the variables that it prints.
    fn start(args: &[&str]) -> (Running, Vec<(String, String)>) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_authsafe"))
            .arg("dev")
            .args(args)
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let lines = out.lines().take(5).map(|line| {
            let line = line.unwrap();
            let (name, value) = line.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        });
        let lines = lines.collect();
        (Running(child), lines)
    }

    #[test]
    fn an_app_starts_with_what_it_prints_and_it_is_the_same_after_a_restart() {
        let keep = std::env::temp_dir().join(format!("authsafe-dev-{}.json", std::process::id()));
        let keep = keep.to_str().unwrap();
        let port = {
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().port().to_string()
        };
        let args = [
            "--port",
            &port,
            "--keep",
            keep,
            "--user",
            "carol scopes=admin",
        ];
        let (first, lines) = start(&args);
        let vars: Vec<_> = lines.iter().map(|(name, it)| (&**name, &**it)).collect();
        let names: Vec<_> = vars.iter().map(|(name, _)| *name).collect();
        let all = [
            "AUTHSAFE_DOMAIN",
            "AUTHSAFE_CLIENT_ID",
            "AUTHSAFE_CLIENT_SECRET",
            "AUTHSAFE_COOKIE_SECRET",
            "APP_URL",
        ];
        assert_eq!(names, all);
        assert_eq!(vars[0].1, format!("http://127.0.0.1:{port}"));
        let check = run(&["check"], &vars);
        assert_eq!(code(&check), 0, "{}", text(&check.stderr));
        drop(first);
        let (second, again) = start(&args);
        assert_eq!(again, lines);
        drop(second);
        std::fs::remove_file(keep).unwrap();
    }

    /// What a browser is shown at a URL of the provider.
    fn page(url: &str) -> String {
        let url = url::Url::parse(url).unwrap();
        let address = (url.host_str().unwrap(), url.port().unwrap());
        let mut socket = TcpStream::connect(address).unwrap();
        let target = &url[url::Position::BeforePath..];
        write!(
            socket,
            "GET {target} HTTP/1.0\r\nhost: {}\r\n\r\n",
            url.authority()
        )
        .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    #[test]
    fn the_users_of_a_file_sign_in_at_a_provider_that_is_like_another() {
        let file = std::env::temp_dir().join(format!("authsafe-users-{}", std::process::id()));
        let file = file.to_str().unwrap();
        std::fs::write(
            file,
            "# Who works here\n\n  dora name=\"Dora <Day>\" roles=clerk\nemil scopes=admin\n",
        )
        .unwrap();
        let (_running, lines) = start(&[
            "--port", "0", "--keep", "none", "--like", "keycloak", "--users", file,
        ]);
        std::fs::remove_file(file).unwrap();
        let domain = &lines[0].1;
        // A realm, as at that provider.
        assert!(domain.contains("/realms/"), "{domain}");
        let document = page(&format!("{domain}/.well-known/openid-configuration"));
        let document: serde_json::Value = serde_json::from_str(&document).unwrap();
        let asks = format!(
            "{}?client_id={}&redirect_uri=http://localhost:3000/api/auth/callback&response_type=code&scope=openid\
             &state=s&code_challenge={}&code_challenge_method=S256",
            document["authorization_endpoint"].as_str().unwrap(),
            lines[1].1,
            "c".repeat(43),
        );
        let people = page(&asks);
        for shown in ["value=\"dora\"", "Dora &lt;Day&gt;", "value=\"emil\""] {
            assert!(people.contains(shown), "{shown}: {people}");
        }
        // In the place of those that are there without a word.
        assert!(!people.contains("alice"), "{people}");
    }

    #[test]
    fn wrong_arguments_are_named() {
        for (args, wrong) in [
            (&["dev", "--prot", "1"][..], "did you mean `--port`?"),
            (&["dev", "--port", "x"], "write a number"),
            (&["dev", "--port"], "needs a value"),
            (&["dev", "--users", "/no/such/file"], "cannot be read"),
            (
                &["dev", "--user", "alice role=admin"],
                "is no field of a user",
            ),
        ] {
            let output = run(args, &[]);
            assert_eq!(code(&output), 2);
            let report = text(&output.stderr);
            assert!(report.contains(wrong), "{report}");
        }
    }
}
