//! A private home for each test, and the programs a test runs in it.

pub(crate) mod pki;
pub(crate) mod wire;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A home of its own: nothing of the person's configuration, state or environment reaches a test.
pub(crate) struct Home {
    place: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { place: tempfile::tempdir().expect("a temporary directory"), variables: Vec::new() }
    }

    /// A home whose file has this text.
    pub(crate) fn with(config: &str) -> Self {
        let home = Self::new();
        home.write(config);
        home
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.place.path()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path().join("config.toml")
    }

    pub(crate) fn write(&self, text: &str) {
        std::fs::write(self.config(), text).expect("the configuration is written");
    }

    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(self.config()).expect("the configuration is read")
    }

    /// The vault, opened by its identity.
    pub(crate) fn vault(&self) -> switchboard::secrets::Vault {
        switchboard::secrets::Vault::new(&self.path().join("state/vault.age"), None)
    }

    /// The program with these arguments, in this home.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.args(args).env_clear().current_dir(self.path()).stdin(Stdio::null());
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        command
    }

    /// The variables the program sees.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let mut variables = vec![
            ("HOME".to_owned(), self.path().display().to_string()),
            ("PATH".to_owned(), std::env::var("PATH").unwrap_or_default()),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
            ("TERM".to_owned(), "xterm-256color".to_owned()),
            ("SWITCHBOARD_CONFIG".to_owned(), self.config().display().to_string()),
            ("SWITCHBOARD_SYSTEM_CONFIG".to_owned(), String::new()),
            ("SWITCHBOARD_STATE".to_owned(), self.path().join("state").display().to_string()),
        ];
        variables.extend(self.variables.iter().cloned());
        variables
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::from(self.command(args).output().expect("the program starts"))
    }

    /// Runs the program with a text on its standard input.
    pub(crate) fn run_with_stdin(&self, args: &[&str], input: &str) -> Ran {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // One that refuses before it reads closes the pipe.
        match child.stdin.take().expect("a pipe").write_all(input.as_bytes()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
            written => written.expect("the program reads"),
        }
        Ran::from(child.wait_with_output().expect("the program ends"))
    }
}

/// What a program that ended left.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            err: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }
}

impl Ran {
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }
}

/// The sandbox as a program of its own, ended with the test.
pub(crate) struct Sandbox {
    child: Child,
    pub(crate) base: String,
}

impl Sandbox {
    pub(crate) fn start(home: &Home, args: &[&str]) -> Self {
        let mut words = vec!["sandbox", "--first-token-ms", "5"];
        words.extend(args);
        if !args.contains(&"--tokens-per-second") {
            words.extend(["--tokens-per-second", "2000"]);
        }
        let mut child =
            home.command(&words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the sandbox starts");
        let mut base = String::new();
        BufReader::new(child.stdout.take().expect("a pipe"))
            .read_line(&mut base)
            .expect("the sandbox says where it is");
        Self { child, base: base.trim().to_owned() }
    }

    /// The base URL without `/v1`.
    pub(crate) fn origin(&self) -> &str {
        self.base.trim_end_matches("/v1")
    }

    /// A connector of provider `other` for a model.
    pub(crate) fn connector(&self, id: &str, model: &str) -> String {
        format!(
            "[connectors.{id}]\nname = \"{id}\"\nprovider = \"other\"\nurl = \"{}\"\ndefault_model = \"{model}\"\napi_key = \"env:SANDBOX_KEY\"\n\n",
            self.base
        )
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
