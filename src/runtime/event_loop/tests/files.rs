//! The configuration file and the event log behind the screen.

use std::fs;

use super::*;

const DELTA: &str = "\n[connectors.delta]\nname = \"D\"\nprovider = \"other\"\nurl = \"http://127.0.0.1:9/v1\"\ndefault_model = \"m\"\n";

#[tokio::test]
async fn a_change_of_the_file_from_outside_is_noticed() {
    play(|mut stage: Stage| async move {
        stage.sees("Connectors 3").await;
        fs::write(stage.config_file(), format!("{CONFIG}{DELTA}")).unwrap();
        stage.sees("Connectors 4").await;
        stage.sees("delta").await;
        stage.press("q").await;
        stage
    })
    .await;
}

#[tokio::test]
async fn a_file_broken_from_outside_keeps_the_last_good_state_until_it_is_mended() {
    play(|mut stage: Stage| async move {
        stage.sees("Connectors 3").await;
        fs::write(stage.config_file(), format!("{CONFIG}{DELTA}\n[conectors.x]\n")).unwrap();
        stage.sees("cannot be used").await;
        assert!(stage.shown().text.contains("Connectors 3"));
        fs::write(stage.config_file(), format!("{CONFIG}{DELTA}")).unwrap();
        stage.sees("Connectors 4").await;
        stage.press("q").await;
        stage
    })
    .await;
}

#[tokio::test]
async fn a_file_broken_from_the_start_still_opens_the_screen() {
    play_with(Setup::new("[connectors.alpha\n"), |mut stage: Stage| async move {
        stage.sees("config.toml:1").await;
        fs::write(stage.config_file(), CONFIG).unwrap();
        stage.sees("Connectors 3").await;
        stage.press("q").await;
        stage
    })
    .await;
}

#[tokio::test]
async fn a_higher_limit_in_the_file_lets_the_queue_go() {
    play(|mut stage: Stage| async move {
        stage.press("r j r j r").await;
        stage.sees("1 queued").await;
        fs::write(stage.config_file(), CONFIG.replace("max_running = 2", "max_running = 3")).unwrap();
        stage.sees("3 running").await;
        stage.press("q y").await;
        stage
    })
    .await;
}

#[tokio::test]
async fn keys_of_the_file_hold_and_change_with_it() {
    play(|mut stage: Stage| async move {
        stage.sees("r run").await;
        fs::write(stage.config_file(), format!("[keys]\n\"list.run\" = [\"R\"]\n{CONFIG}")).unwrap();
        stage.sees("R run").await;
        fs::write(stage.config_file(), format!("[keys]\n\"list.rnu\" = [\"R\"]\n{CONFIG}")).unwrap();
        stage.sees("did you mean").await;
        stage.press("q").await;
        stage
    })
    .await;
}

#[tokio::test]
async fn the_screen_works_without_an_event_log_and_says_why_there_is_none() {
    let setup = Setup { log: Log::Blocked, ..Setup::new(CONFIG) };
    play_with(setup, |mut stage: Stage| async move {
        stage.sees("event log").await;
        stage.press("r").await;
        stage.sees("1 running").await;
        stage.says("alpha", "all the same").await;
        stage.sees("all the same").await;
        stage.ends("alpha");
        stage.sees_no("running").await;
        stage.press("q").await;
        stage
    })
    .await;
}

#[tokio::test]
async fn a_screen_on_which_nothing_happens_is_not_drawn() {
    play(|mut stage: Stage| async move {
        stage.sees("0 runs").await;
        let before = stage.shown().frames;
        // Noticed by the look after this one: about a second in which nothing else happens.
        fs::write(stage.config_file(), format!("{CONFIG}{DELTA}")).unwrap();
        stage.sees("Connectors 4").await;
        let drawn = stage.shown().frames - before;
        assert!(drawn <= SETTLE, "{drawn} frames for one change");
        stage.press("q").await;
        stage
    })
    .await;
}
