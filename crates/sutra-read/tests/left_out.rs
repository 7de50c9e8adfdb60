//! Reading without the groups of hand-written knowledge: in a process of its own, as it holds for all of it.

use sutra_model::EntityType;
use sutra_read::{Knowledge, Reader, leave_out, relation_hint};

#[test]
fn what_is_left_out_tells_nothing_and_the_rest_stays() {
    assert!(leave_out(&Knowledge::ALL.map(|(_, group)| group)));
    let reading = Reader::new([]).read("Ada Lovelace was born in London in 1815.", "");
    assert!(reading.relations.is_empty());
    let named: Vec<_> = reading
        .mentions
        .iter()
        .map(|mention| (mention.name.as_str(), mention.entity_type))
        .collect();
    assert_eq!(
        named,
        [
            ("Ada Lovelace", EntityType::Thing),
            ("London", EntityType::Thing),
            ("1815", EntityType::Date)
        ]
    );
    let hint = relation_hint("Where was Ada Lovelace born?").unwrap();
    assert_eq!(hint.expected, Some(EntityType::Place));
    assert!(hint.relations.is_empty());
    assert!(!leave_out(&[]));
}
