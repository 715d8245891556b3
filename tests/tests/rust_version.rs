//! The `rust-version` of the crates, held to what their dependencies ask for.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// The first version that compiles the crates' own sources: they have `if let` with `&&` in it.
const OF_SOURCES: Version = (1, 88);

type Version = (u32, u32);

fn version(package: &Value) -> Option<Version> {
    let mut parts = package["rust_version"].as_str()?.split('.');
    let mut next = || parts.next()?.parse().ok();
    Some((next()?, next()?))
}

/// What Cargo knows of the workspace, by the versions of `Cargo.lock`.
fn metadata() -> Value {
    let told = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--all-features"])
        .args(["--format-version", "1"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{said}");
    serde_json::from_slice(&told.stdout).unwrap()
}

fn each<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value[name].as_array().into_iter().flatten()
}

#[test]
fn the_rust_version_is_the_lowest_that_the_dependencies_take() {
    let metadata = metadata();
    let packages: BTreeMap<&str, &Value> = each(&metadata, "packages")
        .map(|it| (it["id"].as_str().unwrap(), it))
        .collect();
    let nodes: BTreeMap<&str, &Value> = each(&metadata["resolve"], "nodes")
        .map(|it| (it["id"].as_str().unwrap(), it))
        .collect();
    // Those that are published: the others have `publish = false`, an empty list.
    let members: BTreeSet<&str> = each(&metadata, "workspace_members")
        .map(|it| it.as_str().unwrap())
        .filter(|it| packages[it]["publish"].is_null())
        .collect();
    assert_eq!(members.len(), 4, "{members:?}");

    // What an app builds with them: dependencies, and those of build scripts, but not of tests.
    let (mut built, mut next) = (BTreeSet::new(), Vec::from_iter(members.iter().copied()));
    while let Some(id) = next.pop() {
        if built.insert(id) {
            let is_built = |it: &&Value| each(it, "dep_kinds").any(|it| it["kind"] != "dev");
            let dependencies = each(nodes[id], "deps").filter(is_built);
            next.extend(dependencies.map(|it| it["pkg"].as_str().unwrap()));
        }
    }
    let dependencies = built.difference(&members).map(|it| packages[it]);
    let lowest = dependencies.filter_map(|it| Some((version(it)?, &it["name"])));
    let (of_dependencies, name) = lowest.max_by_key(|it| it.0).unwrap();
    let expected = of_dependencies.max(OF_SOURCES);
    for member in members {
        let found = version(packages[member]).unwrap();
        assert_eq!(found, expected, "{member}, by what {name} asks for");
    }
}
