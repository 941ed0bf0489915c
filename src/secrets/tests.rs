use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Instant;

use super::*;

const CANARY: &str = "canary-9f1c-secret";

fn resolver() -> Resolver {
    resolver_at(Path::new("/nowhere"))
}

fn resolver_at(home: &Path) -> Resolver {
    let home = home.as_os_str().to_owned();
    Resolver::new(Arc::new(move |name| match name {
        "HOME" => Some(home.clone()),
        "KEY" => Some(CANARY.into()),
        "EMPTY" => Some("".into()),
        "BYTES" => Some(OsString::from_vec(b"canary-9f1c-\xff".to_vec())),
        _ => None,
    }))
    .with_time_limit(Duration::from_secs(20))
}

fn resolve_with(resolver: &Resolver, reference: &str) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(resolver.resolve(&reference.parse().unwrap()));
    answer.map(|secret| secret.expose().to_owned()).map_err(|failure| {
        assert_eq!(failure.kind, ErrorKind::Secret);
        let told = format!("{failure:?}");
        assert!(!told.contains("canary-9f1c"), "{told}");
        assert!(!failure.message.contains("control") || !failure.hint.is_empty());
        failure.message
    })
}

fn resolve(reference: &str) -> Result<String, String> {
    resolve_with(&resolver(), reference)
}

fn file_with(content: &[u8]) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    fs::write(&path, content).unwrap();
    let reference = format!("file:{}", path.display());
    (dir, reference)
}

fn message(reference: &str) -> String {
    let message = resolve(reference).unwrap_err();
    message.strip_prefix(&format!("{reference}: ")).unwrap_or_else(|| panic!("no reference in {message}")).to_owned()
}

#[test]
fn a_variable_is_read() {
    assert_eq!(resolve("env:KEY").unwrap(), CANARY);
}

#[test]
fn a_variable_that_holds_no_key_is_named() {
    assert_eq!(message("env:MISSING"), "the variable is not set");
    assert_eq!(message("env:EMPTY"), "it is empty");
    assert_eq!(message("env:BYTES"), "it is not UTF-8 (byte 12)");
}

#[test]
fn a_file_gives_its_one_line() {
    for content in ["K\n", "K", "K\r\n", "\u{FEFF}K\n"] {
        let (_dir, reference) = file_with(content.as_bytes());
        assert_eq!(resolve(&reference).unwrap(), "K", "{content:?}");
    }
}

#[test]
fn a_file_that_is_no_key_is_refused() {
    for (content, problem) in [
        (&b""[..], "it is empty"),
        (b"\n", "it is empty"),
        (b" \n", "it is empty"),
        (b"canary-9f1c\n\n", "it holds more than one line"),
        (b"canary-9f1c\nb\n", "it holds more than one line"),
        (b"canary-9f1c\x1b[2J\n", "it holds a control character"),
        (b"canary-9f1c\xff", "it is not UTF-8 (byte 11)"),
        (&vec![b'a'; (64 << 10) + 1], "it is larger than 64 KiB"),
    ] {
        let (_dir, reference) = file_with(content);
        assert_eq!(message(&reference), problem);
    }
}

#[test]
fn a_path_that_leads_to_no_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(message(&format!("file:{}", dir.path().display())), "it is a directory");
    assert_eq!(message(&format!("file:{}/none", dir.path().display())), "there is no such file");
    assert_eq!(message("file:/dev/zero"), "it is a device or a socket");
}

#[test]
fn a_tilde_is_the_home_directory() {
    let (dir, _) = file_with(b"K");
    assert_eq!(resolve_with(&resolver_at(dir.path()), "file:~/key").unwrap(), "K");
}

fn fifo() -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let reference = format!("file:{}", path.display());
    (dir, reference)
}

#[test]
fn a_pipe_without_a_writer_does_not_hang() {
    let (_dir, reference) = fifo();
    let resolver = resolver().with_time_limit(Duration::from_millis(100));
    let message = resolve_with(&resolver, &reference).unwrap_err();
    assert_eq!(message, format!("{reference}: nothing came out of it within 100ms"));
}

#[test]
fn a_pipe_gives_what_is_written_into_it() {
    let (_dir, reference) = fifo();
    let path = reference.strip_prefix("file:").unwrap().to_owned();
    let writer = std::thread::spawn(move || fs::write(path, "K\n").unwrap());
    assert_eq!(resolve(&reference).unwrap(), "K");
    writer.join().unwrap();
}

#[test]
fn a_command_gives_what_it_prints() {
    assert_eq!(resolve("cmd:printf 'a b' | tr a-z A-Z").unwrap(), "A B");
    assert_eq!(resolve("cmd:echo K; echo noise >&2").unwrap(), "K");
}

#[test]
fn a_command_cannot_ask() {
    assert_eq!(message("cmd:cat"), "it is empty");
}

#[test]
fn a_command_that_fails_tells_its_last_line() {
    assert_eq!(message("cmd:exit 3"), "the command ended with status 3");
    assert_eq!(
        message("cmd:echo first >&2; printf 'no such \\033[31mentry\\n\\n' >&2; exit 1"),
        "the command ended with status 1: no such ␛[31mentry"
    );
    assert_eq!(message("cmd:kill -9 $$"), "the command was ended by a signal");
    let missing = message("cmd:no-such-program-here");
    assert!(missing.starts_with("the command ended with status 127: "), "{missing}");
}

#[test]
fn a_command_that_repeats_the_key_does_not_tell_it() {
    let message = resolve("cmd:K=canary; K=$K-9f1c-secret; echo $K; echo bad key $K >&2; exit 1").unwrap_err();
    assert!(message.ends_with("the command ended with status 1: bad key ••••"), "{message}");
}

#[test]
fn a_key_typed_as_a_command_is_not_told() {
    let message = resolve("cmd:sk-abcdefghijkl").unwrap_err();
    assert!(!message.contains("abcdefghijkl"), "{message}");
}

#[test]
fn endless_output_ends_the_command() {
    assert_eq!(message("cmd:yes"), "it is larger than 64 KiB");
}

#[test]
fn endless_complaints_do_not_fill_memory() {
    assert_eq!(message("cmd:yes oops | head -c 1000000 >&2; exit 1"), "the command ended with status 1: oops");
}

/// Waits until no process has this group, as the system tells it.
fn wait_until_gone(group: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let probe = format!("kill -0 -- -{group}");
    while std::process::Command::new("sh").args(["-c", &probe]).output().unwrap().status.success() {
        assert!(Instant::now() < deadline, "group {group} is still there");
        std::thread::yield_now();
    }
}

#[test]
fn the_time_limit_ends_the_whole_group() {
    let dir = tempfile::tempdir().unwrap();
    let pid = dir.path().join("pid");
    let command = format!("cmd:echo $$ > {}; sleep 600 & sleep 600", pid.display());
    let resolver = resolver().with_time_limit(Duration::from_millis(500));
    let message = resolve_with(&resolver, &command).unwrap_err();
    assert!(message.ends_with("the command did not end within 500ms"), "{message}");
    wait_until_gone(fs::read_to_string(pid).unwrap().trim());
}

#[test]
fn dropping_the_future_ends_the_whole_group() {
    let dir = tempfile::tempdir().unwrap();
    let pid = dir.path().join("pid");
    let reference = format!("cmd:sleep 600 & echo $$ > {0}.new; mv {0}.new {0}; wait", pid.display()).parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let resolver = resolver();
        let mut resolving = Box::pin(resolver.resolve(&reference));
        while !pid.exists() {
            assert!(tokio::time::timeout(Duration::from_millis(5), &mut resolving).await.is_err());
        }
        drop(resolving);
    });
    wait_until_gone(fs::read_to_string(pid).unwrap().trim());
}

#[test]
fn a_background_job_that_keeps_the_output_is_not_waited_for_for_ever() {
    let resolver = resolver().with_time_limit(Duration::from_millis(300));
    let message = resolve_with(&resolver, "cmd:sleep 600 & echo K").unwrap_err();
    assert!(message.ends_with("the command did not end within 300ms"), "{message}");
}

#[test]
fn each_request_asks_again() {
    let (dir, reference) = file_with(b"one");
    assert_eq!(resolve(&reference).unwrap(), "one");
    fs::write(dir.path().join("key"), "two").unwrap();
    assert_eq!(resolve(&reference).unwrap(), "two");
}

#[test]
fn a_file_of_another_owner_is_told_apart() {
    let (dir, reference) = file_with(b"K");
    fs::set_permissions(dir.path().join("key"), fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser may read everything.
    if fs::read(dir.path().join("key")).is_err() {
        assert_eq!(message(&reference), "it may not be read by you");
    }
}
