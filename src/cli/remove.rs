//! `remove ID`: deletes a connector, after a question.

use super::Context;
use super::args::RemoveArgs;
use super::io::{Answer, Io};
use crate::config::{self, Change};
use crate::domain::{ErrorKind, Failure};

pub(super) fn run(context: &mut Context, args: &RemoveArgs) -> Result<u8, Failure> {
    let config = context.config()?;
    let connector = &context.find(&config, &args.id)?.connector;
    if !args.yes
        && let Some(code) = unless_agreed(&mut context.io, &format!("remove {} ({})", connector.id, connector.url))?
    {
        return Ok(code);
    }
    let vault = context.vault()?;
    config::save(&context.paths()?, &Change::Remove { id: connector.id.clone() }, &vault)?;
    context.io.say(&format!("removed {}", connector.id));
    Ok(0)
}

/// Asks whether to go on; the exit code where not.
pub(super) fn unless_agreed(io: &mut Io, what: &str) -> Result<Option<u8>, Failure> {
    match io.ask(&format!("{what}?"))? {
        Answer::Yes => Ok(None),
        Answer::No => {
            io.say("nothing was changed");
            Ok(Some(1))
        }
        Answer::Nobody => {
            Err(Failure::new(ErrorKind::Config, format!("{what}: there is no terminal to ask on"), "add --yes"))
        }
    }
}
