//! The explanation against the decision, and the changes that it proposes against the report with them.

use super::{
    generate::{Chance, Sample, sample},
    *,
};
use crate::{
    content::Place,
    explain::{Change, Explanation, Outcome, Remedy, Stage, explain},
};

const BOTH: &[&str] = &["XAA", "XBB"];

fn of(world: &World, one: &Try) -> Explanation {
    world.ask(&whole(world, one), explain)
}

fn whole(world: &World, one: &Try) -> Sample {
    Sample {
        precedence: one.report.precedence.clone(),
        one: one.clone(),
        bytes: 4096,
        clock_trusted: true,
        superseded: false,
        named: world.agreement.digest,
    }
}

fn secret() -> Try {
    Try::out("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB", "C//REL TO XAA, XBB"], BOTH)
}

/// The only change proposed.
fn change(explanation: &Explanation) -> &Change {
    let Remedy::Changes(changes) = &explanation.remedy else { panic!("{:?}", explanation.remedy) };
    assert_eq!(changes.len(), 1, "{changes:?}");
    &changes[0]
}

#[test]
fn the_explanation_fails_what_the_decision_fails_and_keeps_its_order() {
    let world = World::new();
    let mut chance = Chance::new(21);
    let mut remedies = BTreeMap::new();
    for _ in 0..1_500 {
        let one = sample(&world, &mut chance);
        let told = world.ask(&one, explain);
        let decision = world.judge(&one);
        assert_eq!(told.decision, decision);
        assert_eq!(told.failed(), decision.names());
        assert!(told.clauses.windows(2).all(|pair| pair[0].stage <= pair[1].stage), "{:?}", told.clauses);
        for clause in &told.clauses {
            assert!(told.clauses.iter().filter(|other| other.code == clause.code).count() == 1, "{}", clause.code);
            if let Outcome::Failed(reasons) = &clause.outcome {
                assert!(!reasons.is_empty() && reasons.iter().all(|reason| !reason.detail.is_empty()));
            }
        }
        *remedies.entry(told.remedy.word()).or_insert(0) += 1;
        match (&told.remedy, &decision) {
            (Remedy::NotNeeded, Decision::Permit(_)) => {}
            (Remedy::People(owed), Decision::Hold(_)) => assert!(!owed.is_empty()),
            (Remedy::Changes(changes), Decision::Refusal(_)) => {
                let edited = apply(&one, changes);
                let decided = world.judge(&edited);
                assert!(!matches!(decided, Decision::Refusal(_)), "{changes:?}: {}", answer(&decided));
            }
            (Remedy::Nothing(_), Decision::Refusal(_)) => {}
            (remedy, decision) => panic!("{remedy:?} for {decision:?}"),
        }
    }
    for remedy in ["not-needed", "people", "changes", "nothing"] {
        assert!(remedies.get(remedy).is_some_and(|count| *count > 60), "{remedies:?}");
    }
}

/// The changes made as a person would make them, with this test's own hands.
fn apply(sample: &Sample, changes: &[Change]) -> Sample {
    let mut out = sample.clone();
    let marks = |report: &Report| -> Vec<String> { report.portions.iter().map(|one| one.body.mark.clone()).collect() };
    let mut gone: Vec<Place> = Vec::new();
    for change in changes {
        let report = &mut out.one.report;
        match change {
            Change::LeaveOut { places, banner } => {
                gone.extend(places);
                report.banner = banner.clone().unwrap_or_else(|| report.banner.clone());
            }
            Change::RemoveTopic(topic) => report.topics.retain(|one| one != topic),
            Change::Form(form) => report.form.clone_from(form),
            Change::Purpose(purpose) => report.purpose.clone_from(purpose),
            Change::Precedence(word) => {
                report.precedence.clone_from(word);
                out.precedence.clone_from(word);
            }
            Change::CutoffFrom(moment) | Change::CutoffTo(moment) => report.information_cutoff = *moment,
            Change::NameAddressee(office) => report.action.push(office.clone()),
            Change::RemoveAddressee(office) => {
                report.action.retain(|one| one != office);
                report.info.retain(|one| one != office);
            }
            Change::GiveReason => {
                let mark = report.title.mark.clone();
                report.aggregation_reason = Some(MarkedText { mark, text: "Why".to_owned() });
            }
            Change::Shorten(bytes) => out.bytes = *bytes,
        }
    }
    let report = &mut out.one.report;
    let before = marks(report);
    for place in (1..=report.portions.len()).rev().filter(|n| gone.contains(&Place::Portion(*n))) {
        report.portions.remove(place - 1);
    }
    for place in (1..=report.attachments.len()).rev().filter(|n| gone.contains(&Place::Attachment(*n))) {
        report.attachments.remove(place - 1);
    }
    for (n, source) in (1..).zip(&mut report.sources) {
        source.described = source.described.take().filter(|_| !gone.contains(&Place::Source(n)));
    }
    assert!(marks(report).iter().all(|mark| before.contains(mark)), "no mark is ever changed");
    assert!(!report.portions.is_empty() || before.is_empty(), "something is left to send");
    out
}

#[test]
fn each_kind_of_change_is_found_where_it_is_the_smallest() {
    let world = World::new();
    let with = |edit: &dyn Fn(&mut Try)| {
        let mut one = secret();
        edit(&mut one);
        of(&world, &one)
    };
    assert_eq!(of(&world, &secret()).remedy, Remedy::NotNeeded);
    let topics = with(&|one| one.report.topics = owned(&["maritime.surface", "economic.coercion"]));
    assert_eq!(*change(&topics), Change::RemoveTopic("economic.coercion".to_owned()));
    let form = with(&|one| one.report.form = "end-use".to_owned());
    assert_eq!(*change(&form), Change::Form("assessment".to_owned()));
    let purpose = with(&|one| one.report.purpose = "planning".to_owned());
    assert_eq!(*change(&purpose), Change::Purpose("early-warning".to_owned()));
    let flash = with(&|one| one.report.precedence = "FLASH".to_owned());
    assert_eq!(*change(&flash), Change::Precedence("ROUTINE".to_owned()), "the slowest that helps");
    let old = with(&|one| one.report.information_cutoff = at("2026-10-01T00:00:00Z"));
    assert_eq!(*change(&old), Change::CutoffFrom(at(NOW).plus(-720 * 3600)));
    let future = with(&|one| one.report.information_cutoff = at("2026-11-18T00:00:00Z"));
    assert_eq!(*change(&future), Change::CutoffTo(at(NOW).plus(300)));
    let stricter = with(&|one| {
        one.report.portions[0].body.mark = "C//REL TO XAA, XBB".to_owned();
    });
    assert_eq!(*change(&stricter), Change::GiveReason);
    let office = with(&|one| one.report.info = owned(&["XBB/NOBODY"]));
    assert_eq!(*change(&office), Change::RemoveAddressee("XBB/NOBODY".to_owned()));
    let nobody = with(&|one| {
        one.report.action.clear();
        (one.report.precedence, one.report.form) = ("FLASH".to_owned(), "warning".to_owned());
    });
    assert_eq!(*change(&nobody), Change::NameAddressee("XBB/J2".to_owned()));
    // Both topics must go, and the form: three changes and no fewer.
    let three = with(&|one| {
        one.report.topics = owned(&["economic.coercion", "maritime.surface", "maritime.*"]);
        one.report.form = "end-use".to_owned();
    });
    let Remedy::Changes(changes) = &three.remedy else { panic!("{:?}", three.remedy) };
    assert_eq!(changes.len(), 3, "{changes:?}");
    // Five: found one by one, and none of them is superfluous.
    let five = with(&|one| {
        one.report.topics = owned(&["economic.coercion", "maritime.surface", "maritime.*"]);
        (one.report.form, one.report.purpose) = ("end-use".to_owned(), "planning".to_owned());
        one.report.information_cutoff = at("2026-10-01T00:00:00Z");
    });
    let Remedy::Changes(changes) = &five.remedy else { panic!("{:?}", five.remedy) };
    assert_eq!(changes.len(), 5, "{changes:?}");
    let long = world.ask(&Sample { bytes: 1_048_577, ..whole(&world, &secret()) }, explain);
    assert_eq!(*change(&long), Change::Shorten(1_048_576));
}

#[test]
fn portions_above_the_ceiling_are_left_out_with_the_banner_of_the_rest() {
    let world = World::new();
    let one = secret().topic(&["cyber.ics"]);
    let told = of(&world, &one);
    assert_eq!(told.failed(), ["CLASS_EXCEEDS_CEILING"]);
    assert_eq!(
        *change(&told),
        Change::LeaveOut { places: vec![Place::Portion(1)], banner: Some("CONFIDENTIAL//REL TO XAA, XBB".to_owned()) }
    );
    assert!(told.remedy.to_string().contains("leave out portion 1; the banner of the rest is CONFIDENTIAL//REL"));
    let closing: Vec<String> = told.closing.iter().map(ToString::to_string).collect();
    assert_eq!(
        closing,
        [
            "portion 1 (S//REL TO XAA, XBB): SECRET (level 3), above CONFIDENTIAL (level 2); only XAA, its originator, can change the marking"
        ]
    );
    // With a topic that has the level beside it, taking the other out is as small, and leaves the text whole.
    let two = of(&world, &secret().topic(&["cyber.ics", "maritime.surface"]));
    assert_eq!(*change(&two), Change::RemoveTopic("cyber.ics".to_owned()));
}

#[test]
fn marks_are_never_changed_and_who_can_is_said() {
    let world = World::new();
    let foreign = "//XCC C//REL TO XAA, XCC";
    let one = Try::out("SECRET//FGI XCC", &["S//NF", "R", foreign], &[]).source("XCC", foreign, &[]);
    let told = of(&world, &one);
    assert!(matches!(told.remedy, Remedy::Nothing(_)), "{:?}", told.remedy);
    let text = told.remedy.to_string();
    for part in [
        "no change that leaves every marking as it is",
        "portion 1 (S//NF): admits XAA and not XBB; NOFORN keeps it at home; only XAA, its originator",
        "portion 2 (R): admits XAA and not XBB",
        "portion 3 (//XCC C//REL TO XAA, XCC): admits XAA, XCC and not XBB; only XCC, its originator",
        "source 1 (//XCC C//REL TO XAA, XCC)",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    // A title is never left out; nor does a portion go that would be the last.
    let mut title = secret();
    title.report.title.mark = "S//NF".to_owned();
    world.relabel(&mut title);
    assert!(matches!(of(&world, &title).remedy, Remedy::Nothing(_)));
    let mut only = Try::out("", &["R"], BOTH);
    world.relabel(&mut only);
    assert!(matches!(of(&world, &only).remedy, Remedy::Nothing(_)));
    // Where the banner alone closes it, it is told as the banner.
    let banner = of(&world, &Try::out("SECRET//NOFORN", &["S//REL TO XAA, XBB"], BOTH));
    assert_eq!(banner.closing.len(), 1);
    assert_eq!((banner.closing[0].place, banner.closing[0].place().as_str()), (None, "the banner"));
    let concealed = Try::out("SECRET//FGI", &["//FGI S"], &[]).source("FGI", "//FGI S", &[]);
    assert!(of(&world, &concealed).closing[0].to_string().contains("only its concealed owner"));
}

#[test]
fn what_lies_beyond_the_report_has_no_remedy_and_what_was_not_reached_is_not_judged() {
    let world = World::new();
    let state = StateView::both(AgreementState::Suspended);
    let told = of(&world, &Try { state, ..secret() });
    assert_eq!(told.remedy, Remedy::Nothing(Vec::new()));
    let not_judged = |told: &Explanation, code| {
        let clause = told.clauses.iter().find(|one| one.code == code).unwrap();
        matches!(clause.outcome, Outcome::NotJudged(_))
    };
    assert!(not_judged(&told, Code::ApprovalRequired) && !not_judged(&told, Code::TlpForbids));
    let mut other = secret();
    other.report.serial = "XCC-J2-2026-0001".to_owned();
    let told = of(&world, &other);
    assert!(!not_judged(&told, Code::PartyMismatch) && not_judged(&told, Code::Malformed));
    assert!(told.clauses.iter().skip(3).all(|one| matches!(one.outcome, Outcome::NotJudged(_))));
    let mut one_way = World::new();
    one_way.agreement.scopes.remove(0);
    let told = of(&one_way, &secret());
    assert!(not_judged(&told, Code::SizeExceeded) && !not_judged(&told, Code::TopicUnknown));
    let replayed = of(&world, &Try { faults: CodeSet::EMPTY.with(Code::Replayed), ..secret() });
    assert_eq!(replayed.failed(), ["REPLAYED"]);
    assert!(not_judged(&replayed, Code::PartyMismatch));
}

#[test]
fn values_and_limits_stand_beside_each_other() {
    let world = World::new();
    let mut one = Try { national: true, ..secret() };
    one.report.information_cutoff = at("2026-11-01T00:00:00Z");
    let told = of(&world, &one);
    assert_eq!(told.failed(), ["NATIONAL_SCOPE:REPORT_TOO_OLD"]);
    let clause = |code| told.clauses.iter().find(|one| one.code == code).unwrap();
    let age = clause(Code::ReportTooOld);
    assert_eq!((age.stage, age.value.as_str(), age.agreed.as_str()), (Stage::Scope, "16 days 12 h", "30 days"));
    assert_eq!(age.national.as_deref(), Some("14 days"));
    let level = clause(Code::ClassExceedsCeiling);
    assert_eq!((level.value.as_str(), level.agreed.as_str()), ("SECRET (level 3)", "maritime.surface 3, any 3"));
    assert_eq!(level.national.as_deref(), Some("maritime.surface 3"));
    let second = clause(Code::SecondApprovalRequired);
    assert_eq!(
        (second.agreed.as_str(), second.national.as_deref()),
        ("from SECRET (level 3) on", Some("from CONFIDENTIAL (level 2) on"))
    );
    assert_eq!(*change(&told), Change::CutoffFrom(at(NOW).plus(-336 * 3600)), "the narrower age");
    for clause in &told.clauses {
        assert!(!clause.value.is_empty(), "{}", clause.code);
        assert!(!clause.agreed.is_empty() || clause.national.is_some(), "{}", clause.code);
    }
}
