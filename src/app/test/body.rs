//! The body of a request as text: what one starts with, and whether it can be sent. The provider's own rules, in the
//! words of the test pane.

use super::{BodyFacts, BodyProblem};
use crate::domain::{EndpointKind, Provider};
use crate::provider::{check_body, prefilled_body};

/// The body a test starts with.
pub(crate) fn prefilled(kind: EndpointKind, provider: Provider, default_model: Option<&str>) -> String {
    prefilled_body(kind, provider, default_model)
}

/// What a body says, or where it breaks.
pub(super) fn check(text: &str) -> Result<BodyFacts, BodyProblem> {
    match check_body(text) {
        Ok(body) => Ok(BodyFacts { model: body.get("model").and_then(|model| model.as_str()).map(str::to_owned) }),
        Err(problem) => Err(BodyProblem { line: problem.line, column: problem.column, message: problem.message }),
    }
}
