//! Numbers, with their currency before and their scale and unit after: `$4.86 million`, `5 km`, `four years`,
//! `1 234 567`.

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
    let foreign = document.lexicon.is_foreign();
    if ordinal || foreign && !spelled && document.word(first).chars().any(char::is_alphabetic) {
        return None; // "1er", "2e"
    }
    let mut last = first + 1;
    if foreign {
        last = grouped(document, first, limit);
    }
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
            || (after.word.is(Flags::UNIT.with(Flags::TIME_UNIT)) && (after.shape == Shape::Lower || foreign))
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

/// One past the last group of thousands, where blanks part them: `1 234 567`.
fn grouped(document: &Document, first: usize, limit: usize) -> usize {
    let is_digits = |at: usize| document.word(at).bytes().all(|byte| byte.is_ascii_digit());
    let mut last = first + 1;
    if document.word(first).len() > 3 || !is_digits(first) {
        return last;
    }
    while last < limit && document.word(last).len() == 3 && is_digits(last) && !document.tokens[last].glued {
        last += 1;
    }
    last
}

fn is_first(document: &Document, token: usize) -> bool {
    token == 0
        || document.tokens[token - 1].end < document.tokens[token].start && {
            let before = &document.text[..document.tokens[token].start];
            before.trim_end_matches([' ', '\t']).ends_with('\n')
        }
}
