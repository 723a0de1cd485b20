//! See `faultline_fuzz::proxy_status`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| faultline_fuzz::proxy_status(data));
