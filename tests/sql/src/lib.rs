//! The tests are in `tests`. Here is the page of the guide whose example has a database.

#[cfg(doctest)]
#[doc = include_str!("../../../authsafe/src/guide/own_users.md")]
pub struct OwnUsers;
