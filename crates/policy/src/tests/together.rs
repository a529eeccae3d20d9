//! Two decisions on one report together: the stricter, with what both say. POL-19

use crate::{
    check::Side,
    code::{Code, Reason},
    decision::{Basis, Decision, Hold, Permit, Refusal},
};
use relto_report::{digest::Digest, nation::Nation};

fn permit(n: u8) -> Decision {
    let (digest, nation) = (|n| Digest::from_bytes([n; 32]), |code| Nation::parse(code).unwrap());
    Decision::Permit(Permit::new(digest(n), digest(n), nation("XAA"), nation("XBB"), Basis::default()))
}

fn reason(code: Code) -> Reason {
    Reason { code, national: false, detail: "why".to_owned() }
}

fn hold(officers_missing: u8, codes: &[Code]) -> Decision {
    Decision::Hold(Hold { owed: codes.iter().copied().map(reason).collect(), officers_missing })
}

fn refusal(codes: &[Code]) -> Decision {
    Decision::Refusal(Refusal::new(codes.iter().copied().map(reason).collect(), Side::Out))
}

/// The kind, the officers that are missing, and each reason as it is told.
fn told(decision: &Decision) -> (&'static str, u8, Vec<String>) {
    let lines = |list: &[Reason]| list.iter().map(ToString::to_string).collect();
    match decision {
        Decision::Permit(_) => ("permit", 0, Vec::new()),
        Decision::Hold(hold) => ("hold", hold.officers_missing, lines(&hold.owed)),
        Decision::Refusal(refusal) => ("refusal", 0, lines(&refusal.reasons)),
    }
}

#[test]
fn pol_19_of_two_decisions_the_stricter_holds_with_the_reasons_of_both() {
    const FIRST: &str = "APPROVAL_REQUIRED: why";
    const SECOND: &str = "SECOND_APPROVAL_REQUIRED: why (by v2)";
    let (one, two) = (Code::ApprovalRequired, Code::SecondApprovalRequired);
    let (topic, level) = (Code::TopicOutOfScope, Code::ClassExceedsCeiling);
    for (this, other, kind, officers, lines) in [
        (permit(1), permit(2), "permit", 0, vec![]),
        (permit(1), hold(2, &[two]), "hold", 2, vec![SECOND]),
        (permit(1), refusal(&[topic]), "refusal", 0, vec!["TOPIC_OUT_OF_SCOPE: why (by v2)"]),
        (hold(1, &[one]), permit(2), "hold", 1, vec![FIRST]),
        (hold(1, &[one]), hold(2, &[one, two]), "hold", 2, vec![FIRST, SECOND]),
        (hold(2, &[one]), hold(1, &[one]), "hold", 2, vec![FIRST]),
        (hold(1, &[one]), refusal(&[topic]), "refusal", 0, vec!["TOPIC_OUT_OF_SCOPE: why (by v2)"]),
        (refusal(&[topic]), permit(2), "refusal", 0, vec!["TOPIC_OUT_OF_SCOPE: why"]),
        (refusal(&[topic]), hold(1, &[one]), "refusal", 0, vec!["TOPIC_OUT_OF_SCOPE: why"]),
        (
            refusal(&[topic]),
            refusal(&[topic, level]),
            "refusal",
            0,
            vec!["TOPIC_OUT_OF_SCOPE: why", "CLASS_EXCEEDS_CEILING: why (by v2)"],
        ),
    ] {
        let both = this.clone().stricter(other.clone(), "by v2");
        let lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
        assert_eq!(told(&both), (kind, officers, lines), "{this:?} and {other:?}");
        if let (Decision::Permit(_), "permit") = (&this, kind) {
            assert_eq!(both, this, "the permit is the first one's");
        }
    }
}
