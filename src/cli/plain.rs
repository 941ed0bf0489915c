//! `--plain`: the test pane line by line, for screen readers, simple terminals and pipes. Lists connectors by number,
//! runs one with a prompt, and says every change once. It draws nothing and moves no cursor; a run is that of `test`.

use std::path::PathBuf;

use tokio::runtime::Runtime;

use super::Context;
use super::args::{TestArgs, TestForm};
use super::stream::Format;
use crate::config::Config;
use crate::domain::{Failure, text};

const HELP: &str = "\
Type a prompt and press enter to run it; an empty line runs the prepared body.
/list names the connectors, /use NUMBER or ID takes another, /body FILE runs a file,
/stream switches between a stream and one piece, /help says this, /quit ends. Ctrl-c cancels a run.";

/// What a typed line means.
#[derive(Debug, PartialEq, Eq)]
enum Line<'t> {
    List,
    Use(&'t str),
    Body(&'t str),
    Stream,
    Help,
    Quit,
    Run(&'t str),
    Unknown(&'t str),
}

impl<'t> Line<'t> {
    /// Before a connector is chosen, a bare word chooses one.
    fn read(typed: &'t str, chosen: Option<&str>) -> Self {
        let typed = typed.trim();
        let (word, rest) =
            typed.split_once(char::is_whitespace).map_or((typed, ""), |(word, rest)| (word, rest.trim()));
        match word {
            "/list" => Self::List,
            "/use" => Self::Use(rest),
            "/body" => Self::Body(rest),
            "/stream" => Self::Stream,
            "/help" | "/?" => Self::Help,
            "/quit" | "/q" => Self::Quit,
            word if word.starts_with('/') => Self::Unknown(word),
            "q" | "quit" if chosen.is_none() => Self::Quit,
            "" if chosen.is_none() => Self::List,
            _ if chosen.is_none() => Self::Use(typed),
            _ => Self::Run(typed),
        }
    }
}

/// The connector in use, and how it is run.
struct Desk {
    chosen: Option<String>,
    no_stream: bool,
}

pub(super) fn run(context: &mut Context, id: &str) -> Result<u8, Failure> {
    let config = context.config()?;
    let mut desk = Desk { chosen: None, no_stream: false };
    if id.is_empty() {
        list(context, &config);
        context.io.say("Type a number or an id to choose a connector, /help for more, /quit to end.");
    } else {
        desk.choose(context, id)?;
    }
    let runtime = super::tokio_runtime()?;
    let code = loop {
        context.io.say_piece(&format!("{}> ", desk.chosen.as_deref().unwrap_or_default()));
        match next_line(&runtime) {
            Typed::Line(line) => match desk.take(context, &line) {
                Ok(Next::GoOn) => {}
                Ok(Next::End) => break 0,
                Err(failure) if failure.message.is_empty() => break failure.kind.exit_code(),
                Err(failure) => complain(context, &failure),
            },
            Typed::End => break 0,
            Typed::Interrupted => break super::test::CANCELLED,
            Typed::Broken(failure) => return Err(failure),
        }
    };
    context.io.say("");
    // A read of standard input cannot be called off; its thread is left behind.
    runtime.shutdown_background();
    Ok(code)
}

/// What came of a line.
enum Next {
    GoOn,
    End,
}

impl Desk {
    fn take(&mut self, context: &mut Context, typed: &str) -> Result<Next, Failure> {
        match Line::read(typed, self.chosen.as_deref()) {
            Line::List => list(context, &context.config()?),
            Line::Use(which) => self.choose(context, which)?,
            Line::Body(file) => self.test(context, None, Some(PathBuf::from(file)))?,
            Line::Run(prompt) => self.test(context, Some(prompt).filter(|prompt| !prompt.is_empty()), None)?,
            Line::Stream => {
                self.no_stream = !self.no_stream;
                context.io.say(if self.no_stream { "replies come in one piece" } else { "replies are streamed" });
            }
            Line::Help => context.io.say(HELP),
            Line::Unknown(word) => context.io.say(&format!("there is no {word}; /help names what there is")),
            Line::Quit => return Ok(Next::End),
        }
        Ok(Next::GoOn)
    }

    /// Takes a connector by its number in the list, or by its id.
    fn choose(&mut self, context: &mut Context, which: &str) -> Result<(), Failure> {
        let config = context.config()?;
        let by_number = which.parse::<usize>().ok().and_then(|number| config.entries.get(number.checked_sub(1)?));
        let entry = match by_number {
            Some(entry) => entry,
            None => context.find(&config, which)?,
        };
        let connector = &entry.connector;
        let (id, url) = (connector.id.to_string(), text::clean_line(&connector.url).into_owned());
        context.io.say(&format!("{id}, {}, {url}. Type a prompt, or /help.", connector.provider.label()));
        self.chosen = Some(id);
        Ok(())
    }

    fn test(&self, context: &mut Context, prompt: Option<&str>, body: Option<PathBuf>) -> Result<(), Failure> {
        let Some(id) = &self.chosen else {
            context.io.say("choose a connector first: its number or its id");
            return Ok(());
        };
        let args = TestArgs {
            id: id.clone(),
            body,
            prompt: prompt.map(str::to_owned),
            model: None,
            no_stream: self.no_stream,
            over_budget: false,
            form: TestForm { json: false, jsonl: false },
        };
        // How it ended was told.
        super::test::run_as(context, &args, Format::Plain).map(|_code| ())
    }
}

/// The connectors, one a line, as a screen reader reads them.
fn list(context: &mut Context, config: &Config) {
    if config.entries.is_empty() {
        return context.io.say("There are no connectors yet; `switchboard add` makes one.");
    }
    for (at, entry) in config.entries.iter().enumerate() {
        let connector = &entry.connector;
        let name = text::clean_line(&connector.name);
        context.io.say(&format!("{}. {}, {}, {name}", at + 1, connector.id, connector.provider.label()));
    }
}

fn complain(context: &mut Context, failure: &Failure) {
    context.io.say(&failure.message);
    if !failure.hint.is_empty() {
        context.io.say(&failure.hint);
    }
}

/// What came from the person.
enum Typed {
    Line(String),
    /// The input is over.
    End,
    Interrupted,
    Broken(Failure),
}

/// Waits for a line; ctrl-c ends the wait.
fn next_line(runtime: &Runtime) -> Typed {
    runtime.block_on(async {
        let read = tokio::task::spawn_blocking(super::io::Io::stdin_line);
        tokio::select! {
            biased;
            () = super::interrupted() => Typed::Interrupted,
            read = read => match read {
                Ok(Ok(Some(line))) => Typed::Line(line),
                Ok(Ok(None)) | Err(_) => Typed::End,
                Ok(Err(failure)) => Typed::Broken(failure),
            },
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_chooses_until_a_connector_is_chosen_and_runs_from_then_on() {
        assert_eq!(Line::read(" 2 \n", None), Line::Use("2"));
        assert_eq!(Line::read("q", None), Line::Quit);
        assert_eq!(Line::read("q", Some("lab")), Line::Run("q"));
        assert_eq!(Line::read("Say  hello\n", Some("lab")), Line::Run("Say  hello"));
        assert_eq!(Line::read("", Some("lab")), Line::Run(""));
        assert_eq!(Line::read("/use  other ", Some("lab")), Line::Use("other"));
        assert_eq!(Line::read("/bdoy x", Some("lab")), Line::Unknown("/bdoy"));
    }
}
