//! The time of a frame by the length of the reply it shows: rows in view, against a paragraph wrapped each frame.
//!
//! Goal: a frame over 10 MiB of reply takes at most 1.2 times one over 64 KiB.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::widgets::{Paragraph, Wrap};
use switchboard::app::model::{ConfigState, Focus, Look, Subject, Tab};
use switchboard::app::runs::RunView;
use switchboard::app::test::TestPane;
use switchboard::app::{Model, Msg, update};
use switchboard::config::{Config, Entry};
use switchboard::domain::{Auth, Connector, NetworkOverlay, Options, Origin, Provider, RunId};
use switchboard::ui::view;

const SIZE: (u16, u16) = (120, 40);
const LENGTHS: [(usize, &str); 3] = [(64 << 10, "64 KiB"), (1 << 20, "1 MiB"), (10 << 20, "10 MiB")];
const GOAL: f64 = 1.2;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "a frame at {}x{}, median", SIZE.0, SIZE.1)?;
    let mut ours = Vec::new();
    for (length, label) in LENGTHS {
        let text = prose(length);
        let frame = frame_of_view(&text)?;
        let (paragraph, frames) = (frame_of_paragraph(&text)?, frame.as_secs_f64());
        let times = paragraph.as_secs_f64() / frames;
        writeln!(out, "{label:>7}   view {frame:>10.1?}   Paragraph::wrap {paragraph:>10.1?}   {times:>8.1}x")?;
        ours.push(frames);
    }
    if let (Some(first), Some(last)) = (ours.first(), ours.last()) {
        writeln!(out, "10 MiB / 64 KiB: {:.2}   (goal: at most {GOAL})", last / first)?;
    }
    Ok(())
}

fn frame_of_view(text: &str) -> Result<Duration, Box<dyn std::error::Error>> {
    let mut model = model(text)?;
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1))?;
    for _ in 0..2 {
        let mut facts = None;
        terminal.draw(|frame| facts = Some(view(&model, frame)))?;
        if let Some(facts) = facts {
            update(&mut model, Msg::Drawn(facts));
        }
    }
    median(200, || {
        terminal.draw(|frame| {
            black_box(view(&model, frame));
        })?;
        Ok(())
    })
}

/// The end of the text, as the view shows it: a paragraph's scroll ends at row 65,535, which costs the same.
fn frame_of_paragraph(text: &str) -> Result<Duration, Box<dyn std::error::Error>> {
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1))?;
    let rounds = if text.len() > 1 << 20 { 5 } else { 20 };
    median(rounds, || {
        terminal.draw(|frame| {
            let paragraph = Paragraph::new(text).wrap(Wrap { trim: false }).scroll((u16::MAX, 0));
            frame.render_widget(paragraph, frame.area());
        })?;
        Ok(())
    })
}

type Step = Result<(), Box<dyn std::error::Error>>;

fn median(rounds: usize, mut step: impl FnMut() -> Step) -> Result<Duration, Box<dyn std::error::Error>> {
    step()?;
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let start = Instant::now();
        step()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times.get(rounds / 2).copied().unwrap_or_default())
}

fn prose(length: usize) -> String {
    let mut text = String::with_capacity(length + 100);
    let mut number = 0;
    while text.len() < length {
        number += 1;
        // Writing to a string cannot fail.
        let _written = write!(text, "Sentence {number} tells of a lighthouse, of 海 and of letters. ");
        if number % 7 == 0 {
            text.push_str("\n\n");
        }
    }
    text
}

fn model(text: &str) -> Result<Model, Box<dyn std::error::Error>> {
    let connector = Connector {
        id: "bench".parse()?,
        name: "Bench".to_owned(),
        provider: Provider::Other,
        url: "http://localhost:8080/v1".to_owned(),
        default_model: Some("model".to_owned()),
        auth: Auth::default(),
        headers: Vec::new(),
        options: Options::default(),
        notes: None,
        network: NetworkOverlay::default(),
    };
    let subject = Subject::Saved(connector.id.clone());
    let mut config = Config::default();
    config.entries.push(Entry { connector, origin: Origin::User });
    let state = ConfigState { path: "bench.toml".to_owned(), config, problem: None };
    let mut model = Model::new(state, Look::default(), 1);
    let mut run = RunView::new(subject.clone(), "bench".to_owned(), Duration::ZERO);
    run.answer.push(text);
    let id = RunId::from_u128(7);
    model.runs.all.insert(id, run);
    model.runs.latest.insert(subject.clone(), id);
    model.tests.entry(subject).or_insert_with(|| TestPane::new("{}")).run = Some(id);
    (model.view.focus, model.view.tab) = (Focus::Workspace, Tab::Test);
    Ok(model)
}
