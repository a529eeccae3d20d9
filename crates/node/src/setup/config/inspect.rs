//! `[inspect]`: what inspectors of attachments must be limited by, and how many work at once.

use crate::inspect::settings::{Required, Settings};
use relto_report::toml::Section;

/// Inspectors that may work at once.
const AT_ONCE: std::ops::RangeInclusive<i64> = 1..=16;

/// The settings; those of the program where the table is not there.
pub(super) fn inspect(root: &Section<'_>) -> Settings {
    let mut settings = Settings::default();
    let Some(section) = root.table("inspect") else { return settings };
    for text in section.texts("require").map(|list| list.value).unwrap_or_default() {
        match text.value.as_str() {
            "landlock" => settings.required = Required { landlock: true, ..settings.required },
            "seccomp" => settings.required = Required { seccomp: true, ..settings.required },
            other => {
                let text = format!("\"{other}\" is nothing that can be required. Known: landlock, seccomp");
                section.fault(section.place_of("require"), "C045", text);
            }
        }
    }
    if let Some(count) = section.integer("at_once") {
        match usize::try_from(count.value).ok().filter(|_| AT_ONCE.contains(&count.value)) {
            Some(at_once) => settings.at_once = at_once,
            None => section.fault(count.at, "C046", "at_once must be how many inspectors work at once, 1 to 16"),
        }
    }
    section.finish();
    settings
}
