//! What strangers send, changed at random: nothing panics, and what is accepted is what it has to be.
//! CONTRIBUTING.md says how to run it for longer.

#[cfg(test)]
mod harness;

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::Arc;

use authsafe_rules::pattern::Pattern;
use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::JwkSet;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use self::harness::Target;
use crate::protocol::authorize::SignInQuery;
use crate::protocol::callback::AuthorizationResponse;
use crate::protocol::discovery::{Asked, Metadata, Overrides};
use crate::protocol::kept_form::KeptForm;
use crate::protocol::testing::{KEYS, client, hmac_with_public_key, issuer, sign, unsigned};
use crate::protocol::transaction::Transaction;
use crate::protocol::{access_token, forwarded, id_token, jwks, logout_token, token_endpoint};
use crate::session::cookie::{Cookies, Found, Style};
use crate::session::seal::{Keys, Purpose};
use crate::session::ticket::{StoreEntry, Ticket};
use crate::session::{Identity, KeptTokens, Session, SessionId, SessionTokens, encode_tokens};
use crate::types::{Http, Issuer, Nonce, ReturnTo, Scopes, Tenants, Token, is_scope_token};

const NOW: u64 = 1_800_000_000;
const NAME: &str = "__Host-authsafe";

fn keys() -> Keys {
    let secret = SecretString::from("a secret of thirty-two characters");
    Keys::derive(&[secret], &["https://id.example", "app"]).unwrap()
}

fn text(input: &[u8]) -> &str {
    str::from_utf8(input).unwrap_or_default()
}

// Sealed values.

#[test]
fn what_opens_was_sealed_here() {
    let keys = keys();
    let parts: [(&[u8], Option<&[u8]>); 4] = [
        (b"", None),
        (b"alice", None),
        (b"alice", Some(b"tokens")),
        (&[7; 700], Some(&[9; 900])),
    ];
    let sealed: Vec<_> = parts
        .iter()
        .map(|(first, second)| {
            let value = keys.seal(Purpose::Session, NAME, first, *second).unwrap();
            (value.into_bytes(), *first, *second)
        })
        .collect();
    let other = keys.seal(Purpose::Transaction, NAME, b"alice", None);
    let mut seeds: Vec<_> = sealed.iter().map(|it| it.0.clone()).collect();
    seeds.push(other.unwrap().into_bytes());
    let target = Target {
        name: "sealed",
        corpus: include_str!("fuzz/sealed.txt"),
        seeds,
        words: &["AQ", "Aa", "==", ".", "A", "_-"],
        count: 30_000,
    };
    target.run(|value| {
        let first = keys.open_first(Purpose::Session, NAME, value);
        // Nobody asks for the second part of a value whose first one does not open.
        let Some(first) = first else { return };
        let is_same_head = |sealed: &[u8], of: &[u8]| {
            let length = (16 + of.len() + 16) * 4 / 3;
            value.get(..length) == sealed.get(..length)
        };
        let ours = sealed
            .iter()
            .find(|(sealed, of, _)| first == **of && is_same_head(sealed, of));
        assert!(ours.is_some(), "{:?}", text(value));
        if let Some(second) = keys.open_second(value) {
            let is_ours = |(sealed, _, of): &(Vec<u8>, _, Option<&[u8]>)| {
                sealed == value && *of == Some(&second[..])
            };
            assert!(sealed.iter().any(is_ours), "{:?}", text(value));
        }
    });
}

#[test]
fn a_ticket_opens_as_one_of_ours_and_its_record_for_nobody_else() {
    let keys = keys();
    let entry = StoreEntry::new(SessionId([5; 16])).unwrap();
    let cookie = entry.ticket.seal(&keys, NAME).unwrap();
    let record = entry.write(&keys, b"alice", b"tokens", NOW).unwrap();
    let next = entry.rekeyed(&keys, NOW + 30).unwrap();
    let led_on = next.write(&keys, b"alice", b"tokens", NOW).unwrap();
    let other = StoreEntry::new(SessionId([6; 16])).unwrap();
    let others = other.write(&keys, b"bob", b"tokens", NOW).unwrap();
    let target = Target {
        name: "ticket",
        corpus: include_str!("fuzz/ticket.txt"),
        seeds: [&cookie, &record, &led_on, &others]
            .map(|it| it.clone().into_bytes())
            .to_vec(),
        words: &[
            ".",
            "1800000030",
            ".9999999999.",
            "18446744073709551616",
            "AQ",
        ],
        count: 10_000,
    };
    target.run(|value| {
        if let Some(opened) = Ticket::open(&keys, NAME, value) {
            assert!(opened.is(&entry.ticket), "{:?}", text(value));
        }
        let ticket = Arc::clone(&entry.ticket);
        if let Some((first, ..)) = StoreEntry::open(&keys, ticket, text(value), NOW) {
            assert_eq!(first, b"alice", "{:?}", text(value));
        }
    });
}

// Cookies.

#[test]
fn a_session_is_put_together_of_pieces_that_were_sent_and_of_all_of_them() {
    let cookies = Cookies::new(Style {
        name: "authsafe",
        port: None,
        same_site: "Lax",
        secure: true,
        domain: None,
        path: "/",
        base_path: "/api/auth",
        kept_after: Duration::ZERO,
    });
    let max_age = Duration::from_secs(60);
    // As browsers send what was set.
    let sent = |value: &str| {
        let set = cookies
            .set_session(&HeaderMap::new(), value, max_age)
            .unwrap();
        let pairs = set
            .iter()
            .map(|it| it.to_str().unwrap().split(';').next().unwrap());
        pairs.collect::<Vec<_>>().join("; ")
    };
    for length in [0, 1, 3799, 3800, 3801, 7598, 7599, 15_000] {
        let value: String = ('a'..='z').cycle().take(length).collect();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::try_from(sent(&value)).unwrap());
        let Found::One(found) = cookies.session(&headers) else {
            panic!("{length} characters are not found");
        };
        assert_eq!(found.as_bytes(), value.as_bytes());
    }
    let target = Target {
        name: "cookies",
        corpus: include_str!("fuzz/cookies.txt"),
        seeds: Vec::new(),
        words: &[
            "__Host-authsafe=",
            "__Host-authsafe.0=",
            "__Host-authsafe.1=",
            "__Host-authsafe.9=",
            "__Host-authsafe.tx.",
            "; ",
            ";",
            "=",
            "\"",
            "2.",
            "4.",
        ],
        count: 30_000,
    };
    target.run(|header| {
        let Ok(value) = HeaderValue::from_bytes(header) else {
            return;
        };
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, value);
        let pairs: Vec<(&[u8], &[u8])> = header
            .split(|it| *it == b';')
            .map(|pair| {
                let at = pair.iter().position(|it| *it == b'=').unwrap_or(pair.len());
                (
                    pair[..at].trim_ascii(),
                    pair.get(at + 1..).unwrap_or_default(),
                )
            })
            .collect();
        let found = match cookies.session(&headers) {
            Found::Nothing | Found::TooMany => Vec::new(),
            Found::One(one) => vec![one],
            Found::Several(several) => several,
        };
        for value in &found {
            let value = value.as_bytes();
            let is_whole = |(name, it): &(&[u8], &[u8])| *name == NAME.as_bytes() && *it == value;
            assert!(
                pairs.iter().any(is_whole) || is_made_of_pieces(value, &pairs),
                "{:?} is in none of {:?}",
                text(value),
                harness::shown(header)
            );
        }
        // What is removed is what was sent.
        for removed in cookies.clear_session(&headers) {
            let removed = removed.to_str().unwrap();
            let name = removed.split('=').next().unwrap();
            assert!(pairs.iter().any(|(it, _)| *it == name.as_bytes()), "{name}");
        }
        let mut answer = HeaderMap::new();
        if let Ok(set) = cookies.set_session(&headers, "new", max_age) {
            let new = format!("{NAME}=new");
            answer.extend(set.into_iter().map(|it| (SET_COOKIE, it)));
            let is_new = |it: &HeaderValue| it.as_bytes().starts_with(new.as_bytes());
            assert_eq!(
                answer
                    .get_all(SET_COOKIE)
                    .iter()
                    .filter(|it| is_new(it))
                    .count(),
                1
            );
        }
    });
}

/// Returns whether it is the first piece, without the number of pieces before its dot, and then each of the others in
/// order.
fn is_made_of_pieces(value: &[u8], pairs: &[(&[u8], &[u8])]) -> bool {
    pieces(0, pairs).iter().any(|first| {
        let [digit @ b'1'..=b'9', b'.', first @ ..] = first else {
            return false;
        };
        let count = usize::from(digit - b'0');
        value
            .strip_prefix(first)
            .is_some_and(|rest| goes_on(rest, 1, count, pairs))
    })
}

/// The values of a piece.
fn pieces<'p>(at: usize, pairs: &[(&[u8], &'p [u8])]) -> Vec<&'p [u8]> {
    let name = format!("{NAME}.{at}");
    let values = pairs.iter().filter(|(it, _)| *it == name.as_bytes());
    values.map(|(_, value)| *value).collect()
}

fn goes_on(rest: &[u8], at: usize, count: usize, pairs: &[(&[u8], &[u8])]) -> bool {
    if at == count {
        return rest.is_empty();
    }
    let rests = pieces(at, pairs)
        .into_iter()
        .filter_map(|it| rest.strip_prefix(it));
    rests
        .into_iter()
        .any(|rest| goes_on(rest, at + 1, count, pairs))
}

// What is sealed.

#[test]
fn a_record_that_is_read_is_written_the_same() {
    let full = Identity {
        email: Some("alice@example.com".into()),
        email_verified: true,
        scopes: Scopes::parse("openid admin"),
        roles: vec!["chief editor".into(), "b".into()],
        added_roles: vec!["c".into()],
        auth_time: Some(6),
        expires_at: NOW,
        ..Identity::new(SessionId([7; 16]), "authsafe|1".into())
    };
    let none = Identity::new(SessionId([0; 16]), "u".into());
    let tokens = |bytes: &[u8]| KeptTokens {
        access: Some(Token::new(String::from_utf8_lossy(bytes))).filter(|_| !bytes.is_empty()),
        refresh: None,
        id: Some(Token::new("a.b.c")),
    };
    let target = Target {
        name: "record",
        corpus: include_str!("fuzz/record.txt"),
        seeds: vec![full.encode().unwrap(), none.encode().unwrap()],
        words: &["\0", "{}", "{\"a\":1}", "\u{e4}", "admin", "openid"],
        count: 20_000,
    };
    target.run(|bytes| {
        let open = || SessionTokens::Open(tokens(b"at"));
        if let Some(session) = Session::decode(bytes.to_vec(), open()) {
            let identity = session.identity();
            serde_json::to_value(&session).unwrap();
            let written = identity.encode().unwrap();
            let again = Session::decode(written.clone(), open()).unwrap();
            // A name of no letters is none.
            let mut named = identity.clone();
            for names in [
                &mut named.roles,
                &mut named.added_roles,
                &mut named.permissions,
            ] {
                names.retain(|it| !it.is_empty());
            }
            assert_eq!(again.identity(), named);
            assert_eq!(again.identity().encode().unwrap(), written);
            assert!(!identity.takes_from(&identity) && identity.grants_the_same_as(&identity));
            assert!(identity.scopes.iter().all(|it| is_scope_token(it)));
        }
        // Tokens come back to the byte, whatever they are.
        let keys = keys();
        let written = encode_tokens(&tokens(bytes)).unwrap();
        let sealed = keys.seal(
            Purpose::Session,
            NAME,
            &none.encode().unwrap(),
            Some(&written),
        );
        let sealed = crate::session::seal::Sealed::Joined(sealed.unwrap().into_bytes());
        let session = Session::decode(
            none.encode().unwrap(),
            SessionTokens::Sealed(sealed, Arc::new(keys)),
        );
        let kept = session.unwrap().kept_tokens().unwrap();
        let shown = |it: &Option<Token>| it.as_ref().map(|it| it.expose_secret().to_owned());
        assert_eq!(shown(&kept.access), shown(&tokens(bytes).access));
        assert_eq!(shown(&kept.id), Some("a.b.c".to_owned()));
    });
}

#[test]
fn a_sign_in_in_flight_and_a_kept_form_that_are_read_are_written_the_same() {
    let path = ReturnTo::parse("/orders?open=1").unwrap();
    let transaction = crate::protocol::testing::transaction(Some(path.clone()), NOW);
    let form = KeptForm {
        id: "f1".to_owned(),
        to: path,
        author: Some("alice".to_owned()),
        until: NOW,
        body: "a=1&b=%C3%A4".to_owned(),
    };
    let target = Target {
        name: "transaction",
        corpus: include_str!("fuzz/transaction.txt"),
        seeds: vec![transaction.encode(), form.encode()],
        words: &["/a", "//evil.example", "\0\0", "=&"],
        count: 30_000,
    };
    target.run(|bytes| {
        if let Some(read) = Transaction::decode(bytes) {
            let written = read.encode();
            assert_eq!(Transaction::decode(&written).unwrap().encode(), written);
        }
        if let Some(read) = KeptForm::decode(bytes) {
            assert_eq!(read.encode(), bytes);
            let _ = KeptForm::readable(bytes);
        }
    });
}

// Paths and queries.

#[test]
fn a_return_path_that_is_accepted_stays_on_the_origin() {
    const APP: &str = "https://app.example";
    let target = Target {
        name: "return_to",
        corpus: include_str!("fuzz/return_to.txt"),
        seeds: Vec::new(),
        words: &[
            "/",
            "//",
            "\\",
            "/\\",
            "%2f",
            "%5c",
            "%2e",
            "..",
            "/.",
            ":",
            "@",
            "?",
            "#",
            "evil.example",
            "https:",
            "https://app.example",
            "https://app.example@evil.example",
            "javascript:",
            "\t",
            "\n",
            "\u{ff0f}",
            "\u{3002}",
            "[::1]",
            ":8443",
            "%00",
            "%0a",
            "%09",
            "%7f",
            "http:",
            "\u{feff}",
            "xn--",
        ],
        count: 60_000,
    };
    let app = Url::parse(APP).unwrap();
    let page = Url::parse("https://app.example/api/auth/callback?code=x#y").unwrap();

    target.run(|input| {
        let Ok(input) = str::from_utf8(input) else {
            return;
        };
        let from_query = || {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("returnTo", input)
                .finish();
            SignInQuery::parse(&query, &[], APP).return_to
        };
        let parsed = [
            ReturnTo::parse(input).ok(),
            ReturnTo::asked_for(input, APP).ok(),
            from_query(),
        ];
        assert_eq!(parsed[1], parsed[2], "{input:?}");
        for path in parsed.iter().flatten() {
            let path = path.as_str();
            assert!(path.bytes().all(|it| matches!(it, b'!'..=b'~')), "{path:?}");
            assert!(path.starts_with('/') && HeaderValue::from_str(path).is_ok());
            // As a browser reads it, at the callback, and at the root.
            for from in [&app, &page] {
                let there = from.join(path).unwrap();
                assert_eq!(there.origin(), app.origin(), "{path:?}");
                assert!(there.username().is_empty() && there.password().is_none());
            }
            // Also once a router or the app has decoded it.
            let decoded = percent_decoded(path);
            if let Ok(there) = app.join(&decoded) {
                assert_eq!(there.origin(), app.origin(), "{path:?} decoded");
            }
            // What was accepted is accepted again as it is.
            let again = ReturnTo::asked_for(path, APP).map(|it| it.as_str().to_owned());
            assert_eq!(again.as_deref().ok(), Some(path));
        }
    });
}

fn percent_decoded(text: &str) -> String {
    // A form's decoding, in which a plus is a space: kept as it is here.
    let text = text
        .replace('+', "%2B")
        .replace('&', "%26")
        .replace('=', "%3D");
    let pair = form_urlencoded::parse(text.as_bytes()).next();
    pair.map(|it| it.0.into_owned()).unwrap_or_default()
}

#[test]
fn a_callback_has_each_value_once_and_as_it_was_sent() {
    let target = Target {
        name: "callback",
        corpus: include_str!("fuzz/callback.txt"),
        seeds: Vec::new(),
        words: &[
            "state=",
            "code=",
            "iss=",
            "error=",
            "&",
            "=",
            "%26",
            "%3D",
            "+",
            "error_description=",
            "%",
            "%ff",
            "https%3A%2F%2Fid.example",
            "access_denied",
        ],
        count: 40_000,
    };
    let right = issuer("https://id.example");
    target.run(|input| {
        let query = String::from_utf8_lossy(input);
        let sent: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let all = |name: &str| {
            let values = sent
                .iter()
                .filter(|it| it.0 == name)
                .map(|it| it.1.to_string());
            values.collect::<Vec<_>>()
        };
        let once = ["state", "code", "error", "iss"]
            .iter()
            .all(|it| all(it).len() < 2);
        let answer = AuthorizationResponse::parse(&query);
        assert_eq!(answer.is_ok(), once, "{query}");
        let Ok(answer) = answer else { return };
        let state = answer
            .state
            .as_ref()
            .map(|it| it.expose_secret().to_owned());
        assert_eq!(state, all("state").pop());
        assert_eq!(answer.iss, all("iss").pop());
        if let Ok(code) = answer.code() {
            assert!(answer.error.is_none() && !code.is_empty());
            assert_eq!(Some(code), all("code").first().map(|it| &**it));
        }
        let passes = answer.check_issuer(&right, true).is_ok();
        assert_eq!(passes, answer.iss.as_deref() == Some("https://id.example"));
        if let Some(refusal) = answer.refusal() {
            assert!(
                !refusal.to_string().chars().any(char::is_control),
                "{query}"
            );
        }
    });
}

#[test]
fn a_client_behind_no_proxy_is_whoever_it_is() {
    let target = Target {
        name: "forwarded",
        corpus: include_str!("fuzz/forwarded.txt"),
        seeds: Vec::new(),
        words: &[
            "for=",
            "\"[2001:db8::1]:80\"",
            ",",
            ";",
            "192.0.2.1",
            "unknown",
            "_x",
            "\\",
            "\"",
            "10.0.0.1",
            "by=",
        ],
        count: 30_000,
    };
    let proxies = [forwarded::Network::parse("10.0.0.0/8").unwrap()];
    let (stranger, proxy) = ("203.0.113.9".parse().unwrap(), "10.1.1.1".parse().unwrap());
    target.run(|input| {
        let Ok(value) = HeaderValue::from_bytes(input) else {
            return;
        };
        for name in ["forwarded", "x-forwarded-for"] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.clone());
            assert_eq!(
                forwarded::client(stranger, &headers, &proxies),
                Some(stranger)
            );
            // Who writes in front of what the proxy says is not believed.
            headers.append(
                name,
                HeaderValue::from_static(match name {
                    "forwarded" => "for=203.0.113.9",
                    _ => "203.0.113.9",
                }),
            );
            assert_eq!(forwarded::client(proxy, &headers, &proxies), Some(stranger));
        }
    });
}

// Tokens and answers of the provider.

fn claims() -> Value {
    json!({
        "iss": "https://id.example", "sub": "u1", "aud": "app", "nonce": "n", "azp": "app",
        "exp": NOW + 300, "iat": NOW, "client_id": "app", "jti": "j", "scope": "openid admin",
    })
}

const JOSE: &[&str] = &[
    ".",
    "e30",
    "eyJhbGciOiJub25lIn0",
    "eyJhbGciOiJIUzI1NiJ9",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0",
    "eyJhbGciOiJSUzI1NiJ9",
    "=",
    "_",
    "-",
    "..",
    "A",
    "\"kid\":\"k1\"",
];

#[test]
fn a_token_that_is_accepted_was_signed() {
    let mut logout = claims();
    logout["nonce"] = Value::Null;
    logout.as_object_mut().unwrap().remove("nonce");
    logout["events"] = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    let mut ended = claims();
    ended["exp"] = json!(NOW - 3600);
    let signed = [
        sign(&claims()),
        sign(&logout),
        sign(&ended),
        sign(&json!({})),
    ];
    let ours: BTreeSet<&[u8]> = signed.iter().map(String::as_bytes).collect();
    let mut seeds: Vec<_> = signed.iter().map(|it| it.clone().into_bytes()).collect();
    seeds.push(unsigned(&claims()).into_bytes());
    seeds.push(hmac_with_public_key(&claims()).into_bytes());
    let target = Target {
        name: "jwt",
        corpus: include_str!("fuzz/jwt.txt"),
        seeds,
        words: JOSE,
        count: 10_000,
    };
    let registration = client("app", "https://id.example");
    let right = issuer("https://id.example");
    target.run(|input| {
        let token = String::from_utf8_lossy(input);
        let is_ours = ours.contains(token.as_bytes());
        let all = [
            Algorithm::RS256,
            Algorithm::PS256,
            Algorithm::ES256,
            Algorithm::EdDSA,
        ];
        let read = jwks::verify::<Value>(&token, &KEYS.public, &all);
        assert_eq!(read.is_ok(), is_ours, "{token}");
        let expected = id_token::Expected {
            client: &registration,
            issuer: &right,
            algorithms: &all,
            nonce: Some(&Nonce::read("n")),
            access_token: "at",
            now: NOW,
        };
        let is_id_token = id_token::verify(&token, &KEYS.public, &expected).is_ok();
        assert_eq!(is_id_token, token == *signed[0], "{token}");
        let expected = logout_token::Expected {
            client: &registration,
            issuer: &right,
            algorithms: &all,
            now: NOW,
        };
        let is_logout_token = logout_token::verify(&token, &KEYS.public, &expected).is_ok();
        assert_eq!(is_logout_token, token == *signed[1], "{token}");
        let _ = (jwks::kid(&token), access_token::is_jwt(&token));
        let _ = jwks::unverified::<Value>(&token);
    });
}

#[test]
fn a_key_set_verifies_what_its_own_keys_have_signed() {
    let good = serde_json::to_vec(&KEYS.public).unwrap();
    let n = serde_json::to_value(&KEYS.public.keys[0]).unwrap()["n"].clone();
    let n = n.as_str().unwrap().to_owned();
    let token = sign(&claims());
    let target = Target {
        name: "jwks",
        corpus: include_str!("fuzz/jwks.txt"),
        seeds: vec![good],
        words: &[
            "\"kty\":\"RSA\"",
            "\"kty\":\"oct\",\"k\":\"AAAA\"",
            "\"use\":\"enc\"",
            "\"alg\":\"none\"",
            "{",
            "}",
            "[",
            "]",
            ",",
            "null",
            "\"n\":",
            "\"e\":\"AQAB\"",
            "\"kid\":\"k1\"",
            "\"kid\":5",
            "\"crv\":\"P-256\"",
            "\"\"",
        ],
        count: 20_000,
    };
    target.run(|input| {
        let document = serde_json::from_slice::<jwks::Document>(input);
        let keys: Option<JwkSet> = document.ok().and_then(jwks::Document::usable);
        let Some(keys) = keys else { return };
        let has_ours = || {
            keys.keys.iter().any(|it| {
                let key = serde_json::to_value(it).unwrap();
                let numbers = key["n"].as_str().unwrap_or_default().trim_end_matches('=');
                numbers.trim_start_matches('A') == n
            })
        };
        if jwks::verify::<Value>(&token, &keys, &[Algorithm::RS256]).is_ok() {
            assert!(has_ours(), "{}", text(input));
        }
        for forged in [unsigned(&claims()), hmac_with_public_key(&claims())] {
            assert!(jwks::verify::<Value>(&forged, &keys, &[Algorithm::RS256]).is_err());
        }
    });
}

#[test]
fn a_discovery_document_that_is_taken_names_https_and_the_issuer() {
    let target = Target {
        name: "discovery",
        corpus: include_str!("fuzz/discovery.txt"),
        seeds: Vec::new(),
        words: &[
            "https://",
            "http://",
            "//",
            "id.example",
            "evil.example",
            "127.0.0.1",
            "null",
            "[",
            "]",
            "{",
            "}",
            ",",
            "\"S256\"",
            "\"plain\"",
            "\"RS256\"",
            "\"none\"",
            "\"HS256\"",
            "true",
            "\\u0000",
            "ftp://",
            "user@",
            "#f",
            "\"issuer\":",
            "\"jwks_uri\":",
            "\"userinfo_endpoint\":",
            "javascript:",
        ],
        count: 20_000,
    };
    let asked_issuer = Issuer::parse("https://id.example").unwrap();
    let by_hand = Overrides::default();
    target.run(|input| {
        let Ok(Value::Object(members)) = serde_json::from_slice(input) else {
            return;
        };
        let asked = Asked {
            issuer: &asked_issuer,
            by_hand: &by_hand,
            tenants: Tenants::One,
            algorithms: None,
            http: Http::OnLoopback,
        };
        let named = members.get("issuer").cloned();
        let Ok(metadata) = Metadata::check(&members, asked) else {
            return;
        };
        let named = named.unwrap();
        assert_eq!(
            named.as_str().unwrap().trim_end_matches('/'),
            "https://id.example"
        );
        assert!(metadata.issuer.is_of_response(named.as_str().unwrap()));
        let optional = [
            &metadata.userinfo,
            &metadata.revocation,
            &metadata.introspection,
            &metadata.end_session,
        ];
        let needed = [&metadata.authorization, &metadata.token, &metadata.jwks];
        for url in needed.into_iter().chain(optional.into_iter().flatten()) {
            assert!(url.scheme() == "https" && url.has_host(), "{url}");
        }
        assert!(!metadata.algorithms.is_empty());
        for algorithm in &*metadata.algorithms {
            let hmac = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
            assert!(!hmac.contains(algorithm));
        }
    });
}

#[test]
fn a_token_answer_that_is_taken_has_a_bearer_token() {
    let target = Target {
        name: "token_answer",
        corpus: include_str!("fuzz/token_answer.txt"),
        seeds: Vec::new(),
        words: &[
            "\"access_token\":",
            "\"token_type\":",
            "\"Bearer\"",
            "\"DPoP\"",
            "\"expires_in\":",
            "1e400",
            "-1",
            "\"3600\"",
            "\"scope\":",
            "[",
            "]",
            "{",
            "}",
            ",",
            "null",
            "\"\"",
            "\"refresh_token\":",
            "\"id_token\":",
            "0.5",
            "\\u0000",
            "\"error\":\"invalid_grant\"",
            "s3cret",
            "\u{e4}",
        ],
        count: 30_000,
    };
    target.run(|input| {
        for status in [200, 201, 400, 401, 500] {
            let mut answer = http::Response::new(input.to_vec());
            *answer.status_mut() = status.try_into().unwrap();
            let said: Option<Value> = serde_json::from_slice(input).ok();
            match token_endpoint::read(&answer, &[("code", "s3cret")]) {
                Ok(read) => {
                    assert!(status < 300);
                    // It has a number that is none to us, in a member that nobody reads.
                    let Some(said) = said else { continue };
                    let access = read.tokens.access.expose_secret();
                    assert!(!access.is_empty());
                    assert_eq!(said["access_token"], access);
                    let kind = said["token_type"].as_str().unwrap();
                    assert!(kind.eq_ignore_ascii_case("bearer"));
                    for scope in read.scopes.iter().flat_map(|it| it.iter()) {
                        assert!(is_scope_token(scope));
                    }
                }
                // What was sent is not told, whoever repeats it.
                Err(error) => assert!(!error.to_string().contains("s3cret"), "{error}"),
            }
        }
    });
}

// What is written in attributes and tokens.

#[test]
fn scopes_and_patterns_that_are_read_are_written_the_same() {
    let target = Target {
        name: "patterns",
        corpus: include_str!("fuzz/patterns.txt"),
        seeds: Vec::new(),
        words: &[
            "/", "*", "**", "/**", "/*/", "admin", "ADMIN", ".", "..", "%2f", " ", "\u{e4}",
            "{id}", ":id", "\"", "\\",
        ],
        count: 40_000,
    };
    let known = ["/**", "/admin/**", "/users/*/edit", "/", "/admin", "/*"]
        .map(|it| Pattern::parse(it).unwrap());
    target.run(|input| {
        let Ok(text) = str::from_utf8(input) else {
            return;
        };
        let scopes = Scopes::parse(text);
        assert!(scopes.iter().all(|it| is_scope_token(it)));
        assert_eq!(Scopes::parse(&scopes.join(" ")), scopes);
        let Ok(pattern) = Pattern::parse(text) else {
            return;
        };
        let segments: Vec<_> = pattern.segments().collect();
        let end = match (pattern.is_tree(), segments.is_empty()) {
            (true, _) => "/**",
            (false, true) => "/",
            (false, false) => "",
        };
        let written: String = segments.iter().map(|it| format!("/{it}")).collect();
        let written = written + end;
        let again = Pattern::parse(&written).unwrap();
        assert!(again.covers(&pattern) && pattern.covers(&again), "{text}");
        // A path of a pattern is one of each pattern that covers it.
        let below = pattern.is_tree().then_some("below");
        let path: Vec<_> = segments.iter().copied().chain(below).collect();
        let is_one = |expected: &str, segment: &[u8]| {
            expected == "*" || expected.as_bytes().eq_ignore_ascii_case(segment)
        };
        let matches = |it: &Pattern<'_>| it.matches(path.iter().map(|it| it.as_bytes()), is_one);
        assert!(matches(&pattern), "{text}");
        for known in &known {
            assert!(!known.covers(&pattern) || matches(known), "{text}");
        }
    });
}
