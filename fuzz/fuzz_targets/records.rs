//! Bytes as every sort of record.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sutra_fuzz::records(input));
