//! Values and rules of the product: what a connector is, how its URL is read, what a run may tell.
//!
//! Owns the words of the field and every rule that can be decided from values alone. It must not
//! know a framework, a file, a clock, the network or the screen; everything above depends on it.

pub mod budget;
pub mod calendar;
pub mod connector;
pub mod curl;
pub mod database;
pub mod doctor;
pub mod draft;
pub mod endpoint;
pub mod entra;
pub mod failure;
pub mod money;
pub mod policy;
pub mod price;
pub mod prometheus;
pub mod question;
pub mod record;
pub mod run;
pub mod secret;
pub mod telemetry;
pub mod text;
pub mod timing;
pub mod totals;
pub mod transcript;
pub mod units;
pub mod usage;

pub use budget::{Budget, Spending};
pub use connector::{Auth, Connector, ConnectorId, Header, Options, Origin, Provider};
pub use database::{Database, DatabaseTls, DatabaseUrl, SslMode};
pub use doctor::{DoctorEvent, DoctorOutcome, DoctorReport, DoctorStage, Examination, Lane, StageReport, StageStatus};
pub use draft::{Checked, Draft, Field, Finding};
pub use endpoint::{Endpoint, EndpointKind, UrlForm, UrlProblem};
pub use entra::{Entra, EntraApp};
pub use failure::{ErrorKind, Failure};
pub use money::Usd;
pub use policy::{NetworkKey, NetworkLayers, NetworkOverlay, NetworkPolicy};
pub use price::PriceBook;
pub use question::{
    Dashboard, DashboardQuestion, Dimension, EventKey, EventPage, EventQuestion, Latency, PageFrom, Percentiles, Point,
    RunFilter, Span, UsageGroup, UsageQuestion,
};
pub use record::{Caller, Cost, CostBasis, Ending, RunRecord, RunTarget, Source};
pub use run::{
    AttemptReport, Delta, Outcome, RawEvent, ResponseHead, RunEnd, RunEvent, RunId, RunPhase, ToolCallDelta, Traffic,
};
pub use secret::{Credential, KeyKeeper, SecretRef, SecretText};
pub use telemetry::TelemetryTarget;
pub use timing::Timing;
pub use totals::{CostSum, RunCounts, TokenSums, Totals, UsageSummary};
pub use transcript::{ToolCall, Transcript};
pub use usage::{Usage, UsageSource};
