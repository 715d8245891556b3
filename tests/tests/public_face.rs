//! What users of the crate may name, read off the sources: how much it is, that whatever stands in a
//! public signature is among it, and which other crates' types do.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Item, ItemImpl, UseTree};

/// How many names there are at the root, attributes and modules among them.
const NAMES: usize = 43;

/// A bound that no type of a user's own meets, and that none has to name.
const SEALED: [&str; 1] = ["Admit"];

/// The sources of a crate, by module.
struct Crate {
    modules: BTreeMap<String, Module>,
}

#[derive(Default)]
struct Module {
    items: Vec<Item>,
    /// What is declared or imported here, and where it is from.
    names: BTreeMap<String, Origin>,
    /// Modules of which all names are here too.
    globs: Vec<Vec<String>>,
}

#[derive(Clone)]
enum Origin {
    Here,
    Path(Vec<String>),
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Item { module: String, name: String },
    Module(String),
    Foreign(String),
}

impl Crate {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../authsafe/src");
        let mut read = Self {
            modules: BTreeMap::new(),
        };
        read.add("crate", items_of(&root.join("lib.rs")), &root);
        assert!(read.modules.len() > 40, "where is the runtime?");
        read
    }

    /// Adds a module, whose own modules lie in this folder.
    fn add(&mut self, path: &str, items: Vec<Item>, folder: &Path) {
        let mut module = Module::default();
        for item in items {
            match item {
                Item::Mod(item) => {
                    let name = item.ident.to_string();
                    let below = folder.join(&name);
                    let items = match &item.content {
                        Some((_, items)) => seen(items.clone()),
                        None => items_of(&file_of(&below)),
                    };
                    self.add(&format!("{path}::{name}"), items, &below);
                    module.names.insert(name, Origin::Here);
                    module.items.push(Item::Mod(item));
                }
                Item::Use(item) => {
                    module.import(&item.tree, &mut Vec::new());
                    module.items.push(Item::Use(item));
                }
                item => {
                    module
                        .names
                        .extend(name_of(&item).map(|it| (it, Origin::Here)));
                    module.items.push(item);
                }
            }
        }
        self.modules.insert(path.to_owned(), module);
    }

    /// Follows a path as it is written in a module; `None` where it is a parameter or the standard
    /// library's.
    fn find(&self, module: &str, path: &[String]) -> Option<Found> {
        let (first, rest) = path.split_first()?;
        let up = |module: &str| module.rsplit_once("::").map(|it| it.0.to_owned());
        match first.as_str() {
            "crate" => return self.below("crate".to_owned(), rest),
            "self" => return self.below(module.to_owned(), rest),
            "super" => return self.find_super(up(module)?, rest),
            "Self" | "std" | "core" | "alloc" => return None,
            _ => {}
        }
        let here = self.named(module, first, rest);
        here.or_else(|| is_dependency(first).then(|| Found::Foreign(first.clone())))
    }

    fn find_super(&self, module: String, rest: &[String]) -> Option<Found> {
        match rest.first().map(String::as_str) {
            Some("super") => self.find(&module, rest),
            _ => self.below(module, rest),
        }
    }

    fn below(&self, module: String, rest: &[String]) -> Option<Found> {
        match rest.split_first() {
            None => Some(Found::Module(module)),
            Some((first, rest)) => self.named(&module, first, rest),
        }
    }

    fn named(&self, module: &str, name: &str, rest: &[String]) -> Option<Found> {
        let there = &self.modules[module];
        let below = format!("{module}::{name}");
        // An attribute may have the name of a module.
        if self.modules.contains_key(&below) {
            return self.below(below, rest);
        }
        let Some(origin) = there.names.get(name) else {
            let mut globs = there.globs.iter();
            return globs.find_map(|glob| match self.find(module, glob)? {
                Found::Module(of) if of != module => self.named(&of, name, rest),
                _ => None,
            });
        };
        match origin {
            Origin::Path(path) => {
                let whole: Vec<_> = path.iter().chain(rest).cloned().collect();
                self.find(module, &whole)
            }
            Origin::Here => Some(Found::Item {
                module: module.to_owned(),
                name: name.to_owned(),
            }),
        }
    }

    /// What a user may name: below the root and each public module, under the name that is there.
    fn face(&self) -> Face {
        let mut face = Face::default();
        self.open("crate", &mut face);
        face
    }

    fn open(&self, path: &str, face: &mut Face) {
        for (name, found) in self.exported(path) {
            match found {
                Some(Found::Module(below)) => self.open(&below, face),
                Some(found) => drop(face.found.insert(found)),
                None => {}
            }
            if path == "crate" {
                face.root.insert(name);
            }
        }
    }

    /// The public names of a module.
    fn exported(&self, path: &str) -> Vec<(String, Option<Found>)> {
        let mut exported = Vec::new();
        for item in self.modules[path].items.iter().filter(|it| is_public(it)) {
            let Item::Use(item) = item else {
                let found = |name: String| (name.clone(), self.named(path, &name, &[]));
                exported.extend(name_of(item).map(found));
                continue;
            };
            let mut imports = Module::default();
            imports.import(&item.tree, &mut Vec::new());
            for (name, origin) in imports.names {
                if let Origin::Path(from) = origin {
                    exported.push((name, self.find(path, &from)));
                }
            }
            for glob in &imports.globs {
                if let Some(Found::Module(of)) = self.find(path, glob) {
                    exported.extend(self.exported(&of));
                }
            }
        }
        exported
    }

    /// What the signatures of these name, each with whose it is.
    fn named_by(&self, face: &Face) -> BTreeSet<(Found, String)> {
        let mut named = BTreeSet::new();
        for (path, module) in &self.modules {
            let is_of_face = |name: &[String]| match self.find(path, name)? {
                found @ Found::Item { .. } => Some(face.found.contains(&found)),
                _ => None,
            };
            for item in &module.items {
                let mut paths = Paths::default();
                let whose = match item {
                    Item::Impl(item) if paths.of_impl(item, &is_of_face) => {
                        name_of_type(&item.self_ty)
                    }
                    item => match name_of(item) {
                        Some(name) if is_of_face(std::slice::from_ref(&name)) == Some(true) => {
                            paths.of_item(item);
                            name
                        }
                        _ => continue,
                    },
                };
                for name in paths.0 {
                    let found = self.find(path, &name);
                    named.extend(found.map(|it| (it, format!("{path}: {whose}"))));
                }
            }
        }
        named
    }
}

/// What users may name.
#[derive(Default)]
struct Face {
    root: BTreeSet<String>,
    found: BTreeSet<Found>,
}

impl Module {
    fn import(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        match tree {
            UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                self.import(&tree.tree, path);
                path.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, path);
                }
            }
            UseTree::Glob(_) => self.globs.push(path.clone()),
            UseTree::Name(name) => self.bring(&name.ident, &name.ident, path),
            UseTree::Rename(name) => self.bring(&name.ident, &name.rename, path),
        }
    }

    fn bring(&mut self, name: &syn::Ident, as_name: &syn::Ident, path: &[String]) {
        let mut whole = path.to_vec();
        if name != "self" {
            whole.push(name.to_string());
        }
        let as_name = match as_name == "self" {
            true => whole.last().unwrap().clone(),
            false => as_name.to_string(),
        };
        self.names.insert(as_name, Origin::Path(whole));
    }
}

/// The paths that a signature names.
#[derive(Default)]
struct Paths(BTreeSet<Vec<String>>);

impl Paths {
    fn of_item(&mut self, item: &Item) {
        match item {
            Item::Struct(item) => {
                self.visit_generics(&item.generics);
                let fields = item.fields.iter();
                for field in fields.filter(|it| is_open(&it.vis, &it.attrs)) {
                    self.visit_type(&field.ty);
                }
            }
            Item::Trait(item) => {
                self.visit_generics(&item.generics);
                item.supertraits
                    .iter()
                    .for_each(|it| self.visit_type_param_bound(it));
                for item in item.items.iter().filter(|it| !is_hidden(attributes(it))) {
                    self.visit_trait_item(item);
                }
            }
            Item::Fn(item) => self.visit_signature(&item.sig),
            Item::Const(item) => self.visit_type(&item.ty),
            item => self.visit_item(item),
        }
    }

    /// Returns whether an implementation is of what users may name.
    fn of_impl(&mut self, item: &ItemImpl, is_of_face: &dyn Fn(&[String]) -> Option<bool>) -> bool {
        let mut header = Self::default();
        header.visit_type(&item.self_ty);
        let of_trait = item.trait_.as_ref().map(|(of_trait, _)| of_trait);
        of_trait.into_iter().for_each(|it| header.visit_path(it));
        // With what is not, nobody sees it.
        let is_seen = !header.0.iter().any(|it| is_of_face(it) == Some(false));
        let is_ours = header.0.iter().any(|it| is_of_face(it) == Some(true));
        if is_hidden(&item.attrs) || !(is_seen && is_ours) {
            return false;
        }
        self.0.extend(header.0);
        self.visit_generics(&item.generics);
        for inner in &item.items {
            match inner {
                syn::ImplItem::Fn(it) if of_trait.is_some() || is_open(&it.vis, &it.attrs) => {
                    self.visit_signature(&it.sig);
                }
                syn::ImplItem::Const(it) if of_trait.is_some() || is_open(&it.vis, &it.attrs) => {
                    self.visit_type(&it.ty);
                }
                syn::ImplItem::Type(it) => self.visit_type(&it.ty),
                _ => {}
            }
        }
        true
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.insert(names(path));
        visit::visit_path(self, path);
    }

    // What a function does inside is its own business.
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_block(&mut self, _: &'ast syn::Block) {}
    fn visit_expr(&mut self, _: &'ast syn::Expr) {}
}

fn attributes(item: &syn::TraitItem) -> &[syn::Attribute] {
    match item {
        syn::TraitItem::Const(it) => &it.attrs,
        syn::TraitItem::Fn(it) => &it.attrs,
        syn::TraitItem::Type(it) => &it.attrs,
        _ => &[],
    }
}

fn names(path: &syn::Path) -> Vec<String> {
    path.segments
        .iter()
        .map(|it| it.ident.to_string())
        .collect()
}

fn name_of_type(of: &syn::Type) -> String {
    match of {
        syn::Type::Path(it) => names(&it.path).join("::"),
        _ => "an impl".to_owned(),
    }
}

fn name_of(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(it) => it.ident.to_string(),
        Item::Enum(it) => it.ident.to_string(),
        Item::Fn(it) => it.sig.ident.to_string(),
        Item::Mod(it) => it.ident.to_string(),
        Item::Static(it) => it.ident.to_string(),
        Item::Struct(it) => it.ident.to_string(),
        Item::Trait(it) => it.ident.to_string(),
        Item::Type(it) => it.ident.to_string(),
        _ => return None,
    })
}

fn is_public(item: &Item) -> bool {
    match item {
        Item::Const(it) => is_open(&it.vis, &it.attrs),
        Item::Enum(it) => is_open(&it.vis, &it.attrs),
        Item::Fn(it) => is_open(&it.vis, &it.attrs),
        Item::Mod(it) => is_open(&it.vis, &it.attrs),
        Item::Static(it) => is_open(&it.vis, &it.attrs),
        Item::Struct(it) => is_open(&it.vis, &it.attrs),
        Item::Trait(it) => is_open(&it.vis, &it.attrs),
        Item::Type(it) => is_open(&it.vis, &it.attrs),
        Item::Use(it) => is_open(&it.vis, &it.attrs),
        _ => false,
    }
}

fn is_open(vis: &syn::Visibility, attrs: &[syn::Attribute]) -> bool {
    matches!(vis, syn::Visibility::Public(_)) && !is_hidden(attrs)
}

fn is_hidden(attrs: &[syn::Attribute]) -> bool {
    has(attrs, "doc", "hidden")
}

/// Is `#[name(word)]` among them?
fn has(attrs: &[syn::Attribute], name: &str, word: &str) -> bool {
    attrs.iter().any(|it| match &it.meta {
        syn::Meta::List(list) => list.path.is_ident(name) && list.tokens.to_string() == word,
        _ => false,
    })
}

fn items_of(file: &Path) -> Vec<Item> {
    let text = fs::read_to_string(file).unwrap_or_else(|_| panic!("{}", file.display()));
    seen(syn::parse_file(&text).unwrap().items)
}

/// Without tests and pages for readers; what stands in a macro like an item is one.
fn seen(items: Vec<Item>) -> Vec<Item> {
    let within = |item: Item| match &item {
        Item::Macro(it) if it.ident.is_none() => {
            let inner: Result<syn::File, _> = it.mac.parse_body();
            inner.map_or_else(|_| vec![item], |it| it.items)
        }
        Item::Mod(it) if has(&it.attrs, "cfg", "test") => Vec::new(),
        Item::Mod(it) if has(&it.attrs, "cfg", "all (doc , not (doctest))") => Vec::new(),
        _ => vec![item],
    };
    items.into_iter().flat_map(within).collect()
}

fn file_of(module: &Path) -> PathBuf {
    let file = module.with_extension("rs");
    match file.exists() {
        true => file,
        false => module.join("mod.rs"),
    }
}

fn manifest() -> &'static str {
    include_str!("../../authsafe/Cargo.toml")
}

/// The lines of a table of the manifest.
fn table(name: &str) -> impl Iterator<Item = &'static str> {
    let title = format!("[{name}]");
    let lines = manifest().lines().skip_while(move |it| *it != title);
    lines.skip(1).take_while(|it| !it.starts_with('['))
}

fn is_dependency(name: &str) -> bool {
    let mut names = table("dependencies").filter_map(|it| it.split(['.', ' ']).next());
    names.any(|it| it.replace('-', "_") == name)
}

#[test]
fn as_many_names_are_at_the_root_as_there_were() {
    let root = Crate::read().face().root;
    assert_eq!(root.len(), NAMES, "{root:#?}");
}

#[test]
fn whatever_stands_in_a_public_signature_can_be_named() {
    let sources = Crate::read();
    let face = sources.face();
    let mut unnamed = Vec::new();
    for (found, whose) in sources.named_by(&face) {
        if let Found::Item { module, name } = &found
            && !face.found.contains(&found)
            && !SEALED.contains(&name.as_str())
        {
            unnamed.push(format!("{whose} names {module}::{name}"));
        }
    }
    assert!(unnamed.is_empty(), "{unnamed:#?}");
}

#[test]
fn other_crates_types_are_in_the_public_interface_where_the_manifest_lists_them() {
    let sources = Crate::read();
    let face = sources.face();
    let mut foreign: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let exported = face
        .found
        .iter()
        .map(|it| (it.clone(), "the root".to_owned()));
    for (found, whose) in sources.named_by(&face).into_iter().chain(exported) {
        if let Found::Foreign(name) = found {
            foreign.entry(name).or_default().insert(whose);
        }
    }
    let listed = table("package.metadata.cargo-public-api-crates");
    let listed: BTreeSet<_> = listed
        .filter_map(|it| Some(it.trim().strip_prefix('"')?.strip_suffix("\",")?.to_owned()))
        .collect();
    for name in foreign.keys() {
        assert!(listed.contains(name), "{name} is not listed: {foreign:#?}");
    }
    let named: BTreeSet<_> = foreign.into_keys().collect();
    assert_eq!(listed, named, "listed, and in no signature");
}
