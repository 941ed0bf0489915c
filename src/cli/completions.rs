//! `completions` and `man`: made from the command line's own words.

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Arguments;
use super::io::Io;
use crate::domain::{ErrorKind, Failure};

/// Prints completions for a shell.
pub(super) fn completions(io: &mut Io, shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "switchboard", &mut script);
    io.write(&String::from_utf8_lossy(&script))
}

/// Prints the manual page: the program, then each command.
pub(super) fn man(io: &mut Io) -> Result<(), Failure> {
    let mut page = Vec::new();
    let mut command = Arguments::command();
    command.build();
    let failed = |error: std::io::Error| Failure::new(ErrorKind::Internal, error.to_string(), "");
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(failed)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let man = clap_mangen::Man::new(sub.clone());
        man.render_name_section(&mut page).map_err(failed)?;
        man.render_synopsis_section(&mut page).map_err(failed)?;
        man.render_options_section(&mut page).map_err(failed)?;
    }
    io.write(&String::from_utf8_lossy(&page))
}
