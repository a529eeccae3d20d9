//! What closes a report, and the smallest change that opens it: one kind of change at a time.

use super::{generate::Sample, *};
use crate::{
    content::Place,
    explain::{Change, Explanation, Remedy, explain},
};
use relto_report::assessment::Attachment;

const BOTH: &[&str] = &["XAA", "XBB"];
const LISTED: &str = "S//REL TO XAA, XBB";

fn secret() -> Try {
    Try::out("SECRET//REL TO XAA, XBB", &[LISTED, "C//REL TO XAA, XBB"], BOTH)
}

fn of(world: &World, one: &Try) -> Explanation {
    of_bytes(world, one, 4096)
}

fn of_bytes(world: &World, one: &Try, bytes: u64) -> Explanation {
    let (precedence, named) = (one.report.precedence.clone(), world.agreement.digest);
    world.ask(&Sample { one: one.clone(), bytes, precedence, clock_trusted: true, superseded: false, named }, explain)
}

fn changes(told: &Explanation) -> Vec<Change> {
    match &told.remedy {
        Remedy::Changes(changes) => changes.clone(),
        other => panic!("{other:?} for {:?}", told.failed()),
    }
}

fn left_out(places: &[Place], banner: Option<&str>) -> Vec<Change> {
    vec![Change::LeaveOut { places: places.to_vec(), banner: banner.map(str::to_owned) }]
}

fn attached(lengths: &[(&str, u64)]) -> Try {
    let mut one = secret();
    let attachment = |(media_type, length): &(&str, u64)| Attachment {
        name: "a".to_owned(),
        mark: "U".to_owned(),
        title: one.report.title.clone(),
        media_type: (*media_type).to_owned(),
        length: *length,
        sha256: DIGEST,
    };
    one.report.attachments = lengths.iter().map(attachment).collect();
    one
}

fn closing(told: &Explanation) -> Vec<String> {
    told.closing.iter().map(ToString::to_string).collect()
}

#[test]
fn attachments_go_whole_and_the_largest_first() {
    let world = World::new();
    let large = attached(&[("text/csv", 10), ("text/csv", 26_214_400), ("text/csv", 20)]);
    assert_eq!(changes(&of(&world, &large)), left_out(&[Place::Attachment(2)], None));
    let page = attached(&[("text/csv", 10), ("image/png", 20), ("text/html", 1)]);
    assert_eq!(changes(&of(&world, &page)), left_out(&[Place::Attachment(3)], None));
    let many = attached(&[("text/csv", 10); 17]);
    assert_eq!(changes(&of(&world, &many)), left_out(&[Place::Attachment(1)], None));
    // A title that closes the report takes its attachment along.
    let mut titled = attached(&[("text/csv", 10), ("text/csv", 10)]);
    titled.report.attachments[1].title.mark = "R".to_owned();
    assert_eq!(changes(&of(&world, &titled)), left_out(&[Place::Attachment(2)], None));
    let told = of(&world, &titled);
    let line =
        "the title of attachment 2 (R): admits XAA and not XBB; only XAA, its originator, can change the marking";
    assert_eq!(closing(&told), [line]);
}

#[test]
fn what_an_owner_has_not_consented_to_is_left_out_with_its_source() {
    let world = World::new();
    let foreign = "//XCC C//REL TO XAA, XBB";
    let one = Try::out("SECRET//FGI XCC//REL TO XAA, XBB", &[LISTED, foreign, LISTED], BOTH);
    let told = of(&world, &one.source("XAA", LISTED, &[]).source("XCC", foreign, &[]));
    assert_eq!(told.failed(), ["THIRD_PARTY_CONSENT_MISSING"]);
    let banner = Some("SECRET//REL TO XAA, XBB");
    assert_eq!(changes(&told), left_out(&[Place::Portion(2), Place::Source(2)], banner));
    assert_eq!(told.closing, [], "no mark closes it");
}

#[test]
fn a_report_of_headings_alone_is_no_report() {
    let world = World::new();
    let mut one = secret();
    one.report.portions[0].block = Block::Heading(2);
    one.report.portions[1].body.mark = "C".to_owned();
    assert_eq!(of(&world, &one).remedy.word(), "nothing");
    // With a paragraph beside it the one that closes the report can go; a fixed heading stays as it is.
    let mut one = secret();
    let body = MarkedText { mark: String::new(), text: "DISCUSSION".to_owned() };
    one.report.portions.push(Portion { block: Block::Heading(2), body });
    one.report.portions[1].body.mark = "C".to_owned();
    assert_eq!(changes(&of(&world, &one)), left_out(&[Place::Portion(2)], None));
}

#[test]
fn words_that_the_national_rules_narrow_are_proposed_as_narrowed() {
    let mut world = World::new();
    let own = &mut world.national.scopes[0].narrowing;
    own.forms = Some(owned(&["warning"]));
    own.purposes = Some(owned(&["force-protection"]));
    own.max_report_bytes = Some(5_000);
    own.max_age_hours = Some(12);
    own.information_until = Some(at("2026-12-01T00:00:00Z"));
    let mut one = Try { national: true, ..secret() };
    one.report.form = "warning".to_owned();
    one.report.purpose = "force-protection".to_owned();
    one.report.information_cutoff = at(NOW);
    assert_eq!(of(&world, &one).remedy, Remedy::NotNeeded);
    let with = |edit: &dyn Fn(&mut Report), bytes: u64| {
        let mut one = one.clone();
        edit(&mut one.report);
        changes(&of_bytes(&world, &one, bytes))
    };
    assert_eq!(with(&|report| report.form = "assessment".to_owned(), 1), [Change::Form("warning".to_owned())]);
    let purpose = with(&|report| report.purpose = "early-warning".to_owned(), 1);
    assert_eq!(purpose, [Change::Purpose("force-protection".to_owned())]);
    assert_eq!(with(&|_| {}, 5_001), [Change::Shorten(5_000)]);
    let old = with(&|report| report.information_cutoff = at("2026-11-16T23:59:59Z"), 1);
    assert_eq!(old, [Change::CutoffFrom(at("2026-11-17T00:00:00Z"))], "twelve hours before the release");
}

#[test]
fn a_cut_off_is_moved_into_the_period_whose_end_is_exclusive() {
    let mut world = World::new();
    let scope = &mut world.agreement.scopes[0];
    scope.information_from = Some(at("2026-11-10T00:00:00Z"));
    scope.information_until = Some(at("2026-11-16T00:00:00Z"));
    let with = |world: &World, cutoff: &str, national: bool| {
        let mut one = Try { national, ..secret() };
        one.report.information_cutoff = at(cutoff);
        changes(&of(world, &one))
    };
    let (until, from) = (Change::CutoffTo(at("2026-11-15T23:59:59Z")), Change::CutoffFrom(at("2026-11-10T00:00:00Z")));
    assert_eq!(with(&world, "2026-11-16T00:00:00Z", false), [until]);
    assert_eq!(with(&world, "2026-11-09T23:59:59Z", false), [from]);
    let own = &mut world.national.scopes[0].narrowing;
    own.information_from = Some(at("2026-11-11T00:00:00Z"));
    own.information_until = Some(at("2026-11-14T00:00:00Z"));
    let (until, from) = (Change::CutoffTo(at("2026-11-13T23:59:59Z")), Change::CutoffFrom(at("2026-11-11T00:00:00Z")));
    assert_eq!(with(&world, "2026-11-15T00:00:00Z", true), [until]);
    assert_eq!(with(&world, "2026-11-10T00:00:00Z", true), [from]);
}

#[test]
fn no_change_of_the_report_answers_what_lies_beyond_it() {
    let world = World::new();
    let nothing = |world: &World, edit: &dyn Fn(&mut Try), code: Code| {
        let mut one = secret();
        edit(&mut one);
        let told = of(world, &one);
        assert!(told.failed().contains(&code.name().to_owned()), "{code} {:?}", told.failed());
        assert_eq!(told.remedy, Remedy::Nothing(Vec::new()), "{code}");
        assert_eq!(told.remedy.in_words(), ["no change that leaves every marking as it is would make it releasable"]);
    };
    nothing(&world, &|one| one.report.tlp = Some("RED".to_owned()), Code::TlpForbids);
    nothing(&world, &|one| one.report.traffic = "EX-1".to_owned(), Code::TrafficKindMismatch);
    nothing(&world, &|one| one.faults = CodeSet::EMPTY.with(Code::EngineDisagreement), Code::EngineDisagreement);
    nothing(&world, &|one| one.faults = CodeSet::EMPTY.with(Code::WindowExceeded), Code::WindowExceeded);
    nothing(&world, &|one| (one.now, one.national) = ("2027-06-01T00:00:00Z", true), Code::NationalScopeNotValid);
    let mut one_way = World::new();
    one_way.agreement.scopes.remove(0);
    nothing(&one_way, &|_| {}, Code::DirectionNotAgreed);
}

#[test]
fn one_addressee_is_named_and_every_unknown_one_taken_out() {
    let world = World::new();
    let limited = ["S//LD/REL TO XAA, XBB", LISTED];
    let mut one = Try::out("SECRET//LIMDIS/REL TO XAA, XBB", &limited, BOTH);
    one.report.action.clear();
    assert_eq!(changes(&of(&world, &one)), [Change::NameAddressee("XBB/J2".to_owned())]);
    let mut one = secret();
    one.report.action.push("XBB/ONE".to_owned());
    one.report.info = owned(&["XBB/TWO", "XBB/CYBER"]);
    let wanted = ["XBB/ONE", "XBB/TWO"].map(|office| Change::RemoveAddressee(office.to_owned()));
    assert_eq!(changes(&of(&world, &one)), wanted);
}

#[test]
fn a_mark_closes_by_audience_level_and_caveat_and_says_each() {
    let mut world = World::new();
    let told = |world: &World, one: &Try| closing(&of(world, one));
    let who = "only XAA, its originator, can change the marking";
    let with = |marks: &[&str]| Try::out("SECRET//REL TO XAA, XBB", marks, BOTH);
    assert_eq!(told(&world, &secret()), [""; 0]);
    assert_eq!(
        told(&world, &with(&["TS//REL TO XAA, XBB", "Q//REL TO XAA, XBB", "S//PROPIN/REL TO XAA, XBB"])),
        [
            format!("portion 1 (TS//REL TO XAA, XBB): TOP SECRET is never exchanged; {who}"),
            format!("portion 2 (Q//REL TO XAA, XBB): \"Q\" is no marking of the agreement; {who}"),
            format!("portion 3 (S//PROPIN/REL TO XAA, XBB): \"PROPIN\" is no caveat of the agreement; {who}"),
        ]
    );
    // The lowest of all ceilings counts: of the topic, of the direction, of the national rules, of the accreditation.
    let own = Try { national: true, ..secret() };
    let words = ["UNCLASSIFIED", "RESTRICTED", "CONFIDENTIAL"];
    let above = |ceiling: usize| {
        format!("portion 1 ({LISTED}): SECRET (level 3), above {} (level {ceiling}); {who}", words[ceiling])
    };
    assert_eq!(
        told(&world, &own.clone().topic(&["maritime.subsurface"])),
        [
            above(1),
            format!("portion 2 (C//REL TO XAA, XBB): CONFIDENTIAL (level 2), above RESTRICTED (level 1); {who}"),
        ]
    );
    assert_eq!(told(&world, &secret().topic(&["maritime.subsurface"])), [above(2)]);
    world.national.accreditation.highest_level = 2;
    assert_eq!(told(&world, &own), [above(2)]);
    assert_eq!(told(&world, &secret()), [""; 0], "the accreditation is the nation's own");
    world.national.accreditation.highest_level = 3;
    world.national.scopes[0].narrowing.highest_level = Some(2);
    assert_eq!(told(&world, &own), [above(2)]);
    world.agreement.scopes[0].highest_level = 2;
    assert_eq!(told(&world, &secret()), [above(2)]);
    let mut world = World::new();
    let limited = Try::out("SECRET//LIMDIS/REL TO XAA, XBB", &["S//LD/REL TO XAA, XBB"], BOTH);
    assert_eq!(told(&world, &limited), [""; 0]);
    let line = format!("portion 1 (S//LD/REL TO XAA, XBB): LIMDIS (limited-distribution) is not permitted; {who}");
    assert_eq!(told(&world, &Try { national: true, ..limited.clone() }), [line.as_str()]);
    world.agreement.scopes[0].caveats.clear();
    assert_eq!(told(&world, &limited), [line]);
}

#[test]
fn the_banner_is_named_for_what_no_portion_says() {
    let world = World::new();
    let told = |banner: &str, rel_to: &[&str]| closing(&of(&world, &Try::out(banner, &[LISTED], rel_to)));
    let who = "only XAA, its originator, can change the marking";
    let line = |banner: &str, why: &str| vec![format!("the banner ({banner}): {why}; {who}")];
    let admits = "banner and rel_to do not both admit XBB";
    assert_eq!(told("SECRET//REL TO XAA, XBB", &[]), line("SECRET//REL TO XAA, XBB", admits));
    assert_eq!(told("SECRET", BOTH), line("SECRET", admits));
    let never = "TOP SECRET//REL TO XAA, XBB";
    assert_eq!(told(never, BOTH), line(never, "TOP SECRET is never exchanged"));
    let unknown = "Secret//REL TO XAA, XBB";
    assert_eq!(told(unknown, BOTH), line(unknown, "\"Secret\" is no marking of the agreement"));
    let caveats = "SECRET//PROPIN/REL TO XAA, XBB";
    assert_eq!(told(caveats, BOTH), line(caveats, "\"PROPIN\" is no caveat of the agreement"));
    let home = "SECRET//NOFORN";
    assert_eq!(told(home, BOTH), line(home, &format!("{admits}; NOFORN keeps it at home")));
    let low = Try::out("SECRET//REL TO XAA, XBB", &["C//REL TO XAA, XBB"], BOTH).topic(&["cyber.ics"]);
    assert_eq!(
        closing(&of(&world, &low)),
        line("SECRET//REL TO XAA, XBB", "SECRET (level 3), above CONFIDENTIAL (level 2)")
    );
}

#[test]
fn what_closes_by_level_and_by_audience_goes_together_or_apart() {
    let world = World::new();
    let marks = [LISTED, "C", "C//REL TO XAA, XBB"];
    let both = Try::out("SECRET//REL TO XAA, XBB", &marks, BOTH).topic(&["cyber.ics"]);
    let banner = Some("CONFIDENTIAL//REL TO XAA, XBB");
    assert_eq!(changes(&of(&world, &both)), left_out(&[Place::Portion(1), Place::Portion(2)], banner));
    // Nothing would be left of these two: the topic with the lower ceiling goes, and what does not admit the recipient.
    let apart = Try::out("SECRET//REL TO XAA, XBB", &marks[..2], BOTH).topic(&["cyber.ics", "maritime.surface"]);
    let wanted = [vec![Change::RemoveTopic("cyber.ics".to_owned())], left_out(&[Place::Portion(2)], None)].concat();
    assert_eq!(changes(&of(&world, &apart)), wanted);
    // What is above the next ceiling goes as one.
    let mut world = World::new();
    world.agreement.scopes[0].topics = vec![("maritime.surface".to_owned(), 0), ("cbrn.chemical".to_owned(), 1)];
    let marks = [LISTED, "C//REL TO XAA, XBB", "R//REL TO XAA, XBB"];
    let three = Try::out("SECRET//REL TO XAA, XBB", &marks, BOTH).topic(&["maritime.surface", "cbrn.chemical"]);
    let rest = left_out(&[Place::Portion(1), Place::Portion(2)], Some("RESTRICTED//REL TO XAA, XBB"));
    let wanted = [vec![Change::RemoveTopic("maritime.surface".to_owned())], rest].concat();
    assert_eq!(changes(&of(&world, &three)), wanted);
}

#[test]
fn of_changes_that_help_alike_the_first_is_taken_and_the_search_has_an_end() {
    let world = World::new();
    let mut five = secret().topic(&["economic.coercion", "maritime.surface", "maritime.*"]);
    (five.report.form, five.report.purpose) = ("end-use".to_owned(), "planning".to_owned());
    five.report.information_cutoff = at("2026-10-01T00:00:00Z");
    let found = changes(&of(&world, &five));
    for wanted in [Change::Form("assessment".to_owned()), Change::Purpose("early-warning".to_owned())] {
        assert!(found.contains(&wanted), "{found:?}");
    }
    // Three of few are found; three of so many are looked for only so long.
    let mut wide = World::new();
    wide.agreement.scopes[0].max_attachments = 64;
    let with = |good: usize| {
        let mut lengths = vec![("text/csv", 10); good];
        lengths.extend([("text/html", 1); 3]);
        of(&wide, &attached(&lengths)).remedy
    };
    assert!(matches!(with(5), Remedy::Changes(changes) if changes.len() == 3));
    assert!(matches!(with(57), Remedy::Nothing(_)), "some 36,000 sets are not tried");
}
