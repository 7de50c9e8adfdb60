//! What sort of thing a name names: votes from its words and from the words around it, counted over the whole text.

use rustc_hash::FxHashMap;
use sutra_model::EntityType;

use super::{Span, SpanKind};
use crate::knowledge::Knowledge;
use crate::lexicon::{Flags, Word, flags_of};
use crate::reading::Document;
use crate::token::{Shape, Token};

const TYPES: [EntityType; 4] = [
    EntityType::Person,
    EntityType::Place,
    EntityType::Organisation,
    EntityType::Work,
];
type Votes = [f32; TYPES.len()];

const PERSON: usize = 0;
const PLACE: usize = 1;
const ORGANISATION: usize = 2;
const WORK: usize = 3;

/// A type for each span: that of its kind, or the one with the most votes for its name in this text.
pub(super) fn types(document: &Document, spans: &[Span], names: &[String]) -> Vec<EntityType> {
    let left_out = Knowledge::Guesses.is_left_out();
    let mut ballots: FxHashMap<&str, Votes> = FxHashMap::default();
    let mut surnames: FxHashMap<&str, &str> = FxHashMap::default();
    for (span, name) in spans.iter().zip(names) {
        if matches!(span.kind, SpanKind::Name | SpanKind::Quoted) {
            let votes = ballots
                .entry(name)
                .or_insert_with(|| words_vote(document, *span, name));
            context_votes(document, *span, votes);
            if let Some((_, surname)) = name.rsplit_once(' ') {
                surnames.entry(surname).or_insert(name);
            }
        }
    }
    if let Some(votes) = ballots.get_mut(document.title) {
        hint_votes(document.title_hint, votes);
    }
    let decide = |span: &Span, name: &String| match span.kind {
        SpanKind::Date => EntityType::Date,
        SpanKind::Number => EntityType::Number,
        SpanKind::Name | SpanKind::Quoted if left_out => EntityType::Thing,
        SpanKind::Name if is_nationality(document, *span) => EntityType::Thing,
        SpanKind::Name | SpanKind::Quoted => {
            let own = ballots.get(name.as_str()).map_or(EntityType::Thing, winner);
            let full = surnames
                .get(name.as_str())
                .and_then(|full| ballots.get(full))
                .map(winner);
            if full == Some(EntityType::Person) && own != EntityType::Organisation {
                EntityType::Person
            } else {
                own
            }
        }
    };
    spans
        .iter()
        .zip(names)
        .map(|(span, name)| decide(span, name))
        .collect()
}

/// `Hungarian` tells where from, and is no place itself.
fn is_nationality(document: &Document, span: Span) -> bool {
    let word = document.tokens[span.first].word;
    span.last - span.first == 1 && word.is(Flags::NATIONALITY) && !word.is(Flags::COUNTRY)
}

/// What the bracket of the title tells: `(1995 film)`, `(actor)`.
fn hint_votes(hint: &str, votes: &mut Votes) {
    for word in hint.split(|c: char| !c.is_alphanumeric()) {
        let flags = flags_of(word);
        if flags.contains(Flags::OCCUPATION) || word == "born" {
            votes[PERSON] += 3.0;
        } else if matches!(
            word,
            "band" | "company" | "group" | "club" | "team" | "organization"
        ) {
            votes[ORGANISATION] += 3.0;
        } else if flags.contains(Flags::PLACE_NOUN) {
            votes[PLACE] += 3.0;
        } else if flags.contains(Flags::STAND_IN) {
            votes[WORK] += 3.0;
        }
    }
}

fn winner(votes: &Votes) -> EntityType {
    let best = (0..TYPES.len()).fold(
        0,
        |best, next| if votes[next] > votes[best] { next } else { best },
    );
    if votes[best] >= 0.5 {
        TYPES[best]
    } else {
        EntityType::Thing
    }
}

/// What the words of the name itself tell.
fn words_vote(document: &Document, span: Span, name: &str) -> Votes {
    let tokens = &document.tokens[span.first..span.last];
    let (head, tail) = (tokens[0].word, tokens[tokens.len() - 1].word);
    let mut votes = Votes::default();
    if span.kind == SpanKind::Quoted {
        votes[WORK] += if tokens.len() > 1 { 1.5 } else { 0.6 };
    }
    let words = tokens.iter().filter(|token| token.shape != Shape::Mark).count();
    if words == 1 {
        vote_single(head, name, &mut votes);
        return votes;
    }
    // The head noun decides: the last word, or the one before "of".
    let of = tokens
        .iter()
        .position(|token| matches!(token.text(document.text), "of" | "for" | "de"));
    let noun = of.filter(|at| *at > 0).map_or(tail, |at| tokens[at - 1].word);
    for (flags, choice) in [
        (Flags::ORGANISATION_CUE, ORGANISATION),
        (Flags::PLACE_CUE, PLACE),
        (Flags::WORK_CUE, WORK),
    ] {
        if noun.is(flags) {
            votes[choice] += 1.2;
        } else if head.is(flags) && choice == PLACE {
            votes[choice] += 0.6;
        }
    }
    if tokens[0].text(document.text) == "University" || tokens[0].text(document.text) == "Ministry" {
        votes[ORGANISATION] += 2.0;
    }
    if head.is(Flags::GIVEN_NAME)
        && !noun.is(Flags::ORGANISATION_CUE
            .with(Flags::PLACE_CUE)
            .with(Flags::WORK_CUE))
    {
        votes[PERSON] += 1.5;
    }
    let initials = tokens
        .iter()
        .any(|token| token.end - token.start == 2 && document.text.as_bytes()[token.end - 1] == b'.');
    if initials || tail.is(Flags::PERSON_SUFFIX) || tokens.iter().any(|token| token.is_quote(document.text)) {
        votes[PERSON] += 1.0;
    }
    if head.is(Flags::COUNTRY) && words == 2 {
        votes[PLACE] += 0.3;
    }
    let all_capital = tokens.iter().all(|token| {
        token.shape == Shape::Capital && !token.word.is(Flags::NATIONALITY.with(Flags::COUNTRY))
    });
    if all_capital && words <= 3 && votes.iter().all(|votes| *votes == 0.0) {
        votes[PERSON] += 0.4;
    }
    votes
}

fn vote_single(word: Word, name: &str, votes: &mut Votes) {
    const PLACE_ENDINGS: [&str; 12] = [
        "ville", "burg", "burgh", "ham", "shire", "stan", "grad", "polis", "ford", "mouth", "borough",
        "stadt",
    ];
    if word.is(Flags::COUNTRY) {
        votes[PLACE] += 2.0;
    } else if word.is(Flags::GIVEN_NAME) {
        votes[PERSON] += 0.6;
    } else if word.is(Flags::GROUP) {
        votes[ORGANISATION] += 0.6;
    } else if name.len() > 6 && PLACE_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        votes[PLACE] += 0.4;
    }
}

/// What the words around one mention tell.
fn context_votes(document: &Document, span: Span, votes: &mut Votes) {
    let range = document.token_range(span.sentence);
    let at = |token: usize| (range.contains(&token)).then(|| &document.tokens[token]);
    let before = span.first.checked_sub(1).and_then(at);
    let earlier = span.first.checked_sub(2).and_then(at);
    let after = at(span.last);
    let mut spelling = [0; 16];
    if let Some(before) = before {
        if before.word.is(Flags::PERSON_TITLE) {
            votes[PERSON] += if before.is_capital() { 2.0 } else { 0.8 };
        }
        if before.word.is(Flags::OCCUPATION) && !before.is_capital() {
            votes[PERSON] += 0.8;
        }
        match lower(before.text(document.text), &mut spelling) {
            "in" => votes[PLACE] += 0.6,
            "near" => votes[PLACE] += 0.8,
            "at" | "from" | "to" | "into" => votes[PLACE] += 0.15,
            "film" | "movie" | "album" | "song" | "novel" | "book" | "single" | "opera" | "play"
            | "magazine" | "series" => votes[WORK] += 1.0,
            "of" if earlier
                .is_some_and(|earlier| earlier.word.is(Flags::PLACE_NOUN) && !earlier.is_capital()) =>
            {
                votes[PLACE] += 1.0;
            }
            "," if earlier.is_some_and(Token::is_capital) => votes[PLACE] += 0.1,
            _ => {}
        }
    }
    let Some(after) = after else { return };
    let next = at(span.last + 1);
    if after.is_mark(b'(')
        && next.is_some_and(|next| next.text(document.text) == "born" || next.shape == Shape::Number)
    {
        votes[PERSON] += if next.is_some_and(|next| next.text(document.text) == "born") {
            1.5
        } else {
            0.2
        };
    }
    match lower(after.text(document.text), &mut spelling) {
        "said" | "wrote" | "who" | "whose" | "married" | "studied" | "whom" => votes[PERSON] += 0.8,
        "was" | "is" if next.is_some_and(|next| next.text(document.text) == "born") => votes[PERSON] += 1.2,
        "he" | "she" => votes[PERSON] += 0.2,
        _ => {}
    }
}

fn lower<'b>(word: &str, buffer: &'b mut [u8; 16]) -> &'b str {
    if word.len() > buffer.len() {
        return "";
    }
    let copy = &mut buffer[..word.len()];
    copy.copy_from_slice(word.as_bytes());
    copy.make_ascii_lowercase();
    std::str::from_utf8(copy).unwrap_or_default()
}
