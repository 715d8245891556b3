//! Cookies: their names, their flags, and sessions in several pieces.
//!
//! Reading is done on the bytes of the `Cookie` header, since every guarded request does it.

use core::ops::Range;
use core::time::Duration;
use std::borrow::Cow;
use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use http::HeaderMap;
use http::header::{COOKIE, HeaderValue, SET_COOKIE};
use memchr::memchr;

use super::identity::TooLarge;
use super::seal::{CookieHeader, Sealed};

/// The most that one cookie's value holds; browsers take 4096 bytes with name and attributes.
const CHUNK: usize = 3800;
/// The most pieces: together about what servers take as request headers (16 KB).
const MAX_CHUNKS: usize = 4;
/// The most values of one request that are looked at for a session: browsers send one, unless
/// somebody planted more.
const MAX_VALUES: usize = 8;
/// The length of a transaction's label, in characters of base64url.
const LABEL: usize = 16;

/// The names and flags of an app's cookies.
#[derive(Debug, Clone)]
pub(crate) struct Cookies {
    session: String,
    transaction: String,
    cancelled: String,
    form: String,
    same_site: &'static str,
    secure: bool,
    domain: Option<String>,
    path: &'static str,
    /// Of the transaction cookies.
    transaction_path: &'static str,
    kept_after: Duration,
    /// On the loopback: the names without a port, as the version before had them.
    before: Option<Box<Cookies>>,
}

/// What an app's cookies are to look like.
#[derive(Debug, Clone)]
pub(crate) struct Style {
    pub(crate) name: &'static str,
    /// The port of an app on the loopback, where other apps are on other ports and cookies do not tell them
    /// apart (RFC 6265 §8.5).
    pub(crate) port: Option<u16>,
    /// `Lax` or `None`.
    pub(crate) same_site: &'static str,
    /// False on http://localhost alone.
    pub(crate) secure: bool,
    /// `None`: the host alone.
    pub(crate) domain: Option<String>,
    /// Of the session cookie.
    pub(crate) path: &'static str,
    /// Of the transaction cookies, where they are not bound to the host.
    pub(crate) base_path: &'static str,
    /// How long browsers keep the cookie of a session that is over, so that whoever comes back is known to
    /// have had one.
    pub(crate) kept_after: Duration,
}

/// The port of an app URL that is on the loopback.
#[cfg(feature = "openapi")]
pub(crate) fn loopback_port(app_url: &str) -> Option<u16> {
    let app_url = crate::types::AppUrl::parse(app_url).ok()?;
    app_url.loopback_port()
}

/// What a request holds for a session: nearly always one value.
pub(crate) enum Found {
    Nothing,
    One(Sealed),
    /// A name came more than once, or the session both whole and in pieces.
    Several(Vec<Sealed>),
    /// More than anybody looks at.
    TooMany,
}

impl Cookies {
    pub(crate) fn new(style: Style) -> Self {
        let before = style.port.map(|_| {
            Box::new(Self::new(Style {
                port: None,
                ..style.clone()
            }))
        });
        let Style {
            name,
            port,
            same_site,
            secure,
            domain,
            path,
            base_path,
            kept_after,
        } = style;
        let port = port.map_or(String::new(), |port| format!("-{port}"));
        let prefixed = name.starts_with("__Host-") || name.starts_with("__Secure-");
        // RFC 6265bis §4.1.3: browsers take `__Host-` only from the host itself, for all of it.
        let prefix = match secure && !prefixed {
            true if domain.is_none() && path == "/" => "__Host-",
            true => "__Secure-",
            false => "",
        };
        let bare = name
            .trim_start_matches("__Host-")
            .trim_start_matches("__Secure-");
        // Wherever the session goes, a transaction is of this host alone: one that a sibling
        // subdomain has planted would sign its visitors in as somebody else.
        let (transaction, transaction_path) = match secure {
            true => ("__Host-", "/"),
            false => ("", base_path),
        };
        Self {
            session: format!("{prefix}{name}{port}"),
            transaction: format!("{transaction}{bare}{port}.tx."),
            cancelled: format!("{transaction}{bare}{port}.cancelled"),
            form: format!("{transaction}{bare}{port}.form"),
            same_site,
            secure,
            domain,
            path,
            transaction_path,
            kept_after,
            before,
        }
    }

    /// The session cookie's name.
    pub(crate) fn session_name(&self) -> &str {
        &self.session
    }

    /// The name that is sealed into its value: without a port.
    pub(crate) fn sealed_name(&self) -> &str {
        match &self.before {
            Some(before) => &before.session,
            None => &self.session,
        }
    }

    /// On the loopback: the cookies as the version before named them, without a port.
    pub(crate) fn before(&self) -> Option<&Self> {
        self.before.as_deref()
    }

    /// Finds the session cookie: whole, or in pieces of which none is missing. Where there is none, that of
    /// the version before.
    pub(crate) fn session(&self, headers: &HeaderMap) -> Found {
        self.session_of(|| headers.get_all(COOKIE).iter())
    }

    /// Does what [`session`](Self::session) does, in these `Cookie` headers.
    pub(crate) fn session_of<'h, H, I>(&self, headers: impl Fn() -> I) -> Found
    where
        H: CookieHeader + ?Sized + 'h,
        I: Iterator<Item = &'h H>,
    {
        match (self.session_of_this_name(headers()), &self.before) {
            (Found::Nothing, Some(before)) => before.session_of_this_name(headers()),
            (found, _) => found,
        }
    }

    fn session_of_this_name<'h, H>(&self, headers: impl Iterator<Item = &'h H>) -> Found
    where
        H: CookieHeader + ?Sized + 'h,
    {
        let mut whole: Option<Sealed> = None;
        let mut more: Vec<Sealed> = Vec::new();
        let mut chunks: [Option<&[u8]>; MAX_CHUNKS] = [None; MAX_CHUNKS];
        let mut more_chunks: Vec<(usize, &[u8])> = Vec::new();
        for header in headers {
            for (name, range) in pairs(header.bytes()) {
                let Some(rest) = name.strip_prefix(self.session.as_bytes()) else {
                    continue;
                };
                match *rest {
                    [] => {
                        let value = header.sealed(range);
                        let is_same = |it: &Sealed| it.as_bytes() == value.as_bytes();
                        match &whole {
                            None => whole = Some(value),
                            // A value that comes twice is asked for once.
                            Some(first) if is_same(first) || more.iter().any(is_same) => {}
                            Some(_) if more.len() == MAX_VALUES => return Found::TooMany,
                            Some(_) => more.push(value),
                        }
                    }
                    [b'.', digit @ b'0'..=b'9'] => {
                        let at = usize::from(digit - b'0');
                        let chunk = header.bytes().get(range).unwrap_or_default();
                        match chunks.get_mut(at) {
                            Some(first @ None) => *first = Some(chunk),
                            Some(Some(first))
                                if *first == chunk || more_chunks.contains(&(at, chunk)) => {}
                            Some(Some(_)) if more_chunks.len() == MAX_VALUES => {
                                return Found::TooMany;
                            }
                            Some(Some(_)) => more_chunks.push((at, chunk)),
                            None => {}
                        }
                    }
                    _ => {}
                }
            }
        }
        if more_chunks.is_empty() {
            more.extend(join(&chunks).map(Sealed::Joined));
        } else {
            let ways = join_in_each_way(&chunks, &more_chunks);
            more.extend(ways.into_iter().map(Sealed::Joined));
        }
        match (whole, more.pop()) {
            (None, None) => Found::Nothing,
            (Some(one), None) => Found::One(one),
            (None, Some(one)) if more.is_empty() => Found::One(one),
            (whole, last) => {
                more.extend(last);
                more.extend(whole);
                match more.len() <= MAX_VALUES {
                    true => Found::Several(more),
                    false => Found::TooMany,
                }
            }
        }
    }

    /// `Set-Cookie` for a session, and for the removal of every other form that the request held.
    pub(crate) fn set_session(
        &self,
        request: &HeaderMap,
        value: &str,
        max_age: Duration,
    ) -> Result<Vec<HeaderValue>, TooLarge> {
        let pieces = self.pieces(value)?;
        let mut cookies: Vec<_> = self
            .session_names(request)
            .into_iter()
            .filter(|name| !pieces.iter().any(|(piece, _)| piece == name))
            .filter_map(|name| self.session_cookie(name, "", Duration::ZERO))
            .collect();
        for (name, value) in pieces {
            cookies.push(
                self.session_cookie(&name, &value, max_age.saturating_add(self.kept_after))
                    .ok_or(TooLarge)?,
            );
        }
        Ok(cookies)
    }

    /// Returns whether cookies hold a value.
    pub(crate) fn fits(&self, value: &str) -> bool {
        value.len() <= CHUNK || value.len() + 2 <= CHUNK * MAX_CHUNKS
    }

    /// Returns whether an answer says anything of the session.
    pub(crate) fn are_set_by(&self, response: &HeaderMap) -> bool {
        response.get_all(SET_COOKIE).iter().any(|cookie| {
            let rest = cookie.as_bytes().strip_prefix(self.session.as_bytes());
            rest.is_some_and(|rest| matches!(rest, [b'=', ..] | [b'.', b'0'..=b'9', b'=', ..]))
        })
    }

    fn pieces(&self, value: &str) -> Result<Vec<(String, String)>, TooLarge> {
        if value.len() <= CHUNK {
            return Ok(vec![(self.session.clone(), value.to_owned())]);
        }
        // The first piece tells how many there are: a set that lacks its last one is no session.
        let count = (value.len() + 2).div_ceil(CHUNK);
        if count > MAX_CHUNKS {
            return Err(TooLarge);
        }
        let counted = format!("{count}.{value}");
        Ok(counted
            .as_bytes()
            .chunks(CHUNK)
            .enumerate()
            .map(|(at, piece)| {
                let piece = String::from_utf8_lossy(piece).into_owned();
                (format!("{}.{at}", self.session), piece)
            })
            .collect())
    }

    /// `Set-Cookie` for the removal of every form of the session that the request held.
    pub(crate) fn clear_session(&self, request: &HeaderMap) -> Vec<HeaderValue> {
        self.session_names(request)
            .into_iter()
            .filter_map(|name| self.session_cookie(name, "", Duration::ZERO))
            .collect()
    }

    /// `Set-Cookie` for the removal of a session that the version before has set, if it opens: where it does
    /// not, it is another app's on another port.
    pub(crate) fn clear_session_from_before(
        &self,
        request: &HeaderMap,
        opens: impl Fn(&Sealed) -> bool,
    ) -> Vec<HeaderValue> {
        let Some(before) = &self.before else {
            return Vec::new();
        };
        let is_ours = match before.session_of_this_name(request.get_all(COOKIE).iter()) {
            Found::Nothing | Found::TooMany => false,
            Found::One(value) => opens(&value),
            Found::Several(values) => values.iter().any(opens),
        };
        match is_ours {
            true => before.clear_session(request),
            false => Vec::new(),
        }
    }

    /// The names of the session that are in a request, each once.
    fn session_names<'h>(&self, request: &'h HeaderMap) -> BTreeSet<&'h str> {
        let is_ours = |name: &&str| {
            name.strip_prefix(self.session.as_str())
                .is_some_and(|rest| matches!(rest.as_bytes(), [] | [b'.', b'0'..=b'9']))
        };
        names(request).filter(is_ours).collect()
    }

    /// The name of the transaction cookie with this label.
    pub(crate) fn transaction_name(&self, label: &str) -> String {
        format!("{}{label}", self.transaction)
    }

    /// The name that is sealed into the value of the transaction cookie of this name: without a port.
    pub(crate) fn sealed_transaction<'n>(&self, name: &'n str) -> Cow<'n, str> {
        match (&self.before, name.strip_prefix(&self.transaction)) {
            (Some(before), Some(label)) => Cow::Owned(before.transaction_name(label)),
            _ => Cow::Borrowed(name),
        }
    }

    /// The transactions in a request: name and value.
    pub(crate) fn transactions<'h>(
        &self,
        request: &'h HeaderMap,
    ) -> impl Iterator<Item = (&'h str, &'h [u8])> {
        request.get_all(COOKIE).iter().flat_map(move |header| {
            let bytes = header.as_bytes();
            pairs(bytes).filter_map(move |(name, range)| {
                let name = core::str::from_utf8(name).ok()?;
                let label = name.strip_prefix(&self.transaction)?;
                is_label(label).then(|| Some((name, bytes.get(range)?)))?
            })
        })
    }

    /// `Set-Cookie` for a transaction.
    pub(crate) fn set_transaction(
        &self,
        name: &str,
        value: &str,
        max_age: Duration,
    ) -> Option<HeaderValue> {
        self.cookie(name, value, self.transaction_path, None, max_age)
    }

    /// `Set-Cookie` for the removal of a transaction.
    pub(crate) fn clear_transaction(&self, name: &str) -> Option<HeaderValue> {
        self.cookie(name, "", self.transaction_path, None, Duration::ZERO)
    }

    /// `Set-Cookie` for whoever comes back to a page of the app from a sign-in that they cancelled.
    pub(crate) fn set_cancelled(&self, page: &str) -> Option<HeaderValue> {
        let minute = Duration::from_secs(60);
        self.cookie(&self.cancelled, &label(page), "/", None, minute)
    }

    /// Returns whether a request has that cookie, for this page.
    pub(crate) fn is_cancelled(&self, request: &HeaderMap, page: &str) -> bool {
        let headers = request.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        headers.into_iter().any(|header| {
            pairs(header).any(|(name, range)| {
                name == self.cancelled.as_bytes()
                    && header.get(range) == Some(label(page).as_bytes())
            })
        })
    }

    /// `Set-Cookie` for its removal.
    pub(crate) fn clear_cancelled(&self) -> Option<HeaderValue> {
        self.cookie(&self.cancelled, "", "/", None, Duration::ZERO)
    }

    /// The name of the cookie of a form that is kept.
    pub(crate) fn form_name(&self) -> &str {
        &self.form
    }

    /// `Set-Cookie` for a form that is kept.
    pub(crate) fn set_form(&self, value: &str, max_age: Duration) -> Option<HeaderValue> {
        self.cookie(&self.form, value, self.transaction_path, None, max_age)
    }

    /// `Set-Cookie` for its removal.
    pub(crate) fn clear_form(&self) -> Option<HeaderValue> {
        self.cookie(&self.form, "", self.transaction_path, None, Duration::ZERO)
    }

    /// The form that a request has kept.
    pub(crate) fn form<'h>(&self, request: &'h HeaderMap) -> Option<&'h [u8]> {
        let headers = request.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        headers.into_iter().find_map(|header| {
            let named = pairs(header).find(|(name, _)| *name == self.form.as_bytes());
            header.get(named?.1)
        })
    }

    fn session_cookie(&self, name: &str, value: &str, max_age: Duration) -> Option<HeaderValue> {
        self.cookie(name, value, self.path, self.domain.as_deref(), max_age)
    }

    /// `Set-Cookie` (RFC 6265 §4.1.1). `None`: something in it would end it, or an attribute of it.
    fn cookie(
        &self,
        name: &str,
        value: &str,
        path: &str,
        domain: Option<&str>,
        max_age: Duration,
    ) -> Option<HeaderValue> {
        let ends = |text: &str| text.contains(|it: char| it == ';' || it.is_control());
        if [name, value, path, domain.unwrap_or_default()]
            .into_iter()
            .any(ends)
        {
            return None;
        }
        let secure = if self.secure { "; Secure" } else { "" };
        let (of, domain) = match domain {
            Some(domain) => ("; Domain=", domain),
            None => ("", ""),
        };
        let (same_site, seconds) = (self.same_site, max_age.as_secs());
        let cookie = format!(
            "{name}={value}; HttpOnly; SameSite={same_site}{secure}; Path={path}{of}{domain}; Max-Age={seconds}"
        );
        let mut value = HeaderValue::try_from(cookie).ok()?;
        // Kept out of Debug, and out of HPACK's tables (RFC 7541 §7.1.3).
        value.set_sensitive(true);
        Some(value)
    }
}

/// Returns what stands for a page in the value of a cookie.
fn label(page: &str) -> String {
    let hash = digest(&SHA256, page.as_bytes());
    let hash = hash.as_ref().get(..12).unwrap_or_default();
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(hash)
}

/// The pieces as one value, if all are there.
fn join(chunks: &[Option<&[u8]>]) -> Option<Vec<u8>> {
    let (count, first) = counted((*chunks.first()?)?)?;
    let rest = chunks.get(1..count)?;
    let mut joined = first.to_vec();
    for chunk in rest {
        joined.extend((*chunk)?);
    }
    Some(joined)
}

/// Does what [`join`] does, where pieces came more than once and nobody knows which belong together: the ways
/// to take one of each, and no more than it takes to see that they are too many.
fn join_in_each_way(first: &[Option<&[u8]>], more: &[(usize, &[u8])]) -> Vec<Vec<u8>> {
    let at = |at: usize| {
        let more = more.iter().filter(move |it| it.0 == at).map(|it| it.1);
        first.get(at).copied().flatten().into_iter().chain(more)
    };
    let mut ways = Vec::new();
    for (count, first) in at(0).filter_map(counted) {
        let mut begun = vec![first.to_vec()];
        for piece in 1..count {
            let longer = begun
                .iter()
                .flat_map(|way| at(piece).map(move |chunk| [way, chunk].concat()));
            begun = longer.take(MAX_VALUES + 1).collect();
        }
        ways.extend(begun);
        if ways.len() > MAX_VALUES {
            break;
        }
    }
    ways
}

/// A first piece: how many there are, and what is in it.
fn counted(chunk: &[u8]) -> Option<(usize, &[u8])> {
    match *chunk {
        [count @ b'1'..=b'9', b'.', ref first @ ..] => Some((usize::from(count - b'0'), first)),
        _ => None,
    }
}

fn is_label(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() == LABEL && text.bytes().all(is_letter)
}

fn names(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers.get_all(COOKIE).iter().flat_map(|header| {
        pairs(header.as_bytes()).filter_map(|(name, _)| core::str::from_utf8(name).ok())
    })
}

/// The pairs of a `Cookie` header (RFC 6265 §4.2.1): each name, and where its value lies.
fn pairs(header: &[u8]) -> impl Iterator<Item = (&[u8], Range<usize>)> {
    let mut at = 0;
    core::iter::from_fn(move || {
        while at < header.len() {
            let end = memchr(b';', &header[at..]).map_or(header.len(), |length| at + length);
            let start = at;
            at = end + 1;
            let pair = &header[start..end];
            if let Some(equals) = memchr(b'=', pair) {
                let value = start + equals + 1..end;
                return Some((pair[..equals].trim_ascii(), value));
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style {
        name: "authsafe",
        port: None,
        same_site: "Lax",
        secure: true,
        domain: None,
        path: "/",
        base_path: "/api/auth",
        kept_after: Duration::ZERO,
    };

    fn plain() -> Cookies {
        Cookies::new(Style {
            name: "a",
            secure: false,
            base_path: "/auth",
            ..STYLE
        })
    }

    fn session_cookie(cookies: &Cookies) -> String {
        let set = cookies
            .set_session(&HeaderMap::new(), "v", Duration::from_secs(60))
            .unwrap();
        set[0].to_str().unwrap().to_owned()
    }

    fn request(cookies: &[&str]) -> HeaderMap {
        cookies
            .iter()
            .map(|cookie| (COOKIE, HeaderValue::from_str(cookie).unwrap()))
            .collect()
    }

    fn text(sealed: &Sealed) -> String {
        String::from_utf8(sealed.as_bytes().to_vec()).unwrap()
    }

    fn read(cookies: &[&str]) -> Option<String> {
        match plain().session(&request(cookies)) {
            Found::Nothing => None,
            Found::One(sealed) => Some(text(&sealed)),
            Found::Several(_) | Found::TooMany => panic!("more than one"),
        }
    }

    /// The values among which somebody has to choose; none where they are too many.
    fn read_several(cookies: &[&str]) -> Vec<String> {
        match plain().session(&request(cookies)) {
            Found::Several(all) => {
                let mut all: Vec<_> = all.iter().map(text).collect();
                all.sort();
                all
            }
            Found::TooMany => Vec::new(),
            Found::Nothing | Found::One(_) => panic!("not more than one"),
        }
    }

    fn texts(cookies: &[HeaderValue]) -> Vec<&str> {
        cookies
            .iter()
            .map(|cookie| cookie.to_str().unwrap())
            .collect()
    }

    /// Returns what a browser would send back after these `Set-Cookie` headers.
    fn echo(cookies: &[HeaderValue]) -> String {
        let pairs: Vec<_> = texts(cookies)
            .into_iter()
            .filter(|cookie| !cookie.contains("Max-Age=0"))
            .map(|cookie| cookie.split(';').next().unwrap())
            .collect();
        pairs.join("; ")
    }

    #[test]
    fn the_session_is_found_among_others() {
        assert_eq!(read(&["x=1; a=value; aa=2"]).as_deref(), Some("value"));
        assert_eq!(read(&["x=1", "y; a=value"]).as_deref(), Some("value"));
        assert_eq!(read(&["aa=1; xa=2; a.x=3; a.00=4"]), None);
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn it_is_found_in_headers_of_another_framework_too() {
        let found = plain().session_of(|| [&b"x=1; a=value; aa=2"[..]].into_iter());
        assert!(matches!(found, Found::One(sealed) if sealed.as_bytes() == b"value"));
    }

    #[test]
    fn a_long_session_comes_back_from_its_pieces() {
        let cookies = plain();
        for length in [3800, 3801, 7598, 7599, 15_198] {
            let value = "v".repeat(length);
            let set = cookies
                .set_session(&HeaderMap::new(), &value, Duration::from_secs(9))
                .unwrap();
            assert!(set.iter().all(|cookie| cookie.len() <= 4096));
            assert_eq!(read(&[&echo(&set)]), Some(value), "{length}");
        }
        let value = "v".repeat(15_199);
        assert!(
            cookies
                .set_session(&HeaderMap::new(), &value, Duration::ZERO)
                .is_err()
        );
    }

    #[test]
    fn a_set_that_is_missing_a_piece_is_no_session() {
        assert_eq!(read(&["a.0=3.x; a.1=y; a.2=z"]).as_deref(), Some("xyz"));
        assert_eq!(read(&["a.0=3.x; a.1=y"]), None);
        assert_eq!(read(&["a.0=3.x; a.2=z"]), None);
        assert_eq!(read(&["a.1=y; a.2=z"]), None);
        assert_eq!(read(&["a.0=9.x; a.1=y"]), None);
        assert_eq!(read(&["a.0=x; a.1=y"]), None);
    }

    #[test]
    fn a_value_that_comes_several_times_is_one() {
        let many = vec!["a=x"; 20].join("; ");
        for cookies in [&["a=x; a=x"][..], &["a=x", "b=1; a=x"], &[&many]] {
            assert_eq!(read(cookies).as_deref(), Some("x"), "{cookies:?}");
        }
        let pieces = ["a.0=2.x; a.1=y; a.0=2.x; a.1=y"];
        assert_eq!(read(&pieces).as_deref(), Some("xy"));
        let both = read_several(&["a=x; a=y; a=x; a=y; a=y"]);
        assert_eq!(both, ["x", "y"]);
    }

    #[test]
    fn all_values_are_found_that_may_be_the_session() {
        for (cookies, found) in [
            (&["a=x; a=y"][..], &["x", "y"][..]),
            (&["a=x", "b=1; a=y"], &["x", "y"]),
            (&["a=w; a.0=2.x; a.1=y"], &["w", "xy"]),
            (&["a.0=2.x; a.1=y; a.1=z"], &["xy", "xz"]),
            (&["a.0=rubbish; a.1=y; a.0=2.x; a.1=z"], &["xy", "xz"]),
            (
                &["a.0=2.x; a.1=y; a.0=2.v; a.1=z"],
                &["vy", "vz", "xy", "xz"],
            ),
        ] {
            assert_eq!(read_several(cookies), found, "{cookies:?}");
        }
        assert_eq!(read(&["a=w; a.0=2.x"]).as_deref(), Some("w"));
        assert_eq!(read(&["a.0=1.x; a.0=rubbish"]).as_deref(), Some("x"));
        assert_eq!(read(&["a.0=2.x; a.0=rubbish"]), None);
    }

    /// Whatever is sent, as much is put together as takes a moment.
    #[test]
    fn too_many_values_are_none() {
        for (one, most) in [("a=x", 8), ("a.0=2.x", 8)] {
            let rest = "a.1=y";
            let all = |count| {
                let all: String = (0..count).map(|at| format!("{one}{at}; ")).collect();
                all + rest
            };
            assert_eq!(read_several(&[&all(most)]).len(), most, "{one}");
            assert!(read_several(&[&all(most + 1)]).is_empty(), "{one}");
            assert!(read_several(&[&all(20_000)]).is_empty(), "{one}");
        }
        let piece = |at| format!("a.{at}=4.x; a.{at}=4.y; a.{at}=4.z; ");
        let all: String = (0..4).map(piece).collect();
        assert!(read_several(&[&all]).is_empty());
    }

    #[test]
    fn of_a_piece_that_comes_too_often_nothing_is_read() {
        let pieces = |count| (0..count).map(|at| format!("a.1={at}; ")).collect();
        let with_first = |count| pieces(count) + "a.0=2.x";
        let pieces: &dyn Fn(usize) -> String = &pieces;
        assert_eq!(read_several(&[&with_first(MAX_VALUES)]).len(), MAX_VALUES);
        assert!(read_several(&[&with_first(MAX_VALUES + 1)]).is_empty());
        assert_eq!(read(&[&pieces(MAX_VALUES + 1)]), None);
        assert!(read_several(&[&pieces(MAX_VALUES + 2)]).is_empty());
    }

    #[test]
    fn a_value_fits_that_has_its_cookies() {
        let cookies = plain();
        for length in [
            1,
            CHUNK,
            CHUNK + 1,
            CHUNK * MAX_CHUNKS - 2,
            CHUNK * MAX_CHUNKS - 1,
        ] {
            let value = "v".repeat(length);
            assert_eq!(
                cookies.fits(&value),
                cookies.pieces(&value).is_ok(),
                "{length}"
            );
        }
        assert!(cookies.fits("v") && !cookies.fits(&"v".repeat(CHUNK * MAX_CHUNKS - 1)));
    }

    #[test]
    fn an_answer_sets_a_session_by_its_name_or_those_of_its_pieces() {
        let answer = |cookie: &'static str| {
            HeaderMap::from_iter([(SET_COOKIE, HeaderValue::from_static(cookie))])
        };
        for says_so in ["a=v; Path=/", "a.0=2.v", "a.3=; Max-Age=0"] {
            assert!(plain().are_set_by(&answer(says_so)), "{says_so}");
        }
        for other in ["aa=v", "a.tx.first-first_firs=v", "a.00=v", "a.x=v", "b=a="] {
            assert!(!plain().are_set_by(&answer(other)), "{other}");
        }
    }

    #[test]
    fn each_name_is_removed_once() {
        let cookies = plain();
        let many = "a=1; a.0=2; a.1=3; ".repeat(1000);
        assert_eq!(cookies.clear_session(&request(&[&many])).len(), 3);
        let set = cookies.set_session(&request(&[&many]), "v", Duration::from_secs(9));
        assert_eq!(set.unwrap().len(), 3);
    }

    #[test]
    fn shrinking_and_growing_leave_nothing_stale() {
        let cookies = plain();
        let long = request(&["a.0=2.x; a.1=y; a.2=old; other=1"]);
        let set = cookies
            .set_session(&long, "short", Duration::from_secs(9))
            .unwrap();
        let removed: Vec<_> = texts(&set)
            .into_iter()
            .filter(|c| c.contains("Max-Age=0"))
            .collect();
        assert_eq!(removed.len(), 3, "{removed:?}");
        assert_eq!(echo(&set), "a=short");

        let short = request(&["a=short"]);
        let set = cookies
            .set_session(&short, &"v".repeat(4000), Duration::from_secs(9))
            .unwrap();
        assert!(
            texts(&set)
                .iter()
                .any(|c| c.starts_with("a=;") && c.contains("Max-Age=0"))
        );
    }

    #[test]
    fn on_https_the_session_is_bound_to_the_host() {
        let cookies = Cookies::new(STYLE);
        let set = cookies
            .set_session(&HeaderMap::new(), "v", Duration::from_secs(60))
            .unwrap();
        assert_eq!(
            texts(&set),
            ["__Host-authsafe=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60"]
        );
    }

    #[test]
    fn with_a_domain_or_a_path_the_prefix_is_the_lesser_one() {
        let shared = Style {
            domain: Some("example.com".to_owned()),
            ..STYLE
        };
        assert_eq!(
            session_cookie(&Cookies::new(shared)),
            "__Secure-authsafe=v; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=60"
        );
        let under = Style {
            path: "/app",
            ..STYLE
        };
        assert!(session_cookie(&Cookies::new(under)).starts_with("__Secure-authsafe=v;"));
    }

    #[test]
    fn a_name_with_a_prefix_gets_no_second_one() {
        let named = Style {
            name: "__Host-id",
            ..STYLE
        };
        let cookies = Cookies::new(named);
        assert!(session_cookie(&cookies).starts_with("__Host-id=v;"));
        assert_eq!(cookies.transaction_name("x"), "__Host-id.tx.x");
    }

    #[test]
    fn a_name_that_looks_like_a_prefix_is_none() {
        let named = Style {
            name: "__id",
            ..STYLE
        };
        assert!(session_cookie(&Cookies::new(named)).starts_with("__Host-__id=v;"));
    }

    #[test]
    fn on_the_loopback_the_port_is_in_each_name() {
        let [app, other] = [3000, 3001].map(|port| {
            Cookies::new(Style {
                name: "a",
                secure: false,
                port: Some(port),
                ..STYLE
            })
        });
        assert!(session_cookie(&app).starts_with("a-3000=v;"));
        assert_eq!(app.transaction_name("x"), "a-3000.tx.x");
        let sealed = [&app, &plain()].map(|it| it.sealed_transaction("a-3000.tx.x").into_owned());
        assert_eq!(sealed, ["a.tx.x", "a-3000.tx.x"]);
        assert_eq!(app.sealed_transaction("b.tx.x"), "b.tx.x");
        assert_eq!(
            (app.session_name(), app.sealed_name()),
            ("a-3000", "a"),
            "what is sealed opens as before"
        );
        let secure = Cookies::new(Style {
            port: Some(8443),
            ..STYLE
        });
        assert!(session_cookie(&secure).starts_with("__Host-authsafe-8443=v;"));

        // Neither reads nor removes what is the other's.
        let both = request(&["a-3000=mine; a-3001=theirs; a-3001.0=x"]);
        let Found::One(value) = app.session(&both) else {
            panic!("one")
        };
        assert_eq!(text(&value), "mine");
        assert_eq!(app.clear_session(&both).len(), 1);
        assert_eq!(other.clear_session(&both).len(), 2);
    }

    #[test]
    fn a_session_without_the_port_is_read_and_removed_if_it_opens() {
        let app = Cookies::new(Style {
            name: "a",
            secure: false,
            port: Some(3000),
            ..STYLE
        });
        let old = request(&["a.0=2.ol; a.1=d; a=other"]);
        let Found::Several(values) = app.session(&old) else {
            panic!("two")
        };
        assert_eq!(values.len(), 2);
        let removed = app.clear_session_from_before(&old, |value| value.as_bytes() == b"old");
        assert_eq!(removed.len(), 3);
        assert!(app.clear_session_from_before(&old, |_| false).is_empty());
        assert!(app.clear_session(&old).is_empty());
        assert_eq!(app.before().unwrap().transaction_name("x"), "a.tx.x");
        // What has the port counts first.
        let Found::One(value) = app.session(&request(&["a=old; a-3000=new"])) else {
            panic!("one")
        };
        assert_eq!(text(&value), "new");
    }

    #[test]
    fn a_cancelled_sign_in_is_that_of_its_page_alone() {
        let cookies = plain();
        let set = cookies.set_cancelled("/orders").unwrap();
        let sent = request(&[set.to_str().unwrap().split(';').next().unwrap()]);
        assert!(cookies.is_cancelled(&sent, "/orders"));
        assert!(!cookies.is_cancelled(&sent, "/order"));
        assert!(!cookies.is_cancelled(&HeaderMap::new(), "/orders"));
        let cleared = cookies.clear_cancelled().unwrap();
        assert!(cleared.to_str().unwrap().contains("; Max-Age=0"));
    }

    #[test]
    fn in_a_frame_of_another_site_the_cookies_say_so() {
        let framed = Style {
            same_site: "None",
            ..STYLE
        };
        assert!(session_cookie(&Cookies::new(framed)).contains("SameSite=None; Secure"));
    }

    /// Also where the session is not.
    #[test]
    fn on_https_a_transaction_is_bound_to_the_host() {
        let shared = Style {
            domain: Some("example.com".to_owned()),
            ..STYLE
        };
        let under = Style {
            path: "/api",
            ..STYLE
        };
        for style in [STYLE, shared, under] {
            let cookies = Cookies::new(style);
            let name = cookies.transaction_name("abc");
            let set = cookies.set_transaction(&name, "v", Duration::from_secs(600));
            assert_eq!(
                set.unwrap().to_str().unwrap(),
                "__Host-authsafe.tx.abc=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=600"
            );
        }
    }

    #[test]
    fn on_http_a_transaction_is_sent_to_the_endpoints_alone() {
        let cookies = plain();
        let name = cookies.transaction_name("abc");
        let set = cookies.set_transaction(&name, "v", Duration::from_secs(600));
        assert_eq!(
            set.unwrap().to_str().unwrap(),
            "a.tx.abc=v; HttpOnly; SameSite=Lax; Path=/auth; Max-Age=600"
        );
    }

    #[test]
    fn a_transaction_is_removed_where_it_was_set() {
        let cleared = plain().clear_transaction("a.tx.abc").unwrap();
        assert_eq!(
            cleared.to_str().unwrap(),
            "a.tx.abc=; HttpOnly; SameSite=Lax; Path=/auth; Max-Age=0"
        );
    }

    #[test]
    fn a_form_that_is_kept_is_found_by_its_name_and_removed() {
        let cookies = plain();
        let name = cookies.form_name().to_owned();
        let set = cookies.set_form("v", Duration::from_secs(9)).unwrap();
        assert_eq!(
            set.to_str().unwrap().split(';').next(),
            Some(&*format!("{name}=v"))
        );
        let sent = request(&["x=1", &format!("y=2; {}", echo(&[set]))]);
        assert_eq!(cookies.form(&sent), Some(&b"v"[..]));
        assert_eq!(cookies.form(&request(&["x=1"])), None);
        let cleared = cookies.clear_form().unwrap();
        let cleared = cleared.to_str().unwrap();
        assert!(cleared.starts_with(&format!("{name}=;")) && cleared.contains("; Max-Age=0"));
    }

    /// RFC 6265 §4.1.1.
    #[test]
    fn what_would_end_a_cookie_or_an_attribute_is_in_none() {
        let cookie = |value| plain().set_form(value, Duration::ZERO);
        assert!(cookie("v").is_some());
        for ends in ["v; Domain=evil.example", "v\r\nx: y", "v\u{7f}", "\t"] {
            assert!(cookie(ends).is_none(), "{ends:?}");
        }
    }

    #[test]
    fn transactions_and_sessions_are_told_apart() {
        let cookies = plain();
        let (one, two) = ("a.tx.first-first_firs", "a.tx.second-second-se");
        let text = format!(
            "a=s; {one}=1; {two}=2; a.tx.short=3; a.tx.{}=4",
            "x".repeat(17)
        );
        let request = request(&[&text]);
        let found: Vec<_> = cookies
            .transactions(&request)
            .map(|(name, _)| name)
            .collect();
        assert_eq!(found, [one, two]);
        assert_eq!(cookies.clear_session(&request).len(), 1);
    }
}
