//! The messages of `tests/ui/fail`, and what the attributes say of the same files: without the compiler, in a
//! second.

use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, ImplItem, Item, Lit, Meta, TraitItem};

use authsafe_rules::letters::is_invisible;

use crate::condition::Kind;
use crate::guard::{self, Which};

/// A message of `tests/ui/fail`: the sentence, and the place in the file, in characters.
pub(crate) struct Pinned {
    pub(crate) sentence: String,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

// The files.

/// Reads the messages of a `.stderr`.
fn pinned(stderr: &str, source: &str) -> Vec<Pinned> {
    let mut all = Vec::new();
    for block in stderr.split("\n\n") {
        let mut lines = block.lines();
        let Some(sentence) = lines.next().and_then(|it| it.strip_prefix("error: ")) else {
            continue;
        };
        let place = lines.next().and_then(|it| it.trim().strip_prefix("--> "));
        let Some((line, column)) = place.and_then(|it| {
            let mut parts = it.rsplit(':');
            let column: usize = parts.next()?.parse().ok()?;
            Some((parts.next()?.parse::<usize>().ok()?, column))
        }) else {
            continue;
        };
        let from = offset(source, line, column);
        let to = end(lines, source, from);
        all.push(Pinned {
            sentence: sentence.to_owned(),
            from,
            to,
        });
    }
    all
}

/// Returns how many characters stand before a place.
fn offset(source: &str, line: usize, column: usize) -> usize {
    let before = source.split_inclusive('\n').take(line - 1);
    before.map(|it| it.chars().count()).sum::<usize>() + column - 1
}

/// Returns where the carets end.
fn end<'a>(lines: impl Iterator<Item = &'a str>, source: &str, from: usize) -> usize {
    let (mut number, mut begins) = (0, 0);
    for line in lines {
        if let Some((left, _)) = line.split_once(" | ")
            && let Ok(at) = left.trim().parse()
        {
            number = at;
            let text = source.lines().nth(at - 1).unwrap_or_default();
            begins = line.chars().count().saturating_sub(text.chars().count());
        } else if let Some(caret) = line.find('^') {
            if line.contains("|_") {
                return offset(source, number, caret + 2 - begins);
            }
            // As wide as it is seen.
            let mut width = line.chars().filter(|it| *it == '^').count();
            let letters = source.chars().skip(from).take_while(|it| {
                let is_seen = !is_invisible(*it);
                let is_within = width > 0 || !is_seen;
                width -= usize::from(is_seen && width > 0);
                is_within
            });
            return from + letters.count();
        }
    }
    from
}

// The expansion.

/// Returns what the attributes of a file say. `None`: it is no Rust.
pub(crate) fn said(source: &str) -> Option<Vec<String>> {
    let file = syn::parse_file(source).ok()?;
    let mut said = Vec::new();
    for item in file.items {
        in_item(item, &mut said);
    }
    said.sort();
    Some(said)
}

fn in_item(mut item: Item, said: &mut Vec<String>) {
    if let Some(attrs) = attrs(&mut item)
        && let Some(attr) = taken(attrs)
    {
        return again(&expanded(&attr, item.to_token_stream()), said);
    }
    match item {
        Item::Mod(it) => {
            for item in it.content.into_iter().flat_map(|(_, items)| items) {
                in_item(item, said);
            }
        }
        Item::Impl(it) => {
            for mut item in it.items {
                if let ImplItem::Fn(method) = &mut item
                    && let Some(attr) = taken(&mut method.attrs)
                {
                    again(&expanded(&attr, item.to_token_stream()), said);
                }
            }
        }
        Item::Trait(it) => {
            for mut item in it.items {
                if let TraitItem::Fn(method) = &mut item
                    && let Some(attr) = taken(&mut method.attrs)
                {
                    again(&expanded(&attr, item.to_token_stream()), said);
                }
            }
        }
        _ => {}
    }
}

/// Looks at what came out of an attribute: messages, and items that may have more attributes.
fn again(expanded: &TokenStream, said: &mut Vec<String>) {
    messages(expanded, said);
    let file = syn::parse2::<syn::File>(expanded.clone());
    for item in file.into_iter().flat_map(|file| file.items) {
        in_item(item, said);
    }
}

fn messages(tokens: &TokenStream, said: &mut Vec<String>) {
    let mut is_error = false;
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(word) => is_error = word == "compile_error",
            TokenTree::Group(group) if is_error => {
                if let Ok(Lit::Str(text)) = syn::parse2(group.stream()) {
                    said.push(text.value());
                }
            }
            _ => {}
        }
    }
}

fn attrs(item: &mut Item) -> Option<&mut Vec<Attribute>> {
    Some(match item {
        Item::Fn(it) => &mut it.attrs,
        Item::Mod(it) => &mut it.attrs,
        Item::Impl(it) => &mut it.attrs,
        Item::Struct(it) => &mut it.attrs,
        Item::Enum(it) => &mut it.attrs,
        Item::Static(it) => &mut it.attrs,
        Item::Trait(it) => &mut it.attrs,
        _ => return None,
    })
}

/// Takes the first of our attributes.
fn taken(attrs: &mut Vec<Attribute>) -> Option<Attribute> {
    let at = attrs.iter().position(|attr| called(attr).is_some())?;
    Some(attrs.remove(at))
}

type Expand = fn(TokenStream, TokenStream) -> TokenStream;

fn called(attr: &Attribute) -> Option<Expand> {
    by_name(&attr.path().segments.last()?.ident.to_string())
}

/// Returns what an attribute says on a module, or on a handler.
pub(crate) fn expand(name: &str, args: TokenStream) -> Vec<String> {
    let item = match name {
        "routes" => quote!(
            mod auth {}
        ),
        "policy" => quote!(
            struct Owner;
        ),
        _ => quote!(
            async fn handler() {}
        ),
    };
    let mut said = Vec::new();
    if let Some(expand) = by_name(name) {
        messages(&expand(args, item), &mut said);
    }
    said
}

fn by_name(name: &str) -> Option<Expand> {
    Some(match name {
        "routes" => crate::routes::routes,
        "public" => guard::public,
        "protected" => crate::protected::protected,
        "policy" => crate::policy::policy,
        "require_auth" => |args, item| guard::guard(Which::Auth, args, item),
        "require_scope" => |args, item| guard::guard(Which::Names(Kind::Scope), args, item),
        "require_role" => |args, item| guard::guard(Which::Names(Kind::Role), args, item),
        "require_permission" => {
            |args, item| guard::guard(Which::Names(Kind::Permission), args, item)
        }
        "require_org" => |args, item| guard::guard(Which::Names(Kind::Org), args, item),
        "require_recent" => |args, item| guard::guard(Which::Recent, args, item),
        "require" => |args, item| guard::guard(Which::Tree, args, item),
        _ => return None,
    })
}

fn expanded(attr: &Attribute, item: TokenStream) -> TokenStream {
    let args = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    called(attr).map_or_else(|| quote!(), |expand| expand(args, item))
}

/// Calls with the name, the source and the messages of each file.
pub(crate) fn each(mut look: impl FnMut(&str, &str, Vec<Pinned>)) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/ui/fail");
    let files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|it| it.extension().is_some_and(|it| it == "rs"))
        .collect();
    files.sort();
    for file in files {
        let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        let (source, stderr) = (read(&file), read(&file.with_extension("stderr")));
        let name = file.file_stem().unwrap().to_string_lossy();
        look(&name, &source, pinned(&stderr, &source));
    }
}

#[test]
fn what_is_pinned_is_what_is_said() {
    let mut other = Vec::new();
    each(|name, source, pinned| {
        let said = said(source).unwrap_or_default();
        let mut pinned: Vec<_> = pinned.into_iter().map(|it| it.sentence).collect();
        pinned.sort();
        if said != pinned {
            other.push(format!("{name}: {said:#?}"));
        }
    });
    assert!(other.is_empty(), "{}", other.join("\n"));
}
