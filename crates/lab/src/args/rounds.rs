//! What the measurements of one thread take.

use clap::Args;

/// How long each piece of work is measured.
#[derive(Args, Debug)]
pub struct RoundArgs {
    /// Rounds, each of the work and its floor in turn; medians are told
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// Milliseconds of each measurement in a round
    #[arg(long, default_value_t = 200)]
    pub millis: u64,
}

impl RoundArgs {
    /// As people read it.
    pub(crate) fn words(&self) -> String {
        format!("medians of {} rounds of {} ms each", self.rounds, self.millis)
    }
}

/// `relto bench log`.
#[derive(Args, Debug)]
pub struct LogArgs {
    /// Leaves of the log
    #[arg(long, default_value_t = 16_384)]
    pub leaves: usize,
    /// Rounds
    #[command(flatten)]
    pub rounds: RoundArgs,
}

/// `relto bench policy`.
#[derive(Args, Debug)]
pub struct PolicyArgs {
    /// Reports that are decided on in turn
    #[arg(long, default_value_t = 512)]
    pub reports: usize,
    /// Rounds
    #[command(flatten)]
    pub rounds: RoundArgs,
}

/// `relto bench parse`.
#[derive(Args, Debug)]
pub struct ParseArgs {
    /// Bytes of the report's plaintext, about
    #[arg(long, default_value_t = 4096)]
    pub size: usize,
    /// Rounds
    #[command(flatten)]
    pub rounds: RoundArgs,
}

/// `relto bench handshake`.
#[derive(Args, Debug)]
pub struct HandshakeArgs {
    /// Rounds
    #[command(flatten)]
    pub rounds: RoundArgs,
}
