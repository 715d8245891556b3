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

#[test]
fn what_is_right_compiles() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}
