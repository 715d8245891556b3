//! The guide: pages for readers, and no code. The examples in them are tested where `src/docs.rs` includes them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Above a page whose examples are tested by another crate than `tests`, which has a database.
const ELSEWHERE: &str = "#[cfg(not(doctest))]";

fn sources() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../authsafe/src")
}

/// The names of the pages. Whatever else stands in the file of the guide fails.
fn pages(guide: &str) -> Vec<String> {
    let code: Vec<&str> = guide
        .lines()
        .filter(|line| !line.starts_with("//!") && !line.is_empty() && *line != ELSEWHERE)
        .collect();
    let page = |lines: &[&str]| {
        let name = lines[0]
            .strip_prefix("#[doc = include_str!(\"guide/")
            .and_then(|it| it.strip_suffix(".md\")]"))
            .unwrap_or_else(|| panic!("no page: {lines:?}"));
        assert_eq!(lines[1], format!("pub mod {name} {{}}"));
        name.to_owned()
    };
    code.chunks(2).map(page).collect()
}

#[test]
fn each_file_of_the_guide_is_a_page_and_each_page_is_in_the_table() {
    let guide = fs::read_to_string(sources().join("guide.rs")).unwrap();
    let pages = pages(&guide);
    for name in &pages {
        let link = format!("]({name}) |");
        assert!(guide.contains(&link), "`{name}` is not in the table");
    }
    let files = fs::read_dir(sources().join("guide")).unwrap();
    let files: BTreeSet<String> = files
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    let texts: BTreeSet<String> = pages.iter().map(|it| format!("{it}.md")).collect();
    assert_eq!(files, texts);
    assert!(pages.len() > 20, "{pages:?}");
    // Whose examples would be tested nowhere.
    let elsewhere = guide
        .split(ELSEWHERE)
        .skip(1)
        .map(|after| after.lines().nth(1).unwrap());
    let elsewhere: Vec<_> = elsewhere
        .map(|it| it.replace("\"guide/", "\"../../../authsafe/src/guide/"))
        .collect();
    let sql = include_str!("../sql/src/lib.rs");
    for page in elsewhere {
        assert!(sql.contains(&page), "{page}");
    }
}
