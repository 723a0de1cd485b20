//! See `faultline_fuzz::redaction`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| faultline_fuzz::redaction(data));
