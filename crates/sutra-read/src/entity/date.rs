//! Dates: `2 November 1932`, `November 2, 1932`, `1932`, `1930s`, `17th century`, `1997–98`, `2011-03-04`; in other
//! languages `3. Oktober 1990`, `1er mai 1990`, `3 de octubre de 1990`, `03.10.1990`, `1990er`, `XIXe siècle`, `siglo XIX`.

use sutra_model::Validity;

use crate::lexicon::Flags;
use crate::reading::Document;
use crate::token::{Shape, Token};

const SPELLED_CENTURIES: [&str; 12] = [
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty-first",
];
const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;

/// One past the last token of the date that begins at `token`.
pub(super) fn date_at(document: &Document, token: usize, limit: usize) -> Option<usize> {
    let cursor = Cursor { document, limit };
    let head = &document.tokens[token];
    if document.lexicon.is_foreign() {
        return match head.shape {
            Shape::Number => cursor
                .day_month(token)
                .or_else(|| cursor.foreign_century(token))
                .or_else(|| cursor.numeric(token))
                .or_else(|| cursor.year(token)),
            Shape::Mark => None,
            _ if head.word.is(Flags::MONTH) => cursor.foreign_month(token),
            _ => cursor.foreign_century(token),
        };
    }
    match head.shape {
        Shape::Number => cursor
            .day_month(token)
            .or_else(|| cursor.century(token))
            .or_else(|| cursor.year(token)),
        Shape::Mark => None,
        _ if head.word.is(Flags::MONTH) && head.is_capital() => cursor.month(token),
        _ if head.word.is(Flags::SEASON) => cursor.season(token),
        _ => cursor.century(token),
    }
}

struct Cursor<'d, 't> {
    document: &'d Document<'t>,
    limit: usize,
}

impl Cursor<'_, '_> {
    fn token(&self, at: usize) -> Option<&Token> {
        (at < self.limit).then(|| &self.document.tokens[at])
    }

    fn word(&self, at: usize) -> &str {
        if at < self.limit {
            self.document.word(at)
        } else {
            ""
        }
    }

    /// `2 November 1932`, `2nd of November`, `3. Oktober`.
    fn day_month(&self, token: usize) -> Option<usize> {
        day(self.word(token))?;
        let dot = self.word(token + 1) == "." && self.document.tokens[token + 1].glued;
        let month = token + 1 + usize::from(dot || self.is_link(token + 1));
        let named = self.token(month)?;
        if !(named.word.is(Flags::MONTH) && (named.is_capital() || self.document.lexicon.is_foreign())) {
            return None;
        }
        Some(self.trailing_year(month + 1))
    }

    /// `November 2, 1932`, `November 1932`, `November`.
    fn month(&self, token: usize) -> Option<usize> {
        let next = token + 1;
        if day(self.word(next)).is_some() {
            return Some(self.trailing_year(next + 1));
        }
        let end = self.trailing_year(next);
        let ambiguous = matches!(
            self.word(token),
            "May" | "March" | "August" | "Mars" | "Mar" | "Jan" | "Dec" | "Mai" | "April" | "June"
        );
        let placed = token > 0
            && matches!(
                self.document.word(token - 1),
                "in" | "since" | "until" | "of" | "by" | "early" | "late"
            );
        (end > next || ((!ambiguous || placed) && self.token(next).is_none_or(|token| !token.is_capital())))
            .then_some(end)
    }

    /// Steps over `, 1932`, `1932` or `of 1932`.
    fn trailing_year(&self, at: usize) -> usize {
        let skip = usize::from(self.word(at) == "," || self.is_link(at));
        if year(self.word(at + skip)).is_some() {
            at + skip + 1
        } else {
            at
        }
    }

    /// What stands between a day, a month and a year: "of", "de".
    fn is_link(&self, at: usize) -> bool {
        if self.document.lexicon.is_foreign() {
            self.token(at)
                .is_some_and(|token| token.word.is(Flags::DATE_LINK))
        } else {
            self.word(at) == "of"
        }
    }

    /// `octubre de 1990`; a month by itself only where a capital tells that it is one.
    fn foreign_month(&self, token: usize) -> Option<usize> {
        let end = self.trailing_year(token + 1);
        let next_is_name = self.token(token + 1).is_some_and(Token::is_capital);
        let clear = self.document.lexicon.capitalises_nouns() && self.word(token).len() > 3 && !next_is_name;
        (end > token + 1 || clear).then_some(end)
    }

    /// `19. Jahrhundert`, `19e eeuw`, `XIXe siècle`, `siglo XIX`, `XIX век`.
    fn foreign_century(&self, token: usize) -> Option<usize> {
        let is_century = |at: usize| self.token(at).is_some_and(|token| token.word.is(Flags::CENTURY));
        let next = token + 1;
        if is_century(token) {
            return is_ordinal(self.word(next), false).then_some(next + 1);
        }
        let dot = self.word(next) == "." && self.document.tokens[next].glued;
        let unit = next + usize::from(dot);
        (is_ordinal(self.word(token), true) && is_century(unit)).then_some(unit + 1)
    }

    /// `03.10.1990`, `1990er`, `1990-х`, `1800-talet`.
    fn numeric(&self, token: usize) -> Option<usize> {
        let word = self.word(token);
        let mut parts = word.split('.');
        let dotted = parts.next().and_then(day).is_some()
            && parts.next().and_then(month_number).is_some()
            && parts.next().and_then(year).is_some()
            && parts.next().is_none();
        let decade =
            word.get(..4).and_then(year).is_some() && matches!(&word[4..], "er" | "ern" | "-talet" | "-х");
        (dotted || decade).then_some(token + 1)
    }

    fn season(&self, token: usize) -> Option<usize> {
        let end = self.trailing_year(token + 1);
        (end > token + 1).then_some(end)
    }

    /// `19th century`, `5th century BC`.
    fn century(&self, token: usize) -> Option<usize> {
        let ordinal = self.word(token);
        let spelled = SPELLED_CENTURIES
            .iter()
            .any(|spelled| ordinal.eq_ignore_ascii_case(spelled));
        if spelled && matches!(self.word(token + 1), "century" | "centuries") {
            return Some(self.era(token + 2));
        }
        let digits = ordinal.bytes().take_while(u8::is_ascii_digit).count();
        let ending = &ordinal[digits..];
        if digits == 0 || digits > 2 || !matches!(ending, "st" | "nd" | "rd" | "th") {
            return None;
        }
        let unit = token
            + 1
            + usize::from(
                self.token(token + 1)
                    .is_some_and(|token| token.is_dash(self.document.text)),
            );
        matches!(self.word(unit), "century" | "centuries").then(|| self.era(unit + 1))
    }

    fn era(&self, at: usize) -> usize {
        at + usize::from(matches!(
            self.word(at),
            "BC" | "BCE" | "AD" | "CE" | "B.C." | "A.D."
        ))
    }

    /// `1932`, `1930s`, `1997–98`, `2011-03-04`, `753 BC`.
    fn year(&self, token: usize) -> Option<usize> {
        let word = self.word(token);
        let next = token + 1;
        if let Some(decade) = word.strip_suffix('s') {
            return year(decade).map(|_| next);
        }
        if word.len() <= 4 && word.bytes().all(|byte| byte.is_ascii_digit()) && self.era(next) > next {
            return Some(next + 1);
        }
        year(word)?;
        let dash = self
            .token(next)
            .is_some_and(|token| token.is_dash(self.document.text));
        if !dash {
            return Some(next);
        }
        let second = self.word(next + 1);
        let short =
            second.len() <= 2 && second.bytes().all(|byte| byte.is_ascii_digit()) && !second.is_empty();
        let iso = short && self.word(next + 2) == "-" && self.word(next + 3).len() == 2 && second.len() == 2;
        if iso && self.document.tokens[next + 2].glued && day(self.word(next + 3)).is_some() {
            return Some(next + 4);
        }
        Some(if short { next + 2 } else { next })
    }
}

/// A day of a month: `2`, `31`, `2nd`, `1er`, `1º`.
fn day(word: &str) -> Option<u32> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let ending = matches!(&word[digits..], "" | "st" | "nd" | "rd" | "th" | "er" | "º");
    if digits == 0 || digits > 2 || !ending {
        return None;
    }
    word[..digits].parse().ok().filter(|day| (1..=31).contains(day))
}

/// A month by its number.
fn month_number(word: &str) -> Option<u32> {
    word.parse()
        .ok()
        .filter(|month| word.len() <= 2 && (1..=12).contains(month))
}

/// The number of a century, in digits or as the Romans wrote it, with the ending of an ordinal or without.
fn is_ordinal(word: &str, with_ending: bool) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let romans = word
        .bytes()
        .take_while(|byte| matches!(byte, b'I' | b'V' | b'X'))
        .count();
    let ending = &word[digits.max(romans)..];
    let plain = (1..=2).contains(&digits) || (1..=5).contains(&romans);
    plain && (ending.is_empty() || with_ending && ending.chars().count() <= 3 && !ending.contains('.'))
}

/// A year written with four digits.
fn year(word: &str) -> Option<i64> {
    if word.len() != 4 || !word.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    word.parse().ok().filter(|year| (1000..2100).contains(year))
}

/// The time that a date's name covers, by its year: `1932` and `2 November 1932` both cover 1932, `1930s` ten years.
pub(crate) fn period(name: &str) -> Option<Validity> {
    if name.contains("BC") || name.contains("B.C.") {
        return None;
    }
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let (from, years) = words.find_map(|word| match word.strip_suffix('s') {
        Some(decade) => year(decade).map(|first| (first, 10)),
        None => year(word).map(|first| (first, 1)),
    })?;
    Some(Validity {
        from: Some(year_start(from)),
        to: Some(year_start(from + years)),
    })
}

/// Microseconds from 1970-01-01 to 1 January of a year of the Gregorian calendar.
fn year_start(year: i64) -> i64 {
    let before = year - 1;
    let days = before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    (days - 719_162) * MICROSECONDS_PER_DAY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_begin_where_the_calendar_says() {
        assert_eq!(year_start(1970), 0);
        assert_eq!(year_start(2000), 946_684_800_000_000);
        assert_eq!(year_start(1932), -1_199_232_000_000_000);
    }

    #[test]
    fn ordinals_of_centuries_are_digits_or_roman() {
        for (word, with_ending, wanted) in [
            ("19", false, true),
            ("XIX", false, true),
            ("XIXe", true, true),
            ("19e", true, true),
            ("XIXe", false, false),
            ("1900", true, false),
            ("Ville", true, false),
            ("", true, false),
        ] {
            assert_eq!(is_ordinal(word, with_ending), wanted, "{word}");
        }
    }

    #[test]
    fn a_period_covers_its_year_or_decade() {
        let year = period("2 November 1932").unwrap();
        assert_eq!(
            (year.from, year.to),
            (Some(year_start(1932)), Some(year_start(1933)))
        );
        assert_eq!(period("1930s").unwrap().to, Some(year_start(1940)));
        assert_eq!(period("44 BC"), None);
        assert_eq!(period("Monday"), None);
    }
}
