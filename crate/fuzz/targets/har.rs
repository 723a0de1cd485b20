//! See `faultline_fuzz::har`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| faultline_fuzz::har(data));
