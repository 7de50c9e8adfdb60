//! A store whose `storage.dat` was edited.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sutra_fuzz::database(input));
