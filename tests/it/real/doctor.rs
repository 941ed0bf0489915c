//! What the doctor makes of programs that stand between: nginx that keeps a stream back, squid that answers itself.

use serde_json::Value;

use super::certificates::Certificates;
use super::programs::{self, Site, Squid};
use crate::support::{Home, Sandbox};

fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a temporary directory");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(place.path(), open).expect("the directory is opened");
    place
}

fn home(url: &str, policy: &str) -> Home {
    Home::with(&format!(
        "[connectors.x]\nname = \"x\"\nprovider = \"other\"\nurl = \"{url}\"\ndefault_model = \"sandbox-model\"\n\
        api_key = \"env:SANDBOX_KEY\"\n[connectors.x.network]\n{policy}"
    ))
    .set("SANDBOX_KEY", "sandbox-key")
}

fn stage<'a>(document: &'a Value, name: &str) -> &'a Value {
    let stages = document["stages"].as_array().expect("stages");
    stages.iter().find(|stage| stage["stage"] == name).expect("a known stage")
}

#[test]
fn a_server_that_keeps_a_stream_back_is_told_from_one_that_does_not() {
    let place = place();
    let certificates = Certificates::issue(place.path());
    let sandbox = Sandbox::start(&Home::new(), &["--tokens-per-second", "60"]);
    let Some(nginx) = programs::nginx(place.path(), sandbox.origin(), &certificates) else { return };
    let examined = |site| home(&nginx.base(site), "proxy = \"none\"\n").run(&["doctor", "x", "--json"]).json();
    let kept_back = examined(Site::Buffering);
    let stream = stage(&kept_back, "stream");
    assert_eq!(stream["status"], "warning", "{stream}");
    assert!(stream["cause"].as_str().is_some_and(|cause| cause.contains("buffers")), "{stream}");
    assert!(stream["fix"].as_str().is_some_and(|fix| fix.contains("proxy_buffering off")), "{stream}");
    let passed_on = examined(Site::Plain);
    assert_eq!(stage(&passed_on, "stream")["status"], "ok", "{passed_on}");
}

#[test]
fn a_proxy_that_answers_itself_is_told_from_the_endpoint() {
    let place = place();
    let certificates = Certificates::issue(place.path());
    let Some(squid) = programs::squid(place.path(), Squid::Open, &certificates) else { return };
    let proxy = format!("proxy = \"http://localhost:{}\"\n", squid.port());
    for scheme in ["http", "https"] {
        let home = home(&format!("{scheme}://localhost:{}/v1", programs::free_port()), &proxy);
        let document = home.run(&["doctor", "x", "--json"]).json();
        let stages = document["stages"].as_array().expect("stages");
        let failed = stages.iter().find(|stage| stage["status"] == "failed").expect("it fails");
        let words = failed.to_string();
        assert_eq!(failed["kind"], "proxy", "{document}");
        assert!(words.contains("ERR_CONNECT_FAIL") || words.contains("squid"), "{failed}");
        let without = document["without_proxy"].to_string();
        assert!(without.contains("refused"), "the endpoint is down by itself: {without}");
    }
}
