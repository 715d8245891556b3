//! What the messages say to write is written where the mistake stands, and read again.

use crate::pinned::{Pinned, each, said};

/// Returns what a sentence says to write: what stands in backticks or quotes behind each word of advice. Of
/// examples (`such as`) one is enough.
fn advice(sentence: &str) -> Vec<Vec<String>> {
    let mut advice = Vec::new();
    for word in ["write ", "did you mean ", "end with ", "such as "] {
        for (at, _) in sentence.match_indices(word) {
            let pieces = pieces(&sentence[at + word.len()..]);
            match word {
                "such as " => advice.push(pieces),
                _ => advice.extend(pieces.into_iter().map(|it| vec![it])),
            }
        }
    }
    advice.retain(|pieces| !pieces.is_empty());
    advice
}

/// Returns the pieces that a text begins with, with nothing but `or` and commas between.
fn pieces(mut text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    loop {
        let Some(quote) = text.get(..1).filter(|it| ["`", "\""].contains(it)) else {
            return pieces;
        };
        let Some((piece, rest)) = text[1..].split_once(quote) else {
            return pieces;
        };
        pieces.push(match quote {
            "`" => piece.to_owned(),
            _ => format!("\"{piece}\""),
        });
        let between = [", or ", " or ", ", "].into_iter();
        let behind = between.filter_map(|it| rest.strip_prefix(it)).next();
        text = behind.unwrap_or_default();
    }
}

/// Returns the file with the piece at each place where one may put it.
fn placed(source: &str, at: &Pinned, piece: &str) -> Vec<String> {
    let all: Vec<char> = source.chars().collect();
    let with = |from: usize, to: usize| -> String {
        let (before, after) = (&all[..from], &all[to..]);
        before
            .iter()
            .copied()
            .chain(piece.chars())
            .chain(after.iter().copied())
            .collect()
    };
    let mut placed = vec![with(at.from, at.to)];
    // The value of a key.
    let value = all[at.from..at.to].iter().position(|c| *c == '=');
    placed.extend(value.map(|value| with(at.from + value + 1, at.to)));
    // Above the item.
    let line = all[..at.from]
        .iter()
        .rposition(|c| *c == '\n')
        .map_or(0, |at| at + 1);
    placed.push(with(line, line).replacen(piece, &format!("{piece}\n"), 1));
    placed.extend(in_signature(source, at, piece));
    // A word, with the list behind it; or at the end of that list.
    if all.get(at.to) == Some(&'(')
        && let Some((_, end)) = outer(&all, at.to + 1, at.to + 1)
    {
        placed.push(with(at.from, end));
        placed.push(with(end - 1, end - 1).replacen(piece, &format!(", {piece}"), 1));
    }
    let (mut from, mut to) = (at.from, at.to);
    // Outwards: the part between two commas, and what the parentheses around it belong to.
    loop {
        (from, to) = part(&all, from, to);
        placed.push(with(from, to));
        placed.push(with(to, to).replacen(piece, &format!(", {piece}"), 1));
        // It goes elsewhere: out of its list, and beside that.
        let moved: Vec<char> = [&all[..at.from], &all[at.to..]].concat();
        let behind = to - (at.to - at.from);
        if behind > at.from {
            let (before, after) = moved.split_at(behind);
            let beside = format!(", {piece}");
            placed.push(
                before
                    .iter()
                    .copied()
                    .chain(beside.chars())
                    .chain(after.iter().copied())
                    .collect(),
            );
        }
        // The part is left out, and it goes beside the list.
        let comma = all[to..]
            .iter()
            .take_while(|it| **it == ',' || it.is_whitespace());
        let rest = to + comma.count();
        if let Some((_, end)) = outer(&all, from, to) {
            let left = [&all[..from], &all[rest..end]].concat();
            let beside = format!(", {piece}");
            let left = left.into_iter().chain(beside.chars());
            placed.push(left.chain(all[end..].iter().copied()).collect());
        }
        let Some(outer) = outer(&all, from, to) else {
            break;
        };
        (from, to) = outer;
        placed.push(with(from, to));
    }
    placed
}

/// Returns the file with a piece of a function's signature in it.
fn in_signature(source: &str, at: &Pinned, piece: &str) -> Option<String> {
    let from = source.char_indices().nth(at.from)?.0;
    let begin = source[..from + 3].rfind("fn ")?;
    let body = begin + source[begin..].find('{')?;
    let (head, rest) = (&source[..begin], &source[begin..]);
    if piece.starts_with("->") {
        return Some(format!("{}{piece} {}", &source[..body], &source[body..]));
    }
    let signature = piece.strip_prefix("async ")?;
    let head = head.trim_end_matches("async ");
    let rest = match signature.contains('(') {
        true => &source[body..],
        false => &rest[rest.find('(')?..],
    };
    Some(format!("{head}async {signature}{rest}"))
}

/// Widens a place to the part of a list that it is in.
fn part(all: &[char], from: usize, to: usize) -> (usize, usize) {
    let (mut depth, mut start) = (0, from);
    while start > 0 {
        match all[start - 1] {
            ')' | ']' | '}' => depth += 1,
            '(' | '[' | '{' | ',' if depth == 0 => break,
            '(' | '[' | '{' => depth -= 1,
            _ => {}
        }
        start -= 1;
    }
    while start < from && all[start].is_whitespace() {
        start += 1;
    }
    let (mut depth, mut end, mut quoted) = (0, to, false);
    while end < all.len() {
        match all[end] {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' | ',' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        end += 1;
    }
    (start, end)
}

/// Returns the list that a part is in, with its name.
fn outer(all: &[char], from: usize, to: usize) -> Option<(usize, usize)> {
    let (mut depth, mut start) = (0, from);
    loop {
        start = start.checked_sub(1)?;
        match all[start] {
            ')' | ']' => depth += 1,
            '(' | '[' if depth == 0 => break,
            '(' | '[' => depth -= 1,
            _ => {}
        }
    }
    let (mut depth, mut end) = (0, to);
    loop {
        match all.get(end)? {
            '(' | '[' => depth += 1,
            ')' | ']' if depth == 0 => break,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        end += 1;
    }
    while start > 0 && (all[start - 1].is_alphanumeric() || "_:#[".contains(all[start - 1])) {
        start -= 1;
    }
    let is_attribute = all[start] == '#';
    Some((start, end + 1 + usize::from(is_attribute)))
}

fn helps(source: &str, before: &[String], pinned: &Pinned, piece: &str) -> bool {
    placed(source, pinned, piece).iter().any(|source| {
        let Some(mut after) = said(source) else {
            return false;
        };
        let mut before = before.to_vec();
        let at = before.iter().position(|it| it == &pinned.sentence);
        at.map(|at| before.remove(at));
        // Of two mistakes in one thing, the other may be told in other words.
        if !before.is_empty() && after.len() == before.len() {
            return !after.contains(&pinned.sentence);
        }
        before.iter().for_each(|it| {
            let at = after.iter().position(|other| other == it);
            at.map(|at| after.remove(at));
        });
        after.is_empty()
    })
}

/// What is advised and does not help by itself, by the beginning of the file's name, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "authorize_reserved",
        "the names of parameters stand in quotes in `forward(...)`, and here without",
    ),
    (
        "cookie_domain_of_an_app_on_localhost",
        "the key is to be left out",
    ),
    (
        "cookie_path_relative",
        "the path that was meant leaves the endpoints out, which the next message says",
    ),
    (
        "cover_conditions_together_let_everybody_in",
        "the attribute is for guards, and the word behind it for rules",
    ),
    (
        "guard_below_the_openapi_document",
        "the guard is there, and is to stand above the other attribute",
    ),
    (
        "provider_timeout_without_unit",
        "the examples are for any duration, and this one has thirty seconds at the most",
    ),
    (
        "protected_guard_below_the_openapi_document",
        "the guard is there, and is to stand above the other attribute",
    ),
    (
        "protected_module_with_a_boxed_future",
        "a function that is seen has to have a guard, which the next message says",
    ),
    (
        "protected_module_with_a_function_that_returns_a_future",
        "a function that is seen has to have a guard, which the next message says",
    ),
    (
        "protected_on_a_function",
        "the handlers are to be written in the place of the dots",
    ),
];

#[test]
fn what_is_advised_compiles() {
    let mut fails = Vec::new();
    each(|name, source, pinned| {
        if EXCEPTIONS.iter().any(|(file, _)| *file == name) {
            return;
        }
        let before = said(source).unwrap_or_default();
        for message in pinned {
            for pieces in advice(&message.sentence) {
                if !pieces.iter().any(|it| helps(source, &before, &message, it)) {
                    fails.push(format!("{name}: {pieces:?}\n    {}", message.sentence));
                }
            }
        }
    });
    assert!(fails.is_empty(), "{}\n{}", fails.join("\n"), fails.len());
}
