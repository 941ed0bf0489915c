//! The configuration file under several hands.

use std::thread;

use crate::support::Home;

#[test]
fn many_switchboards_at_once_lose_nothing() {
    let home = Home::with("# the first line stays\n");
    thread::scope(|scope| {
        for n in 0..8 {
            let home = &home;
            scope.spawn(move || {
                let id = format!("c{n}");
                home.run(&["add", &id, "--provider", "other", "--url", "http://h", "--set", "default_model=m"]).ok();
            });
        }
    });
    let rows = home.run(&["list", "--json"]).ok().json();
    assert_eq!(rows["connectors"].as_array().map(Vec::len), Some(8));
    assert!(home.text().starts_with("# the first line stays\n"));
}

#[test]
fn runs_of_many_switchboards_are_all_recorded() {
    let home = Home::with(
        "[connectors.a]\nname = \"a\"\nprovider = \"other\"\nurl = \"http://127.0.0.1:9\"\ndefault_model = \"m\"\n",
    );
    thread::scope(|scope| {
        for _ in 0..8 {
            let home = &home;
            scope.spawn(move || assert_eq!(home.run(&["test", "a"]).code, Some(3)));
        }
    });
    assert_eq!(home.run(&["usage", "--json"]).ok().json()["total"]["failed"], 8);
}
