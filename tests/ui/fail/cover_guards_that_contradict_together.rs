use authsafe::{require, require_permission};

#[require(any(permission("a"), permission("b")))]
#[require(not(permission("a")))]
#[require(not(permission("b")))]
async fn handler() {}

#[require_permission("a")]
#[require(not(permission("a")), routes = any)]
async fn of_the_innermost_layer() {}

fn main() {}
