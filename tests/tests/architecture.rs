//! Who may import whom: the rules that keep the rooms apart, read off the sources.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// The rooms, from the ground up. Each imports what lies on the floors below it, and nothing else.
const FLOORS: &[&[&str]] = &[
    &["clock", "types"],
    &["log", "response", "session"],
    &["error"],
    &["endpoint", "page", "policy", "protocol", "store"],
    &["provider", "spec"],
    &["path_rules", "state"],
    &["config", "lifecycle"],
    &["doctor", "flow"],
    &["auth"],
    &["guard", "openapi", "start", "testing"],
    &["web"],
];

/// What is outside the rules: the roof, what generated code sees, and the command line.
const OUTSIDE: [&str; 3] = ["lib", "__private", "bin"];

/// How many rooms there may be, and how many pairs of them of which one imports the other.
const ROOMS: usize = 28;
const ARROWS: usize = 128;

/// A source file without its tests.
struct Source {
    path: PathBuf,
    room: String,
    /// Its module, as paths name it.
    module: Module,
    code: String,
    items: syn::File,
}

type Module = Vec<String>;

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../authsafe/src");
    let mut sources = Vec::new();
    each_rust_file(&root, &mut |path, text| {
        sources.push(Source::read(path.strip_prefix(&root).unwrap(), text));
    });
    let without_code = sources.iter().flat_map(Source::modules_without_code);
    let without_code: Vec<Module> = without_code.collect();
    sources.retain(|source| !without_code.contains(&source.module));
    assert!(
        sources.len() > 40,
        "where is the runtime? {}",
        root.display()
    );
    sources
}

fn without_comment(line: &str) -> &str {
    match line.find("//") {
        // Not the slashes of a URL.
        Some(at) if !line[..at].ends_with(':') => &line[..at],
        _ => line,
    }
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    let is_test = |it: &syn::Attribute| {
        it.path().is_ident("cfg") && it.parse_args::<syn::Ident>().is_ok_and(|it| it == "test")
    };
    attributes.iter().any(is_test)
}

/// Returns whether an item is there for rustdoc alone. The guide's test sees that there is no code in it.
fn is_for_readers(attributes: &[syn::Attribute]) -> bool {
    let is_doc = |it: &syn::Attribute| match &it.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            list.tokens.to_string() == "all (doc , not (doctest))"
        }
        _ => false,
    };
    attributes.iter().any(is_doc)
}

impl Source {
    fn read(path: &Path, text: &str) -> Self {
        let names: Vec<String> = path
            .with_extension("")
            .components()
            .map(|it| it.as_os_str().to_str().unwrap().to_owned())
            .collect();
        let room = names[0].clone();
        let mut module = names;
        module.retain(|it| it != "mod" && it != "lib");
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
        let code: Vec<_> = code.lines().map(without_comment).collect();
        Self {
            path: path.to_owned(),
            room,
            module,
            code: code.join("\n"),
            items: syn::parse_file(text).unwrap(),
        }
    }

    /// The files of modules that are there for tests or readers alone.
    fn modules_without_code(&self) -> Vec<Module> {
        let without_code = self.items.items.iter().filter_map(|item| match item {
            syn::Item::Mod(it) if is_for_tests(&it.attrs) || is_for_readers(&it.attrs) => {
                Some(it.ident.to_string())
            }
            _ => None,
        });
        without_code
            .map(|name| [self.module.as_slice(), &[name]].concat())
            .collect()
    }

    /// What it names by a path from the crate or from beside it, and what it hands on.
    fn paths(&self) -> Paths {
        let mut paths = Paths::default();
        paths.visit_file(&self.items);
        paths
    }

    /// The names that directly follow `prefix`, also those in braces after it.
    fn after(&self, prefix: &str) -> Vec<String> {
        let mut names = Vec::new();
        for (at, _) in self.code.match_indices(prefix) {
            let before = self.code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let rest = &self.code[at + prefix.len()..];
            match rest.strip_prefix('{') {
                Some(group) => names.extend(group_heads(group)),
                None => names.push(head(rest)),
            }
        }
        names
    }

    fn names_crate(&self, name: &str) -> bool {
        let path = format!("{name}::");
        !self.after(&path).is_empty()
    }
}

/// The paths of a file.
#[derive(Default)]
struct Paths {
    imported: Vec<Module>,
    /// `pub use`: a table of contents imports nothing by it.
    handed_on: Vec<(Module, String)>,
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Mod(it) => &it.attrs,
            syn::Item::Impl(it) => &it.attrs,
            syn::Item::Fn(it) => &it.attrs,
            syn::Item::Use(it) => &it.attrs,
            _ => &Vec::new(),
        };
        if !is_for_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut paths = Vec::new();
        flatten(&item.tree, &mut Vec::new(), &mut paths);
        match item.vis {
            syn::Visibility::Inherited => {
                self.imported
                    .extend(paths.into_iter().map(|(path, _)| path));
            }
            _ => self.handed_on.extend(paths),
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        // One name alone is `crate` or `super` of a visibility, or a name that was imported.
        if path.segments.len() > 1 {
            let names = path.segments.iter().map(|it| it.ident.to_string());
            self.imported.push(names.collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, it: &'ast syn::Macro) {
        let text = it.tokens.to_string();
        for (at, _) in text.match_indices("crate ::") {
            let path = text[at..].split(|c: char| !c.is_alphanumeric() && !"_: ".contains(c));
            let names = path.take(1).flat_map(|it| it.split("::"));
            self.imported
                .push(names.map(|it| it.trim().to_owned()).collect());
        }
        visit::visit_macro(self, it);
    }
}

/// Each path of a tree, and the name that it has afterwards.
fn flatten(tree: &syn::UseTree, before: &mut Module, paths: &mut Vec<(Module, String)>) {
    let mut end = |name: &syn::Ident, after: &syn::Ident| {
        let path = [before.as_slice(), &[name.to_string()]].concat();
        paths.push((path, after.to_string()));
    };
    match tree {
        syn::UseTree::Path(it) => {
            before.push(it.ident.to_string());
            flatten(&it.tree, before, paths);
            before.pop();
        }
        syn::UseTree::Group(it) => it.items.iter().for_each(|it| flatten(it, before, paths)),
        syn::UseTree::Name(it) => end(&it.ident, &it.ident),
        syn::UseTree::Rename(it) => end(&it.ident, &it.rename),
        syn::UseTree::Glob(_) => panic!("say what is imported: {before:?}"),
    }
}

/// All files, and what each of them imports.
struct House {
    sources: Vec<Source>,
    /// By a module and a name in it that it hands on: where that is from.
    handed_on: BTreeMap<(Module, String), Module>,
}

impl House {
    fn read() -> Self {
        let sources = sources();
        let mut house = Self {
            sources,
            handed_on: BTreeMap::new(),
        };
        for source in &house.sources {
            for (path, name) in source.paths().handed_on {
                if let Some(path) = house.absolute(&source.module, &path) {
                    house.handed_on.insert((source.module.clone(), name), path);
                }
            }
        }
        house
    }

    fn is_module(&self, path: &[String]) -> bool {
        self.sources.iter().any(|it| it.module == path)
    }

    /// A path from the crate on. `None`: it is another crate's.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Module> {
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" => Vec::new(),
            "self" => module.to_vec(),
            "super" => module.split_last()?.1.to_vec(),
            name => {
                let child = [module, &[name.to_owned()]].concat();
                return self
                    .is_module(&child)
                    .then(|| [child.as_slice(), rest].concat());
            }
        };
        let rest = rest.iter().cloned();
        Some(start.into_iter().chain(rest).collect())
    }

    /// The module in which the last name of a path is written.
    fn home(&self, path: Module) -> Module {
        let mut module = Module::new();
        for (at, name) in path.iter().enumerate() {
            let child = [module.as_slice(), core::slice::from_ref(name)].concat();
            if self.is_module(&child) {
                module = child;
                continue;
            }
            let handed_on = self.handed_on.get(&(module.clone(), name.clone()));
            return match handed_on {
                // What the roof hands on is not to be had there.
                Some(from) if !module.is_empty() => {
                    self.home([from.as_slice(), &path[at + 1..]].concat())
                }
                _ => module,
            };
        }
        module
    }

    /// The modules that a file imports, its own left out.
    fn imports(&self, source: &Source) -> BTreeSet<Module> {
        let paths = source.paths().imported.into_iter();
        let absolute = paths.filter_map(|path| self.absolute(&source.module, &path));
        let homes = absolute.map(|path| self.home(path));
        homes.filter(|it| *it != source.module).collect()
    }

    /// The files within the rules.
    fn inside(&self) -> impl Iterator<Item = &Source> {
        let is_inside = |it: &&Source| !OUTSIDE.contains(&it.room.as_str());
        self.sources.iter().filter(is_inside)
    }

    /// Which room imports which.
    fn arrows(&self) -> BTreeSet<(String, String)> {
        let mut arrows = BTreeSet::new();
        for source in self.inside() {
            for module in self.imports(source) {
                let to = module.first().cloned().unwrap_or_default();
                if to != source.room {
                    arrows.insert((source.room.clone(), to));
                }
            }
        }
        arrows
    }
}

/// The first name of each path in a group, up to its brace.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut start) = (0, Vec::new(), true);
    for (at, c) in group.char_indices() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if start && c.is_alphabetic() => {
                heads.push(head(&group[at..]));
                start = false;
            }
            _ => {}
        }
    }
    heads
}

fn head(path: &str) -> String {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    path.chars().take_while(|&c| is_name(c)).collect()
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}

#[test]
fn every_room_is_known_and_there_are_few() {
    let house = House::read();
    let rooms: BTreeSet<&str> = house.inside().map(|it| it.room.as_str()).collect();
    for room in &rooms {
        assert!(floor_of(room).is_some(), "say on which floor `{room}` is");
    }
    let known = FLOORS.concat();
    for room in &known {
        assert!(rooms.contains(room), "there is no `{room}`");
    }
    let (rooms, arrows) = (rooms.len() + OUTSIDE.len(), house.arrows().len());
    assert!(rooms <= ROOMS, "{rooms} rooms");
    assert!(arrows <= ARROWS, "{arrows} arrows");
}

#[test]
fn each_room_imports_only_what_lies_below_it() {
    let is_wrong = |(from, to): &(String, String)| floor_of(to) >= floor_of(from);
    let mut arrows = House::read().arrows();
    arrows.retain(|arrow| !arrow.1.is_empty() && is_wrong(arrow));
    assert!(arrows.is_empty(), "{arrows:?}");
}

#[test]
fn nobody_imports_by_way_of_the_roof() {
    let house = House::read();
    let by_roof = |it: &&Source| house.imports(it).contains(&Module::new());
    let files: Vec<_> = house.inside().filter(by_roof).map(|it| &it.path).collect();
    assert!(
        files.is_empty(),
        "`crate::...` of lib.rs is named by {files:?}"
    );
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let house = House::read();
    let mut left: BTreeMap<Module, BTreeSet<Module>> = house
        .inside()
        .map(|source| (source.module.clone(), house.imports(source)))
        .collect();
    // Who imports nobody that is left is in no circle, and neither is whom nobody imports.
    loop {
        let known: BTreeSet<Module> = left.keys().cloned().collect();
        left.values_mut()
            .for_each(|it| it.retain(|it| known.contains(it)));
        let imported: BTreeSet<Module> = left.values().flatten().cloned().collect();
        left.retain(|module, imports| !imports.is_empty() && imported.contains(module));
        if left.len() == known.len() {
            break;
        }
    }
    let lines = left.iter().map(|(from, to)| {
        let to: Vec<_> = to.iter().map(|it| it.join("::")).collect();
        format!("{} -> {}", from.join("::"), to.join(", "))
    });
    let lines: Vec<_> = lines.collect();
    assert!(lines.is_empty(), "{lines:#?}");
}

#[test]
fn the_rules_and_the_local_provider_need_nothing_of_the_runtime() {
    for name in ["rules", "dev"] {
        let manifest = format!(
            "{}/../authsafe/{name}/Cargo.toml",
            env!("CARGO_MANIFEST_DIR")
        );
        let manifest = fs::read_to_string(manifest).unwrap();
        let mut lines = manifest.lines();
        assert!(!lines.any(|it| it.starts_with("authsafe")), "{manifest}");
    }
}

/// Nobody but these rooms and the command line names the crate.
fn only(rooms: &[&str], name: &str) {
    let sources = sources();
    let mut named = false;
    for source in sources.iter().filter(|it| it.names_crate(name)) {
        let room = source.room.as_str();
        assert!(
            rooms.contains(&room) || room == "bin",
            "{} names `{name}`",
            source.path.display()
        );
        named |= rooms.contains(&room);
    }
    assert!(
        named || rooms.is_empty(),
        "`{name}` is named nowhere: is the rule still needed?"
    );
}

#[test]
fn only_the_adapters_import_a_framework() {
    only(&["web"], "axum");
    only(&["web"], "tower_service");
    only(&["web"], "tower_layer");
    only(&[], "hyper");
    only(&["web"], "actix_web");
}

#[test]
fn only_the_provider_calls_over_http() {
    only(&["provider"], "reqwest");
}

#[test]
fn only_the_document_names_utoipa() {
    only(&["openapi"], "utoipa");
}

#[test]
fn only_those_who_wait_know_the_runtime() {
    only(
        &["flow", "lifecycle", "provider", "state", "store", "types"],
        "tokio",
    );
}

#[test]
fn only_the_clock_reads_time_and_only_the_start_reads_the_environment() {
    for source in &sources() {
        let path = source.path.display();
        for word in ["SystemTime::now", "Instant::now", "UNIX_EPOCH"] {
            assert!(
                source.room == "clock" || !source.code.contains(word),
                "{path}: {word}"
            );
        }
        assert!(
            source.room == "start" || !source.code.contains("env::var"),
            "{path}: env"
        );
    }
}

/// What a stranger can cause, a stranger can cause without end.
#[test]
fn what_is_said_of_requests_is_said_so_many_times_a_minute() {
    // What is said at the start, once, or with a bound of its own.
    const SAID_ONCE: [(&str, usize); 4] = [
        ("auth.rs", 4),
        ("flow/clients.rs", 2),
        ("lifecycle/sessions.rs", 1),
        ("start.rs", 1),
    ];
    for source in sources() {
        let path = source.path.display().to_string();
        if OUTSIDE.contains(&source.room.as_str()) || source.room == "log" {
            continue;
        }
        let lines = ["error", "warn", "info"]
            .iter()
            .map(|level| source.code.matches(&format!("tracing::{level}!")).count());
        let allowed = SAID_ONCE.iter().find(|(file, _)| *file == path);
        assert!(
            lines.sum::<usize>() <= allowed.map_or(0, |(_, lines)| *lines),
            "{path}: write `log::error!`, `log::warn!` or `log::info!` of `crate::log`"
        );
    }
}

/// tokio's part of a task is compiled for each type of work, and there is one, but for the connection to Redis.
#[test]
fn tasks_are_begun_by_one_function() {
    for source in &sources() {
        let places = ["types/boxed.rs", "store/redis.rs"];
        let may = places.iter().any(|it| source.path.ends_with(it)) || source.room == "bin";
        let ways = ["tokio::spawn", "runtime.spawn", "JoinSet", "spawn_local"];
        let begins = ways.iter().any(|it| source.code.contains(it));
        assert!(may || !begins, "{}", source.path.display());
    }
}

#[test]
fn only_the_clock_makes_random_bytes() {
    for source in &sources() {
        let random = source.code.contains("rand::") || source.names_crate("getrandom");
        assert!(
            source.room == "clock" || !random,
            "{}",
            source.path.display()
        );
    }
}

#[test]
fn the_protocol_knows_no_clock_but_its_units() {
    for source in sources().iter().filter(|it| it.room == "protocol") {
        for name in source.after("crate::clock::") {
            let is_unit = ["UnixSeconds", "FineTime"].contains(&&*name);
            assert!(is_unit, "{name}: {}", source.path.display());
        }
        for word in ["async_trait", "tokio::", "Clock", "random"] {
            assert!(
                !source.code.contains(word),
                "{}: {word}",
                source.path.display()
            );
        }
    }
}

#[test]
fn only_the_provider_reads_files_and_the_command_the_one_that_it_is_told() {
    for source in sources() {
        let reads = source.code.contains("fs::") || source.names_crate("File");
        assert!(
            ["provider", "bin"].contains(&&*source.room) || !reads,
            "{} reads a file",
            source.path.display()
        );
    }
}

/// Each item says what it is or does, in a noun or a verb.
#[test]
fn no_documentation_begins_with_a_question() {
    for krate in [
        "authsafe",
        "authsafe/dev",
        "authsafe/rules",
        "authsafe-macros",
    ] {
        each_rust_file(
            &Path::new("..").join(krate).join("src"),
            &mut |path, text| {
                let mut is_first = true;
                for line in text.lines().map(str::trim) {
                    let doc = line.strip_prefix("/// ").filter(|_| is_first);
                    is_first = !line.starts_with("///");
                    let sentence =
                        doc.and_then(|it| it.split_inclusive(['.', '?', ';', ':']).next());
                    let asks = sentence.is_some_and(|it| it.ends_with('?') && !it.contains('`'));
                    assert!(!asks, "{}: {line}", path.display());
                }
            },
        );
    }
}

fn each_rust_file(folder: &Path, see: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_rust_file(&path, see);
        } else if path.extension().is_some_and(|it| it == "rs") {
            see(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn the_page_about_the_house_draws_these_floors_and_names_files_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let quoted = |text: &str| -> Vec<String> {
        let quoted = text.split('`').skip(1).step_by(2);
        quoted.map(str::to_owned).collect()
    };
    let mut drawn: Vec<BTreeSet<String>> = Vec::new();
    for row in page.lines().filter(|line| line.starts_with('|')) {
        let mut cells = row.split('|').skip(1).map(str::trim);
        let (floor, rooms) = (cells.next().unwrap(), cells.next().unwrap());
        match floor {
            "" => drawn.last_mut().unwrap().extend(quoted(rooms)),
            floor if floor.parse::<usize>().is_ok() => {
                drawn.push(quoted(rooms).into_iter().collect());
            }
            _ => {}
        }
    }
    drawn.reverse();
    let floors = FLOORS.iter();
    let floors: Vec<BTreeSet<String>> = floors
        .map(|rooms| rooms.iter().map(|it| (*it).to_owned()).collect())
        .collect();
    assert_eq!(drawn, floors);
    let mut files = 0;
    for path in quoted(&page).iter().filter(|it| it.ends_with(".rs")) {
        let places = ["", "authsafe/src/"].map(|folder| root.join(folder).join(path));
        assert!(places.iter().any(|it| it.exists()), "{path}");
        files += 1;
    }
    assert!(files > 20, "only {files} files");
}
