//! Sentences: where each begins and ends, as byte ranges.
//!
//! One pass over the bytes, deciding at each full stop, blank line and marked line. A boundary is never put
//! inside a word, a number or an abbreviation; no byte that is not white space falls between two sentences.

use std::ops::Range;

use crate::lexicon::{Flags, Lexicon};

/// What can follow a full stop and still belong to its sentence.
const CLOSERS: [char; 11] = ['"', '\'', '”', '’', '»', ')', ']', '}', '」', '』', '）'];
/// What can stand before the first letter of a sentence.
const OPENERS: [char; 17] = [
    '"', '\'', '“', '„', '‘', '‚', '«', '»', '(', '[', '{', '¿', '¡', '「', '『', '*', '_',
];
/// What opens a quotation in one language and closes it in another: „…“, ‚…‘, »…«.
const TURNED_CLOSERS: [char; 3] = ['“', '‘', '«'];
/// The marks that end a sentence and leave a blank behind them.
const STOPS: [char; 4] = ['.', '!', '?', '…'];
/// The longest speaker's name, in bytes.
const SPEAKER_BYTES_MAX: usize = 48;
/// A form feed ends a paragraph in a single byte: who reads a marked-up text by rule puts one where its
/// mark-up parts two blocks.
pub(crate) const PARAGRAPH_END: u8 = b'\x0c';

/// The longest abbreviation, in characters.
const ABBREVIATION_CHARS_MAX: usize = 24;

/// The sentences of `text`: byte ranges in order, apart, trimmed of white space, on character boundaries.
/// Together they hold every byte of `text` that is not white space.
pub(crate) fn split(lexicon: &Lexicon, text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut sentences = Vec::with_capacity(text.len() / 100 + 1);
    let mut start = skip_blanks(text, 0);
    let mut position = start;
    let mut in_quotes = false;
    while position < bytes.len() {
        let mut next = position + 1;
        let boundary = match bytes[position] {
            b'"' => {
                in_quotes = !in_quotes;
                None
            }
            b'\n' => {
                let after = line_boundary(text, start, position);
                in_quotes &= after.is_none();
                after
            }
            PARAGRAPH_END => {
                in_quotes = false;
                Some(next)
            }
            b'.' | b'!' | b'?' | 0xE2 => {
                next = position
                    + text[position..]
                        .find(|c| !STOPS.contains(&c))
                        .unwrap_or(bytes.len() - position);
                if next > position {
                    stop_boundary(lexicon, text, start, position..next, in_quotes)
                } else {
                    None
                }
            }
            lead @ (0xD8 | 0xDB | 0xE0 | 0xE3 | 0xEF) => foreign_boundary(text, position, lead),
            _ => None,
        };
        if let Some(end) = boundary {
            in_quotes ^= bytes[position..end].iter().filter(|byte| **byte == b'"').count() % 2 == 1;
            push_trimmed(text, start..end, &mut sentences);
            start = skip_blanks(text, end);
            next = start;
        }
        position = next.max(position + 1);
    }
    push_trimmed(text, start..bytes.len(), &mut sentences);
    sentences
}

fn skip_blanks(text: &str, from: usize) -> usize {
    text.len() - text[from..].trim_start().len()
}

fn push_trimmed(text: &str, range: Range<usize>, sentences: &mut Vec<Range<usize>>) {
    let piece = &text[range.clone()];
    let start = range.start + (piece.len() - piece.trim_start().len());
    let trimmed = piece.trim();
    if !trimmed.is_empty() {
        sentences.push(start..start + trimmed.len());
    }
}

/// Full stops of scripts that put no blank after them: 。！？｡ । ۔ ؟
fn foreign_boundary(text: &str, position: usize, lead: u8) -> Option<usize> {
    let stop = match lead {
        0xE3 => text[position..].starts_with('。'),
        0xEF => text[position..].starts_with(['！', '？', '｡']),
        0xE0 => text[position..].starts_with(['।', '॥']),
        _ => text[position..].starts_with(['؟', '۔']),
    };
    if !stop {
        return None;
    }
    let rest = &text[position..];
    let end = rest
        .find(|c: char| !"。！？｡।॥؟۔".contains(c) && !CLOSERS.contains(&c))
        .unwrap_or(rest.len());
    Some(position + end)
}

/// A line break ends a sentence where a blank line, a list item, a heading, a table row or a speaker follows,
/// and where the line itself is a heading or a row.
fn line_boundary(text: &str, start: usize, position: usize) -> Option<usize> {
    let after = position + 1;
    let next_line = text[after..].trim_start_matches([' ', '\t', '\r']);
    if next_line.starts_with('\n') || starts_marked(next_line) {
        return Some(after);
    }
    let line_start = text[start..position]
        .rfind('\n')
        .map_or(start, |newline| start + newline + 1);
    let line = text[line_start..position].trim_start();
    line.starts_with(['#', '=', '|']).then_some(after)
}

/// Whether a line begins with the mark of a list item, heading or table row, or with a speaker's name.
fn starts_marked(line: &str) -> bool {
    let bytes = line.as_bytes();
    match bytes.first() {
        Some(b'#' | b'=' | b'|') => true,
        Some(b'-' | b'*' | b'+') => bytes.get(1) == Some(&b' '),
        Some(b'0'..=b'9') => {
            let digits = bytes
                .iter()
                .take(4)
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            matches!(bytes.get(digits), Some(b'.' | b')')) && bytes.get(digits + 1) == Some(&b' ')
        }
        Some(b'A'..=b'Z') => is_speaker(bytes),
        _ => line.starts_with(['•', '–', '—', '◦', '▪', '·']),
    }
}

/// `Name:` or `First Last:` followed by a blank.
fn is_speaker(line: &[u8]) -> bool {
    let head = &line[..line.len().min(SPEAKER_BYTES_MAX)];
    let Some(colon) = head
        .iter()
        .position(|byte| matches!(byte, b':' | b'\n' | b'.' | b','))
    else {
        return false;
    };
    head[colon] == b':'
        && line.get(colon + 1) == Some(&b' ')
        && head[..colon]
            .split(|byte| *byte == b' ')
            .all(|word| word.first().is_some_and(u8::is_ascii_uppercase))
}

/// Decides at a run of `.`, `!`, `?` or `…`; returns the end of the sentence, closing marks included.
fn stop_boundary(
    lexicon: &Lexicon,
    text: &str,
    start: usize,
    marks: Range<usize>,
    in_quotes: bool,
) -> Option<usize> {
    let mut end = skip_closers(text, marks.end);
    let rest = &text[end..];
    let mut next = rest.trim_start();
    if rest.is_empty() || (next.len() < rest.len() && next.is_empty()) {
        return Some(end);
    }
    if next.len() == rest.len() {
        return None; // glued to what follows: a decimal, an address, "e.g"
    }
    if in_quotes && end == marks.end && next.starts_with('"') {
        // Tokenised text: the mark after the blank closes this quotation.
        end = text.len() - next.len() + 1;
        next = next[1..].trim_start();
    }
    if text[end..text.len() - next.len()].contains('\n') && starts_marked(next) {
        return Some(end);
    }
    let begins = next.trim_start_matches(|c: char| OPENERS.contains(&c) || c == ' ');
    let Some(first) = begins.chars().next() else {
        return Some(end);
    };
    if matches!(first, ',' | ';' | ':' | ')' | ']' | '&' | '/') {
        return None;
    }
    if first.is_lowercase() && !text[start..].starts_with(char::is_lowercase) {
        return None; // text whose sentences begin in lower case ends them before lower case too
    }
    let single = &text[marks.clone()] == ".";
    (!(single && end_is_abbreviation(lexicon, text, start, marks.start, begins))).then_some(end)
}

/// Steps over closing quotes and brackets, also `“` and `«` with a blank behind them and the ` »` of French, and over
/// footnote marks like `[12]`.
fn skip_closers(text: &str, from: usize) -> usize {
    let mut end = from;
    loop {
        let rest = &text[end..];
        let mut characters = rest.chars();
        let Some(next) = characters.next() else {
            return end;
        };
        let second = characters.next();
        let turned = TURNED_CLOSERS.contains(&next)
            && second
                .is_none_or(|c| c.is_whitespace() || CLOSERS.contains(&c) || TURNED_CLOSERS.contains(&c));
        if CLOSERS.contains(&next) || turned {
            end += next.len_utf8();
        } else if matches!(next, ' ' | '\u{a0}' | '\u{202f}')
            && second == Some('»')
            && !characters.next().is_some_and(char::is_alphanumeric)
        {
            end += next.len_utf8() + '»'.len_utf8();
        } else if next == '[' {
            let digits = rest[1..].bytes().take(4).take_while(u8::is_ascii_digit).count();
            if digits == 0 || rest.as_bytes().get(digits + 1) != Some(&b']') {
                return end;
            }
            end += digits + 2;
        } else {
            return end;
        }
    }
}

/// Whether the full stop at `position` belongs to an abbreviation, an initial or a list number, given the word
/// that begins after it.
fn end_is_abbreviation(lexicon: &Lexicon, text: &str, start: usize, position: usize, begins: &str) -> bool {
    let sentence = &text[start..position];
    let mut before = sentence.char_indices().rev().take(ABBREVIATION_CHARS_MAX);
    let word_at = before
        .find(|(_, c)| c.is_whitespace() || OPENERS.contains(c) || matches!(c, '-' | '–' | '—' | '/'))
        .map_or(0, |(at, c)| at + c.len_utf8());
    if sentence.len() - word_at > 4 * ABBREVIATION_CHARS_MAX {
        return false;
    }
    let word = &sentence[word_at..];
    let next_word = begins
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    // The B of "z. B." opens nothing, whatever a letter may mean by itself.
    let next_is_initial = next_word.chars().count() == 1 && begins[next_word.len()..].starts_with('.');
    let opens_sentence = || !next_is_initial && lexicon.flags_of(next_word).contains(Flags::FUNCTION);
    if word.is_empty() {
        return false;
    }
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        let list_number = sentence[..word_at].trim().is_empty();
        // German writes ordinals with a full stop: "im 19. Jahrhundert".
        let ordinal = lexicon.capitalises_nouns() && word.len() <= 3 && !opens_sentence();
        return list_number
            || ordinal
            || (word.len() <= 2
                && lexicon.flags_of(next_word).contains(Flags::MONTH)
                && begins.contains(' '));
    }
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let initial = letters == 1 && word.chars().all(char::is_uppercase);
    if initial || lexicon.is_foreign() && letters == 1 && word.chars().count() == 1 {
        return !opens_sentence(); // "J. R. R. Tolkien", "z. B."
    }
    if word.contains('.')
        && word
            .split('.')
            .all(|part| part.chars().count() <= 2 && part.chars().all(char::is_alphabetic))
    {
        return !opens_sentence() || matches!(word, "e.g" | "i.e");
    }
    let flags = lexicon.flags_of(word);
    if flags.contains(Flags::NUMBERED) {
        return next_word.starts_with(|c: char| c.is_ascii_digit());
    }
    if flags.contains(Flags::TITLE_ABBREVIATION) {
        return true;
    }
    // "Acme Corp. Alice joined": a name and its verb begin a new sentence, "Acme Corp. Chairman Smith" does not.
    let second = begins[next_word.len()..]
        .split_whitespace()
        .next()
        .unwrap_or_default();
    let verb = lexicon
        .flags_of(second)
        .contains(Flags::VERB.with(Flags::BE).with(Flags::AUXILIARY));
    flags.contains(Flags::ABBREVIATION) && !opens_sentence() && !verb
}

#[cfg(test)]
mod tests {
    use sutra_model::Language;

    use crate::lexicon::Lexicon;

    fn split(text: &str) -> Vec<std::ops::Range<usize>> {
        super::split(Lexicon::of(Language::English), text)
    }

    /// Each case is written with ` | ` where sentences part.
    const CASES: &[&str] = &[
        "It rained. | She left! | Why? | Nobody knew.",
        "Dr. Smith met Mrs. Jones at St. Paul's. | They talked.",
        "J. R. R. Tolkien wrote it. | It sold well.",
        "He moved to the U.S. in 1990. | The U.S. Army followed.",
        "She lives in the U.S. | He does not.",
        "Fruit, e.g. Apples, i.e. Malus, is sold. | It is good.",
        "It costs 4.5 million. | See No. 5 and Fig. 2 for more.",
        "Pi is 3.14. | 25 people knew.",
        "Acme Inc. was sold. | It had been owned by Widgets Ltd. | The price is secret.",
        "He said \"I am here.\" | She left.",
        "(It was late.) | She left.",
        "“Stop.” | He stopped.",
        "\" We won. \" | He smiled.",
        "It is known.[12] | More follows.[3][4] | End.",
        "Wait... what? | Then it went… | Nothing came.",
        "An empire... the perfect one.",
        "Yahoo! is a company. | It is old.",
        "\"Who?\" he asked. | \"Me!\" she said.",
        "first one. | second one.",
        "One line\nof prose goes on. | Another.",
        "No full stop here\n\n | Next paragraph",
        "Things: | \n- one | \n- two | \n* three",
        "# Heading | \nText under it. | \n## Next",
        "1. First point. | \n2. Second point.",
        "= Title = | \nProse.",
        "Ann: Hi there | \nBob: Hello",
        "他来了。 | 她走了！ | 真的吗？ | 是的。",
        "यह है। | वह था।",
        "Am 3. Oktober 1990 war es so weit. | Es regnete.",
        "See www.example.com for version 2.0.1 now.",
        "Vitamin C. | It helps.",
        "She is at Acme Corp. | Alice joined in May.",
        "Acme Corp. Chairman Smith spoke.",
        "World War I ended in 1918. | Peace came.",
        "trailing space.   ",
        "",
        " \n ",
    ];

    #[test]
    fn sentences_part_where_a_reader_would_part_them() {
        for case in CASES {
            let wanted: Vec<&str> = case
                .split(" | ")
                .map(str::trim)
                .filter(|sentence| !sentence.is_empty())
                .collect();
            let text = case
                .replace(" | ", " ")
                .replace("。 ", "。")
                .replace("！ ", "！")
                .replace(" \n", "\n");
            let found: Vec<&str> = split(&text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, wanted, "{case:?}");
        }
    }
}
