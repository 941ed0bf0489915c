//! What people do with the screen.

use super::*;

#[tokio::test]
async fn dump() {
    let (ending, stage) = play(stage::CONFIG, |mut stage: Stage| async move {
        stage.sees("Connectors 3").await;
        println!("{}", stage.shown().text);
        stage.press("r").await;
        stage.until("x", |shown| shown.frames > 3).await;
        println!("{}", stage.shown().text);
        stage.says("alpha", "Once upon").await;
        stage.sees("Once upon").await;
        println!("{}", stage.shown().text);
        stage.press("ctrl-c").await;
        stage.press("ctrl-c").await;
        stage
    })
    .await;
    println!("{ending:?} {}", stage.shown().text);
}
