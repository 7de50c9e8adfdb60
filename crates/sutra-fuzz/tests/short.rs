//! The readers of outside bytes with some hundreds of damaged inputs each; a run that fails names its seed.

use sutra_faults::Random;

const RUNS: u64 = 300;
/// Runs that open a whole store.
const STORES: u64 = 200;

/// Runs a target with inputs that seeds decide.
fn try_all(target: fn(&[u8]), runs: u64, input: impl Fn(&mut Random) -> Vec<u8>) {
    for seed in 0..runs {
        let input = input(&mut Random::new(seed));
        if let Err(panic) = std::panic::catch_unwind(|| target(&input)) {
            let words = panic.downcast_ref::<String>().map_or("a panic", String::as_str);
            panic!("seed {seed}: {words}");
        }
    }
}

fn bytes(random: &mut Random, length: u64) -> Vec<u8> {
    (0..length).map(|_| random.number() as u8).collect()
}

/// How a store is opened, and some edits.
fn edits(random: &mut Random) -> Vec<u8> {
    let edits = 1 + random.below(8);
    bytes(random, 1 + 6 * edits)
}

/// One of some samples with bytes changed, cut out and put in.
fn mutated(random: &mut Random, samples: &[Vec<u8>]) -> Vec<u8> {
    let mut input = samples[random.below(samples.len() as u64) as usize].clone();
    for _ in 0..random.below(6) {
        let at = random.below(input.len() as u64 + 1) as usize;
        match random.below(4) {
            0 => input.truncate(at),
            1 => input.insert(at, random.number() as u8),
            2 => input.splice(at..at, [0xFF; 9]).for_each(drop),
            _ => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = random.number() as u8;
                }
            }
        }
    }
    input
}

#[test]
fn a_damaged_database_is_opened_or_refused() {
    try_all(sutra_fuzz::database, STORES, edits);
}

#[test]
fn an_empty_database_beside_vectors_is_damage_for_readers_too() {
    // For reading alone, cut off at the first byte.
    sutra_fuzz::database(&[2, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn damaged_vectors_are_read_or_refused() {
    try_all(sutra_fuzz::column, STORES, edits);
}

#[test]
fn any_change_is_applied_or_refused() {
    let samples = sutra_fuzz::sample_changes();
    try_all(sutra_fuzz::changes, RUNS, |random| mutated(random, &samples));
}

#[test]
fn any_bytes_are_a_record_or_none() {
    let samples = sutra_fuzz::sample_records();
    try_all(sutra_fuzz::records, 20 * RUNS, |random| mutated(random, &samples));
}

#[test]
fn any_text_is_read() {
    let samples = sutra_fuzz::sample_texts();
    try_all(sutra_fuzz::texts, RUNS, |random| mutated(random, &samples));
}
