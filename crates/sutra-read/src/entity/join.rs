//! How far a capitalised span goes: over which numbers, marks and small words a name continues.

use super::quote::is_nickname;
use super::span::Sentence;
use crate::lexicon::Flags;
use crate::token::Shape;

/// The longest name, in tokens.
const NAME_TOKENS_MAX: usize = 14;

impl Sentence<'_, '_> {
    /// One past the last token of the capitalised span that begins at `start`.
    pub(super) fn extend(&self, start: usize) -> usize {
        let mut end = start + 1;
        while end < self.range.end && end - start < NAME_TOKENS_MAX {
            let next = &self.document.tokens[end];
            let joined = match next.shape {
                Shape::Capital | Shape::Acronym => self.joins_capital(end),
                Shape::Number => self.joins_number(end),
                Shape::Mark => self.joins_mark(start, end),
                Shape::Lower => self.joins_connector(start, end),
            };
            match joined {
                Some(beyond) => end = beyond,
                None => break,
            }
        }
        end
    }

    fn joins_capital(&self, at: usize) -> Option<usize> {
        let next = &self.document.tokens[at];
        let date = next.word.is(Flags::MONTH)
            && self
                .token(at + 1)
                .is_some_and(|after| after.shape == Shape::Number);
        let pronoun = self.document.word(at) == "I"
            && self
                .token(at + 1)
                .is_some_and(|after| after.shape == Shape::Lower)
            && self
                .token(at + 1)
                .is_some_and(|after| after.word.is(Flags::VERB.with(Flags::AUXILIARY)));
        let function_word = self.document.lexicon.capitalises_nouns() && next.word.is(Flags::FUNCTION);
        (!date && !pronoun && !function_word).then_some(at + 1)
    }

    /// `Apollo 11`, `PlayStation 2`, but not `Boston 30 people`.
    fn joins_number(&self, at: usize) -> Option<usize> {
        let digits = self.document.word(at);
        let counts = self.token(at + 1).is_some_and(|after| {
            after.shape == Shape::Lower && !after.word.is(Flags::FUNCTION)
                || after
                    .word
                    .is(Flags::UNIT.with(Flags::SCALE).with(Flags::TIME_UNIT))
                || after.is_mark(b'%')
                || (after.is_mark(b',') && self.token(at + 2).is_some_and(|year| year.shape == Shape::Number))
        });
        let month = self.document.tokens[at - 1].word.is(Flags::MONTH);
        (digits.len() <= 3 && !counts && !month).then_some(at + 1)
    }

    fn joins_mark(&self, start: usize, at: usize) -> Option<usize> {
        let mark = &self.document.tokens[at];
        let after = at + 1;
        let glued = mark.glued && self.token(after).is_some_and(|token| token.glued);
        match self.document.word(at) {
            "&" if self.is_capital(after) => Some(after + 1),
            "/" | "–" | "-" | "." if glued && self.is_capital(after) => Some(after + 1),
            "," if self.token(after).is_some_and(|token| {
                token.is_capital()
                    && matches!(
                        token.text(self.document.text),
                        "D.C." | "Inc." | "Inc" | "Ltd." | "Ltd" | "LLC" | "Jr." | "Jr" | "Sr." | "Sr"
                    )
            }) =>
            {
                Some(after + 1)
            }
            "'s" | "’s" if self.is_capital(after) && self.is_possessive_of_name(start, at) => {
                Some(after + 1)
            }
            "\"" | "“" => {
                let close = (after..self.range.end.min(at + 4))
                    .find(|at| self.document.tokens[*at].is_quote(self.document.text))?;
                is_nickname(self.document, at, close, self.range.end).then_some(close + 1)
            }
            _ => None,
        }
    }

    /// `People's Party`, `Grey's Anatomy`, but not `Ghana's President`.
    fn is_possessive_of_name(&self, start: usize, at: usize) -> bool {
        let owner = self.document.word(at - 1);
        let collective = matches!(
            owner,
            "People"
                | "Women"
                | "Men"
                | "Children"
                | "King"
                | "Queen"
                | "Farmer"
                | "Worker"
                | "Player"
                | "Writer"
                | "Year"
                | "Mother"
                | "Father"
                | "World"
        );
        let single = at - start == 1
            && self.token(at + 1).is_some_and(|next| {
                next.word.is(Flags::ORGANISATION_CUE.with(Flags::PLACE_CUE))
                    && !self.document.tokens[at - 1].word.is(Flags::COUNTRY)
            });
        collective || single
    }

    /// `University of Toronto`, `Duke of York`, but not `Anna Smith of London`, `President of France`.
    fn joins_of(&self, start: usize, at: usize, next: usize) -> bool {
        const HEAD: Flags = Flags::ORGANISATION_CUE
            .with(Flags::PLACE_CUE)
            .with(Flags::WORK_CUE)
            .with(Flags::PERSON_TITLE);
        let before = &self.document.tokens[at - 1].word;
        let office = matches!(
            self.document.word(at - 1),
            "President"
                | "Governor"
                | "Mayor"
                | "Minister"
                | "Secretary"
                | "Ambassador"
                | "Archbishop"
                | "Bishop"
                | "Chairman"
                | "Director"
                | "Member"
                | "CEO"
                | "Professor"
                | "Head"
                | "King"
                | "Queen"
        );
        !office
            && !before.is(Flags::COUNTRY.with(Flags::NATIONALITY))
            && !self.document.tokens[next].word.is(Flags::MONTH)
            && (at - start == 1 || before.is(HEAD) || !self.document.tokens[start].word.is(Flags::GIVEN_NAME))
    }

    /// Small words between capitals.
    fn joins_connector(&self, start: usize, at: usize) -> Option<usize> {
        let connector = self.document.word(at);
        if !self.document.tokens[at].word.is(Flags::CONNECTOR) {
            return None;
        }
        let mut next = at + 1;
        while next < at + 3
            && self.token(next).is_some_and(|token| {
                matches!(
                    token.text(self.document.text),
                    "the" | "la" | "los" | "las" | "der" | "a"
                )
            })
        {
            next += 1;
        }
        if !self.is_capital(next) {
            return None;
        }
        let cue = self.document.tokens[start..at]
            .iter()
            .any(|token| token.word.is(Flags::ORGANISATION_CUE))
            || matches!(
                self.document.word(start),
                "Center"
                    | "Centre"
                    | "Institute"
                    | "Fund"
                    | "Prize"
                    | "Medal"
                    | "Award"
                    | "Bachelor"
                    | "Master"
                    | "Convention"
            );
        let inside_of = (start..at).any(|token| matches!(self.document.word(token), "of" | "for"));
        let before = &self.document.tokens[at - 1].word;
        let german = self.document.lexicon.capitalises_nouns();
        let joins = match connector {
            // "Otto von Bismarck", but not "Versionen von Debian".
            "von" | "zu" if german => self.document.tokens[start].word.is(Flags::GIVEN_NAME),
            "of" => self.joins_of(start, at, next),
            "the" => {
                next == at + 1
                    && at - start <= 2
                    && !before.is(Flags::COUNTRY.with(Flags::WEEKDAY))
                    && self.is_capital(next)
            }
            "for" | "on" | "to" => cue,
            "and" => cue && inside_of && next == at + 1 && !self.is_capital(next + 1),
            "in" | "at" | "a" | "upon" => false,
            _ => true,
        };
        joins.then_some(next + 1)
    }
}
