//! Tokens: the words, numbers and marks of a sentence, each looked up once in the lexicon.
//!
//! A token is a range of the text with what every later rule asks about it; no rule reads characters again.

use std::ops::Range;

use crate::lexicon::{Lexicon, Word};

/// How the letters of a token are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Begins in lower case, or has no case.
    Lower,
    /// Begins with a capital.
    Capital,
    /// Two letters or more, all of them capitals.
    Acronym,
    /// Begins with a digit.
    Number,
    /// A mark.
    Mark,
}

/// A word, number or mark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub start: usize,
    pub end: usize,
    pub shape: Shape,
    /// What the lexicon says of it.
    pub word: Word,
    /// The first byte: for a mark, which mark.
    pub first: u8,
    /// No white space stands before it.
    pub glued: bool,
}

impl Token {
    /// The token as written.
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start..self.end]
    }

    /// Written as names are.
    pub fn is_capital(&self) -> bool {
        matches!(self.shape, Shape::Capital | Shape::Acronym)
    }

    /// Whether it is this ASCII mark.
    pub fn is_mark(&self, mark: u8) -> bool {
        self.shape == Shape::Mark && self.first == mark
    }

    /// A straight or curly double quotation mark.
    pub fn is_quote(&self, text: &str) -> bool {
        self.shape == Shape::Mark
            && matches!(self.text(text), "\"" | "“" | "”" | "«" | "»" | "„" | "``" | "''")
    }

    /// A hyphen or dash standing by itself.
    pub fn is_dash(&self, text: &str) -> bool {
        self.shape == Shape::Mark && matches!(self.text(text), "-" | "–" | "—" | "−")
    }
}

/// Appends the tokens of `text[range]` to `tokens`.
pub(crate) fn tokenise(lexicon: &Lexicon, text: &str, range: Range<usize>, tokens: &mut Vec<Token>) {
    let bytes = text.as_bytes();
    let mut position = range.start;
    let mut glued = false;
    while position < range.end {
        let (c, width) = char_at(text, position);
        if c.is_whitespace() {
            position += width;
            glued = false;
            continue;
        }
        let end = if c.is_ascii_digit() {
            number_end(lexicon, bytes, position, range.end, text)
        } else if c.is_alphanumeric() {
            word_end(lexicon, text, position, range.end)
        } else {
            mark_end(text, position, width, range.end)
        };
        tokens.push(token(lexicon, text, position, end, c, glued));
        position = end;
        glued = true;
    }
}

fn char_at(text: &str, position: usize) -> (char, usize) {
    let byte = text.as_bytes()[position];
    if byte < 0x80 {
        return (byte as char, 1);
    }
    let c = text[position..].chars().next().unwrap_or('\u{FFFD}');
    (c, c.len_utf8())
}

fn token(lexicon: &Lexicon, text: &str, start: usize, end: usize, first: char, glued: bool) -> Token {
    let word = &text[start..end];
    let possessive = matches!(word, "'s" | "’s");
    let shape = if possessive {
        Shape::Mark
    } else if first.is_ascii_digit() {
        Shape::Number
    } else if first.is_uppercase() {
        let capitals = word.chars().filter(|c| c.is_uppercase()).count();
        let small = word.chars().any(char::is_lowercase);
        if capitals >= 2 && !small {
            Shape::Acronym
        } else {
            Shape::Capital
        }
    } else if first.is_alphanumeric() {
        // iTunes, eBay
        let inner =
            first.is_ascii_lowercase() && word.bytes().skip(1).take(2).any(|byte| byte.is_ascii_uppercase());
        if inner { Shape::Capital } else { Shape::Lower }
    } else {
        Shape::Mark
    };
    let known = if shape == Shape::Mark && !possessive {
        Word::default()
    } else {
        lexicon.lookup(word)
    };
    Token {
        start,
        end,
        shape,
        word: known,
        first: text.as_bytes()[start],
        glued,
    }
}

/// Digits with inner separators (`1,500`, `4.5`, `10:30`) and a glued ending (`1930s`, `45-part`, `19th`).
fn number_end(lexicon: &Lexicon, bytes: &[u8], start: usize, limit: usize, text: &str) -> usize {
    let mut end = start;
    while end < limit {
        match bytes[end] {
            b'0'..=b'9' => end += 1,
            b',' | b'.' | b':' if end + 1 < limit && bytes[end + 1].is_ascii_digit() => end += 2,
            b'-' if end + 1 < limit && bytes[end + 1].is_ascii_alphabetic() => {
                return word_end(lexicon, text, end + 1, limit);
            }
            byte if byte.is_ascii_alphabetic() || byte >= 0x80 => {
                let (c, _) = char_at(text, end);
                return if c.is_alphanumeric() {
                    word_end(lexicon, text, end, limit)
                } else {
                    end
                };
            }
            _ => break,
        }
    }
    end
}

/// Letters and digits with inner hyphens and apostrophes, and the full stops of acronyms and abbreviations.
fn word_end(lexicon: &Lexicon, text: &str, start: usize, limit: usize) -> usize {
    let mut end = start;
    while end < limit {
        let (c, width) = char_at(text, end);
        if c.is_alphanumeric() || is_combining(c) {
            end += width;
            continue;
        }
        let next = end + width;
        let joins = next < limit && char_at(text, next).0.is_alphanumeric();
        match c {
            '-' | '_' if joins && !is_descriptive(&text[next..limit]) => end = next,
            '\'' | '’' if joins && lexicon.elides() => {
                end = next;
                break;
            }
            '\'' | '’' if joins && !ends_in_possessive(text, next, limit) => end = next,
            '.' if is_initials(&text[start..end])
                && (joins || next < limit || text[start..end].contains('.')) =>
            {
                end = next;
                if !joins {
                    break;
                }
            }
            '.' if lexicon.lookup(&text[start..end]).is_abbreviation() => {
                end = next;
                break;
            }
            _ => break,
        }
    }
    end
}

/// Whether what follows a hyphen makes an adjective of the name before it: `Paris-based`.
fn is_descriptive(rest: &str) -> bool {
    const ENDINGS: [&str; 12] = [
        "based", "born", "led", "owned", "era", "style", "like", "speaking", "language", "wide", "trained",
        "backed",
    ];
    ENDINGS.iter().any(|ending| {
        rest.strip_prefix(ending)
            .is_some_and(|after| !after.starts_with(char::is_alphanumeric))
    })
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{0900}'..='\u{0DFF}' | '\u{200C}' | '\u{200D}')
        && !matches!(c, '।' | '॥')
}

/// One letter, or letters parted by full stops: `J`, `U.S`.
fn is_initials(word: &str) -> bool {
    word.len() < 16
        && word.split('.').all(|part| {
            let mut letters = part.chars();
            letters.next().is_some_and(|c| c.is_uppercase()) && letters.next().is_none()
        })
}

fn ends_in_possessive(text: &str, next: usize, limit: usize) -> bool {
    matches!(text.as_bytes()[next], b's' | b'S')
        && (next + 1 >= limit || !char_at(text, next + 1).0.is_alphanumeric())
}

/// A mark is one character, but for `'s`, repeated quotes and runs of full stops.
fn mark_end(text: &str, start: usize, width: usize, limit: usize) -> usize {
    let next = start + width;
    let c = &text[start..next];
    if matches!(c, "'" | "’") && next < limit && ends_in_possessive(text, next, limit) {
        return next + 1;
    }
    if matches!(c, "." | "`" | "'") {
        let run = text.as_bytes()[next..limit]
            .iter()
            .take_while(|byte| **byte == c.as_bytes()[0])
            .count();
        return next + run;
    }
    next
}
