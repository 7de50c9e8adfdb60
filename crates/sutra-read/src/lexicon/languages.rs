//! The words of other languages than English, from two lists: what CLDR has, and what was written by hand.
//!
//! Names cross languages: what the English lists know of given names, countries and organisations ("Corp.") counts here too,
//! where the language has no function word that is written the same.

use rustc_hash::FxHashMap;
use sutra_model::Language;

use super::{Flags, Word, names, words};

/// Written by `tools/cldr_words.py`.
const CLDR: &str = include_str!("languages/cldr.txt");
const BY_HAND: &str = include_str!("languages/by_hand.txt");

/// What the English lists say of names.
const OF_NAMES: Flags = Flags::ORGANISATION_CUE
    .with(Flags::PLACE_CUE)
    .with(Flags::PERSON_TITLE)
    .with(Flags::PERSON_SUFFIX)
    .with(Flags::ABBREVIATION)
    .with(Flags::GENERIC);

/// The words of a language; none for one without lists.
pub(super) fn words_of(language: Language) -> FxHashMap<&'static str, Word> {
    let mut found: FxHashMap<&'static str, Word> = FxHashMap::default();
    let mut add = |word: &'static str, flags: Flags| {
        let entry = found.entry(word).or_default();
        // The lists of function words have some places among them.
        let is_place = flags.contains(Flags::COUNTRY);
        entry.flags = if is_place { flags } else { entry.flags.with(flags) };
    };
    let function_words = stop_words::lookup(language.code()).unwrap_or_default();
    for word in function_words {
        add(word, Flags::FUNCTION);
    }
    for (class, list) in section(CLDR, language) {
        // "in" is an inch too, and "am" an abbreviation.
        let is_kept = |word: &&str| {
            !matches!(class, "abbreviation" | "unit") || word.len() == 1 || !function_words.contains(word)
        };
        list.filter(is_kept).for_each(|word| add(word, flags(class)));
    }
    for (class, list) in section(BY_HAND, language) {
        list.for_each(|word| add(word, flags(class)));
    }
    let english = words::CLASSES
        .iter()
        .filter(|(flags, _)| OF_NAMES.contains(*flags))
        .chain(names::CLASSES);
    for (flags, list) in english {
        for word in list.split_ascii_whitespace() {
            let entry = found.entry(word).or_default();
            if !entry.is(Flags::FUNCTION) {
                entry.flags = entry.flags.with(*flags);
            }
        }
    }
    found
}

/// The classes of a language in one of the files, each with its words.
fn section(
    file: &'static str,
    language: Language,
) -> Vec<(&'static str, impl Iterator<Item = &'static str>)> {
    let mut classes: Vec<(&str, Vec<&str>)> = Vec::new();
    let own = file
        .lines()
        .skip_while(move |line| line.trim_matches(['[', ']']) != language.code())
        .skip(1);
    for line in own.take_while(|line| !line.starts_with('[')) {
        match line.split_once(": ") {
            Some((class, words)) if !line.starts_with(' ') => classes.push((class, vec![words])),
            _ => {
                if let Some((_, words)) = classes.last_mut() {
                    words.push(line);
                }
            }
        }
    }
    let words = |lines: Vec<&'static str>| lines.into_iter().flat_map(str::split_ascii_whitespace);
    classes
        .into_iter()
        .map(|(class, lines)| (class, words(lines)))
        .collect()
}

fn flags(class: &str) -> Flags {
    match class {
        "month" => Flags::MONTH,
        "weekday" => Flags::WEEKDAY,
        "place" => Flags::COUNTRY,
        "number" => Flags::NUMBER_WORD,
        "scale" => Flags::SCALE,
        "time_unit" => Flags::TIME_UNIT,
        "unit" => Flags::UNIT,
        "article" => Flags::FUNCTION.with(Flags::ARTICLE),
        "being" => Flags::FUNCTION.with(Flags::BE),
        "connector" => Flags::CONNECTOR,
        "elision" => Flags::FUNCTION,
        "date_link" => Flags::DATE_LINK,
        "century" => Flags::CENTURY,
        "title" => Flags::TITLE_ABBREVIATION,
        "numbered" => Flags::NUMBERED,
        "abbreviation" => Flags::ABBREVIATION,
        _ => Flags::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITH_LISTS: [Language; 8] = [
        Language::German,
        Language::French,
        Language::Spanish,
        Language::Italian,
        Language::Portuguese,
        Language::Dutch,
        Language::Swedish,
        Language::Russian,
    ];

    #[test]
    fn every_line_of_the_lists_is_of_a_known_class() {
        for language in WITH_LISTS {
            for file in [CLDR, BY_HAND] {
                let classes: Vec<_> = section(file, language)
                    .into_iter()
                    .map(|(class, _)| class)
                    .collect();
                assert!(classes.len() > 4, "{language:?}: {classes:?}");
                for class in classes {
                    assert!(flags(class) != Flags::NONE, "{language:?}: {class}");
                }
            }
        }
    }

    #[test]
    fn every_language_has_its_months_numbers_and_function_words() {
        for language in WITH_LISTS {
            let words = words_of(language);
            let count = |flags| words.values().filter(|word| word.is(flags)).count();
            assert!(count(Flags::MONTH) >= 12, "{language:?}");
            assert!(count(Flags::WEEKDAY) >= 7, "{language:?}");
            assert!(count(Flags::NUMBER_WORD) >= 12, "{language:?}");
            assert!(count(Flags::FUNCTION) > 100, "{language:?}");
            assert!(count(Flags::ABBREVIATION) > 10, "{language:?}");
            for word in words.keys() {
                assert_eq!(*word, word.to_lowercase(), "{language:?}");
            }
        }
    }
}
