//! Bytes to the terminal for 1000 streamed tokens, as the screen draws them and as plain ratatui would: by the speed
//! of the stream, the size of the terminal and whether the reply has its whole width.
//!
//! Goals: at most 6 times the text at 100 tokens a second and 4 times at 1000 where the reply has the full width, at
//! most 9 times beside the list, and 200x60 at most 1.2 times 80x24.

#![expect(clippy::cast_precision_loss, reason = "ratios of some thousand bytes")]

use std::cell::Cell;
use std::io::Write as _;
use std::rc::Rc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size};
use ratatui::{TerminalOptions, Viewport};
use switchboard::app::model::{ConfigState, Look};
use switchboard::app::{Effect, Model, Msg, Rates, update};
use switchboard::config::{Config, Entry};
use switchboard::domain::{
    Auth, Connector, Delta, NetworkOverlay, Options, Origin, Provider, RawEvent, RunEvent, RunId,
};
use switchboard::runtime::paint::{Abilities, Ability, Painter};
use switchboard::ui;

const TOKENS: u64 = 1_000;
const SPEEDS: [u64; 3] = [50, 100, 1_000];
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];
/// As the event loop has them.
const FRAME: Duration = Duration::from_millis(33);
const LOOK: Duration = Duration::from_millis(500);

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Where the reply stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Zoomed,
    Pane,
}

/// Bytes of the text, of our drawing, and of ratatui's.
struct Sent {
    text: usize,
    ours: usize,
    ratatui: usize,
}

fn main() -> Outcome<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "bytes to the terminal for {TOKENS} tokens, as times the text")?;
    for place in [Place::Zoomed, Place::Pane] {
        for speed in SPEEDS {
            let mut first = None;
            for size in SIZES {
                let sent = stream(place, speed, size)?;
                let times = |bytes: usize| bytes as f64 / sent.text as f64;
                let base = *first.get_or_insert(sent.ours);
                let (name, goal) = goal(place, speed, size.0);
                writeln!(
                    out,
                    "{:<16} {speed:>5} tok/s {:>3}x{:<3} text {:>5} B   ours {:>6} B {:>5.1}x (goal {})   ratatui {:>7} B {:>6.1}x   to 80x24 {:.2} (goal 1.2)",
                    name,
                    size.0,
                    size.1,
                    sent.text,
                    sent.ours,
                    times(sent.ours),
                    goal,
                    sent.ratatui,
                    times(sent.ratatui),
                    sent.ours as f64 / base as f64,
                )?;
            }
        }
    }
    Ok(())
}

/// What it is called, and how often the text may be sent.
fn goal(place: Place, speed: u64, width: u16) -> (&'static str, &'static str) {
    match (place, width >= 100, speed) {
        (Place::Pane, true, _) => ("beside the list", "9"),
        (Place::Pane, false, 1_000) => ("one pane", "4"),
        (Place::Pane, false, 100) => ("one pane", "6"),
        (Place::Pane, false, _) => ("one pane", "-"),
        (Place::Zoomed, _, 1_000) => ("zoomed", "4"),
        (Place::Zoomed, _, 100) => ("zoomed", "6"),
        (Place::Zoomed, _, _) => ("zoomed", "-"),
    }
}

fn stream(place: Place, speed: u64, (width, height): (u16, u16)) -> Outcome<Sent> {
    let mut screen = Stage::new(Size { width, height })?;
    let run = screen.begin(place)?;
    let gap = Duration::from_secs(1) / u32::try_from(speed)?;
    let (mut now, mut next_frame, mut next_look) = (screen.now, screen.now, screen.now + LOOK);
    let (start_ours, start_ratatui) = (screen.ours, screen.ratatui.get());
    let (mut text, mut arrived, mut told) = (0, 0, screen.ours);
    for number in 0..TOKENS {
        now += gap;
        let token = token(number);
        text += token.len();
        arrived += token.len() as u64 + 300;
        let raw = RawEvent { at: now, kind: "message".to_owned(), data: token.clone(), size: token.len() + 300 };
        screen.tell(now, Msg::Run(run, vec![RunEvent::Raw(raw), RunEvent::Delta(Delta::Answer(token))]));
        if now >= next_look {
            let rates = Rates { arrived: std::mem::take(&mut arrived) * 2, drawn: 2 * (screen.ours - told) as u64 };
            told = screen.ours;
            screen.tell(now, Msg::Rates(rates));
            next_look += LOOK;
        }
        if now >= next_frame {
            screen.draw()?;
            next_frame = now + FRAME;
        }
    }
    screen.draw()?;
    Ok(Sent { text, ours: screen.ours - start_ours, ratatui: screen.ratatui.get() - start_ratatui })
}

/// Counts what is written.
struct Counter(Rc<Cell<usize>>);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A model, and both ways to draw it.
struct Stage {
    model: Model,
    size: Size,
    painter: Painter,
    plain: Terminal<CrosstermBackend<Counter>>,
    ratatui: Rc<Cell<usize>>,
    ours: usize,
    now: Duration,
}

impl Stage {
    fn new(size: Size) -> Outcome<Self> {
        let mut painter = Painter::new();
        painter.learn(Abilities { scrolling: Ability::Told, synchronised: Ability::Told });
        let viewport = Viewport::Fixed(Rect::new(0, 0, size.width, size.height));
        let ratatui = Rc::new(Cell::new(0));
        let plain =
            Terminal::with_options(CrosstermBackend::new(Counter(Rc::clone(&ratatui))), TerminalOptions { viewport })?;
        Ok(Self { model: model()?, size, painter, plain, ratatui, ours: 0, now: Duration::from_secs(1) })
    }

    /// Starts a run and shows its reply.
    fn begin(&mut self, place: Place) -> Outcome<RunId> {
        self.tell(self.now, Msg::Resize(self.size.width, self.size.height));
        let mut run = None;
        let keys: &[&str] = if place == Place::Zoomed { &["enter", "r", "z"] } else { &["enter", "r"] };
        for key in keys {
            self.draw()?;
            let chord = key.parse().map_err(|_no_key| "a key")?;
            for effect in update(&mut self.model, Msg::Key(chord)) {
                if let Effect::Start(start) = effect {
                    run = Some(start.run);
                }
            }
        }
        let run = run.ok_or("a run starts")?;
        self.tell(self.now, Msg::Run(run, vec![RunEvent::Started { queue: Duration::ZERO }]));
        // The page is full when the measuring begins: what scrolls is what costs.
        let lines = "a line of what was said before\n".repeat(usize::from(self.size.height));
        self.tell(self.now, Msg::Run(run, vec![RunEvent::Delta(Delta::Answer(lines))]));
        self.draw()?;
        self.draw()?;
        Ok(run)
    }

    fn tell(&mut self, now: Duration, msg: Msg) {
        self.now = now;
        update(&mut self.model, Msg::Tick(now));
        update(&mut self.model, msg);
    }

    fn draw(&mut self) -> Outcome<()> {
        for _ in 0..3 {
            let facts = ui::draw(&self.model, self.painter.sheet(self.size));
            if facts == self.model.view.facts {
                break;
            }
            update(&mut self.model, Msg::Drawn(facts));
        }
        self.ours += self.painter.frame().len();
        let model = &self.model;
        self.plain.draw(|frame| {
            ui::view(model, frame);
        })?;
        Ok(())
    }
}

/// Words of a story, 6.4 bytes each on average, and a paragraph now and then.
fn token(number: u64) -> String {
    const WORDS: [&str; 12] = [
        " the",
        " lighthouse",
        " keeper",
        " counted",
        " waves",
        " until",
        " evening",
        " and",
        " wrote",
        " numbers",
        " into",
        " books",
    ];
    let at = (number * 7 + number / 5 * 3) % 12;
    let word = usize::try_from(at).ok().and_then(|at| WORDS.get(at)).copied().unwrap_or(" word");
    if number % 90 == 89 { ".\n\n".to_owned() } else { word.to_owned() }
}

fn model() -> Outcome<Model> {
    let mut config = Config::default();
    for name in ["openai-prod", "azure-prod", "gw-internal", "vllm-lab", "team-default", "spare", "other"] {
        let connector = Connector {
            id: name.parse()?,
            name: name.to_owned(),
            provider: Provider::Other,
            url: "http://localhost:8080/v1".to_owned(),
            default_model: Some("model".to_owned()),
            auth: Auth::default(),
            headers: Vec::new(),
            options: Options::default(),
            notes: None,
            network: NetworkOverlay::default(),
        };
        config.entries.push(Entry { connector, origin: Origin::User });
    }
    let state = ConfigState { path: "~/.config/switchboard/config.toml".to_owned(), config, problem: None };
    Ok(Model::new(state, Look::default(), 1))
}
