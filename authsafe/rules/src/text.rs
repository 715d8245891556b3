//! What a text must be to be a scope, a path, a URL: predicates on `&str` that return a reason.
//!
//! `tests/verdicts/` holds them to their tables.

use core::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::default::ALGORITHMS;
use crate::letters;
use crate::limit;

/// Makes the enum of reasons, each with its sentence.
macro_rules! reasons {
    ($(
        $(#[$doc:meta])*
        $name:ident $(($field:ident: $type:ty))? = $sentence:literal $(, $value:expr)?;
    )+) => {
        /// The reason for which a text is refused: ends a sentence that names the text.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Reason {
            $($(#[$doc])* $name $(($type))?,)+
        }

        impl fmt::Display for Reason {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$name $(($field))? => write!(f, $sentence $(, $value)?),)+
                }
            }
        }
    };
}

reasons! {
    /// No text.
    Empty = "it is empty";
    /// White space and nothing else.
    Blank = "it is nothing but whitespace";
    /// White space around it.
    Padded = "it has space around it";
    /// A character that does not belong there.
    Char(c: char) = "it contains {}", character(*c);
    /// More than so many bytes.
    Longer(bytes: usize) = "it is longer than {bytes} bytes";
    /// A digit in front.
    StartsWithDigit = "it starts with a digit, which no shell can set";
    /// No `/` in front.
    NoLeadingSlash = "it does not start with `/`";
    /// A `/` in front.
    LeadingSlash = "it starts with `/`, but lies under `base_path`";
    /// A `/` at the end.
    TrailingSlash = "it ends with `/`";
    /// `/` alone.
    Root = "it is the root, where the app's own pages lie";
    /// `//` somewhere.
    DoubleSlash = "it contains `//`";
    /// `.` or `..` as a segment.
    DotSegment = "it contains `.` or `..` as a segment";
    /// `**` before the end.
    StarsNotLast = "`**` is for the end";
    /// `*` as a part of a segment.
    PartOfSegment = "`*` stands for a whole segment";
    /// A percent code that hides a character.
    Encoded(code: String) = "it contains `{code}`, which hides a character";
    /// A text that browsers take for another host.
    OtherHost = "browsers take it for another host";
    /// A URL where a path or a name is meant.
    IsUrl = "it is a URL";
    /// No URL where one is meant.
    NoUrl = "it is no URL";
    /// http to a host that is not the loopback.
    Http = "it is http, which is for localhost, 127.0.0.1 and [::1] only";
    /// http to a host of the internet.
    PublicHttp = "it is http, which is for localhost, names below it, 127.0.0.1, [::1] and private addresses only";
    /// No id of a tenant.
    NoTenant = "it is no tenant's id";
    /// A user name or a password.
    UserInfo = "it names a user before `@`";
    /// A query.
    Query = "it has a query";
    /// A fragment.
    Fragment = "it has a fragment";
    /// A path after an origin.
    HasPath = "it has a path";
    /// A path after the app's own origin.
    PathOfApp = "it has a path";
    /// The address of a discovery document, where its issuer is meant.
    Document = "it is the address of a discovery document, which is found by its issuer";
    /// The address of a discovery document, where an endpoint is meant.
    NoEndpoint = "it is the address of a discovery document, and of no endpoint";
    /// A variable as shells and files of variables write one.
    Variable(name: String) = "it is the name of the variable `{name}`, and not its value";
    /// A certificate, where the path of one is meant.
    Pem = "it is a certificate, and not the path of one";
    /// A URL, where the path of a file is meant.
    NoPath = "it is a URL, and not the path of a file";
    /// No host name.
    Host = "its host is no host name";
    /// No port number.
    Port = "its port is no number from 1 to 65535";
    /// A port after a host name.
    HasPort = "it has a port, which cookies do not tell apart";
    /// Another scheme than https.
    Scheme = "it is not https";
    /// A host name without a dot.
    NoDot = "it has no dot, and browsers refuse it";
    /// A name that the library writes itself.
    Reserved = "sign-in writes that one itself";
    /// No number with a unit.
    NoDuration = "it is no duration";
    /// More than ten years.
    TooLong = "it is longer than ten years";
    /// Zero.
    Zero = "it is zero";
    /// No number and unit of time.
    NoRate = "it is no rate";
    /// No number of kilobytes.
    NoSize = "it is no number of kilobytes";
    /// No IP address.
    NoAddress = "it is no IP address";
    /// An IPv4 address in IPv6's form.
    Mapped = "it is an IPv4 address in IPv6's form";
    /// No length of a prefix, of which there are so many.
    Prefix(bits: u32) = "its prefix is no number from 1 to {bits}";
    /// A network that holds every address.
    Everybody = "it is everybody, and anybody could say to be anybody else";
    /// An address with bits beyond its prefix: the network that was meant.
    BeyondPrefix(_network: String) = "its address says more than its prefix";
    /// A dot with no name before or after it.
    NoName = "it has a dot with no name before or after it";
    /// A claim by which a token is checked.
    Proof = "tokens are checked by that claim, and it is read for nothing else";
    /// No signature.
    Unsigned = "it is no signature, and anybody could write such a token";
    /// A signature by a secret.
    Symmetric = "it signs with a secret, and whoever verifies could sign too";
    /// Browsers know no such data.
    NoSiteData = "browsers have no data of that name";
    /// No algorithm that is taken.
    NoAlgorithm = "it is none that is verified here";
    /// The algorithm's name in other letters.
    MeansAlgorithm(_name: &'static str) = "its name has other capitals";
}

/// Returns a character as sentences call it.
fn character(c: char) -> String {
    match c {
        ' ' => "a space".to_owned(),
        c if c.is_control() => format!("the control character {}", c.escape_default()),
        c if c.is_ascii() => format!("`{c}`"),
        c => letters::named(c),
    }
}

impl core::error::Error for Reason {}

/// The meaning of a text, or the reason why it is refused.
pub type Verdict<T = ()> = Result<T, Reason>;

/// Checks a scope that the app asks for: a scope token, short enough for the type of a guard.
pub fn scope(text: &str) -> Verdict {
    scope_token(text)?;
    short(text)
}

/// Checks a scope token, RFC 6749 §3.3: printable ASCII but space, `"` and `\`.
pub fn scope_token(text: &str) -> Verdict {
    not_blank(text)?;
    first(text, |c| !matches!(c, '!' | '#'..='[' | ']'..='~'))
}

/// Checks a role: whatever the provider calls one, without control characters or space around it.
pub fn role(text: &str) -> Verdict {
    not_blank(text)?;
    first(text, char::is_control)?;
    refuse_if(text.trim() != text, Reason::Padded)?;
    short(text)
}

/// Checks the name of a parameter that an app adds to the authorization request (RFC 6749, appendix A):
/// letters, digits, `-`, `.` and `_`; none that sign-in writes itself, in whatever case, as some
/// providers do not tell that apart.
pub fn parameter(text: &str) -> Verdict {
    not_blank(text)?;
    first(text, |c| !c.is_ascii_alphanumeric() && !"-._".contains(c))?;
    no_longer(text, limit::SHORT)?;
    let mut reserved = RESERVED_PARAMETERS.iter();
    let is_reserved = reserved.any(|it| it.eq_ignore_ascii_case(text));
    refuse_if(is_reserved, Reason::Reserved)
}

/// The parameters by which the answer is bound to the request, and what would take their place: a
/// request object (RFC 9101).
const RESERVED_PARAMETERS: [&str; 14] = [
    "response_type",
    "response_mode",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "max_age",
    "request",
    "request_uri",
];

/// Checks the value of a parameter: not blank, and without control characters.
pub fn parameter_value(text: &str) -> Verdict {
    value(text)?;
    first(text, char::is_control)
}

/// Checks the path of a claim: a name, or names with dots between. A name may be a URL.
pub fn claim(text: &str) -> Verdict {
    const PROOFS: [&str; 9] = [
        "iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash",
    ];
    not_blank(text)?;
    first(text, |c| c.is_control() || c.is_whitespace())?;
    refuse_if(text.split('.').any(str::is_empty), Reason::NoName)?;
    refuse_if(PROOFS.contains(&text), Reason::Proof)?;
    short(text)
}

/// Checks the name of a variable that every shell can set (IEEE Std 1003.1, 8.1).
pub fn variable(text: &str) -> Verdict {
    not_blank(text)?;
    let has_digit = text.starts_with(|c: char| c.is_ascii_digit());
    refuse_if(has_digit, Reason::StartsWithDigit)?;
    first(text, |c| !c.is_ascii_alphanumeric() && c != '_')
}

/// Checks a `base_path`: `/api/auth`.
pub fn base_path(text: &str) -> Verdict {
    not_blank(text)?;
    match text.strip_prefix('/') {
        None => Err(Reason::NoLeadingSlash),
        Some("") => Err(Reason::Root),
        Some(rest) => segments(rest),
    }
}

/// Checks an endpoint's path under the base path: `signin`.
pub fn endpoint_path(text: &str) -> Verdict {
    not_blank(text)?;
    refuse_if(text.starts_with('/'), Reason::LeadingSlash)?;
    segments(text)
}

/// Checks what both kinds of path are made of: letters, digits and `-._~!$&'()+=@`, in segments. Not `;`,
/// which ends a cookie's path, and not `:`, which begins a parameter for some routers.
pub(crate) fn segments(text: &str) -> Verdict {
    refuse_if(text.ends_with('/'), Reason::TrailingSlash)?;
    first(text, |c| {
        !c.is_ascii_alphanumeric() && !"/-._~!$&'()+=@".contains(c)
    })?;
    let has_empty = text.contains("//") || text.starts_with('/');
    refuse_if(has_empty, Reason::DoubleSlash)?;
    let mut segments = text.split('/');
    let has_dots = segments.any(|segment| segment == "." || segment == "..");
    refuse_if(has_dots, Reason::DotSegment)
}

/// Checks a path to send a browser to, on this very origin. It may have a query and a fragment.
pub fn local_target(text: &str) -> Verdict {
    not_blank(text)?;
    refuse_if(scheme(text).is_some(), Reason::IsUrl)?;
    // A browser reads `\` as `/`.
    let is_of_host = ["//", "/\\", "\\"].iter().any(|it| text.starts_with(it));
    refuse_if(is_of_host, Reason::OtherHost)?;
    let rest = text.strip_prefix('/').ok_or(Reason::NoLeadingSlash)?;
    let encoded = rest.get(..3).unwrap_or_default();
    if ["%2f", "%5c"].contains(&encoded.to_ascii_lowercase().as_str()) {
        return Err(Reason::Encoded(encoded.to_owned()));
    }
    first(text, |c| !c.is_ascii_graphic() || c == '\\')?;
    let path = text.split(['?', '#']).next().unwrap_or_default();
    if let Some(code) = encoded_control(path) {
        return Err(Reason::Encoded(code.to_owned()));
    }
    no_longer(text, limit::TARGET)
}

/// Returns the first percent code of a control character in a path. What decodes a path and then reads it as a
/// URL leaves line ends and tabs out: `/%0a%2Fevil.example` would be another host.
fn encoded_control(path: &str) -> Option<&str> {
    let mut codes = path
        .match_indices('%')
        .filter_map(|(at, _)| path.get(at..at + 3));
    codes.find(|code| match code.as_bytes() {
        [_, b'0' | b'1', low] => low.is_ascii_hexdigit(),
        _ => code.eq_ignore_ascii_case("%7f"),
    })
}

/// Checks the app's origin: `https://app.example.com`. One `/` after it is none.
pub fn app_url(text: &str) -> Verdict {
    let (_, path) = url(text, local, Reason::PublicHttp)?;
    refuse_if(!["", "/"].contains(&path), Reason::PathOfApp)
}

/// Checks an origin: `https://admin.example.com`. One `/` after it is none of it.
pub fn origin(text: &str) -> Verdict {
    let (_, path) = url(text, local, Reason::PublicHttp)?;
    refuse_if(!["", "/"].contains(&path), Reason::HasPath)
}

/// Checks the URL of one of the provider's endpoints, or its issuer.
pub fn endpoint_url(text: &str) -> Verdict {
    endpoint(text, loopback)
}

/// Checks as [`endpoint_url`] does a URL that may be http to any host.
pub fn endpoint_url_or_http(text: &str) -> Verdict {
    endpoint(text, |_| true)
}

fn endpoint(text: &str, may_be_http: fn(&str) -> bool) -> Verdict {
    let (_, path) = url(text, may_be_http, Reason::Http)?;
    first(path, |c| !c.is_ascii_graphic() || "\\\"<>^`{}".contains(c))
}

/// Checks the audience of access tokens (RFC 7519 §4.1.3): one name or URI.
pub fn audience(text: &str) -> Verdict {
    value(text)?;
    first(text, |c| c.is_whitespace() || c.is_control())
}

/// Checks a kind of data that browsers forget where they are told to (Clear Site Data §3.1).
pub fn site_data(text: &str) -> Verdict {
    not_blank(text)?;
    let is_known = ["cache", "cookies", "storage"].contains(&text);
    refuse_if(!is_known, Reason::NoSiteData)
}

/// Checks the algorithm of a signature (RFC 7518 §3.1): `ES256`.
pub fn algorithm(text: &str) -> Verdict {
    not_blank(text)?;
    let is_it = |name: &&str| text.eq_ignore_ascii_case(name);
    match ALGORITHMS.into_iter().find(is_it) {
        Some(name) if name == text => Ok(()),
        Some(name) => Err(Reason::MeansAlgorithm(name)),
        None if text.eq_ignore_ascii_case("none") => Err(Reason::Unsigned),
        None if text.to_ascii_uppercase().starts_with("HS") => Err(Reason::Symmetric),
        None => Err(Reason::NoAlgorithm),
    }
}

/// Checks the id of a tenant, a GUID (RFC 9562 §4): `11111111-2222-3333-4444-555555555555`.
pub fn tenant(text: &str) -> Verdict {
    not_blank(text)?;
    let lengths = text.split('-').map(str::len);
    let is_hex = |c: char| c == '-' || c.is_ascii_hexdigit();
    let is_tenant = lengths.eq([8, 4, 4, 4, 12]) && text.chars().all(is_hex);
    refuse_if(!is_tenant, Reason::NoTenant)
}

/// Checks the URL of one of the provider's endpoints, which may have a query (RFC 6749 §3.1).
pub fn provider_endpoint(text: &str) -> Verdict {
    not_document(text)?;
    endpoint_url(without_query(text))
}

/// Checks as [`provider_endpoint`] does a URL that may be http to any host.
pub fn provider_endpoint_or_http(text: &str) -> Verdict {
    not_document(text)?;
    endpoint_url_or_http(without_query(text))
}

fn not_document(text: &str) -> Verdict {
    no_document(text).map_err(|_| Reason::NoEndpoint)
}

fn without_query(text: &str) -> &str {
    match text.split_once('?') {
        Some((before, query)) if !query.contains('#') => before,
        _ => text,
    }
}

/// Checks the `iss` of the provider's tokens.
pub fn issuer(text: &str) -> Verdict {
    no_document(text)?;
    endpoint_url(text)
}

/// Checks as [`issuer`] does one that may be http to any host.
pub fn issuer_or_http(text: &str) -> Verdict {
    no_document(text)?;
    endpoint_url_or_http(text)
}

/// Checks the provider: its issuer, or only its host.
pub fn domain(text: &str) -> Verdict {
    provider(text, endpoint_url)
}

/// Checks as [`domain`] does a provider that may be http on any host.
pub fn domain_or_http(text: &str) -> Verdict {
    provider(text, endpoint_url_or_http)
}

fn provider(text: &str, url: fn(&str) -> Verdict) -> Verdict {
    value(text)?;
    no_document(text)?;
    if text.contains("://") {
        return url(text);
    }
    let is_web = scheme(text).is_some_and(|scheme| matches!(scheme, "http" | "https"));
    refuse_if(is_web, Reason::NoUrl)?;
    url(&format!("https://{text}"))
}

/// The places of discovery documents: behind an issuer (OpenID Connect Discovery §4), or between its host and its
/// path (RFC 8414 §3.1).
const DOCUMENTS: [&str; 2] = [
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
];

fn no_document(text: &str) -> Verdict {
    refuse_if(issuer_of(text).is_some(), Reason::Document)
}

/// Returns the issuer whose discovery document is at this address, where it is that of one.
pub(crate) fn issuer_of(text: &str) -> Option<String> {
    let address = text.split(['?', '#']).next().unwrap_or(text);
    let (before, after) = DOCUMENTS.iter().find_map(|it| address.split_once(it))?;
    let is_place = after.is_empty() || after.starts_with('/');
    is_place.then(|| format!("{before}{}", after.trim_end_matches('/')))
}

/// Splits an https URL, or http to some hosts, into host and path; has neither user, query nor fragment.
fn url(text: &str, may_be_http: fn(&str) -> bool, otherwise: Reason) -> Verdict<(&str, &str)> {
    not_blank(text)?;
    no_variable(text)?;
    first(text, |c| c.is_control() || c == ' ')?;
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(Reason::NoUrl);
    };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    refuse_if(authority.is_empty(), Reason::NoUrl)?;
    refuse_if(authority.contains('@'), Reason::UserInfo)?;
    let host = host_and_port(authority)?;
    match scheme.to_ascii_lowercase().as_str() {
        "https" => {}
        "http" if may_be_http(host) => {}
        "http" => return Err(otherwise),
        _ => return Err(Reason::Scheme),
    }
    refuse_if(path.contains('#'), Reason::Fragment)?;
    refuse_if(path.contains('?'), Reason::Query)?;
    Ok((host, path))
}

/// RFC 8252 §7.3 and what every browser takes for a secure context.
fn loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host == "127.0.0.1" || host == "[::1]"
}

/// The loopback, a name below `localhost` (RFC 6761 §6.3), a private address (RFC 1918, RFC 4193).
fn local(host: &str) -> bool {
    let v6 = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    is_here(host)
        || host.parse().is_ok_and(|it: Ipv4Addr| it.is_private())
        || v6.is_some_and(|it| it.parse().is_ok_and(|it: Ipv6Addr| it.is_unique_local()))
}

/// Returns the host of a URL that is one.
pub(crate) fn host(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    host_and_port(&rest[..end]).ok()
}

/// Returns whether browsers take a host for this machine (Secure Contexts §3.1).
pub(crate) fn is_here(host: &str) -> bool {
    loopback(host) || host.to_ascii_lowercase().ends_with(".localhost")
}

/// Returns whether a host is an IP address.
pub(crate) fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok()
}

fn host_and_port(authority: &str) -> Verdict<&str> {
    let after = authority.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match authority[after..].rfind(':') {
        Some(at) => (&authority[..after + at], Some(&authority[after + at + 1..])),
        None => (authority, None),
    };
    if let Some(port) = port
        && !matches!(port.parse::<u16>(), Ok(number) if number > 0 && !port.starts_with('+'))
    {
        return Err(Reason::Port);
    }
    let v6 = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let good = match v6 {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host_name(host),
    };
    if good { Ok(host) } else { Err(Reason::Host) }
}

/// Labels of letters, digits and `-`, RFC 1123 §2.1, and `_`, which some tenants have. Numbers
/// at the end make an address, and then all of it must be one.
fn host_name(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let last = text.rsplit('.').next().unwrap_or(text);
    let address = last.bytes().all(|b| b.is_ascii_digit());
    text.len() <= 253
        && text.split('.').all(label)
        && (!address || text.parse::<Ipv4Addr>().is_ok())
}

fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let good = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    good.then_some(scheme)
}

/// Checks a cookie's name, RFC 6265 §4.1.1: a token of RFC 9110 §5.6.2. It may begin with `__Host-`.
pub fn cookie_name(text: &str) -> Verdict {
    not_blank(text)?;
    first(text, |c| {
        !c.is_ascii_alphanumeric() && !"!#$%&'*+-.^_`|~".contains(c)
    })?;
    no_longer(text, limit::SHORT)
}

/// Checks what all keys in a store begin with: visible ASCII, so that its tools show it as it is.
pub fn key_prefix(text: &str) -> Verdict {
    not_blank(text)?;
    first(text, |c| !c.is_ascii_graphic())?;
    no_longer(text, limit::SHORT)
}

/// Checks a cookie's domain, RFC 6265 §5.2.3: a host name, without scheme and port. A dot before it is
/// nothing.
pub fn cookie_domain(text: &str) -> Verdict {
    value(text)?;
    refuse_if(text.contains("://"), Reason::IsUrl)?;
    let text = text.strip_prefix('.').unwrap_or(text);
    if text
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
    {
        return Err(Reason::HasPort);
    }
    let is_name = host_name(text) && text.parse::<Ipv4Addr>().is_err();
    refuse_if(!is_name, Reason::Host)?;
    refuse_if(!text.contains('.'), Reason::NoDot)
}

/// Checks a cookie's path: `/`, or one like `base_path`.
pub fn cookie_path(text: &str) -> Verdict {
    if text == "/" { Ok(()) } else { base_path(text) }
}

/// Reads a duration, `"90s"`, `"15m"`, `"8h"` or `"7d"`, in seconds; ten years at most.
pub fn duration(text: &str) -> Verdict<u64> {
    not_blank(text)?;
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match &text[digits.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return Err(Reason::NoDuration),
    };
    let seconds = number(digits)
        .ok_or(Reason::NoDuration)?
        .checked_mul(unit)
        .filter(|seconds| *seconds <= limit::DURATION)
        .ok_or(Reason::TooLong)?;
    refuse_if(seconds == 0, Reason::Zero)?;
    Ok(seconds)
}

/// Writes seconds with the longest unit that leaves no rest.
#[must_use]
pub fn seconds(count: u64) -> String {
    let units = [(86400, 'd'), (3600, 'h'), (60, 'm')];
    let fits = |(unit, _): &(u64, char)| count > 0 && count.is_multiple_of(*unit);
    let (unit, letter) = units.into_iter().find(fits).unwrap_or((1, 's'));
    format!("{}{letter}", count / unit)
}

/// Reads how many bytes a text may have, `"2KB"`, in units of 1024.
pub fn size(text: &str) -> Verdict<usize> {
    not_blank(text)?;
    let digits = text.strip_suffix("KB").ok_or(Reason::NoSize)?;
    let size = number(digits).ok_or(Reason::NoSize)?;
    let bytes = usize::try_from(size)
        .ok()
        .and_then(|it| it.checked_mul(1024));
    match bytes.ok_or(Reason::NoSize)? {
        0 => Err(Reason::Zero),
        bytes => Ok(bytes),
    }
}

/// Reads a rate, `"20/minute"`: how many, in how many seconds.
pub fn rate(text: &str) -> Verdict<(u32, u64)> {
    not_blank(text)?;
    let (count, unit) = text.split_once('/').ok_or(Reason::NoRate)?;
    let per = match unit {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86400,
        _ => return Err(Reason::NoRate),
    };
    let count = number(count)
        .and_then(|count| u32::try_from(count).ok())
        .ok_or(Reason::NoRate)?;
    refuse_if(count == 0, Reason::Zero)?;
    Ok((count, per))
}

/// Reads addresses of proxies: one, or a network as in RFC 4632 §3.1 and RFC 4291 §2.3. Returns the
/// address and the length of the prefix.
pub fn network(text: &str) -> Verdict<(IpAddr, u32)> {
    not_blank(text)?;
    first(text, |c| c.is_whitespace() || c.is_control())?;
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| Reason::NoAddress)?;
    let longest = match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(ip) if ip.to_ipv4_mapped().is_some() => return Err(Reason::Mapped),
        IpAddr::V6(_) => 128,
    };
    let prefix = match prefix.map(number) {
        None => longest,
        Some(Some(0)) => return Err(Reason::Everybody),
        Some(prefix) => prefix
            .and_then(|prefix| u32::try_from(prefix).ok())
            .filter(|prefix| *prefix <= longest)
            .ok_or(Reason::Prefix(longest))?,
    };
    // Neither shifts by all of its bits: no prefix is 0.
    let network: IpAddr = match address {
        IpAddr::V4(ip) => Ipv4Addr::from_bits(ip.to_bits() & (u32::MAX << (32 - prefix))).into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << (128 - prefix))).into(),
    };
    if network != address {
        return Err(Reason::BeyondPrefix(format!("{network}/{prefix}")));
    }
    Ok((address, prefix))
}

/// Returns whether each address of the one network is an address of the other.
pub fn network_covers(one: &str, other: &str) -> bool {
    let (Ok((one, prefix)), Ok((other, longer))) = (network(one), network(other)) else {
        return false;
    };
    let within = match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros(),
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros(),
        _ => return false,
    };
    prefix <= longer && within >= prefix
}

/// Decimal digits and nothing else.
fn number(text: &str) -> Option<u64> {
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// Checks that there is a text.
pub fn not_blank(text: &str) -> Verdict {
    refuse_if(text.is_empty(), Reason::Empty)?;
    refuse_if(text.trim().is_empty(), Reason::Blank)
}

/// Checks a text that may be anything but the name of a variable that nobody has replaced.
pub fn value(text: &str) -> Verdict {
    not_blank(text)?;
    no_variable(text)
}

/// Checks the path of a file of certificates.
pub fn file(text: &str) -> Verdict {
    value(text)?;
    refuse_if(text.contains("-----BEGIN"), Reason::Pem)?;
    refuse_if(text.contains("://"), Reason::NoPath)
}

/// The ways to write a variable in shells, templates and files of variables: what stands before its name, and
/// after it.
const WAYS: [(&str, &str); 7] = [
    ("${", "}"),
    ("$", ""),
    ("%", "%"),
    ("{{", "}}"),
    ("env(", ")"),
    ("env:", ""),
    ("process.env.", ""),
];

/// Returns the variable that a text names as a shell or a template does: `$NAME`, `${NAME}`, `env(NAME)`.
#[must_use]
pub fn variable_in(text: &str) -> Option<&str> {
    let name = WAYS.iter().find_map(|(before, after)| {
        let name = text.trim().strip_prefix(before)?.strip_suffix(after)?;
        Some(name.trim().trim_matches(['"', '\'']))
    })?;
    let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
        && variable(name).is_ok()
        && !name.contains(|c: char| c.is_ascii_lowercase());
    is_name.then_some(name)
}

fn no_variable(text: &str) -> Verdict {
    match variable_in(text) {
        Some(name) => Err(Reason::Variable(name.to_owned())),
        None => Ok(()),
    }
}

fn short(text: &str) -> Verdict {
    no_longer(text, limit::NAME)
}

fn no_longer(text: &str, bytes: usize) -> Verdict {
    refuse_if(text.len() > bytes, Reason::Longer(bytes))
}

fn refuse_if(is_wrong: bool, reason: Reason) -> Verdict {
    match is_wrong {
        true => Err(reason),
        false => Ok(()),
    }
}

fn first(text: &str, bad: impl Fn(char) -> bool) -> Verdict {
    match text.chars().find(|c| bad(*c)) {
        Some(c) => Err(Reason::Char(c)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Pattern;

    fn verdict(rule: &str, input: &str) -> Verdict {
        match rule {
            "scope" => scope(input),
            "role" => role(input),
            "claim" => claim(input),
            "variable" => variable(input),
            "tenant" => tenant(input),
            "site_data" => site_data(input),
            "algorithm" => algorithm(input),
            "endpoint_url_or_http" => endpoint_url_or_http(input),
            "parameter" => parameter(input),
            "parameter_value" => parameter_value(input),
            "app_url" => app_url(input),
            "origin" => origin(input),
            "domain" => domain(input),
            "domain_or_http" => domain_or_http(input),
            "issuer" => issuer(input),
            "value" => value(input),
            "file" => file(input),
            "provider_endpoint" => provider_endpoint(input),
            "audience" => audience(input),
            "endpoint_url" => endpoint_url(input),
            "local_target" => local_target(input),
            "base_path" => base_path(input),
            "endpoint_path" => endpoint_path(input),
            "path_pattern" => Pattern::parse(input).map(drop),
            "cookie_name" => cookie_name(input),
            "key_prefix" => key_prefix(input),
            "cookie_domain" => cookie_domain(input),
            "cookie_path" => cookie_path(input),
            "duration" => duration(input).map(drop),
            "rate" => rate(input).map(drop),
            "network" => network(input).map(drop),
            other => panic!("no rule {other}"),
        }
    }

    #[test]
    fn every_rule_gives_the_verdicts_of_the_tables() {
        let tables = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/verdicts");
        let mut lines = 0;
        for table in std::fs::read_dir(tables).unwrap() {
            let path = table.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "txt") {
                continue;
            }
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                let (rule, rest) = line.split_once(" | ").unwrap();
                let (input, expected) = rest.rsplit_once(" | ").unwrap();
                let input: String = serde_json::from_str(input).unwrap();
                let found = match verdict(rule, &input) {
                    Ok(()) => "ok".to_owned(),
                    Err(reason) => reason.to_string(),
                };
                assert_eq!(found, expected, "{line}");
                lines += 1;
            }
        }
        assert!(lines > 150, "only {lines} lines");
    }

    #[test]
    fn a_network_covers_those_within_it() {
        for (one, other, covers) in [
            ("10.0.0.0/8", "10.1.0.0/16", true),
            ("10.1.0.0/16", "10.0.0.0/8", false),
            ("10.0.0.0/8", "11.0.0.0/16", false),
            ("10.0.0.1", "10.0.0.1", true),
            ("2001:db8::/32", "2001:db8::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("10.0.0.0/8", "2001:db8::1", false),
            ("10.0.0.0/8", "x", false),
        ] {
            assert_eq!(network_covers(one, other), covers, "{one} {other}");
        }
    }
}
