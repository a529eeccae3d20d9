//! Every row of the decision cases, decided by the program. `RELTO_CASES=PATH` takes another file of the same form.
//!
//! The rows' form is described in the examples' README; the meaning of every clause is agreement-grammar's.
#![cfg(test)]

use relto_policy::{
    agreement::Agreement,
    check::{Approval, Facts, Rules, Side, Subject, Times, check},
    code::{Code, CodeSet},
    consent::Consent,
    content::ContentFindings,
    decision::Decision,
    national::NationalRules,
    state::{AgreementState, StateView},
};
use relto_report::{
    assessment::{Attachment, Block, Declassify, Described, FORMAT, Judgement, MarkedText, Portion, Report, Source},
    calendar::{Day, Timestamp},
    digest::Digest,
    label::join,
    marking::{Control, read_banner},
    nation::Nation,
    register::Register,
    vocabulary::Vocabulary,
};
use std::{collections::BTreeMap, path::PathBuf};

/// Rows that need what is not built yet. A row here that passes fails the test, so the list only ever shrinks.
const NOT_YET: &[&str] = &[];

/// Start of consents, of which a row says only the end: that of the example's.
const CONSENT_FROM: &str = "2026-07-01T00:00:00Z";

type Row = BTreeMap<String, String>;

#[test]
fn decision_cases() {
    let replaced = std::env::var_os("RELTO_CASES").map(PathBuf::from);
    let path = replaced.clone().unwrap_or_else(|| example("cases.csv"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rows = inherit(&table(&text));
    let world = World::load();
    let not_yet = if replaced.is_some() { &[] } else { NOT_YET };
    let (mut right, mut wrong) = (0, Vec::new());
    for row in &rows {
        let (expected, got) = (Answer::expected(row), world.decide(row));
        let id = &row["id"];
        if expected == got {
            right += 1;
        }
        if (expected == got) == not_yet.contains(&id.as_str()) {
            wrong.push(format!("{id} ({})\n  expected {expected}\n  got      {got}", row["note"]));
        }
    }
    println!("cases: {} rows, {right} right", rows.len());
    assert!(
        wrong.is_empty(),
        "{} rows decided otherwise, or listed as not built and right:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What a row says, or what the program says, in the words of the file.
#[derive(PartialEq, Eq)]
struct Answer {
    verdict: String,
    codes: String,
    to_partner: String,
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let codes = if self.codes.is_empty() { "none" } else { &self.codes };
        write!(f, "{} | {codes} | {}", self.verdict, self.to_partner)
    }
}

impl Answer {
    fn expected(row: &Row) -> Self {
        let sorted = |key: &str| {
            let mut list = members(&row[key]);
            list.sort_unstable();
            list.join("; ")
        };
        Self { verdict: row["expected"].clone(), codes: sorted("codes"), to_partner: sorted("to_partner") }
    }

    fn of(decision: &Decision, side: Side) -> Self {
        let verdict = match (decision, side) {
            (Decision::Permit(_), Side::Out) => "release",
            (Decision::Permit(_), Side::In) => "admit",
            (Decision::Hold(_), _) => "hold",
            (Decision::Refusal(refusal), _) => {
                if refusal.quarantine {
                    "quarantine"
                } else {
                    "refuse"
                }
            }
        };
        let mut seen: Vec<&str> = Code::of_bits(decision.partner_codes()).into_iter().map(Code::name).collect();
        seen.sort_unstable();
        let to_partner = match side {
            Side::Out => "-".to_owned(),
            Side::In if seen.is_empty() => "ACCEPTED".to_owned(),
            Side::In => seen.join("; "),
        };
        // `none` reads as an empty list in `Answer::expected`.
        Self { verdict: verdict.to_owned(), codes: decision.names().join("; "), to_partner }
    }
}

/// The files that the rows are decided by.
struct World {
    text: String,
    vocabulary: Vocabulary,
    registers: BTreeMap<Nation, Register>,
    national: NationalRules,
}

impl World {
    fn load() -> Self {
        let bytes = |name: &str| std::fs::read(example(name)).unwrap();
        let text = |name: &str| String::from_utf8(bytes(name)).unwrap();
        let world = Self {
            text: text("agreement.toml"),
            vocabulary: Vocabulary::read("vocabulary.toml", &bytes("vocabulary.toml")).unwrap(),
            registers: ["XAA", "XBB"].map(|code| (nation(code), register(code))).into(),
            national: NationalRules::read("national-rules.toml", &bytes("national-rules.toml")).unwrap(),
        };
        let agreement = world.agreement("XAA-XBB-2026-01");
        agreement.fits("agreement.toml", &world.vocabulary, &world.registers).unwrap();
        world.national.narrows(&agreement).unwrap();
        world
    }

    fn agreement(&self, name: &str) -> Agreement {
        let text = if name.starts_with("EX-") {
            let exercise = format!("kind = \"exercise\"\nexercise = \"{name}\"");
            self.text.replacen("kind = \"live\"", &exercise, 1).replacen("XAA-XBB-2026-01", name, 1)
        } else {
            self.text.clone()
        };
        let mut agreement = Agreement::read("agreement.toml", text.as_bytes()).unwrap();
        if name == "no-reverse" {
            agreement.scopes.truncate(1);
        }
        agreement
    }

    fn decide(&self, row: &Row) -> Answer {
        let side = if row["side"] == "in" { Side::In } else { Side::Out };
        let (from, to) = row["direction"].split_once('>').unwrap();
        let (from, to) = (nation(from), nation(to));
        let agreement = self.agreement(&row["agreement"]);
        let now = moment(&row["now"]);
        let released = optional(&row["released"]).map(moment);
        let register = self.registers.get(&from).unwrap_or(&self.registers[&nation("XAA")]);
        let report = Draft { row, from, register, agreement: &agreement, released: released.unwrap_or(now) }.report();
        let digest = Digest::from_bytes([7; 32]);
        let subject = Subject { report: &report, report_bytes: row["size"].parse().unwrap(), digest };
        let mut national = self.national.clone();
        national.agreement.clone_from(&agreement.id);
        let deciding = if side == Side::Out { from } else { to };
        let national = optional(&row["national"]).is_some_and(|name| nation(name) == deciding).then_some(&national);
        let registers = &self.registers;
        let rules = Rules { agreement: &agreement, registers, vocabulary: &self.vocabulary, national };
        let consents: Vec<Consent> =
            members(&row["consents"]).iter().map(|text| consent(text, from, &row["now"])).collect();
        // The rows say nothing of words and attachments' content: clean.
        let content = ContentFindings::nothing(digest);
        let mut facts = Facts { consents: &consents, content: Some(&content), ..facts(row, from, to) };
        let named = if row["agreement"] == "digest-differs" { Digest::from_bytes([9; 32]) } else { agreement.digest };
        facts.named = Some(named);
        let decision = check(&subject, &rules, &facts, side, &Times { now, released });
        if let Decision::Permit(permit) = &decision {
            assert!(permit.is_for(&digest, &agreement.digest, from, to), "{}", row["id"]);
        }
        Answer::of(&decision, side)
    }
}

fn facts(row: &Row, from: Nation, to: Nation) -> Facts<'static> {
    let mut facts = Facts::new(from, to, state(&row["state"]), &row["precedence"]);
    facts.superseded = row["superseded"] == "yes";
    facts.emergency = row["emergency"] == "yes";
    facts.faults = members(&row["fault"]).iter().map(|name| code(name)).collect();
    if row["agreement"] == "unknown" {
        facts.faults.insert(Code::AgreementUnknown);
    }
    facts.clock_trusted = !facts.faults.contains(Code::ClockUntrusted);
    facts.standing_allowed = false;
    for word in members(&row["approvals"]) {
        match word.as_str() {
            "standing" => facts.standing_allowed = true,
            "officer" => facts.approvals.push(approval("officer", &RELEASES)),
            "second" => facts.approvals.push(approval("second", &RELEASES)),
            "author" => facts.approvals.push(Approval { is_author: true, ..approval("author", &RELEASES) }),
            "senior" => {
                facts.approvals.push(Approval { senior: true, ..approval("senior", &[Code::NationalTopicHeld]) });
            }
            "review-confirmed" => facts.approvals.push(approval("officer", &[Code::ReviewDatePassed])),
            other => panic!("{}: approval {other:?}", row["id"]),
        }
    }
    for (n, text) in (1..).zip(outside_brackets(&row["sources"])) {
        if let Some((owner, _)) = text.split_once('*') {
            facts.owners.insert(n, nation(owner));
        }
    }
    facts
}

const RELEASES: [Code; 2] = [Code::ApprovalRequired, Code::SecondApprovalRequired];

fn approval(account: &str, answers: &[Code]) -> Approval {
    let answers = answers.iter().copied().collect::<CodeSet>();
    Approval { account: account.to_owned(), is_author: false, senior: false, answers }
}

/// `owner / topics / level / until / to`.
fn consent(text: &str, holder: Nation, now: &str) -> Consent {
    let parts: Vec<&str> = text.split(" / ").map(str::trim).collect();
    let [owner, topics, level, until, to] = parts[..] else { panic!("consent {text:?}") };
    Consent {
        serial: "XCC-CONSENT-2026-0088".to_owned(),
        owner: nation(owner),
        holder,
        to: to.split(',').map(|one| nation(one.trim())).collect(),
        topics: topics.split(',').map(|one| one.trim().to_owned()).collect(),
        to_level: level.parse().unwrap(),
        valid_from: moment(CONSENT_FROM).min(moment(now)),
        valid_until: moment(until),
        onward: false,
        name_origin: true,
        evidence: Digest::from_bytes([1; 32]),
        signed_by: vec![format!("{holder}/FDO")],
    }
}

/// `A`, or `A|B`: ours and the partner's.
fn state(text: &str) -> StateView {
    let one = |text: &str| match text.trim().split_once('@') {
        Some(("notice-given", at)) => AgreementState::NoticeGiven(moment(at)),
        None => match text.trim() {
            "draft" => AgreementState::Draft,
            "signed" => AgreementState::Signed,
            "in-force" => AgreementState::InForce,
            "suspended" => AgreementState::Suspended,
            "terminated" => AgreementState::Terminated,
            other => panic!("state {other:?}"),
        },
        Some(_) => panic!("state {text:?}"),
    };
    text.split_once('|')
        .map_or_else(|| StateView::both(one(text)), |(ours, theirs)| StateView::of(one(ours), one(theirs)))
}

/// What a row says of the report, to be written as one.
struct Draft<'a> {
    row: &'a Row,
    from: Nation,
    register: &'a Register,
    agreement: &'a Agreement,
    released: Timestamp,
}

impl Draft<'_> {
    fn report(&self) -> Report {
        let row = self.row;
        let cutoff = self.released.plus(-age(&row["age"]));
        let marks = members(&row["portions"]);
        let mut report = Report {
            format: FORMAT.to_owned(),
            serial: format!("{}-J2-2026-0431", self.from),
            form: row["form"].clone(),
            title: self.uncontrolled("Title"),
            banner: row["banner"].clone(),
            rel_to: Vec::new(),
            topics: members(&row["topics"]),
            purpose: row["purpose"].clone(),
            precedence: row["precedence"].clone(),
            action: members(&row["to"]),
            info: Vec::new(),
            traffic: row["traffic"].clone(),
            language: self.register.language.clone(),
            translation_of: None,
            information_cutoff: cutoff,
            produced: cutoff.max(self.released),
            review: optional(&row["review"]).map(|text| Day::parse(text).unwrap()),
            declassify: Some(Declassify::Originator),
            classified_by: Some(format!("{}/J2", self.from)),
            likelihood_scale: "icd-203/en".to_owned(),
            tlp: optional(&row["tlp"]).map(str::to_owned),
            answers: (row["form"] == "rfi-response").then(|| "XBB-RFI-2026-0112".to_owned()),
            refers_to: Vec::new(),
            supersedes: None,
            aggregation_reason: optional(&row["aggregation_reason"]).map(|text| self.uncontrolled(text)),
            from_tear_line: false,
            judgements: vec![Judgement {
                id: format!("{}1", self.register.judgement_prefix),
                likelihood: "likely".to_owned(),
                confidence: "moderate".to_owned(),
                sources: vec![1],
            }],
            sources: self.sources(&marks, cutoff.day()),
            portions: marks.iter().map(|mark| portion(mark)).collect(),
            attachments: members(&row["attachments"]).iter().map(|text| self.attachment(text)).collect(),
        };
        report.rel_to = self.listed(&report);
        report
    }

    /// The banner's list. Where it has none, the own nation alone; but where no portion has a say, the row's list.
    fn listed(&self, report: &Report) -> Vec<String> {
        let (banner, _) = read_banner(&report.banner, self.register);
        for control in banner.controls {
            if let Control::Audience(codes) = control {
                return codes;
            }
        }
        let groups = self.agreement.groups_on(self.released.day());
        if join(report, self.register, &groups).audience.is_some() {
            return Vec::new();
        }
        let own = self.from.to_string();
        let mut others: Vec<String> = members(&self.row["rel_to"]).into_iter().filter(|code| *code != own).collect();
        others.sort_unstable();
        if others.is_empty() { others } else { [vec![own], others].concat() }
    }

    fn short(&self) -> &str {
        &self.register.levels.iter().find(|level| level.uncontrolled).unwrap().short
    }

    fn uncontrolled(&self, text: &str) -> MarkedText {
        MarkedText { mark: self.short().to_owned(), text: text.to_owned() }
    }

    /// A foreign source has the mark of its nation's first portion; where there is none, an own one.
    fn sources(&self, marks: &[String], day: Day) -> Vec<Source> {
        let source = |n: u32, text: &str| {
            let (owner, topics) =
                text.split_once('(').map_or((text, ""), |(owner, rest)| (owner, rest.trim_end_matches(')')));
            let shown = if owner.contains('*') { "FGI" } else { owner };
            let foreign = marks.iter().find(|mark| mark.starts_with(&format!("//{shown} ")));
            Source {
                n,
                grade: "B2".to_owned(),
                described: Some(Described {
                    mark: foreign.map_or_else(|| self.short().to_owned(), Clone::clone),
                    nation: shown.to_owned(),
                    kind: "technical".to_owned(),
                    as_of: day,
                    topics: topics
                        .split([',', ';'])
                        .map(str::trim)
                        .filter(|one| !one.is_empty())
                        .map(str::to_owned)
                        .collect(),
                    descriptor: "A source".to_owned(),
                }),
            }
        };
        (1..).zip(outside_brackets(&self.row["sources"])).map(|(n, text)| source(n, &text)).collect()
    }

    fn attachment(&self, text: &str) -> Attachment {
        let (media_type, length) = text.split_once('=').unwrap();
        Attachment {
            name: "attachment".to_owned(),
            mark: self.short().to_owned(),
            title: self.uncontrolled("Attachment"),
            media_type: media_type.to_owned(),
            length: length.parse().unwrap(),
            sha256: Digest::from_bytes([3; 32]),
        }
    }
}

fn portion(mark: &str) -> Portion {
    let body = MarkedText { mark: mark.to_owned(), text: "Text".to_owned() };
    Portion { block: Block::Paragraph, body }
}

fn example(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

fn register(code: &str) -> Register {
    let name = format!("markings-{code}.toml");
    Register::read(&name, &std::fs::read(example(&name)).unwrap()).unwrap()
}

fn nation(text: &str) -> Nation {
    Nation::parse(text.trim()).unwrap_or_else(|| panic!("nation {text:?}"))
}

fn moment(text: &str) -> Timestamp {
    Timestamp::parse(text.trim()).unwrap_or_else(|| panic!("moment {text:?}"))
}

fn code(name: &str) -> Code {
    Code::parse(name).unwrap_or_else(|| panic!("code {name:?}"))
}

fn optional(text: &str) -> Option<&str> {
    (!text.is_empty() && text != "none").then_some(text)
}

/// The members of a cell `a; b; c`; `none` has none.
fn members(text: &str) -> Vec<String> {
    let list = optional(text).into_iter().flat_map(|text| text.split(';'));
    list.map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

/// As [`members`], where a `;` in round brackets parts nothing.
fn outside_brackets(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut depth = 0;
    for letter in optional(text).unwrap_or_default().chars() {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        if letter == ';' && depth == 0 {
            out.push(String::new());
        } else if let Some(last) = out.last_mut() {
            last.push(letter);
        }
    }
    out.into_iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

/// Seconds of an age such as `24h`, `504h1s` or `-0h5m1s`.
fn age(text: &str) -> i64 {
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (mut total, mut number) = (0, 0);
    for letter in rest.chars() {
        match letter {
            '0'..='9' => number = number * 10 + i64::from(letter.to_digit(10).unwrap()),
            'd' | 'h' | 'm' | 's' => {
                total += std::mem::take(&mut number)
                    * match letter {
                        'd' => 86_400,
                        'h' => 3600,
                        'm' => 60,
                        _ => 1,
                    };
            }
            other => panic!("age {text:?}: {other:?}"),
        }
    }
    sign * total
}

/// Fills each empty cell from the row named in `like`.
fn inherit(table: &[Vec<String>]) -> Vec<Row> {
    let (head, body) = table.split_first().expect("the file has a head line");
    let mut out: Vec<Row> = Vec::new();
    for cells in body {
        assert_eq!(cells.len(), head.len(), "row {:?} has as many cells as the head", cells.first());
        let mut row: Row = head.iter().cloned().zip(cells.iter().cloned()).collect();
        let like = row["like"].clone();
        if !like.is_empty() {
            let base = out.iter().find(|one| one["id"] == like).unwrap_or_else(|| panic!("no row {like}")).clone();
            for (key, value) in &mut row {
                if value.is_empty() && key != "note" {
                    value.clone_from(&base[key]);
                }
            }
        }
        out.push(row);
    }
    out
}

/// The cells of a CSV text (RFC 4180): quotes around a cell, doubled inside it, and line ends inside it are kept.
fn table(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut letters = text.trim_start_matches('\u{FEFF}').chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, quoted) {
            ('"', true) if letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\r', false) => {}
            ('\n', false) => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            (other, _) => cell.push(other),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows.retain(|row| row.len() > 1);
    rows
}

#[test]
fn the_reader_of_cases_knows_quotes() {
    let rows = table("a,b,c\r\n1,\"x, \"\"y\"\"\",3\n\n4,,\n");
    assert_eq!(rows, [vec!["a", "b", "c"], vec!["1", "x, \"y\"", "3"], vec!["4", "", ""]]);
    assert_eq!([age("504h1s"), age("-0h5m1s"), age("24h")], [504 * 3600 + 1, -301, 86_400]);
}
