//! What is around the panes as it should look: the first line, what is wrong with the file, the token panel, the hints.

use super::fixtures::*;
use super::screens::{State, check};
use crate::app::Model;
use crate::app::model::{Notice, Tab, Tone};
use crate::app::overlay::{Overlay, Question};
use crate::app::runs::Runs;
use crate::domain::budget::{Action, Limit, Scope};
use crate::domain::calendar::Bucket;
use crate::domain::{Budget, CostSum, RunEvent, RunId, Spending, Totals, UsageSummary, Usd};

pub(super) fn scene(state: State) -> Model {
    match state {
        State::Empty => idle(),
        State::Typical => {
            let mut model = streaming();
            spend(&mut model, "team", 400_000);
            model
        }
        State::Error => {
            let mut model = at(model(), Tab::Test);
            model.config.problem = Some("config.toml:12:3: unknown key \"defualt_model\"".to_owned());
            model.ledger.panel.problem = Some("event log /proc/nowhere/events.db: permission denied".to_owned());
            tell(model, "the run could not be started: the pool is closed", Tone::Bad)
        }
        State::Long => long(),
        State::Wide => {
            let mut model = streaming();
            model.config.path = format!("~/設定/{WIDE}/config.toml");
            model.ledger.panel.logged.notice = Some(format!("3 runs wait here: {WIDE}"));
            spend(&mut model, "予算-東京", 180_000);
            tell(model, WIDE, Tone::Good)
        }
    }
}

fn tell(mut model: Model, text: &str, tone: Tone) -> Model {
    model.notice = Some(Notice { text: text.to_owned(), tone, until: ms(90_000) });
    model
}

/// Nothing ran, today or ever.
fn idle() -> Model {
    let mut model = at(model(), Tab::Test);
    model.runs = Runs::new(RunId::from_u128(1));
    model.ledger.panel.logged = UsageSummary { per_minute: vec![0; 20], ..UsageSummary::default() };
    model
}

/// Figures, paths and words that no line holds.
fn long() -> Model {
    let mut model = streaming();
    for n in 0..40 {
        let started = RunEvent::Started { queue: ms(0) };
        add_run(&mut model, &format!("run-{n}"), if n % 2 == 0 { std::slice::from_ref(&started) } else { &[] });
    }
    model.config.path = "~/a/path/of/many/parts/which/goes/on/and/on/and/on/switchboard/config.toml".to_owned();
    model.config.problem = Some("config.toml:12:3: a value that nobody can read, told at length; ".repeat(9));
    let logged = &mut model.ledger.panel.logged;
    let today = &mut logged.today;
    today.runs.all = 1_234_567_890;
    today.runs.failed = 987_654_321;
    today.runs.estimated = 4_321;
    today.tokens.prompt = u64::MAX / 3;
    today.tokens.completion = u64::MAX / 5;
    today.tokens.cached = u64::MAX / 7;
    logged.notice = Some("3 runs wait here: the team's event log cannot be reached; ".repeat(5));
    spend(&mut model, "a-budget-with-a-long-name", 1);
    tell(model, &"a notice that goes on and on ".repeat(12), Tone::Info)
}

/// Gives a budget of so many tokens a day, of which today's were spent.
fn spend(model: &mut Model, name: &str, tokens: u64) {
    let today = &mut model.ledger.panel.logged;
    today.today.cost = CostSum { known: Usd::from_nanos(1_840_000_000), priced: 200, unpriced: 2 };
    let (limit, action) = (Limit::Tokens(tokens), Action::Block);
    let budget = Budget { name: name.to_owned(), scope: Scope::All, per: Bucket::Day, limit, action };
    today.budgets = vec![Spending { budget, used: Totals { ..today.today } }];
}

#[test]
fn a_budget_that_is_nearly_spent() {
    let mut model = model();
    spend(&mut model, "team", 200_000);
    check("budget", &model);
    spend(&mut model, "team", 100_000);
    let told = model.ledger.panel.logged.budgets[0].told();
    model.overlay = Some(Overlay::Question(Question::OverBudget(Vec::new(), told)));
    check("budget_spent", &model);
}

#[test]
fn a_teams_log_that_is_away() {
    let mut model = model();
    let notice = "3 runs wait here: the team's event log db.example/usage: error connecting to server: refused";
    model.ledger.panel.logged.notice = Some(notice.to_owned());
    check("team_away", &model);
}
