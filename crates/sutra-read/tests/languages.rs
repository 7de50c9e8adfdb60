//! Other languages than English: where sentences end, and which names, dates and numbers they hold.

use sutra_model::{EntityType, Language};
use sutra_read::{Reader, Reading};

fn read(language: &str, text: &str) -> Reading {
    Reader::new([]).read_in(Language::of_tag(language), text, "")
}

fn of_type(language: &str, text: &str, wanted: impl Fn(EntityType) -> bool) -> Vec<String> {
    let mentions = read(language, text).mentions;
    mentions
        .into_iter()
        .filter(|mention| wanted(mention.entity_type))
        .map(|mention| mention.name)
        .collect()
}

fn names(language: &str, text: &str) -> Vec<String> {
    of_type(language, text, |kind| {
        !matches!(kind, EntityType::Date | EntityType::Number)
    })
}

/// Each case is written with ` | ` where sentences part.
fn assert_parted(cases: &[(&str, &str)]) {
    for (language, case) in cases {
        let wanted: Vec<&str> = case.split(" | ").collect();
        let text = case.replace(" | ", " ");
        let found: Vec<&str> = read(language, &text)
            .sentences
            .into_iter()
            .map(|range| &text[range])
            .collect();
        assert_eq!(found, wanted, "{language}");
    }
}

#[test]
fn sentences_part_behind_the_quotation_marks_of_each_language() {
    assert_parted(&[
        ("de", "Er sagte: „Ich gehe.“ | Dann ging er fort."),
        ("de", "„Ich gehe!“ sagte er. | „Dr. Weber wartet.“ | Er ging."),
        (
            "de",
            "Sie rief: »Er log.« | Er schwieg. | »Er kam ‚heute.‘« | Sie nickte.",
        ),
        ("fr", "Il dit : « Je pars. » | Puis il sortit."),
        ("fr", "« Je pars\u{a0}!\u{a0}» dit-il. | « Oui. », dit-elle."),
        ("ru", "Он сказал: «Я ухожу.» | Потом он ушёл."),
        ("en", "He left. | “Why?” | “Nobody knows.”"),
    ]);
}

#[test]
fn sentences_part_behind_no_abbreviation_and_no_ordinal() {
    assert_parted(&[
        (
            "de",
            "Man kann z. B. Obst kaufen, d. h. Äpfel usw. | Das ist gut.",
        ),
        (
            "de",
            "Am 3. Oktober 1990 war es so weit. | Im 19. Jahrhundert gab es den 1. Zug.",
        ),
        ("de", "Dr. Weber und Prof. Klein kamen. | Nr. 5 fehlte."),
        ("de", "Es waren 12. | Die anderen gingen."),
        ("fr", "M. Dupont vit à Lyon. | Il a env. 40 ans, cf. p. 12."),
        ("fr", "Il est né av. J.-C. selon Mme. Petit. | C'est l'usage."),
        ("es", "El Sr. García vive en la Avda. Colón. | Es médico."),
        ("it", "Il dott. Rossi arriva, cfr. la pag. 3. | È tardi."),
        ("pt", "O Sr. Silva mora na Av. Central. | Ele é médico."),
        ("nl", "Dhr. Jansen eet fruit, bijv. Appels. | Hij woont er."),
        ("sv", "Det kostar ca. 40 kr. | Hon köpte bl.a. Äpplen."),
        (
            "ru",
            "В 1990 г. Москва росла, см. Рис. 3 и т. д. | Он жил на ул. Пушкина.",
        ),
    ]);
}

#[test]
fn names_are_found_where_only_names_have_capitals() {
    for (language, text, wanted) in [
        (
            "fr",
            "L'histoire de l'Italie fascine Marie Curie depuis qu'elle vit à Paris.",
            vec!["Italie", "Marie Curie", "Paris"],
        ),
        (
            "es",
            "Según Ana Torres, la Universidad de Salamanca es antigua.",
            vec!["Ana Torres", "Universidad de Salamanca"],
        ),
        (
            "it",
            "Secondo gli storici, Leonardo da Vinci lavorava a Milano.",
            vec!["Leonardo da Vinci", "Milano"],
        ),
        (
            "pt",
            "O engenheiro Pedro dos Santos nasceu em Coimbra.",
            vec!["Pedro dos Santos", "Coimbra"],
        ),
        (
            "nl",
            "De schilder Vincent van Gogh woonde in Nuenen.",
            vec!["Vincent van Gogh", "Nuenen"],
        ),
        (
            "sv",
            "Det var Selma Lagerlöf som bodde i Falun.",
            vec!["Selma Lagerlöf", "Falun"],
        ),
        (
            "ru",
            "Когда Анна Павлова жила в Лондоне, она танцевала.",
            vec!["Анна Павлова", "Лондоне"],
        ),
    ] {
        assert_eq!(names(language, text), wanted, "{language}");
    }
}

#[test]
fn german_nouns_are_no_names() {
    assert_eq!(
        names(
            "de",
            "Der Physiker Max Planck lebte in der Stadt. Seine Familie hatte ein großes Haus am Wasser."
        ),
        ["Max Planck"]
    );
    assert_eq!(
        names(
            "de",
            "Später zog Planck nach Schweden. Bekannt wurde Max Planck durch die Deutsche Bahn."
        ),
        ["Planck", "Schweden", "Max Planck", "Deutsche Bahn"]
    );
    assert_eq!(names("de", "Mit Wasser und Strom arbeitet die Mühle."), [""; 0]);
}

#[test]
fn dates_are_written_in_many_ways() {
    for (language, text, wanted) in [
        ("de", "Es war der 3. Oktober 1990.", "3. Oktober 1990"),
        ("de", "Es begann am 03.10.1990 in der Nacht.", "03.10.1990"),
        ("de", "Das war im 19. Jahrhundert üblich.", "19. Jahrhundert"),
        ("de", "Das kam in den 1920er Jahren auf.", "1920er"),
        ("fr", "Elle est née le 7 novembre 1867 ici.", "7 novembre 1867"),
        ("fr", "Elle est née le 1er mai 1867 ici.", "1er mai 1867"),
        ("it", "Accadde il 1º maggio 1946 a tarda sera.", "1º maggio 1946"),
        ("fr", "C'était au XIXe siècle.", "XIXe siècle"),
        (
            "es",
            "Fue el 3 de octubre de 1990 por la tarde.",
            "3 de octubre de 1990",
        ),
        ("es", "Fue en el siglo XIX.", "siglo XIX"),
        ("it", "Accadde il 2 giugno 1946 a tarda sera.", "2 giugno 1946"),
        ("pt", "Foi a 25 de abril de 1974 de manhã.", "25 de abril de 1974"),
        ("nl", "Het was 5 mei 1945 in de ochtend.", "5 mei 1945"),
        ("sv", "Det var den 6 juni 1809 på kvällen.", "6 juni 1809"),
        ("ru", "Это было 12 апреля 1961 года.", "12 апреля 1961"),
        ("ru", "Это было в октябре 1957 года.", "октябре 1957"),
        ("ru", "Так строили в XIX веке.", "XIX веке"),
    ] {
        let found = of_type(language, text, |kind| kind == EntityType::Date);
        assert_eq!(found, [wanted], "{language}");
    }
}

#[test]
fn numbers_have_their_scales_and_units() {
    for (language, text, wanted) in [
        ("de", "Sie ist 3,5 Millionen Euro wert.", "3,5 Millionen"),
        ("de", "Der Weg ist zwölf Kilometer lang.", "zwölf Kilometer"),
        ("fr", "On y compte 1 234 567 habitants.", "1 234 567"),
        ("es", "Tiene 40 años y un perro.", "40 años"),
        ("it", "Pesa 20 chilogrammi da solo.", "20 chilogrammi"),
        ("pt", "A ponte mede 395 metros no total.", "395 metros"),
        ("nl", "Er wonen 2 miljoen mensen.", "2 miljoen"),
        ("sv", "Det tog 30 minuter att gå.", "30 minuter"),
        ("ru", "Там живут 12 миллионов человек.", "12 миллионов"),
        ("ru", "Диск вмещает 8 ГБ данных.", "8 ГБ"),
    ] {
        let found = of_type(language, text, |kind| kind == EntityType::Number);
        assert_eq!(found, [wanted], "{language}");
    }
}

#[test]
fn relations_are_found_in_english_alone() {
    let text = "Amsterdam is the capital of the Netherlands.";
    assert!(!read("en", text).relations.is_empty());
    assert!(read("nl", text).relations.is_empty());
    assert!(read("lv", text).relations.is_empty());
}

#[test]
fn what_has_no_lists_is_read_as_english_is() {
    let text = "Anna Weber moved to Lyon on 3 May 1999. She stayed.";
    let english = read("en", text);
    for language in ["zh", "ja", "lv"] {
        let other = read(language, text);
        assert_eq!(other.sentences, english.sentences, "{language}");
        assert_eq!(other.mentions, english.mentions, "{language}");
    }
}
