//! How fast words are taken in and found, in an index of made-up documents, before it is settled and after.
//!
//! `cargo run --release -p sutra-text --example words -- 1000000`

use std::time::Instant;

use sutra_model::ConceptId;
use sutra_segment::Kept;
use sutra_text::WordIndex;

/// Documents of a commit.
const COMMIT: usize = 1000;
/// Commits after which what is fresh is set apart.
const COMMITS_APART: usize = 100;
/// Questions of each kind.
const QUESTIONS: usize = 301;
/// Distinct words that may occur.
const WORDS: usize = 1 << 20;
const SYLLABLES: [&str; 32] = [
    "ba", "co", "den", "er", "fi", "gra", "hol", "in", "ja", "ker", "lo", "men", "no", "or", "pel", "qui",
    "ra", "ston", "ter", "ul", "ver", "wi", "xan", "yo", "ze", "al", "sha", "tho", "mir", "dru", "sk", "tan",
];

/// A small linear congruential generator: the same documents on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    /// A rank by Zipf's law: each is met in proportion to 1 / (rank + 1), about.
    fn rank(&mut self) -> usize {
        let share = self.below(1 << 30) as f64 / (1_u64 << 30) as f64;
        ((WORDS as f64).powf(share) as usize - 1).min(WORDS - 1)
    }

    fn text(&mut self) -> String {
        let words = 20 + self.below(80);
        let mut text = String::with_capacity(words * 10);
        for _ in 0..words {
            push_word(&mut text, self.rank());
            text.push(' ');
        }
        text
    }
}

fn push_word(text: &mut String, rank: usize) {
    let mut rest = rank;
    for place in 0..4 {
        text.push_str(SYLLABLES[rest % 32]);
        rest /= 32;
        if rest == 0 && place >= 1 {
            break;
        }
    }
}

fn word(rank: usize) -> String {
    let mut text = String::new();
    push_word(&mut text, rank);
    text
}

/// Questions of a rare word, of a frequent one, and of both with one between.
fn questions(random: &mut Random) -> [(&'static str, Vec<String>); 3] {
    let mut make = |ranges: &[std::ops::Range<usize>]| {
        let mut question = || {
            let words = ranges
                .iter()
                .map(|ranks| word(ranks.start + random.below(ranks.len())));
            words.collect::<Vec<_>>().join(" ")
        };
        (0..QUESTIONS).map(|_| question()).collect::<Vec<_>>()
    };
    let (rare, between, frequent) = (WORDS / 4..WORDS, 500..2000, 0..20);
    [
        ("rare", make(std::slice::from_ref(&rare))),
        ("frequent", make(std::slice::from_ref(&frequent))),
        ("mixed", make(&[frequent, between, rare])),
    ]
}

fn main() {
    let argument = std::env::args().nth(1);
    let count = argument.map_or(100_000, |count| count.parse().expect("a number of documents"));
    let questions = questions(&mut Random(2));
    let mut random = Random(1);
    let (mut index, mut took, mut longest) = (WordIndex::new(), 0.0, 0.0_f64);
    let mut last = Vec::new();
    for start in (0..count).step_by(COMMIT) {
        last = (start..count.min(start + COMMIT))
            .map(|_| random.text())
            .collect();
        let documents = documents(start, &last);
        let begun = Instant::now();
        index = index.with_english(&documents);
        if (start / COMMIT + 1).is_multiple_of(COMMITS_APART) {
            index = index.apart();
        }
        let seconds = begun.elapsed().as_secs_f64();
        (took, longest) = (took + seconds, longest.max(seconds));
    }
    println!(
        "{count} documents, {:.0} a second, a commit of {COMMIT} at most {:.0} ms",
        count as f64 / took,
        longest * 1000.0
    );
    let mut index = index.apart();
    measure("apart", &index, &questions);
    let begun = Instant::now();
    while let Some(made) = index.settle(&|| true) {
        index = index.with_settled(&made);
    }
    println!("settled in {:.1} s", begun.elapsed().as_secs_f64());
    measure("settled", &index, &questions);

    let documents = documents(count.saturating_sub(last.len()), &last);
    let begun = Instant::now();
    let less = index.without_english(&documents);
    println!(
        "{} documents taken out in {:.1} ms",
        index.len() - less.len(),
        begun.elapsed().as_secs_f64() * 1000.0
    );
    measure("less these", &less, &questions);
}

fn documents(start: usize, texts: &[String]) -> Vec<(ConceptId, &str)> {
    let ids = (start as u64 + 1..).map(ConceptId);
    ids.zip(texts.iter().map(String::as_str)).collect()
}

fn measure(state: &str, index: &WordIndex, questions: &[(&str, Vec<String>)]) {
    let parts = index.parts();
    let words: u64 = parts.documents.iter().map(bytes).sum();
    let spellings: u64 = parts.spellings.iter().map(bytes).sum();
    let each = |bytes: u64| bytes as f64 / index.len() as f64;
    println!(
        "{state}: {} parts of {:.0} bytes a document, {} of spellings with {:.0}",
        parts.documents.len(),
        each(words),
        parts.spellings.len(),
        each(spellings)
    );
    for (kind, questions) in questions {
        let time = |question: &String| {
            let begun = Instant::now();
            std::hint::black_box(index.search(question, 10));
            begun.elapsed().as_secs_f64() * 1000.0
        };
        let mut times: Vec<f64> = questions.iter().map(time).collect();
        times.sort_by(f64::total_cmp);
        println!(
            "  {kind}: p50 {:.3} ms, p95 {:.3} ms",
            times[times.len() / 2],
            times[times.len() * 95 / 100]
        );
    }
}

fn bytes(part: &impl Kept) -> u64 {
    part.laid_out(|layout| layout.bytes())
}
