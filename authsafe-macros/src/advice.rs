//! The line to write, made of what is there: the user's name, value and number in the form that a key has.

use core::cell::Cell;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, Lit, Meta};

use crate::guard;
use crate::routes;
use authsafe_rules::text;

thread_local! {
    /// A line is tried: what is wrong with it is counted, and needs no advice of its own.
    static TRIES: Cell<bool> = const { Cell::new(false) };
}

/// Returns a key with the user's value, or its usage where no line of that value would be read.
pub(crate) fn line(name: &str, value: &TokenStream, usage: &str, within: &str) -> String {
    let lines = lines(name, value, usage);
    let example = examples(usage).next().unwrap_or_default();
    let fewest = mistakes(within, &named(example, name));
    let mut lines = lines.into_iter();
    let line = lines.find(|line| mistakes(within, line).is_some_and(|of| Some(of) <= fewest));
    line.unwrap_or_else(|| usage.to_owned())
}

/// Returns the line of the user's value that is read without a mistake.
pub(crate) fn fitting(
    name: &str,
    value: &TokenStream,
    usage: &str,
    within: &str,
) -> Option<String> {
    let mut lines = lines(name, value, usage);
    if value.is_empty() {
        lines.push(named(examples(usage).next()?, name));
    }
    lines
        .into_iter()
        .find(|line| mistakes(within, line) == Some(0))
}

/// Returns whether a line of the routes is read without a mistake.
pub(crate) fn is_sound(line: &str) -> bool {
    mistakes("{}", line) == Some(0)
}

/// Counts the mistakes in a line of an attribute. `None` within another try.
fn mistakes(within: &str, line: &str) -> Option<usize> {
    if TRIES.replace(true) {
        return None;
    }
    let mistakes = match within {
        "" => guard::mistakes(line),
        _ => routes::mistakes(&within.replace("{}", line)),
    };
    TRIES.set(false);
    Some(mistakes)
}

/// Returns the lines that a value may have meant, by the examples of the usage.
fn lines(name: &str, value: &TokenStream, usage: &str) -> Vec<String> {
    let found = Found::of(value);
    let mut lines = Vec::new();
    for example in examples(usage) {
        let Ok(example) = syn::parse_str::<Meta>(example) else {
            continue;
        };
        match &example {
            Meta::Path(_) => lines.extend(found.flag().map(|flag| match flag {
                true => name.to_owned(),
                false => format!("{name} = false"),
            })),
            Meta::List(list) if Found::of(&list.tokens).idents.is_empty() => {
                let is_read = found.variable.is_some();
                for words in [found.words(","), found.words(", ")] {
                    if !is_read && !words.is_empty() {
                        lines.push(format!("{name}({})", quoted(&words)));
                    }
                }
            }
            Meta::List(_) => {
                if let [text] = found.texts.as_slice() {
                    lines.push(format!("{name}(_ => {text:?})"));
                    lines.push(format!("{name}({text:?} => auth)"));
                } else if !value.is_empty() {
                    lines.push(format!("{name}({})", compact(value)));
                }
            }
            Meta::NameValue(pair) => {
                let values = found.values(&pair.value);
                lines.extend(values.into_iter().map(|value| format!("{name} = {value}")));
            }
        }
    }
    lines
}

/// Returns the examples of a usage, which has text between its backticks.
fn examples(usage: &str) -> impl Iterator<Item = &str> {
    usage.split('`').step_by(2)
}

/// Returns an example with another name.
fn named(example: &str, name: &str) -> String {
    let end = example.find(['(', ' ']).unwrap_or(example.len());
    format!("{name}{}", &example[end..])
}

pub(crate) fn quoted(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    words.join(", ")
}

/// What is in a value, however it was written.
#[derive(Default)]
struct Found {
    texts: Vec<String>,
    numbers: Vec<u64>,
    /// Numbers with the unit behind: `8h`.
    measures: Vec<String>,
    idents: Vec<String>,
    /// A variable that is read, and how many texts stand before its name.
    variable: Option<(String, usize)>,
    /// The whole of it, where it is a text that lacks its quotes.
    unquoted: Option<String>,
    /// The last path, as it was written: a function that is called or given by reference.
    path: Option<String>,
}

impl Found {
    fn of(value: &TokenStream) -> Self {
        let mut found = Self::default();
        found.look(value.clone());
        found.path = path(value.clone());
        found.unquoted = Self::unquoted(value);
        found
    }

    fn look(&mut self, tokens: TokenStream) {
        let (mut reads, mut named) = (false, false);
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    if (reads || named) && self.variable.is_none() {
                        let inner = Self::of(&group.stream());
                        let name = inner.texts.first().or_else(|| inner.idents.first());
                        self.variable = name.map(|it| (it.clone(), self.texts.len()));
                        if inner.texts.is_empty() {
                            // Unquoted, it is no text to skip.
                            self.texts.extend(name.cloned());
                        }
                    }
                    (reads, named) = (false, false);
                    self.look(group.stream());
                }
                TokenTree::Ident(word) => {
                    let word = word.to_string();
                    if named && self.variable.is_none() {
                        self.variable = Some((word.clone(), self.texts.len()));
                        self.texts.push(word.clone());
                    }
                    named = false;
                    reads = READS.contains(&word.to_ascii_lowercase().as_str());
                    self.idents.push(word);
                }
                TokenTree::Literal(literal) => match Lit::new(literal) {
                    Lit::Str(text) => self.texts.push(text.value()),
                    Lit::Char(text) => self.texts.push(text.value().to_string()),
                    Lit::Int(number) => {
                        let is_type = ["", "u8", "u16", "u32", "u64", "usize", "i32", "i64"]
                            .contains(&number.suffix());
                        match number.base10_parse() {
                            Ok(it) if is_type => self.numbers.push(it),
                            _ => self.measures.push(number.to_string()),
                        }
                    }
                    _ => {}
                },
                TokenTree::Punct(punct) if punct.as_char() == '!' => {}
                // As a shell does.
                TokenTree::Punct(punct) if punct.as_char() == '$' => named = true,
                TokenTree::Punct(_) => reads = false,
            }
        }
    }

    fn flag(&self) -> Option<bool> {
        let number = self.numbers.first().map(ToString::to_string);
        let word = self.texts.first().or_else(|| self.idents.first());
        match word.or(number.as_ref())?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" | "always" => Some(true),
            "false" | "no" | "off" | "0" | "never" => Some(false),
            _ => None,
        }
    }

    /// Returns a text that lacks its quotes: `realm_access.roles`.
    fn unquoted(value: &TokenStream) -> Option<String> {
        let mut text = String::new();
        for token in value.clone() {
            match token {
                TokenTree::Ident(word) => text.push_str(&word.to_string()),
                TokenTree::Punct(punct) if ".:-/".contains(punct.as_char()) => {
                    text.push(punct.as_char());
                }
                _ => return None,
            }
        }
        Some(text).filter(|text| text.contains(['.', ':', '-', '/']))
    }

    /// Returns the words of all texts, by what is between them.
    fn words(&self, between: &str) -> Vec<String> {
        let texts: Vec<&String> = match (self.texts.is_empty(), &self.unquoted) {
            (true, Some(text)) => vec![text],
            (true, None) => {
                let words = self.idents.iter();
                words.filter(|it| !NONE.contains(&it.as_str())).collect()
            }
            (false, _) => self.texts.iter().collect(),
        };
        let words = texts.iter().flat_map(|text| {
            let words = text.split(|c: char| between.contains(c));
            words.map(str::trim).filter(|word| !word.is_empty())
        });
        words.map(str::to_owned).collect()
    }

    /// Returns the values that may have been meant where one as this example is expected.
    fn values(&self, example: &Expr) -> Vec<String> {
        match example {
            Expr::Lit(lit) => match &lit.lit {
                Lit::Str(text) => self.texts_as(&text.value()),
                _ => Vec::new(),
            },
            Expr::Call(call) if call.func.to_token_stream().to_string() == "env" => self.env(),
            Expr::Call(call) if call.func.to_token_stream().to_string() == "allow" => {
                let words = self.words(", ");
                let is_list = !words.is_empty() && self.variable.is_none();
                is_list
                    .then(|| format!("allow({})", quoted(&words)))
                    .into_iter()
                    .collect()
            }
            Expr::Path(path) if path.path.is_ident("none") || path.path.is_ident("any") => {
                let word = path.to_token_stream().to_string();
                let is_it = self.idents.len() == 1 && self.texts.is_empty();
                let is_it =
                    is_it && (NONE.contains(&self.idents[0].as_str()) || self.idents[0] == word);
                is_it.then_some(word).into_iter().collect()
            }
            Expr::Path(_) => self.path.clone().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Returns the value as a text like the example.
    fn texts_as(&self, example: &str) -> Vec<String> {
        let mut values: Vec<String> = Vec::new();
        if self.variable.is_none() {
            if let [text] = self.texts.as_slice() {
                values.push(text.clone());
                if let Some(path) = below_origin(text) {
                    values.push(path.to_owned());
                    values.push(text[..text.len() - path.len()].to_owned());
                }
            }
            if self.texts.is_empty() {
                values.extend(self.measures.first().cloned());
                values.extend(self.unquoted.clone());
                values.extend(self.number(example));
                if let [word] = self.idents.as_slice()
                    && !["true", "false", "env"].contains(&word.as_str())
                    && !NONE.contains(&word.as_str())
                {
                    values.push(word.clone());
                }
            }
        }
        values.iter().map(|value| format!("{value:?}")).collect()
    }

    /// Returns a number with the unit of the example.
    fn number(&self, example: &str) -> Option<String> {
        let number = self.numbers.iter().copied().reduce(u64::saturating_mul)?;
        if text::duration(example).is_ok() {
            return Some(text::seconds(number.saturating_mul(self.unit())));
        }
        if text::rate(example).is_ok() {
            let (_, unit) = example.split_once('/')?;
            return Some(format!("{number}/{unit}"));
        }
        if text::size(example).is_ok() {
            return Some(format!("{}KB", number.div_ceil(1024)));
        }
        None
    }

    /// Returns the seconds of the unit that a call names: `Duration::from_mins(5)`.
    fn unit(&self) -> u64 {
        let has = |unit: &str| {
            self.idents
                .iter()
                .any(|it| it.to_ascii_lowercase().contains(unit))
        };
        match () {
            () if has("min") => 60,
            () if has("hour") => 3600,
            () if has("day") => 86400,
            () if has("week") => 604_800,
            () => 1,
        }
    }

    /// Returns the variable, with the text behind as its default, and without.
    fn env(&self) -> Vec<String> {
        let Some((name, at)) = &self.variable else {
            return Vec::new();
        };
        let default = self.texts.get(at + 1);
        let with = default.map(|default| format!("env({name:?}, default = {default:?})"));
        with.into_iter().chain([format!("env({name:?})")]).collect()
    }
}

/// What reads a variable, here and elsewhere.
const READS: [&str; 10] = [
    "env",
    "var",
    "var_os",
    "env_var",
    "option_env",
    "dotenv",
    "getenv",
    "get_env",
    "from_env",
    "envvar",
];

/// Nothing, here and elsewhere.
pub(crate) const NONE: [&str; 7] = ["none", "None", "null", "Null", "NULL", "nil", "undefined"];

/// Returns whether there is a text in it.
pub(crate) fn has_text(value: impl ToTokens) -> bool {
    !Found::of(&value.to_token_stream()).texts.is_empty()
}

/// Returns whether it reads a variable, in whatever language.
pub(crate) fn reads_variable(value: impl ToTokens) -> bool {
    Found::of(&value.to_token_stream()).variable.is_some()
}

/// Writes tokens as people do.
pub(crate) fn compact(tokens: &TokenStream) -> String {
    let mut text = tokens.to_string();
    for (wide, narrow) in [
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" ,", ","),
        (" :: ", "::"),
        (":: ", "::"),
    ] {
        text = text.replace(wide, narrow);
    }
    text
}

/// Returns whether it names a constant: by a path, or in capitals.
pub(crate) fn is_constant(text: &str) -> bool {
    text.contains("::") || !text.contains(|c: char| !c.is_ascii_uppercase() && c != '_')
}

/// Returns the path of a URL.
fn below_origin(url: &str) -> Option<&str> {
    let host = url.find("://")? + 3;
    url[host..].find('/').map(|at| &url[host + at..])
}

/// Returns all texts in it.
pub(crate) fn texts(value: &TokenStream) -> Vec<String> {
    Found::of(value).texts
}

/// Returns the value as a text like the example.
pub(crate) fn like(value: &TokenStream, example: &str) -> Option<String> {
    let values = Found::of(value).texts_as(example).into_iter();
    let mut values = values.filter_map(|it| syn::parse_str::<syn::LitStr>(&it).ok());
    values.next().map(|it| it.value())
}

/// Returns the path that a value is about: of `&path`, `path()`, `Some(path)` and `"path"`.
pub(crate) fn path(value: TokenStream) -> Option<String> {
    let path = |tokens: &dyn ToTokens| tokens.to_token_stream().to_string().replace(' ', "");
    match syn::parse2::<Expr>(value).ok()? {
        Expr::Path(it) => Some(path(&it)),
        Expr::Reference(it) => self::path(it.expr.into_token_stream()),
        Expr::Paren(it) => self::path(it.expr.into_token_stream()),
        Expr::Call(call) => {
            let function = path(&call.func);
            let wraps = ["Some", "Ok", "new", "from"].iter();
            let last = function.rsplit(':').next().unwrap_or_default();
            match call.args.first() {
                Some(argument) if wraps.clone().any(|it| *it == last) => {
                    self::path(argument.to_token_stream())
                }
                _ => Some(function),
            }
        }
        Expr::Lit(lit) => match lit.lit {
            Lit::Str(text) => text.parse::<syn::Path>().ok().map(|it| path(&it)),
            _ => None,
        },
        _ => None,
    }
}

/// Returns a line with the user's text in the place of the one in braces.
pub(crate) fn filled(line: &str, value: &TokenStream) -> String {
    let texts = Found::of(value).texts;
    let example = line.replace(['{', '}'], "");
    let (Some(begin), Some(end), [text]) = (line.find('{'), line.find('}'), texts.as_slice())
    else {
        return example;
    };
    let text = match line[begin..].starts_with("{/") {
        true => below_origin(text).unwrap_or(text),
        false => text,
    };
    let filled = format!(
        "{}{}{}",
        &line[..begin],
        text.escape_debug(),
        &line[end + 1..]
    );
    match mistakes("{}", &filled) {
        Some(0) => filled,
        _ => example,
    }
}
