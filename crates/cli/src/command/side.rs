//! What became of one report with several nations, side by side: each under its own agreement.

use super::{
    submission,
    traffic::{Traffics, between},
};
use crate::{
    exit::Exit,
    output::{Output, fault_of},
    profile::Profile,
};
use anyhow::Result;
use relto_formats::api::{Standing, Submission};
use serde_json::{Value, json};

/// One nation's line.
pub(super) struct Line {
    pub(super) nation: String,
    pub(super) agreement: String,
    /// How the submission stands, or why there is none.
    pub(super) outcome: Result<Submission>,
}

impl Line {
    /// As data, with the exit code that it asks for.
    pub(super) fn object(&self, profile: &Profile) -> Result<(Value, Exit)> {
        let (submission, error, exit) = match &self.outcome {
            Ok(found) => {
                let traffics = Traffics::kept(profile, &found.agreement);
                (traffics.object(found)?, Value::Null, Exit::of(&found.standing))
            }
            Err(error) => {
                let (object, exit) = fault_of(error);
                (Value::Null, object, exit)
            }
        };
        let object = json!({
            "to": self.nation, "agreement": self.agreement, "exit": exit.code(),
            "submission": submission, "error": error,
        });
        Ok((object, exit))
    }

    /// Our verdict, how it stands, and the leaf or the codes.
    pub(super) fn cells(&self, profile: &Profile) -> [String; 3] {
        match &self.outcome {
            Ok(found) => cells(&found.standing, &format!("{}>{}", profile.nation, self.nation)),
            Err(error) => {
                let (object, _) = fault_of(error);
                let word = object.get("error").and_then(Value::as_str).unwrap_or_default();
                ["not submitted".to_owned(), String::new(), word.to_owned()]
            }
        }
    }
}

/// One report's lines.
pub(super) struct Side<'a> {
    pub(super) profile: &'a Profile,
    pub(super) lines: Vec<Line>,
}

impl Side<'_> {
    /// Prints the table and below it each nation's reasons; gives the worst exit code. API-32
    pub(super) fn print(&self, output: Output) -> Result<Exit> {
        let mut worst = Exit::Done;
        let mut list = Vec::new();
        let mut rows = Vec::new();
        for line in &self.lines {
            let (object, exit) = line.object(self.profile)?;
            worst = worst.or_worse(exit);
            list.push(object);
            let [verdict, state, more] = line.cells(self.profile);
            rows.push(vec![line.nation.clone(), line.agreement.clone(), verdict, state, more]);
        }
        let serial = self.lines.iter().find_map(|line| line.outcome.as_ref().ok()).map(|found| &found.serial);
        output.object(&json!({ "serial": serial, "submissions": list }))?;
        let first = self.lines.first().map(|line| Traffics::kept(self.profile, &line.agreement)).unwrap_or_default();
        let banner = self.lines.first().and_then(|line| first.banner(&line.agreement));
        between(output, banner, || {
            if let Some(serial) = serial {
                output.line(serial)?;
            }
            output.table(&["nation", "agreement", "verdict", "state", "leaf or codes"], &rows)?;
            for line in &self.lines {
                self.reasons(output, line)?;
            }
            Ok(())
        })?;
        Ok(worst)
    }

    /// Why it did not go, or what it waits for, and by which id it is asked for.
    fn reasons(&self, output: Output, line: &Line) -> Result<()> {
        match &line.outcome {
            Ok(found) => {
                let words = submission::words(&found.standing);
                output.line(format!("\n{}  {}", line.nation, found.id))?;
                words.iter().try_for_each(|text| output.line(text))
            }
            Err(error) => output.line(format!("\n{}\n{error:#}", line.nation)),
        }
    }
}

/// A standing in three cells: our verdict, what stands, the leaf in our log or the codes.
pub(super) fn cells(standing: &Standing, log: &str) -> [String; 3] {
    let (verdict, state, more) = match standing {
        Standing::Released { index } => ("released", "not answered yet".to_owned(), format!("{log}:{index}")),
        Standing::Withdrawn { index } => ("withdrawn", "not answered yet".to_owned(), format!("{log}:{index}")),
        Standing::Resolved { index, verdict, codes: list, .. } => {
            let more = format!("{log}:{index} {}", list.join(" "));
            ("released", format!("{verdict} by the partner"), more.trim_end().to_owned())
        }
        Standing::Held { owed } => ("held", "officers owe".to_owned(), submission::names(owed)),
        Standing::Queued { why } => ("releasable", "queued".to_owned(), why.to_string()),
        Standing::Refused { reasons } => ("refused", "before release".to_owned(), submission::names(reasons)),
        Standing::Declined { officer, .. } => ("declined", format!("by {officer}"), String::new()),
        Standing::Releasable { basis } => ("releasable", String::new(), basis.clone()),
    };
    [verdict.to_owned(), state, more]
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_audit::leaf::Verdict;
    use relto_policy::{code::Code, ground::Ground};

    #[test]
    fn a_standing_is_told_in_three_cells() {
        let cells = |standing: &Standing| cells(standing, "XAA>XCC");
        let text = |list: [&str; 3]| list.map(str::to_owned);
        let owed = vec![Ground::of(Code::ApprovalRequired, "one"), Ground::of(Code::ContentHeld, "a word")];
        let admitted = Standing::Resolved { index: 3, verdict: Verdict::Admitted, codes: Vec::new(), outcome: 4 };
        assert_eq!(cells(&admitted), text(["released", "admitted by the partner", "XAA>XCC:3"]));
        let held = cells(&Standing::Held { owed });
        assert_eq!(held, text(["held", "officers owe", "APPROVAL_REQUIRED CONTENT_HELD"]));
        let refused = Standing::Refused { reasons: vec![Ground::of(Code::TopicOutOfScope, "space")] };
        assert_eq!(cells(&refused), text(["refused", "before release", "TOPIC_OUT_OF_SCOPE"]));
    }
}
