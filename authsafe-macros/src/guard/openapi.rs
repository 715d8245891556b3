//! A guard above `#[utoipa::path(...)]` says in there what it asks for and what it refuses with.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::{Attribute, Meta, Path};

use crate::condition::{Condition, Kind};
use crate::error::Errors;
use crate::feature;
use crate::guard::typed::policy;
use crate::guard::{Asked, below, handler, sentences};

/// The most alternatives. More are left to the text of the 403.
const MOST: usize = 16;

/// Tells the handler's document of what this guard asks for, and of what those below do, which say
/// nothing then: one that says it is the first.
pub(crate) fn describe(attrs: &mut [Attribute], asked: &Asked, runtime: &Path) {
    let Some(at) = documented_at(attrs) else {
        return;
    };
    let below = attrs[..at].iter().filter_map(below::parse);
    let mut conditions = Vec::new();
    let mut policies = Vec::new();
    let below = below.map(|guard| guard.asked);
    for asked in [asked.clone()].into_iter().chain(below) {
        match asked {
            Asked::Condition(condition) => conditions.push(condition),
            Asked::Policy(policy) => policies.push(policy),
            // Which of them lets somebody in, the document does not say.
            Asked::Tree(tree) => policies.extend(tree.policies().into_iter().cloned()),
        }
    }
    let condition = Condition::all(conditions);
    if let Meta::List(list) = &mut attrs[at].meta {
        let refusals = refusals(&condition, &policies, runtime);
        list.tokens = with(list.tokens.clone(), &condition, &refusals);
    }
}

/// A guard that stands below `#[utoipa::path]` is expanded after it, and says nothing in it. One
/// that stands above as well has told.
pub(crate) fn check_order(attrs: &[Attribute], errors: &mut Errors) {
    let Some(at) = documented_at(attrs) else {
        return;
    };
    let (above, below) = attrs.split_at(at);
    let name = handler::guard_name;
    if above.iter().any(|attr| name(attr).is_some()) {
        return;
    }
    for guard in below {
        if let Some(name) = name(guard) {
            errors.at(guard, sentences::below_the_document(name));
        }
    }
}

/// Returns where `#[utoipa::path(...)]` stands among the attributes, however its path begins.
fn documented_at(attrs: &[Attribute]) -> Option<usize> {
    let is_path = |attr: &Attribute| {
        let mut names = attr.path().segments.iter().rev();
        names.next().is_some_and(|last| last.ident == "path")
            && names.next().is_some_and(|of| of.ident == "utoipa")
    };
    let at = attrs.iter().position(is_path);
    at.filter(|_| feature::OPENAPI)
}

/// Writes the type that knows what they refuse with.
fn refusals(condition: &Condition, policies: &[Path], runtime: &Path) -> TokenStream {
    let condition = policy(condition, runtime);
    match policies {
        [] => quote!(#runtime::Refusals<#condition>),
        policies => quote!(
            #runtime::NamedRefusals<
                #runtime::All<(#condition, #(#runtime::Named<#policies>,)*)>
            >
        ),
    }
}

/// Writes the arguments of `#[utoipa::path(...)]`, with the refusals first among the responses, so that
/// the user's own win, and a `security(...)` where the user wrote none.
fn with(tokens: TokenStream, condition: &Condition, refusals: &TokenStream) -> TokenStream {
    let mut parts = parts(tokens);
    match value(&mut parts, "responses") {
        Some(written) => {
            let others = written.stream();
            let mut group = Group::new(written.delimiter(), quote!(#refusals, #others));
            group.set_span(written.span());
            *written = group;
        }
        None => parts.push(quote!(responses(#refusals)).into_iter().collect()),
    }
    if value(&mut parts, "security").is_none() {
        let security = security(condition);
        parts.push(security.into_iter().collect());
    }
    let parts = parts.iter().map(|part| part.iter().cloned().collect());
    let parts: Vec<TokenStream> = parts.collect();
    quote!(#(#parts),*)
}

/// Splits the arguments at their commas.
fn parts(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let comma = |token: &TokenTree| matches!(token, TokenTree::Punct(it) if it.as_char() == ',');
    let parts = tokens.split(comma).map(<[TokenTree]>::to_vec);
    parts.filter(|part| !part.is_empty()).collect()
}

/// Returns what stands in `key(...)`.
fn value<'a>(parts: &'a mut [Vec<TokenTree>], key: &str) -> Option<&'a mut Group> {
    parts.iter_mut().find_map(|part| match &mut part[..] {
        [TokenTree::Ident(name), TokenTree::Group(group)]
            if name == key && group.delimiter() == Delimiter::Parenthesis =>
        {
            Some(group)
        }
        _ => None,
    })
}

/// Writes `security(("session" = ["a", "b"]), ("session" = ["c"]))`: one of them has to be met.
fn security(condition: &Condition) -> TokenStream {
    let requirements = alternatives(condition).into_iter().map(|scopes| {
        let scopes = scopes.iter();
        quote!(("session" = [#(#scopes),*]))
    });
    quote!(security(#(#requirements),*))
}

/// Returns the sets of scopes of which a session has to have one: all that OpenAPI can say. What else the
/// condition asks for is in the text of the 403.
fn alternatives(condition: &Condition) -> Vec<BTreeSet<String>> {
    let any = || vec![BTreeSet::new()];
    let few = |sets| Some(smallest(sets)).filter(|sets| sets.len() <= MOST);
    let sets = match condition {
        Condition::Named(Kind::Scope, name) => Some(vec![BTreeSet::from([name.value()])]),
        Condition::All(parts) => {
            let mut parts = parts.iter().map(alternatives);
            parts.try_fold(any(), |ones, others| few(product(&ones, &others)))
        }
        Condition::Any(parts) => few(parts.iter().flat_map(alternatives).collect()),
        _ => None,
    };
    sets.unwrap_or_else(any)
}

/// Joins each of these with each of the others.
fn product(ones: &[BTreeSet<String>], others: &[BTreeSet<String>]) -> Vec<BTreeSet<String>> {
    let with = |one| others.iter().map(move |other| one | other);
    ones.iter().flat_map(with).collect()
}

/// Removes those that ask for all that another asks for, and more.
fn smallest(sets: Vec<BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    let mut kept: Vec<BTreeSet<String>> = Vec::new();
    for set in sets {
        if !kept.iter().any(|it| it.is_subset(&set)) {
            kept.retain(|it| !set.is_subset(it));
            kept.push(set);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;
    use crate::condition::Dialect;
    use crate::error::Errors;

    fn condition(text: &str) -> Condition {
        let tokens = text.parse().unwrap();
        Condition::read(&tokens, Dialect::Tree, &mut Errors::default()).unwrap()
    }

    #[track_caller]
    fn asks(text: &str, expected: &str) {
        let sets = alternatives(&condition(text));
        let sets: Vec<_> = sets
            .into_iter()
            .map(|it| it.into_iter().collect::<Vec<_>>())
            .collect();
        let sets: Vec<_> = sets.into_iter().map(|it| it.join("+")).collect();
        assert_eq!(sets.join(" | "), expected, "{text}");
    }

    #[test]
    fn a_tree_is_alternatives_of_scopes() {
        asks(r#"scope("a")"#, "a");
        asks(r#"all(scope("a"), scope("b"))"#, "a+b");
        asks(r#"any(scope("a"), scope("b"))"#, "a | b");
        asks(
            r#"all(scope("a"), any(scope("b"), scope("c")))"#,
            "a+b | a+c",
        );
        asks(r#"any(scope("a"), all(scope("b"), scope("c")))"#, "a | b+c");
    }

    #[test]
    fn what_is_no_scope_is_asked_for_in_words_alone() {
        for text in [
            r#"role("x")"#,
            r#"permission("x")"#,
            r#"org("x")"#,
            r#"not(scope("a"))"#,
        ] {
            asks(text, "");
        }
        asks(r#"all(scope("a"), role("x"), not(scope("b")))"#, "a");
    }

    #[test]
    fn where_less_will_do_more_is_not_asked_for() {
        asks(r#"any(scope("a"), role("x"))"#, "");
        asks(r#"any(all(scope("a"), scope("b")), scope("a"))"#, "a");
        asks(r#"all(scope("a"), any(scope("a"), scope("b")))"#, "a");
    }

    #[test]
    fn a_tree_of_too_many_alternatives_asks_for_a_session() {
        let pairs: Vec<_> = (0..30)
            .map(|i| format!(r#"any(scope("a{i}"), scope("b{i}"))"#))
            .collect();
        asks(&format!("all({})", pairs.join(", ")), "");
    }

    fn described(attr: Attribute) -> String {
        let mut attrs = [attr];
        let runtime = parse_quote!(::authsafe::__private);
        let asked = Asked::Condition(condition(r#"scope("a")"#));
        describe(&mut attrs, &asked, &runtime);
        quote!(#(#attrs)*).to_string().replace(' ', "")
    }

    const REFUSALS: &str = "::authsafe::__private::Refusals<::authsafe::__private::Scope<::authsafe::__private::Text<'a'>>>";

    #[test]
    fn the_document_says_what_the_guard_asks_for() {
        assert_eq!(
            described(parse_quote!(#[utoipa::path(get, path = "/")])),
            format!(
                r#"#[utoipa::path(get,path="/",responses({REFUSALS}),security(("session"=["a"])))]"#
            )
        );
    }

    #[test]
    fn the_users_own_responses_come_last_and_so_win() {
        assert_eq!(
            described(parse_quote!(#[::utoipa::path(get, responses((status = 401)),)])),
            format!(
                r#"#[::utoipa::path(get,responses({REFUSALS},(status=401)),security(("session"=["a"])))]"#
            )
        );
    }

    #[test]
    fn a_security_that_the_user_wrote_stays() {
        let own = described(parse_quote!(#[utoipa::path(get, security(("key" = [])))]));
        assert!(own.contains(r#"security(("key"=[]))"#), "{own}");
        assert_eq!(own.matches("security").count(), 1, "{own}");
    }

    #[test]
    fn what_is_not_utoipas_stays_as_it_is() {
        let attr: Attribute = parse_quote!(#[other::path(get)]);
        assert_eq!(described(attr), "#[other::path(get)]");
    }
}
