//! How well other languages are read, by texts and their English originals:
//! `cargo run --release -p sutra-read --example parallel -- pairs.jsonl [language | --as-english]`
//!
//! Each line is an object with `language`, `page`, `text` and `english`: a paragraph of a page in both
//! (`bench/languages/pairs.py` makes them). Nobody has marked the sentences and names of these texts, so the original
//! tells: a good translation has mostly as many sentences as it, and a name that both have is written the same. Printed
//! are the share of paragraphs with as many sentences; of the names found in a page, the share whose every capitalised
//! word stands in the original too; of the original's names that stand in the translation, the share found. `language`
//! lists the commonest mistakes in one; `--as-english` reads every text by the lexicon of English.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use sutra_model::{EntityType, Language};
use sutra_read::{Reader, Reading};

#[derive(Default)]
struct Tally {
    paragraphs: usize,
    as_many: usize,
    found: usize,
    right: usize,
    wanted: usize,
    recalled: usize,
    mistakes: BTreeMap<String, usize>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments
        .next()
        .ok_or("usage: parallel <pairs.jsonl> [language]")?;
    let listed = arguments.next().unwrap_or_default();
    let reader = Reader::new([]);
    let language_of = |tag: &str| match listed.as_str() {
        "--as-english" => Language::English,
        _ => Language::of_tag(tag),
    };
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut pages: BTreeMap<(String, String), (String, String)> = BTreeMap::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let record: serde_json::Value = serde_json::from_str(line)?;
        let field = |name: &str| record[name].as_str().unwrap_or_default();
        let (english, text) = (field("english"), field("text"));
        let original = reader.read(english, "");
        let translation = reader.read_in(language_of(field("language")), text, "");
        let tally = tallies.entry(field("language").to_owned()).or_default();
        tally.paragraphs += 1;
        tally.as_many += usize::from(original.sentences.len() == translation.sentences.len());
        let page = pages
            .entry((field("language").to_owned(), field("page").to_owned()))
            .or_default();
        page.0 += &format!("{english}\n\n");
        page.1 += &format!("{text}\n\n");
    }
    for ((language, _), (english, text)) in &pages {
        let translation = reader.read_in(language_of(language), text, "");
        let (wanted, found) = (names(&reader.read(english, "")), names(&translation));
        let tally = tallies.entry(language.clone()).or_default();
        let words: BTreeSet<&str> = words(english).collect();
        for name in &found {
            let right = words_capital(name).all(|word| words.contains(word));
            tally.found += 1;
            tally.right += usize::from(right);
            if !right {
                *tally.mistakes.entry(format!("+{name}")).or_default() += 1;
            }
        }
        // "Debian-Projekt" is a word of its own.
        let there: BTreeSet<&str> = text.split_whitespace().map(trimmed).collect();
        for name in wanted {
            if !name.split_whitespace().all(|word| there.contains(trimmed(word))) {
                continue;
            }
            let recalled = found.iter().any(|other| other.contains(&name));
            tally.wanted += 1;
            tally.recalled += usize::from(recalled);
            if !recalled {
                *tally.mistakes.entry(format!("-{name}")).or_default() += 1;
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "shares")]
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    for (language, tally) in &tallies {
        println!(
            "{language}: {} paragraphs, as many sentences {:.3}; names: precision {:.3}, recall {:.3}",
            tally.paragraphs,
            share(tally.as_many, tally.paragraphs),
            share(tally.right, tally.found),
            share(tally.recalled, tally.wanted)
        );
    }
    if let Some(tally) = tallies.get(&listed) {
        let mut mistakes: Vec<_> = tally.mistakes.iter().collect();
        mistakes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (name, count) in mistakes.into_iter().take(150) {
            println!("{count:5} {name}");
        }
    }
    Ok(())
}

/// The names of a text, each once.
fn names(reading: &Reading) -> BTreeSet<String> {
    let is_name = |kind| !matches!(kind, EntityType::Date | EntityType::Number);
    reading
        .mentions
        .iter()
        .filter(|mention| is_name(mention.entity_type))
        .map(|mention| mention.name.clone())
        .collect()
}

fn trimmed(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

fn words_capital(name: &str) -> impl Iterator<Item = &str> {
    words(name).filter(|word| word.starts_with(char::is_uppercase))
}
