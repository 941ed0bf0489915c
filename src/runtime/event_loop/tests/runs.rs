//! Runs: several at once, in the queue, while something else is done.

use super::*;
use crate::domain::Outcome;

fn row(connector: &str, outcome: Outcome) -> (String, Outcome) {
    (connector.to_owned(), outcome)
}

#[tokio::test]
async fn two_runs_stream_and_cancelling_one_leaves_the_other() {
    let (ending, stage) = play(|mut stage: Stage| async move {
        stage.press("r j r").await;
        stage.sees("2 running").await;
        stage.says("alpha", "Once upon").await;
        stage.says("beta", "Good morning").await;
        stage.sees("Good morning").await;
        stage.press("x").await;
        stage.sees("1 running").await;
        stage.says("alpha", " a time").await;
        stage.press("k").await;
        stage.sees("Once upon a time").await;
        stage.ends("alpha");
        stage.sees_no("running").await;
        stage.press("q").await;
        stage
    })
    .await;
    assert!(matches!(ending, Ending::Quit), "{ending:?}");
    assert_eq!(stage.recorded(), [row("beta", Outcome::Cancelled), row("alpha", Outcome::Ok)]);
}

#[tokio::test]
async fn an_examination_is_shown_as_it_goes_and_stops_when_told() {
    let (ending, _) = play(|mut stage: Stage| async move {
        stage.press("D").await;
        stage.sees("the URL is ").await;
        stage.sees("examining").await;
        stage.press("x").await;
        stage.sees("cancelled").await;
        stage.press("r").await;
        stage.sees("examining").await;
        stage.press("q q").await;
        stage.sees("1 examination is alive. Cancel and quit?").await;
        stage.press("y").await;
        stage
    })
    .await;
    assert!(matches!(ending, Ending::Quit), "{ending:?}");
}

#[tokio::test]
async fn a_run_without_a_place_is_shown_as_queued_and_goes_when_one_is_free() {
    let (_, stage) = play(|mut stage: Stage| async move {
        stage.press("r j r j r").await;
        stage.sees("1 queued").await;
        stage.press("k k x").await;
        stage.sees_no("queued").await;
        stage.sees("2 running").await;
        stage.says("gamma", "my turn").await;
        stage.press("G").await;
        stage.sees("my turn").await;
        stage.ends("beta");
        stage.ends("gamma");
        stage.sees_no("running").await;
        stage.press("q").await;
        stage
    })
    .await;
    assert_eq!(stage.recorded().first(), Some(&row("alpha", Outcome::Cancelled)));
    assert_eq!(stage.recorded().len(), 3);
}

#[tokio::test]
async fn a_connector_is_edited_and_saved_while_it_streams() {
    let (_, stage) = play(|mut stage: Stage| async move {
        stage.press("r").await;
        stage.sees("1 running").await;
        stage.press("e").await;
        stage.sees("Organization").await;
        stage.says("alpha", "Once upon").await;
        stage.press("enter").await;
        stage.paste("-renamed").await;
        stage.says("alpha", " a time").await;
        stage.press("enter ctrl-s").await;
        let file = stage.config_file();
        stage.until("saved", |_| std::fs::read_to_string(&file).unwrap().contains("Alpha-renamed")).await;
        stage.sees("saved alpha").await;
        stage.press("esc").await;
        stage.sees("Once upon a time").await;
        stage.ends("alpha");
        stage.sees_no("running").await;
        stage.press("ctrl-c").await;
        stage
    })
    .await;
    let written = std::fs::read_to_string(stage.config_file()).unwrap();
    assert_eq!(written, CONFIG.replace("\"Alpha\"", "\"Alpha-renamed\""));
    assert_eq!(stage.recorded(), [row("alpha", Outcome::Ok)]);
}

#[tokio::test]
async fn a_stream_goes_on_while_the_window_is_dragged_to_any_size() {
    play(|mut stage: Stage| async move {
        stage.press("r").await;
        stage.sees("1 running").await;
        for (width, height) in [(1, 1), (80, 24), (0, 0), (300, 100), (7, 60), (200, 2), (60, 15), (20, 5)] {
            stage.says("alpha", "word ").await;
            stage.resize(width, height).await;
        }
        stage.resize(100, 30).await;
        stage.says("alpha", "the end").await;
        stage.sees("word word word word word word word word the end").await;
        stage.ends("alpha");
        stage.sees_no("running").await;
        stage.press("q").await;
        stage
    })
    .await;
}

#[tokio::test]
async fn a_body_is_written_in_the_editor_while_the_run_streams_on() {
    let editor = r#"f() { printf '{"from": "the editor"}' > "$1"; }; f"#;
    let setup = Setup { editor: editor.to_owned(), ..Setup::new(CONFIG) };
    let (_, stage) = play_with(setup, |mut stage: Stage| async move {
        stage.press("r").await;
        stage.sees("1 running").await;
        stage.says("alpha", "meanwhile").await;
        stage.press("enter o").await;
        stage.sees("\"from\": \"the editor\"").await;
        stage.sees("meanwhile").await;
        stage.press("x").await;
        stage.sees("cancelled").await;
        stage.press("r").await;
        stage.sees("1 running").await;
        stage.ends("alpha");
        stage.sees_no("running").await;
        stage.press("ctrl-c").await;
        stage
    })
    .await;
    let shown = stage.shown();
    assert_eq!((shown.given_away, shown.taken_back), (1, 1));
    assert!(stage.bodies()[1].contains("the editor"), "{:?}", stage.bodies());
}

#[tokio::test]
async fn an_editor_that_fails_changes_nothing_and_says_so() {
    let setup = Setup { editor: "f() { rm -r \"$(dirname \"$1\")\"; return 4; }; f".to_owned(), ..Setup::new(CONFIG) };
    play_with(setup, |mut stage: Stage| async move {
        stage.press("enter o").await;
        stage.sees("ended with code 4").await;
        stage.press("esc").await;
        stage.sees("Hello world").await;
        stage.press("ctrl-c").await;
        stage
    })
    .await;
}

#[tokio::test]
async fn a_reply_is_copied_through_the_terminal_and_the_message_does_not_boast() {
    let (_, stage) = play(|mut stage: Stage| async move {
        stage.press("r enter").await;
        stage.sees("1 running").await;
        stage.says("alpha", "copy me").await;
        stage.sees("copy me").await;
        stage.press("y").await;
        stage.sees("if OSC 52 is allowed").await;
        stage.ends("alpha");
        stage.sees_no("running").await;
        stage.press("ctrl-c").await;
        stage
    })
    .await;
    assert_eq!(stage.shown().control, ["\u{1b}]52;c;Y29weSBtZQ==\u{1b}\\"]);
}
