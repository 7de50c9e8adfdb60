//! Which names, dates and numbers are found, and of which type.

use sutra_read::{Reader, Reading};

fn read(text: &str) -> Reading {
    Reader::new([]).read(text, "")
}

#[track_caller]
fn finds(text: &str, wanted: &[(&str, &str)]) {
    let reading = read(text);
    let found: Vec<(&str, &str)> = reading
        .mentions
        .iter()
        .map(|mention| (mention.name.as_str(), mention.entity_type.as_str()))
        .collect();
    assert_eq!(found, wanted, "{text}");
}

#[track_caller]
fn names(text: &str, title: &str, known: &[&str], wanted: &[&str]) {
    let reading = Reader::new(known.iter().copied()).read(text, title);
    let found: Vec<&str> = reading
        .mentions
        .iter()
        .map(|mention| mention.name.as_str())
        .collect();
    assert_eq!(found, wanted, "{text}");
}

#[test]
fn capitalised_spans_take_small_words_only_between_names() {
    names(
        "She met the Duke of York at the University of Toronto.",
        "",
        &[],
        &["Duke of York", "University of Toronto"],
    );
    names(
        "He read Romeo et Juliette in Paris.",
        "",
        &[],
        &["Romeo", "Juliette", "Paris"],
    );
    names(
        "We saw Ludwig van Beethoven and Vincent de Paul.",
        "",
        &[],
        &["Ludwig van Beethoven", "Vincent de Paul"],
    );
    names(
        "He left Paris and London for the north of Spain.",
        "",
        &[],
        &["Paris", "London", "Spain"],
    );
    names(
        "He was with Anna Smith of London.",
        "",
        &[],
        &["Anna Smith", "London"],
    );
    names("It was Ghana's Convention.", "", &[], &["Ghana", "Convention"]);
}

#[test]
fn the_first_word_is_a_name_only_with_a_reason() {
    names("Reunited with them, he left.", "", &[], &[]);
    names("However, nothing came of it.", "", &[], &[]);
    names("Zinga was a king. He likes Zinga.", "", &[], &["Zinga", "Zinga"]);
    names(
        "Photosynthesis needs light. The photosynthesis of plants is old.",
        "",
        &[],
        &[],
    );
    names("Basel lies there.", "Basel", &[], &["Basel"]);
    names("Cats are small.", "", &[], &[]);
}

#[test]
fn articles_possessives_and_titles_of_persons_are_left_out() {
    names(
        "We like the Beatles. It is Parton's song.",
        "",
        &[],
        &["Beatles", "Parton"],
    );
    finds(
        "We met Dr. John Smith and President Lincoln.",
        &[("John Smith", "person"), ("Lincoln", "person")],
    );
    names("It rained in St. Louis.", "", &[], &["St. Louis"]);
}

#[test]
fn dates_are_read_whole() {
    for date in [
        "2 November 1932",
        "3. Oktober 1990",
        "November 2, 1932",
        "March 2011",
        "1932",
        "1930s",
        "19th century",
        "1997–98",
        "2011-03-04",
        "44 BC",
    ] {
        finds(&format!("it was in {date} there"), &[(date, "date")]);
    }
    finds("from 1992 to 2002", &[("1992", "date"), ("2002", "date")]);
    finds("He may march in there.", &[]);
}

#[test]
fn numbers_bring_their_units() {
    for number in [
        "5 km",
        "$4.86 million",
        "45 %",
        "four years",
        "10,000",
        "twenty - one",
    ] {
        finds(&format!("it was {number} there"), &[(number, "number")]);
    }
    finds("the 4th one", &[]);
}

#[test]
fn quoted_titles_are_works_and_nicknames_are_not() {
    finds(
        "He directed the film \"Angi Vera\" then.",
        &[("Angi Vera", "work")],
    );
    names(
        "It was Wilfried \"Willi\" Schneider.",
        "",
        &[],
        &["Wilfried \"Willi\" Schneider"],
    );
    names("He said \"I will come to see you\" then.", "", &[], &[]);
}

#[test]
fn cues_tell_types() {
    finds(
        "They work at Acme Inc. in Lisbon near the Tagus River.",
        &[
            ("Acme Inc.", "organisation"),
            ("Lisbon", "place"),
            ("Tagus River", "place"),
        ],
    );
    finds(
        "He led the Ministry of Health.",
        &[("Ministry of Health", "organisation")],
    );
    finds("She won the World Cup.", &[("World Cup", "work")]);
    finds("a Hungarian film", &[("Hungarian", "thing")]);
}

#[test]
fn known_names_are_whole_words_the_longest_and_of_one_word_in_their_case() {
    names(
        "the new york times and new yorkers",
        "",
        &["New York", "New York Times"],
        &["new york times"],
    );
    names(
        "a widget is no Widget, no widgets",
        "",
        &["widget"],
        &["widget", "Widget"],
    );
    names(
        "it uses natural selection here",
        "",
        &["natural selection"],
        &["natural selection"],
    );
}

#[test]
fn the_title_is_a_name_without_its_bracket_and_article() {
    names("it is about heat, as in Heat.", "Heat (film)", &[], &["Heat"]);
    names(
        "We saw to live and die there.",
        "to live and die",
        &[],
        &["to live and die"],
    );
    assert_eq!(
        sutra_read::title_name("The Core (2003 film)"),
        ("Core", "2003 film")
    );
    assert_eq!(sutra_read::title_name("The Who"), ("The Who", ""));
    assert_eq!(sutra_read::title_name("(film)"), ("(film)", ""));
}
