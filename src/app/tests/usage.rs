//! The usage screen: what is asked, which answers count, how it is looked at.

use super::*;
use crate::app::model::Screen;
use crate::app::question::{DashboardFound, DashboardWish, Findings, Question};
use crate::app::usage::{Asking, Chart, Sort, UsagePane};
use crate::domain::calendar::{Bucket, Range};
use crate::domain::{Dashboard, Dimension, ErrorKind, Span, TokenSums, Totals};

fn model() -> Model {
    super::model()
}

fn pane(model: &Model) -> &UsagePane {
    model.ledger.usage.as_ref().unwrap()
}

fn asked(effects: &[Effect]) -> Vec<DashboardWish> {
    let wish = |effect: &Effect| match effect {
        Effect::Ask(question) => match &**question {
            Question::Dashboard(wish) => Some(wish.clone()),
            Question::Events(_) => None,
        },
        Effect::Start(_)
        | Effect::Cancel(_)
        | Effect::Save(_)
        | Effect::Preview(_)
        | Effect::Edit(..)
        | Effect::Copy(_)
        | Effect::Write(_)
        | Effect::Mouse(_)
        | Effect::Picture
        | Effect::Suspend
        | Effect::Redraw
        | Effect::Examine(_)
        | Effect::StopExamination(_)
        | Effect::Quit => None,
    };
    effects.iter().filter_map(wish).collect()
}

fn figures(tokens: &[(&str, u64)]) -> Findings {
    let row = |(name, total): &(&str, u64)| {
        let tokens = TokenSums { total: *total, ..TokenSums::default() };
        ((*name).to_owned(), Totals { tokens, ..Totals::default() })
    };
    let tables = [(Dimension::Connector, tokens.iter().map(row).collect())].into();
    let figures = Dashboard { tables, ..Dashboard::default() };
    let span = Span { from_ms: 0, until_ms: 1 };
    Findings::Dashboard(Box::new(DashboardFound { figures, span, bucket: Bucket::Hour, labels: Vec::new() }))
}

fn answer_with(model: &mut Model, wish: &DashboardWish, found: Result<Findings, Failure>) -> Vec<Effect> {
    update(model, Msg::Answered(Box::new(Question::Dashboard(wish.clone())), found))
}

#[test]
fn one_question_is_asked_at_a_time_and_only_the_newest_answer_counts() {
    let mut model = model();
    let first = asked(&press(&mut model, "U"));
    assert_eq!((first.len(), first[0].connector.clone(), first[0].range.clone()), (1, None, Range::Today));
    assert!(press(&mut model, "3").is_empty(), "one question is on its way");
    assert_eq!(pane(&model).asking, Asking::Again);
    let second = asked(&answer_with(&mut model, &first[0], Ok(figures(&[("old", 1)]))));
    assert_eq!(second[0].range, Range::Days(30));
    assert!(pane(&model).found.is_none(), "an answer to an older question is dropped");
    assert!(answer_with(&mut model, &second[0], Ok(figures(&[("new", 1)]))).is_empty());
    assert_eq!(pane(&model).rows()[0].0, "new");
}

#[test]
fn the_log_is_asked_again_when_it_changed_while_somebody_looks() {
    let mut model = model();
    let wish = asked(&press(&mut model, "U")).remove(0);
    answer_with(&mut model, &wish, Ok(figures(&[])));
    assert_eq!(asked(&update(&mut model, Msg::LogChanged)), std::slice::from_ref(&wish));
    assert!(update(&mut model, Msg::LogChanged).is_empty());
    assert_eq!(asked(&answer_with(&mut model, &wish, Ok(figures(&[])))), std::slice::from_ref(&wish));
    answer_with(&mut model, &wish, Ok(figures(&[])));
    press(&mut model, "esc");
    assert_eq!(model.view.screen, Screen::Panes);
    assert!(update(&mut model, Msg::LogChanged).is_empty());
}

#[test]
fn a_range_or_a_zone_is_typed_and_what_is_neither_stays() {
    let mut model = model();
    let wish = asked(&press(&mut model, "u")).remove(0);
    assert!(wish.connector.is_some());
    answer_with(&mut model, &wish, Ok(figures(&[])));
    let mut typed = |text: &str| {
        press(&mut model, "t");
        update(&mut model, Msg::Paste(text.to_owned()));
        press(&mut model, "enter")
    };
    assert_eq!(asked(&typed("2026-11-01.."))[0].range.to_string(), "2026-11-01..");
    assert!(typed("yesterday").is_empty());
    assert_eq!(pane(&model).typing.as_deref(), Some("yesterday"));
    press(&mut model, "ctrl-u");
    update(&mut model, Msg::Paste("UTC".to_owned()));
    press(&mut model, "enter");
    assert_eq!((pane(&model).wish.zone.as_str(), pane(&model).asking), ("UTC", Asking::Again));
}

#[test]
fn a_refusal_is_kept_beside_the_figures_there_are() {
    let mut model = model();
    let wish = asked(&press(&mut model, "U")).remove(0);
    answer_with(&mut model, &wish, Ok(figures(&[("a", 1)])));
    update(&mut model, Msg::LogChanged);
    answer_with(&mut model, &wish, Err(Failure::new(ErrorKind::Internal, "the disk refused it", "look at the disk")));
    assert_eq!(pane(&model).problem.as_ref().map(|problem| problem.message.as_str()), Some("the disk refused it"));
    assert_eq!(pane(&model).rows().len(), 1);
}

#[test]
fn rows_are_sorted_and_the_selection_stays_among_them() {
    let mut model = model();
    let wish = asked(&press(&mut model, "U")).remove(0);
    answer_with(&mut model, &wish, Ok(figures(&[("a", 1), ("b", 3), ("c", 2)])));
    let names = |model: &Model| pane(model).rows().iter().map(|(name, _)| name.clone()).collect::<String>();
    assert_eq!(names(&model), "bca");
    press(&mut model, "G");
    assert_eq!(pane(&model).look.cursor, 2);
    for _ in 1..Sort::ALL.len() {
        press(&mut model, "s");
    }
    assert_eq!(names(&model), "abc");
    update(&mut model, Msg::LogChanged);
    answer_with(&mut model, &wish, Ok(figures(&[("a", 1)])));
    assert_eq!(pane(&model).look.cursor, 0);
    press(&mut model, "[");
    assert_eq!(pane(&model).look.chart, Chart::Failures);
}
