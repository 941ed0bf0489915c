//! The command line: one file per subcommand, text and JSON out.
//!
//! Owns arguments, output and exit codes. What a command does is done by the rooms below, through the
//! same functions as the screen. Nothing here prompts without a terminal.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

use crate::config::{self, Config, Paths, Settings};
use crate::domain::{ErrorKind, Failure};
use crate::net::Clients;
use crate::provider::Services;
use crate::runtime::Clipboard;
use crate::secrets::{Env, Resolver, Vault};
use crate::store::Reader;

mod add;
mod args;
mod completions;
mod configuration;
mod demo;
mod doctor;
mod edit;
mod events;
mod export;
mod io;
mod json;
mod list;
mod plain;
mod prices;
mod record;
mod remove;
mod sandbox;
mod screenshot;
mod secret;
mod show;
mod span;
mod stream;
mod test;
mod unlock;
mod usage;
mod watch;

use args::{Arguments, Command, ScreenArgs};
use io::Io;

/// What every command works with.
struct Context {
    io: Io,
    env: Env,
    /// What `--config` named.
    file: Option<PathBuf>,
    /// The vault, once it was needed.
    vault: Option<Vault>,
    /// Who copies for the screen.
    clipboard: Clipboard,
}

impl Context {
    /// Looked for only where a command needs them: an example can be printed without a home.
    fn paths(&self) -> Result<Paths, Failure> {
        Ok(Paths::resolve(self.file.as_deref(), &*self.env)?)
    }

    fn config(&self) -> Result<Config, Failure> {
        Ok(config::load(&self.paths()?)?)
    }

    /// The event log for questions: the team's where the configuration names one. A configuration that cannot be read is
    /// told, and hides no figures.
    fn reader(&mut self) -> Result<Reader, Failure> {
        match self.config() {
            Ok(config) => self.reader_by(&config.settings),
            Err(failure) => {
                self.io.say(&format!("{}; whether there is a team's event log is not known", failure.message));
                self.reader_by(&Settings::default())
            }
        }
    }

    fn reader_by(&mut self, settings: &Settings) -> Result<Reader, Failure> {
        let vault = self.vault()?;
        let team = crate::runtime::team(settings, &resolver(&self.env, vault));
        Ok(Reader::open_with(&self.paths()?.event_log(), team)?)
    }

    /// Says so where the answers are not the team's although there is one.
    fn say_whose(&mut self, reader: &Reader) {
        if let Some(notice) = reader.notice() {
            self.io.say(&notice);
        }
    }

    /// The connector of an id, or a message that names the ids there are.
    fn find<'a>(&self, config: &'a Config, id: &str) -> Result<&'a config::Entry, Failure> {
        let found = config.get(id);
        found.ok_or_else(|| {
            let file = self.paths().map(|paths| paths.user_file.display().to_string()).unwrap_or_default();
            let message = format!("no connector has the id \"{}\"", id.escape_debug());
            Failure::new(ErrorKind::Config, message, near(config, id, &file))
        })
    }
}

/// Runs the program: arguments in, exit code out.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    let mut io = Io::process();
    let report = arguments.command.as_ref().map_or(Report::Text, Command::report);
    match run(arguments) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => ExitCode::from(complain(&mut io, &failure, report)),
    }
}

/// Help and version are data and succeed; everything else is a wrong use.
fn refuse(error: &clap::Error) -> ExitCode {
    let printed = error.print();
    drop(printed);
    ExitCode::from(if error.use_stderr() { ErrorKind::Config.exit_code() } else { 0 })
}

fn run(arguments: Arguments) -> Result<u8, Failure> {
    let env: Env = Arc::new(|name| std::env::var_os(name));
    let clipboard = arguments.clipboard.into();
    let mut context = Context { io: Io::process(), env, file: arguments.config, vault: None, clipboard };
    match arguments.command {
        None => screen(&mut context, &arguments.screen),
        Some(_) if arguments.screen.plain.is_some() || arguments.screen.screenshot.is_some() => {
            let message = "--plain and --screenshot are ways to open the screen, not of a command";
            Err(Failure::new(ErrorKind::Config, message, "leave the command away"))
        }
        Some(command) => dispatch(&mut context, command),
    }
}

fn dispatch(context: &mut Context, command: Command) -> Result<u8, Failure> {
    match command {
        Command::List(output) => list::run(context, output),
        Command::Show(args) => show::run(context, &args),
        Command::Add(args) => add::run(context, &args),
        Command::Edit(args) => edit::run(context, &args),
        Command::Remove(args) => remove::run(context, &args),
        Command::Test(args) => test::run(context, &args),
        Command::Doctor(args) => doctor::run(context, &args),
        Command::Watch(args) => watch::run(context, &args),
        Command::Usage(args) => usage::run(context, &args),
        Command::Events(args) => events::run(context, &args),
        Command::Export(command) => export::run(context, &command),
        Command::Prices(command) => prices::run(context, &command),
        Command::Secret(command) => secret::run(context, &command),
        Command::Sandbox(args) => sandbox::run(context, &args),
        Command::Demo => demo::run(context),
        Command::Config(command) => configuration::run(context, &command),
        Command::Completions { shell } => completions::completions(&mut context.io, shell).map(|()| 0),
        Command::Man => completions::man(&mut context.io).map(|()| 0),
    }
}

fn screen(context: &mut Context, args: &ScreenArgs) -> Result<u8, Failure> {
    if let Some(file) = &args.screenshot {
        return screenshot::run(context, file, args.size);
    }
    if let Some(id) = &args.plain {
        return plain::run(context, id);
    }
    let paths = context.paths()?;
    let vault = context.vault_for_screen()?;
    let services = services(&context.env, vault);
    let ended = crate::runtime::run(&paths, &*context.env, services, context.clipboard)?;
    Ok(ended.exit_code())
}

/// Says what went wrong, and as JSON where JSON was asked for; returns the exit code.
fn complain(io: &mut Io, failure: &Failure, report: Report) -> u8 {
    if failure.message.is_empty() {
        return failure.kind.exit_code();
    }
    io.say(&format!("switchboard: {}", failure.message));
    if !failure.hint.is_empty() {
        io.say(&format!("  {}", failure.hint));
    }
    let document = serde_json::json!({ "error": json::ErrorJson::from(failure) });
    let written = match report {
        Report::Text => Ok(()),
        Report::Json => io.json(&document),
        Report::JsonLines => io.json_line(&document),
    };
    drop(written);
    failure.kind.exit_code()
}

/// How a failure is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Report {
    /// On stderr alone.
    Text,
    /// On stderr, and as a document on stdout.
    Json,
    /// On stderr, and as one line on stdout.
    JsonLines,
}

impl Command {
    fn report(&self) -> Report {
        let json = match self {
            Self::List(output)
            | Self::Config(args::ConfigCommand::Check(output))
            | Self::Secret(args::SecretCommand::List(output)) => output.json,
            Self::Show(args) => args.output.json,
            Self::Usage(args) => args.json,
            Self::Prices(args::PricesCommand::Show(args)) => args.json,
            Self::Events(args) if args.form.jsonl => return Report::JsonLines,
            Self::Events(args) => args.form.json,
            Self::Add(args) => args.output.json,
            Self::Edit(args) => args.output.json,
            Self::Doctor(args) => args.output.json,
            Self::Watch(args) if args.output.json => return Report::JsonLines,
            Self::Test(args) if args.form.jsonl => return Report::JsonLines,
            Self::Test(args) => args.form.json,
            Self::Remove(_)
            | Self::Watch(_)
            | Self::Sandbox(_)
            | Self::Demo
            | Self::Export(_)
            | Self::Prices(_)
            | Self::Secret(_)
            | Self::Config(_)
            | Self::Completions { .. }
            | Self::Man => false,
        };
        if json { Report::Json } else { Report::Text }
    }
}

/// The id that was probably meant, or those there are.
fn near(config: &Config, id: &str, file: &str) -> String {
    let ids: Vec<&str> = config.entries.iter().map(|entry| entry.connector.id.as_str()).collect();
    let near = ids.iter().max_by(|a, b| strsim::jaro_winkler(a, id).total_cmp(&strsim::jaro_winkler(b, id)));
    match near {
        Some(near) if strsim::jaro_winkler(near, id) > 0.7 => format!("did you mean \"{near}\"?"),
        Some(_) => format!("there are: {}", ids.join(", ")),
        None => format!("there are none yet in {file}; add one with `switchboard add`"),
    }
}

/// What requests need, the same for the screen and every command.
fn services(env: &Env, vault: Vault) -> Services {
    Services::new(Clients::default(), resolver(env, vault))
}

fn resolver(env: &Env, vault: Vault) -> Resolver {
    Resolver::new(Arc::clone(env)).with_vault(vault)
}

fn tokio_runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(ErrorKind::Internal, format!("no async runtime: {error}"), ""))
}

/// Waits for ctrl-c, SIGTERM, or the end of the terminal.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut hang_up)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => drop(pressed),
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
}
