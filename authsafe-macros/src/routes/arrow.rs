//! A rule as tokens: what stands before `=>`, and what behind.

use proc_macro2::{TokenStream, TokenTree};

pub(super) struct Arrow {
    pub(super) left: TokenStream,
    /// `=>`
    pub(super) arrow: Option<TokenStream>,
    /// What stands in the place of it.
    pub(super) wrong: Option<TokenTree>,
    pub(super) right: TokenStream,
}

impl Arrow {
    pub(super) fn of(part: &TokenStream) -> Self {
        let trees: Vec<TokenTree> = part.clone().into_iter().collect();
        let mark = |at: usize, mark: char| matches!(trees.get(at), Some(TokenTree::Punct(it)) if it.as_char() == mark);
        let all = |trees: &[TokenTree]| -> TokenStream { trees.iter().cloned().collect() };
        if let Some(at) = (0..trees.len()).find(|&at| mark(at, '=') && mark(at + 1, '>')) {
            return Self {
                left: all(&trees[..at]),
                arrow: Some(all(&trees[at..at + 2])),
                wrong: None,
                right: all(&trees[at + 2..]),
            };
        }
        let is_wrong = |at: usize| {
            let is_path = mark(at, ':') && (mark(at + 1, ':') || (at > 0 && mark(at - 1, ':')));
            "-=:>~".chars().any(|it| mark(at, it)) && !is_path
        };
        let wrong = (1..trees.len()).find(|&at| is_wrong(at));
        let right = wrong.map_or(trees.len(), |at| {
            let behind = (at..trees.len()).find(|&at| !"-=:>~".chars().any(|it| mark(at, it)));
            behind.unwrap_or(trees.len())
        });
        Self {
            left: all(&trees[..wrong.unwrap_or(trees.len())]),
            arrow: None,
            wrong: wrong.map(|at| trees[at].clone()),
            right: all(&trees[right..]),
        }
    }
}
