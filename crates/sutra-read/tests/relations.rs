//! Which relations sentences state: active, passive, negated, and by whom.

use sutra_model::AssociationKind;
use sutra_read::{Reader, Relation};

fn relations(text: &str, title: &str) -> Vec<Relation> {
    Reader::new([]).read(text, title).relations
}

/// The sentence states this triple.
#[track_caller]
fn states(text: &str, title: &str, (subject, relation, object): (&str, &str, &str)) {
    let found = relations(text, title);
    let stated = found
        .iter()
        .any(|found| found.subject == subject && found.relation == relation && found.object == object);
    assert!(
        stated,
        "{text}\nwanted {subject} {relation} {object}\nfound {found:#?}"
    );
}

#[track_caller]
fn says_nothing(text: &str, title: &str) {
    let found = relations(text, title);
    assert!(found.is_empty(), "{text}\nfound {found:#?}");
}

#[test]
fn active_and_passive_state_one_relation() {
    for text in [
        "Anna Flint founded Acme Inc. in 1911.",
        "Acme Inc. was founded by Anna Flint in 1911.",
    ] {
        states(text, "", ("Acme Inc.", "founded_by", "Anna Flint"));
        states(text, "", ("Acme Inc.", "founded_in", "1911"));
    }
    for text in ["Smoking causes lung cancer.", "Lung cancer is caused by smoking."] {
        states(text, "", ("smoking", "causes", "lung cancer"));
    }
    for text in [
        "John Brown directed \"Angi Vera\".",
        "\"Angi Vera\" was directed by John Brown.",
    ] {
        states(text, "", ("Angi Vera", "directed_by", "John Brown"));
    }
    for text in [
        "Tirana is the capital of Albania.",
        "The capital of Albania is Tirana.",
        "Tirana, the capital of Albania, is old.",
    ] {
        states(text, "", ("Tirana", "capital_of", "Albania"));
    }
}

#[test]
fn one_sentence_a_relation() {
    for (text, triple) in [
        (
            "Anna Flint was born in Budapest.",
            ("Anna Flint", "born_in", "Budapest"),
        ),
        (
            "Anna Flint was born on 2 May 1932 in Budapest.",
            ("Anna Flint", "born_on", "2 May 1932"),
        ),
        (
            "Anna Flint (born 2 May 1932) sang there.",
            ("Anna Flint", "born_on", "2 May 1932"),
        ),
        (
            "Anna Flint died in Rome in 1987.",
            ("Anna Flint", "died_in", "Rome"),
        ),
        (
            "Anna Flint died in Rome in 1987.",
            ("Anna Flint", "died_on", "1987"),
        ),
        (
            "Anna Flint married John Brown in 1950.",
            ("Anna Flint", "spouse_of", "John Brown"),
        ),
        (
            "Anna Flint is the daughter of John Brown.",
            ("Anna Flint", "child_of", "John Brown"),
        ),
        (
            "Anna Flint studied at the University of Toronto.",
            ("Anna Flint", "studied_at", "University of Toronto"),
        ),
        (
            "Anna Flint worked for Acme Inc. then.",
            ("Anna Flint", "works_for", "Acme Inc."),
        ),
        (
            "Anna Flint plays for Real Madrid.",
            ("Anna Flint", "plays_for", "Real Madrid"),
        ),
        (
            "Anna Flint won the Nobel Prize in 1950.",
            ("Anna Flint", "awarded", "Nobel Prize"),
        ),
        (
            "Anna Flint invented the Telephone.",
            ("Telephone", "invented_by", "Anna Flint"),
        ),
        (
            "Radium was discovered by Marie Curie.",
            ("Radium", "discovered_by", "Marie Curie"),
        ),
        (
            "Forbidden Ground is a film starring Tom Hanks and Meg Ryan.",
            ("Forbidden Ground", "starring", "Meg Ryan"),
        ),
        (
            "Forbidden Ground is a 1968 Hungarian film.",
            ("Forbidden Ground", "released_on", "1968"),
        ),
        (
            "Forbidden Ground is a 1968 Hungarian film.",
            ("Forbidden Ground", "nationality", "Hungarian"),
        ),
        (
            "Forbidden Ground was released on 3 May 1968.",
            ("Forbidden Ground", "released_on", "3 May 1968"),
        ),
        (
            "Forbidden Ground was written by Earl Grey, and directed by John Brown.",
            ("Forbidden Ground", "directed_by", "John Brown"),
        ),
        (
            "The Drava flows into the Danube.",
            ("Drava", "flows_into", "Danube"),
        ),
        ("France borders Spain.", ("France", "borders", "Spain")),
        (
            "Acme Inc. is headquartered in Berlin, Germany.",
            ("Acme Inc.", "headquartered_in", "Berlin"),
        ),
        (
            "Acme Inc. is headquartered in Berlin, Germany.",
            ("Berlin", "located_in", "Germany"),
        ),
        (
            "Acme Inc. was acquired by Widgets Ltd. in 1999.",
            ("Acme Inc.", "owned_by", "Widgets Ltd."),
        ),
        (
            "Germany is a member of the European Union.",
            ("Germany", "member_of", "European Union"),
        ),
        ("Corsica is part of France.", ("Corsica", "part_of", "France")),
        (
            "John Brown was succeeded by Anna Flint.",
            ("John Brown", "succeeded_by", "Anna Flint"),
        ),
        (
            "Pennsylvania was named after William Penn.",
            ("Pennsylvania", "named_after", "William Penn"),
        ),
        ("Bread is made of flour.", ("Bread", "made_of", "flour")),
        (
            "Aspirin prevents heart attacks.",
            ("aspirin", "prevents", "heart attacks"),
        ),
        ("A cat is a small animal.", ("cat", "is_a", "animal")),
        ("Mary is in the kitchen.", ("Mary", "located_in", "kitchen")),
        (
            "World War II began in 1939.",
            ("World War II", "happened_on", "1939"),
        ),
        (
            "International Business Machines (IBM) grew.",
            ("IBM", "alias_of", "International Business Machines"),
        ),
        (
            "Carey Business School, also known as JHUCarey, is old.",
            ("JHUCarey", "alias_of", "Carey Business School"),
        ),
    ] {
        states(text, "", triple);
    }
}

#[test]
fn life_dates_in_brackets() {
    let text =
        "Pál Gábor (2 November 1932 – 21 October 1987) was a Hungarian film director and screenwriter.";
    states(text, "", ("Pál Gábor", "born_on", "2 November 1932"));
    states(text, "", ("Pál Gábor", "died_on", "21 October 1987"));
    states(text, "", ("Pál Gábor", "nationality", "Hungarian"));
    states(text, "", ("Pál Gábor", "occupation", "film director"));
    states(text, "", ("Pál Gábor", "occupation", "screenwriter"));
}

#[test]
fn pronouns_and_surnames_stand_for_the_title() {
    states(
        "He was born in Budapest.",
        "Pál Gábor",
        ("Pál Gábor", "born_in", "Budapest"),
    );
    states(
        "The film was directed by John Brown.",
        "Heat (film)",
        ("Heat", "directed_by", "John Brown"),
    );
    states(
        "Born in Prelate, Saskatchewan, he moved.",
        "Ross Alger",
        ("Ross Alger", "born_in", "Prelate"),
    );
    states(
        "We met Ross Alger. Alger died in Calgary.",
        "Ross Alger",
        ("Ross Alger", "died_in", "Calgary"),
    );
    states(
        "Ross Patterson Alger died in Calgary.",
        "Ross Alger",
        ("Ross Alger", "alias_of", "Ross Patterson Alger"),
    );
    says_nothing("He was born in Budapest.", "");
}

#[test]
fn negations_and_questions_state_nothing() {
    for text in [
        "Anna Flint was not born in Budapest.",
        "Anna Flint never worked for Acme Inc. then.",
        "Tirana is not the capital of France.",
        "A cat isn't a dog.",
        "Was Anna Flint born in Budapest?",
        "Smoking does not cause malaria.",
    ] {
        says_nothing(text, "Anna Flint");
    }
}

#[test]
fn a_name_that_is_denied_is_no_subject() {
    let found = relations("Anna Flint, not John Brown, founded Acme Inc. in 1911.", "");
    let founders: Vec<&str> = found
        .iter()
        .filter(|relation| relation.relation == "founded_by")
        .map(|relation| relation.object.as_str())
        .collect();
    assert_eq!(founders, ["Anna Flint"], "{found:#?}");
    let found = relations("Not John Brown founded Acme Inc. then.", "");
    assert!(
        found.iter().all(|relation| relation.object != "John Brown"),
        "{found:#?}"
    );
}

#[test]
fn the_wrong_subject_is_not_guessed() {
    says_nothing("The director of Heat was born in Budapest.", "");
    let found = relations(
        "The Exies were a rock band from Los Angeles, California, formed in 1997.",
        "The Exies",
    );
    let subjects: Vec<&str> = found.iter().map(|relation| relation.subject.as_str()).collect();
    assert_eq!(subjects, ["Exies", "Exies"], "{found:#?}");
}

#[test]
fn kinds_and_validity_are_told() {
    let found = relations("Ross Alger served as mayor of Calgary from 1977 to 1980.", "");
    let headed = found
        .iter()
        .find(|relation| relation.relation == "headed_by")
        .unwrap();
    assert_eq!(
        (headed.subject.as_str(), headed.object.as_str()),
        ("Calgary", "Ross Alger")
    );
    let years = |micros: Option<i64>| micros.unwrap() / 31_556_952_000_000 + 1970;
    assert_eq!(
        (years(headed.validity.from), years(headed.validity.to)),
        (1977, 1981)
    );
    let kind = |text, name| {
        relations(text, "")
            .iter()
            .find(|relation| relation.relation == name)
            .map(|relation| relation.kind)
    };
    assert_eq!(
        kind("Smoking causes lung cancer.", "causes"),
        Some(AssociationKind::Causal)
    );
    assert_eq!(
        kind("Corsica is part of France.", "part_of"),
        Some(AssociationKind::Compositional)
    );
    assert_eq!(
        kind("A cat is an animal.", "is_a"),
        Some(AssociationKind::Hierarchical)
    );
    assert_eq!(
        kind("World War II began in 1939.", "happened_on"),
        Some(AssociationKind::Temporal)
    );
}

/// The years in which a relation between two names begins and ends to hold.
fn years(text: &str, object: &str) -> (Option<i64>, Option<i64>) {
    const YEAR: i64 = 31_556_952_000_000;
    let found = relations(text, "");
    let relation = found.iter().find(|relation| relation.object == object).unwrap();
    let year = |time: i64| 1970 + (time as f64 / YEAR as f64).round() as i64;
    (relation.validity.from.map(year), relation.validity.to.map(year))
}

#[test]
fn each_run_of_dates_dates_the_objects_that_it_stands_by() {
    let text = "Anna Flint lived in Norway until 1931, in Denmark in the 1950s, and in Iceland from 1962.";
    assert_eq!(years(text, "Norway"), (None, Some(1932)));
    assert_eq!(years(text, "Denmark"), (Some(1950), None));
    assert_eq!(years(text, "Iceland"), (Some(1962), None));
    let text = "Anna Flint lived in Norway and Denmark from 1931 to 1962.";
    assert_eq!(years(text, "Norway"), (Some(1931), Some(1963)));
    assert_eq!(years(text, "Denmark"), (Some(1931), Some(1963)));
}

#[test]
fn times_that_contradict_each_other_are_no_times() {
    let text = "Anna Flint lived in Norway from 1962 until 1931.";
    assert_eq!(years(text, "Norway"), (None, None));
}
