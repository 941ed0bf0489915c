//! The edit tab as it should look: a connector's fields, and its network keys.

use super::dump::styled;
use super::fixtures::*;
use super::screens::{SIZES, State, check};
use crate::app::Model;
use crate::app::edit::{EditPane, KeyShown};
use crate::app::model::Tab;
use crate::app::overlay::{Overlay, Question};
use crate::domain::{Field, NetworkKey, Provider, SecretText};

pub(super) fn fields(state: State) -> Model {
    match state {
        State::Empty => editing(new_draft(|draft| draft.set_provider(Provider::AzureOpenAi))),
        State::Typical => opened(Field::Url, &[]),
        State::Error => findings(),
        State::Long => long(),
        State::Wide => {
            let texts = [
                (Field::Name, WIDE),
                (Field::DefaultModel, "模型-大-四十"),
                (Field::Notes, WIDE),
                (Field::Headers, "x-team: 検索 👩‍👩‍👧"),
            ];
            let mut model = opened(Field::Name, &texts);
            model.edit.as_mut().unwrap().typing = Some(typed(&WIDE.repeat(3)));
            model
        }
    }
}

pub(super) fn network(state: State) -> Model {
    let cursor = |key| Field::Network(key);
    match state {
        State::Empty => opened(cursor(NetworkKey::ConnectTimeout), &[]),
        State::Typical => sources(),
        State::Error => {
            let texts = [
                (cursor(NetworkKey::ConnectTimeout), "soon"),
                (cursor(NetworkKey::MaxResponseSize), "64 elephants"),
                (cursor(NetworkKey::Proxy), "proxy.corp:3128"),
            ];
            let mut model = opened(cursor(NetworkKey::Proxy), &texts);
            let edit = model.edit.as_mut().unwrap();
            edit.findings = edit.check(&[]).unwrap_err();
            model.edit = model.edit.map(tried);
            model
        }
        State::Long => {
            let hosts: Vec<String> = (0..40).map(|n| format!("host-{n}.a-long-name.corp.example")).collect();
            let files: Vec<String> = (0..9).map(|n| format!("/etc/ssl/a/long/path/to/authority-{n}.pem")).collect();
            let texts = [
                (cursor(NetworkKey::ProxyBypassHosts), hosts.join(", ")),
                (cursor(NetworkKey::ProxyUser), "a-user-with-a-name-longer-than-the-row-".repeat(4)),
                (cursor(NetworkKey::CaFiles), files.join(", ")),
            ];
            let texts: Vec<_> = texts.iter().map(|(field, text)| (*field, text.as_str())).collect();
            opened(cursor(NetworkKey::ProxyBypassHosts), &texts)
        }
        State::Wide => {
            let texts = [
                (cursor(NetworkKey::ProxyUser), WIDE),
                (cursor(NetworkKey::CaFiles), "/etc/証明書/東京👩‍👩‍👧.pem"),
                (cursor(NetworkKey::ClientCert), "/etc/שלום/क्षि/e\u{301}.pem"),
            ];
            opened(cursor(NetworkKey::CaFiles), &texts)
        }
    }
}

fn editing(edit: EditPane) -> Model {
    let mut model = at(model(), Tab::Edit);
    model.edit = Some(edit);
    model
}

/// A saved connector with some fields typed.
fn opened(cursor: Field, texts: &[(Field, &str)]) -> Model {
    let entry = model().config.entry(&id("azure-prod")).unwrap().clone();
    let mut edit = EditPane::open(&entry);
    for (field, text) in texts {
        edit.draft.set(*field, text).unwrap();
    }
    edit.cursor = cursor;
    editing(edit)
}

fn findings() -> Model {
    let edit = new_draft(|draft| {
        draft.name = "Lab gateway".to_owned();
        draft.id = "lab-gateway".to_owned();
        draft.url = "http://{host}:8000/v1".to_owned();
        draft.options.temperature = "7".to_owned();
    });
    let mut model = editing(tried(edit));
    model.edit.as_mut().unwrap().cursor = Field::DefaultModel;
    model
}

/// Texts that no row holds; the URL is being typed.
fn long() -> Model {
    let url =
        format!("https://gateway.example/{}v1/chat/completions?api-version=2024-10-21", "a-long-part/".repeat(20));
    let headers: Vec<String> = (0..12).map(|n| format!("x-header-{n}: {}", "value ".repeat(30).trim())).collect();
    let notes = "A note that a careful person wrote, and that says more than one row can hold. ".repeat(6);
    let headers = headers.join("\n");
    let texts = [(Field::Headers, headers.as_str()), (Field::Notes, &notes), (Field::Name, &notes), (Field::Url, &url)];
    let mut model = opened(Field::Url, &texts);
    model.edit.as_mut().unwrap().typing = Some(typed(&url));
    model
}

/// What the files say about the network, each value with where it stands.
fn sources() -> Model {
    let mut model = at(model(), Tab::Edit);
    super::fixtures::network(&mut model);
    let entry = model.config.entry(&id("azure-prod")).unwrap().clone();
    model.edit = Some(EditPane::open(&entry));
    model.edit.as_mut().unwrap().cursor = Field::Network(NetworkKey::ClientCert);
    model
}

#[test]
fn edit_typing_a_key() {
    let key = "sk-canary-0123456789abcdef";
    let mut edit = new_draft(|draft| {
        draft.set_provider(Provider::OpenAi);
        draft.auth.api_key = SecretText::new(key);
    });
    edit.cursor = Field::ApiKey;
    edit.typing = Some(typed(key));
    let mut model = editing(edit);
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
fn a_key_written_as_a_plain_header_is_masked() {
    let entry = model().config.entry(&id("azure-prod")).unwrap().clone();
    let mut edit = EditPane::open(&entry);
    edit.draft.set_header("x-gw-key", "canary-header");
    let mut model = editing(edit);
    assert!(!styled(&drawn(model.clone(), (120, 40)).0).contains("canary"));
    model.overlay = Some(Overlay::Question(Question::Clash(Some(Box::new(entry.connector)))));
    assert!(!styled(&drawn(model, (120, 40)).0).contains("canary"));
}
