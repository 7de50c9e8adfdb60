//! Entity mentions: names, dates and numbers, where they stand and what they are called.
//!
//! Each sentence is read from left to right; at each token the longest of a known name, a quoted title, a date, a
//! capitalised span and a number is taken. Mentions never overlap and never cross a sentence.

mod alias;
mod date;
mod evidence;
mod guess;
mod join;
mod known;
mod noun;
mod number;
mod quote;
mod span;

use sutra_model::EntityType;

use crate::reading::Document;

pub(crate) use alias::is_acronym_of;
pub(crate) use date::period;
pub(crate) use known::KnownNames;

/// A name, date or number where it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Position of its sentence.
    pub sentence: usize,
    /// First byte in the text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// As written, but without a leading article or a closing `'s`, and with single blanks.
    pub name: String,
    /// What sort of thing it seems to be.
    pub entity_type: EntityType,
}

/// What a span was recognised as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpanKind {
    Name,
    Quoted,
    Date,
    Number,
}

/// The tokens `first..last` of a sentence, recognised as one mention.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub sentence: usize,
    pub first: usize,
    pub last: usize,
    pub kind: SpanKind,
}

/// Finds the spans of all mentions, in order.
pub(crate) fn find(document: &Document, known_names: &KnownNames) -> Vec<Span> {
    let known = known_names.locate(document);
    let evidence = evidence::Evidence::gather(document);
    let mut next_known = known.iter().peekable();
    let mut spans = Vec::with_capacity(document.tokens.len() / 6);
    for sentence in 0..document.sentence_count() {
        let range = document.token_range(sentence);
        let capitals = span::Sentence::new(document, &evidence, range.clone());
        let mut token = range.start;
        while token < range.end {
            while next_known.next_if(|(first, _)| *first < token).is_some() {}
            let known_end = next_known
                .peek()
                .filter(|(first, last)| *first == token && *last <= range.end);
            let found = longest(
                document,
                &capitals,
                token,
                range.end,
                known_end.map(|(_, last)| *last),
            );
            match found {
                Some((first, last, kind)) => {
                    spans.push(Span {
                        sentence,
                        first,
                        last,
                        kind,
                    });
                    token = last;
                }
                None => token += 1,
            }
        }
    }
    spans
}

/// The best span that begins at (or, past an opening quote, just after) `token`.
fn longest(
    document: &Document,
    capitals: &span::Sentence,
    token: usize,
    limit: usize,
    known_end: Option<usize>,
) -> Option<(usize, usize, SpanKind)> {
    if let Some(quoted) = quote::title_at(document, token, limit) {
        return Some((quoted.start, quoted.end, SpanKind::Quoted));
    }
    let date = date::date_at(document, token, limit).map(|last| (token, last, SpanKind::Date));
    let name = capitals
        .name_at(token)
        .map(|range| (range.start, range.end, SpanKind::Name));
    let known = known_end.map(|last| (token, last, SpanKind::Name));
    let number = number::number_at(document, token, limit).map(|last| (token, last, SpanKind::Number));
    // The longest wins; among equals the earlier in this list.
    [known, date, number, name]
        .into_iter()
        .flatten()
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// Names and types the spans.
pub(crate) fn describe(document: &Document, spans: &[Span]) -> Vec<Mention> {
    let names: Vec<String> = spans.iter().map(|span| canonical(document, *span)).collect();
    let types = guess::types(document, spans, &names);
    let described = spans.iter().zip(names).zip(types);
    described
        .map(|((span, name), entity_type)| Mention {
            sentence: span.sentence,
            start: document.tokens[span.first].start,
            end: document.tokens[span.last - 1].end,
            name,
            entity_type,
        })
        .collect()
}

/// The name of a span: its tokens as written, white space collapsed.
fn canonical(document: &Document, span: Span) -> String {
    let raw = &document.text[document.tokens[span.first].start..document.tokens[span.last - 1].end];
    if !raw.contains(char::is_whitespace) {
        return raw.to_owned();
    }
    let mut name = String::with_capacity(raw.len());
    for part in raw.split_whitespace() {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(part);
    }
    name
}
