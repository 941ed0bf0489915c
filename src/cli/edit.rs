//! `edit ID`: changes fields with `--set`, or opens the file in `$EDITOR`.

use std::path::Path;
use std::process::Command;

use super::add::{assign, check, tell};
use super::args::EditArgs;
use super::io::{Answer, Person};
use super::{Context, find};
use crate::config::{self, Change};
use crate::domain::{Draft, ErrorKind, Failure, Origin};

pub(super) fn run(context: &mut Context, args: &EditArgs) -> Result<u8, Failure> {
    let config = context.config()?;
    let entry = find(&config, &args.id)?;
    if entry.origin == Origin::System {
        let message = format!("{} is preconfigured and read-only", entry.connector.id);
        return Err(Failure::new(ErrorKind::Config, message, "add a connector of your own with the same fields"));
    }
    if args.set.is_empty() {
        return in_editor(context);
    }
    let mut draft = Draft::from(&entry.connector);
    assign(&mut draft, &args.set)?;
    let checked = check(&draft, &config, Some(&args.id))?;
    let change = Change::Put {
        replaces: Some(entry.connector.id.clone()),
        base: Some(Box::new(entry.connector.clone())),
        connector: Box::new(checked.connector.clone()),
    };
    let config = config::save(&context.paths, &change)?;
    tell(context, &config, &checked, args.output, "saved")
}

/// Opens a copy of the file; it replaces the file only once it is good and if nobody else changed it meanwhile.
fn in_editor(context: &mut Context) -> Result<u8, Failure> {
    if context.io.person == Person::Absent {
        let message = "edit: there is no terminal for an editor";
        return Err(Failure::new(ErrorKind::Config, message, "use --set KEY=VALUE"));
    }
    let original = config::read_text(&context.paths)?;
    let failed = |error: std::io::Error| Failure::new(ErrorKind::Internal, format!("a copy to edit: {error}"), "");
    let mut copy = tempfile::Builder::new().prefix("switchboard-").suffix(".toml").tempfile().map_err(failed)?;
    std::io::Write::write_all(&mut copy, original.as_bytes()).map_err(failed)?;
    loop {
        open(context, copy.path())?;
        let edited = std::fs::read_to_string(copy.path()).map_err(failed)?;
        if edited == original {
            context.io.say("nothing changed");
            return Ok(0);
        }
        match config::replace_text(&context.paths, &original, &edited) {
            Ok(_) => {
                context.io.say("saved");
                return Ok(0);
            }
            Err(error) => context.io.say(&error.to_string()),
        }
        if context.io.ask("edit again?")? != Answer::Yes {
            let kept = copy.into_temp_path().keep().map_err(|error| failed(error.error))?;
            let hint = format!("your text is kept in {}", kept.display());
            return Err(Failure::new(ErrorKind::Config, "the file was not changed", hint));
        }
    }
}

fn open(context: &Context, path: &Path) -> Result<(), Failure> {
    let chosen =
        ["VISUAL", "EDITOR"].into_iter().find_map(|name| (context.env)(name).filter(|value| !value.is_empty()));
    let editor = chosen.unwrap_or_else(|| "vi".into());
    // A shell, because people write `code --wait` into EDITOR.
    let status = Command::new("sh").arg("-c").arg("exec $0 \"$1\"").arg(&editor).arg(path).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(editor_failed(&editor, &status.to_string())),
        Err(error) => Err(editor_failed(&editor, &error.to_string())),
    }
}

fn editor_failed(editor: &std::ffi::OsStr, why: &str) -> Failure {
    let message = format!("the editor {} failed: {why}", editor.display());
    Failure::new(ErrorKind::Config, message, "set VISUAL or EDITOR")
}
