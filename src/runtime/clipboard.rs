//! Copies to the person's clipboard, over SSH too.
//!
//! Inside tmux the text goes to tmux, which hands it on to its terminal; elsewhere it goes to the terminal as
//! OSC 52. A terminal does not answer, so the message never claims more than was done.

use std::io;
use std::process::Stdio;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::domain::units;

/// Who copies, as the person wishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clipboard {
    /// tmux inside of tmux, else the terminal; the terminal too where tmux refuses.
    #[default]
    Auto,
    /// tmux alone.
    Tmux,
    /// The terminal, by OSC 52.
    Osc52,
    /// Nobody.
    Off,
}

/// What is told where nobody copies.
pub(super) const IS_OFF: &str = "not copied: --clipboard is off";

/// Longest text, in bytes, that terminals take as OSC 52: about 100 kB once encoded.
pub(super) const OSC_52_MAX: usize = 74_994;

/// The sequence that asks the terminal to copy, and what to tell; or why it cannot be asked.
pub(super) fn osc52(text: &str) -> Result<(String, String), String> {
    if text.len() > OSC_52_MAX {
        let size = units::show_size(text.len() as u64);
        return Err(format!("not copied: {size} is more than a terminal takes (75 kB)"));
    }
    let sequence = format!("\u{1b}]52;c;{}\u{1b}\\", STANDARD.encode(text));
    Ok((sequence, format!("{} sent to the clipboard, if OSC 52 is allowed", characters(text))))
}

/// Gives the text to tmux and tells what happened.
pub(super) async fn tmux(text: &str) -> Result<String, String> {
    let told = format!("{} copied to tmux and, if allowed, the clipboard", characters(text));
    match load_buffer(text).await {
        Ok(true) => Ok(told),
        Ok(false) => Err("not copied: tmux refused the text".to_owned()),
        Err(error) => Err(format!("not copied: tmux cannot be run: {error}")),
    }
}

async fn load_buffer(text: &str) -> io::Result<bool> {
    let mut tmux = Command::new("tmux");
    tmux.args(["load-buffer", "-w", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = tmux.kill_on_drop(true).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes()).await?;
    }
    Ok(child.wait().await?.success())
}

fn characters(text: &str) -> String {
    match text.chars().count() {
        1 => "1 character".to_owned(),
        count => format!("{count} characters"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_one_sequence_with_a_proper_end() {
        let (sequence, told) = osc52("Grüße").unwrap();
        assert_eq!(sequence, "\u{1b}]52;c;R3LDvMOfZQ==\u{1b}\\");
        assert_eq!(told, "5 characters sent to the clipboard, if OSC 52 is allowed");
    }

    #[test]
    fn hostile_text_cannot_leave_the_sequence() {
        let (sequence, _) = osc52("\u{1b}\\\u{7}\u{1b}[2J").unwrap();
        assert_eq!(sequence.matches('\u{1b}').count(), 2);
        assert!(!sequence.contains('\u{7}'));
    }

    #[test]
    fn a_text_too_long_is_refused_and_not_cut() {
        assert!(osc52(&"x".repeat(OSC_52_MAX)).is_ok());
        let why = osc52(&"x".repeat(OSC_52_MAX + 1)).unwrap_err();
        assert!(why.starts_with("not copied: "), "{why}");
    }
}
