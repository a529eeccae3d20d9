//! The lab's files from the examples: dates moved, keys replaced, version 1.

use anyhow::{Result, ensure};
use relto_report::{calendar::Day, crypto::PublicKey, digest::Digest};

/// Keys that replace the example's.
pub(crate) struct AgreementKeys {
    /// Seal keys in the order of the Parties.
    pub(crate) seal: [PublicKey; 2],
    /// Root certificates in the same order; none: as they stand.
    pub(crate) root: Option<[Digest; 2]>,
    /// Signers' keys by office.
    pub(crate) signers: Vec<(String, PublicKey)>,
}

/// Moves every unquoted date outside comments by whole days. In a report only the front matter is looked at.
pub(crate) fn move_dates(text: &str, days: i32) -> String {
    let is_report = text.starts_with("+++");
    let mut fences = 0;
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "+++" {
            fences += 1;
        }
        if is_report && fences > 1 {
            out.push_str(line);
        } else {
            move_line(line, days, &mut out);
        }
    }
    out
}

fn move_line(line: &str, days: i32, out: &mut String) {
    let mut rest = line;
    let mut quoted = false;
    while let Some(first) = rest.chars().next() {
        if !quoted && first == '#' {
            break;
        }
        if first == '"' {
            quoted = !quoted;
        }
        let date = rest.get(..10).filter(|_| !quoted).and_then(Day::parse);
        if let Some(day) = date {
            out.push_str(&Day::from_count(day.count().saturating_add(days)).to_string());
            rest = rest.get(10..).unwrap_or_default();
        } else {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    out.push_str(rest);
}

/// Version 1 of the agreement, with the lab's keys.
pub(crate) fn agreement(text: &str, keys: &AgreementKeys) -> String {
    let mut out = String::with_capacity(text.len());
    let mut section = String::new();
    let mut office = String::new();
    let mut skipping = false;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        if skipping {
            skipping = trimmed != "]";
            continue;
        }
        if trimmed.starts_with('[') {
            trimmed.clone_into(&mut section);
        }
        let key = trimmed.split('=').next().unwrap_or_default().trim();
        let party = usize::from(!section.contains("party.XAA"));
        let value = match key {
            "version" if section.is_empty() => Some("1".to_owned()),
            "supersedes" => continue,
            "extends" => {
                skipping = !trimmed.ends_with(']');
                Some("[]".to_owned())
            }
            "seal_key" => keys.seal.get(party).map(|key| format!("\"{key}\"")),
            "tls_roots" => keys.root.and_then(|roots| roots.get(party).map(|root| format!("[\"{root}\"]"))),
            "office" => {
                trimmed.split('"').nth(1).unwrap_or_default().clone_into(&mut office);
                None
            }
            "key" => keys.signers.iter().find(|(of, _)| *of == office).map(|(_, key)| format!("\"{key}\"")),
            _ => None,
        };
        match value {
            Some(value) => out.push_str(&format!("{key} = {value}\n")),
            None => out.push_str(line),
        }
    }
    out
}

/// The text with what stands in it once put in another way.
pub(crate) fn replaced(text: &str, from: &str, to: &str) -> Result<String> {
    ensure!(text.matches(from).count() == 1, "{from} must stand once in the example");
    Ok(text.replacen(from, to, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_move_outside_quotes_and_comments_only() {
        let text = "# 2026-01-01\na = 2026-01-31T00:00:00Z # 2026-01-01\nb = \"2026-01-01\"\n";
        assert_eq!(move_dates(text, 1), "# 2026-01-01\na = 2026-02-01T00:00:00Z # 2026-01-01\nb = \"2026-01-01\"\n");
        let report = "+++\nx = 2026-01-01\n+++\n(U) On 2026-01-01 it began.\n";
        assert_eq!(move_dates(report, 1), "+++\nx = 2026-01-02\n+++\n(U) On 2026-01-01 it began.\n");
    }
}
