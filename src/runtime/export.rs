//! Writes a text from the screen to a file the person named. A file that is there is replaced only when they said so.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::app::effect::{Existing, Export};
use crate::app::msg::Wrote;
use crate::domain::text::clean_line;

/// Writes it and tells what became of it.
pub(super) fn write(export: &Export, home: Option<&str>) -> Wrote {
    let path = meant(&export.path, home);
    let shown = |path: &Path| clean_line(&path.to_string_lossy()).into_owned();
    match attempt(&path, export) {
        Ok(()) => Wrote::Done(shown(&path.canonicalize().unwrap_or(path)), export.text.len() as u64),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Wrote::Exists(shown(&path)),
        Err(error) => Wrote::Failed(format!("{}: {error}", shown(&path))),
    }
}

fn attempt(path: &Path, export: &Export) -> io::Result<()> {
    let mut options = OpenOptions::new();
    match export.existing {
        Existing::Keep => options.write(true).create_new(true),
        Existing::Replace => options.write(true).create(true).truncate(true),
    };
    let mut file = options.open(path)?;
    file.write_all(export.text.as_bytes())?;
    file.sync_all()
}

fn meant(typed: &str, home: Option<&str>) -> PathBuf {
    match (typed.strip_prefix("~/"), home) {
        (Some(below), Some(home)) => Path::new(home).join(below),
        _ => PathBuf::from(typed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export(path: &Path, existing: Existing) -> Export {
        Export { path: path.display().to_string(), text: "Grüße\n".into(), existing }
    }

    #[test]
    fn a_file_that_is_there_is_replaced_only_when_that_was_said() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().canonicalize().unwrap().join("a.txt");
        let shown = path.display().to_string();
        assert_eq!(write(&export(&path, Existing::Keep), None), Wrote::Done(shown.clone(), 8));
        std::fs::write(&path, "theirs, which is longer").unwrap();
        assert_eq!(write(&export(&path, Existing::Keep), None), Wrote::Exists(shown.clone()));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs, which is longer");
        assert_eq!(write(&export(&path, Existing::Replace), None), Wrote::Done(shown, 8));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "Grüße\n");
    }

    #[test]
    fn a_place_that_is_none_is_told() {
        let home = tempfile::tempdir().unwrap();
        let wrote = write(&export(&home.path().join("no/a.txt"), Existing::Keep), None);
        assert!(matches!(&wrote, Wrote::Failed(why) if why.contains("no/a.txt")), "{wrote:?}");
    }

    #[test]
    fn a_tilde_is_the_home_directory() {
        assert_eq!(meant("~/a.txt", Some("/home/x")), Path::new("/home/x/a.txt"));
        assert_eq!(meant("~other/a", Some("/home/x")), Path::new("~other/a"));
    }
}
