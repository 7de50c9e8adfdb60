//! What the rules read in a text: `echo "…" | cargo run -p sutra-read --example read -- "Title"`

use std::error::Error;
use std::io::Read;

use sutra_read::{Reader, relation_hint};

fn main() -> Result<(), Box<dyn Error>> {
    let title = std::env::args().nth(1).unwrap_or_default();
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let reading = Reader::new([]).read(&text, &title);
    for (position, sentence) in reading.sentences.iter().enumerate() {
        let sentence = &text[sentence.clone()];
        println!("[{position}] {sentence}");
        for mention in reading
            .mentions
            .iter()
            .filter(|mention| mention.sentence == position)
        {
            print!("  {}:{}", mention.name, mention.entity_type.as_str());
        }
        println!();
        for relation in reading
            .relations
            .iter()
            .filter(|relation| relation.sentence == position)
        {
            println!(
                "    {} –{}→ {} ({}, {:.2})",
                relation.subject,
                relation.relation,
                relation.object,
                relation.object_type.as_str(),
                relation.confidence
            );
        }
        if let Some(hint) = relation_hint(sentence) {
            println!("    {hint:?}");
        }
    }
    println!("{} passages", reading.passages.len());
    Ok(())
}
