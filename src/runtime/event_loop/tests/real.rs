//! The loop over the real path: requests to the sandbox, rows in the event log.

use tokio_util::sync::CancellationToken;

use super::*;
use crate::domain::Totals;
use crate::sandbox::{self, Options};
use crate::store::Reader;

async fn with_sandbox<F: Future<Output = Stage>>(model: &str, test: impl FnOnce(Stage) -> F) -> Totals {
    let options = Options { first_token: Duration::ZERO, tokens_per_second: 0.0, ..Options::default() };
    let sandbox = sandbox::bind(options).await.unwrap();
    let config = format!(
        "[connectors.box]\nname = \"Box\"\nprovider = \"other\"\nurl = \"{}\"\ndefault_model = \"{model}\"\napi_key = \"env:KEY\"\n",
        sandbox.base_url()
    );
    let watch = sandbox.watch();
    let stop = CancellationToken::new();
    let play = Box::pin(async {
        let (ending, stage) = play_for_real(&config, test).await;
        let all_over = |counts: &sandbox::Counts| counts.started == counts.finished + counts.abandoned;
        let counts = watch.until(all_over, Duration::from_secs(20)).await;
        stop.cancel();
        (ending, stage, counts)
    });
    let (served, (ending, stage, counts)) = tokio::join!(sandbox.serve(stop.clone()), play);
    served.unwrap();
    assert!(matches!(ending, Ending::Quit), "{ending:?}");
    assert!(counts.is_ok(), "a request outlived the loop: {counts:?}");
    Reader::open(&stage.event_log()).unwrap().total(crate::domain::Span { from_ms: 0, until_ms: i64::MAX / 2 }).unwrap()
}

#[tokio::test]
async fn a_finished_run_counts_in_the_token_panel() {
    let totals = with_sandbox("normal", |mut stage: Stage| async move {
        stage.sees("0 runs").await;
        stage.press("r").await;
        stage.sees("1 run ").await;
        stage.press("q").await;
        stage
    })
    .await;
    assert_eq!((totals.runs.all, totals.runs.failed, totals.runs.cancelled), (1, 0, 0));
    assert!(totals.tokens.total > 0);
}

#[tokio::test]
async fn quitting_while_a_run_streams_closes_its_socket_and_drains_the_log() {
    let totals = with_sandbox("stall", |mut stage: Stage| async move {
        stage.press("r").await;
        stage.sees("streaming").await;
        stage.press("q").await;
        stage.sees("Cancel and quit?").await;
        stage.press("y").await;
        stage
    })
    .await;
    assert_eq!((totals.runs.all, totals.runs.cancelled), (1, 1));
}

#[tokio::test]
async fn a_preview_shows_the_reference_and_not_the_key() {
    let totals = with_sandbox("normal", |mut stage: Stage| async move {
        stage.press("enter p").await;
        stage.sees("POST http://127.0.0.1").await;
        stage.sees("env:KEY").await;
        assert!(!stage.shown().text.contains(crate::sandbox::KEY));
        stage.press("esc ctrl-c").await;
        stage
    })
    .await;
    assert_eq!(totals.runs.all, 0);
}
