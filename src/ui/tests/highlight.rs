//! JSON and code in colour, and that colours alone differ.

use super::dump::{plain, styled};
use super::fixtures::*;
use crate::app::Model;
use crate::app::model::Tab;
use crate::app::overlay::{Overlay, Page};
use crate::app::test::{Follow, ResponseTab};
use crate::config::theme::{JsonPart, Role};

const ANSWER: &str = "## How to ask\n\n1. Put the key into the environment.\n- Then send *this*, which is a sentence long enough \
    to be wrapped in a narrow pane and goes on:\n\n```json\n{\"model\": \"gpt\", \"n\": 1, \"stream\": true, \"stop\": null, \
    \"messages\": [{\"role\": \"user\", \"content\": \"a long question that goes over the row's end, is it not so?\"}]}\n```\n\n\
    ```sh\ncurl -s $URL # \"no JSON\"\n```\n> quoted\n\nDone.";

fn answered(text: &str) -> Model {
    let mut model = at(model(), Tab::Test);
    add_run(&mut model, "azure-prod", &done_events(text));
    model
}

fn check(name: &str, model: &Model) {
    for size in [(80, 24), (120, 40)] {
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), styled(&drawn(model.clone(), size).0));
    }
}

#[test]
fn code_lists_and_json_of_an_answer() {
    check("answer", &answered(ANSWER));
}

#[test]
fn an_answer_that_is_json() {
    check(
        "json_answer",
        &answered("{\n  \"city\": \"Reykjavík 東京\",\n  \"degrees\": [-1.5, 20],\n  \"rain\": false\n}"),
    );
}

#[test]
fn json_of_bodies_events_tools_and_previews() {
    check(
        "body",
        &typing_body(at(model(), Tab::Test), "{\n  \"n\": 1,\n  \"東京\": [true, \"x\"],\n  \"open\": \"string\n}"),
    );
    let mut tools = at(model(), Tab::Test);
    add_run(&mut tools, "azure-prod", &tool_events());
    check("tools", &tab(tools, ResponseTab::Tools));
    let lines = vec![
        format!("POST {AZURE}"),
        "api-key: ••••".to_owned(),
        String::new(),
        ANSWER.split('\n').nth(6).unwrap().repeat(9),
    ];
    let mut preview = answered("");
    preview.overlay = Some(Overlay::Preview(Page { title: "What would be sent".to_owned(), lines, top: 3 }));
    check("preview", &preview);
}

/// Where the view begins changes nothing about what a row looks like.
#[test]
fn a_row_looks_the_same_wherever_the_view_begins() {
    let size = (80, 14);
    let key = model().look.theme.ink(Role::Json(JsonPart::Key)).color;
    assert!(key.is_some());
    let whole = drawn(answered(ANSWER), (80, 60)).0;
    let rows_of = |buffer: &ratatui::buffer::Buffer| -> Vec<Vec<ratatui::buffer::Cell>> {
        buffer.content.chunks(80).map(<[_]>::to_vec).collect()
    };
    let all = rows_of(&whole);
    for top in 0..12 {
        let mut model = answered(ANSWER);
        let pane = pane(&mut model);
        (pane.scroll.follow, pane.scroll.top) = (Follow::Paused, top);
        model.view.zoom = crate::app::model::Zoom::Response;
        let shown = drawn(model, size).0;
        for row in rows_of(&shown).iter().skip(4).take(size.1 as usize - 7) {
            assert!(
                all.contains(row),
                "from row {top}: {:?}",
                row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>()
            );
        }
    }
}

#[test]
fn a_stream_is_never_reflowed_by_its_colours() {
    let ends: Vec<usize> = ANSWER.char_indices().map(|(at, _)| at).collect();
    let mut whole = answered(ANSWER);
    whole.look.theme = theme(&[("colors", "none")]);
    let last = plain(&drawn(whole, (80, 40)).0);
    for end in ends.into_iter().step_by(7) {
        let text = plain(&drawn(answered(ANSWER.get(..end).unwrap()), (80, 40)).0);
        let answer = |text: &str| -> Vec<String> { text.lines().skip(11).take(20).map(str::to_owned).collect() };
        let (now, then) = (answer(&text), answer(&last));
        let settled = now.iter().position(|row| row.trim_matches(['│', ' ']).is_empty()).unwrap_or(0).saturating_sub(1);
        assert_eq!(now[..settled], then[..settled], "after {end} bytes");
    }
}
