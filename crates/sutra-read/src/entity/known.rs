//! Names that were given: those known to the caller, and the source's own title.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, Anchored, Input, MatchKind, StartKind};

use crate::reading::Document;

/// Finds given names in a text.
#[derive(Debug)]
pub(crate) struct KnownNames {
    /// Names of one word, in the case given.
    words: Option<AhoCorasick>,
    /// Names of several words, in any ASCII case.
    phrases: Option<AhoCorasick>,
}

impl KnownNames {
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let names = names.into_iter().map(str::trim).filter(|name| !name.is_empty());
        let (phrases, words): (Vec<_>, Vec<_>) = names.partition(|name| name.contains(char::is_whitespace));
        Self {
            words: automaton(&words, false),
            phrases: automaton(&phrases, true),
        }
    }

    /// The token ranges of known names and of the title, by first token; one, the longest, for each first token.
    pub fn locate(&self, document: &Document) -> Vec<(usize, usize)> {
        let mut bytes = Vec::new();
        for automaton in [&self.words, &self.phrases].into_iter().flatten() {
            whole_words(automaton, document.text, &mut bytes);
        }
        if document.title.len() > 1 {
            let title = document.text.match_indices(document.title);
            bytes.extend(title.map(|(start, name)| (start, start + name.len())));
        }
        bytes.sort_unstable_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)));
        bytes.dedup_by_key(|(start, _)| *start);
        to_tokens(document, &bytes)
    }
}

fn automaton(names: &[&str], any_case: bool) -> Option<AhoCorasick> {
    let mut builder = AhoCorasickBuilder::new();
    builder
        .match_kind(MatchKind::LeftmostLongest)
        .start_kind(StartKind::Both)
        .ascii_case_insensitive(any_case);
    // Only more names than memory can hold make this fail.
    if names.is_empty() {
        None
    } else {
        builder.build(names).ok()
    }
}

/// Matches that begin and end at the edge of a word; where the longest does not, the next shorter is tried.
fn whole_words(automaton: &AhoCorasick, text: &str, found: &mut Vec<(usize, usize)>) {
    let mut from = 0;
    while let Some(candidate) = automaton.find(Input::new(text).range(from..)) {
        let start = candidate.start();
        let mut end = candidate.end();
        let mut whole = None;
        if is_edge(text, start) {
            loop {
                if is_edge(text, end) {
                    whole = Some(end);
                    break;
                }
                let shorter = Input::new(text).range(start..end - 1).anchored(Anchored::Yes);
                match automaton.find(shorter) {
                    Some(shorter) => end = shorter.end(),
                    None => break,
                }
            }
        }
        if let Some(end) = whole {
            found.push((start, end));
        }
        from = whole.unwrap_or(start + 1);
    }
}

/// Whether no word runs across `position`.
fn is_edge(text: &str, position: usize) -> bool {
    let Some((before, after)) = text.split_at_checked(position) else {
        return false;
    };
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !(word(before.chars().next_back()) && word(after.chars().next()))
}

/// Byte ranges that are made of whole tokens, as token ranges.
fn to_tokens(document: &Document, ranges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut found = Vec::with_capacity(ranges.len());
    let mut first = 0;
    for &(start, end) in ranges {
        first += document.tokens[first..].partition_point(|token| token.start < start);
        let inside = document.tokens[first..]
            .iter()
            .take_while(|token| token.end <= end)
            .count();
        let last = first + inside;
        let exact =
            inside > 0 && document.tokens[first].start == start && document.tokens[last - 1].end == end;
        if exact {
            found.push((first, last));
        }
    }
    found
}
