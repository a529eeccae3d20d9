//! A stricter marking is never decided more freely, over cases by chance.

use super::{
    chance::{each, shown},
    *,
};

/// Level by word, from the highest.
const fn levels(from: &str) -> [&'static str; 5] {
    if from.as_bytes()[1] == b'B' { ["TS", "S", "C", "DR", "NP"] } else { ["TS", "S", "C", "R", "U"] }
}

/// A mark in its parts: owner, level, controls.
fn in_parts(text: &str) -> (String, String, Vec<String>) {
    let (owner, rest) = match text.strip_prefix("//").and_then(|rest| rest.split_once(' ')) {
        Some((owner, rest)) => (format!("//{owner} "), rest),
        None => (String::new(), text),
    };
    let (level, controls) = rest.split_once("//").unwrap_or((rest, ""));
    let controls = controls.split('/').filter(|one| !one.is_empty()).map(str::to_owned).collect();
    (owner, level.to_owned(), controls)
}

/// A stricter level (0), a caveat (1, 2) or a shorter list (3) for one mark; whether there was one.
fn stricter(text: &mut String, from: &str, act: usize) -> bool {
    let (owner, mut level, mut controls) = in_parts(text);
    match act {
        0 => {
            let place = levels(from).iter().position(|one| *one == level);
            let Some(place) = place.filter(|place| *place > 0) else { return false };
            levels(from)[place - 1].clone_into(&mut level);
        }
        1 | 2 => {
            let word = match (act, from) {
                (1, "XAA") => "LD",
                (1, _) => "DL",
                (_, "XAA") => "NF",
                (..) => "SB",
            };
            if controls.iter().any(|one| one == word) {
                return false;
            }
            if act == 2 {
                controls.clear();
            }
            let behind = controls.first().is_some_and(|one| matches!(one.as_str(), "OC" | "CE"));
            controls.insert(usize::from(behind), word.to_owned());
        }
        _ => {
            // The last of the list; never so that a mark without any control is left, which has no say at all.
            let Some((head, _)) = controls.last().and_then(|list| list.rsplit_once(", ")) else { return false };
            let head = head.to_owned();
            controls.pop();
            if head.ends_with(&format!(" {from}")) {
                if controls.is_empty() && level == levels(from)[4] {
                    return false;
                }
            } else {
                controls.push(head);
            }
        }
    }
    let controls = controls.join("/");
    *text = owner + &level + if controls.is_empty() { "" } else { "//" } + &controls;
    true
}

/// Every mark of a report but the banner.
fn marks(report: &mut Report) -> impl Iterator<Item = &mut String> {
    let text = report.portions.iter_mut().map(|one| &mut one.body.mark);
    let sources = report.sources.iter_mut().filter_map(|one| one.described.as_mut().map(|is| &mut is.mark));
    let attachments = report.attachments.iter_mut().flat_map(|one| [&mut one.mark, &mut one.title.mark]);
    std::iter::once(&mut report.title.mark).chain(text).chain(sources).chain(attachments)
}

#[test]
fn pol_11_a_stricter_portion_with_its_banner_is_never_decided_more_freely() {
    let (mut asked, mut refused) = ([0; 4], [0; 4]);
    each(4, |world, sample, chance| {
        let mut before = sample.clone();
        world.relabel(&mut before.one);
        let mut after = before.clone();
        let (from, act) = (after.one.from, chance.below(4));
        let place = chance.below(after.one.report.portions.len());
        if !stricter(&mut after.one.report.portions[place].body.mark, from, act) {
            return;
        }
        world.relabel(&mut after.one);
        let (first, second) = (world.judge(&before), world.judge(&after));
        asked[act] += 1;
        refused[act] += u32::from(strictness(&second) > strictness(&first));
        let told = format!("{} became {}:\n{}\n{}", answer(&first), answer(&second), shown(&before), shown(&after));
        assert!(strictness(&second) >= strictness(&first), "{told}");
    });
    assert!(asked.iter().all(|count| *count > 300) && refused.iter().all(|count| *count > 20), "{asked:?} {refused:?}");
}

#[test]
fn pol_11_a_stricter_label_as_a_whole_is_never_decided_more_freely() {
    // All levels a step up, in the banner too, which need not be the computed one.
    let long = |word: &str| match word {
        "UNCLASSIFIED" => "RESTRICTED",
        "RESTRICTED" => "CONFIDENTIAL",
        "CONFIDENTIAL" => "SECRET",
        "NON PROTÉGÉ" => "DIFFUSION RESTREINTE",
        "DIFFUSION RESTREINTE" => "CONFIDENTIEL",
        "CONFIDENTIEL" => "SECRET",
        "SECRET" | "TRÈS SECRET" | "TOP SECRET" => "TOP SECRET",
        _ => "",
    };
    let mut asked = 0;
    each(5, |world, before, _| {
        let mut after = before.clone();
        let from = after.one.from;
        let report = &mut after.one.report;
        let level = report.banner.split("//").next().unwrap().to_owned();
        let mut raised = long(&level);
        if raised == "TOP SECRET" && from == "XBB" {
            raised = "TRÈS SECRET";
        }
        let first = world.judge(before);
        let lacks_reason = matches!(&first, Decision::Refusal(refusal)
            if refusal.reasons.iter().all(|one| one.code == Code::AggregationReasonMissing));
        if raised.is_empty() || lacks_reason {
            return;
        }
        report.banner = report.banner.replacen(&level, raised, 1);
        marks(report).for_each(|one| _ = stricter(one, from, 0));
        asked += 1;
        let second = world.judge(&after);
        let told = format!("{} became {}:\n{}\n{}", answer(&first), answer(&second), shown(before), shown(&after));
        assert!(strictness(&second) >= strictness(&first), "{told}");
    });
    assert!(asked > 1000, "{asked}");
}

#[test]
fn a_caveat_that_keeps_it_at_home_is_told_by_its_own_code() {
    let mut asked = 0;
    each(13, |world, sample, _| {
        let mut report = sample.one.report.clone();
        let kept = marks(&mut report).any(|text| in_parts(text).2.iter().any(|one| one == "NF" || one == "SB"));
        let Decision::Refusal(refusal) = world.judge(sample) else {
            assert!(!kept, "{}", shown(sample));
            return;
        };
        let alone = refusal.reasons.iter().any(|one| one.code.class() == crate::code::Class::Authenticity);
        let has = |code| refusal.reasons.iter().any(|one| one.code == code);
        if kept && !alone && !has(Code::DirectionNotAgreed) {
            assert!(has(Code::CaveatForbidsForeign) && has(Code::NotReleasableToRecipient), "{}", shown(sample));
            asked += 1;
        }
    });
    assert!(asked > 50, "{asked}");
}
