//! The loop: what happens goes into the model, what follows is carried out, and the screen shows it.
//!
//! Keys come first, so that no flood of tokens delays one; frames second; then everything else, in batches.
//! The loop never waits for a file, a server or another program. It is generic over [`Console`], so that a
//! test can play terminal and keyboard.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use tokio::time::{Interval, MissedTickBehavior, interval};

use super::console::{Console, Heard, MOUSE_OFF, MOUSE_ON, Signal};
use super::effects::{Answer, Deed, Hands};
use super::inbox::Inbox;
use super::meter::Meter;
use super::moment::at;
use super::pace::Pace;
use super::runner::Batch;
use super::{clipboard, keys};
use crate::app::model::{Look, Model, Mouse};
use crate::app::msg::{ConfigMsg, Errand};
use crate::app::{self, Effect, Msg};
use crate::ui;

/// How often what moves by itself is brought up to date.
const BEAT: Duration = Duration::from_millis(250);
/// How often the files are looked at. A change is read when two looks agree about it.
const LOOK: Duration = Duration::from_millis(500);
/// Drawings in a row that layout facts may cause.
const SETTLE: usize = 3;
/// How long each part of the end may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why the loop ended.
#[derive(Debug)]
pub(super) enum Ending {
    /// The person quit.
    Quit,
    /// The system asked for it.
    Signal(Signal),
    /// The terminal cannot be used any more.
    Lost(io::Error),
}

/// The screen at work.
pub(super) struct EventLoop<C> {
    console: C,
    model: Model,
    hands: Hands,
    inbox: Inbox,
    clock: Clock,
    pace: Pace,
    meter: Meter,
    terminal: Hold,
    ending: Option<Ending>,
}

/// What the loop's time is measured with.
struct Clock {
    started: Instant,
    beat: Interval,
    look: Interval,
}

/// Whether the terminal is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    Ours,
    GivenAway,
}

/// One thing that happened.
enum Next {
    Heard(Heard),
    Frame,
    Look,
    Beat,
    Answer(Answer),
    Runs(Vec<Batch>),
    Ended,
}

impl<C: Console> EventLoop<C> {
    /// A loop that has not drawn yet. Needs a tokio runtime.
    pub(super) fn new(console: C, model: Model, hands: Hands, inbox: Inbox) -> Self {
        let started = Instant::now();
        Self {
            console,
            model,
            hands,
            inbox,
            clock: Clock::new(started),
            pace: Pace::new(),
            meter: Meter::new(started),
            terminal: Hold::Ours,
            ending: None,
        }
    }

    /// Runs until the end. Runs are stopped and everything is written when it returns; the console is then
    /// dropped, which restores the terminal.
    pub(super) async fn run(mut self) -> Ending {
        if let Err(error) = self.measure() {
            self.ending = Some(Ending::Lost(error));
        }
        let ending = loop {
            if let Some(ending) = self.ending.take() {
                break ending;
            }
            let next = self.next().await;
            self.take(next);
        };
        self.say_goodbye(&ending);
        // Closed first: a task that waits to tell something would never end.
        drop(self.inbox);
        self.hands.close(PATIENCE).await;
        ending
    }

    fn measure(&mut self) -> io::Result<()> {
        let size = self.console.size()?;
        self.tell(Msg::Resize(size.width, size.height));
        Ok(())
    }

    async fn next(&mut self) -> Next {
        let due = match self.terminal {
            Hold::Ours if self.console.is_ready() => self.pace.due(Instant::now(), self.model.look.theme.motion()),
            Hold::Ours | Hold::GivenAway => None,
        };
        let moves = app::needs_tick(&self.model);
        tokio::select! {
            biased;
            heard = self.console.next() => Next::Heard(heard),
            () = at(due) => Next::Frame,
            _ = self.clock.look.tick() => Next::Look,
            _ = self.clock.beat.tick(), if moves => Next::Beat,
            Some(answer) = self.inbox.answers.recv() => Next::Answer(answer),
            () = self.hands.next_end() => Next::Ended,
            batches = self.inbox.runs.take() => Next::Runs(batches),
        }
    }

    fn take(&mut self, next: Next) {
        match next {
            Next::Heard(heard) => self.hear(heard),
            Next::Frame => self.draw(),
            Next::Look => self.look(),
            Next::Beat => self.beat(),
            Next::Answer(Answer::Msg(msg)) => self.answered(msg),
            Next::Answer(Answer::Config(msg, look)) => self.configured(msg, look),
            Next::Answer(Answer::CopyHere(text)) => self.copy_here(&text),
            Next::Runs(batches) => self.runs(batches),
            // Its figures follow: unless much else waits, the run is over by then on the screen too.
            Next::Ended => {
                let batches = self.inbox.runs.take_now();
                self.runs(batches);
            }
        }
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Event(event) => {
                if let Some(msg) = keys::message(event) {
                    self.tell(msg);
                    self.pace.now();
                }
            }
            // A window that is being dragged tells a size for every pixel: it waits for the next frame.
            Heard::Size => {
                let measured = self.measure();
                self.or_lost(measured);
            }
            // The frame that waited for it is due.
            Heard::Ready => {}
            Heard::Resumed => self.take_back(),
            Heard::Signal(signal) => self.terminate(Ending::Signal(signal)),
            Heard::Gone(error) => self.terminate(Ending::Lost(error)),
        }
    }

    /// The model learns of it, but has no say.
    fn terminate(&mut self, ending: Ending) {
        self.tell(Msg::Terminate);
        self.ending = Some(ending);
    }

    fn look(&mut self) {
        if let Some(rates) = self.meter.read(Instant::now(), self.console.sent()) {
            self.tell(Msg::Rates(rates));
        }
        self.hands.look();
    }

    fn beat(&mut self) {
        self.pace.soon();
        self.feed(VecDeque::from([Msg::Tick(self.clock.now())]));
    }

    fn answered(&mut self, msg: Msg) {
        if let Msg::Errand(Errand::Edited(..)) = msg {
            self.take_back();
        }
        self.tell(msg);
    }

    /// Keys and colours are how the model is looked at, so they are set beside it.
    fn configured(&mut self, msg: ConfigMsg, look: Look) {
        self.model.look = look;
        self.tell(Msg::Config(msg));
        self.hands.set_limit(self.model.config.config.settings.max_running);
    }

    fn take_back(&mut self) {
        self.terminal = Hold::Ours;
        let taken = self.console.take_back().and_then(|()| self.measure());
        self.or_lost(taken);
        // Whoever had the terminal was given it without the mouse.
        if app::mouse(&self.model) == Mouse::On {
            self.mouse(Mouse::On);
        }
        self.pace.now();
    }

    fn runs(&mut self, batches: Vec<Batch>) {
        if batches.is_empty() {
            return;
        }
        for (_, events) in &batches {
            self.meter.count(events);
        }
        self.tell_all(batches.into_iter().map(|(run, events)| Msg::Run(run, events)));
    }

    /// Tells the model, and does what follows, and what follows from that.
    fn tell(&mut self, msg: Msg) {
        self.tell_all([msg]);
    }

    fn tell_all(&mut self, msgs: impl IntoIterator<Item = Msg>) {
        self.pace.soon();
        // Time first: the model stamps what happens with it.
        let tick = Msg::Tick(self.clock.now());
        self.feed(std::iter::once(tick).chain(msgs).collect());
    }

    fn feed(&mut self, mut left: VecDeque<Msg>) {
        while let Some(msg) = left.pop_front() {
            for effect in app::update(&mut self.model, msg) {
                left.extend(self.act(effect));
            }
        }
    }

    fn act(&mut self, effect: Effect) -> Option<Msg> {
        match self.hands.act(effect) {
            Deed::Done => {}
            Deed::Tell(msg) => return Some(msg),
            Deed::Edit(subject, text) => {
                self.console.give_away();
                self.terminal = Hold::GivenAway;
                self.hands.edit(subject, text);
            }
            Deed::CopyHere(text) => return Some(Msg::Errand(Errand::Copied(self.ask_to_copy(&text)))),
            Deed::Mouse(mouse) => self.mouse(mouse),
            Deed::Picture => self.hands.keep(ui::picture(&self.model, self.model.view.size).0),
            Deed::Suspend => self.suspend(),
            Deed::Redraw => {
                self.console.wipe();
                self.pace.now();
            }
            Deed::Quit => self.ending = Some(Ending::Quit),
        }
        None
    }

    fn copy_here(&mut self, text: &str) {
        let told = self.ask_to_copy(text);
        self.tell(Msg::Errand(Errand::Copied(told)));
    }

    fn ask_to_copy(&mut self, text: &str) -> Result<String, String> {
        let (sequence, told) = clipboard::osc52(text)?;
        match self.console.control(&sequence) {
            Ok(()) => Ok(told),
            Err(error) => Err(format!("not copied: {error}")),
        }
    }

    fn mouse(&mut self, mouse: Mouse) {
        let sequence = match mouse {
            Mouse::On => MOUSE_ON,
            Mouse::Off => MOUSE_OFF,
        };
        let told = self.console.control(sequence);
        self.or_lost(told);
    }

    /// Stops until the shell continues us. Runs stop with us; their servers may not wait.
    fn suspend(&mut self) {
        self.terminal = Hold::GivenAway;
        let suspended = self.console.suspend();
        self.or_lost(suspended);
    }

    fn draw(&mut self) {
        let drawn = self.settle().and_then(|()| self.console.show());
        self.or_lost(drawn);
        self.pace.drawn(Instant::now());
    }

    /// Draws until the layout has settled: what drawing finds out may change what is drawn.
    fn settle(&mut self) -> io::Result<()> {
        for _ in 0..SETTLE {
            let facts = ui::draw(&self.model, self.console.sheet()?);
            if facts == self.model.view.facts {
                break;
            }
            self.tell(Msg::Drawn(facts));
        }
        Ok(())
    }

    fn or_lost(&mut self, done: io::Result<()>) {
        if let Err(error) = done {
            self.ending = Some(Ending::Lost(error));
        }
    }

    /// Shows what the person last saw change while runs are stopped, where there is still a terminal.
    fn say_goodbye(&mut self, ending: &Ending) {
        match (ending, self.terminal) {
            (Ending::Quit | Ending::Signal(Signal::Interrupt | Signal::Terminate), Hold::Ours) => self.draw(),
            (Ending::Lost(_) | Ending::Signal(Signal::Hangup), _) | (_, Hold::GivenAway) => {}
        }
    }
}

impl Clock {
    fn new(started: Instant) -> Self {
        let every = |span| {
            let mut interval = interval(span);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            interval
        };
        Self { started, beat: every(BEAT), look: every(LOOK) }
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }
}

#[cfg(test)]
mod tests;
