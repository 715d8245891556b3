//! A condition as tokens: what is one, and what was meant where it is none. Every part is read, whatever is wrong
//! with the others.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::Parser;
use syn::{LitStr, Path, Token};

use super::{Condition, Dialect, Kind, sentences};
use crate::advice;
use crate::error::{self, Errors};
use crate::keys;
use crate::names;
use crate::rule;
use crate::words::{self, Meant};

impl Condition {
    /// Reads a condition; reports each mistake in it.
    pub(crate) fn read(
        tokens: &TokenStream,
        dialect: Dialect,
        errors: &mut Errors,
    ) -> Option<Self> {
        let trees = visible(tokens);
        if has_operators(&trees) {
            by_operators(tokens, &trees, dialect, errors);
            return None;
        }
        let (first, rest) = trees.split_first()?;
        match (first, rest) {
            (TokenTree::Ident(word), []) if word == "_" && matches!(dialect, Dialect::Landing) => {
                Some(Self::Everybody(Token![_](word.span())))
            }
            (TokenTree::Ident(_), _) if is_path(rest) => {
                by_path(tokens, dialect, errors);
                None
            }
            (TokenTree::Ident(word), [TokenTree::Group(list), rest @ ..])
                if list.delimiter() == Delimiter::Parenthesis =>
            {
                behind(rest, errors);
                call(word, list, dialect, errors)
            }
            (TokenTree::Ident(word), rest) if word != "_" => {
                match otherwise(word, rest, dialect) {
                    Some(sentence) => errors.at(tokens, sentence),
                    None => lone(word, dialect, errors),
                }
                None
            }
            (first @ TokenTree::Literal(_), rest) => {
                behind(rest, errors);
                bare(first, dialect, errors)
            }
            (first @ TokenTree::Group(list), _) => {
                let texts = advice::texts(&list.stream());
                let mut silent = Errors::default();
                let parts = many(&list.stream(), dialect, &mut silent);
                let sentence = match (dialect.bare(), parts.as_deref()) {
                    (Some(kind), _) if !texts.is_empty() => {
                        sentences::all_or_any(kind.word(), &advice::quoted(&texts))
                    }
                    (None, Some([one])) => sentences::parentheses(&one.to_string()),
                    (None, Some([_, _, ..])) => {
                        let parts = advice::compact(&list.stream());
                        sentences::all_or_any(dialect.part(), &parts)
                    }
                    _ => dialect.expected(),
                };
                errors.refuse(first, sentence)
            }
            _ => errors.refuse(first, dialect.expected()),
        }
    }

    /// Writes it as a guard for names of one kind has it: each without its kind.
    pub(crate) fn plain(&self) -> String {
        match self {
            Self::Named(_, name) => format!("{:?}", name.value()),
            Self::All(parts) => format!("all({})", super::list(parts, Self::plain)),
            Self::Any(parts) => format!("any({})", super::list(parts, Self::plain)),
            other => other.to_string(),
        }
    }

    fn has_not(&self) -> bool {
        match self {
            Self::Not(_) => true,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::has_not),
            _ => false,
        }
    }

    /// Returns the kind that all of it is of, where names are all that there is.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match self {
            Self::Named(kind, _) => Some(*kind),
            Self::All(parts) | Self::Any(parts) => {
                let first = parts.first()?.kind()?;
                parts
                    .iter()
                    .all(|part| part.kind() == Some(first))
                    .then_some(first)
            }
            _ => None,
        }
    }

    /// Writes the guard that asks for it.
    pub(crate) fn guard(&self) -> String {
        match self.kind() {
            Some(kind) => format!("#[require_{}({})]", kind.word(), self.plain()),
            None => match self {
                Self::Everybody(_) => "#[require_auth]".to_owned(),
                other => format!("#[require({other})]"),
            },
        }
    }
}

/// Removes the invisible groups that `macro_rules!` puts around what it passes on.
fn visible(tokens: &TokenStream) -> Vec<TokenTree> {
    let trees = tokens.clone().into_iter();
    let trees = trees.flat_map(|tree| match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => visible(&group.stream()),
        tree => vec![tree],
    });
    trees.collect()
}

fn text(token: &TokenTree) -> syn::Result<LitStr> {
    syn::parse2(token.to_token_stream())
}

/// Says what was meant by a word that something else follows than its parentheses.
fn otherwise(word: &Ident, rest: &[TokenTree], dialect: Dialect) -> Option<String> {
    let word = word.to_string();
    let is_known = dialect.words().contains(&word.as_str());
    match rest {
        [TokenTree::Group(list)] if is_known => {
            let within = advice::compact(&list.stream());
            Some(sentences::parentheses(&format!("{word}({within})")))
        }
        [TokenTree::Punct(mark), value] if mark.as_char() == '=' && Kind::of(&word).is_some() => {
            let name = text(value).ok().filter(|_| is_known)?;
            Some(sentences::parentheses(&format!(
                "{word}({:?})",
                name.value()
            )))
        }
        [TokenTree::Punct(mark), ..] if ".=<>?".contains(mark.as_char()) => {
            Some(dialect.expected())
        }
        _ => None,
    }
}

/// Reads a name that does not say of which kind it is.
fn bare(name: &TokenTree, dialect: Dialect, errors: &mut Errors) -> Option<Condition> {
    let sentence = match (text(name), dialect.bare()) {
        (Ok(name), Some(kind)) => {
            check_several(kind, &name, |it| format!("{it:?}"), errors);
            return Some(Condition::Named(kind, name));
        }
        (Ok(name), None) => sentences::bare_name(&name.value(), dialect.words()),
        (Err(_), _) => dialect.expected(),
    };
    errors.refuse(name, sentence)
}

/// Reports several names in one text.
fn check_several(
    kind: Kind,
    name: &LitStr,
    written: impl Fn(&String) -> String,
    errors: &mut Errors,
) {
    if names::is_several(kind.word(), name) {
        let names = names::several(kind.word(), &name.value());
        let names: Vec<String> = names.iter().map(written).collect();
        errors.at(name, sentences::several(kind.word(), &names));
    }
}

fn is_path(rest: &[TokenTree]) -> bool {
    matches!(rest, [TokenTree::Punct(one), TokenTree::Punct(two), ..] if one.as_char() == ':' && two.as_char() == ':')
}

/// Reports what stands behind a condition without a comma.
fn behind(rest: &[TokenTree], errors: &mut Errors) {
    if let Some(next) = rest.first() {
        errors.at(next, error::NO_COMMA);
    }
}

// Words.

/// Reads `word(...)`.
fn call(word: &Ident, list: &Group, dialect: Dialect, errors: &mut Errors) -> Option<Condition> {
    let text = word.to_string();
    let within = &list.stream();
    if text == "policy" && dialect.has_policies() {
        return by_policy(word, within, errors).map(Condition::Policy);
    }
    if !dialect.words().contains(&text.as_str()) {
        let meant = words::condition(&text);
        let here = meant
            .and_then(Meant::list)
            .filter(|it| dialect.words().contains(it));
        match meant.and_then(|meant| dialect.meant(meant, within)) {
            Some(sentence) => {
                errors.at(quote!(#word #list), sentences::other_word(&text, &sentence))
            }
            None => match here {
                Some(here) => {
                    errors.at(word, sentences::other_list(&text, here));
                    let _ = many(within, dialect, errors);
                }
                None => errors.at(word, dialect.refuse_word(&text, within)),
            },
        }
        return None;
    }
    if within.is_empty() {
        return errors.refuse(word, sentences::condition_empty(&text, dialect.part()));
    }
    match text.as_str() {
        "not" => negated(within, dialect, errors),
        "all" => many(within, dialect, errors).map(Condition::All),
        "any" => many(within, dialect, errors).map(Condition::Any),
        "recent" => duration(within, errors).map(Condition::recent),
        text => {
            let kind = Kind::of(text)?;
            one(word, within, errors).map(|name| Condition::Named(kind, name))
        }
    }
}

/// Reports a word without parentheses.
fn lone(word: &Ident, dialect: Dialect, errors: &mut Errors) {
    let text = word.to_string();
    let nothing = TokenStream::new();
    let is_list = ["all", "any"].contains(&text.as_str());
    let sentence = if is_list && matches!(dialect, Dialect::Landing) {
        sentences::LANDING_ALONE.to_owned()
    } else if dialect.words().contains(&text.as_str()) {
        sentences::condition_shape(&text, dialect.part())
    } else if text == "auth" && matches!(dialect, Dialect::Tree) {
        sentences::AUTH_ALONE.to_owned()
    } else if let Some(instead) = words::condition(&text).and_then(|it| dialect.meant(it, &nothing))
    {
        sentences::other_word(&text, &instead)
    } else if dialect.has_policies() && text.starts_with(|c: char| c.is_ascii_uppercase()) {
        sentences::other_word(&text, &sentences::write(&format!("policy({text})")))
    } else if let Some(kind) = dialect.one_kind()
        && !text.contains(|c: char| c.is_ascii_lowercase())
    {
        sentences::name_by_path(kind.word())
    } else if error::nearest(&text, dialect.words()).is_some() || dialect.one_kind().is_some() {
        dialect.refuse_word(&text, &nothing)
    } else if dialect.has_policies() {
        sentences::bare_word(&text)
    } else {
        sentences::bare_name(&text, dialect.words())
    };
    errors.at(word, sentence);
}

fn by_path(tokens: &TokenStream, dialect: Dialect, errors: &mut Errors) {
    let path = tokens.to_string().replace(' ', "");
    let last = path.rsplit(':').next().unwrap_or_default();
    let is_constant = !last.contains(|c: char| c.is_ascii_lowercase());
    let is_policy = dialect.has_policies() && syn::parse2::<Path>(tokens.clone()).is_ok();
    if is_policy && !is_constant {
        let sentence = sentences::write(&format!("policy({path})"));
        errors.at(tokens, sentences::other_word(&path, &sentence));
    } else {
        errors.at(tokens, sentences::name_by_path(dialect.part()));
    }
}

impl Dialect {
    /// Returns what is to be done about a word of others, with what stood in its parentheses.
    fn meant(self, meant: Meant, within: &TokenStream) -> Option<String> {
        let write = |line: &str| Some(sentences::write(line));
        let texts = advice::texts(within);
        match meant {
            Meant::SignedIn => match self {
                Self::Landing => write("_"),
                Self::Rule => write("auth"),
                Self::Tree | Self::Inner => Some(sentences::SIGNED_IN_ANYWAY.to_owned()),
                Self::Names(_) | Self::Policies | Self::Mixed(_) => write("#[require_auth]"),
            },
            Meant::Everybody => match self {
                Self::Landing => write("_"),
                Self::Rule => write("public(\"/...\")"),
                Self::Tree | Self::Inner => None,
                Self::Names(_) | Self::Policies | Self::Mixed(_) => write("#[public]"),
            },
            Meant::Nobody => Some(sentences::NOBODY.to_owned()),
            Meant::Otherwise => match self {
                Self::Landing => write("_"),
                Self::Rule => write("auth"),
                _ => None,
            },
            Meant::Named(word) => self.named(Kind::of(word)?, &texts),
            Meant::Authority => {
                let first = texts.first().map_or("", String::as_str);
                let (kind, prefix) = match () {
                    () if first.starts_with("ROLE_") => (Kind::Role, "ROLE_"),
                    () if first.starts_with("SCOPE_") => (Kind::Scope, "SCOPE_"),
                    () => (Kind::Permission, ""),
                };
                let plain = |text: &String| text.trim_start_matches(prefix).to_owned();
                let texts: Vec<String> = texts.iter().map(plain).collect();
                self.named(kind, &texts)
            }
            Meant::Recent => {
                let age = advice::like(within, "5m").unwrap_or_else(|| "5m".to_owned());
                match self {
                    Self::Names(_) => write(&format!("#[require_recent(max_age = {age:?})]")),
                    Self::Landing => None,
                    _ => write(&format!("recent({age:?})")),
                }
            }
            Meant::All | Meant::Any | Meant::Not => self.list(meant.list()?, within),
            Meant::Policy => match self {
                Self::Landing | Self::Rule | Self::Tree => None,
                _ => Some(sentences::DECIDED_BY_POLICY.to_owned()),
            },
        }
    }

    /// Names of a kind, of which one is enough.
    fn named(self, kind: Kind, texts: &[String]) -> Option<String> {
        let name = |text: &String| match self {
            Self::Names(_) => format!("{text:?}"),
            _ => format!("{}({text:?})", kind.word()),
        };
        let names: Vec<String> = texts.iter().map(name).collect();
        let line = match names.as_slice() {
            [] => name(&"...".to_owned()),
            [one] => one.clone(),
            several => format!("any({})", several.join(", ")),
        };
        match self {
            Self::Names(own) if own != kind => Some(sentences::write(&format!(
                "#[require_{}({line})]",
                kind.word()
            ))),
            Self::Names(_) => Some(sentences::write(&line)),
            _ => self
                .words()
                .contains(&kind.word())
                .then(|| sentences::write(&line)),
        }
    }

    fn list(self, word: &str, within: &TokenStream) -> Option<String> {
        let mut silent = Errors::default();
        let parts = many(within, self, &mut silent);
        if !self.words().contains(&word) || parts.is_none() {
            return None;
        }
        Some(sentences::write(&format!(
            "{word}({})",
            advice::compact(within)
        )))
    }
}

// Lists.

/// Reads the parts of a list, each whatever is wrong with the others.
fn many(within: &TokenStream, dialect: Dialect, errors: &mut Errors) -> Option<Vec<Condition>> {
    let parts = keys::split(within.clone(), errors);
    let read = |part| Condition::read(part, dialect.within(), errors);
    each(parts.iter().map(read))
}

/// Returns what was read of parts, each of which is read, whatever is wrong with the others.
pub(crate) fn each<T>(parts: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = parts.collect();
    read.into_iter().collect()
}

fn negated(within: &TokenStream, dialect: Dialect, errors: &mut Errors) -> Option<Condition> {
    let parts = many(within, dialect, errors)?;
    match <[Condition; 1]>::try_from(parts) {
        Ok([part]) => Some(Condition::Not(Box::new(part))),
        Err(parts) => {
            let rest: TokenStream = within
                .clone()
                .into_iter()
                .skip_while(|it| it.to_string() != ",")
                .skip(1)
                .collect();
            errors.refuse(rest, sentences::not_one(&parts))
        }
    }
}

/// Reads the one name within `role("...")`.
fn one(word: &Ident, within: &TokenStream, errors: &mut Errors) -> Option<LitStr> {
    let word = word.to_string();
    let parts = keys::split(within.clone(), errors);
    if let [part] = parts.as_slice()
        && let Ok(name) = syn::parse2::<LitStr>(part.clone())
    {
        let kind = Kind::of(&word)?;
        check_several(kind, &name, |it| format!("{word}({it:?})"), errors);
        return Some(name);
    }
    let texts = advice::texts(within);
    if texts.len() > 1 {
        let rest: TokenStream = match parts.as_slice() {
            [_, rest @ ..] if !rest.is_empty() => rest.iter().cloned().collect(),
            _ => within.clone(),
        };
        return errors.refuse(rest, sentences::one_name(&word, &texts));
    }
    let text = within.to_string().replace(' ', "");
    let sentence = match texts.first() {
        Some(text) if parts.len() > 1 => sentences::one_name_alone(&word, text),
        Some(text) => error::unquoted(&word, text),
        None if advice::is_constant(&text) => sentences::name_by_path(&word),
        None => error::unquoted(&word, &text),
    };
    errors.refuse(within, sentence)
}

/// Reads what is within `policy(path)`.
fn by_policy(word: &Ident, within: &TokenStream, errors: &mut Errors) -> Option<Path> {
    if within.is_empty() {
        return errors.refuse(word, sentences::policy_shape("path::to::policy"));
    }
    let parts = keys::split(within.clone(), errors);
    if let [part] = parts.as_slice()
        && let Ok(path) = Path::parse_mod_style.parse2(part.clone())
    {
        return Some(path);
    }
    let meant = advice::path(within.clone()).filter(|path| !path.contains('"'));
    errors.refuse(
        within,
        sentences::policy_shape(meant.as_deref().unwrap_or("path::to::policy")),
    )
}

/// Reads what is within `recent("5m")`.
fn duration(within: &TokenStream, errors: &mut Errors) -> Option<LitStr> {
    let parts = keys::split(within.clone(), errors);
    if let [part] = parts.as_slice()
        && let Ok(text) = syn::parse2::<LitStr>(part.clone())
    {
        return Some(text);
    }
    let age = advice::like(within, "5m").filter(|it| (rule::DURATION.check)(it).is_ok());
    errors.refuse(
        within,
        sentences::recent_shape(age.as_deref().unwrap_or("5m")),
    )
}

// Operators.

/// Returns whether conditions are put together as in an expression.
fn has_operators(trees: &[TokenTree]) -> bool {
    let is_word = |at: usize, token: &TokenTree| {
        let is_infix = at > 0 && !matches!(trees.get(at + 1), None | Some(TokenTree::Punct(_)));
        let is_operator = matches!(token, TokenTree::Ident(it) if it == "or" || it == "and");
        let is_not = at == 0
            && matches!(token, TokenTree::Ident(it) if it == "not")
            && matches!(
                trees.get(1),
                Some(TokenTree::Ident(_) | TokenTree::Literal(_))
            );
        (is_infix && is_operator) || is_not
    };
    let is_mark =
        |token: &TokenTree| matches!(token, TokenTree::Punct(it) if "|&!".contains(it.as_char()));
    let is_lone_group = matches!(trees, [TokenTree::Group(it)] if it.delimiter() == Delimiter::Parenthesis && !it.stream().is_empty());
    is_lone_group
        || trees
            .iter()
            .enumerate()
            .any(|(at, it)| is_mark(it) || is_word(at, it))
}

fn by_operators(tokens: &TokenStream, trees: &[TokenTree], dialect: Dialect, errors: &mut Errors) {
    let atoms = dialect.one_kind().map_or(dialect, Dialect::Mixed);
    let before = errors.count();
    let Some(condition) = alternatives(trees, atoms, errors) else {
        if errors.count() == before {
            errors.at(tokens, dialect.expected());
        }
        return;
    };
    if matches!(dialect, Dialect::Landing) && condition.has_not() {
        errors.at(tokens, sentences::LANDING_NOT);
        return;
    }
    let line = match (dialect, condition.kind()) {
        (Dialect::Names(Kind::Org), Some(Kind::Org)) => condition.plain().replace("all(", "any("),
        (Dialect::Names(own), Some(kind)) if own == kind => condition.plain(),
        (Dialect::Names(_), _) => condition.guard(),
        (Dialect::Rule, _) if matches!(condition, Condition::Everybody(_)) => "auth".to_owned(),
        (Dialect::Policies, _) if matches!(condition, Condition::Everybody(_)) => condition.guard(),
        _ => condition.to_string(),
    };
    errors.at(tokens, sentences::operators(&line));
}

/// Reads what stands between `||`, `|` or `or`.
fn alternatives(trees: &[TokenTree], dialect: Dialect, errors: &mut Errors) -> Option<Condition> {
    let parts = between(trees, '|', "or");
    let mut read = each(parts.iter().map(|part| together(part, dialect, errors)))?;
    if let Some(at) = read
        .iter()
        .position(|part| matches!(part, Condition::Everybody(_)))
    {
        return Some(read.swap_remove(at));
    }
    Some(match read.len() {
        1 => read.remove(0),
        _ => Condition::Any(read),
    })
}

/// Reads what stands between `&&`, `&` or `and`.
fn together(trees: &[TokenTree], dialect: Dialect, errors: &mut Errors) -> Option<Condition> {
    let parts = between(trees, '&', "and");
    let mut read = each(parts.iter().map(|part| atom(part, dialect, errors)))?;
    if read.len() > 1 {
        read.retain(|part| !matches!(part, Condition::Everybody(_)));
    }
    Some(Condition::all(read))
}

fn atom(trees: &[TokenTree], dialect: Dialect, errors: &mut Errors) -> Option<Condition> {
    match trees {
        [TokenTree::Punct(mark), rest @ ..] if mark.as_char() == '!' => {
            let part = atom(rest, dialect, errors)?;
            Some(Condition::Not(Box::new(part)))
        }
        [TokenTree::Ident(word), rest @ ..]
            if word == "not" && !matches!(rest, [TokenTree::Group(_), ..]) =>
        {
            let part = atom(rest, dialect, errors)?;
            Some(Condition::Not(Box::new(part)))
        }
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => {
            alternatives(&visible(&group.stream()), dialect, errors)
        }
        [TokenTree::Ident(word)]
            if words::condition(&word.to_string()) == Some(Meant::SignedIn) =>
        {
            Some(Condition::Everybody(Token![_](Span::call_site())))
        }
        // An operator that puts nothing together, as in `concat!(...)`.
        trees if has_operators(trees) => errors.refuse(
            trees.iter().cloned().collect::<TokenStream>(),
            dialect.expected(),
        ),
        trees => Condition::read(&trees.iter().cloned().collect(), dialect, errors),
    }
}

/// Splits at an operator, doubled or not, or at the word for it.
fn between(trees: &[TokenTree], mark: char, word: &str) -> Vec<Vec<TokenTree>> {
    let is_it = |token: &TokenTree| match token {
        TokenTree::Punct(it) => it.as_char() == mark,
        TokenTree::Ident(it) => it == word,
        _ => false,
    };
    let parts = trees.split(is_it).filter(|part| !part.is_empty());
    parts.map(<[TokenTree]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, dialect: Dialect) -> String {
        let mut errors = Errors::default();
        let tokens = text.parse().unwrap();
        let condition = Condition::read(&tokens, dialect, &mut errors);
        assert_eq!(condition.is_some(), errors.count() == 0, "{text}");
        let errors = errors.finish().into_iter().flatten();
        let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
        errors.join("\n")
    }

    #[test]
    fn operators_are_told_as_the_condition_that_they_mean() {
        for (text, meant) in [
            (
                r#"role("a") || role("b") && role("c")"#,
                r#"any(role("a"), all(role("b"), role("c")))"#,
            ),
            (
                r#"!(role("a") | role("b"))"#,
                r#"not(any(role("a"), role("b")))"#,
            ),
            (
                r#"not role("a") and role("b")"#,
                r#"all(not(role("a")), role("b"))"#,
            ),
            (r#"authenticated && role("b")"#, r#"role("b")"#),
            (r#"role("a") || authenticated"#, "#[require_auth]"),
        ] {
            let said = said(text, Dialect::Policies);
            assert!(said.ends_with(&format!("write `{meant}`")), "{said}");
        }
    }

    #[test]
    fn what_is_told_for_operators_is_read() {
        for text in [
            r#"role("a") || !recent("5m")"#,
            r#"scope("a") & (role("b") | policy(own::er))"#,
        ] {
            let said = said(text, Dialect::Policies);
            let line = said.rsplit("write `").next().unwrap().trim_end_matches('`');
            assert_eq!(self::said(line, Dialect::Policies), "", "{line}");
        }
    }

    #[test]
    fn each_part_is_read_whatever_is_wrong_with_the_others() {
        let text = r#"all(rol("a"), not(scop("b"), role("c")), any(), recent(5m), role("d"))"#;
        assert_eq!(said(text, Dialect::Policies).lines().count(), 4);
    }

    #[test]
    fn a_condition_with_a_word_of_others_within_a_name_is_one() {
        for text in [
            r#"role("hasRole")"#,
            r#"all(scope("default"), not(role("public")))"#,
            r#"policy(auth::or)"#,
        ] {
            assert_eq!(said(text, Dialect::Policies), "");
        }
    }
}
