//! Numbers, with their currency before and their scale and unit after: `$4.86 million`, `5 km`, `four years`.

use crate::lexicon::Flags;
use crate::reading::Document;
use crate::token::Shape;

/// One past the last token of the number that begins at `token`.
pub(super) fn number_at(document: &Document, token: usize, limit: usize) -> Option<usize> {
    let tokens = &document.tokens[..limit];
    let currency = matches!(document.word(token), "$" | "€" | "£" | "¥" | "₹");
    let first = token + usize::from(currency);
    let head = tokens.get(first)?;
    let spelled = head.word.is(Flags::NUMBER_WORD);
    if head.shape != Shape::Number && !spelled {
        return None;
    }
    let ordinal = ["st", "nd", "rd", "th"]
        .iter()
        .any(|ending| document.word(first).ends_with(ending))
        && !spelled;
    if ordinal {
        return None;
    }
    let mut last = first + 1;
    let mut has_unit = currency;
    while last < limit {
        let next = &tokens[last];
        let hyphen = next.is_dash(document.text) && last + 1 < limit;
        let after = if hyphen { &tokens[last + 1] } else { next };
        let step = if hyphen { 2 } else { 1 };
        if spelled && hyphen && after.word.is(Flags::NUMBER_WORD) {
            last += step;
        } else if after.word.is(Flags::SCALE) {
            last += step;
            has_unit = true;
        } else if next.is_mark(b'%')
            || (after.word.is(Flags::UNIT.with(Flags::TIME_UNIT)) && after.shape == Shape::Lower)
        {
            last += step;
            has_unit = true;
            break;
        } else {
            break;
        }
    }
    let list_mark = first == token
        && tokens
            .get(last)
            .is_some_and(|next| next.glued && (next.is_mark(b'.') || next.is_mark(b')')))
        && last + 1 < limit
        && document.word(token).len() <= 2
        && is_first(document, token);
    let pronoun =
        spelled && !has_unit && last == first + 1 && document.word(first).eq_ignore_ascii_case("one");
    (!list_mark && !pronoun).then_some(last)
}

fn is_first(document: &Document, token: usize) -> bool {
    token == 0
        || document.tokens[token - 1].end < document.tokens[token].start && {
            let before = &document.text[..document.tokens[token].start];
            before.trim_end_matches([' ', '\t']).ends_with('\n')
        }
}
