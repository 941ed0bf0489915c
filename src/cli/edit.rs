//! `edit ID`: changes fields with `--set`, or opens the file in `$EDITOR`.

use std::path::Path;
use std::process::Command;

use super::Context;
use super::add::{assign, check, tell, tell_left_out};
use super::args::EditArgs;
use super::io::{Answer, Person, reason};
use crate::config::{self, Change, Paths};
use crate::domain::{Draft, ErrorKind, Failure, Origin};

pub(super) fn run(context: &mut Context, args: &EditArgs) -> Result<u8, Failure> {
    let config = context.config()?;
    let entry = context.find(&config, &args.id)?;
    if entry.origin == Origin::System {
        let message = format!("{} is preconfigured and read-only", entry.connector.id);
        return Err(Failure::new(ErrorKind::Config, message, "add a connector of your own with the same fields"));
    }
    if args.set.is_empty() {
        return in_editor(context, &args.id);
    }
    let mut draft = Draft::from(&entry.connector);
    assign(&mut context.io, &mut draft, &args.set)?;
    let checked = check(&draft, &config, Some(&args.id))?;
    tell_left_out(&mut context.io, &draft);
    let change = Change::Put {
        replaces: Some(entry.connector.id.clone()),
        base: Some(Box::new(entry.connector.clone())),
        connector: Box::new(checked.connector.clone()),
    };
    let vault = context.vault_for_save(&checked.connector)?;
    let config = config::save(&context.paths()?, &change, &vault)?;
    tell(context, &config, &checked, args.output, "saved")
}

/// Opens a copy of the file; it replaces the file only once it is good and if nobody else changed it meanwhile.
fn in_editor(context: &mut Context, id: &str) -> Result<u8, Failure> {
    if context.io.person == Person::Absent {
        let message = "edit: there is no terminal for an editor";
        return Err(Failure::new(ErrorKind::Config, message, "use --set KEY=VALUE"));
    }
    let paths = context.paths()?;
    let original = config::read_text(&paths)?;
    let mut copy =
        tempfile::Builder::new().prefix("switchboard-").suffix(".toml").tempfile().map_err(|e| no_copy(&e))?;
    std::io::Write::write_all(&mut copy, original.as_bytes()).map_err(|error| no_copy(&error))?;
    let copy = copy.into_temp_path();
    let mut line = config::line_of(&original, id);
    loop {
        open(context, &copy, line)?;
        let edited = std::fs::read_to_string(&copy).map_err(|error| no_copy(&error))?;
        if edited == original {
            context.io.say("nothing changed");
            return Ok(0);
        }
        match take(context, &paths, &original, &edited) {
            Taken::Yes => {
                context.io.say("saved");
                return Ok(0);
            }
            Taken::Stale => return kept(copy),
            Taken::No(at) => line = at.or(line),
        }
        if context.io.ask("edit again?")? != Answer::Yes {
            return kept(copy);
        }
    }
}

/// What became of an edited text.
enum Taken {
    /// It is the file now.
    Yes,
    /// It is wrong, at this line.
    No(Option<usize>),
    /// The file is no longer what was edited.
    Stale,
}

/// Puts the edited text into the file's place, or tells everything that speaks against it.
fn take(context: &mut Context, paths: &Paths, original: &str, edited: &str) -> Taken {
    let problems = match config::check_text(edited, &paths.user_file) {
        Ok(_) => match config::replace_text(paths, original, edited) {
            Ok(_) => return Taken::Yes,
            Err(error) => vec![error],
        },
        Err(problems) => problems,
    };
    for problem in &problems {
        context.io.say(&problem.to_string());
        if !problem.hint.is_empty() {
            context.io.say(&format!("  {}", problem.hint));
        }
    }
    let stale = config::read_text(paths).is_ok_and(|now| now != original);
    if stale { Taken::Stale } else { Taken::No(problems.first().and_then(|problem| problem.line)) }
}

/// Nothing a person wrote is thrown away.
fn kept(copy: tempfile::TempPath) -> Result<u8, Failure> {
    let path = copy.keep().map_err(|error| no_copy(&error.error))?;
    let hint = format!("your text is kept in {}", path.display());
    Err(Failure::new(ErrorKind::Config, "the file was not changed", hint))
}

fn no_copy(error: &std::io::Error) -> Failure {
    Failure::new(ErrorKind::Internal, format!("the copy to edit: {}", reason(error)), "is TMPDIR writable?")
}

/// Editors that take `+LINE` in front of the file.
const WITH_LINE: [&str; 10] = ["vi", "vim", "nvim", "view", "nano", "emacs", "emacsclient", "micro", "kak", "joe"];

fn open(context: &Context, path: &Path, line: Option<usize>) -> Result<(), Failure> {
    let set = |name: &str| (context.env)(name).filter(|value| !value.is_empty());
    let editor = ["VISUAL", "EDITOR"].into_iter().find_map(set).unwrap_or_else(|| "vi".into());
    let told = editor.to_string_lossy().into_owned();
    let program = Path::new(told.split_whitespace().next().unwrap_or_default()).file_name();
    let takes_line = program.is_some_and(|program| WITH_LINE.iter().any(|name| program == *name));
    // A shell reads it, because people write `code --wait` into EDITOR; paths are arguments, never part of it.
    let mut script = editor;
    script.push(" \"$@\"");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg("sh");
    command.args(line.filter(|_| takes_line).map(|line| format!("+{line}"))).arg(path);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(editor_failed(&told, &status.to_string())),
        Err(error) => Err(editor_failed(&told, &reason(&error))),
    }
}

fn editor_failed(editor: &str, why: &str) -> Failure {
    let message = format!("the editor {editor} failed ({why}); the file was not changed");
    Failure::new(ErrorKind::Config, message, "set VISUAL or EDITOR to an editor that is there, or use --set KEY=VALUE")
}
