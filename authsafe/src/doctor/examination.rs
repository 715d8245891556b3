//! The examination: each question in order, and what is made of the answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use url::Url;

use super::authorization::{NOBODYS, Outcome};
use super::discovery::{self, Served};
use super::offers::{self, Offers};
use super::report::{Finding, Report, State, Verdict, Way, Ways};
use super::token_endpoint::Told;
use super::{attribute, known};
use crate::clock::{self, Clock, NoRandomness};
use crate::config::{Config, Problem};
use crate::protocol::authorize;
use crate::protocol::client::ClientRegistration;
use crate::protocol::client_auth::{Credentials, Method};
use crate::protocol::discovery::{Metadata, document_url};
use crate::protocol::transaction::Transaction;
use crate::provider::{Provider, StartProblem, Timeouts};
use crate::spec::{SecretSetting, Setting, SpecParts};
use crate::types::{CodeVerifier, Nonce, State as RequestState};

/// The extent of an examination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What an app asks when it starts: its settings and the discovery document.
    Start,
    /// All that can be asked without a sign-in.
    Whole,
}

/// What only a sign-in shows.
const NOT_TRIED: &[&str] = &[
    "a sign-in of a person",
    "what the tokens of a user hold",
    "a refresh",
    "a logout",
];

/// Reads the settings, asks the provider, and reports. Where a setting is missing, what can be asked without
/// it is asked all the same.
pub(crate) async fn examine(
    spec: &'static SpecParts,
    lookup: &(dyn Fn(&str) -> Option<String> + Send + Sync),
    depth: Depth,
    clock: Clock,
) -> Report {
    let mut report = Report {
        version: env!("CARGO_PKG_VERSION"),
        verdict: Verdict::NothingWrong,
        domain: None,
        client_id: None,
        redirect_uri: None,
        endpoints: BTreeMap::new(),
        algorithms: Vec::new(),
        client_auth: Ways::default(),
        findings: Vec::new(),
        attribute: None,
        not_tried: NOT_TRIED,
    };
    let reached = match Settings::read(spec, lookup, &clock) {
        Ok(settings) => {
            report.findings.extend(settings.findings());
            let examination = Examination {
                spec,
                settings: &settings,
                clock,
                report: &mut report,
                keys: Vec::new(),
            };
            examination.run(depth).await
        }
        Err(problems) => {
            report.findings.extend(problems.iter().map(wrong_setting));
            true
        }
    };
    let is_wrong = |it: &Finding| it.state == State::Wrong;
    let settings_are_wrong = report
        .findings
        .iter()
        .any(|it| is_wrong(it) && it.about == "settings");
    report.verdict = match report.findings.iter().any(is_wrong) {
        true if !reached && !settings_are_wrong => Verdict::NotReached,
        true => Verdict::Wrong,
        false => Verdict::NothingWrong,
    };
    report
}

fn wrong_setting(problem: &Problem) -> Finding {
    Finding::wrong("settings", problem.to_string())
}

/// The settings, as far as they are right.
struct Settings {
    provider: Provider,
    /// The app's origin.
    origin: String,
    after_logout: &'static str,
    problems: Vec<Problem>,
}

impl Settings {
    /// Reads them. What a provider can be asked without has something in its place. `Err`: it cannot be
    /// asked.
    fn read(
        spec: &SpecParts,
        lookup: &dyn Fn(&str) -> Option<String>,
        clock: &Clock,
    ) -> Result<Self, Vec<Problem>> {
        let (config, problems) = match Config::read(spec, lookup) {
            Ok(config) => (config, Vec::new()),
            Err(error) => {
                let problems = error.problems().to_vec();
                let mut without = *spec;
                for problem in &problems {
                    match problem.setting() {
                        "client_id" => without.client_id = Setting::Literal("missing"),
                        "client_secret" => without.client_secret = SecretSetting::None,
                        "cookie_secret" => without.cookie_secret = SecretSetting::Value(&stand_in),
                        "app_url" => without.app_url = Setting::Literal("https://app.invalid"),
                        _ => return Err(problems),
                    }
                }
                match Config::read(&without, lookup) {
                    Ok(config) => (config, problems),
                    Err(_) => return Err(problems),
                }
            }
        };
        let client = Arc::clone(&config.client);
        let timeouts = Timeouts::of(spec.provider.timeout);
        let ca_file = config.ca_file.as_deref();
        match Provider::new(client, ca_file, timeouts, clock.clone()) {
            Ok(provider) => Ok(Self {
                provider,
                origin: config.app_url.origin(),
                after_logout: spec.after_logout,
                problems,
            }),
            Err(error) => Err([problems, vec![Problem::http(spec, ca_file, &error)]].concat()),
        }
    }

    fn findings(&self) -> Vec<Finding> {
        match self.problems.is_empty() {
            true => vec![Finding::ok("settings", "each one is there")],
            false => self.problems.iter().map(wrong_setting).collect(),
        }
    }

    fn lacks(&self, setting: &str) -> bool {
        self.problems.iter().any(|it| it.setting() == setting)
    }
}

fn stand_in() -> SecretString {
    clock::random_text().unwrap_or_default().into()
}

/// What was answered to the authorization request.
struct Asked {
    outcome: Outcome,
    /// The answer to a redirect URI that is nobody's, where one was asked.
    nobodys: Option<Outcome>,
}

/// What the token endpoint says of the client.
struct Client {
    ways: Ways,
    /// What it says, in a line.
    line: String,
    /// It says that the client is what it refuses.
    names_client: bool,
    /// It takes the client without a secret.
    is_public: bool,
}

struct Examination<'a> {
    spec: &'static SpecParts,
    settings: &'a Settings,
    clock: Clock,
    report: &'a mut Report,
    /// The keys of the attribute that were found.
    keys: Vec<String>,
}

impl Examination<'_> {
    fn client(&self) -> &ClientRegistration {
        self.settings.provider.client()
    }

    fn find(&mut self, finding: Finding) {
        self.report.findings.push(finding);
    }

    /// Asks each question; returns whether the provider was reached.
    async fn run(mut self, depth: Depth) -> bool {
        let (client, settings) = (self.settings.provider.client(), self.settings);
        let known = |setting, value: &str| (!settings.lacks(setting)).then(|| value.to_owned());
        self.report.domain = Some(client.domain.as_str().to_owned());
        self.report.client_id = known("client_id", &client.id);
        self.report.redirect_uri = known("app_url", &client.redirect_uri);

        let (document, metadata) = match self.discover().await {
            Ok(found) => found,
            Err(reached) => {
                if !self.keys.is_empty() {
                    self.report.attribute = Some(attribute::attribute(self.spec, &self.keys));
                }
                return reached;
            }
        };
        self.report.endpoints = endpoints(client, &metadata);
        if depth == Depth::Whole {
            self.keys(&metadata, &document).await;
            let name = known::name(&client.domain, &metadata);
            if let Some(name) = name {
                self.find(Finding::told(
                    "provider",
                    format!("it is {name}, by its addresses"),
                ));
                self.keys.push(format!("provider = {name:?}"));
            }
            if self.client_questions(&metadata, name).await.is_err() {
                self.find(Finding::unknown("client id", NoRandomness.to_string()));
            }
            let offers = Offers::of(&document);
            let after_logout = format!("{}{}", settings.origin, settings.after_logout);
            let mut findings = offers.findings(client, &metadata, name);
            findings.push(offers::logout(&metadata, &after_logout));
            self.report.findings.extend(findings);
            self.report.attribute = Some(attribute::attribute(self.spec, &self.keys));
        }
        true
    }

    /// `Err`: there is no document to go on with; whether the provider was reached.
    async fn discover(&mut self) -> Result<(Map<String, Value>, Arc<Metadata>), bool> {
        let provider = &self.settings.provider;
        let url = document_url(&provider.client().domain);
        let Ok(url) = Url::parse(&url) else {
            return Err(false);
        };
        let document = match Served::of(&url, provider.probe(&url).await) {
            Served::Document(document) => document,
            Served::Wrong(finding) => {
                self.find(finding);
                return Err(true);
            }
            Served::Nothing(finding) => {
                self.find(finding);
                return Err(false);
            }
        };
        // As the app does it.
        match provider.start().await {
            Ok(()) => {}
            Err(StartProblem::Unreachable(error)) => {
                let found = format!("{url} cannot be asked");
                self.find(Finding::wrong("discovery", found).because(error.to_string()));
                return Err(false);
            }
            Err(StartProblem::Wrong(all)) => {
                for (finding, key) in all.iter().map(discovery::wrong) {
                    self.find(finding);
                    self.keys.extend(key);
                }
                return Err(true);
            }
        }
        let Some(metadata) = provider.known_metadata() else {
            return Err(false);
        };
        let good = discovery::good(&url, &metadata, !document.is_empty());
        self.report.findings.extend(good);
        Ok((document, metadata))
    }

    async fn keys(&mut self, metadata: &Metadata, document: &Map<String, Value>) {
        let url = &metadata.jwks;
        let answer = self.settings.provider.probe(url).await;
        let listed = document.get("id_token_signing_alg_values_supported");
        let is_listed = listed.is_some_and(Value::is_array);
        let (finding, algorithms) = discovery::keys(url, answer, &metadata.algorithms, is_listed);
        self.find(finding);
        self.report.algorithms = algorithms;
    }

    /// Asks what the provider says of the client: its id, its redirect URI, its secret.
    async fn client_questions(
        &mut self,
        metadata: &Metadata,
        name: Option<&str>,
    ) -> Result<(), NoRandomness> {
        if self.settings.lacks("client_id") {
            for about in ["client id", "redirect URI", "client secret"] {
                self.find(Finding::not_tried(
                    about,
                    "without a client id nothing can be asked",
                ));
            }
            return Ok(());
        }
        let asked = match self.settings.lacks("app_url") {
            true => None,
            false => Some(self.ask_for_authorization(metadata, name).await?),
        };
        let told = match self.settings.lacks("client_secret") {
            true => None,
            false => Some(self.ask_for_tokens(metadata).await?),
        };
        self.client_id(asked.as_ref(), told.as_ref());
        self.redirect_uri(asked.as_ref(), told.as_ref());
        if let Some(Asked {
            outcome: Outcome::Back(back),
            ..
        }) = &asked
        {
            self.request(back.line(), back.iss.as_deref(), metadata);
        }
        self.secret(told.as_ref(), asked.as_ref(), metadata);
        Ok(())
    }

    async fn ask_for_authorization(
        &self,
        metadata: &Metadata,
        name: Option<&str>,
    ) -> Result<Asked, NoRandomness> {
        // Apple answers scopes with a form alone.
        let mut fixed = Vec::new();
        if name == Some("apple") {
            fixed.push(("response_mode", "form_post".to_owned()));
        }
        let silent = [("prompt", "none".to_owned())];
        let mut outcome = self.request_with(metadata, &fixed, &silent, None).await?;
        // Not each provider has `prompt=none`: what it says of the app's own request counts.
        let is_of_prompt = |outcome: &Outcome| match outcome {
            Outcome::Back(back) => back.error.as_deref() == Some("invalid_request"),
            _ => false,
        };
        if is_of_prompt(&outcome) {
            let plain = self.request_with(metadata, &fixed, &[], None).await?;
            outcome = match plain {
                Outcome::Page => Outcome::Back(Default::default()),
                plain => plain,
            };
        }
        // A page says nothing by itself.
        let nobodys = match outcome {
            Outcome::Page => Some(
                self.request_with(metadata, &fixed, &silent, Some(NOBODYS))
                    .await?,
            ),
            _ => None,
        };
        Ok(Asked { outcome, nobodys })
    }

    /// Makes the request that sign-in makes, and reads the answer.
    async fn request_with(
        &self,
        metadata: &Metadata,
        fixed: &[(&str, String)],
        hints: &[(&str, String)],
        redirect_uri: Option<&str>,
    ) -> Result<Outcome, NoRandomness> {
        let client = self.client();
        let transaction = Transaction::start(
            RequestState::new(clock::random()?),
            Nonce::new(clock::random()?),
            CodeVerifier::new(clock::random()?),
            None,
            self.clock.fine(),
        );
        let endpoint = &metadata.authorization;
        let mut url = authorize::request(endpoint, client, &transaction, fixed, hints);
        let redirect_uri = match redirect_uri {
            None => &client.redirect_uri,
            Some(other) => {
                let pairs: Vec<_> = url.query_pairs().into_owned().collect();
                let pairs = pairs.iter().map(|(name, value)| match &**name {
                    "redirect_uri" => (&**name, other),
                    _ => (&**name, &**value),
                });
                url.query_pairs_mut().clear().extend_pairs(pairs);
                other
            }
        };
        Ok(match self.settings.provider.probe(&url).await {
            Ok(answer) => Outcome::of(&answer, &url, redirect_uri),
            Err(error) => Outcome::Nothing(error.to_string()),
        })
    }

    /// Shows the token endpoint a code that nobody gave, as the client and as one with a wrong secret.
    async fn ask_for_tokens(&self, metadata: &Metadata) -> Result<Client, NoRandomness> {
        let client = self.client();
        let refuses_codes_so = client.has_fixed_paths;
        let Some(secret) = &client.secret else {
            let own = self
                .exchange(metadata, Method::Post, &client.id, None)
                .await?;
            let nobody = clock::random_text()?;
            let wrong = match own.refuses() {
                true => None,
                false => Some(self.exchange(metadata, Method::Post, &nobody, None).await?),
            };
            let way = own.way(wrong.as_ref(), refuses_codes_so);
            return Ok(Client {
                ways: Ways {
                    post: way,
                    basic: Way::NotTried,
                },
                names_client: own.names_client(),
                is_public: own.takes(),
                line: own.line,
            });
        };
        let mut ways = Ways::default();
        let (mut line, mut names_client) = (None, false);
        let first = client.method(metadata.client_auth);
        for method in [first, first.other()] {
            let own = self
                .exchange(metadata, method, &client.id, Some(secret))
                .await?;
            let wrong = match own.refuses() {
                true => None,
                false => {
                    let wrong = SecretString::from(clock::random_text()?);
                    let wrong = self.exchange(metadata, method, &client.id, Some(&wrong));
                    Some(wrong.await?)
                }
            };
            let way = own.way(wrong.as_ref(), refuses_codes_so);
            match method {
                Method::Basic => ways.basic = way,
                Method::Post => ways.post = way,
            }
            names_client |= own.names_client();
            line.get_or_insert(own.line);
        }
        let is_refused = [ways.basic, ways.post] == [Way::Refused; 2];
        let is_public = is_refused
            && self
                .exchange(metadata, Method::Post, &client.id, None)
                .await?
                .takes();
        Ok(Client {
            ways,
            line: line.unwrap_or_default(),
            names_client,
            is_public,
        })
    }

    async fn exchange(
        &self,
        metadata: &Metadata,
        method: Method,
        id: &str,
        secret: Option<&SecretString>,
    ) -> Result<Told, NoRandomness> {
        let (code, verifier) = (clock::random_text()?, clock::random_text()?);
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", &*self.client().redirect_uri),
            ("code_verifier", &*verifier),
        ];
        let credentials = Credentials::new(method, id, secret);
        let provider = &self.settings.provider;
        let answer = provider
            .probe_as(credentials, &metadata.token, &pairs)
            .await;
        Ok(Told::of(answer, secret.map(ExposeSecret::expose_secret)))
    }

    fn client_id(&mut self, asked: Option<&Asked>, told: Option<&Client>) {
        let about = "client id";
        let id = self.client().id.clone();
        let is_taken = told.is_some_and(Client::is_known);
        let finding = match asked.map(|it| &it.outcome) {
            Some(Outcome::Client(said)) => Finding::wrong(about, format!("`{id}` is refused"))
                .because(said)
                .write(format!(
                    "{} as the provider has it; or let the client use the authorization code flow there",
                    self.spec.client_id.variable().unwrap_or("client_id")
                )),
            Some(Outcome::Back(_) | Outcome::RedirectUri(_)) => {
                Finding::ok(about, format!("`{id}` is known"))
            }
            _ if is_taken => Finding::ok(about, format!("`{id}` is known")),
            Some(Outcome::Page) if asked.is_some_and(Asked::is_compared) => {
                Finding::ok(about, format!("`{id}` is known"))
            }
            _ => Finding::unknown(about, format!("`{id}`: no answer tells whether the provider knows it")),
        };
        self.find(finding);
    }

    fn redirect_uri(&mut self, asked: Option<&Asked>, told: Option<&Client>) {
        let about = "redirect URI";
        let uri = self.client().redirect_uri.clone();
        let Some(asked) = asked else {
            self.find(Finding::not_tried(
                about,
                "without the app's URL there is none",
            ));
            return;
        };
        let register =
            format!("{uri} into the client's redirect URIs at the provider, letter by letter");
        let is_known = told.is_some_and(Client::is_known);
        let finding = match &asked.outcome {
            Outcome::Back(_) => Finding::ok(about, format!("{uri} is registered")),
            Outcome::Page if asked.is_compared() => Finding::ok(
                about,
                format!("{uri} is registered: another one is refused"),
            ),
            Outcome::Page => Finding::unknown(
                about,
                format!("{uri}: it shows a page before it looks at it, for any other one too"),
            ),
            Outcome::RedirectUri(said) => Finding::wrong(about, format!("{uri} is not registered"))
                .because(said)
                .write(register),
            Outcome::Client(_) => {
                Finding::not_tried(about, format!("{uri}: the client id comes first"))
            }
            Outcome::Refused(said) if is_known => {
                let found = format!(
                    "{uri} is likely not registered: the request is refused, the client is known"
                );
                Finding::wrong(about, found).because(said).write(register)
            }
            Outcome::Refused(said) => {
                let found = "the authorization request is refused: by the client id, or by the redirect URI";
                let id = self.spec.client_id.variable().unwrap_or("client_id");
                Finding::wrong(about, found)
                    .because(said)
                    .write(format!("{id} as the provider has it, and {register}"))
            }
            Outcome::Nothing(said) => {
                let found = "the authorization endpoint gives no answer that tells";
                Finding::wrong(about, found).because(said)
            }
        };
        self.find(finding);
    }

    /// What came back to the redirect URI.
    fn request(&mut self, error: Option<String>, iss: Option<&str>, metadata: &Metadata) {
        let about = "request";
        if let Some(error) = error {
            let finding = Finding::wrong(
                about,
                "the provider knows the client, and refuses what it asks for",
            );
            let scopes = self.client().scopes.join(" ");
            let finding = finding.because(error.clone());
            let key = "response_mode = \"form_post\"";
            if error.contains("form_post") {
                self.keys.push(key.to_owned());
            }
            self.find(match &*error {
                it if it.starts_with("`invalid_scope`") => finding.write(format!(
                    "fewer scopes than `{scopes}`, or allow the client these there"
                )),
                it if it.contains("form_post") => finding.write(key),
                _ => finding,
            });
        }
        match iss {
            Some(iss) if !metadata.issuer.is_of_response(iss) => {
                let iss = super::words::shown(iss, None).unwrap_or_default();
                let found = "its answers name another issuer than its discovery document";
                let key = format!("endpoints(issuer = {iss:?})");
                self.find(
                    Finding::wrong(about, found)
                        .because(format!("`iss` is `{iss}`"))
                        .write(&*key),
                );
                self.keys.push(key);
            }
            _ => {}
        }
    }

    fn secret(&mut self, told: Option<&Client>, asked: Option<&Asked>, metadata: &Metadata) {
        let about = "client secret";
        let Some(told) = told else {
            self.find(Finding::not_tried(about, "it is missing"));
            return;
        };
        let Client {
            ways,
            line,
            names_client,
            is_public,
        } = told;
        let variable = self
            .spec
            .client_secret
            .variable()
            .unwrap_or("client_secret");
        if self.client().secret.is_none() {
            let finding = match ways.post {
                Way::Works => Finding::ok(about, "none, and the provider wants none"),
                Way::Refused => Finding::wrong(about, "the provider wants one")
                    .because(line)
                    .write("the client secret into the app's variables; or make it a public client there"),
                Way::Unknown | Way::NotTried => Finding::unknown(
                    about,
                    format!("none; whether the provider wants one, its answer does not tell: {line}"),
                ),
            };
            self.find(finding);
            return;
        }
        self.report.client_auth = *ways;
        let works = |way| way == Way::Works;
        let are = (ways.basic, ways.post);
        match are {
            _ if works(ways.basic) || works(ways.post) => {
                self.find(Finding::ok(about, "it is right: a wrong one is refused"));
                let how = match are {
                    (Way::Works, Way::Works) => {
                        "in the header (basic) and in the body (post)".to_owned()
                    }
                    (Way::Works, Way::Refused) => "in the header alone (basic)".to_owned(),
                    (Way::Refused, Way::Works) => "in the body alone (post)".to_owned(),
                    (Way::Works, _) => {
                        "in the header (basic); of the body (post) its answer does not tell"
                            .to_owned()
                    }
                    _ => "in the body (post); of the header (basic) its answer does not tell"
                        .to_owned(),
                };
                let finding = Finding::ok("client auth", how);
                let by_default = self.client().method(metadata.client_auth);
                let only = match are {
                    (Way::Works, Way::Refused) => Some(Method::Basic),
                    (Way::Refused, Way::Works) => Some(Method::Post),
                    _ => None,
                };
                // Where the document says it, the app finds it.
                match only.filter(|it| *it != by_default) {
                    Some(method) => {
                        let key = format!("client_auth = {:?}", method.name());
                        self.find(finding.because(
                            "by its discovery document the app tries the other way first: without the key each process is refused once",
                        ).write(&*key));
                        self.keys.push(key);
                    }
                    None => self.find(finding),
                }
            }
            (Way::Refused, Way::Refused) if *is_public => {
                let key = "client_secret = none";
                self.find(
                    Finding::wrong(about, "the client is a public one, which has no secret")
                        .because(line)
                        .write(format!("{key}; or make it a confidential client there")),
                );
                self.keys.push(key.to_owned());
            }
            // A redirect URI that it does not know may be refused so.
            (Way::Refused, Way::Refused)
                if !names_client
                    && matches!(
                        asked.map(|it| &it.outcome),
                        Some(Outcome::RedirectUri(_) | Outcome::Refused(_))
                    ) =>
            {
                let found = "it is refused, which may be about the redirect URI: that comes first";
                self.find(Finding::unknown(about, found).because(line));
            }
            (Way::Refused, Way::Refused) => {
                let is_client = matches!(asked.map(|it| &it.outcome), Some(Outcome::Client(_)));
                let found = match is_client {
                    true => "it is refused, as the client id is",
                    false => "it is refused, in the header (basic) and in the body (post)",
                };
                let mut write = format!(
                    "{variable} as the provider has it for this client, letter by letter; a client that \
                     signs its requests instead (private_key_jwt) cannot be used"
                );
                let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"%+".contains(&byte);
                let secret = self.client().secret.as_ref();
                if !secret.is_none_or(|it| it.expose_secret().bytes().all(is_plain)) {
                    write += "; some providers do not decode in a header what RFC 6749 §2.3.1 has encoded \
                              there: one of letters and figures alone";
                }
                self.find(Finding::wrong(about, found).because(line).write(write));
            }
            _ => self.find(Finding::unknown(
                about,
                format!("a wrong one is answered the same, so a sign-in will show; it says {line}"),
            )),
        }
    }
}

impl Asked {
    /// Returns whether a redirect URI that is nobody's is refused where this one is not.
    fn is_compared(&self) -> bool {
        matches!(
            self.nobodys,
            Some(Outcome::RedirectUri(_) | Outcome::Refused(_) | Outcome::Client(_))
        )
    }
}

impl Client {
    /// Returns whether the token endpoint knows it.
    fn is_known(&self) -> bool {
        self.is_public || self.ways.basic == Way::Works || self.ways.post == Way::Works
    }
}

fn endpoints(client: &ClientRegistration, metadata: &Metadata) -> BTreeMap<&'static str, String> {
    let issuer = ("issuer", client.issuer.as_str().to_owned());
    let endpoints = metadata.endpoints().into_iter();
    let named = endpoints.filter_map(|(name, url)| Some((name, url?.as_str().to_owned())));
    core::iter::once(issuer).chain(named).collect()
}
