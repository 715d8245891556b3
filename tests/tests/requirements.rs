//! The table from requirement to test, read: each test that it names is there, and no row is empty.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, Item};

/// Where tests lie, and how the table calls what is there.
const PLACES: [(&str, &str); 6] = [
    ("tests/tests", ""),
    ("authsafe/src", ""),
    ("authsafe/tests", "authsafe"),
    ("authsafe/rules/src", "authsafe_rules"),
    ("tests/sql/tests", "sql"),
    ("examples/tests", "examples"),
];

/// The sections, and how many rows each has at the least.
const SECTIONS: [(&str, usize); 9] = [
    ("RFC 9700", 32),
    ("OpenID Connect Core", 37),
    ("OpenID Connect RP-Initiated Logout", 7),
    ("OpenID Connect Back-Channel Logout", 18),
    ("RFC 6750", 11),
    ("RFC 9207", 5),
    ("RFC 9728", 5),
    ("OAuth 2.0 for Browser-Based Applications", 13),
    ("OWASP ASVS", 40),
];
const CERTIFICATION: (&str, usize) = ("OpenID Foundation", 21);

/// A row: its section's heading, and its five cells.
struct Row {
    section: String,
    cells: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rows() -> Vec<Row> {
    let page = fs::read_to_string(root().join("tests/requirements.md")).unwrap();
    let mut rows = Vec::new();
    let mut section = String::new();
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            section = heading.to_owned();
        }
        let Some(line) = line
            .strip_prefix('|')
            .and_then(|line| line.strip_suffix('|'))
        else {
            continue;
        };
        let cells: Vec<_> = line.split('|').map(|it| it.trim().to_owned()).collect();
        if cells[0].starts_with("---") || cells[2] == "Requirement" {
            continue;
        }
        rows.push(Row {
            section: section.clone(),
            cells,
        });
    }
    rows
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn each_rust_file(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => each_rust_file(&path, visit),
            false if path.extension().is_some_and(|it| it == "rs") => visit(&path),
            false => {}
        }
    }
}

fn is_test(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|it| it.ident == "test")
}

fn is_ignored(attribute: &Attribute) -> bool {
    attribute.path().is_ident("ignore")
}

fn functions(items: &[Item], found: &mut Vec<String>) {
    for item in items {
        match item {
            Item::Fn(it) if it.attrs.iter().any(is_test) && !it.attrs.iter().any(is_ignored) => {
                found.push(it.sig.ident.to_string());
            }
            Item::Mod(it) => functions(it.content.as_ref().map_or(&[], |it| &it.1), found),
            _ => {}
        }
    }
}

/// The tests of all crates: the path of their file, and their name.
fn tests() -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for (folder, prefix) in PLACES {
        let folder = root().join(folder);
        each_rust_file(&folder, &mut |path| {
            let file = path.strip_prefix(&folder).unwrap().with_extension("");
            let parts = file.iter().map(|it| it.to_str().unwrap());
            let parts = parts.filter(|it| *it != "mod" && *it != "main");
            let module: Vec<_> = Some(prefix)
                .into_iter()
                .chain(parts)
                .filter(|it| !it.is_empty())
                .collect();
            let mut found = Vec::new();
            let text = fs::read_to_string(path).unwrap();
            functions(&syn::parse_file(&text).unwrap().items, &mut found);
            tests.extend(
                found
                    .iter()
                    .map(|name| format!("{}::{name}", module.join("::"))),
            );
        });
    }
    assert!(tests.len() > 1000, "where are the tests? {}", tests.len());
    tests
}

#[test]
fn each_test_that_the_table_names_is_there() {
    let tests = tests();
    let mut missing = Vec::new();
    for row in rows() {
        for name in quoted(&row.cells[3]) {
            let there = match name.contains("::") {
                true => tests.contains(name),
                false => name.starts_with("tests/ui/fail/") && root().join(name).is_file(),
            };
            if !there {
                missing.push(format!("{} {}: {name}", row.section, row.cells[0]));
            }
        }
        // A remark may name one too.
        let remarks = quoted(&row.cells[4]).filter(|it| {
            let (module, name) = it.split_once("::").unwrap_or_default();
            module.starts_with(char::is_lowercase) && name.len() > 20
        });
        missing.extend(remarks.filter(|it| !tests.contains(*it)).map(str::to_owned));
    }
    assert!(missing.is_empty(), "no such test:\n{}", missing.join("\n"));
}

#[test]
fn each_row_says_what_and_has_a_test_or_a_reason() {
    let mut wrong = Vec::new();
    for row in rows() {
        let [place, level, what, tests, remarks] = &row.cells[..] else {
            wrong.push(format!("{:?} has not five cells", row.cells));
            continue;
        };
        let levels = ["MUST", "SHOULD", "MAY", "L1", "L2", "L3"];
        let plans = ["Basic", "Config", "Form Post", "Basic, Config"];
        if !levels.contains(&level.as_str()) && !plans.contains(&level.as_str()) {
            wrong.push(format!("{place}: {level} is no level"));
        }
        if place.is_empty() || what.is_empty() {
            wrong.push(format!("{:?} does not say what", row.cells));
        }
        if quoted(tests).next().is_none() && remarks.len() < 20 {
            wrong.push(format!("{place}: {what}: neither a test nor a reason"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_standard_has_the_rows_that_it_had() {
    let rows = rows();
    for (section, least) in SECTIONS.into_iter().chain([CERTIFICATION]) {
        let there = rows.iter().filter(|it| it.section.starts_with(section));
        let count = there.count();
        assert!(
            count >= least,
            "{section} has {count} rows, and had {least}"
        );
    }
}

#[test]
fn the_pages_about_security_and_contributing_lead_to_the_table() {
    for page in ["SECURITY.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        assert!(text.contains("(tests/requirements.md)"), "{page}");
    }
}
