//! A terminal in memory with the binary in it: keys in, a screen out, and how the terminal was left.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtyPair, PtySize, native_pty_system};

/// A test that waits longer has failed. Generous: the machine may be building something else.
const DEADLINE: Duration = Duration::from_mins(1);

/// A home of its own, with a configuration.
pub(crate) struct Home {
    directory: tempfile::TempDir,
}

impl Home {
    /// A home whose configuration says this.
    pub(crate) fn new(config: &str) -> Self {
        let home = Self { directory: tempfile::tempdir().unwrap() };
        std::fs::write(home.config(), config).unwrap();
        std::fs::create_dir(home.temporary()).unwrap();
        home
    }

    /// Where temporary files go.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.path().join("tmp")
    }

    /// Names of the temporary files that are there now.
    pub(crate) fn temporaries(&self) -> Vec<PathBuf> {
        self.temporary().read_dir().unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// The configuration file.
    pub(crate) fn config(&self) -> PathBuf {
        self.path().join("config.toml")
    }

    /// The event log.
    pub(crate) fn log(&self) -> PathBuf {
        self.path().join("state/events.db")
    }

    /// What the configuration file says now.
    pub(crate) fn config_text(&self) -> String {
        std::fs::read_to_string(self.config()).unwrap()
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn env(&self) -> Vec<(&'static str, String)> {
        let home = self.path().display().to_string();
        vec![
            ("HOME", home.clone()),
            ("TMPDIR", format!("{home}/tmp")),
            ("PATH", std::env::var("PATH").unwrap()),
            ("TERM", "xterm-256color".into()),
            ("LANG", "C.UTF-8".into()),
            ("SWITCHBOARD_STATE", format!("{home}/state")),
            ("SWITCHBOARD_SYSTEM_CONFIG", String::new()),
            ("SANDBOX_KEY", switchboard::sandbox::KEY.into()),
        ]
    }

    /// The binary as a plain command in this home.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.arg("--config").arg(self.config()).env_clear().envs(self.env());
        command
    }
}

/// The binary in a terminal.
pub(crate) struct Pty {
    pair: PtyPair,
    keys: Box<dyn Write + Send>,
    seen: Arc<Seen>,
    ended: Receiver<u32>,
    pid: u32,
}

struct Seen {
    parser: Mutex<vt100::Parser>,
    changed: Condvar,
    /// Everything that was sent to the terminal.
    sent: Mutex<Vec<u8>>,
}

impl Pty {
    /// Starts the screen over a home's configuration.
    pub(crate) fn start(home: &Home, size: (u16, u16)) -> Self {
        Self::start_with(home, size, &[])
    }

    /// The same with more variables.
    pub(crate) fn start_with(home: &Home, size: (u16, u16), more: &[(&str, &str)]) -> Self {
        let config = home.config().display().to_string();
        Self::spawn(home, size, &["--config", &config], more)
    }

    /// Starts the demo.
    pub(crate) fn demo(home: &Home, size: (u16, u16)) -> Self {
        Self::spawn(home, size, &["demo"], &[])
    }

    /// Starts it with these arguments.
    pub(crate) fn run(home: &Home, size: (u16, u16), args: &[&str], more: &[(&str, &str)]) -> Self {
        Self::spawn(home, size, args, more)
    }

    /// Starts a command.
    pub(crate) fn command(home: &Home, args: &[&str], more: &[(&str, &str)]) -> Self {
        let config = home.config().display().to_string();
        Self::spawn(home, (80, 24), &[&["--config", &config], args].concat(), more)
    }

    fn spawn(home: &Home, size: (u16, u16), args: &[&str], more: &[(&str, &str)]) -> Self {
        Self::spawn_program(home, size, (env!("CARGO_BIN_EXE_switchboard"), args), more)
    }

    /// Starts any program in this home.
    pub(crate) fn spawn_program(
        home: &Home,
        (columns, rows): (u16, u16),
        (program, args): (&str, &[&str]),
        more: &[(&str, &str)],
    ) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        for (name, value) in home.env() {
            command.env(name, value);
        }
        for (name, value) in more {
            command.env(name, value);
        }
        command.cwd(home.path());
        let mut child = pair.slave.spawn_command(command).unwrap();
        let pid = child.process_id().unwrap();
        let (told, ended) = mpsc::channel();
        thread::spawn(move || told.send(child.wait().unwrap().exit_code()));
        let parser = Mutex::new(vt100::Parser::new(nonzero(rows), nonzero(columns), 0));
        let seen = Arc::new(Seen { parser, changed: Condvar::new(), sent: Mutex::default() });
        read(pair.master.try_clone_reader().unwrap(), Arc::clone(&seen));
        let keys = pair.master.take_writer().unwrap();
        Self { pair, keys, seen, ended, pid }
    }

    /// Sends bytes as the keyboard does.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Gives the window another size.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.parser().screen_mut().set_size(nonzero(rows), nonzero(columns));
        self.pair.master.resize(size(columns, rows)).unwrap();
    }

    /// Waits until the screen shows this.
    pub(crate) fn sees(&self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    /// Waits until the screen does not show this any more.
    pub(crate) fn sees_no(&self, text: &str) {
        self.until(text, |screen| !screen.contents().contains(text));
    }

    /// Waits until the screen is so.
    pub(crate) fn until(&self, what: &str, is: impl Fn(&vt100::Screen) -> bool) {
        let end = Instant::now() + DEADLINE;
        let mut parser = self.parser();
        while !is(parser.screen()) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited for {what:?}; the screen:\n{}", parser.screen().contents());
            parser = self.seen.changed.wait_timeout(parser, left).unwrap().0;
        }
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.pid.to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end and tells the exit code.
    pub(crate) fn ends(&self) -> u32 {
        let ended = self.ended.recv_timeout(DEADLINE);
        ended.unwrap_or_else(|_| panic!("it did not end; the screen:\n{}", self.parser().screen().contents()))
    }

    /// Asserts that the terminal is as a shell wants it.
    pub(crate) fn is_restored(&self) {
        self.until("the ordinary screen", |screen| !screen.alternate_screen());
        self.until("a cursor", |screen| !screen.hide_cursor());
        self.until("plain pastes", |screen| !screen.bracketed_paste());
        self.until("no mouse", |screen| screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None);
        assert!(self.is_cooked(), "the terminal is still raw");
    }

    /// Whether the terminal edits lines itself.
    pub(crate) fn is_cooked(&self) -> bool {
        let modes = self.pair.master.get_termios().unwrap().local_flags;
        let modes = format!("{modes:?}");
        ["ICANON", "ECHO", "ISIG"].iter().all(|mode| modes.contains(mode))
    }

    /// What was sent to the terminal from this byte on, as text.
    pub(crate) fn sent_from(&self, start: usize) -> String {
        String::from_utf8_lossy(&self.seen.sent.lock().unwrap()[start..]).into_owned()
    }

    /// Bytes that were sent to the terminal.
    pub(crate) fn sent(&self) -> usize {
        self.seen.sent.lock().unwrap().len()
    }

    /// True when nothing is sent for so long.
    pub(crate) fn is_quiet_for(&self, span: Duration) -> bool {
        let before = self.sent();
        let parser = self.parser();
        let (_parser, waited) = self.seen.changed.wait_timeout_while(parser, span, |_| self.sent() == before).unwrap();
        waited.timed_out()
    }

    /// The most memory that the program held so far, in bytes, as the system counts it.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Processor time of the program so far, all its threads together.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap();
        // After the name in parentheses: user and system time are the 12th and 13th, in hundredths of a second.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let hundredths = |at: usize| fields[at].parse::<u64>().unwrap();
        Duration::from_millis(10 * (hundredths(11) + hundredths(12)))
    }

    /// What the screen shows now.
    pub(crate) fn contents(&self) -> String {
        self.parser().screen().contents()
    }

    fn parser(&self) -> MutexGuard<'_, vt100::Parser> {
        self.seen.parser.lock().unwrap()
    }
}

fn read(mut output: Box<dyn Read + Send>, seen: Arc<Seen>) {
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = output.read(&mut bytes) {
            seen.sent.lock().unwrap().extend_from_slice(&bytes[..count]);
            seen.parser.lock().unwrap().process(&bytes[..count]);
            seen.changed.notify_all();
        }
    });
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn nonzero(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}
