//! Deleting is taken back: the text as it stood, the order of the connectors, the stored key.

use proptest::prelude::*;

use super::*;
use crate::domain::{Credential, SecretText};

const TEXT: &str = r#"# The head of the file.

# All of the lab.
[connectors.a]
name = "A"   # first
provider = "openai"
url = "http://h/v1"

# Why b is here.
[connectors.b]
name = "B"
provider = "openai"
url = "http://h/v1"   # behind the gateway
headers = { "x-team" = "t" }
[connectors.b.network]
connect_timeout = "7s"

[pool]
max_running = 3   # not more

[connectors.c]
name = "C"
provider = "openai"
url = "http://h/v1"
"#;

fn remove(home: &Home, id: &str) -> Box<Removed> {
    let saved = save_undoable(&home.paths, &Change::Remove { id: id.parse().unwrap() }, &home.keeper).unwrap();
    saved.removed.unwrap()
}

fn restore(home: &Home, removed: Box<Removed>) -> Result<Config, SaveError> {
    save(&home.paths, &Change::Restore(removed), &home.keeper)
}

#[test]
fn a_deleted_connector_comes_back_with_its_comments_and_its_place() {
    for id in ["a", "b", "c"] {
        let home = Home::new(TEXT);
        let removed = remove(&home, id);
        assert!(!home.text().contains(&format!("[connectors.{id}]")));
        assert_eq!(ids(&restore(&home, removed).unwrap()), ["a", "b", "c"]);
        assert_eq!(home.text(), TEXT);
    }
}

#[test]
fn several_come_back_in_the_order_they_went() {
    let home = Home::new(TEXT);
    let mut gone: Vec<_> = ["b", "a", "c"].iter().map(|id| remove(&home, id)).collect();
    while let Some(removed) = gone.pop() {
        restore(&home, removed).unwrap();
    }
    assert_eq!(home.text(), TEXT);
}

#[test]
fn a_file_that_changed_meanwhile_keeps_its_changes() {
    let home = Home::new(TEXT);
    let removed = remove(&home, "b");
    let changed = home.text().replace("max_running = 3", "max_running = 5").replace("\"A\"", "\"A renamed\"");
    fs::write(&home.paths.user_file, &changed).unwrap();
    restore(&home, removed).unwrap();
    let meant = TEXT.replace("max_running = 3", "max_running = 5").replace("\"A\"", "\"A renamed\"");
    assert_eq!(load(&home.paths).unwrap().entries.len(), 3);
    assert!(home.text().contains("# Why b is here.\n[connectors.b]\n"), "{}", home.text());
    assert_eq!(home.text().lines().count(), meant.lines().count());
}

#[test]
fn where_nothing_is_as_it_was_it_stands_at_the_end() {
    let home = Home::new(TEXT);
    let removed = remove(&home, "b");
    fs::write(
        &home.paths.user_file,
        "connectors = { z = { name = \"Z\", provider = \"openai\", url = \"http://h/v1\" } }\n",
    )
    .unwrap();
    let config = restore(&home, removed).unwrap();
    assert_eq!(ids(&config), ["z", "b"]);
    assert_eq!(config.get("b").unwrap().connector.url, "http://h/v1");
}

fn put(home: &Home, key: Credential) {
    let mut connector = check_text(&lab("a"), Path::new("c")).unwrap().remove(0);
    connector.auth.api_key = Some(key);
    let change = Change::Put { replaces: None, base: None, connector: Box::new(connector) };
    save(&home.paths, &change, &home.keeper).unwrap();
}

#[test]
fn a_kept_key_waits_for_its_connector_until_that_is_forgotten() {
    let home = Home::new("");
    put(&home, Credential::Typed(SecretText::new("canary-7")));
    let text = home.text();
    let removed = remove(&home, "a");
    assert_eq!(home.keeper.keys(), ["a=canary-7"]);
    restore(&home, removed.clone()).unwrap();
    assert_eq!(home.text(), text);
    forget(&home.paths, &removed, &home.keeper);
    assert_eq!(home.keeper.keys(), ["a=canary-7"], "it is in use again");
    forget(&home.paths, &remove(&home, "a"), &home.keeper);
    assert!(home.keeper.keys().is_empty());
}

#[test]
fn a_key_file_is_there_again_and_lies_nowhere_meanwhile() {
    let home = Home::new("");
    fs::create_dir_all(home.paths.keys_dir()).unwrap();
    let key = home.paths.keys_dir().join("a.key");
    fs::write(&key, "canary-7").unwrap();
    put(&home, Credential::Reference(SecretRef::File(key.display().to_string())));
    let text = home.text();
    let removed = remove(&home, "a");
    assert!(!key.exists());
    assert!(!format!("{removed:?}").contains("canary-7"));
    restore(&home, removed).unwrap();
    assert_eq!((home.text(), fs::read_to_string(&key).unwrap()), (text, "canary-7".to_owned()));
}

#[test]
fn an_id_that_was_given_away_is_not_taken_back() {
    let home = Home::new(TEXT);
    let removed = remove(&home, "b");
    fs::write(&home.paths.user_file, lab("b")).unwrap();
    assert_eq!(restore(&home, removed), Err(SaveError::IdTaken));
    assert_eq!(home.text(), lab("b"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_added_meanwhile_stays(which in 0..3usize, above in any::<bool>(), more in "[a-z]{1,8}") {
        let home = Home::new(TEXT);
        let id = ["a", "b", "c"][which];
        let removed = remove(&home, id);
        let added = format!("# {more}\n{}", lab(&format!("new-{more}")));
        let text = home.text();
        let text = if above { format!("{added}\n{text}") } else { format!("{text}\n{added}") };
        fs::write(&home.paths.user_file, &text).unwrap();
        let config = restore(&home, removed).unwrap();
        prop_assert_eq!(config.entries.len(), 4);
        prop_assert!(home.text().contains(&added));
        prop_assert!(TEXT.lines().all(|line| home.text().contains(line)));
    }
}
