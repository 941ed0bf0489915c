//! `cmd:`: a shell command whose output is the secret. It runs in a process group of its own, which is ended
//! as a whole when the time limit passes or nobody waits any more.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::time;

use super::{Bytes, Problem, file, too_large, too_slow};
use crate::domain::SecretText;
use crate::domain::text::Mask;

pub(super) async fn run(command: &str, limit: Duration) -> Result<Bytes, Problem> {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    let ended = output_of(shell, limit).await.map_err(|problem| match problem {
        NotRun::NotFound => Problem::new("the shell did not start: there is no sh", ""),
        NotRun::Other(problem) => problem,
    })?;
    if ended.status.success() { Ok(ended.output) } else { Err(unsuccessful(&ended)) }
}

/// A program that ended.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) output: Bytes,
    errors: Vec<u8>,
}

/// Why a program did not come to its end.
pub(super) enum NotRun {
    /// There is no such program.
    NotFound,
    /// Anything else.
    Other(Problem),
}

impl From<Problem> for NotRun {
    fn from(problem: Problem) -> Self {
        Self::Other(problem)
    }
}

/// Runs a program to its end, within a limit.
pub(super) async fn output_of(mut command: Command, limit: Duration) -> Result<Ended, NotRun> {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn();
    let child = child.map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            return NotRun::NotFound;
        }
        NotRun::Other(Problem::new(format!("the command did not start: {error}"), ""))
    })?;
    let mut group = Group { child, ended: false };
    let done = time::timeout(limit, group.output()).await;
    Ok(done.map_err(|_elapsed| too_slow("the command did not end", limit))??)
}

/// A running command with everything it started.
struct Group {
    child: Child,
    ended: bool,
}

impl Group {
    async fn output(&mut self) -> Result<Ended, Problem> {
        let failed = |error: std::io::Error| Problem::new(format!("the command's output is lost: {error}"), "");
        let (Some(stdout), Some(stderr)) = (self.child.stdout.take(), self.child.stderr.take()) else {
            return Err(Problem::new("the command has no output", ""));
        };
        let (errors, output) = tokio::try_join!(tail(stderr), read_output(stdout))?;
        let status = self.child.wait().await.map_err(failed)?;
        self.ended = true;
        Ok(Ended { status, output, errors })
    }
}

impl Drop for Group {
    /// The group is named by its leader, which is not waited for yet, so the number is still its own.
    fn drop(&mut self) {
        let Some(leader) = self.child.id().filter(|_| !self.ended) else { return };
        let kill = format!("kill -KILL -- -{leader}");
        let killer = std::process::Command::new("sh")
            .args(["-c", &kill])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        // Without it the leader alone is ended, by `kill_on_drop`.
        killer.ok();
    }
}

/// Too much output ends the command: nobody reads the rest.
async fn read_output(stdout: impl AsyncRead + Unpin) -> Result<Bytes, Problem> {
    let bytes = file::read_all(stdout).await;
    let bytes = bytes.map_err(|error| Problem::new(format!("the command's output is lost: {error}"), ""))?;
    if bytes.len() > super::SIZE_MAX { Err(too_large()) } else { Ok(bytes) }
}

/// The end of a stream of any length.
async fn tail(mut stream: impl AsyncRead + Unpin) -> Result<Vec<u8>, Problem> {
    const KEPT: usize = 4096;
    let (mut kept, mut piece) = (Vec::new(), [0; KEPT]);
    // What cannot be read is not told; the exit status is.
    while let Ok(read @ 1..) = stream.read(&mut piece).await {
        kept.extend_from_slice(piece.get(..read).unwrap_or_default());
        kept.drain(..kept.len().saturating_sub(KEPT));
    }
    Ok(kept)
}

impl Ended {
    /// The last line of what it complained. A command may repeat the secret there, so that is masked.
    pub(super) fn complaint(&self) -> String {
        let printed = String::from_utf8_lossy(&self.output);
        let mask = Mask::new(printed.split_whitespace().map(SecretText::new));
        let errors = String::from_utf8_lossy(&self.errors);
        let last = errors.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
        mask.apply(last).into_owned()
    }
}

fn unsuccessful(ended: &Ended) -> Problem {
    let status = match ended.status.code() {
        Some(code) => format!("the command ended with status {code}"),
        None => "the command was ended by a signal".to_owned(),
    };
    let complaint = ended.complaint();
    let message = if complaint.is_empty() { status } else { format!("{status}: {complaint}") };
    Problem::new(message, "try it in a shell; it must print the key and nothing else")
}
