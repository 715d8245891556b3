//! What is said of rules for paths that count for nothing, or of which none decides.

use crate::pattern::Mistake;
use crate::wrong::Wrong;

/// The place of a pattern in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In `protect(...)`.
    Protect(usize),
    /// In `public(...)`.
    Public(usize),
}

impl Mistake {
    /// Returns the pattern that is wrong, and why. The patterns are those in which the mistake was found.
    #[must_use]
    pub fn wrong(&self, protect: &[&str], public: &[&str]) -> (Place, Wrong) {
        let rules = |places: &[usize]| texts(protect, places);
        let opened = |places: &[usize]| texts(public, places);
        let (place, because, instead) = match self {
            Self::ProtectedTwice { rule, earlier } => (
                Place::Protect(*rule),
                format!("this has the same paths as {:?}", text(protect, *earlier)),
                "keep one".to_owned(),
            ),
            Self::NeverAsked { rule, earlier } => (
                Place::Protect(*rule),
                format!(
                    "this rule is never asked: each of its paths is one of {}, and the first that matches decides",
                    listed(&rules(earlier), "or")
                ),
                "put it first, or remove it".to_owned(),
            ),
            Self::Undecided {
                rule,
                earlier,
                both,
            } => (
                Place::Protect(*rule),
                format!(
                    "this and {:?} both have {both:?}, and neither lies within the other",
                    text(protect, *earlier)
                ),
                format!(
                    "write a rule for {both:?} before them, or patterns that have no path in common"
                ),
            ),
            Self::PublicTwice {
                public: at,
                earlier,
            } => {
                let are = if earlier.len() == 1 { "is" } else { "are" };
                let earlier = listed(&opened(earlier), "or");
                let because =
                    format!("each of these paths is one of {earlier}, which {are} public already");
                (Place::Public(*at), because, "remove it".to_owned())
            }
            Self::OpensAll {
                public: at,
                rule,
                before,
                earlier,
            } => {
                let others = [rules(before), opened(earlier)].concat();
                let (beside, instead) = match others.is_empty() {
                    true => (String::new(), "remove one of the two"),
                    false => (
                        format!(" beside {}", listed(&others, "and")),
                        "remove one of them",
                    ),
                };
                let rule = text(protect, *rule);
                let because =
                    format!("`public` wins, so{beside} nothing is left of the rule for {rule:?}");
                (Place::Public(*at), because, instead.to_owned())
            }
            Self::OpensNothing { public: at, meant } => {
                let because =
                    "no rule of `protect` has one of these paths, so they are open already";
                let instead = match meant {
                    Some(meant) => format!("did you mean {meant:?}?"),
                    None => "remove it, or write a rule that has them".to_owned(),
                };
                (Place::Public(*at), because.to_owned(), instead)
            }
        };
        let pattern = match place {
            Place::Protect(at) => text(protect, at),
            Place::Public(at) => text(public, at),
        };
        (place, Wrong::new(pattern, because, instead))
    }
}

fn text<'t>(patterns: &[&'t str], at: usize) -> &'t str {
    patterns.get(at).copied().unwrap_or_default()
}

fn texts<'t>(patterns: &[&'t str], places: &[usize]) -> Vec<&'t str> {
    places.iter().map(|at| text(patterns, *at)).collect()
}

/// Lists patterns with a word before the last.
fn listed(patterns: &[&str], word: &str) -> String {
    let quoted: Vec<String> = patterns.iter().map(|it| format!("{it:?}")).collect();
    match &quoted[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}
