//! Whatever reads text that is learned or asked: any text, in any language.

use sutra_model::{Language, name_key};
use sutra_read::{Reader, detect_language, relation_hint, title_name};
use sutra_text::{TERM_BYTES_MAX, analyse_in, word_cuts};

/// A stemmer may lengthen a term by a few bytes.
const STEM_BYTES: usize = 16;

/// Reads a text in the language that the first byte says, once under a title of its own beginning.
///
/// # Panics
/// When a place is not one of the text, or a reader panics.
pub fn texts(input: &[u8]) {
    let (first, rest) = input.split_first().unwrap_or((&0, &[]));
    let language = Language::ALL[usize::from(*first) % Language::ALL.len()];
    let text = String::from_utf8_lossy(rest);
    let title = text.lines().next().unwrap_or_default();

    for term in analyse_in(&text, language) {
        assert!(
            !term.is_empty() && term.len() <= TERM_BYTES_MAX + STEM_BYTES,
            "{term:?}"
        );
    }
    let cuts = word_cuts(&text);
    assert!(cuts.iter().all(|cut| text.is_char_boundary(*cut)));
    assert!(cuts.is_sorted());
    detect_language(&text);
    relation_hint(&text);
    let (name, beyond) = title_name(title);
    assert!(name.len() + beyond.len() <= title.len());

    let reading = Reader::new([title]).read_in(language, &text, title);
    let mut position = 0;
    for sentence in &reading.sentences {
        assert!(sentence.start >= position && sentence.end > sentence.start);
        assert!(text.get(sentence.clone()).is_some());
        position = sentence.end;
    }
    assert!(text[position..].trim().is_empty(), "something is in no sentence");
    for passage in &reading.passages {
        assert!(text.get(passage.start..passage.end).is_some());
        assert!(passage.last_sentence_exclusive <= reading.sentences.len());
    }
    for mention in &reading.mentions {
        let written = text.get(mention.start..mention.end).expect("a place in the text");
        assert!(!written.is_empty() && !mention.name.is_empty());
    }
    for relation in &reading.relations {
        assert!(relation.sentence < reading.sentences.len());
        assert_ne!(name_key(&relation.subject), name_key(&relation.object));
        assert!(relation.validity.is_ordered());
    }
}

/// Texts to begin with: of several scripts, with what makes reading hard.
pub fn sample_texts() -> Vec<Vec<u8>> {
    let texts = [
        "Ada Lovelace (1815-1852) was born in London. She wrote about the \"Analytical Engine\", e.g. its use.",
        "Der Rhein fließt durch Köln, z. B. im 3. Jahrhundert v. Chr. Die Stadt hieß Colonia.",
        "L'Italia è una repubblica. Roma, la capitale d'Italia, fu fondata nel 753 a.C.",
        "東京は日本の首都である。北京是中国的首都。กรุงเทพเป็นเมืองหลวงของไทย",
        "Aln (river)\nThe Aln rises at Alham. Mr. J. R. Smith-Jones of St. Ives founded the Acme Corp. in 1932.",
        "ﬁ ﬀ İstanbul ǅ e\u{301}\u{200D} \u{FEFF}Ω ½ Ⅷ \u{202E}abc\u{202C} 🏳️‍🌈. A. B. C... ?!",
    ];
    let language = |number: usize| number as u8 * 3;
    let with = |(number, text): (usize, &str)| [&[language(number)], text.as_bytes()].concat();
    texts.into_iter().enumerate().map(with).collect()
}
