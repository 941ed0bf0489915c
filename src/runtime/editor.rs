//! A text in the person's own editor.
//!
//! The text lies in a file only its owner can read, in a directory only its owner can enter. When the editor
//! fails the file stays and the message names it: nothing typed is lost.

use std::fs;
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::process::ExitStatus;

use tempfile::TempDir;
use tokio::process::Command;

use crate::domain::text::clean_line;
use crate::domain::{ErrorKind, Failure};

/// Used where neither `$VISUAL` nor `$EDITOR` is set.
const FALLBACK: &str = "vi";

/// The editor's command: the first of these that says something.
pub(super) fn command(visual: Option<String>, editor: Option<String>) -> String {
    let set = |value: Option<String>| value.filter(|value| !value.trim().is_empty());
    set(visual).or_else(|| set(editor)).unwrap_or_else(|| FALLBACK.to_owned())
}

/// Lets the person edit `text` with `editor` and returns what it became.
pub(super) async fn edit(editor: String, text: String) -> Result<String, Failure> {
    let place = Place::new(&text).map_err(|error| {
        let what = format!("the text cannot be put into a temporary file: {error}");
        Failure::new(ErrorKind::Internal, what, "check the space and the rights of $TMPDIR")
    })?;
    let file = place.file();
    let status = run(&editor, &file).await;
    match status {
        Ok(status) if status.success() => place.take(),
        Ok(status) => Err(place.keep(&editor, &ended(status))),
        Err(error) => Err(place.keep(&editor, &format!("cannot be started: {error}"))),
    }
}

/// `$EDITOR` may be a command with arguments, so a shell reads it, as git does. The path is an argument.
async fn run(editor: &str, file: &Path) -> io::Result<ExitStatus> {
    Command::new("sh").arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(file).status().await
}

fn ended(status: ExitStatus) -> String {
    match status.code() {
        Some(127) => "was not found".to_owned(),
        Some(code) => format!("ended with code {code}"),
        None => "was killed".to_owned(),
    }
}

struct Place {
    directory: TempDir,
}

impl Place {
    fn new(text: &str) -> io::Result<Self> {
        // Kept until the text was read: should the program end while the editor is open, the person's file
        // must not vanish.
        let owner_only = fs::Permissions::from_mode(0o700);
        let mut directory = tempfile::Builder::new().prefix("switchboard-").permissions(owner_only).tempdir()?;
        directory.disable_cleanup(true);
        let place = Self { directory };
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(place.file())?;
        io::Write::write_all(&mut file, text.as_bytes())?;
        Ok(place)
    }

    fn file(&self) -> std::path::PathBuf {
        // The name tells editors to highlight JSON.
        self.directory.path().join("request.json")
    }

    fn take(mut self) -> Result<String, Failure> {
        match fs::read_to_string(self.file()) {
            Ok(text) => {
                self.directory.disable_cleanup(false);
                Ok(text)
            }
            Err(error) => Err(self.failure(&format!("the edited file cannot be read: {error}"))),
        }
    }

    fn keep(self, editor: &str, why: &str) -> Failure {
        self.failure(&format!("the editor \"{}\" {why}; the body is unchanged", clean_line(editor)))
    }

    fn failure(&self, message: &str) -> Failure {
        let hint = format!("your text is kept in {}; set $VISUAL or $EDITOR to your editor", self.file().display());
        Failure::new(ErrorKind::Internal, message, hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(failure: &Failure) -> std::path::PathBuf {
        let path = failure.hint.strip_prefix("your text is kept in ").unwrap();
        path.split_once(';').unwrap().0.into()
    }

    #[test]
    fn visual_goes_before_editor_and_vi_is_the_last_resort() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(command(some("code -w"), some("nano")), "code -w");
        assert_eq!(command(some(" "), some("nano")), "nano");
        assert_eq!(command(None, None), "vi");
    }

    #[tokio::test]
    async fn the_edited_text_comes_back_and_no_file_stays() {
        let witness = tempfile::NamedTempFile::new().unwrap();
        let at = witness.path().display();
        let editor = format!(r#"f() {{ printf more >> "$1"; printf '%s' "$1" > '{at}'; }}; f"#);
        assert_eq!(edit(editor, "text ".to_owned()).await.as_deref(), Ok("text more"));
        let file = fs::read_to_string(witness.path()).unwrap();
        assert!(file.ends_with("request.json") && !Path::new(&file).exists(), "{file}");
        assert!(!Path::new(&file).parent().unwrap().exists());
    }

    #[tokio::test]
    async fn an_editor_that_fails_loses_nothing() {
        let editor = r#"f() { printf typed > "$1"; return 3; }; f"#;
        let failure = edit(editor.to_owned(), "text".to_owned()).await.unwrap_err();
        assert!(failure.message.contains("ended with code 3"), "{}", failure.message);
        let file = kept(&failure);
        assert_eq!(fs::read_to_string(&file).unwrap(), "typed");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let directory = file.parent().unwrap();
        assert_eq!(fs::metadata(directory).unwrap().permissions().mode() & 0o777, 0o700);
        fs::remove_dir_all(directory).unwrap();
    }

    #[tokio::test]
    async fn an_editor_that_does_not_exist_is_named() {
        let failure = edit("no-such-editor-here 2>/dev/null".to_owned(), "text".to_owned()).await.unwrap_err();
        assert!(failure.message.contains("no-such-editor-here"), "{}", failure.message);
        fs::remove_dir_all(kept(&failure).parent().unwrap()).unwrap();
    }
}
