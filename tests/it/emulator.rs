//! The drawing with scrolls and the plain one, through terminal emulators that others wrote: the screens are the same.
//!
//! vt100 is a crate and always there. pyte is a Python package that `.ci/run` installs; without it the test says that
//! it was skipped, and where it is required, its absence is a failure.

use std::io::Write as _;
use std::num::NonZeroU16;
use std::process::{Command, Stdio};

use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::{Color, Modifier, Style};
use switchboard::runtime::paint::{Abilities, Ability, Painter};

const STEPS: usize = 10_000;

/// A screen that changes as screens do, and worse: parts scroll, words are added, boxes open, sizes change.
struct Changing {
    random: fastrand::Rng,
    screen: Buffer,
}

const WORDS: [&str; 10] = ["a", "word", "lighthouse", "海", "한글", "e\u{301}", "—", "│", "  ", "0123456789"];

impl Changing {
    fn new(seed: u64) -> Self {
        let mut changing = Self { random: fastrand::Rng::with_seed(seed), screen: Buffer::default() };
        changing.resize();
        changing
    }

    fn resize(&mut self) {
        let (width, height) = (self.random.u16(1..70), self.random.u16(1..20));
        self.screen = Buffer::empty(Rect::new(0, 0, width, height));
    }

    fn step(&mut self) {
        for _ in 0..self.random.usize(0..4) {
            match self.random.u8(0..40) {
                0 => self.resize(),
                1 => self.fill(),
                2..20 => self.scroll(),
                20..24 => self.open_box(),
                _ => self.write(),
            }
        }
    }

    fn style(&mut self) -> Style {
        let colors = [Color::Reset, Color::Red, Color::LightBlue, Color::Indexed(130), Color::Rgb(1, 2, 3)];
        let mut style = Style::new();
        if self.random.u8(0..3) == 0 {
            style = style.fg(self.random.choice(colors).unwrap());
        }
        if self.random.u8(0..8) == 0 {
            style = style.bg(self.random.choice(colors).unwrap());
        }
        let modifiers = [Modifier::BOLD, Modifier::UNDERLINED, Modifier::REVERSED, Modifier::ITALIC];
        if self.random.u8(0..6) == 0 { style.add_modifier(self.random.choice(modifiers).unwrap()) } else { style }
    }

    fn write(&mut self) {
        let (x, y) = (self.random.u16(0..self.screen.area.width), self.random.u16(0..self.screen.area.height));
        self.write_at(x, y);
    }

    fn write_at(&mut self, x: u16, y: u16) {
        let words: String = (0..self.random.usize(1..6)).map(|_| *self.random.choice(&WORDS).unwrap()).collect();
        let style = self.style();
        self.free(x, y);
        self.screen.set_stringn(x, y, words, usize::from(self.screen.area.width - x), style);
        self.mend(y);
    }

    /// The left half of a wide character that is written over goes, as it does in a terminal.
    fn free(&mut self, x: u16, y: u16) {
        if let Some(left) = x.checked_sub(1)
            && unicode_width(self.screen[(left, y)].symbol()) > 1
        {
            self.screen[(left, y)].reset();
        }
    }

    /// A wide character whose right half is something else, or beyond the edge, is none; a right half has no style of
    /// its own. A mark that joins a letter in the last column is left out: pyte breaks the line before it.
    fn mend(&mut self, y: u16) {
        let width = self.screen.area.width;
        if self.screen[(width - 1, y)].symbol().chars().count() > 1 {
            self.screen[(width - 1, y)].reset();
        }
        for x in 0..width {
            if unicode_width(self.screen[(x, y)].symbol()) < 2 {
                continue;
            }
            if x + 1 < width && self.screen[(x + 1, y)].symbol() == " " {
                self.screen[(x + 1, y)].reset();
            } else {
                self.screen[(x, y)].reset();
            }
        }
    }

    fn fill(&mut self) {
        for y in 0..self.screen.area.height {
            self.write_at(0, y);
        }
    }

    fn scroll(&mut self) {
        let height = self.screen.area.height;
        let (top, width) = (self.random.u16(0..height), usize::from(self.screen.area.width));
        let bottom = self.random.u16(top..height) + 1;
        let by = usize::from(self.random.u16(0..=(bottom - top).min(4)));
        let part = &mut self.screen.content[usize::from(top) * width..usize::from(bottom) * width];
        let rows = self.random.bool();
        if rows {
            part.rotate_left(by * width);
        } else {
            part.rotate_right(by * width);
        }
        self.write_at(0, if rows { bottom - 1 } else { top });
    }

    fn open_box(&mut self) {
        let area = self.screen.area;
        let (x, y) = (self.random.u16(0..area.width), self.random.u16(0..area.height));
        let inside = Rect::new(x, y, area.width / 2, area.height / 2).intersection(area);
        let style = self.style();
        for position in inside.positions() {
            self.free(position.x, position.y);
            self.screen[position].reset();
            self.screen[position].set_style(style);
        }
        for y in inside.top()..inside.bottom() {
            self.mend(y);
        }
    }

    fn size(&self) -> Size {
        self.screen.area.as_size()
    }

    fn draw(&self, painter: &mut Painter) -> Vec<u8> {
        painter.sheet(self.size()).clone_from(&self.screen);
        painter.frame()
    }
}

fn unicode_width(symbol: &str) -> usize {
    ratatui::text::Span::raw(symbol).width()
}

fn painters() -> [Painter; 2] {
    let mut scrolling = Painter::new();
    scrolling.learn(Abilities { scrolling: Ability::Told, synchronised: Ability::Told });
    [Painter::new(), scrolling]
}

fn cells(parser: &vt100::Parser) -> Vec<String> {
    let (rows, columns) = parser.screen().size();
    let places = (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
    let cell = |(row, column)| {
        let cell = parser.screen().cell(row, column).unwrap();
        let text = if cell.has_contents() { cell.contents() } else { " " };
        // The second half of a wide character carries no style of its own.
        if cell.is_wide_continuation() {
            return "…".to_owned();
        }
        let (back, under, inverse) = (cell.bgcolor(), cell.underline(), cell.inverse());
        // What a blank would be written with cannot be seen.
        if text == " " && !under && !inverse {
            return format!("blank {back:?}");
        }
        format!("{text} {:?} {back:?} {under} {inverse} {} {}", cell.fgcolor(), cell.bold(), cell.italic())
    };
    places.map(cell).collect()
}

fn emulator(size: Size) -> vt100::Parser {
    let at_least_one = |n| NonZeroU16::new(n).unwrap();
    vt100::Parser::new(at_least_one(size.height), at_least_one(size.width), 0)
}

#[test]
fn scrolls_and_plain_drawing_give_the_same_screen_in_vt100() {
    let (mut plain_bytes, mut scrolled_bytes, mut scrolls) = (0, 0, 0);
    for seed in 0..10 {
        let mut changing = Changing::new(seed);
        let mut painters = painters();
        let mut size = changing.size();
        let mut emulators = [emulator(size), emulator(size)];
        for step in 0..STEPS / 10 {
            changing.step();
            if changing.size() != size {
                size = changing.size();
                emulators = [emulator(size), emulator(size)];
            }
            let [plain, scrolled] = [0, 1].map(|at: usize| changing.draw(&mut painters[at]));
            scrolls += usize::from(scrolled.windows(3).any(|bytes| bytes == b"\x1b[r"));
            emulators[0].process(&plain);
            emulators[1].process(&scrolled);
            plain_bytes += plain.len();
            scrolled_bytes += scrolled.len();
            let [left, right] = emulators.each_ref().map(cells);
            let differing = left.iter().zip(&right).position(|(left, right)| left != right);
            let told = || String::from_utf8_lossy(&scrolled).escape_debug().to_string();
            let place =
                differing.map(|at| (at % usize::from(size.width), at / usize::from(size.width), &left[at], &right[at]));
            assert_eq!(place, None, "seed {seed}, step {step}, {size}: {}", told());
        }
    }
    assert!(scrolls > STEPS / 10, "{scrolls} scrolls");
    assert!(scrolled_bytes < plain_bytes, "{scrolled_bytes} of {plain_bytes} bytes");
}

/// Feeds both drawings to two screens of pyte and compares them after each step.
const PYTE: &str = r#"
import sys, json, pyte
def cells(screen):
    rows = []
    for y in range(screen.lines):
        row, skip = [], False
        for x in range(screen.columns):
            char = screen.buffer[y][x]
            data = char.data or " "
            seen = (data, char.fg, char.bg, char.underscore, char.reverse, char.bold, char.italics)
            blank = data == " " and not char.underscore and not char.reverse
            row.append("" if skip else ("blank", char.bg) if blank else seen)
            skip = not skip and char.data and pyte.screens.wcwidth(char.data[0]) == 2
        rows.append(row)
    return rows
size, steps = None, 0
for line in sys.stdin:
    step = json.loads(line)
    if step["size"] != size:
        size = step["size"]
        screens = [pyte.Screen(*size), pyte.Screen(*size)]
        streams = [pyte.Stream(screen) for screen in screens]
    for stream, text in zip(streams, step["texts"]):
        stream.feed(text)
    if cells(screens[0]) != cells(screens[1]):
        left, right = cells(screens[0]), cells(screens[1])
        print([(x, y, l, r) for y in range(size[1]) for x, (l, r) in enumerate(zip(left[y], right[y])) if l != r][:5], repr(step["texts"]))
        sys.exit("step %d differs" % steps)
    steps += 1
print(steps, "steps")
"#;

fn python() -> String {
    std::env::var("SWITCHBOARD_TEST_PYTHON").unwrap_or_else(|_unset| "python3".to_owned())
}

fn has_pyte() -> bool {
    let found = Command::new(python()).args(["-c", "import pyte"]).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        assert!(std::env::var("SWITCHBOARD_TEST_REQUIRE").is_err(), "pyte is required here and is not installed");
        eprintln!("skipped: no pyte; install it and set SWITCHBOARD_TEST_PYTHON to its Python");
    }
    found
}

#[test]
fn scrolls_and_plain_drawing_give_the_same_screen_in_pyte() {
    if !has_pyte() {
        return;
    }
    let mut child = Command::new(python())
        .args(["-c", PYTE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = std::io::BufWriter::new(child.stdin.take().unwrap());
    for seed in 100..110 {
        let mut changing = Changing::new(seed);
        let mut painters = painters();
        for _ in 0..STEPS / 10 {
            changing.step();
            let texts = [0, 1].map(|at: usize| String::from_utf8(changing.draw(&mut painters[at])).unwrap());
            let size = (changing.size().width, changing.size().height);
            // A comparison that fails ends the other side; its message is told below.
            writeln!(input, "{}", serde_json::json!({ "size": size, "texts": texts })).ok();
        }
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains(&format!("{STEPS} steps")), "{told}");
}
