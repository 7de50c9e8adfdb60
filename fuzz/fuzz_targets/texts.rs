//! Any text, read and analysed.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sutra_fuzz::texts(input));
