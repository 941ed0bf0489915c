use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

const CANARY: &str = "canary-vault-4d21";

fn secret(text: &str) -> SecretText {
    SecretText::new(text)
}

fn at(dir: &TempDir) -> Vault {
    Vault::new(&dir.path().join("state/vault.age"), None)
}

fn with_passphrase(dir: &TempDir, passphrase: &str) -> Vault {
    Vault::new(&dir.path().join("state/vault.age"), Some(secret(passphrase)))
}

fn filled() -> (TempDir, Vault) {
    let dir = tempfile::tempdir().unwrap();
    let vault = at(&dir);
    assert_eq!(vault.set("one", &secret(CANARY)), Ok(Put::Added));
    (dir, vault)
}

fn get(vault: &Vault, name: &str) -> Result<String, Problem> {
    vault.get(name).map(|value| value.expose().to_owned()).map_err(|error| {
        let told = format!("{error:?} {error} {:?}", error.failure());
        assert!(!told.contains(CANARY), "{told}");
        assert!(error.to_string().starts_with(&vault.file().display().to_string()), "{error}");
        error.problem
    })
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(dir: &TempDir) -> Vec<String> {
    let dir = fs::read_dir(dir.path().join("state")).unwrap();
    let mut names: Vec<_> = dir.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_first_secret_makes_everything_for_the_owner_alone() {
    let (dir, vault) = filled();
    assert_eq!(names(&dir), [".vault.age.lock", "vault.age", "vault.identity"]);
    assert_eq!((mode(vault.file()), mode(&vault.identity_file())), (0o600, 0o600));
    assert_eq!(mode(vault.file().parent().unwrap()), 0o700);
    assert_eq!(get(&at(&dir), "one"), Ok(CANARY.to_owned()));
    let bytes = fs::read(vault.file()).unwrap();
    assert!(!bytes.windows(3).any(|window| window == b"one") && !format!("{vault:?}").contains(CANARY));
}

#[test]
fn an_empty_vault_and_a_missing_name_are_told() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!((at(&dir).entries(), at(&dir).is_locked()), (Ok(vec![]), false));
    assert_eq!(get(&at(&dir), "x"), Err(Problem::NoEntry("x".to_owned())));
    assert!(!dir.path().join("state").exists(), "looking makes nothing");
    assert!(matches!(at(&dir).set("a b", &secret("x")), Err(VaultError { problem: Problem::BadName(_), .. })));
}

#[test]
fn entries_are_replaced_and_removed() {
    let (dir, vault) = filled();
    assert_eq!(vault.set("two", &secret("2")), Ok(Put::Added));
    assert_eq!(vault.set("one", &secret("1")), Ok(Put::Replaced));
    let listed: Vec<_> = at(&dir).entries().unwrap().into_iter().map(|entry| entry.name).collect();
    assert_eq!((listed, get(&at(&dir), "one")), (vec!["one".to_owned(), "two".to_owned()], Ok("1".to_owned())));
    assert_eq!((vault.remove("one"), vault.remove("one")), (Ok(true), Ok(false)));
    assert_eq!(get(&at(&dir), "one"), Err(Problem::NoEntry("one".to_owned())));
}

#[test]
fn what_another_switchboard_writes_is_seen_at_once() {
    let (dir, vault) = filled();
    let other = at(&dir);
    for value in ["a", "b", "c", "d"] {
        other.set("one", &secret(value)).unwrap();
        assert_eq!(get(&vault, "one"), Ok(value.to_owned()));
    }
}

#[test]
fn an_identity_that_others_can_read_is_refused_with_the_fix() {
    let (dir, vault) = filled();
    for mode in [0o644, 0o640, 0o604, 0o660] {
        fs::set_permissions(vault.identity_file(), fs::Permissions::from_mode(mode)).unwrap();
        let error = at(&dir).get("one").unwrap_err();
        assert!(matches!(error.problem, Problem::OpenIdentity { .. }), "{error}");
        assert!(error.to_string().contains(&format!("(mode {mode:04o})")), "{error}");
        let fix = format!("run `chmod 600 {}`", vault.identity_file().display());
        assert!(error.failure().hint.starts_with(&fix), "{:?}", error.failure());
    }
    fs::set_permissions(vault.identity_file(), fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(get(&at(&dir), "one"), Ok(CANARY.to_owned()));
}

#[test]
fn a_lost_a_broken_and_a_foreign_identity_are_told_apart() {
    let (dir, vault) = filled();
    let (identity, kept) = (vault.identity_file(), dir.path().join("kept"));
    let before = fs::read(vault.file()).unwrap();
    fs::rename(&identity, &kept).unwrap();
    assert!(matches!(get(&at(&dir), "one"), Err(Problem::NoIdentity(_))));
    assert!(at(&dir).set("two", &secret("2")).is_err(), "a new identity would lock the old secrets away");
    assert!(!identity.exists());
    fs::write(&identity, "AGE-SECRET-KEY-NOT").unwrap();
    fs::set_permissions(&identity, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(get(&at(&dir), "one"), Err(Problem::BadIdentity { .. })));
    let (_other, foreign) = filled();
    fs::copy(foreign.identity_file(), &identity).unwrap();
    assert_eq!(get(&at(&dir), "one"), Err(Problem::WrongIdentity));
    assert!(at(&dir).set("two", &secret("2")).is_err());
    assert_eq!(fs::read(vault.file()).unwrap(), before);
    fs::rename(kept, &identity).unwrap();
    assert_eq!(get(&at(&dir), "one"), Ok(CANARY.to_owned()));
}

#[test]
fn a_damaged_vault_is_told_and_never_written_over() {
    let (dir, vault) = filled();
    let whole = fs::read(vault.file()).unwrap();
    let mut spoilt: Vec<Vec<u8>> =
        [0, 1, 20, 100, whole.len() / 2, whole.len() - 1].map(|at| whole[..at].to_vec()).into();
    for at in [3, 60, whole.len() / 2, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        spoilt.push(flipped);
    }
    spoilt.push(b"[connectors]\nnot = \"a vault\"\n".to_vec());
    for bytes in spoilt {
        fs::write(vault.file(), &bytes).unwrap();
        let problem = get(&at(&dir), "one").unwrap_err();
        assert!(matches!(problem, Problem::Damaged | Problem::WrongIdentity), "{problem:?} for {} bytes", bytes.len());
        assert!(at(&dir).set("two", &secret("2")).is_err());
        assert!(at(&dir).rotate(Lock::Identity).is_err());
        assert_eq!(fs::read(vault.file()).unwrap(), bytes);
    }
    fs::write(vault.file(), whole).unwrap();
    assert_eq!(get(&at(&dir), "one"), Ok(CANARY.to_owned()));
}

#[test]
fn a_vault_of_a_newer_switchboard_is_refused_with_words() {
    let (dir, vault) = filled();
    let seal = Seal::Identity(vault.identity().read().unwrap());
    let newer = br#"{"version":2,"secrets":{"one":{"value":"x","kind":"new"}}}"#;
    let bytes = seal::close(&seal, &seal::Plain::new(newer.to_vec())).unwrap();
    fs::write(vault.file(), &bytes).unwrap();
    assert_eq!(get(&at(&dir), "one"), Err(Problem::Newer(2)));
    let error = at(&dir).set("two", &secret("2")).unwrap_err();
    assert!(error.to_string().contains("a newer switchboard wrote this vault (version 2)"), "{error}");
    assert_eq!(fs::read(vault.file()).unwrap(), bytes);
    for odd in [&br#"{"version":1,"secrets":{"one":{"value":"canary-vault-4d21"}}}"#[..], b"{}", b"[1]"] {
        fs::write(vault.file(), seal::close(&seal, &seal::Plain::new(odd.to_vec())).unwrap()).unwrap();
        assert_eq!(get(&at(&dir), "one"), Err(Problem::Damaged));
    }
}

#[test]
fn a_passphrase_opens_what_it_locked() {
    let dir = tempfile::tempdir().unwrap();
    with_passphrase(&dir, "correct horse").set("one", &secret(CANARY)).unwrap();
    assert_eq!(names(&dir), [".vault.age.lock", "vault.age"]);
    let vault = at(&dir);
    assert!(vault.is_locked());
    assert_eq!((get(&vault, "one"), vault.entries().is_err()), (Err(Problem::Locked), true));
    assert_eq!(vault.set("two", &secret("2")).unwrap_err().problem, Problem::Locked);
    assert_eq!(vault.unlock(secret("wrong")).unwrap_err().problem, Problem::WrongPassphrase);
    assert!(vault.is_locked(), "a wrong passphrase is not kept");
    assert_eq!(vault.unlock(secret("correct horse")), Ok(()));
    assert_eq!((get(&vault, "one"), vault.is_locked()), (Ok(CANARY.to_owned()), false));
    vault.set("two", &secret("2")).unwrap();
    assert!(at(&dir).is_locked());
    assert_eq!(get(&with_passphrase(&dir, "wrong"), "one"), Err(Problem::WrongPassphrase));
}

#[test]
fn rotating_keeps_the_secrets_and_shuts_the_old_lock_out() {
    let (dir, vault) = filled();
    let (old, old_file) = (vault.identity().read().unwrap(), fs::read(vault.identity_file()).unwrap());
    vault.rotate(Lock::Identity).unwrap();
    assert_ne!(fs::read(vault.identity_file()).unwrap(), old_file);
    assert!(seal::open(&Seal::Identity(old), &fs::read(vault.file()).unwrap()).is_err());
    assert_eq!(get(&at(&dir), "one"), Ok(CANARY.to_owned()));
    vault.rotate(Lock::Passphrase(secret("pass one"))).unwrap();
    assert!(!vault.identity_file().exists());
    assert_eq!(get(&vault, "one"), Ok(CANARY.to_owned()));
    vault.rotate(Lock::Passphrase(secret("pass two"))).unwrap();
    assert_eq!(get(&with_passphrase(&dir, "pass one"), "one"), Err(Problem::WrongPassphrase));
    with_passphrase(&dir, "pass two").rotate(Lock::Identity).unwrap();
    assert_eq!(get(&at(&dir), "one"), Ok(CANARY.to_owned()));
    assert_eq!(names(&dir), [".vault.age.lock", "vault.age", "vault.identity"]);
}

#[test]
fn a_rotation_that_is_cut_off_loses_nothing() {
    for begun_from in [None, Some("a passphrase")] {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::new(&dir.path().join("state/vault.age"), begun_from.map(secret));
        vault.set("one", &secret(CANARY)).unwrap();
        // Cut off before the vault is encrypted to the next identity.
        vault.identity().prepare().unwrap();
        assert_eq!(get(&vault, "one"), Ok(CANARY.to_owned()));
        vault.set("two", &secret("2")).unwrap();
        assert!(!names(&dir).contains(&"vault.identity.next".to_owned()));
        // And after it.
        let next = vault.identity().prepare().unwrap();
        vault.write(&vault.document().unwrap(), &Seal::Identity(next)).unwrap();
        assert_eq!(get(&at(&dir), "one"), Ok(CANARY.to_owned()));
        at(&dir).set("three", &secret("3")).unwrap();
        assert_eq!(names(&dir), [".vault.age.lock", "vault.age", "vault.identity"]);
        let found = ["one", "two", "three"].map(|name| get(&at(&dir), name).unwrap());
        assert_eq!(found, [CANARY, "2", "3"]);
    }
}

#[test]
fn typed_keys_go_with_their_connector_and_those_of_the_person_stay() {
    let (dir, vault) = filled();
    let typed = vault.keep("one", &secret("typed")).unwrap();
    assert_eq!(typed, SecretRef::Vault("one.2".to_owned()));
    vault.let_go(&SecretRef::Vault("one".to_owned()));
    vault.let_go(&SecretRef::Env("one.2".to_owned()));
    assert_eq!(vault.entries().unwrap().len(), 2);
    vault.let_go(&typed);
    assert_eq!(vault.entries().unwrap().len(), 1);
    // What a person sets anew is the person's.
    let typed = vault.keep("lab", &secret("typed")).unwrap();
    vault.set("lab", &secret("mine")).unwrap();
    vault.let_go(&typed);
    assert_eq!(get(&at(&dir), "lab"), Ok("mine".to_owned()));
}

#[test]
fn many_writers_at_once_lose_nothing() {
    let (dir, _) = filled();
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let dir = &dir;
            scope.spawn(move || {
                for number in 0..5 {
                    at(dir).set(&format!("w{worker}-{number}"), &secret("x")).unwrap();
                }
            });
        }
    });
    assert_eq!(at(&dir).entries().unwrap().len(), 21);
}

#[test]
fn a_reader_never_meets_half_a_vault_while_it_is_rotated() {
    let (dir, vault) = filled();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for _ in 0..20 {
                vault.rotate(Lock::Identity).unwrap();
            }
        });
        while !writer.is_finished() {
            assert_eq!(get(&at(&dir), "one"), Ok(CANARY.to_owned()));
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_names_and_values_come_back(
        secrets in proptest::collection::btree_map("[A-Za-z0-9._/@-]{1,64}", "\\PC{1,200}", 1..6),
    ) {
        let dir = tempfile::tempdir().unwrap();
        for (name, value) in &secrets {
            at(&dir).set(name, &secret(value)).unwrap();
        }
        let vault = at(&dir);
        let names: Vec<_> = vault.entries().unwrap().into_iter().map(|entry| entry.name).collect();
        let back: BTreeMap<_, _> =
            names.into_iter().map(|name| { let value = get(&vault, &name).unwrap(); (name, value) }).collect();
        prop_assert_eq!(back, secrets);
    }
}
