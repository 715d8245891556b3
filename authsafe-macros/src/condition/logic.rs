//! What follows from conditions: the rows of their truth table, without those that decide nothing more.
//!
//! The facts about sessions that all of it rests on are those of `concluded`:
//!
//! - Whoever is asked is signed in: `auth` and `_` hold.
//! - A session has a scope, a role or a permission, or has it not, whatever else it has.
//! - A session is of one organization or of none: where one `org` holds, no other does.
//! - Who signed in within five minutes did so within an hour: `recent("5m")` implies `recent("1h")`. Nobody has to
//!   have signed in recently, and nobody long ago.
//! - A policy, known by its path, says one thing about one request. What it says is not known here.
//!
//! Facts of which no two contradict each other are those of some session, so an answer is exact. Where it takes more rows
//! than `MOST`, nobody is told anything.

use crate::condition::{Condition, Kind};

/// The most rows that are looked at. A name doubles them at worst; most conditions need few.
const MOST: usize = 1 << 14;

/// A condition, and whether it has to hold.
pub(crate) type Goal<'a> = (&'a Condition, bool);

/// Returns whether no session meets all of these. `false` also where that takes too many rows.
pub(crate) fn never(goals: &[Goal<'_>]) -> bool {
    let mut names = Vec::new();
    let goals = goals.iter();
    let mut table = Table {
        goals: goals
            .map(|(condition, wanted)| (read(condition, &mut names), *wanted))
            .collect(),
        facts: Vec::new(),
        left: MOST,
    };
    table.has_row() == Some(false)
}

/// A condition with a number for each name.
enum Formula {
    Everybody,
    Leaf(Leaf),
    Not(Box<Formula>),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaf {
    /// A scope, a role, a permission or a policy.
    Has(usize),
    Org(usize),
    /// The seconds.
    Recent(u32),
}

/// What one fact says about another leaf: all that is known of sessions.
fn concluded((fact, holds): (Leaf, bool), asked: Leaf) -> Option<bool> {
    match (fact, asked) {
        (fact, asked) if fact == asked => Some(holds),
        (Leaf::Org(_), Leaf::Org(_)) => holds.then_some(false),
        (Leaf::Recent(one), Leaf::Recent(other)) => ((one < other) == holds).then_some(holds),
        _ => None,
    }
}

fn read(condition: &Condition, names: &mut Vec<String>) -> Formula {
    match condition {
        Condition::Everybody(_) => Formula::Everybody,
        Condition::Named(Kind::Org, _) => Formula::Leaf(Leaf::Org(number(condition, names))),
        Condition::Named(..) | Condition::Policy(_) => {
            Formula::Leaf(Leaf::Has(number(condition, names)))
        }
        Condition::Recent(_, seconds) => Formula::Leaf(Leaf::Recent(*seconds)),
        Condition::Not(part) => Formula::Not(Box::new(read(part, names))),
        Condition::All(parts) => Formula::All(parts.iter().map(|it| read(it, names)).collect()),
        Condition::Any(parts) => Formula::Any(parts.iter().map(|it| read(it, names)).collect()),
    }
}

fn number(leaf: &Condition, names: &mut Vec<String>) -> usize {
    let name = leaf.to_string();
    names.iter().position(|it| *it == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}

struct Table {
    goals: Vec<(Formula, bool)>,
    /// The row: what is taken to hold, and what not to.
    facts: Vec<(Leaf, bool)>,
    left: usize,
}

impl Table {
    /// Returns whether a session meets all goals of which these facts are true. `None`: too many rows.
    fn has_row(&mut self) -> Option<bool> {
        self.left = self.left.checked_sub(1)?;
        let mut open = None;
        for (formula, wanted) in &self.goals {
            match self.ask(formula) {
                Ok(holds) if holds == *wanted => {}
                Ok(_) => return Some(false),
                Err(leaf) => {
                    open.get_or_insert(leaf);
                }
            }
        }
        let Some(leaf) = open else {
            return Some(true);
        };
        for holds in [true, false] {
            self.facts.push((leaf, holds));
            let found = self.has_row();
            self.facts.pop();
            if found != Some(false) {
                return found;
            }
        }
        Some(false)
    }

    /// Returns whether it holds, or the first leaf of it on which that depends.
    fn ask(&self, formula: &Formula) -> Result<bool, Leaf> {
        match formula {
            Formula::Everybody => Ok(true),
            Formula::Leaf(leaf) => {
                let mut facts = self.facts.iter();
                let holds = facts.find_map(|fact| concluded(*fact, *leaf));
                holds.ok_or(*leaf)
            }
            Formula::Not(part) => self.ask(part).map(|holds| !holds),
            Formula::All(parts) => self.ask_until(parts, false),
            Formula::Any(parts) => self.ask_until(parts, true),
        }
    }

    /// Returns `decides` where a part does; the opposite where none can.
    fn ask_until(&self, parts: &[Formula], decides: bool) -> Result<bool, Leaf> {
        let mut open = None;
        for part in parts {
            match self.ask(part) {
                Ok(holds) if holds == decides => return Ok(decides),
                Ok(_) => {}
                Err(leaf) => {
                    open.get_or_insert(leaf);
                }
            }
        }
        open.map_or(Ok(!decides), Err)
    }
}

/// What makes goals impossible together.
pub(crate) struct Clash<'a> {
    /// The smallest condition that is too much.
    pub(crate) at: &'a Condition,
    pub(crate) why: Why<'a>,
}

pub(crate) enum Why<'a> {
    /// It is `_`.
    Everybody,
    /// One of those before is its opposite.
    Opposite(&'a Condition),
    /// Those before are of these other organizations.
    Orgs(Vec<String>),
    /// Those before leave nobody, together.
    Together,
}

/// Finds what in the last of these goals no session meets that meets those before it.
pub(crate) fn clash<'a>(before: &[Goal<'a>], last: Goal<'a>) -> Option<Clash<'a>> {
    let mut goals = before.to_vec();
    goals.push(last);
    if !never(&goals) {
        return None;
    }
    goals.pop();
    let (at, wanted) = smallest(&mut goals, last);
    let opposite = goals.iter().find(|goal| never(&[**goal, (at, wanted)]));
    let orgs = match at {
        Condition::Named(Kind::Org, name) if wanted => others(&goals, &name.value()),
        _ => None,
    };
    let why = match (at, orgs, opposite) {
        (Condition::Everybody(_), ..) => Why::Everybody,
        (_, Some(others), _) => Why::Orgs(others),
        (_, None, Some((opposite, _))) => Why::Opposite(opposite),
        (_, None, None) => Why::Together,
    };
    Some(Clash { at, why })
}

/// Returns the smallest part that is too much, and puts those that stand before it to the goals.
fn smallest<'a>(goals: &mut Vec<Goal<'a>>, (last, wanted): Goal<'a>) -> Goal<'a> {
    let parts = match (last, wanted) {
        (Condition::Not(part), _) => return smallest(goals, (part, !wanted)),
        (Condition::All(parts), true) | (Condition::Any(parts), false) => parts,
        _ => return (last, wanted),
    };
    for part in parts {
        goals.push((part, wanted));
        let is_too_much = never(goals);
        if is_too_much {
            goals.pop();
            return smallest(goals, (part, wanted));
        }
    }
    (last, wanted)
}

/// Returns the organizations in these goals of one of which each session is that meets them, if not of this.
fn others(goals: &[Goal<'_>], name: &str) -> Option<Vec<String>> {
    let named = goals.iter().flat_map(|(condition, _)| condition.named());
    let orgs = named.filter(|(kind, other)| *kind == Kind::Org && other.value() != name);
    let mut orgs: Vec<Condition> = orgs
        .map(|(kind, other)| Condition::Named(kind, other.clone()))
        .collect();
    let is_of_one = |orgs: &[Condition]| {
        let none = orgs.iter().map(|org| (org, false));
        let goals: Vec<Goal<'_>> = goals.iter().copied().chain(none).collect();
        never(&goals)
    };
    if !is_of_one(&orgs) {
        return None;
    }
    let mut at = 0;
    while at < orgs.len() {
        let org = orgs.remove(at);
        if !is_of_one(&orgs) {
            orgs.insert(at, org);
            at += 1;
        }
    }
    let names = orgs.iter().flat_map(|org| org.named());
    Some(names.map(|(_, name)| name.value()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::Dialect;
    use crate::error::Errors;

    fn parse(text: &str) -> Condition {
        let tokens = text.parse().unwrap();
        Condition::read(&tokens, Dialect::Policies, &mut Errors::default()).unwrap()
    }

    fn says(text: &str) -> (bool, bool) {
        let condition = parse(text);
        (never(&[(&condition, true)]), never(&[(&condition, false)]))
    }

    #[test]
    fn the_facts_about_sessions_decide() {
        for text in [
            r#"all(org("a"), org("b"))"#,
            r#"all(org("a"), not(org("a")))"#,
            r#"all(any(org("a"), org("b")), org("c"))"#,
            r#"all(recent("5m"), not(recent("1h")))"#,
            r#"all(any(role("a"), role("b")), not(role("a")), not(role("b")))"#,
            r#"all(policy(a::b), not(policy(a::b)))"#,
            r#"not(any(recent("1h"), not(recent("5m"))))"#,
        ] {
            assert_eq!(says(text), (true, false), "{text}");
        }
        for text in [
            r#"not(all(org("a"), org("b")))"#,
            r#"any(recent("1h"), not(recent("5m")))"#,
            r#"not(all(role("a"), not(role("a"))))"#,
            r#"any(all(role("a"), role("b")), not(role("a")), not(role("b")))"#,
        ] {
            assert_eq!(says(text), (false, true), "{text}");
        }
        for text in [
            r#"any(org("a"), org("b"))"#,
            r#"all(not(org("a")), not(org("b")))"#,
            r#"all(recent("1h"), not(recent("5m")))"#,
            r#"not(recent("5m"))"#,
            r#"all(scope("a"), not(role("a")))"#,
            r#"all(policy(a::b), not(policy(b)))"#,
        ] {
            assert_eq!(says(text), (false, false), "{text}");
        }
    }

    /// A session, as the runtime's tree of conditions looks at one.
    struct Session {
        names: u32,
        org: u32,
        age: u32,
    }

    fn holds(condition: &Condition, who: &Session) -> bool {
        let place = |name: &syn::LitStr| u32::from(name.value().as_bytes()[0] - b'a');
        match condition {
            Condition::Everybody(_) => true,
            Condition::Named(Kind::Org, name) => who.org == place(name),
            Condition::Named(_, name) => who.names >> place(name) & 1 == 1,
            Condition::Recent(_, seconds) => who.age <= *seconds,
            Condition::Policy(path) => who.names >> 3 & 1 == 1 && path.is_ident("p"),
            Condition::Not(part) => !holds(part, who),
            Condition::All(parts) => parts.iter().all(|part| holds(part, who)),
            Condition::Any(parts) => parts.iter().any(|part| holds(part, who)),
        }
    }

    /// Numbers that look like chance and are the same in each run.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, end: u64) -> u64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (self.0 >> 33) % end
        }

        fn condition(&mut self, depth: u32) -> String {
            let name = ['a', 'b', 'c'][self.below(3) as usize];
            match self.below(if depth == 0 { 4 } else { 9 }) {
                0 => format!("role({:?})", name.to_string()),
                1 => format!("org({:?})", name.to_string()),
                2 => format!("recent(\"{}s\")", self.below(3) + 1),
                3 => "policy(p)".to_owned(),
                4 => format!("not({})", self.condition(depth - 1)),
                list => {
                    let parts = (0..=self.below(3)).map(|_| self.condition(depth - 1));
                    let parts: Vec<String> = parts.collect();
                    format!(
                        "{}({})",
                        ["all", "any"][list as usize % 2],
                        parts.join(", ")
                    )
                }
            }
        }
    }

    #[test]
    fn what_it_says_is_what_every_session_says() {
        let everybody: Vec<Session> = (0..16)
            .flat_map(|names| (0..4).map(move |org| (names, org)))
            .flat_map(|(names, org)| (1..5).map(move |age| Session { names, org, age }))
            .collect();
        let mut chance = Chance(7);
        let mut seen = [0; 3];
        for _ in 0..3000 {
            let texts = [chance.condition(3), chance.condition(2)];
            let [one, other] = texts.each_ref().map(|text| parse(text));
            let nobody = |goals: &[Goal<'_>]| {
                let meets =
                    |who: &Session| goals.iter().all(|(it, wanted)| holds(it, who) == *wanted);
                !everybody.iter().any(meets)
            };
            for goals in [
                &[(&one, true)][..],
                &[(&one, false)],
                &[(&one, true), (&other, false)],
            ] {
                let expected = nobody(goals);
                assert_eq!(never(goals), expected, "{texts:?}");
                seen[goals.len() - 1 + usize::from(expected)] += 1;
            }
            let before = [(&one, true)];
            if !nobody(&before)
                && let Some(clash) = clash(&before, (&other, true))
            {
                assert!(nobody(&[(&one, true), (&other, true)]), "{texts:?}");
                assert!(
                    !matches!(clash.why, Why::Orgs(orgs) if orgs.is_empty()),
                    "{texts:?}"
                );
            }
        }
        assert!(seen.iter().all(|times| *times > 100), "{seen:?}");
    }

    #[test]
    fn a_table_that_is_too_long_is_left_open() {
        let pairs = |turned: bool| {
            let pairs = (0..40).map(|at| match turned {
                false => format!("any(role(\"a{at}\"), role(\"b{at}\"))"),
                true => format!("any(role(\"b{at}\"), role(\"a{at}\"))"),
            });
            parse(&format!("all({})", pairs.collect::<Vec<_>>().join(", ")))
        };
        let (one, other) = (pairs(false), pairs(true));
        assert!(!never(&[(&one, true), (&other, false)]));
        let names = (0..60).map(|at| format!("role(\"r{at}\")"));
        let names = names.collect::<Vec<_>>().join(", ");
        let wide = parse(&format!("all(any({names}), not(role(\"r7\")))"));
        assert!(!never(&[(&wide, true)]));
        let narrow = parse(&format!("all({names}, not(role(\"r7\")))"));
        assert!(never(&[(&narrow, true)]));
    }

    #[test]
    fn a_list_that_is_settled_is_told_once_and_what_to_write() {
        let said = |text: &str| {
            let mut errors = crate::error::Errors::default();
            parse(text).check(&mut errors);
            let errors = errors.finish().into_iter().flatten();
            errors.map(|it| it.to_string()).collect::<Vec<_>>()
        };
        for (text, sentence) in [
            (
                r#"all(org("a"), scope("x"), org("b"))"#,
                r#"nobody passes: a session is of one organization, and `all` asks for two; write `any(org("a"), org("b"))`"#,
            ),
            (
                r#"all(any(org("a"), role("x")), not(role("x")), org("b"))"#,
                r#"nobody passes: a session is of one organization, and `all` asks for two; write `any(org("a"), org("b"))`"#,
            ),
            (
                r#"not(all(role("a"), not(role("a"))))"#,
                "whoever is signed in passes this `not`: `all` asks for this and for the opposite; remove one",
            ),
            (
                r#"not(not(all(role("a"), not(role("a")))))"#,
                "nobody passes: `all` asks for this and for the opposite; remove one",
            ),
            (
                r#"not(any(role("a"), not(role("a"))))"#,
                "nobody passes this `not`: `any` asks for this or for the opposite; remove one",
            ),
            (
                r#"not(all(org("a"), org("b")))"#,
                "whoever is signed in passes this `not`: a session is of one organization, and `all` asks for two; remove one",
            ),
            (
                r#"any(not(org("a")), not(org("b")))"#,
                "whoever is signed in passes: a session is of one organization, and `any` refuses those of two; remove one, or write `#[require_auth]`, in a path rule `auth`",
            ),
            (
                r#"all(any(role("a"), role("b")), not(role("a")), not(role("b")))"#,
                "nobody passes: whoever meets the rest of this `all` does not meet this; remove one",
            ),
            (
                r#"any(all(role("a"), role("b")), not(role("a")), not(role("b")))"#,
                "whoever is signed in passes: whoever meets nothing else of this `any` meets this; remove one, or write `#[require_auth]`, in a path rule `auth`",
            ),
        ] {
            assert_eq!(said(text), [sentence], "{text}");
        }
        for text in [
            r#"any(org("a"), org("b"))"#,
            r#"all(not(org("a")), not(org("b")))"#,
            r#"any(all(role("a"), role("b")), not(role("b")))"#,
            r#"all(recent("1h"), not(recent("5m")), any(role("a"), not(role("b"))))"#,
            r#"all(role("a"), any(role("a"), role("b")))"#,
        ] {
            assert!(said(text).is_empty(), "{text}");
        }
    }
}
