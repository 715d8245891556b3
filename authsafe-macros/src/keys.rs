//! `key`, `key = value` and `key(...)`, sorted into a struct; each mistake once.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Meta};

use crate::advice;
use crate::error::{self, Errors};
use crate::key::Key;
use crate::names;
use crate::value;
use crate::words::{self, Here};

/// A struct of keys, all of them optional: `field: "key" = "how it is written"`, in a list of the routes.
macro_rules! keys {
    ($(#[$meta:meta])* $name:ident in $within:literal { $($key:ident: $text:literal = $usage:expr,)+ }) => {
        $(#[$meta])*
        #[derive(Default)]
        pub(crate) struct $name {
            $(pub(crate) $key: Option<$crate::key::Key>,)+
        }

        impl $crate::keys::Keys for $name {
            const KEYS: &'static [(&'static str, &'static str)] = &[$(($text, $usage)),+];
            const WITHIN: &'static str = $within;

            fn field(&mut self, key: &str) -> Option<&mut Option<$crate::key::Key>> {
                match key {
                    $($text => Some(&mut self.$key),)+
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use keys;

/// A struct that [`keys!`] makes.
pub(crate) trait Keys: Default {
    /// The keys, each with its usage.
    const KEYS: &'static [(&'static str, &'static str)];
    /// The list that they are in, as the routes have it, with `{}` for the key: `session({})`. Nothing: it is
    /// not of the routes.
    const WITHIN: &'static str;

    /// Returns the field that a key has.
    fn field(&mut self, key: &str) -> Option<&mut Option<Key>>;
}

fn known<T: Keys>() -> Vec<&'static str> {
    T::KEYS.iter().map(|(key, _)| *key).collect()
}

/// Returns a key with the usage that this list has for it. `None`: the list has no such key.
fn key<T: Keys>(meta: &Meta) -> Option<Key> {
    let key = Key::new(meta, "", "");
    let usage = T::KEYS.iter().find(|(known, _)| *known == key.name());
    usage.map(|(_, usage)| Key::new(meta, usage, T::WITHIN))
}

/// Reads the keys; what cannot be read is reported and left out.
pub(crate) fn parse<T: Keys>(tokens: TokenStream, errors: &mut Errors) -> T {
    let mut keys = T::default();
    let mut seen: Vec<String> = Vec::new();
    let mut parts = split(tokens, errors).into_iter().peekable();
    while let Some(part) = parts.next() {
        let is_text = |part: &TokenStream| syn::parse2::<LitStr>(part.clone()).is_ok();
        let mut rest = TokenStream::new();
        if begins_a_list::<T>(&part) {
            while let Some(text) = parts.next_if(is_text) {
                rest.extend(quote!(, #text));
            }
        }
        if !rest.is_empty() {
            errors.at(quote!(#part #rest), list_of::<T>(&part, &rest));
            continue;
        }
        let Some(key) = one::<T>(&part, errors) else {
            continue;
        };
        let name = key.name();
        let Some(field) = keys.field(&name) else {
            continue;
        };
        if seen.contains(&name) {
            errors.at(key.path(), error::key_twice(&name));
            // Which of the two lists was meant is not known, nor what is in it.
            if ["scopes", "roles"].contains(&name.as_str()) {
                *field = None;
            }
        } else {
            *field = Some(key);
            seen.push(name);
        }
    }
    keys
}

/// Reads the keys within `key(...)`. There are none where the key is not written.
pub(crate) fn listed<T: Keys>(key: Option<&Key>, errors: &mut Errors) -> T {
    let tokens = key.and_then(|key| value::list(key, errors));
    tokens.map_or_else(T::default, |tokens| parse(tokens, errors))
}

/// Returns whether it is `key = "..."` of a key that is a list: `scopes = "openid", "email"`.
fn begins_a_list<T: Keys>(part: &TokenStream) -> bool {
    let Ok(Meta::NameValue(pair)) = syn::parse2::<Meta>(part.clone()) else {
        return false;
    };
    let key = key::<T>(&Meta::Path(pair.path));
    key.is_some_and(|key| key.usage().starts_with(&format!("{}(\"", key.name())))
}

fn list_of<T: Keys>(part: &TokenStream, rest: &TokenStream) -> String {
    let line = syn::parse2::<Meta>(part.clone()).ok().and_then(|meta| {
        let key = key::<T>(&meta)?;
        let value = quote!(#part #rest);
        Some(advice::line(&key.name(), &value, key.usage(), T::WITHIN))
    });
    error::several_names(&line.unwrap_or_default())
}

/// Reads one key of the list, or reports what it is.
fn one<T: Keys>(part: &TokenStream, errors: &mut Errors) -> Option<Key> {
    let meta = syn::parse2::<Meta>(part.clone());
    if let Some(key) = meta.as_ref().ok().and_then(key::<T>) {
        return Some(key);
    }
    if let Some(rest) = behind::<T>(part) {
        return errors.refuse(rest, error::NO_COMMA);
    }
    if let Some(line) = lone_value::<T>(part) {
        return errors.refuse(part, error::no_key_but(&line));
    }
    let Some(loose) = Loose::of(part) else {
        let is_text = syn::parse2::<LitStr>(part.clone()).is_ok();
        let sentence = match is_text && T::WITHIN == "{}" {
            true => error::no_key_but_a_text(&part.to_string()),
            false => error::no_key(&known::<T>()),
        };
        return errors.refuse(part, sentence);
    };
    let plain = words::plain(&loose.name);
    if let Some((name, usage)) = T::KEYS.iter().find(|(known, _)| *known == plain) {
        let line = || advice::line(name, &loose.value, usage, T::WITHIN);
        match () {
            () if loose.name != *name && meta.is_ok() => {
                errors.at(loose.written, error::unknown_key(&loose.name, name));
            }
            () if loose.name != *name => errors.at(part, error::misnamed(&loose.name, &line())),
            () if loose.value.is_empty() => {
                errors.at(loose.written, error::no_value(name, &line()))
            }
            () => errors.at(part, error::shape_of(name, &line())),
        }
        return None;
    }
    match unknown::<T>(&loose) {
        Unknown::Misspelt(near) => errors.at(loose.written, error::unknown_key(&loose.name, near)),
        Unknown::Written(lines) => errors.at(part, error::written_else(&loose.name, &lines)),
        Unknown::Made(why, lines) => errors.at(part, error::made(&loose.name, why, &lines)),
        Unknown::Elsewhere(line) => {
            let list = T::WITHIN.split('(').next().unwrap_or_default();
            errors.at(part, error::key_beside(&loose.name, list, &line));
        }
        Unknown::Needless(why) => errors.at(part, error::needless(&loose.name, why)),
        Unknown::Unheard if T::KEYS.len() > FEW => {
            errors.at(loose.written, error::unheard(&loose.name));
        }
        Unknown::Unheard => {
            errors.at(loose.written, error::unknown(&loose.name, &known::<T>()));
        }
    }
    None
}

/// Returns the line for a value without a key: of the first key of the list that may have it. At the top, a text may
/// be for any.
fn lone_value<T: Keys>(part: &TokenStream) -> Option<String> {
    let is_top = T::WITHIN == "{}";
    let is_text = syn::parse2::<LitStr>(part.clone()).is_ok();
    let is_scope = names::STANDARD.contains(&part.to_string().as_str());
    if is_top && is_scope {
        let line = format!("scopes(\"openid\", \"{part}\")");
        return Some(line.replace("\"openid\", \"openid\"", "\"openid\""));
    }
    let is_env =
        matches!(part.clone().into_iter().next(), Some(TokenTree::Ident(it)) if it == "env");
    if is_top || T::WITHIN.is_empty() || !(is_text || is_env) {
        return None;
    }
    let mut keys = T::KEYS.iter();
    keys.find_map(|(key, usage)| advice::fitting(key, part, usage, T::WITHIN))
}

/// Returns what stands behind a key and its value without a comma.
fn behind<T: Keys>(part: &TokenStream) -> Option<TokenStream> {
    let parser = |input: ParseStream<'_>| {
        let meta: Meta = input.parse()?;
        let rest: TokenStream = input.parse()?;
        Ok((meta, rest))
    };
    let (meta, rest) = parser.parse2(part.clone()).ok()?;
    let is_whole = !matches!(meta, Meta::Path(_)) && key::<T>(&meta).is_some();
    (is_whole && !rest.is_empty()).then_some(rest)
}

/// So many keys at most are listed where none is near.
const FEW: usize = 9;

/// A name and a value, in whatever way they were put together: `client-id: "..."`, `client_id("...")`.
struct Loose {
    name: String,
    /// The name as it was written.
    written: TokenStream,
    value: TokenStream,
}

impl Loose {
    fn of(part: &TokenStream) -> Option<Self> {
        let mut tokens = part.clone().into_iter().peekable();
        let is_mark = |token: &TokenTree, marks: &str| matches!(token, TokenTree::Punct(it) if marks.contains(it.as_char()));
        while tokens.next_if(|token| is_mark(token, ".-@")).is_some() {}
        let mut name = String::new();
        let mut written = TokenStream::new();
        loop {
            let token = tokens.next()?;
            match &token {
                TokenTree::Ident(word) => name.push_str(&word.to_string()),
                TokenTree::Literal(_) if name.is_empty() => {
                    let text: LitStr = syn::parse2(token.to_token_stream()).ok()?;
                    name = text.value();
                    // A text alone is no name.
                    tokens.peek()?;
                }
                _ => return None,
            }
            written.extend([token]);
            let mut ahead = tokens.clone();
            let mut marks = String::new();
            while let Some(mark) = ahead.next_if(|token| is_mark(token, "-.:")) {
                marks.push_str(&mark.to_string());
            }
            let goes_on = marks == "::" || marks == "-" || marks == ".";
            if !goes_on || !matches!(ahead.peek(), Some(TokenTree::Ident(_))) {
                break;
            }
            for mark in tokens.by_ref().take(marks.len()) {
                written.extend([mark]);
            }
            name.push_str(&marks);
        }
        while tokens.next_if(|token| is_mark(token, "=:>")).is_some() {}
        let rest: Vec<TokenTree> = tokens.collect();
        let value = match rest.as_slice() {
            [TokenTree::Group(list)] => list.stream(),
            rest => rest.iter().cloned().collect(),
        };
        Some(Self {
            name,
            written,
            value,
        })
    }
}

/// What a key is that the list does not have.
enum Unknown {
    Misspelt(&'static str),
    /// It is written in one of these ways.
    Written(Vec<String>),
    /// The same, for a reason.
    Made(&'static str, Vec<String>),
    /// It is written outside of this list.
    Elsewhere(String),
    Needless(&'static str),
    Unheard,
}

fn unknown<T: Keys>(found: &Loose) -> Unknown {
    let (name, value) = (&found.name, &found.value);
    let plain = words::plain(name);
    let is_top = T::WITHIN == "{}";
    let near = error::nearest(&plain, &known::<T>());
    if T::WITHIN == "provider({})"
        && plain == "name"
        && let [provider] = advice::texts(value).as_slice()
    {
        return Unknown::Written(vec![format!("{provider:?}")]);
    }
    if T::WITHIN.is_empty() {
        return match (near, words::guard_key(name)) {
            (Some(near), _) => Unknown::Misspelt(near),
            (None, Some(line)) => Unknown::Written(vec![line.to_owned()]),
            (None, None) => Unknown::Unheard,
        };
    }
    let here = words::key(name);
    let table = here.filter(|_| is_top).map(|here| of_table(here, value));
    if let (Some(Here::Lines(_)), Some(lines)) = (here, &table) {
        return Unknown::Written(lines.clone());
    }
    // As it is called in another list.
    let elsewhere: Vec<Place> = places(&plain);
    let mut lines: Vec<String> = elsewhere
        .iter()
        .filter_map(|it| it.fitting(value))
        .collect();
    if T::WITHIN == "rate_limit({})" {
        // Endpoints have the same names there, and no rate.
        lines.clear();
    }
    if lines.is_empty() && is_top && near.is_none() {
        let lines_of = elsewhere.iter().map(|it| it.line(value));
        lines = lines_of.filter(|line| advice::is_sound(line)).collect();
    }
    let top = lines.iter().find(|line| line.starts_with(&plain));
    if let (false, Some(line)) = (is_top, top.or(lines.first())) {
        let list = T::WITHIN.split("{}").next().unwrap_or_default();
        return match line.strip_prefix(list).and_then(|it| it.strip_suffix(')')) {
            Some(deeper) => Unknown::Written(vec![deeper.to_owned()]),
            None => Unknown::Elsewhere(line.clone()),
        };
    }
    if let (true, false) = (lines.is_empty(), is_top)
        && let Some(near) = near
    {
        return Unknown::Misspelt(near);
    }
    match here {
        Some(Here::Nothing(why)) => Unknown::Needless(why),
        Some(Here::Because(_, why)) if is_top => Unknown::Made(why, table.unwrap_or_default()),
        Some(_) if is_top => Unknown::Written(table.unwrap_or_default()),
        Some(here) if near.is_none() => of_list::<T>(here, value),
        _ if !lines.is_empty() => Unknown::Written(lines),
        _ => near.map_or(Unknown::Unheard, Unknown::Misspelt),
    }
}

/// Returns the lines that are written for a word of others.
fn of_table(here: Here, value: &TokenStream) -> Vec<String> {
    let places: Vec<Place> = match here {
        Here::Lines(lines) => {
            return lines
                .iter()
                .map(|line| advice::filled(line, value))
                .collect();
        }
        here => of_others(here),
    };
    match places.iter().find_map(|it| it.fitting(value)) {
        Some(line) => vec![line],
        None => places.iter().map(|it| it.line(value)).collect(),
    }
}

/// Says what is written in a list for a word of others: a key of that list, or one outside of all.
fn of_list<T: Keys>(here: Here, value: &TokenStream) -> Unknown {
    let places = of_others(here);
    // Endpoints have the same names where they have rates.
    let is_rate = T::WITHIN == "rate_limit({})";
    let own = places
        .iter()
        .filter(|it| is_rate || it.within == T::WITHIN)
        .find_map(|it| T::KEYS.iter().find(|(key, _)| *key == it.key));
    if let Some((key, usage)) = own {
        let line = advice::line(key, value, usage, T::WITHIN);
        return Unknown::Written(vec![line]);
    }
    match places.iter().find(|it| it.within == "{}") {
        Some(place) => Unknown::Elsewhere(place.line(value)),
        None => Unknown::Unheard,
    }
}

/// A key in its list.
pub(crate) struct Place {
    within: &'static str,
    key: &'static str,
    usage: &'static str,
}

impl Place {
    /// Returns the line with the user's value, where that is one for it.
    fn fitting(&self, value: &TokenStream) -> Option<String> {
        let line = advice::fitting(self.key, value, self.usage, self.within)?;
        Some(self.within.replace("{}", &line))
    }

    fn line(&self, value: &TokenStream) -> String {
        let line = advice::line(self.key, value, self.usage, self.within);
        let line = line.split('`').next().unwrap_or_default();
        self.within.replace("{}", line)
    }
}

/// Returns the keys of this name, in whatever list.
fn places(name: &str) -> Vec<Place> {
    let lists = crate::routes::lists().into_iter();
    let all = lists.flat_map(|(within, keys)| {
        let keys = keys.iter().filter(|(key, _)| *key == name);
        keys.map(move |&(key, usage)| Place { within, key, usage })
    });
    all.collect()
}

/// Returns the keys that a row of the table names: `session.max_age`.
fn of_others(here: Here) -> Vec<Place> {
    let keys = match here {
        Here::Key(key) => vec![key],
        Here::Keys(keys) | Here::Because(keys, _) => keys.to_vec(),
        Here::Lines(_) | Here::Nothing(_) => Vec::new(),
    };
    keys.into_iter().filter_map(place).collect()
}

pub(crate) fn place(row: &str) -> Option<Place> {
    let (list, key) = row.split_once('.').unwrap_or(("", row));
    let within = match list {
        "" => "{}".to_owned(),
        list => format!("{list}({{}})"),
    };
    places(key).into_iter().find(|it| it.within == within)
}

/// Splits at the commas, so that a mistake in one part hides none in the next.
pub(crate) fn split(tokens: TokenStream, errors: &mut Errors) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    let mut part = TokenStream::new();
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                if part.is_empty() {
                    errors.at(punct, error::EXTRA_COMMA);
                } else {
                    parts.push(core::mem::take(&mut part));
                }
            }
            token => part.extend([token]),
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}
