//! Pictures of the screen: the one in use, kept in a file, and the one that would open, without a terminal.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;

use super::files;
use super::look::{Charset, Colors, Display};
use super::start::{nothing, shown};
use crate::app::model::ConfigState;
use crate::app::{self, Model, Msg};
use crate::config::Paths;
use crate::ui;

/// Drawings until the layout has settled.
const SETTLE: usize = 3;

/// The screen as it would open, of so many columns and rows: an SVG. Nothing is written and nothing runs.
pub fn picture(paths: &Paths, env: &dyn Fn(&str) -> Option<OsString>, size: (u16, u16)) -> String {
    let env = |name: &str| env(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty());
    // A picture has every colour and every sign, whatever the terminal has that asks for it.
    let colors = if env("NO_COLOR").is_some() { Colors::Unwanted } else { Colors::True };
    let mut model = opened(paths, Display { colors, charset: Charset::Utf8 }, env("HOME").as_deref());
    drawn(&mut model, size)
}

fn opened(paths: &Paths, display: Display, home: Option<&str>) -> Model {
    let ((config, look), problem) = match files::load(paths, display).read {
        Ok(read) => (read, None),
        Err(problem) => (nothing(display), Some(problem)),
    };
    let figures = files::figures(paths, &config.settings.budgets);
    let config = ConfigState { path: shown(&paths.user_file, home), config, problem };
    let mut model = Model::new(config, look, 1);
    app::update(&mut model, Msg::Usage(figures));
    model
}

/// What drawing finds out may change what is drawn.
fn drawn(model: &mut Model, size: (u16, u16)) -> String {
    app::update(model, Msg::Resize(size.0, size.1));
    for _ in 1..SETTLE {
        let (_, facts) = ui::picture(model, size);
        app::update(model, Msg::Drawn(facts));
    }
    ui::picture(model, size).0
}

/// Keeps a picture in a new file of the working directory, named by the time; tells its name, or why there is none.
pub(super) fn keep(picture: &str) -> Result<String, String> {
    let name = jiff::ZonedDateTime::now().strftime("switchboard-%Y%m%d-%H%M%S.svg").to_string();
    let written = File::create_new(&name).and_then(|mut file| file.write_all(picture.as_bytes()));
    match written {
        Ok(()) => Ok(format!("the screen is in {name}")),
        Err(error) => Err(format!("no picture: {name}: {error}")),
    }
}
