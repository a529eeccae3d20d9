//! How far a long command is: on a terminal, and only once it has taken more than a second.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use relto_host::clock::Stopwatch;
use std::{
    io::{self, IsTerminal as _},
    time::Duration,
};

/// A bar that shows itself after a second and goes when it is dropped.
pub struct Bar {
    bar: ProgressBar,
    since: Stopwatch,
}

impl Bar {
    /// A bar named `name` over `size` of `things`.
    #[must_use]
    pub fn new(name: &str, size: u64, things: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(size), ProgressDrawTarget::hidden());
        let template = format!("{{msg:<10}} [{{bar:40}}] {{pos}}/{{len}} {things}, {{eta}} left");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(name.to_owned());
        Self { bar, since: Stopwatch::start() }
    }

    /// How far it is.
    pub fn at(&self, position: u64) {
        if self.bar.is_hidden() && self.since.elapsed() > Duration::from_secs(1) && io::stdout().is_terminal() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(position);
    }
}

impl Bar {
    /// How far of how much, where that was not known before.
    pub fn of(&self, position: u64, size: u64) {
        self.bar.set_length(size);
        self.at(position);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
