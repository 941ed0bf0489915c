//! The matrix: every pane in every state at every size, as it should look. A change to one is read before it is taken.
//!
//! A pane is a line of the table below, and a state is an arm in the pane's own file. What the screen can show without a
//! line here does not compile.

use super::dump::{plain, styled};
use super::fixtures::*;
use super::{around, connectors, doctor, edit, events, frames, over, test, usage, watch};
use crate::app::Model;
use crate::app::model::{Focus, Screen, Tab};
use crate::app::overlay::Overlay;
use crate::app::test::{ResponseTab, Typing};
use crate::domain::Field;

/// Sizes of every pane in every state.
pub(super) const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (60, 15)];
/// The size of every pane in its typical state besides.
const LARGE: (u16, u16) = (200, 60);

/// What there is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing yet.
    Empty,
    /// What people see most.
    Typical,
    /// Something is wrong.
    Error,
    /// More than fits.
    Long,
    /// Wide characters, emoji, marks, right-to-left text.
    Wide,
}

impl State {
    const ALL: [Self; 5] = [Self::Empty, Self::Typical, Self::Error, Self::Long, Self::Wide];

    fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Typical => "typical",
            Self::Error => "error",
            Self::Long => "long",
            Self::Wide => "wide",
        }
    }
}

/// The panes, each with its name and its scenes; a test each.
macro_rules! panes {
    ($($pane:ident $name:ident $scene:path;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Pane { $($pane),* }

        impl Pane {
            const ALL: &[Self] = &[$(Self::$pane),*];

            fn word(self) -> &'static str {
                match self { $(Self::$pane => stringify!($name)),* }
            }

            fn scene(self, state: State) -> Model {
                match self { $(Self::$pane => $scene(state)),* }
            }
        }

        $(
            #[test]
            fn $name() {
                snapshots(Pane::$pane);
            }
        )*
    };
}

panes! {
    List list connectors::list;
    Edit edit_fields edit::fields;
    Network edit_network edit::network;
    Body test_body test::body;
    Answer test_answer test::answer;
    Reasoning test_reasoning test::reasoning;
    Events test_events test::events;
    Tools test_tools test::tools;
    Headers test_headers test::headers;
    Timing test_timing test::timing;
    Doctor doctor_tab doctor::scene;
    UsageOfOne usage_of_one usage::of_one;
    UsageOfAll usage_of_all usage::of_all;
    Log log_list events::list;
    Run log_run events::detail;
    Watch watch_screen watch::scene;
    Around around around::scene;
    Palette over_palette over::palette;
    Help over_help over::help;
    Question over_question over::question;
    Name over_name over::name;
    Page over_page over::page;
    Plain over_plain over::plain;
}

fn snapshots(pane: Pane) {
    for state in State::ALL {
        let model = pane.scene(state);
        for size in sizes(state) {
            let name = format!("{}_{}_{}x{}", pane.word(), state.word(), size.0, size.1);
            insta::assert_snapshot!(name, styled(&drawn(model.clone(), size).0));
        }
    }
}

fn sizes(state: State) -> impl Iterator<Item = (u16, u16)> {
    SIZES.into_iter().chain(Some(LARGE).filter(|_| state == State::Typical))
}

/// Every scene, with its name.
fn scenes() -> impl Iterator<Item = (Pane, State, Model)> {
    let states = |pane: &Pane| State::ALL.map(|state| (*pane, state, pane.scene(state)));
    Pane::ALL.iter().flat_map(states)
}

/// A screen that is no cell of the matrix.
pub(super) fn check(name: &str, model: &Model) {
    for size in SIZES {
        let (buffer, _) = drawn(model.clone(), size);
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), styled(&buffer));
    }
}

/// The pane that a person would say is in view.
fn shown(model: &Model) -> Pane {
    match &model.overlay {
        Some(Overlay::Help(_)) => Pane::Help,
        Some(Overlay::Preview(_) | Overlay::Message(_)) => Pane::Page,
        Some(Overlay::Palette(_)) => Pane::Palette,
        Some(Overlay::Question(_)) => Pane::Question,
        Some(Overlay::Name(_)) => Pane::Name,
        Some(Overlay::Plain(_)) => Pane::Plain,
        None => screen(model),
    }
}

fn screen(model: &Model) -> Pane {
    let is_of_one = model.ledger.usage.as_ref().is_some_and(|pane| pane.wish.connector.is_some());
    let is_read = model.ledger.events.as_ref().is_some_and(|pane| pane.look.detail.is_some());
    match model.view.screen {
        Screen::Usage if is_of_one => Pane::UsageOfOne,
        Screen::Usage => Pane::UsageOfAll,
        Screen::Events if is_read => Pane::Run,
        Screen::Events => Pane::Log,
        Screen::Watch => Pane::Watch,
        Screen::Panes => match model.view.focus {
            Focus::List => Pane::List,
            Focus::Workspace => workspace(model),
        },
    }
}

fn workspace(model: &Model) -> Pane {
    let is_network = model.edit.as_ref().is_some_and(|edit| matches!(edit.cursor, Field::Network(_)));
    let (typing, tab) = model.test_pane().map_or((Typing::Off, ResponseTab::Answer), |pane| (pane.typing, pane.tab));
    match model.view.tab {
        Tab::Edit if is_network => Pane::Network,
        Tab::Edit => Pane::Edit,
        Tab::Doctor => Pane::Doctor,
        Tab::Test if typing == Typing::On => Pane::Body,
        Tab::Test => match tab {
            ResponseTab::Answer => Pane::Answer,
            ResponseTab::Reasoning => Pane::Reasoning,
            ResponseTab::Events => Pane::Events,
            ResponseTab::Tools => Pane::Tools,
            ResponseTab::Headers => Pane::Headers,
            ResponseTab::Timing => Pane::Timing,
        },
    }
}

#[test]
fn each_scene_shows_the_pane_it_stands_for() {
    // What is around the panes shows with each of them.
    for (pane, state, model) in scenes().filter(|(pane, ..)| *pane != Pane::Around) {
        assert_eq!(shown(&model), pane, "{state:?}");
    }
}

#[test]
fn no_two_states_of_a_pane_look_alike() {
    for pane in Pane::ALL {
        for size in SIZES.into_iter().chain([LARGE]) {
            let looks = State::ALL.map(|state| styled(&drawn(pane.scene(state), size).0));
            for (at, look) in looks.iter().enumerate() {
                let state = State::ALL[at];
                assert!(!looks[..at].contains(look), "{pane:?}, {size:?}: {state:?} is another state over again");
            }
        }
    }
}

#[test]
fn no_column_of_any_pane_is_broken() {
    let at_every_size = scenes().flat_map(|(pane, state, model)| {
        let sizes = SIZES.into_iter().chain([LARGE]);
        sizes.filter_map(move |size| {
            let broken = frames::are_whole(&model, size).err()?;
            Some(format!("{pane:?}, {state:?}, {size:?}: {broken}"))
        })
    });
    let broken: Vec<String> = at_every_size.collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn ascii_borders_leave_no_other_sign() {
    for (pane, state, mut model) in scenes().filter(|(_, state, _)| *state != State::Wide) {
        model.look.theme = theme(&[("borders", "ascii")]);
        for size in SIZES {
            let text = plain(&drawn(model.clone(), size).0).replace("Reykjavík", "");
            let other: String = text.chars().filter(|c| !c.is_ascii()).collect();
            assert!(other.is_empty(), "{pane:?}, {state:?}: {other} in\n{text}");
        }
    }
}
