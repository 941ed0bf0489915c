//! The default keys.

use super::{Action, Binding, Chord, Context, Doctor, Edit, Events, Global, List, Move, Prompt, Test, Usage, Watch};

/// Every row, in the order of the help.
pub(super) fn defaults() -> Vec<Binding> {
    [
        global(),
        list(),
        filter(),
        edit(),
        field(),
        test(),
        body(),
        doctor(),
        watch(),
        usage(),
        range(),
        events(),
        search(),
        event(),
        page(),
        palette(),
        question(),
    ]
    .concat()
}

/// Keys are written as in `[keys]`, separated by spaces.
fn row(context: Context, name: &'static str, keys: &str, action: Action, label: &'static str) -> Binding {
    let chords = keys.split(' ').filter_map(|key| key.parse::<Chord>().ok()).collect();
    Binding { context, action, name, label, chords }
}

fn global() -> Vec<Binding> {
    let row = |name, keys, action, label| row(Context::Global, name, keys, Action::Global(action), label);
    vec![
        row("help", "? f1", Global::Help, "help"),
        row("palette", ":", Global::Palette, "commands"),
        row("usage", "u", Global::Usage, "usage"),
        row("usage-of-all", "U", Global::UsageOfAll, "usage of all"),
        row("events", "E", Global::Events, "events"),
        row("watch", "w", Global::Watch, "watch"),
        row("next-pane", "tab", Global::NextPane, "next pane"),
        row("previous-pane", "shift-tab", Global::PreviousPane, "previous pane"),
        row("back", "q", Global::Back, "back, quit"),
        row("before", "minus", Global::Before, "where you were before"),
        row("plain", "Y", Global::Plain, "plain, to select by hand"),
        row("mouse", "M", Global::Mouse, "mouse on/off"),
        row("cancel-or-quit", "ctrl-c", Global::CancelOrQuit, "cancel the run, else quit"),
        row("picture", "f12", Global::Picture, "picture of the screen into a file"),
        row("redraw", "ctrl-l", Global::Redraw, "draw again"),
        row("suspend", "ctrl-z", Global::Suspend, "suspend; fg resumes"),
    ]
}

/// `ctrl-c` works while something is typed, too.
fn cancel_or_quit(context: Context, name: &'static str) -> Binding {
    row(context, name, "ctrl-c", Action::Global(Global::CancelOrQuit), "cancel the run, else quit")
}

fn moves(context: Context, names: [&'static str; 6]) -> Vec<Binding> {
    let [down, up, page_down, page_up, first, last] = names;
    let row = |name, keys, action, label| row(context, name, keys, Action::Move(action), label);
    vec![
        row(down, "j down", Move::Down, "down"),
        row(up, "k up", Move::Up, "up"),
        row(page_down, "pgdn ctrl-f", Move::PageDown, "page down"),
        row(page_up, "pgup ctrl-b", Move::PageUp, "page up"),
        row(first, "g home", Move::First, "first"),
        row(last, "G end", Move::Last, "last"),
    ]
}

fn list() -> Vec<Binding> {
    let row = |name, keys, action, label| row(Context::List, name, keys, Action::List(action), label);
    let mut rows = vec![
        row("list.test", "enter", List::Test, "test"),
        row("list.edit", "e", List::Edit, "edit"),
        row("list.new", "n", List::New, "new"),
        row("list.run", "r", List::Run, "run"),
        row("list.doctor", "D", List::Doctor, "doctor"),
        row("list.cancel", "x", List::Cancel, "cancel"),
        row("list.delete", "d", List::Delete, "delete"),
        row("list.duplicate", "c", List::Duplicate, "duplicate"),
        row("list.mark", "space", List::Mark, "mark"),
        row("list.filter", "/", List::Filter, "filter"),
        row("list.clear", "esc", List::Clear, "clear filter, marks"),
        row("list.undo", "Z", List::Undo, "undo delete"),
        row("list.mark-all", "*", List::MarkAll, "mark all"),
    ];
    rows.extend(moves(
        Context::List,
        ["list.down", "list.up", "list.page-down", "list.page-up", "list.first", "list.last"],
    ));
    rows
}

fn filter() -> Vec<Binding> {
    let prompt = |name, keys, action, label| row(Context::Filter, name, keys, Action::Prompt(action), label);
    let step = |name, keys, action, label| row(Context::Filter, name, keys, Action::Move(action), label);
    vec![
        prompt("filter.accept", "enter", Prompt::Accept, "keep"),
        prompt("filter.dismiss", "esc", Prompt::Dismiss, "clear"),
        step("filter.down", "down ctrl-n", Move::Down, "down"),
        step("filter.up", "up ctrl-p", Move::Up, "up"),
        cancel_or_quit(Context::Filter, "filter.cancel-or-quit"),
    ]
}

fn edit() -> Vec<Binding> {
    let row = |name, keys, action, label| row(Context::Edit, name, keys, Action::Edit(action), label);
    let mut rows = vec![
        row("edit.open", "enter i space", Edit::Open, "change"),
        row("edit.save", "ctrl-s", Edit::Save, "save"),
        row("edit.test", "ctrl-t", Edit::TestDraft, "test the draft"),
        row("edit.leave", "esc", Edit::Leave, "leave"),
        row("edit.reveal", "ctrl-o", Edit::RevealKey, "show the typed key"),
    ];
    rows.extend(moves(
        Context::Edit,
        ["edit.down", "edit.up", "edit.page-down", "edit.page-up", "edit.first", "edit.last"],
    ));
    rows
}

fn field() -> Vec<Binding> {
    let prompt = |name, keys, action, label| row(Context::Field, name, keys, Action::Prompt(action), label);
    let edit = |name, keys, action, label| row(Context::Field, name, keys, Action::Edit(action), label);
    vec![
        prompt("field.accept", "enter", Prompt::Accept, "keep"),
        prompt("field.dismiss", "esc", Prompt::Dismiss, "drop"),
        edit("field.save", "ctrl-s", Edit::Save, "save"),
        edit("field.test", "ctrl-t", Edit::TestDraft, "test the draft"),
        row(Context::Field, "field.next", "tab", Action::Move(Move::Down), "next field"),
        row(Context::Field, "field.previous", "shift-tab", Action::Move(Move::Up), "previous field"),
        cancel_or_quit(Context::Field, "field.cancel-or-quit"),
    ]
}

fn test() -> Vec<Binding> {
    let row = |name, keys, action, label| row(Context::Test, name, keys, Action::Test(action), label);
    let mut rows = vec![
        row("test.run", "r ctrl-r", Test::Run, "run"),
        self::row(Context::Test, "test.save-draft", "ctrl-s", Action::Edit(Edit::Save), "save the draft"),
        row("test.cancel", "x", Test::Cancel, "cancel"),
        row("test.edit-body", "i", Test::EditBody, "edit body"),
        row("test.next-tab", "] right l", Test::NextTab, "next tab"),
        row("test.previous-tab", "[ left h", Test::PreviousTab, "previous tab"),
        row("test.preview", "p", Test::Preview, "what is sent"),
        row("test.copy", "y", Test::Copy, "copy"),
        row("test.doctor", "D", Test::Doctor, "doctor"),
        row("test.find", "/", Test::Find, "find"),
        row("test.find-next", "n", Test::FindNext, "next place"),
        row("test.find-previous", "N", Test::FindPrevious, "previous place"),
        row("test.zoom", "z", Test::Zoom, "zoom"),
        row("test.open-editor", "o", Test::OpenEditor, "$EDITOR"),
        row("test.toggle-stream", "s", Test::ToggleStream, "stream on/off"),
        row("test.save-reply", "S", Test::SaveReply, "save to a file"),
        row("test.reset-body", "R", Test::ResetBody, "first body again"),
    ];
    rows.push(self::row(Context::Test, "test.back", "esc", Action::Global(Global::Back), "back"));
    rows.extend(moves(
        Context::Test,
        ["test.down", "test.up", "test.page-down", "test.page-up", "test.first", "test.follow"],
    ));
    rows
}

fn body() -> Vec<Binding> {
    vec![
        row(Context::Body, "body.leave", "esc", Action::Prompt(Prompt::Dismiss), "leave"),
        row(Context::Body, "body.run", "ctrl-r", Action::Test(Test::Run), "run"),
        cancel_or_quit(Context::Body, "body.cancel-or-quit"),
    ]
}

fn doctor() -> Vec<Binding> {
    let row = |name, keys, action, label| row(Context::Doctor, name, keys, Action::Doctor(action), label);
    let mut rows = vec![
        row("doctor.run", "r D", Doctor::Run, "examine"),
        row("doctor.cancel", "x", Doctor::Cancel, "cancel"),
        row("doctor.read", "enter", Doctor::Read, "whole report"),
        row("doctor.copy", "y", Doctor::Copy, "copy report"),
        row("doctor.test", "t", Doctor::Test, "test"),
    ];
    rows.push(self::row(Context::Doctor, "doctor.back", "esc", Action::Global(Global::Back), "back"));
    rows.extend(moves(
        Context::Doctor,
        ["doctor.down", "doctor.up", "doctor.page-down", "doctor.page-up", "doctor.first", "doctor.last"],
    ));
    rows
}

fn watch() -> Vec<Binding> {
    let row = |name, keys, action, label| row(Context::Watch, name, keys, Action::Watch(action), label);
    let mut rows = vec![
        row("watch.report", "enter", Watch::Report, "what was found"),
        row("watch.probe", "r", Watch::Probe, "probe now"),
        row("watch.every", "e", Watch::Every, "how often"),
        row("watch.calls", "c", Watch::Calls, "calls on/off"),
        row("watch.pause", "p space", Watch::Pause, "pause"),
        row("watch.doctor", "D", Watch::Doctor, "doctor"),
        row("watch.test", "t", Watch::Test, "test"),
        row("watch.copy", "y", Watch::Copy, "copy report"),
    ];
    rows.push(self::row(Context::Watch, "watch.back", "esc", Action::Global(Global::Back), "back"));
    rows.extend(moves(
        Context::Watch,
        ["watch.down", "watch.up", "watch.page-down", "watch.page-up", "watch.first", "watch.last"],
    ));
    rows
}

fn usage() -> Vec<Binding> {
    let row = |name, keys, action, label| row(Context::Usage, name, keys, Action::Usage(action), label);
    let mut rows = vec![
        row("usage.today", "1", Usage::Today, "today"),
        row("usage.7-days", "2", Usage::Week, "7d"),
        row("usage.30-days", "3", Usage::Month, "30d"),
        row("usage.90-days", "4", Usage::Quarter, "90d"),
        row("usage.all", "5", Usage::All, "all"),
        row("usage.type", "t /", Usage::Type, "range or zone"),
        row("usage.next-chart", "] right l", Usage::NextChart, "next chart"),
        row("usage.table", "v", Usage::Table, "by"),
        row("usage.sort", "s", Usage::Sort, "sort"),
        row("usage.events", "enter", Usage::Events, "its runs"),
        row("usage.bucket", "b", Usage::Bucket, "bucket"),
        row("usage.zone", "z", Usage::Zone, "UTC"),
        row("usage.previous-chart", "[ left h", Usage::PreviousChart, "previous chart"),
    ];
    rows.push(self::row(Context::Usage, "usage.back", "esc", Action::Global(Global::Back), "back"));
    rows.extend(moves(
        Context::Usage,
        ["usage.down", "usage.up", "usage.page-down", "usage.page-up", "usage.first", "usage.last"],
    ));
    rows
}

fn range() -> Vec<Binding> {
    let prompt = |name, keys, action, label| row(Context::Range, name, keys, Action::Prompt(action), label);
    vec![
        prompt("range.accept", "enter", Prompt::Accept, "ask for it"),
        prompt("range.dismiss", "esc", Prompt::Dismiss, "drop"),
        cancel_or_quit(Context::Range, "range.cancel-or-quit"),
    ]
}

fn events() -> Vec<Binding> {
    let row = |name, keys, action, label| row(Context::Events, name, keys, Action::Events(action), label);
    let mut rows = vec![
        row("events.open", "enter", Events::Open, "details"),
        row("events.filter", "/", Events::Filter, "filter"),
        row("events.follow", "f", Events::Follow, "follow"),
        row("events.copy", "y", Events::Copy, "copy"),
        row("events.test", "t", Events::Test, "test"),
        row("events.clear", "esc", Events::Clear, "clear filter, back"),
    ];
    rows.extend(moves(
        Context::Events,
        ["events.down", "events.up", "events.page-down", "events.page-up", "events.newest", "events.oldest"],
    ));
    rows
}

fn search() -> Vec<Binding> {
    let prompt = |name, keys, action, label| row(Context::Search, name, keys, Action::Prompt(action), label);
    vec![
        prompt("search.accept", "enter", Prompt::Accept, "take it"),
        prompt("search.dismiss", "esc", Prompt::Dismiss, "drop"),
        cancel_or_quit(Context::Search, "search.cancel-or-quit"),
    ]
}

fn event() -> Vec<Binding> {
    let row = |name, keys, action, label| row(Context::Event, name, keys, Action::Events(action), label);
    let mut rows = vec![
        row("event.next", "n right l", Events::Next, "next"),
        row("event.previous", "p left h", Events::Previous, "previous"),
        row("event.copy", "y", Events::Copy, "copy"),
        row("event.test", "t enter", Events::Test, "test its connector"),
        row("event.close", "esc", Events::Clear, "back to the list"),
    ];
    rows.extend(moves(
        Context::Event,
        ["event.down", "event.up", "event.page-down", "event.page-up", "event.first", "event.last"],
    ));
    rows
}

fn page() -> Vec<Binding> {
    let mut rows = vec![
        row(Context::Page, "page.close", "esc q enter", Action::Prompt(Prompt::Dismiss), "close"),
        row(Context::Page, "page.copy", "y", Action::Test(Test::Copy), "copy"),
    ];
    rows.extend(moves(
        Context::Page,
        ["page.down", "page.up", "page.page-down", "page.page-up", "page.first", "page.last"],
    ));
    rows
}

fn palette() -> Vec<Binding> {
    let prompt = |name, keys, action, label| row(Context::Palette, name, keys, Action::Prompt(action), label);
    let step = |name, keys, action, label| row(Context::Palette, name, keys, Action::Move(action), label);
    vec![
        prompt("palette.accept", "enter", Prompt::Accept, "do it"),
        prompt("palette.complete", "tab", Prompt::Complete, "complete"),
        prompt("palette.dismiss", "esc", Prompt::Dismiss, "close"),
        step("palette.down", "down ctrl-n", Move::Down, "down"),
        step("palette.up", "up ctrl-p shift-tab", Move::Up, "up"),
        cancel_or_quit(Context::Palette, "palette.cancel-or-quit"),
    ]
}

fn question() -> Vec<Binding> {
    let prompt = |name, keys, action, label| row(Context::Question, name, keys, Action::Prompt(action), label);
    vec![
        prompt("question.yes", "y enter", Prompt::Accept, "yes"),
        prompt("question.no", "n esc q", Prompt::Dismiss, "no"),
        prompt("question.other", "o", Prompt::Other, "other"),
        cancel_or_quit(Context::Question, "question.cancel-or-quit"),
    ]
}
