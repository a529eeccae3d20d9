//! What every command has: where its results go, whose profile it acts for, and the way to that person's node.

use crate::{client::Client, output::Output, profile::Profile};
use anyhow::{Context as _, Result};
use std::path::PathBuf;

/// What every command has: where its results go, and whose profile it acts for.
pub struct Session {
    /// Where results go.
    pub output: Output,
    /// The profile's file, where one is named.
    pub profile: Option<PathBuf>,
}

impl Session {
    /// The profile.
    ///
    /// # Errors
    /// Where none is named, or it does not load.
    pub fn profile(&self) -> Result<Profile> {
        let path = self.profile.as_deref().context(
            "no profile: give --profile FILE or set RELTO_PROFILE=FILE. A profile names you, your keys and your node",
        )?;
        // API-18
        Profile::load(path)
    }

    /// A connection to the profile's node.
    ///
    /// # Errors
    /// As [`Self::profile`]; where the node is not reached.
    pub async fn connect(&self) -> Result<(Profile, Client)> {
        let profile = self.profile()?;
        let client = Client::connect(&profile).await?;
        Ok((profile, client))
    }
}
