//! What a text has to be, and what to write where it is not: as it is when an app starts.

pub(crate) use authsafe_rules::rule::*;
