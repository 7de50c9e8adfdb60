//! A store one of whose files of vectors was edited.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sutra_fuzz::column(input));
