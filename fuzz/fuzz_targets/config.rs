#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wristband_spa_auth_fuzz::config::check(data));
