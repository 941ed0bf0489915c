//! What holds at every size: nothing panics, nothing hostile and no half character reaches a cell.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::fixtures::*;
use crate::app::edit::EditPane;
use crate::app::model::{Focus, Tab, Zoom};
use crate::app::overlay::{Naming, Overlay, Page, Palette, Plain, Question};
use crate::app::test::ResponseTab;
use crate::app::{Model, Msg, update};
use crate::domain::text::is_unsafe;

fn models() -> Vec<Model> {
    let wide = "東京👩‍👩‍👧e\u{301}\u{1b}[31m\u{202e}".repeat(30);
    let mut done = at(model(), Tab::Test);
    add_run(&mut done, "azure-prod", &done_events(&wide));
    let mut zoomed = done.clone();
    zoomed.view.zoom = Zoom::Response;
    let mut edit = at(model(), Tab::Edit);
    edit.edit = Some(EditPane::open(&edit.config.entry(&id("azure-prod")).unwrap().clone()));
    let mut typing = edit.clone();
    typing.edit.as_mut().unwrap().typing = Some(typed(&wide));
    let mut failed = at(model(), Tab::Test);
    failed.list.selected = Some(id("gw-internal"));
    failed.config.problem = Some(wide.clone());
    failed.ledger.panel.problem = Some(wide.clone());
    let over = |overlay| Model { overlay: Some(overlay), ..done.clone() };
    let page = Page { title: wide.clone(), lines: vec![wide.clone(); 40], top: 7 };
    let mut plain = Plain::default();
    plain.flow.push(&wide);
    plain.flow.set_width(80);
    let mut finding = done.clone();
    for key in ["/", "都", "e"] {
        update(&mut finding, Msg::Key(key.parse().unwrap()));
    }
    let mut tabs: Vec<Model> = ResponseTab::ALL.into_iter().map(|which| tab(done.clone(), which)).collect();
    tabs.extend(vec![
        empty(),
        at(empty(), Tab::Edit),
        at(empty(), Tab::Test),
        model(),
        zoomed,
        edit,
        typing,
        failed,
        typing_body(done.clone(), &wide),
        over(Overlay::Help(page)),
        over(Overlay::Palette(Palette { text: wide.clone(), ..Palette::default() })),
        over(Overlay::Question(Question::Delete(vec![id("azure-prod"); 30]))),
        over(Overlay::Question(Question::Clash(None))),
        over(Overlay::Name(Naming { name: wide.clone(), text: wide.clone().into() })),
        over(Overlay::Plain(plain)),
        finding,
        super::watch::watched(3),
    ]);
    tabs
}

fn holds(buffer: &Buffer) {
    for (at, cell) in buffer.content.iter().enumerate() {
        assert!(!cell.symbol().contains(is_unsafe), "{:?}", cell.symbol());
        let column = at % usize::from(buffer.area.width);
        let fits = column + cell.symbol().width().max(1) <= usize::from(buffer.area.width);
        assert!(fits, "{:?} at {column} reaches beyond the screen", cell.symbol());
    }
}

#[test]
fn every_small_size_is_drawn() {
    let models = models();
    for width in 1..=24 {
        for height in 1..=12 {
            for model in &models {
                let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
                crate::ui::draw(model, &mut buffer);
                holds(&buffer);
            }
        }
    }
}

#[test]
fn a_screen_of_nothing_is_drawn() {
    for area in [Rect::new(0, 0, 0, 0), Rect::new(0, 0, 80, 0), Rect::new(0, 0, 0, 24)] {
        for model in models() {
            crate::ui::draw(&model, &mut Buffer::empty(area));
        }
    }
}

#[test]
fn the_size_of_the_response_is_the_same_in_and_out_of_focus() {
    let inside = at(model(), Tab::Test);
    let mut outside = inside.clone();
    outside.view.focus = Focus::List;
    for size in [(80, 24), (120, 40), (60, 15)] {
        let response = |model: &Model| drawn(model.clone(), size).1.response;
        assert_eq!(response(&inside), response(&outside), "{size:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_size_is_drawn(width in 0u16..=200, height in 0u16..=80, which in 0usize..23) {
        let models = models();
        let model = models[which % models.len()].clone();
        let (buffer, _) = drawn(model, (width, height));
        if width > 0 {
            holds(&buffer);
        }
    }
}
