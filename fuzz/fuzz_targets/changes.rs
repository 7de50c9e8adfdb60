//! A change that another store is said to have told.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sutra_fuzz::changes(input));
