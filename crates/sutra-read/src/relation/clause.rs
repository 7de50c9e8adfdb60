//! A sentence as a row of items: each a mention, a word or a mark.

use std::ops::Range;

use sutra_model::EntityType;

use super::pattern::{Trigger, trigger};
use crate::entity::{Mention, Span};
use crate::lexicon::{Flags, Word};
use crate::reading::Document;
use crate::token::Shape;

/// A mention, a word or a mark of a sentence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    /// Its tokens.
    pub first: usize,
    pub last: usize,
    /// Position among the text's mentions.
    pub mention: Option<usize>,
    /// What the lexicon says, if it is a word.
    pub word: Word,
    /// Its first byte if it is a mark, else 0.
    pub mark: u8,
    /// The item of the partner, if it is a round bracket that has one.
    pub partner: usize,
    /// A name that describes the noun after it: `Hungarian`.
    pub adjective: bool,
    /// A word in lower case.
    pub lower: bool,
}

/// A sentence to be searched for relations.
pub(super) struct Clause<'d, 't> {
    pub document: &'d Document<'t>,
    /// What sort of thing the title names, if the text names it too.
    pub title_type: Option<EntityType>,
    /// Position of the sentence.
    pub sentence: usize,
    pub mentions: &'d [Mention],
    pub items: Vec<Item>,
}

impl<'d, 't> Clause<'d, 't> {
    pub fn new(
        document: &'d Document<'t>,
        title_type: Option<EntityType>,
        sentence: usize,
        spans: &[Span],
        mentions: &'d [Mention],
        own: Range<usize>,
    ) -> Self {
        let range = document.token_range(sentence);
        let mut items = Vec::with_capacity(range.len());
        let mut open = Vec::new();
        let mut token = range.start;
        for mention in own.map(Some).chain([None]) {
            let first = mention.map_or(range.end, |mention| spans[mention].first);
            for plain in token..first {
                items.push(plain_item(document, plain));
                pair_brackets(&mut items, &mut open);
            }
            let Some(mention) = mention else { break };
            items.push(mention_item(document, &spans[mention], mention));
            token = spans[mention].last;
        }
        let mut clause = Self {
            document,
            title_type,
            sentence,
            mentions,
            items,
        };
        clause.mark_adjectives();
        clause
    }

    /// A nationality describes when a noun or a name follows.
    fn mark_adjectives(&mut self) {
        for at in 0..self.items.len() {
            if self.items[at].adjective {
                let describes = self
                    .items
                    .get(at + 1)
                    .is_some_and(|next| next.mention.is_some() || next.lower && self.is_nominal(at + 1));
                self.items[at].adjective = describes;
            }
        }
    }

    /// The item as written.
    pub fn text(&self, at: usize) -> &'t str {
        let item = &self.items[at];
        let (start, end) = (
            self.document.tokens[item.first].start,
            self.document.tokens[item.last - 1].end,
        );
        &self.document.text[start..end]
    }

    pub fn item(&self, at: usize) -> Option<&Item> {
        self.items.get(at)
    }

    /// Whether item `at` exists and has any of these flags.
    pub fn is(&self, at: usize, flags: Flags) -> bool {
        self.items.get(at).is_some_and(|item| item.word.is(flags))
    }

    pub fn is_mark(&self, at: usize, mark: u8) -> bool {
        self.items.get(at).is_some_and(|item| item.mark == mark)
    }

    pub fn is_possessive_mark(&self, at: usize) -> bool {
        self.items
            .get(at)
            .is_some_and(|item| item.mark == b'\'' || item.mark == 0xE2)
            && matches!(self.text(at), "'s" | "’s" | "'" | "’")
    }

    pub fn is_quote(&self, at: usize) -> bool {
        self.items.get(at).is_some_and(|item| {
            item.mark != 0 && self.document.tokens[item.first].is_quote(self.document.text)
        })
    }

    /// A name that stands for itself, not a date, number or adjective.
    pub fn name_at(&self, at: usize) -> Option<usize> {
        let item = self.items.get(at).filter(|item| !item.adjective)?;
        item.mention.filter(|mention| {
            !matches!(
                self.mentions[*mention].entity_type,
                EntityType::Date | EntityType::Number
            )
        })
    }

    pub fn type_at(&self, at: usize) -> Option<EntityType> {
        self.items
            .get(at)?
            .mention
            .map(|mention| self.mentions[mention].entity_type)
    }

    /// The trigger at an item, unless it is inside a name.
    pub fn trigger(&self, at: usize) -> Option<&'static Trigger> {
        trigger(self.items.get(at)?.word.trigger)
    }

    /// A verb of the table stands here.
    pub fn is_verb(&self, at: usize) -> bool {
        self.is(at, Flags::BE.with(Flags::AUXILIARY))
            || self
                .trigger(at)
                .is_some_and(|trigger| trigger.is_verb && !trigger.is_noun)
    }

    /// A word that can be part of a noun phrase.
    pub fn is_nominal(&self, at: usize) -> bool {
        const CLOSED: Flags = Flags::PREPOSITION
            .with(Flags::BE)
            .with(Flags::AUXILIARY)
            .with(Flags::PRONOUN)
            .with(Flags::RELATIVE)
            .with(Flags::CONJUNCTION)
            .with(Flags::NEGATION)
            .with(Flags::DETERMINER)
            .with(Flags::POSSESSIVE);
        let Some(item) = self.items.get(at) else {
            return false;
        };
        let verb = self
            .trigger(at)
            .is_some_and(|trigger| trigger.is_verb && !trigger.is_noun);
        let function = item.word.is(Flags::FUNCTION) && !item.word.is(Flags::ADJECTIVE);
        let closed = verb || function || item.word.is(CLOSED) || self.is_participle(at);
        item.mark == 0 && item.mention.is_none() && !closed
    }

    /// "credited with": an unlisted participle with its own complement.
    fn is_participle(&self, at: usize) -> bool {
        let word = self.text(at);
        word.len() > 4 && word.ends_with("ed") && self.is(at + 1, Flags::PREPOSITION)
    }

    pub fn is_question(&self) -> bool {
        let closing = self.items.iter().rev().take(3);
        closing.into_iter().any(|item| item.mark == b'?')
    }

    /// Items as a name: the text from the first to the last, white space collapsed.
    pub fn phrase(&self, range: Range<usize>) -> String {
        let Some(last) = range.end.checked_sub(1) else {
            return String::new();
        };
        let start = self.document.tokens[self.items[range.start].first].start;
        let end = self.document.tokens[self.items[last].last - 1].end;
        self.document.text[start..end]
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The name of a mention; a part of the title that the title ends or begins with is the title.
    pub fn name_of(&self, mention: usize) -> String {
        let name = self.mentions[mention].name.as_str();
        let title = self.document.title;
        if self.is_surname(mention) || self.is_full_title(mention) {
            title.to_owned()
        } else {
            name.to_owned()
        }
    }

    /// `Alger` where the title is `Ross Alger`.
    fn is_surname(&self, mention: usize) -> bool {
        let Mention {
            name, entity_type, ..
        } = &self.mentions[mention];
        let given = self
            .document
            .title
            .strip_suffix(name.as_str())
            .filter(|given| given.ends_with(' '));
        *entity_type == EntityType::Person && given.is_some_and(|given| given.trim().split(' ').count() <= 3)
    }

    /// `Ross Patterson Alger` where the title is `Ross Alger`.
    pub fn is_full_title(&self, mention: usize) -> bool {
        let Mention {
            name, entity_type, ..
        } = &self.mentions[mention];
        let (title, name) = (self.document.title, name.as_str());
        let Some(((first, _), (_, last))) = title.split_once(' ').zip(title.rsplit_once(' ')) else {
            return false;
        };
        let ends = |rest: Option<&str>, blank: fn(&str) -> bool| rest.is_some_and(blank);
        name.len() > title.len()
            && matches!(entity_type, EntityType::Person | EntityType::Thing)
            && ends(name.strip_prefix(first), |rest| rest.starts_with(' '))
            && ends(name.strip_suffix(last), |rest| rest.ends_with(' '))
    }
}

fn plain_item(document: &Document, token: usize) -> Item {
    let plain = &document.tokens[token];
    let mark = if plain.shape == Shape::Mark {
        plain.first
    } else {
        0
    };
    let lower = plain.shape == Shape::Lower;
    Item {
        first: token,
        last: token + 1,
        mention: None,
        word: plain.word,
        mark,
        partner: usize::MAX,
        adjective: false,
        lower,
    }
}

fn mention_item(document: &Document, span: &Span, mention: usize) -> Item {
    let adjective = span.last - span.first == 1
        && document.tokens[span.first]
            .word
            .is(Flags::NATIONALITY.with(Flags::GROUP));
    Item {
        first: span.first,
        last: span.last,
        mention: Some(mention),
        word: Word::default(),
        mark: 0,
        partner: usize::MAX,
        adjective,
        lower: false,
    }
}

/// Pairs the last item, if it closes a round bracket, with the one that opened it.
fn pair_brackets(items: &mut [Item], open: &mut Vec<usize>) {
    let at = items.len() - 1;
    match items[at].mark {
        b'(' => open.push(at),
        b')' => {
            if let Some(partner) = open.pop() {
                items[at].partner = partner;
                items[partner].partner = at;
            }
        }
        _ => {}
    }
}
