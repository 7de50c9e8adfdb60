//! What holds for any text whatever: ranges are sound, nothing is lost, nothing panics.

use proptest::prelude::*;
use sutra_model::Language;
use sutra_read::{Reader, Reading, relation_hint};

/// Text with what the rules look at: names, dates, marks, brackets, breaks, and any Unicode beside.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => any::<String>(),
        6 => prop::sample::select(vec![
            "Mary", " ", " ", " ", "\n", "\n\n", "\r\n", ".", ". ", "...", "…", "!", "?", "\"", "“", "”", "(", ")", "[1]", ",", " and ", " of ",
            " the ", "The ", "1932", "2 November", " born ", " was ", " is a ", " in ", "'s", "’s", "-", "–", "U.S.", "Dr. ", "J. R. R. ", "No. 5",
            "e.g. ", "IBM", "$4.86 million", "5 km", "。", "北京", "- ", "# ", "1. ", "Ann: ", "é", "\u{200d}", "İ", "ß", " founded ", " by ",
            " who ", " not ", " capital of ", "Paris", " lived ", " lived in ", " from ", " until ", "z. B. ", "„", "«", "»", " der ", "3. Oktober", "l'", "d’", "XIXe siècle", " de ", "03.10.1990", "1er ", "в ", "года", "Москва", " г. ", "1 234 567", " since ", " to ", " after ", ", ", "1950s", "2001", "Oslo", " causes ", "university", "\u{2029}", "\u{a0}", "20th century", "1997–98", "&", "/",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn check(text: &str, reading: &Reading) -> Result<(), TestCaseError> {
    let mut position = 0;
    for sentence in &reading.sentences {
        prop_assert!(sentence.start >= position && sentence.end > sentence.start);
        let gap = text.get(position..sentence.start);
        prop_assert!(gap.is_some_and(|gap| gap.trim().is_empty()), "lost {gap:?}");
        let inside = text.get(sentence.clone());
        prop_assert!(inside.is_some_and(|inside| inside.trim() == inside));
        position = sentence.end;
    }
    prop_assert!(text[position..].trim().is_empty());

    let mut next = 0;
    for passage in &reading.passages {
        prop_assert_eq!(passage.first_sentence, next);
        prop_assert!(passage.last_sentence_exclusive > next);
        next = passage.last_sentence_exclusive;
        prop_assert_eq!(passage.start, reading.sentences[passage.first_sentence].start);
        prop_assert_eq!(passage.end, reading.sentences[next - 1].end);
    }
    prop_assert_eq!(next, reading.sentences.len());

    let mut position = 0;
    for mention in &reading.mentions {
        prop_assert!(mention.start >= position && mention.end > mention.start);
        position = mention.end;
        let sentence = &reading.sentences[mention.sentence];
        prop_assert!(sentence.start <= mention.start && mention.end <= sentence.end);
        let written = text.get(mention.start..mention.end).unwrap_or_default();
        prop_assert_eq!(
            &mention.name,
            &written.split_whitespace().collect::<Vec<_>>().join(" ")
        );
        prop_assert!(!mention.name.is_empty());
    }
    for relation in &reading.relations {
        prop_assert!(relation.sentence < reading.sentences.len());
        prop_assert!((0.5..=0.95).contains(&relation.confidence));
        prop_assert!(!relation.subject.is_empty() && !relation.object.is_empty());
        prop_assert!(sutra_model::name_key(&relation.subject) != sutra_model::name_key(&relation.object));
        prop_assert!(!relation.subject.trim().is_empty() && !relation.object.trim().is_empty());
        prop_assert!(relation.validity.is_ordered(), "{relation:?}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn readings_are_sound(text in any_text(), title in any_text(), names in prop::collection::vec("[A-Za-zé .]{0,8}", 0..4)) {
        let reader = Reader::new(names.iter().map(String::as_str));
        let reading = reader.read(&text, &title);
        check(&text, &reading)?;
        prop_assert_eq!(reading, reader.read(&text, &title));
    }

    #[test]
    fn a_text_whose_parts_are_known_is_read_as_it_was(text in any_text(), title in any_text(), known in any::<u64>(), language in 0..Language::ALL.len()) {
        let (reader, language) = (Reader::new([]), Language::ALL[language]);
        let reading = reader.read_in(language, &text, &title);
        // Of what is not known the rules make again what they made of it.
        let sentences = reading.sentences.iter().enumerate();
        let sentences: Vec<_> = sentences.filter(|(number, _)| known >> (number % 64) & 1 == 1).map(|(_, range)| range.clone()).collect();
        let passages: Vec<_> = reading.passages.iter().map(|passage| passage.start..passage.end).collect();
        prop_assert_eq!(reading, reader.read_known(language, &text, &title, &sentences, &passages));
    }

    #[test]
    fn readings_in_any_language_are_sound(text in any_text(), title in any_text(), language in 0..Language::ALL.len()) {
        let reading = Reader::new([]).read_in(Language::ALL[language], &text, &title);
        check(&text, &reading)?;
    }

    #[test]
    fn any_string_is_a_question(text in any_text()) {
        let _ = relation_hint(&text);
    }
}

#[test]
fn hostile_texts_are_read() {
    let many = 20_000;
    for text in [
        "word ".repeat(many),
        "(".repeat(many),
        "( ) ".repeat(many),
        ")".repeat(many),
        "Capital ".repeat(many),
        "CAPITALS ".repeat(many),
        "\"".repeat(many),
        "\" Mary was born in ".repeat(many / 8),
        "Mary and ".repeat(many),
        "Mary, ".repeat(many),
        "A. ".repeat(many),
        ".".repeat(many) + "a",
        ". a".repeat(many),
        ".)".repeat(many),
        "was born ".repeat(many),
        "founded founded ".repeat(many),
        "in the city of ".repeat(many),
        "German ".repeat(many),
        "x\n".repeat(many),
        "\n".repeat(many) + "x",
        "1932-".repeat(many),
        "'s ".repeat(many),
        " ".repeat(many) + &". a".repeat(many),
        "北".repeat(many),
        "a\u{301}".repeat(many),
        "Der Maler ".repeat(many),
        "z. B. ".repeat(many),
        "3. Oktober ".repeat(many),
        "l'Italia ".repeat(many),
        "123 ".repeat(many),
    ] {
        for language in Language::ALL {
            let reading = Reader::new(["Mary", "a city of"]).read_in(language, &text, "Mary");
            check(&text, &reading).unwrap();
        }
    }
}
