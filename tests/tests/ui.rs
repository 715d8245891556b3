//! What does not compile, with which message, and what does.
//!
//! `ui/fail` holds messages of ours, `ui/fail_rustc` those that a new compiler may word anew.

#[test]
fn what_is_wrong_does_not_compile_and_says_why() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}

#[test]
fn what_only_rustc_can_see_shows_at_the_users_word() {
    trybuild::TestCases::new().compile_fail("ui/fail_rustc/*.rs");
}

/// Nobody is to write what generated code alone names.
#[test]
fn no_message_leads_into_what_is_private() {
    let pinned = ["ui/fail", "ui/fail_rustc"];
    let files = pinned
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten());
    let files = files.flatten().map(|file| file.path());
    let mut messages = 0;
    for file in files.filter(|file| file.extension().is_some_and(|it| it == "stderr")) {
        let message = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(!message.contains("__private"), "{}", file.display());
        messages += 1;
    }
    assert!(messages > 600, "only {messages} messages");
}

#[test]
fn what_is_right_compiles() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}
