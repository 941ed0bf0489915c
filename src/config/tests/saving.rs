use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;
use crate::domain::{Auth, Credential, Entra, EntraApp, SecretText};

fn get(home: &Home, id: &str) -> Connector {
    load(&home.paths).unwrap().get(id).unwrap().connector.clone()
}

fn new(id: &str) -> Connector {
    check_text(&lab(id), Path::new("c")).unwrap().remove(0)
}

fn create(home: &Home, connector: &Connector) -> Result<Config, SaveError> {
    save(&home.paths, &Change::Put { replaces: None, base: None, connector: Box::new(connector.clone()) }, &home.keeper)
}

/// Saves over `id`, having started from `base`.
fn put(home: &Home, base: &Connector, connector: &Connector) -> Result<Config, SaveError> {
    let (base, connector) = (Box::new(base.clone()), Box::new(connector.clone()));
    save(&home.paths, &Change::Put { replaces: Some(base.id.clone()), base: Some(base), connector }, &home.keeper)
}

fn remove(home: &Home, id: &str) -> Result<Config, SaveError> {
    save(&home.paths, &Change::Remove { id: id.parse().unwrap() }, &home.keeper)
}

fn named(connector: &Connector, name: &str) -> Connector {
    Connector { name: name.to_owned(), ..connector.clone() }
}

fn with_key(connector: &Connector, key: &str) -> Connector {
    let mut connector = connector.clone();
    connector.auth.api_key = Some(Credential::Typed(SecretText::new(key)));
    connector
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The key files of an earlier switchboard.
fn key_files(home: &Home) -> Vec<String> {
    let Ok(dir) = fs::read_dir(home.paths.keys_dir()) else { return Vec::new() };
    let mut names: Vec<_> = dir.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A connector whose key lies in a file that an earlier switchboard wrote.
fn with_key_file(home: &Home, connector: &Connector, name: &str) -> Connector {
    fs::create_dir_all(home.paths.keys_dir()).unwrap();
    let path = home.paths.keys_dir().join(name);
    fs::write(&path, "k").unwrap();
    let mut connector = connector.clone();
    connector.auth.api_key = Some(Credential::Reference(format!("file:{}", path.display()).parse().unwrap()));
    connector
}

#[test]
fn the_first_connector_creates_everything_for_the_owner_alone() {
    let home = Home::empty();
    let config = create(&home, &new("a")).unwrap();
    assert_eq!(ids(&config), ["a"]);
    assert_eq!(config, load(&home.paths).unwrap());
    assert_eq!(mode(&home.paths.user_file), 0o600);
    assert_eq!(mode(home.paths.user_file.parent().unwrap()), 0o700);
    assert_eq!(home.text(), lab("a"));
}

#[test]
fn a_wider_file_is_closed_and_nothing_is_left_beside_it() {
    let home = Home::new(&lab("a"));
    fs::set_permissions(&home.paths.user_file, fs::Permissions::from_mode(0o644)).unwrap();
    put(&home, &new("a"), &named(&new("a"), "B")).unwrap();
    assert_eq!(mode(&home.paths.user_file), 0o600);
    let dir = fs::read_dir(home.paths.user_file.parent().unwrap()).unwrap();
    let mut names: Vec<_> = dir.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, [".config.toml.lock", "config.toml"]);
}

#[test]
fn a_symbolic_link_stays_one() {
    let home = Home::empty();
    let real = home.dir.path().join("dotfiles/sb.toml");
    fs::create_dir_all(real.parent().unwrap()).unwrap();
    fs::create_dir_all(home.paths.user_file.parent().unwrap()).unwrap();
    symlink("../dotfiles/sb.toml", &home.paths.user_file).unwrap();
    create(&home, &new("a")).unwrap();
    create(&home, &new("b")).unwrap();
    assert!(fs::symlink_metadata(&home.paths.user_file).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(real).unwrap(), lab("a") + "\n" + &lab("b"));
}

#[test]
fn a_change_to_another_connector_on_disk_is_kept() {
    let home = Home::new(&(lab("a") + &lab("b")));
    let base = get(&home, "a");
    fs::write(&home.paths.user_file, lab("a") + &lab("b").replace("\"b\"", "\"changed\"") + &lab("c")).unwrap();
    let config = put(&home, &base, &named(&base, "mine")).unwrap();
    assert_eq!(ids(&config), ["a", "b", "c"]);
    assert_eq!(
        (config.get("a").unwrap().connector.name.as_str(), config.get("b").unwrap().connector.name.as_str()),
        ("mine", "changed")
    );
}

#[test]
fn a_change_to_the_same_connector_on_disk_is_a_clash() {
    let home = Home::new(&lab("a"));
    let base = get(&home, "a");
    let theirs = lab("a").replace("\"a\"", "\"theirs\"");
    fs::write(&home.paths.user_file, &theirs).unwrap();
    let on_disk = Some(Box::new(named(&base, "theirs")));
    let clash = SaveError::Clash { id: base.id.clone(), on_disk };
    assert_eq!(put(&home, &base, &named(&base, "mine")), Err(clash.clone()));
    assert_eq!(put(&home, &base, &with_key(&base, "k")), Err(clash));
    assert_eq!((home.text(), home.keeper.keys()), (theirs, vec![]));
    // The same change made by both is none.
    assert!(put(&home, &base, &named(&base, "theirs")).is_ok());
    // To save over it, what was started from is left out.
    let over = Box::new(named(&base, "mine"));
    let change = Change::Put { replaces: Some(base.id.clone()), base: None, connector: over };
    assert_eq!(save(&home.paths, &change, &home.keeper).unwrap().get("a").unwrap().connector.name, "mine");
}

#[test]
fn a_connector_removed_on_disk_is_a_clash_and_can_be_written_anew() {
    let home = Home::new("");
    let base = new("a");
    assert_eq!(put(&home, &base, &named(&base, "x")), Err(SaveError::Clash { id: base.id.clone(), on_disk: None }));
    let change = Change::Put { replaces: Some(base.id.clone()), base: None, connector: Box::new(base) };
    assert_eq!(ids(&save(&home.paths, &change, &home.keeper).unwrap()), ["a"]);
}

#[test]
fn an_id_of_another_connector_is_taken() {
    let home = Home::new(&(lab("a") + &lab("b"))).with_system(&lab("s"));
    for id in ["a", "s"] {
        assert_eq!(create(&home, &new(id)), Err(SaveError::IdTaken));
        let renamed = Connector { id: id.parse().unwrap(), ..new("b") };
        assert_eq!(put(&home, &new("b"), &renamed), Err(SaveError::IdTaken));
    }
    let renamed = Connector { id: "c".parse().unwrap(), ..new("b") };
    assert_eq!(ids(&put(&home, &new("b"), &renamed).unwrap()), ["a", "c", "s"]);
}

#[test]
fn the_system_layer_is_read_only() {
    let home = Home::empty().with_system(&lab("s"));
    let read_only = SaveError::ReadOnly("s".parse().unwrap());
    assert_eq!(put(&home, &new("s"), &named(&new("s"), "x")), Err(read_only.clone()));
    assert_eq!(remove(&home, "s"), Err(read_only));
    assert!(!home.paths.user_file.exists());
}

#[test]
fn a_shadowing_connector_can_be_changed_and_removed() {
    let home = Home::new(&lab("s").replace("\"s\"", "\"mine\"")).with_system(&lab("s"));
    let base = get(&home, "s");
    put(&home, &base, &named(&base, "changed")).unwrap();
    let config = remove(&home, "s").unwrap();
    assert_eq!(config.get("s").unwrap().origin, Origin::System);
}

#[test]
fn removing_what_is_gone_is_no_error() {
    let home = Home::new(&lab("a"));
    assert_eq!(ids(&remove(&home, "b").unwrap()), ["a"]);
    assert!(ids(&remove(&home, "a").unwrap()).is_empty());
}

#[test]
fn a_broken_file_is_told_and_left_alone() {
    let home = Home::new("[pool]\nmax_runing = 1\n");
    let Err(SaveError::Config(error)) = create(&home, &new("a")) else { panic!("saved") };
    assert_eq!(error.line, Some(2));
    assert_eq!(home.text(), "[pool]\nmax_runing = 1\n");
}

#[test]
fn a_connector_that_breaks_the_rules_is_not_written() {
    let home = Home::new("");
    let bad = Connector { url: "nowhere".to_owned(), ..new("a") };
    let Err(SaveError::Config(error)) = create(&home, &bad) else { panic!("saved") };
    assert_eq!(error.message, "url: add http:// or https:// in front");
    assert_eq!(home.text(), "");
}

#[test]
fn a_typed_key_goes_to_who_keeps_keys() {
    let home = Home::empty();
    create(&home, &with_key(&new("a"), "canary-1")).unwrap();
    assert_eq!(home.keeper.keys(), ["a=canary-1"]);
    assert_eq!(home.text(), lab("a") + "api_key = \"vault:a\"\n");
    assert!(key_files(&home).is_empty());
}

#[test]
fn a_typed_secret_of_entra_goes_there_too() {
    let home = Home::empty();
    let mut azure = new("a");
    azure.provider = crate::domain::Provider::AzureOpenAi;
    azure.url = "https://h.openai.azure.com/openai/v1".to_owned();
    azure.auth.entra = Some(Entra::App(EntraApp {
        tenant: "t".to_owned(),
        client_id: "c".to_owned(),
        client_secret: Credential::Typed(SecretText::new("canary-2")),
        scope: None,
        authority: None,
    }));
    create(&home, &azure).unwrap();
    assert_eq!(home.keeper.keys(), ["a=canary-2"]);
    let entra = "\n[connectors.a.entra]\ntenant = \"t\"\nclient_id = \"c\"\nclient_secret = \"vault:a\"\n";
    assert!(home.text().ends_with(entra), "{}", home.text());
    // Without it, nothing of it is left.
    let base = get(&home, "a");
    let plain = Connector { auth: Auth::default(), ..base.clone() };
    put(&home, &base, &plain).unwrap();
    assert!(!home.text().contains("entra"), "{}", home.text());
    assert!(home.keeper.keys().is_empty());
}

#[test]
fn a_new_key_takes_the_place_of_the_old_one() {
    let home = Home::empty();
    create(&home, &with_key(&new("a"), "one")).unwrap();
    let base = get(&home, "a");
    put(&home, &base, &with_key(&base, "two")).unwrap();
    assert_eq!(home.keeper.keys(), ["a.2=two"]);
    let base = get(&home, "a");
    put(&home, &base, &named(&base, "other")).unwrap();
    assert_eq!(home.keeper.keys(), ["a.2=two"]);
}

#[test]
fn a_kept_key_goes_with_the_last_connector_that_refers_to_it() {
    let home = Home::empty();
    create(&home, &with_key(&new("a"), "one")).unwrap();
    let copy = Connector { id: "copy".parse().unwrap(), ..get(&home, "a") };
    create(&home, &copy).unwrap();
    remove(&home, "a").unwrap();
    assert_eq!(home.keeper.keys(), ["a=one"]);
    remove(&home, "copy").unwrap();
    assert!(home.keeper.keys().is_empty());
}

#[test]
fn where_a_key_cannot_be_kept_nothing_is_written() {
    let mut home = Home::new(&lab("a"));
    home.keeper.room = 0;
    let base = get(&home, "a");
    let Err(error @ SaveError::Key(_)) = put(&home, &base, &with_key(&base, "two")) else { panic!("saved") };
    assert_eq!((error.failure().message.as_str(), home.text()), ("the drawer is full", lab("a")));
}

#[test]
fn a_key_file_goes_with_the_last_connector_that_names_it() {
    let home = Home::empty();
    let a = with_key_file(&home, &new("a"), "a.key");
    create(&home, &a).unwrap();
    create(&home, &with_key_file(&home, &new("b-a"), "b-a.key")).unwrap();
    let copy = Connector { id: "copy".parse().unwrap(), ..a };
    create(&home, &copy).unwrap();
    remove(&home, "a").unwrap();
    assert_eq!(key_files(&home), ["a.key", "b-a.key"]);
    let renamed = Connector { id: "c".parse().unwrap(), ..copy.clone() };
    put(&home, &copy, &renamed).unwrap();
    assert_eq!(key_files(&home), ["a.key", "b-a.key"]);
    let typed = with_key(&renamed, "two");
    put(&home, &renamed, &typed).unwrap();
    assert_eq!((key_files(&home), home.keeper.keys()), (vec!["b-a.key".to_owned()], vec!["c=two".to_owned()]));
}

#[test]
fn a_key_file_of_the_person_is_never_removed() {
    let home = Home::empty();
    let own = home.dir.path().join("own.key");
    fs::write(&own, "k").unwrap();
    fs::write(home.dir.path().join("etc.toml"), "").unwrap();
    let mut a = new("a");
    a.auth.api_key = Some(Credential::Reference(format!("file:{}", own.display()).parse().unwrap()));
    create(&home, &a).unwrap();
    remove(&home, "a").unwrap();
    assert!(own.exists());
    a.auth.api_key =
        Some(Credential::Reference(format!("file:{}/../own.key", home.paths.keys_dir().display()).parse().unwrap()));
    create(&home, &a).unwrap();
    remove(&home, "a").unwrap();
    assert!(own.exists());
}

#[test]
fn many_switchboards_at_once_lose_nothing() {
    let home = Home::new("# mine\n");
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let home = &home;
            scope.spawn(move || {
                for number in 0..5 {
                    create(home, &new(&format!("c{worker}-{number}"))).unwrap();
                }
            });
        }
    });
    assert_eq!(load(&home.paths).unwrap().entries.len(), 20);
    assert!(home.text().starts_with("# mine\n"));
}

#[test]
fn a_reader_never_sees_half_a_file() {
    let home = Home::new(&lab("a"));
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 0..20 {
                create(&home, &new(&format!("n{number}"))).unwrap();
            }
        });
        while !writer.is_finished() {
            assert!(load(&home.paths).unwrap().get("a").is_some());
        }
    });
}

#[test]
fn errors_say_what_to_do() {
    let clash = SaveError::Clash { id: "a".parse().unwrap(), on_disk: None };
    assert_eq!(clash.failure().message, "\"a\" was removed on disk while it was edited");
    assert!(!clash.failure().hint.is_empty());
    assert_eq!(SaveError::IdTaken.failure().kind, crate::domain::ErrorKind::Config);
}

#[test]
fn when_the_change_fails_after_the_key_was_written_the_new_key_goes() {
    let home = Home::empty();
    create(&home, &with_key(&new("a"), "one")).unwrap();
    let (base, text) = (get(&home, "a"), home.text());
    let mut after = with_key(&base, "two");
    // TOML has no such number.
    after.options.context_window = Some(u64::MAX);
    let Err(SaveError::Config(error)) = put(&home, &base, &after) else { panic!("saved") };
    assert!(error.hint.contains("nothing was written"));
    assert_eq!((home.text(), home.keeper.keys()), (text, vec!["a=one".to_owned()]));
}
