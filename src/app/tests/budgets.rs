//! A budget that is spent is asked about before a run, where it blocks.

use super::*;
use crate::app::overlay::{Overlay, Question};
use crate::domain::budget::{Action, Limit, Scope};
use crate::domain::calendar::Bucket;
use crate::domain::{Budget, Spending, TokenSums, Totals, UsageSummary};

pub(super) fn with(model: &mut Model, scope: Scope, action: Action, used: u64) {
    let budget = Budget { name: "b".to_owned(), scope, per: Bucket::Day, limit: Limit::Tokens(100), action };
    let used = Totals { tokens: TokenSums { total: used, ..TokenSums::default() }, ..Totals::default() };
    let figures = UsageSummary { budgets: vec![Spending { budget, used }], ..UsageSummary::default() };
    update(model, Msg::Usage(Ok(figures)));
}

fn starts(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Start(_))).count()
}

#[test]
fn a_spent_budget_that_blocks_asks_and_runs_only_after_a_yes() {
    let mut model = model();
    with(&mut model, Scope::All, Action::Block, 100);
    assert_eq!(starts(&press(&mut model, "r")), 0);
    let Some(Overlay::Question(Question::OverBudget(_, told))) = &model.overlay else { panic!("a question") };
    assert!(told.contains("100 of 100 tokens"), "{told}");
    assert_eq!(starts(&press(&mut model, "n")), 0);
    assert_eq!(model.runs.alive(), 0);
    press(&mut model, "r");
    assert_eq!(starts(&press(&mut model, "y")), 1);
}

#[test]
fn other_budgets_do_not_hold_a_run_up() {
    for (scope, action, used) in [
        (Scope::All, Action::Warn, 1000),
        (Scope::All, Action::Block, 99),
        (Scope::Connector("somebody-else".to_owned()), Action::Block, 1000),
        (Scope::Model("another".to_owned()), Action::Block, 1000),
    ] {
        let mut model = model();
        with(&mut model, scope.clone(), action, used);
        assert_eq!(starts(&press(&mut model, "r")), 1, "{scope:?} {action:?}");
    }
    let mut model = model();
    with(&mut model, Scope::Model("tiny".to_owned()), Action::Block, 1000);
    assert_eq!(starts(&press(&mut model, "r")), 0);
}

#[test]
fn a_budget_that_comes_near_its_end_is_told_once() {
    let mut model = model();
    let told = |model: &mut Model, used| {
        model.notice = None;
        with(model, Scope::All, Action::Warn, used);
        model.notice.as_ref().map(|notice| notice.text.clone())
    };
    assert_eq!(told(&mut model, 79), None);
    assert!(told(&mut model, 80).is_some_and(|text| text.contains("80 of 100 tokens")));
    assert_eq!(told(&mut model, 90), None);
    assert!(told(&mut model, 101).is_some_and(|text| text.contains("101 of 100")));
    assert_eq!(told(&mut model, 150), None);
}
