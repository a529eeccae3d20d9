//! Cases by chance, near the boundaries: each begins as a report that is released and has a few things changed, most of
//! them to values just within or just beyond a limit of the example agreement. The same seed makes the same cases.

use super::*;
use crate::code::Class;
use relto_report::{
    assessment::{Attachment, Judgement},
    label::{compute_banner, join},
    marking::ordered_codes,
};

/// A small generator of numbers (splitmix64), so that a failing case comes again.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(most).unwrap()).unwrap()
    }

    pub(super) fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }
}

/// One case: more than a [`Try`] says.
#[derive(Clone)]
pub(super) struct Sample {
    pub(super) one: Try,
    pub(super) bytes: u64,
    pub(super) precedence: String,
    pub(super) clock_trusted: bool,
    pub(super) superseded: bool,
    pub(super) named: Digest,
}

impl World {
    /// Asks of a sample whatever takes the arguments of a decision.
    pub(super) fn ask<T>(
        &self,
        sample: &Sample,
        ask: impl FnOnce(&Subject<'_>, &Rules<'_>, &Facts<'_>, Side, &Times) -> T,
    ) -> T {
        let one = &sample.one;
        let national = one.national.then_some(&self.national);
        let (registers, vocabulary) = (&self.registers, &self.vocabulary);
        let rules = Rules { agreement: &self.agreement, registers, vocabulary, national };
        let subject = Subject { report: &one.report, report_bytes: sample.bytes, digest: DIGEST };
        let facts = Facts {
            approvals: one.approvals.clone(),
            consents: &one.consents,
            owners: one.owners.clone(),
            emergency: one.emergency,
            faults: one.faults,
            named: Some(sample.named),
            clock_trusted: sample.clock_trusted,
            superseded: sample.superseded,
            ..Facts::new(nation(one.from), nation(one.to), one.state, &sample.precedence)
        };
        let times = Times { now: at(one.now), released: (one.side == Side::In).then(|| at(one.released)) };
        ask(&subject, &rules, &facts, one.side, &times)
    }

    pub(super) fn judge(&self, sample: &Sample) -> Decision {
        self.ask(sample, check)
    }

    /// Writes `rel_to` and banner as the portions ask for.
    pub(super) fn relabel(&self, one: &mut Try) {
        let from = nation(one.from);
        let Some(register) = self.registers.get(&from) else { return };
        let groups = self.agreement.groups_on(at(one.released).day());
        if let Some(audience) = join(&one.report, register, &groups).audience {
            let codes: Vec<String> = audience.iter().map(Nation::to_string).collect();
            one.report.rel_to = if codes.len() > 1 { ordered_codes(&codes, from) } else { Vec::new() };
        }
        one.report.banner = compute_banner(&one.report, register, &groups);
    }
}

/// Words of one nation's marks: levels from the highest, then caveats, then lists.
struct Words {
    levels: &'static [&'static str],
    caveats: &'static [&'static str],
    lists: &'static [&'static str],
    banners: &'static [&'static str],
}

const XAA: Words = Words {
    levels: &["TS", "S", "C", "R", "U"],
    caveats: &["OC", "LD", "NF", "OC/LD", "PROPIN"],
    lists: &[
        "REL TO XAA, XBB",
        "REL TO XAA, XBB, XCC",
        "REL",
        "REL TO XAA, XCC",
        "REL TO XAA, NLGP",
        "REL TO XAA, ABCD",
        "",
    ],
    banners: &[
        "SECRET//REL TO XAA, XBB",
        "SECRET",
        "RESTRICTED//REL TO XAA, XBB",
        "TOP SECRET//REL TO XAA, XBB",
        "SECRET//NOFORN",
        "SECRET//FGI//REL TO XAA, XBB",
        "SECRET//ORCON/REL TO XAA, NLGP",
        "SECRET//",
    ],
};
const XBB: Words = Words {
    levels: &["TS", "S", "C", "DR", "NP"],
    caveats: &["CE", "DL", "SB", "CE/DL", "PROPIN"],
    lists: &["COM À XBB, XAA", "COM À XBB, XAA, XCC", "COM", "COM À XBB, XCC", "COM À XBB, NLGP", "COM A XBB, XAA", ""],
    banners: &[
        "SECRET//COMMUNICABLE À XBB, XAA",
        "SECRET",
        "DIFFUSION RESTREINTE//COMMUNICABLE À XBB, XAA",
        "TRÈS SECRET//COMMUNICABLE À XBB, XAA",
        "SECRET//SPÉCIAL BORÉALIE",
        "CONFIDENTIEL//CONTROLE EMETTEUR/COMMUNICABLE A XBB, XAA",
        "SECRET//FGI//COMMUNICABLE À XBB, XAA",
        "SECRET//",
    ],
};

/// Moments around the term, the groups, the rules and the accreditation.
const MOMENTS: [&str; 9] = [
    NOW,
    NOW,
    "2025-12-31T23:59:59Z",
    "2026-01-01T00:00:00Z",
    "2026-02-28T23:59:59Z",
    "2026-03-01T00:00:00Z",
    "2026-12-30T23:59:59Z",
    "2026-12-31T00:00:00Z",
    "2027-01-01T00:00:00Z",
];
const HOUR: i64 = 3600;

/// A case by chance.
pub(super) fn sample(world: &World, chance: &mut Chance) -> Sample {
    let out = chance.below(2) == 0;
    let side = if chance.below(2) == 0 { Side::Out } else { Side::In };
    let mut one = if out { Try::out("", &[], &["XAA", "XBB"]) } else { Try::inbound("", &[], &["XBB", "XAA"]) };
    one.side = side;
    // The example's rules are Arcadia's.
    one.national = (side == Side::Out) == out && chance.below(2) == 0;
    one.approvals = ["one", "two"].into_iter().take([2, 2, 2, 1, 0][chance.below(5)]).map(approval).collect();
    let words = words_of(&one);
    for _ in 0..=chance.below(4) {
        let caveat = if chance.below(6) == 0 { words.caveats[0] } else { "" };
        let mark = mark(words.levels[1 + chance.below(4)], caveat, words.lists[0]);
        let body = MarkedText { mark, text: "Text".to_owned() };
        one.report.portions.push(Portion { block: Block::Paragraph, body });
    }
    if chance.below(4) == 0 {
        foreign(&mut one, chance);
    }
    world.relabel(&mut one);
    let mut sample = Sample {
        precedence: one.report.precedence.clone(),
        one,
        bytes: 4096,
        clock_trusted: true,
        superseded: false,
        named: world.agreement.digest,
    };
    for _ in 0..[0, 0, 1, 1, 2, 3, 5][chance.below(7)] {
        change(world, &mut sample, chance);
    }
    sample
}

fn words_of(one: &Try) -> &'static Words {
    if one.from == "XBB" { &XBB } else { &XAA }
}

pub(super) fn mark(level: &str, caveat: &str, list: &str) -> String {
    let controls: Vec<&str> = [caveat, list].into_iter().filter(|one| !one.is_empty()).collect();
    if controls.is_empty() { level.to_owned() } else { format!("{level}//{}", controls.join("/")) }
}

/// A foreign portion with its source, mostly with its owner's consent.
fn foreign(one: &mut Try, chance: &mut Chance) {
    let words = words_of(one);
    let owner = chance.pick(&["XCC", "FGI", one.to]);
    let mark = format!("//{owner} {}", mark(words.levels[2], "", words.lists[0]));
    let body = MarkedText { mark: mark.clone(), text: "Text".to_owned() };
    one.report.portions.push(Portion { block: Block::Paragraph, body });
    *one = one.clone().source(owner, &mark, &["maritime.surface"]);
    let n = u32::try_from(one.report.sources.len()).unwrap();
    if chance.below(4) > 0 {
        one.owners.insert(n, nation("XCC"));
        let consent = consent(&["maritime.surface"], 1 + u8::try_from(chance.below(3)).unwrap());
        one.consents.push(Consent { holder: nation(one.from), to: vec![nation(one.to)], ..consent });
    }
}

/// Changes one thing.
fn change(world: &World, sample: &mut Sample, chance: &mut Chance) {
    match chance.below(4) {
        0 => change_mark(world, sample, chance),
        1 => change_word(sample, chance),
        2 => change_time(sample, chance),
        _ => change_fact(sample, chance),
    }
}

fn change_mark(world: &World, sample: &mut Sample, chance: &mut Chance) {
    let one = &mut sample.one;
    let words = words_of(one);
    let level = chance.pick(words.levels);
    let caveat = if chance.below(2) == 0 { "" } else { chance.pick(words.caveats) };
    let new = mark(level, caveat, chance.pick(words.lists));
    let place = chance.below(one.report.portions.len().max(1));
    match chance.below(7) {
        0 => one.report.banner = chance.pick(words.banners).to_owned(),
        1 => one.report.title.mark = new,
        2 => foreign(one, chance),
        3 => {
            let (own, other) = (one.from, one.to);
            let lists: [&[&str]; 5] = [&[own, other], &[own, other, "XCC"], &[], &[other, own], &[own, "NLGP"]];
            one.report.rel_to = owned(chance.pick(&lists));
            return;
        }
        4 => {
            let odd = ["", "Q", "S//", "//XCC", "S/REL TO XAA, XBB", "s//rel", "//JOINT S", "S//REL TO XAA, XBB/OC"];
            one.report.portions[place].body.mark = chance.pick(&odd).to_owned();
        }
        _ => one.report.portions[place].body.mark = new,
    }
    if chance.below(3) > 0 {
        world.relabel(one);
    }
}

fn change_word(sample: &mut Sample, chance: &mut Chance) {
    let (to, report) = (sample.one.to, &mut sample.one.report);
    let word = |chance: &mut Chance, list: &[&str]| chance.pick(list).to_owned();
    match chance.below(8) {
        0 => report.purpose = word(chance, &["early-warning", "force-protection", "planning", ""]),
        1 => report.form = word(chance, &["assessment", "warning", "indicator-list", "rfi-response", "end-use", ""]),
        2 => {
            let topics: [&[&str]; 9] = [
                &["maritime.surface"],
                &["cbrn.chemical"],
                &["cyber.ics"],
                &["maritime.surface", "cyber.intrusion"],
                &["hybrid.disinformation"],
                &["economic.coercion"],
                &["maritime.*"],
                &["emerging.unassigned"],
                &[],
            ];
            report.topics = owned(chance.pick(&topics));
        }
        3 => {
            sample.precedence = word(chance, &["FLASH", "IMMEDIATE", "PRIORITY", "ROUTINE", "LATER"]);
            if chance.below(4) > 0 {
                report.precedence.clone_from(&sample.precedence);
            }
        }
        4 => report.tlp = Some(word(chance, &["CLEAR", "GREEN", "AMBER", "RED", "WHITE"])),
        5 => {
            let office = format!("{to}/{}", chance.pick(&["J2", "CYBER", "NOBODY"]));
            let lists: [&[String]; 3] = [&[], std::slice::from_ref(&office), &["XCC/J2".to_owned()]];
            report.action = chance.pick(&lists).to_vec();
        }
        6 => report.traffic = word(chance, &["live", "exercise"]),
        _ => {
            let mark = report.title.mark.clone();
            let text = word(chance, &["Together they tell more", " "]);
            report.aggregation_reason = Some(MarkedText { mark, text });
        }
    }
}

fn change_time(sample: &mut Sample, chance: &mut Chance) {
    let one = &mut sample.one;
    if chance.below(3) == 0 {
        one.released = chance.pick(&MOMENTS);
        one.now = if chance.below(4) == 0 { chance.pick(&MOMENTS) } else { one.released };
    }
    let ages = [0, -300, -301, HOUR, 168 * HOUR, 168 * HOUR + 1, 336 * HOUR + 1, 720 * HOUR, 720 * HOUR + 1];
    one.report.information_cutoff = at(one.released).plus(-chance.pick(&ages));
    if chance.below(4) == 0 {
        one.report.information_cutoff = at(chance.pick(&["2025-12-15T00:00:00Z", "2025-12-14T23:59:59Z"]));
    }
    let reviews = [None, Some("2026-11-16"), Some("2026-11-17"), Some("2027-05-16")];
    one.report.review = chance.pick(&reviews).and_then(Day::parse);
}

fn change_fact(sample: &mut Sample, chance: &mut Chance) {
    use AgreementState::{Draft, InForce, NoticeGiven, Suspended, Terminated};
    let one = &mut sample.one;
    match chance.below(9) {
        0 => one.national = !one.national,
        1 => {
            let notice = NoticeGiven(at("2026-09-15T00:00:00Z"));
            let states = [InForce, Suspended, Terminated, Draft, notice];
            one.state = StateView::of(chance.pick(&states), chance.pick(&states));
        }
        2 => {
            let alone = Approval { is_author: true, ..approval("author") };
            let lists: [&[Approval]; 4] = [&[], &[approval("one")], &[alone], &[approval("one"), approval("one")]];
            one.approvals = chance.pick(&lists).to_vec();
        }
        3 => one.emergency = true,
        4 => {
            let code = chance.pick(Code::ALL);
            if code.class() != Class::Authenticity || chance.below(4) == 0 {
                one.faults.insert(code);
            }
        }
        5 => sample.bytes = chance.pick(&[131_072, 131_073, 262_144, 262_145, 1_048_576, 1_048_577]),
        6 => sample.clock_trusted = chance.below(2) == 0,
        7 => {
            sample.superseded = chance.below(4) == 0;
            sample.named = if chance.below(4) == 0 { DIGEST } else { sample.named };
        }
        _ => attach(one, chance),
    }
}

fn attach(one: &mut Try, chance: &mut Chance) {
    let words = words_of(one);
    let count = chance.pick(&[1, 1, 4, 5, 16, 17]);
    let length = chance.pick(&[10, 1_310_720, 1_310_721, 26_214_400, 26_214_401]);
    let kind = chance.pick(&["text/csv", "application/pdf", "image/png", "text/html"]);
    let mark = mark(words.levels[2 + chance.below(3)], "", words.lists[0]);
    let attachment = |n| Attachment {
        name: format!("a{n}.csv"),
        mark: mark.clone(),
        title: MarkedText { mark: mark.clone(), text: "Title".to_owned() },
        media_type: kind.to_owned(),
        length: if n == 0 { length } else { 10 },
        sha256: DIGEST,
    };
    one.report.attachments = (0..count).map(attachment).collect();
}

/// Changes what only informs: no clause reads it.
pub(super) fn reword(one: &mut Try, chance: &mut Chance) {
    let report = &mut one.report;
    report.title.text = "Another title".to_owned();
    report.produced = report.produced.plus(-HOUR);
    report.language = "fr".to_owned();
    report.translation_of = Some("XAA-J2-2026-0001".to_owned());
    report.declassify = None;
    report.classified_by = None;
    report.likelihood_scale = "icd-203/fr".to_owned();
    report.answers = Some("XBB-RFI-2026-0001".to_owned());
    report.refers_to = owned(&["XAA-J2-2026-0002"]);
    report.supersedes = Some("XAA-J2-2026-0003".to_owned());
    report.from_tear_line = !report.from_tear_line;
    let confidence = chance.pick(&["low", "high"]).to_owned();
    let likelihood = "likely".to_owned();
    report.judgements.push(Judgement { id: "KJ9".to_owned(), likelihood, confidence, sources: vec![1] });
    report.portions.iter_mut().for_each(|one| one.body.text.push_str(" and SECRET//NOFORN"));
    for source in &mut report.sources {
        source.grade = "F6".to_owned();
        let Some(described) = &mut source.described else { continue };
        described.kind = "open".to_owned();
        described.as_of = Day::parse("2020-01-01").unwrap();
        described.descriptor = "Another".to_owned();
    }
    for one in &mut report.attachments {
        one.name.push_str(".bin");
        one.title.text = "Another".to_owned();
        one.sha256 = Digest::from_bytes([1; 32]);
    }
}
