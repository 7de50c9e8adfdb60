//! Capitalised spans: which runs of words written as names are names.
//!
//! The hard case is the first word of a sentence, capitalised whatever it is: a stop list and the way the same word is
//! written elsewhere in the text (`evidence.rs`) decide. How far a name goes is for `join.rs`.

use std::ops::Range;

use super::evidence::{Evidence, is_initial};
use super::noun::Nouns;
use crate::lexicon::Flags;
use crate::reading::Document;
use crate::token::{Shape, Token};

/// The share of capitals-only words from which a sentence is shouted and its capitals tell nothing.
const SHOUTED_SHARE: f32 = 0.7;

/// One sentence in which names are looked for.
pub(super) struct Sentence<'d, 't> {
    pub(super) document: &'d Document<'t>,
    evidence: &'d Evidence<'t>,
    pub(super) range: Range<usize>,
    shouted: bool,
}

impl<'d, 't> Sentence<'d, 't> {
    pub fn new(document: &'d Document<'t>, evidence: &'d Evidence<'t>, range: Range<usize>) -> Self {
        let words = document.tokens[range.clone()]
            .iter()
            .filter(|token| token.shape != Shape::Mark)
            .count();
        let acronyms = document.tokens[range.clone()]
            .iter()
            .filter(|token| token.shape == Shape::Acronym)
            .count();
        #[expect(clippy::cast_precision_loss, reason = "a share of a sentence's words")]
        let shouted = words > 4 && acronyms as f32 >= SHOUTED_SHARE * words as f32;
        Self {
            document,
            evidence,
            range,
            shouted,
        }
    }

    /// The name whose first word is at `token` or, where titles like "Dr." lead it, soon after.
    pub fn name_at(&self, token: usize) -> Option<Range<usize>> {
        let head = &self.document.tokens[token];
        let named = head.is_capital() || (head.shape == Shape::Number && self.leads_event(token));
        if !named || self.shouted {
            return None;
        }
        let initial = is_initial(self.document, token, self.range.start);
        if head.word.is(Flags::FUNCTION) && !self.function_word_leads(token, initial) {
            return None;
        }
        let end = self.extend(token);
        let mut start = token;
        if initial && end - start > 1 && self.is_common(token) {
            start += 1;
        }
        while end - start > 1 && self.is_title_before_name(start) {
            start += 1;
        }
        if self.document.lexicon.capitalises_nouns() {
            start = Nouns::name_start(self.document, start, end, self.range.start);
            if end - start == 1 && !self.evidence.nouns.is_name(self.document, start) {
                return None;
            }
        }
        let lone = end - start == 1;
        if lone && start == token && initial && !self.initial_is_name(token) {
            return None;
        }
        if lone && self.is_empty_alone(start) {
            return None;
        }
        Some(start..end)
    }

    pub(super) fn token(&self, at: usize) -> Option<&Token> {
        (at < self.range.end).then(|| &self.document.tokens[at])
    }

    fn text(&self, at: usize) -> &'t str {
        if at < self.range.end {
            self.document.word(at)
        } else {
            ""
        }
    }

    pub(super) fn is_capital(&self, at: usize) -> bool {
        self.token(at).is_some_and(Token::is_capital)
    }

    /// `2002 Winter Olympics`, `2010 Census`.
    fn leads_event(&self, token: usize) -> bool {
        self.document.word(token).len() == 4
            && self.token(token + 1).is_some_and(|next| {
                next.is_capital()
                    && next.word.is(Flags::EVENT_CUE.with(Flags::WORK_CUE))
                    && !next.word.is(Flags::MONTH)
            })
    }

    /// A capitalised function word begins a name only inside a sentence, and before another capital: `After Hours`.
    fn function_word_leads(&self, token: usize, initial: bool) -> bool {
        let word = &self.document.tokens[token].word;
        if self.document.lexicon.capitalises_nouns() {
            return false; // "Ihr System"
        }
        !initial && !word.is(Flags::DETERMINER.with(Flags::PRONOUN)) && self.is_capital(token + 1)
            || self.document.tokens[token].shape == Shape::Acronym && !initial
    }

    /// A common word at the head of a sentence, before a name: `Singer Zella Lehr`, `Former President …`.
    fn is_common(&self, token: usize) -> bool {
        let word = self.document.word(token);
        if self.evidence.capitalised.contains(word) {
            return false;
        }
        let known = &self.document.tokens[token].word;
        let lower = word.to_lowercase();
        let describes = known.is(Flags::OCCUPATION) && !known.is(Flags::PERSON_TITLE)
            || known.is(Flags::ADVERB)
            || matches!(
                lower.as_str(),
                "former"
                    | "fellow"
                    | "famous"
                    | "renowned"
                    | "notable"
                    | "current"
                    | "early"
                    | "late"
                    | "retired"
            );
        describes || self.evidence.lower.contains(lower.as_str()) || lower.ends_with("ly") && lower.len() > 5
    }

    /// `Dr.`, `Sir`, `President` before a name of their own; `King` and `Saint` stay part of it.
    fn is_title_before_name(&self, token: usize) -> bool {
        let known = &self.document.tokens[token].word;
        let saint = matches!(self.document.word(token), "St." | "St" | "Saint");
        known.is(Flags::PERSON_TITLE)
            && !saint
            && self.is_capital(token + 1)
            && !self.document.tokens[token + 1].word.is(Flags::ORGANISATION_CUE
                .with(Flags::PLACE_CUE)
                .with(Flags::WORK_CUE))
    }

    /// Whether the only word of a span at the head of a sentence is a name.
    fn initial_is_name(&self, token: usize) -> bool {
        let word = self.document.word(token);
        let known = &self.document.tokens[token].word;
        if self.evidence.capitalised.contains(word) {
            return true;
        }
        if known.is(Flags::FUNCTION) {
            return false;
        }
        if known.is(Flags::COUNTRY
            .with(Flags::NATIONALITY)
            .with(Flags::GIVEN_NAME)
            .with(Flags::GROUP))
        {
            return true;
        }
        let lower = word.to_lowercase();
        if self.evidence.lower.contains(lower.as_str()) || known.is(Flags::OCCUPATION.with(Flags::STAND_IN)) {
            return false;
        }
        if self.document.tokens[token].shape == Shape::Acronym || word.chars().any(|c| c.is_ascii_digit()) {
            return true;
        }
        if ["ly", "ing", "ed", "tion", "ness", "ment", "ity", "ism"]
            .iter()
            .any(|ending| lower.ends_with(ending))
        {
            return false;
        }
        self.token(token + 1).is_none_or(|next| {
            let plural = matches!(next.text(self.document.text), "are" | "were" | "have" | "do");
            !plural && next.word.is(Flags::VERB.with(Flags::AUXILIARY).with(Flags::BE))
                || next.is_mark(b'\'')
                || next.is_mark(b'(')
                || (next.is_mark(b',')
                    && (self.is_capital(token + 2)
                        || matches!(self.text(token + 2), "the" | "a" | "an" | "also")))
                || next.word.is(Flags::CONJUNCTION) && self.is_capital(token + 2)
        })
    }

    /// Words that are capitalised but name nothing by themselves.
    fn is_empty_alone(&self, token: usize) -> bool {
        let word = self.document.word(token);
        let flags = self.document.tokens[token].word;
        word.len() == 1
            || flags.is(Flags::MONTH
                .with(Flags::PERSON_SUFFIX)
                .with(Flags::PERSON_TITLE)
                .with(Flags::GENERIC))
            || word.ends_with("n't")
    }
}
