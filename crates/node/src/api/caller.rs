//! Who asks, and over which connection.

use crate::setup::config::Person;
use std::sync::Arc;
use tokio::sync::Notify;

/// Who asks: the account of the TLS certificate, as the configuration has it.
#[derive(Clone)]
pub(crate) struct Caller(pub Arc<Person>);

/// The connection that asks: told to end where its shares have gone to another.
#[derive(Clone)]
pub(crate) struct Line(pub Arc<Notify>);
