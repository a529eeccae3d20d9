//! Words of the client API: each from a closed list.

use relto_audit::leaf::Verdict;
use relto_policy::{
    change::Act,
    state::{AgreementState, Standing},
};
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
        pub enum $name { $($(#[$of])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// The word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    )*};
}

words! {
    /// How far a report of ours is.
    SentStage {
        /// In the log; no answer yet.
        Released = "released",
        /// It goes no further; no answer yet.
        Withdrawn = "withdrawn",
        /// The partner's verdict.
        Admitted = "admitted",
        /// The partner's verdict.
        Quarantined = "quarantined",
        /// The partner's verdict.
        Refused = "refused",
    }

    /// Whether reports may be exchanged under an agreement: the stricter of both nations' words.
    Force {
        /// They may.
        InForce = "in-force",
        /// It is suspended.
        Suspended = "suspended",
        /// It has not begun or has ended.
        NotInForce = "not-in-force",
    }

    /// What one nation's log says of the agreement.
    NationSays {
        /// Written, not signed.
        Draft = "draft",
        /// Signed, not brought into force.
        Signed = "signed",
        /// In force.
        InForce = "in force",
        /// Suspended.
        Suspended = "suspended",
        /// Notice is given.
        UnderNotice = "under notice",
        /// Ended.
        Terminated = "terminated",
    }

    /// How a version of an agreement stands between both nations.
    VersionState {
        /// Both nations have adopted it last.
        InForce = "in-force",
        /// One nation has adopted it.
        Pending = "pending",
        /// A later one is in force.
        Superseded = "superseded",
        /// Its file is here, and nobody has adopted it.
        Installed = "installed",
    }

    /// What a nation's signers stated.
    ChangeWord {
        /// No report goes until it is lifted.
        Suspend = "suspend",
        /// Lifts suspensions and measures.
        Resume = "resume",
        /// The agreement ends by its own rules of notice.
        GiveNotice = "give-notice",
        /// A further term.
        Renew = "renew",
        /// The agreement ends once both nations have stated it.
        Terminate = "terminate",
        /// A later version takes the place of the one before.
        Adopt = "adopt",
        /// A step of the agreement's ladder.
        Measure = "measure",
    }

    /// Why a request was not done.
    ProblemKind {
        /// The body is not of the form.
        BadRequest = "bad-request",
        /// The account has none of the roles.
        Role = "role",
        /// The readers' rules forbid it.
        Reading = "reading",
        /// Not there, or not for this account.
        NotFound = "not-found",
        /// The body did not come in time.
        Late = "late",
        /// The id came before with something else.
        IdReused = "id-reused",
        /// What was uploaded for it is not whole, or not here: ask how much of it is.
        Upload = "upload",
        /// Longer than a body may be.
        TooLarge = "too-large",
        /// A body of another type.
        MediaType = "media-type",
        /// Signature and what it is of do not belong together.
        NotSigned = "not-signed",
        /// It breaks a rule, which has a number.
        Invalid = "invalid",
        /// The operator must look at the store.
        Store = "store",
        /// The operator must look.
        Answer = "answer",
        /// Too much at once; again later.
        Busy = "busy",
        /// The node appends to no log now; again later.
        Unavailable = "unavailable",
        /// The disk is full; again later.
        StorageFull = "storage-full",
        /// An answer that is not a node's, as the client calls it.
        Http = "http",
    }
}

impl From<Verdict> for SentStage {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Admitted => Self::Admitted,
            Verdict::Quarantined => Self::Quarantined,
            Verdict::Refused => Self::Refused,
        }
    }
}

impl From<&Act> for ChangeWord {
    fn from(act: &Act) -> Self {
        match act {
            Act::Suspend => Self::Suspend,
            Act::Resume(_) => Self::Resume,
            Act::GiveNotice => Self::GiveNotice,
            Act::Renew(_) => Self::Renew,
            Act::Terminate => Self::Terminate,
            Act::Adopt(_) => Self::Adopt,
            Act::Measure(_) => Self::Measure,
        }
    }
}

impl From<Standing> for Force {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::InForce => Self::InForce,
            Standing::Suspended => Self::Suspended,
            Standing::NotInForce => Self::NotInForce,
        }
    }
}

impl From<AgreementState> for NationSays {
    fn from(state: AgreementState) -> Self {
        match state {
            AgreementState::Draft => Self::Draft,
            AgreementState::Signed => Self::Signed,
            AgreementState::InForce => Self::InForce,
            AgreementState::Suspended => Self::Suspended,
            AgreementState::NoticeGiven(_) => Self::UnderNotice,
            AgreementState::Terminated => Self::Terminated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_policy::{
        code::Code,
        ground::{Cause, Ground, Named},
        reading::ReadingRule,
        waits::Waits,
    };
    use relto_report::digest::Digest;
    use serde_json::{Value, from_value, json, to_value};

    /// It is written so, and reads back.
    fn is<T: Serialize + for<'de> Deserialize<'de> + PartialEq + fmt::Debug>(value: &T, written: Value) {
        assert_eq!(to_value(value).unwrap(), written);
        assert_eq!(&from_value::<T>(written).unwrap(), value);
    }

    #[test]
    fn words_are_written_as_they_are_read() {
        for verdict in [Verdict::Admitted, Verdict::Quarantined, Verdict::Refused] {
            is(&verdict, json!(verdict.word()));
            assert_eq!(SentStage::from(verdict).word(), verdict.word());
        }
        is(&ProblemKind::IdReused, json!("id-reused"));
        is(&NationSays::UnderNotice, json!("under notice"));
        assert!(from_value::<Force>(json!("in force")).is_err(), "of another list");
        for rule in ReadingRule::ALL {
            is(&rule, json!(rule.word()));
            assert_eq!(ReadingRule::parse(rule.word()), Some(rule));
        }
    }

    #[test]
    fn grounds_are_objects() {
        let ground = Ground { national: true, ..Ground::of(Code::ReportTooOld, "by a day") };
        is(&ground, json!({ "code": "REPORT_TOO_OLD", "national": true, "detail": "by a day" }));
        is(&Ground::from(ground.cause()), json!({ "code": "REPORT_TOO_OLD", "national": true, "detail": null }));
        is(&Cause { code: Named::Rule("R012"), national: false }, json!({ "code": "R012", "national": false }));
        assert!(from_value::<Ground>(json!("REPORT_TOO_OLD: by a day")).is_err());
        let later = json!({ "code": "OF_A_LATER_LIST", "national": false, "detail": null });
        assert_eq!(from_value::<Ground>(later).unwrap().code, Named::Other("OF_A_LATER_LIST".to_owned()));
    }

    #[test]
    fn what_a_report_waits_for_is_a_word() {
        is(&Waits::Window, json!("window"));
        is(&Waits::ClocksDiffer, json!("clocks-differ"));
        let version = Digest::from_bytes([7; 32]);
        is(&Waits::Version(version), json!({ "version": version.to_string() }));
    }
}
