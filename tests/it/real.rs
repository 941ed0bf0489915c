//! Proxies and TLS servers that others wrote: squid, tinyproxy, microsocks, nginx, stunnel.
//!
//! Each test starts the programs it needs on ports of its own and ends them with itself. Where one is not installed the
//! test says so and is skipped; where everything is required, its absence is a failure. `.ci/run` installs them.

mod certificates;
mod doctor;
mod matrix;
mod programs;

use std::path::PathBuf;

/// The program's path, if it is here. `None` skips a test; where everything is required it fails.
fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let places = path.split(':').chain(["/usr/sbin", "/usr/bin"]);
    let found = places.map(|place| PathBuf::from(place).join(program)).find(|file| file.is_file());
    if found.is_none() {
        let required = std::env::var("SWITCHBOARD_TEST_REQUIRE").is_ok_and(|value| !value.is_empty());
        assert!(!required, "{program} is required here and is not installed");
        eprintln!("skipped: {program} is not installed");
    }
    found
}
