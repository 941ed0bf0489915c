//! `remove ID`: deletes a connector, after a question.

use super::Context;
use super::args::RemoveArgs;
use super::io::Answer;
use crate::config::{self, Change};
use crate::domain::{ErrorKind, Failure};

pub(super) fn run(context: &mut Context, args: &RemoveArgs) -> Result<u8, Failure> {
    let config = context.config()?;
    let connector = &context.find(&config, &args.id)?.connector;
    if !args.yes {
        match context.io.ask(&format!("remove {} ({})?", connector.id, connector.url))? {
            Answer::Yes => {}
            Answer::No => {
                context.io.say("nothing was removed");
                return Ok(1);
            }
            Answer::Nobody => {
                let message = format!("remove {}: there is no terminal to ask on", connector.id);
                return Err(Failure::new(ErrorKind::Config, message, "add --yes"));
            }
        }
    }
    config::save(&context.paths()?, &Change::Remove { id: connector.id.clone() })?;
    context.io.say(&format!("removed {}", connector.id));
    Ok(0)
}
