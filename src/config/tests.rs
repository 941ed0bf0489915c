use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::domain::policy::Limits;
use crate::domain::{ErrorKind, Failure, KeyKeeper, SecretRef, SecretText};

mod editing;
mod network;
mod reading;
mod saving;
mod undoing;

/// Files of one switchboard in a directory of its own.
struct Home {
    dir: tempfile::TempDir,
    paths: Paths,
    keeper: Drawer,
}

/// Keeps keys in memory, as many as there is room for.
struct Drawer {
    keys: Mutex<BTreeMap<String, String>>,
    room: usize,
}

impl Drawer {
    /// Its keys, as `name=key`.
    fn keys(&self) -> Vec<String> {
        self.keys.lock().unwrap().iter().map(|(name, key)| format!("{name}={key}")).collect()
    }
}

impl KeyKeeper for Drawer {
    fn keep(&self, wish: &str, key: &SecretText) -> Result<SecretRef, Failure> {
        let mut keys = self.keys.lock().unwrap();
        if keys.len() == self.room {
            return Err(Failure::new(ErrorKind::Secret, "the drawer is full", "throw a key away"));
        }
        let names = std::iter::once(wish.to_owned()).chain((2..).map(|n| format!("{wish}.{n}")));
        let name = { names }.find(|name| !keys.contains_key(name)).unwrap();
        keys.insert(name.clone(), key.expose().to_owned());
        Ok(SecretRef::Vault(name))
    }

    fn let_go(&self, reference: &SecretRef) {
        if let SecretRef::Vault(name) = reference {
            self.keys.lock().unwrap().remove(name);
        }
    }
}

impl Home {
    fn new(text: &str) -> Self {
        let home = Self::empty();
        fs::create_dir_all(home.paths.user_file.parent().unwrap()).unwrap();
        fs::write(&home.paths.user_file, text).unwrap();
        home
    }

    fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let paths = Paths {
            user_file: root.join("config/config.toml"),
            system_file: Some(root.join("etc.toml")),
            state_dir: root.join("state"),
            network: crate::domain::policy::NetworkEnv::default(),
        };
        Self { dir, paths, keeper: Drawer { keys: Mutex::default(), room: 100 } }
    }

    fn with_system(self, text: &str) -> Self {
        fs::write(self.dir.path().join("etc.toml"), text).unwrap();
        self
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.paths.user_file).unwrap()
    }
}

fn lab(id: &str) -> String {
    format!("[connectors.{id}]\nname = \"{id}\"\nprovider = \"openai\"\nurl = \"http://h/v1\"\n")
}

fn ids(config: &Config) -> Vec<String> {
    config.entries.iter().map(|entry| entry.connector.id.to_string()).collect()
}

fn resolve(flag: Option<&str>, env: &[(&str, &str)]) -> Result<Paths, ConfigError> {
    let value = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
    Paths::resolve(flag.map(Path::new), &value)
}

#[test]
fn the_nearest_word_on_a_path_wins() {
    let home = [("HOME", "/h")];
    let xdg = [("HOME", "/h"), ("XDG_CONFIG_HOME", "/c"), ("XDG_STATE_HOME", "/s")];
    let own =
        [("HOME", "/h"), ("XDG_CONFIG_HOME", "/c"), ("SWITCHBOARD_CONFIG", "/o.toml"), ("SWITCHBOARD_STATE", "/t")];
    for (flag, env, user, state) in [
        (None, &home[..], "/h/.config/switchboard/config.toml", "/h/.local/state/switchboard"),
        (None, &xdg, "/c/switchboard/config.toml", "/s/switchboard"),
        (None, &own, "/o.toml", "/t"),
        (Some("f.toml"), &own, "f.toml", "/t"),
        (
            None,
            &[("HOME", "/h"), ("XDG_CONFIG_HOME", "rel")],
            "/h/.config/switchboard/config.toml",
            "/h/.local/state/switchboard",
        ),
        (
            None,
            &[("HOME", "/h"), ("SWITCHBOARD_CONFIG", "")],
            "/h/.config/switchboard/config.toml",
            "/h/.local/state/switchboard",
        ),
    ] {
        let paths = resolve(flag, env).unwrap();
        assert_eq!((paths.user_file, paths.state_dir), (PathBuf::from(user), PathBuf::from(state)));
        assert_eq!(paths.system_file, Some(PathBuf::from("/etc/switchboard/config.toml")));
    }
}

#[test]
fn the_system_layer_can_be_named_or_switched_off() {
    let system = |value| resolve(None, &[("HOME", "/h"), ("SWITCHBOARD_SYSTEM_CONFIG", value)]).unwrap().system_file;
    assert_eq!(system("/x.toml"), Some(PathBuf::from("/x.toml")));
    assert_eq!(system(""), None);
}

#[test]
fn without_a_home_the_way_out_is_told() {
    let error = resolve(None, &[]).unwrap_err();
    assert_eq!(error.to_string(), "config.toml: cannot be found: the variable HOME is not set");
    assert_eq!(error.hint, "set HOME, or name the file with --config");
    assert!(resolve(Some("/c.toml"), &[]).unwrap_err().hint.contains("SWITCHBOARD_STATE"));
    assert!(resolve(Some("/c.toml"), &[("SWITCHBOARD_STATE", "/s")]).is_ok());
}

#[test]
fn the_state_directory_holds_the_event_log_and_keys() {
    let paths = resolve(None, &[("HOME", "/h"), ("SWITCHBOARD_STATE", "/s")]).unwrap();
    assert_eq!((paths.event_log(), paths.keys_dir()), ("/s/events.db".into(), "/s/keys".into()));
}

#[test]
fn no_file_is_an_empty_configuration() {
    assert_eq!(load(&Home::empty().paths), Ok(Config::default()));
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let home = Home::empty();
    fs::create_dir_all(&home.paths.user_file).unwrap();
    let error = load(&home.paths).unwrap_err();
    assert_eq!(error.to_string(), format!("{}: is not a file", home.paths.user_file.display()));
    let home = Home::new("");
    fs::write(&home.paths.user_file, b"# ok\n# caf\xe9\n").unwrap();
    let error = load(&home.paths).unwrap_err();
    assert_eq!((error.line, error.column, error.message.as_str()), (Some(2), Some(6), "is not UTF-8 here"));
}

#[test]
fn the_persons_file_lies_over_the_system_layer() {
    let system = lab("b")
        + &lab("a")
        + "[pool]\nmax_running = 3\n[network]\nconnect_timeout = \"1s\"\n\
        idle_timeout = \"2s\"\n[keys]\ntest.run = \"f4\"\nback = \"f9\"\n[theme]\naccent = \"red\"\n";
    let user = lab("z") + &lab("a") + "[network]\nidle_timeout = \"9s\"\n[keys]\ntest.run = [\"r\", \"f5\"]\n";
    let home = Home::new(&user).with_system(&system);
    let config = load(&home.paths).unwrap();
    assert_eq!(ids(&config), ["z", "a", "b"]);
    let origins: Vec<_> = config.entries.iter().map(|entry| entry.origin).collect();
    assert_eq!(origins, [Origin::User, Origin::User, Origin::System]);
    let settings = &config.settings;
    assert_eq!(settings.max_running, 3);
    let limits = settings.network.resolve(None, None).limits;
    assert_eq!(limits.connect_timeout, Duration::from_secs(1));
    assert_eq!(limits.idle_timeout, Duration::from_secs(9));
    assert_eq!(limits.total_timeout, Limits::DEFAULT.total_timeout);
    assert_eq!(settings.keys["test.run"].value, ["r", "f5"]);
    assert_eq!(settings.keys["back"].value, ["f9"]);
    assert_eq!(settings.theme["accent"].place.file, home.paths.system_file.clone().unwrap());
    assert_eq!(settings.keys["test.run"].place.error("no such key", "").to_string(), {
        format!("{}:12:6: no such key", home.paths.user_file.display())
    });
}

#[test]
fn a_connectors_limits_lie_over_those_of_the_file() {
    let text = "[network]\nidle_timeout = \"9s\"\nconnect_timeout = \"1s\"\n".to_owned()
        + &lab("a")
        + "network = { connect_timeout = \"3s\" }\n";
    let config = load(&Home::new(&text).paths).unwrap();
    let limits = config.policy(&config.get("a").unwrap().connector).limits;
    assert_eq!((limits.connect_timeout, limits.idle_timeout), (Duration::from_secs(3), Duration::from_secs(9)));
}

#[test]
fn a_stamp_differs_after_every_kind_of_change() {
    let home = Home::new("# a\n");
    let first = stamp(&home.paths);
    assert_eq!(first, stamp(&home.paths));
    assert_eq!(first, load(&home.paths).unwrap().stamp);
    // In place, in the same tick, with the same length.
    fs::write(&home.paths.user_file, "# b\n").unwrap();
    let second = stamp(&home.paths);
    assert_ne!(first, second);
    // As editors do: a new file is renamed over the old one.
    let other = home.paths.user_file.with_extension("new");
    fs::write(&other, "# b\n").unwrap();
    fs::rename(&other, &home.paths.user_file).unwrap();
    let third = stamp(&home.paths);
    assert_ne!(second, third);
    fs::write(home.paths.system_file.clone().unwrap(), "").unwrap();
    assert_ne!(third, stamp(&home.paths));
    fs::remove_file(&home.paths.user_file).unwrap();
    assert_ne!(third, stamp(&home.paths));
}

#[test]
fn the_example_is_read_and_documents_every_key() {
    let connectors = check_text(EXAMPLE, Path::new("config.toml.example")).unwrap();
    assert_eq!(connectors.len(), 5);
    for field in crate::domain::Field::ALL.into_iter().filter(|field| *field != crate::domain::Field::Id) {
        let key = field.key().rsplit('.').next().unwrap();
        let (set, sample) = (format!("\n{key} = "), format!("\n# {key} = "));
        assert!(EXAMPLE.contains(&set) || EXAMPLE.contains(&sample), "{key}");
    }
    assert!(EXAMPLE.contains("\n# allowed_hosts = "));
    for table in [
        "network",
        "pool",
        "keys",
        "theme",
        "connectors.openai",
        "connectors.vllm-lab.network",
        "connectors.azure-entra.entra",
    ] {
        assert!(EXAMPLE.contains(&format!("\n[{table}]\n")), "{table}");
    }
    assert!(EXAMPLE.contains("\nmax_running = 8\n"));
}

#[test]
fn the_example_tells_the_built_in_values() {
    let home = Home::new(EXAMPLE);
    let settings = load(&home.paths).unwrap().settings;
    let (told, built_in) = (settings.network.resolve(None, None), Settings::default().network.resolve(None, None));
    let values = |policy: &NetworkPolicy| policy.effective.iter().map(|row| row.value.clone()).collect::<Vec<_>>();
    assert_eq!(values(&told), values(&built_in));
    let set = told.effective.iter().filter(|row| row.from != crate::domain::policy::ValueSource::Default);
    assert!(set.count() >= 11);
    let settings = Settings { network: crate::domain::NetworkLayers::default(), ..settings };
    assert_eq!(Settings { prices: Arc::default(), budgets: Vec::new(), ..settings }, Settings::default());
}

#[test]
fn the_sample_keys_of_the_example_are_read_too() {
    let text = ["test.run", "back", "accent", "colors", "borders", "keep", "max_size"]
        .iter()
        .fold(EXAMPLE.to_owned(), |text, key| text.replace(&format!("\n# {key} ="), &format!("\n{key} =")));
    let home = Home::new(&text);
    let settings = load(&home.paths).unwrap().settings;
    assert_eq!((settings.keys.len(), settings.theme.len()), (2, 3));
    assert_eq!(settings.keep_events, Some(std::time::Duration::from_hours(400 * 24)));
    assert_eq!(settings.max_events_size, Some(1 << 30));
}

#[test]
fn every_sample_of_a_network_key_is_good() {
    for key in crate::domain::NetworkKey::ALL {
        let word = key.word();
        let sample = EXAMPLE.replace(&format!("\n# {word} = "), &format!("\n{word} = "));
        let sample =
            if word == "ca_pem" { sample.replace("\n# -----", "\n-----").replace("\n# …", "\n…") } else { sample };
        assert!(check_text(&sample, Path::new("c")).is_ok(), "{word}: {:?}", check_text(&sample, Path::new("c")));
    }
}

#[test]
fn the_example_names_every_action_and_every_part_of_the_theme() {
    let words: Vec<&str> = EXAMPLE.split([' ', ',', '\n']).collect();
    for row in keymap::Keymap::default().all() {
        assert!(words.contains(&row.name), "the example does not tell of {}", row.name);
    }
    for role in theme::Role::ALL {
        assert!(words.iter().any(|word| word.trim_end_matches('.') == role.word()), "{}", role.word());
    }
}

#[test]
fn a_key_that_means_two_things_is_told_once_both_files_are_known() {
    let both = Home::new("[keys]\ntest.run = 'f4'\n").with_system("[keys]\n'test.copy' = 'f4'\n");
    let error = load(&both.paths).unwrap_err().to_string();
    assert!(error.ends_with("\"f4\" already means test.copy there; change that one too"), "{error}");
    let swapped = Home::new("[keys.test]\nrun = 'x'\ncancel = 'r'\n");
    assert_eq!(check(&swapped.paths), []);
    let taken = Home::new("[keys]\ntest.run = 'x'\n");
    assert_eq!((check(&taken.paths)[0].line, check(&taken.paths).len()), (Some(2), 1));
}

#[test]
fn a_text_that_would_not_load_does_not_replace_the_file() {
    let home = Home::new("# good\n");
    let error = replace_text(&home.paths, "# good\n", "[keys]\ntest.run = 'x'\n").unwrap_err();
    assert_eq!(error.line, Some(2));
    assert_eq!(fs::read_to_string(&home.paths.user_file).unwrap(), "# good\n");
}

#[test]
fn the_line_of_a_connector_is_where_it_begins() {
    let text = "# x\n".to_owned() + &lab("a") + "\n# b\n" + &lab("b");
    assert_eq!((line_of(&text, "a"), line_of(&text, "b"), line_of(&text, "c")), (Some(2), Some(8), None));
    assert_eq!(line_of("connectors.a.name = 'A'\nx", "a"), Some(1));
}
