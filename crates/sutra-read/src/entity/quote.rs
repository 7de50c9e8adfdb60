//! Titles in quotation marks: "Angi Vera".

use std::ops::Range;

use crate::lexicon::Flags;
use crate::reading::Document;

/// The longest quoted title, in tokens.
const TITLE_TOKENS_MAX: usize = 14;

/// The tokens between the quotation mark at `token` and its partner, if they read like a title.
pub(super) fn title_at(document: &Document, token: usize, limit: usize) -> Option<Range<usize>> {
    let tokens = &document.tokens;
    if !tokens[token].is_quote(document.text) || document.word(token) == "”" {
        return None;
    }
    let first = token + 1;
    let last = (first..limit.min(first + TITLE_TOKENS_MAX)).find(|at| tokens[*at].is_quote(document.text))?;
    let inside = tokens.get(first..last).filter(|inside| !inside.is_empty())?;
    let capitals = inside.iter().filter(|token| token.is_capital()).count();
    let small = inside.iter().filter(|token| {
        token.shape == crate::token::Shape::Lower && !token.word.is(Flags::FUNCTION.with(Flags::CONNECTOR))
    });
    let begins = inside[0].is_capital() || inside[0].shape == crate::token::Shape::Number;
    if !begins || capitals == 0 || small.count() * 2 > capitals || is_nickname(document, token, last, limit) {
        return None;
    }
    // A quoted sentence or clause is no title.
    let closing = tokens[last - 1];
    let last = if closing.is_mark(b',') || closing.is_mark(b'.') {
        last - 1
    } else {
        last
    };
    let stops = tokens[first..last]
        .iter()
        .filter(|token| token.is_mark(b'.') || token.is_mark(b';'))
        .count();
    (stops == 0 && last > first).then_some(first..last)
}

/// `Wilfried "Willi" Schneider`: a name goes on at both sides.
pub(super) fn is_nickname(document: &Document, open: usize, close: usize, limit: usize) -> bool {
    let tokens = &document.tokens;
    close - open <= 3
        && open > 0
        && close + 1 < limit
        && tokens[open - 1].is_capital()
        && !tokens[open - 1].word.is(Flags::FUNCTION)
        && tokens[close + 1].is_capital()
        && tokens[open + 1].is_capital()
}
