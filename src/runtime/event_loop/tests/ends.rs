//! The ways the loop ends.

use super::*;
use crate::domain::Outcome;

fn cancelled() -> Vec<(String, Outcome)> {
    vec![("alpha".to_owned(), Outcome::Cancelled)]
}

async fn streaming(mut stage: Stage) -> Stage {
    stage.press("r").await;
    stage.sees("1 running").await;
    stage.says("alpha", "Once upon").await;
    stage.sees("Once upon").await;
    stage
}

#[tokio::test]
async fn quitting_while_a_run_streams_asks_and_then_records_it() {
    let (ending, stage) = play(|stage: Stage| async move {
        let mut stage = streaming(stage).await;
        stage.press("q").await;
        stage.sees("Cancel and quit?").await;
        stage.press("n").await;
        stage.sees_no("Cancel and quit?").await;
        stage.says("alpha", " a time").await;
        stage.sees("Once upon a time").await;
        stage.press("q y").await;
        stage
    })
    .await;
    assert!(matches!(ending, Ending::Quit), "{ending:?}");
    assert_eq!(stage.recorded(), cancelled());
}

#[tokio::test]
async fn a_signal_ends_the_loop_without_a_question_and_loses_no_run() {
    let (ending, stage) = play(|stage: Stage| async move {
        let stage = streaming(stage).await;
        stage.hear(Heard::Signal(Signal::Terminate)).await;
        stage
    })
    .await;
    assert!(matches!(ending, Ending::Signal(Signal::Terminate)), "{ending:?}");
    assert_eq!(stage.recorded(), cancelled());
}

#[tokio::test]
async fn a_terminal_that_is_gone_ends_the_loop_and_loses_no_run() {
    let (ending, stage) = play(|stage: Stage| async move {
        let stage = streaming(stage).await;
        stage.hear(Heard::Gone(io::ErrorKind::UnexpectedEof.into())).await;
        stage
    })
    .await;
    assert!(matches!(ending, Ending::Lost(_)), "{ending:?}");
    assert_eq!(stage.recorded(), cancelled());
}

#[tokio::test]
async fn ctrl_c_cancels_the_run_first_and_quits_when_none_is_left() {
    let (ending, stage) = play(|stage: Stage| async move {
        let mut stage = streaming(stage).await;
        stage.press("ctrl-c").await;
        stage.sees("cancelled").await;
        stage.press("ctrl-c").await;
        stage
    })
    .await;
    assert!(matches!(ending, Ending::Quit), "{ending:?}");
    assert_eq!(stage.recorded(), cancelled());
}
