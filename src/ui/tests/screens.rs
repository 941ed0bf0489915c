//! Screens as they should look. A change to one is read before it is taken.

use super::dump::{plain, styled};
use super::fixtures::*;
use super::ledger::{typical_usage, usage};
use crate::app::edit::{EditPane, KeyShown};
use crate::app::list::FilterState;
use crate::app::model::{Focus, Notice, Tab, Tone, Zoom};
use crate::app::overlay::{Command, Import, Naming, Overlay, Page, Palette, PaletteItem, Plain, Question, Works};
use crate::app::question::DashboardFound;
use crate::app::test::{Follow, ResponseTab};
use crate::app::usage::Chart;
use crate::app::{Model, Msg, update};
use crate::config::keymap::{self, Context, Test};
use crate::domain::budget::{Action, Limit, Scope};
use crate::domain::calendar::Bucket;
use crate::domain::{
    AttemptReport, Budget, CostSum, Dashboard, ErrorKind, Failure, Field, NetworkKey, Provider, RunEvent, SecretText,
    Spending, Usd,
};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (60, 15)];

/// Screens with texts that are no ASCII themselves.
const FOREIGN: [&str; 4] = ["cjk", "cjk_list", "hostile", "usage_wide"];

fn check(name: &str, model: &Model) {
    for size in SIZES {
        let mut ascii = model.clone();
        ascii.look.theme = theme(&[("borders", "ascii")]);
        let ascii = plain(&drawn(ascii, size).0);
        assert!(ascii.is_ascii() || FOREIGN.contains(&name) || ascii.contains("Reykjav"), "{name}: {ascii}");
        let (buffer, _) = drawn(model.clone(), size);
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), styled(&buffer));
    }
}

#[test]
fn list() {
    let mut model = model();
    model.list.marks = [id("openai-prod"), id("vllm-lab")].into();
    check("list", &model);
}

#[test]
fn list_without_connectors() {
    check("empty", &empty());
}

#[test]
fn list_filtered() {
    let mut model = model();
    model.list.filter.text = "openai !batch".to_owned();
    model.list.filter.state = FilterState::Typing;
    check("filtered", &model);
}

#[test]
fn broken_configuration() {
    let mut model = model();
    model.config.problem =
        Some("config.toml:12:3: unknown key \"defualt_model\"; did you mean \"default_model\"?".to_owned());
    model.notice = Some(Notice { text: "the file cannot be read".to_owned(), tone: Tone::Bad, until: ms(90_000) });
    check("broken", &model);
}

#[test]
fn test_before_a_run() {
    check("before", &at(model(), Tab::Test));
}

#[test]
fn test_streaming() {
    check("streaming", &streaming());
}

#[test]
fn test_done() {
    check("done", &done(STORY));
}

#[test]
fn test_failed() {
    let mut model = at(model(), Tab::Test);
    model.list.selected = Some(id("gw-internal"));
    check("failed", &model);
}

#[test]
fn test_retrying() {
    let mut model = at(model(), Tab::Test);
    let failure = Failure::new(ErrorKind::RateLimit, "too many requests: 60 a minute", "wait, or ask for more");
    let report = AttemptReport { number: 1, of: 3, failure, wait: ms(2_000) };
    add_run(&mut model, "azure-prod", &[RunEvent::Started { queue: ms(0) }, RunEvent::Retry(report)]);
    check("retrying", &model);
}

#[test]
fn test_cut_in_the_middle() {
    let mut model = at(model(), Tab::Test);
    let failure = Failure::new(ErrorKind::StreamCut, "the stream ended before it was finished", "run again");
    let mut events = streaming_events();
    events.push(RunEvent::Note("one event was not readable and was left out".to_owned()));
    events.push(RunEvent::Ended(Box::new(end(crate::domain::Outcome::Error, Some(failure)))));
    add_run(&mut model, "azure-prod", &events);
    check("cut", &model);
}

#[test]
fn test_paused_in_a_long_reply() {
    let lines: Vec<String> = (1..400).map(|n| format!("Line {n} of a long reply, told without end.")).collect();
    let text = lines.join("\n") + "\n";
    let mut model = done(&text);
    pane(&mut model).scroll.follow = Follow::Paused;
    pane(&mut model).scroll.top = 120;
    check("paused", &model);
    let mut model = model;
    model.view.zoom = Zoom::Response;
    check("zoomed", &model);
}

#[test]
fn test_events() {
    check("events", &tab(done(STORY), ResponseTab::Events));
}

#[test]
fn test_headers() {
    check("headers", &tab(done(STORY), ResponseTab::Headers));
}

#[test]
fn test_timing() {
    check("timing", &tab(done(STORY), ResponseTab::Timing));
}

#[test]
fn test_tools() {
    let mut model = at(model(), Tab::Test);
    add_run(&mut model, "azure-prod", &tool_events());
    check("tools", &tab(model, ResponseTab::Tools));
}

#[test]
fn test_typing_a_body_that_is_no_json() {
    check("body", &typing_body(at(model(), Tab::Test), "{\n  \"messages\": [\n    { \"role\": \"user\", }\n  ]\n}"));
}

#[test]
fn test_in_cjk_and_emoji() {
    let text = "東京の灯台守は毎晩、海に手紙を書いていた。\n👩‍👩‍👧 가족이 등대에 왔다 🎉🎉 e\u{301}te\u{301}\n".repeat(12);
    let mut model = done(&text);
    for entry in &mut model.config.config.entries {
        entry.connector.name = "生産環境の接続 🚀".to_owned();
    }
    check("cjk", &model);
    model.view.focus = crate::app::model::Focus::List;
    check("cjk_list", &model);
}

#[test]
fn test_with_hostile_text() {
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}desrever\u{2066}\u{feff}\r\u{9b}31m";
    let mut model = done(&format!("before {evil} after\n{evil}"));
    model.config.problem = Some(evil.to_owned());
    model.notice = Some(Notice { text: evil.to_owned(), tone: Tone::Info, until: ms(90_000) });
    for entry in &mut model.config.config.entries {
        entry.connector.name = evil.to_owned();
        entry.connector.default_model = Some(evil.to_owned());
    }
    let model = typing_body(model, &format!("{{\"a\": \"{evil}\"}}"));
    check("hostile", &model);
}

#[test]
fn edit_saved() {
    let mut model = at(model(), Tab::Edit);
    let entry = model.config.entry(&id("azure-prod")).unwrap().clone();
    model.edit = Some(EditPane::open(&entry));
    model.edit.as_mut().unwrap().cursor = Field::Url;
    check("edit", &model);
}

#[test]
fn edit_network_with_its_sources() {
    let mut model = at(model(), Tab::Edit);
    network(&mut model);
    let entry = model.config.entry(&id("azure-prod")).unwrap().clone();
    model.edit = Some(EditPane::open(&entry));
    model.edit.as_mut().unwrap().cursor = Field::Network(NetworkKey::ClientCert);
    check("edit_network", &model);
}

#[test]
fn a_weak_mode_shows_in_the_list() {
    let mut model = model();
    network(&mut model);
    for size in SIZES {
        model.view.focus = Focus::List;
        let text = styled(&drawn(model.clone(), size).0);
        assert!(text.contains("!none"), "{text}");
    }
}

#[test]
fn edit_new_with_findings() {
    let mut model = at(model(), Tab::Edit);
    let edit = new_draft(|draft| {
        draft.name = "Lab gateway".to_owned();
        draft.id = "lab-gateway".to_owned();
        draft.url = "http://{host}:8000/v1".to_owned();
        draft.options.temperature = "7".to_owned();
    });
    model.edit = Some(tried(edit));
    model.edit.as_mut().unwrap().cursor = Field::DefaultModel;
    check("edit_findings", &model);
}

#[test]
fn edit_new_untouched() {
    let mut model = at(model(), Tab::Edit);
    model.edit = Some(new_draft(|draft| draft.set_provider(Provider::AzureOpenAi)));
    check("edit_new", &model);
}

#[test]
fn edit_typing_a_key() {
    let mut model = at(model(), Tab::Edit);
    let key = "sk-canary-0123456789abcdef";
    let mut edit = new_draft(|draft| {
        draft.set_provider(Provider::OpenAi);
        draft.auth.api_key = SecretText::new(key);
    });
    edit.cursor = Field::ApiKey;
    edit.typing = Some(typed(key));
    model.edit = Some(edit);
    for size in SIZES {
        let text = styled(&drawn(model.clone(), size).0);
        assert!(!text.contains("canary"), "{text}");
    }
    check("edit_key", &model);
    let edit = model.edit.as_mut().unwrap();
    edit.typing = None;
    assert!(!styled(&drawn(model.clone(), (80, 24)).0).contains("canary"));
    model.edit.as_mut().unwrap().state.key = KeyShown::Plain;
    assert!(styled(&drawn(model, (80, 24)).0).contains("canary"));
}

#[test]
fn edit_of_a_preconfigured_connector() {
    let mut model = at(model(), Tab::Edit);
    model.list.selected = Some(id("team-default"));
    let entry = model.config.entry(&id("team-default")).unwrap().clone();
    model.edit = Some(EditPane::open(&entry));
    check("read_only", &model);
}

#[test]
fn help() {
    let mut model = at(model(), Tab::Test);
    update(&mut model, Msg::Key("?".parse().unwrap()));
    assert!(matches!(model.overlay, Some(Overlay::Help(_))));
    check("help", &model);
}

#[test]
fn palette() {
    let mut model = streaming();
    let item = |name: &str, label: &str, key: &str| PaletteItem {
        name: name.to_owned(),
        label: label.to_owned(),
        key: key.to_owned(),
        command: Command::Act(keymap::Action::Test(Test::Run)),
        works: if name == "test.reset-body" { Works::In(Context::Test) } else { Works::Here },
    };
    let matches = vec![
        item("test.run", "run", "r"),
        item("test.reset-body", "first body again", "R"),
        item("go a-rather-long-identifier-of-36-chars", "open its test", ""),
    ];
    model.overlay =
        Some(Overlay::Palette(Palette { text: "te r".to_owned(), selected: 1, matches, from: Some(Context::Test) }));
    check("palette", &model);
}

#[test]
fn a_key_written_as_a_plain_header_is_masked() {
    let mut model = at(model(), Tab::Edit);
    let entry = model.config.entry(&id("azure-prod")).unwrap().clone();
    let mut edit = EditPane::open(&entry);
    edit.draft.set_header("x-gw-key", "canary-header");
    model.edit = Some(edit);
    assert!(!styled(&drawn(model.clone(), (120, 40)).0).contains("canary"));
    model.overlay = Some(Overlay::Question(Question::Clash(Some(Box::new(entry.connector)))));
    assert!(!styled(&drawn(model, (120, 40)).0).contains("canary"));
}

#[test]
fn question() {
    let mut model = model();
    model.overlay = Some(Overlay::Question(Question::Delete(vec![id("azure-prod")])));
    check("question", &model);
}

#[test]
fn question_about_a_clash() {
    let mut model = at(model(), Tab::Edit);
    let entry = model.config.entry(&id("azure-prod")).unwrap().clone();
    let mut edit = EditPane::open(&entry);
    edit.draft.url = "https://acme.openai.azure.com/openai/v1".to_owned();
    edit.draft.auth.api_key = SecretText::new("canary-key");
    model.edit = Some(edit);
    model.overlay = Some(Overlay::Question(Question::Clash(Some(Box::new(entry.connector)))));
    assert!(!styled(&drawn(model.clone(), (80, 24)).0).contains("canary"));
    check("clash", &model);
}

#[test]
fn preview() {
    let mut model = at(model(), Tab::Test);
    let lines = [
        &format!("POST {AZURE}"),
        "api-key: ••••",
        "content-type: application/json",
        "accept-encoding: identity",
        "",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello world\"}],\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
    ];
    let lines = lines.map(str::to_owned).to_vec();
    model.overlay = Some(Overlay::Preview(Page { title: "What would be sent".to_owned(), lines, top: 0 }));
    check("preview", &model);
}

#[test]
fn question_about_many() {
    let mut model = model();
    let ids: Vec<_> = model.config.config.entries.iter().map(|entry| entry.connector.id.clone()).collect();
    model.overlay = Some(Overlay::Question(Question::Delete(ids)));
    check("question_many", &model);
}

#[test]
fn question_about_a_pasted_command() {
    let pasted = "curl https://gw.test/v1/chat/completions -k -u a:b -H 'Authorization: Bearer canary-key' \
        -H 'x-team: search' -d '{\"model\":\"m\"}'";
    let curl = crate::domain::curl::read(pasted).unwrap();
    let mut draft = curl.draft();
    draft.id = "gw-test".to_owned();
    let import = Import { draft, body: curl.body, left_out: curl.left_out };
    let mut model = model();
    model.overlay = Some(Overlay::Question(Question::Paste(Box::new(import))));
    assert!(!styled(&drawn(model.clone(), (120, 40)).0).contains("canary"));
    check("question_paste", &model);
}

#[test]
fn the_name_of_a_file() {
    let mut model = done(STORY);
    let naming = Naming { name: "azure-prod-answer.txt".to_owned(), text: STORY.into() };
    model.overlay = Some(Overlay::Name(naming));
    check("name", &model);
}

#[test]
fn a_reply_without_borders() {
    let mut model = done(STORY);
    let mut plain = Plain::default();
    plain.flow.push(STORY);
    model.overlay = Some(Overlay::Plain(plain));
    for size in SIZES {
        update(&mut model, Msg::Resize(size.0, size.1));
        let (buffer, _) = drawn(model.clone(), size);
        insta::assert_snapshot!(format!("plainly_{}x{}", size.0, size.1), styled(&buffer));
    }
}

#[test]
fn found_in_a_reply() {
    let mut model = done(STORY);
    for size in SIZES {
        let (_, facts) = drawn(model.clone(), size);
        update(&mut model, Msg::Drawn(facts));
        for key in ["/", "e", "v", "e", "r"] {
            update(&mut model, Msg::Key(key.parse().unwrap()));
        }
        let (buffer, _) = drawn(model.clone(), size);
        insta::assert_snapshot!(format!("find_{}x{}", size.0, size.1), styled(&buffer));
        update(&mut model, Msg::Key("enter".parse().unwrap()));
    }
    let model = tab(model, ResponseTab::Events);
    let (buffer, _) = drawn(model, (80, 24));
    insta::assert_snapshot!("find_events_80x24", styled(&buffer));
}

#[test]
fn the_mouse_is_on() {
    let mut model = model();
    update(&mut model, Msg::Key("M".parse().unwrap()));
    check("mouse", &model);
}

#[test]
fn usage_of_all() {
    check("usage", &usage(typical_usage(), None));
}

#[test]
fn usage_over_time() {
    let mut model = usage(typical_usage(), None);
    for chart in [Chart::Cost, Chart::FirstToken, Chart::Failures] {
        if let Some(pane) = &mut model.ledger.usage {
            pane.look.chart = chart;
        }
        check(&format!("usage_{}", chart.title().to_lowercase().replace(' ', "_")), &model);
    }
}

#[test]
fn costs_that_nobody_knows_are_no_columns_of_nothing() {
    let mut found = typical_usage();
    found.figures.total.cost = CostSum { known: Usd::default(), priced: 0, unpriced: 214 };
    for point in &mut found.figures.series {
        point.totals.cost = CostSum { known: Usd::default(), priced: 0, unpriced: point.totals.runs.all };
    }
    let mut model = usage(found, None);
    if let Some(pane) = &mut model.ledger.usage {
        pane.look.chart = Chart::Cost;
    }
    check("usage_cost_unknown", &model);
}

#[test]
fn usage_of_a_connector_that_never_ran() {
    let found = DashboardFound { figures: Dashboard::default(), labels: Vec::new(), ..typical_usage() };
    check("usage_empty", &usage(found, Some("vllm-lab")));
}

#[test]
fn usage_that_cannot_be_read() {
    let mut model = usage(typical_usage(), Some("azure-prod"));
    if let Some(pane) = &mut model.ledger.usage {
        let message = "event log /var/lib/ops/events.db: it is damaged (database disk image is malformed)";
        let hint = "start switchboard: it sets the damaged file aside";
        pane.problem = Some(Failure::new(ErrorKind::Internal, message, hint));
        pane.typing = Some("2026-11-0".to_owned());
    }
    check("usage_error", &model);
}

#[test]
fn usage_with_wide_names_and_huge_figures() {
    let mut found = typical_usage();
    for rows in found.figures.tables.values_mut() {
        for (name, totals) in rows {
            *name = format!("東京👩‍👩‍👧‍👦-{name}-{}", "x".repeat(60));
            totals.tokens.total = u64::MAX;
        }
    }
    found.figures.total.tokens.prompt = u64::MAX;
    check("usage_wide", &usage(found, None));
}

#[test]
fn a_budget_that_is_nearly_spent() {
    let mut model = model();
    let today = &mut model.ledger.panel.logged;
    today.today.cost = CostSum { known: Usd::from_nanos(1_840_000_000), priced: 200, unpriced: 2 };
    let budget = Budget {
        name: "team".to_owned(),
        scope: Scope::All,
        per: Bucket::Day,
        limit: Limit::Tokens(200_000),
        action: Action::Block,
    };
    today.budgets = vec![Spending { budget, used: today.today }];
    check("budget", &model);
    if let Some(spending) = model.ledger.panel.logged.budgets.first_mut() {
        spending.budget.limit = Limit::Tokens(100_000);
    }
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
