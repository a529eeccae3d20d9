//! `relto agreement export`: an agreement in other notations, for those who compare or prove.

use crate::{cache::write_whole, document::read_bounded, exit::Exit, session::Session};
use anyhow::{Result, bail};
use relto_formats::cedar;
use relto_policy::agreement::Agreement;
use serde_json::json;
use std::path::Path;

/// Bytes of the longest agreement's file.
const MAX_FILE: u64 = 256 * 1024;

/// Writes the agreement's Cedar policies to a file, and their schema beside it.
pub(super) fn cedar(session: &Session, file: &Path, to: &Path) -> Result<Exit> {
    let schema = to.with_extension("cedarschema");
    if [to, &schema].contains(&file) || schema == to {
        bail!("{}: the policies need a name of their own, such as agreement.cedar", to.display());
    }
    let bytes = read_bounded(file, MAX_FILE)?;
    let agreement = Agreement::read(&file.display().to_string(), &bytes)?;
    write_whole(to, cedar::text(&agreement).as_bytes())?;
    write_whole(&schema, cedar::SCHEMA.as_bytes())?;
    let count = cedar::policies(&agreement).len();
    session.output.object(&json!({
        "id": agreement.id, "version": agreement.version, "digest": agreement.digest.to_string(),
        "policies": to.display().to_string(), "schema": schema.display().to_string(), "count": count,
    }))?;
    let whole = format!("{} version {}: {count} policies in {}", agreement.id, agreement.version, to.display());
    session.output.line(format!("{whole}, their schema in {}", schema.display()))?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Output;

    #[test]
    fn policies_and_schema_are_written_and_the_agreement_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("agreement.toml");
        let text = include_str!("../../../../examples/agreement.toml");
        std::fs::write(&file, text).unwrap();
        let session = Session { output: Output { json: false }, profile: None };
        let out = folder.path().join("agreement.cedar");
        assert_eq!(cedar(&session, &file, &out).unwrap(), Exit::Done);
        let written = std::fs::read_to_string(&out).unwrap();
        assert!(written.contains("@reason(\"CLASS_EXCEEDS_CEILING\")"));
        let schema = std::fs::read_to_string(folder.path().join("agreement.cedarschema")).unwrap();
        assert_eq!(schema, relto_formats::cedar::SCHEMA);
        assert!(cedar(&session, &file, &file).is_err());
        assert!(cedar(&session, &file, &folder.path().join("agreement.cedarschema")).is_err());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
}
