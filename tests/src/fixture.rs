//! Two nations under the example agreement, with keys of the test's own, and reports that pass all rules.

use relto_audit::{
    commitment::SALT,
    leaf::{Precedence, SignedStatement},
};
use relto_exchange::link::{Link, Officer, Prior};
use relto_policy::{
    agreement::Agreement,
    change::{Act, Change, Record},
    consent::Consent,
    national::NationalRules,
};
use relto_report::{
    assessment::{
        Attachment, Block, Declassify, Described, Document, FORMAT, Judgement, MarkedText, Portion, Report, Source,
    },
    attachment::judge,
    calendar::{Day, Timestamp},
    codec,
    crypto::{Signer, SoftwareKey, sha256},
    domain::{Tag, message},
    inspection::{Attachments, Look, Looks, Seen, ending},
    nation::Nation,
    note::Note,
    register::Register,
    signed::{Approval, ApprovalStatement, AuthorStatement, Authored, Submitted, Unverified, Verified, home_digest},
    vocabulary::Vocabulary,
};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, OnceLock},
};
use zeroize::Zeroizing;

/// 2026-11-17T12:00:00Z, the moment of the examples, in Unix milliseconds.
pub const NOW: u64 = 1_794_916_800_000;

/// Stands in every account name and home file, and must never be seen on the wire.
pub const CANARY: &str = "CANARY";

/// What else of the national side must never be seen on the wire.
pub const NATIONAL_CANARIES: [&str; 4] = ["XAA-NDP-", "XAA-DDL-", "XBB-NDP-", "XBB-DDL-"];

/// Which of the two nations: 0 is XAA and dials, 1 is XBB and listens.
pub type Side = usize;

/// The nation of a side.
#[must_use]
pub fn nation(side: Side) -> Nation {
    Nation::parse(["XAA", "XBB"][side]).unwrap()
}

/// A key of the test's own.
#[must_use]
pub fn key(name: &str) -> SoftwareKey {
    SoftwareKey::from_seed(&Zeroizing::new(*sha256(&[name.as_bytes()]).as_bytes())).unwrap()
}

/// Name of the key that seals a side's logs.
#[must_use]
pub fn seal_key_name(side: Side) -> String {
    format!("seal {}", nation(side))
}

/// An example's bytes.
#[must_use]
pub fn example(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn example_text(name: &str) -> String {
    String::from_utf8(example(name)).unwrap()
}

/// The example agreement as version 1 under keys of the test's own.
#[must_use]
pub fn agreement_text() -> String {
    let text = example_text("agreement.toml");
    let mut out = String::new();
    let (mut party, mut skip, mut signers) = (0, false, [0_u8; 2]);
    for line in text.lines() {
        if line.starts_with("[party.XBB]") {
            party = 1;
        }
        let line = if let Some(rest) = line.strip_prefix("seal_key") {
            assert!(rest.contains("ed25519:"));
            format!("seal_key = \"{}\"", key(&seal_key_name(party)).public_key())
        } else if line.starts_with("tls_roots") {
            format!("tls_roots = [\"{}\"]", sha256(&[b"root", nation(party).as_str().as_bytes()]))
        } else if line.starts_with("key    =") {
            signers[party] += 1;
            format!("key = \"{}\"", signer(party, signers[party] - 1).public_key())
        } else if line.starts_with("version") {
            "version = 1".to_owned()
        } else if line.starts_with("supersedes") {
            continue;
        } else if line.starts_with("extends") {
            skip = true;
            "extends = []".to_owned()
        } else if skip {
            skip = line != "]";
            continue;
        } else {
            line.to_owned()
        };
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// The version after another, with its text changed.
#[must_use]
pub fn version_after(before: &Agreement, change: impl FnOnce(String) -> String) -> Arc<Agreement> {
    let next = format!("version = {}\nsupersedes = \"{}\"", before.version + 1, before.digest);
    let text = change(agreement_text().replacen("version = 1", &next, 1));
    Arc::new(read(Agreement::read("agreement.toml", text.as_bytes())))
}

/// The key of the n-th signer of a Party, from 0.
#[must_use]
pub fn signer(side: Side, n: u8) -> SoftwareKey {
    key(&format!("signer {n} of {side}"))
}

/// The next change of a side's own, signed by its first two signers.
#[must_use]
pub fn change(link: &Link, record: &Record, act: Act) -> SignedStatement {
    let last = record.ours.last().map(|one| &one.change);
    let adopted = record.ours.iter().rev().find_map(|one| match one.change.act {
        Act::Adopt(version) => Some(version),
        _ => None,
    });
    let change = Change {
        agreement: link.agreement.id.clone(),
        version: adopted.unwrap_or(link.agreement.digest),
        nation: link.own,
        counter: last.map_or(1, |one| one.counter + 1),
        previous: last.map(Change::digest),
        act,
    };
    let statement = change.write().into_bytes();
    let side = usize::from(link.own == nation(1));
    let bytes = message(Tag::Change, &statement);
    let signatures = [0, 1].map(|n| (n, signer(side, n).sign(&bytes).unwrap())).to_vec();
    SignedStatement { statement, signatures }
}

/// Arcadia's rules of the examples without the table that is not built.
fn rules_of_xaa() -> NationalRules {
    let text = example_text("national-rules.toml");
    let start = text.find("[content]").expect("the example has the table");
    read(NationalRules::read("national-rules.toml", &text.as_bytes()[..start]))
}

/// Borealia narrows nothing and lets unclassified reports out under an authority given in advance.
fn rules_of_xbb() -> NationalRules {
    let text = r#"
format = "relto-national/1"
nation = "XBB"
agreement = "XAA-XBB-2026-01"
serial = "XBB-NDP-ARCADIE-02"
issued_by = "XBB/SGDC"
valid_from = 2026-06-01T00:00:00Z
valid_until = 2027-06-01T00:00:00Z

[accreditation]
certificate = "XBB-HOM-2025-0007"
highest_level = 3
valid_until = 2026-12-31T00:00:00Z

[[standing_authority]]
serial = "XBB-DDL-2026-003"
to = "XAA"
topics = ["cyber.intrusion", "hybrid.disinformation", "maritime.surface", "space.pnt-interference"]
forms = ["assessment", "warning"]
to_level = 0
caveats = []
valid_until = 2026-12-01T00:00:00Z
signed_by = "XBB/SGDC"
"#;
    read(NationalRules::read("national-rules-XBB.toml", text.as_bytes()))
}

fn read<T>(result: Result<T, relto_report::fault::Faults>) -> T {
    result.unwrap_or_else(|faults| panic!("{faults}"))
}

/// The link of a side, all checks of a node's start passed.
#[must_use]
pub fn link(side: Side) -> Link {
    static LINKS: OnceLock<[Link; 2]> = OnceLock::new();
    LINKS.get_or_init(|| [0, 1].map(make_link))[side].clone()
}

fn make_link(side: Side) -> Link {
    let agreement = read(Agreement::read("agreement.toml", agreement_text().as_bytes()));
    let vocabulary = read(Vocabulary::read("vocabulary.toml", &example("vocabulary.toml")));
    let register = |code: &str| {
        let name = format!("markings-{code}.toml");
        (Nation::parse(code).unwrap(), read(Register::read(&name, &example(&name))))
    };
    let registers = BTreeMap::from([register("XAA"), register("XBB")]);
    read(agreement.fits("agreement.toml", &vocabulary, &registers));
    let national = [rules_of_xaa, rules_of_xbb][side]();
    read(national.narrows(&agreement));
    let consent = read(Consent::read("consent-XCC.toml", &example("consent-XCC.toml")));
    let (own, partner) = (nation(side), nation(1 - side));
    Link {
        later: Vec::new(),
        words: Arc::new(relto_report::shapes::Words::of(registers.values())),
        registers: Arc::new(registers),
        vocabulary: Arc::new(vocabulary),
        national: Some(Arc::new(national)),
        consents: Arc::new(if side == 0 { vec![consent] } else { Vec::new() }),
        attachments: Arc::new(InProcess),
        prior: Arc::new(Prior::default()),
        officers: Arc::new(officers(side)),
        own,
        partner,
        own_key: agreement.party(own).unwrap().seal_key,
        partner_key: agreement.party(partner).unwrap().seal_key,
        agreement: Arc::new(agreement),
    }
}

/// Judges attachments where it is asked, by the functions that an inspector calls: for tests of everything else.
pub struct InProcess;

impl Attachments for InProcess {
    fn looks(&self, document: &Document) -> Looks {
        let look =
            |(n, one): (usize, &Attachment)| Ok(Look::of(&judge(ending(&one.name), &document.attached(n).unwrap())));
        let seen: Vec<Seen> = document.report().attachments.iter().enumerate().map(look).collect();
        Looks::Done(document.digest(), seen.into())
    }
}

/// Changes one side's copy of the agreement and leaves its digest: a node whose decisions are not to be trusted.
pub fn corrupt_agreement(link: &mut Link, change: impl FnOnce(&mut Agreement)) {
    let mut agreement = Agreement::clone(&link.agreement);
    change(&mut agreement);
    link.agreement = Arc::new(agreement);
}

/// Changes one side's national rules.
pub fn change_rules(link: &mut Link, change: impl FnOnce(&mut NationalRules)) {
    let mut rules = NationalRules::clone(link.national.as_ref().unwrap());
    change(&mut rules);
    link.national = Some(Arc::new(rules));
}

/// Account of a side's author.
#[must_use]
pub fn author(side: Side) -> String {
    format!("{CANARY}-author-{}", nation(side))
}

/// Account of a side's n-th officer.
#[must_use]
pub fn officer(side: Side, n: u8) -> String {
    format!("{CANARY}-officer-{n}-{}", nation(side))
}

/// Officers 0 to 3 of a side, the last a senior one; and its author, whose approval of an own report must not count.
#[must_use]
pub fn officers(side: Side) -> BTreeMap<String, Officer> {
    let accounts = (0..4).map(|n| (officer(side, n), n == 3)).chain([(author(side), false)]);
    accounts.map(|(account, senior)| (account.clone(), Officer { key: key(&account).public_key(), senior })).collect()
}

/// What an office of this side says when it acknowledges.
#[must_use]
pub fn note(side: Side) -> Note {
    Note::bare(format!("{}/J2", nation(side)))
}

/// A report to be: small, well formed, and releasable where level and topic are.
#[derive(Clone)]
pub struct Draft {
    /// Who releases it.
    pub from: Side,
    /// Last part of its serial.
    pub number: u32,
    /// `ROUTINE` unless changed; with `FLASH` goes the form `warning`.
    pub precedence: Precedence,
    /// 0 to 4 by the table of equivalence.
    pub level: usize,
    /// Its one topic.
    pub topic: &'static str,
    /// Bytes of text in further portions.
    pub padding: usize,
    /// Bytes of each attachment.
    pub attachments: Vec<usize>,
}

impl Draft {
    /// An unclassified ROUTINE report that goes out under either nation's standing authority.
    #[must_use]
    pub const fn new(from: Side, number: u32) -> Self {
        Self {
            from,
            number,
            precedence: Precedence::Routine,
            level: 0,
            topic: "maritime.surface",
            padding: 0,
            attachments: Vec::new(),
        }
    }

    /// The same at another level.
    #[must_use]
    pub fn level(self, level: usize) -> Self {
        Self { level, ..self }
    }

    /// The same on another topic.
    #[must_use]
    pub fn topic(self, topic: &'static str) -> Self {
        Self { topic, ..self }
    }

    /// The same at another speed.
    #[must_use]
    pub fn precedence(self, precedence: Precedence) -> Self {
        Self { precedence, ..self }
    }

    /// The same, longer.
    #[must_use]
    pub fn padding(self, padding: usize) -> Self {
        Self { padding, ..self }
    }

    /// The same with attachments of these sizes.
    #[must_use]
    pub fn attachments(self, sizes: &[usize]) -> Self {
        Self { attachments: sizes.to_vec(), ..self }
    }

    /// Its serial.
    #[must_use]
    pub fn serial(&self) -> String {
        format!("{}-J2-2026-{:04}", nation(self.from), self.number)
    }

    /// A text that stands in this report and in no other.
    #[must_use]
    pub fn marker(&self) -> String {
        marker(&self.serial())
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> Document {
        self.edited(|_| {})
    }

    /// The document after a change to the report.
    #[must_use]
    pub fn edited(&self, edit: impl FnOnce(&mut Report)) -> Document {
        let mut report = self.report();
        edit(&mut report);
        let attached: Vec<Vec<u8>> = self.attachments.iter().map(|size| table(*size)).collect();
        let attached: Vec<&[u8]> = attached.iter().map(Vec::as_slice).collect();
        Document::decode(Document::lay_out(&report, &attached)).expect("the fixture makes canonical reports")
    }

    /// The document as this side's author signs it.
    #[must_use]
    pub fn signed(&self) -> Verified<Authored> {
        sign(self.from, &self.document())
    }

    fn report(&self) -> Report {
        let words = WORDS[self.from];
        let mark = [words.marks[self.level], words.list_short].concat();
        let uncontrolled = |text: String| MarkedText { mark: words.marks[0].to_owned(), text };
        let marked = |text: String| MarkedText { mark: mark.clone(), text };
        let own = nation(self.from).to_string();
        let cutoff = Timestamp::parse("2026-11-17T11:00:00Z").unwrap();
        let form = if self.precedence == Precedence::Flash { "warning" } else { "assessment" };
        let judgement = format!("{}1. {} {} {} [1]", words.prefix, self.marker(), words.likely, words.sure);
        let paragraph = |text: String| Portion { block: Block::Paragraph, body: marked(text) };
        let mut portions = vec![paragraph(judgement)];
        let mut left = self.padding;
        while left > 0 {
            let length = left.min(16 * 1024);
            portions.push(paragraph("x".repeat(length)));
            left -= length;
        }
        Report {
            format: FORMAT.to_owned(),
            serial: self.serial(),
            form: form.to_owned(),
            title: uncontrolled("Test".to_owned()),
            banner: format!("{}{}", words.banners[self.level], words.list_long),
            rel_to: vec![own.clone(), nation(1 - self.from).to_string()],
            topics: vec![self.topic.to_owned()],
            purpose: "early-warning".to_owned(),
            precedence: self.precedence.word().to_owned(),
            action: vec![format!("{}/J2", nation(1 - self.from))],
            info: Vec::new(),
            traffic: "live".to_owned(),
            language: words.language.to_owned(),
            translation_of: None,
            information_cutoff: cutoff,
            produced: cutoff.plus(1800),
            review: Day::parse("2027-02-16"),
            declassify: Some(Declassify::Originator),
            classified_by: Some(format!("{own}/J2")),
            likelihood_scale: format!("icd-203/{}", words.language),
            tlp: None,
            answers: None,
            refers_to: Vec::new(),
            supersedes: None,
            aggregation_reason: None,
            from_tear_line: false,
            judgements: vec![Judgement {
                id: format!("{}1", words.prefix),
                likelihood: words.likelihood.to_owned(),
                confidence: words.confidence.to_owned(),
                sources: vec![1],
            }],
            sources: vec![Source {
                n: 1,
                grade: "B2".to_owned(),
                described: Some(Described {
                    mark: words.marks[0].to_owned(),
                    nation: own,
                    kind: "technical".to_owned(),
                    as_of: cutoff.day(),
                    topics: Vec::new(),
                    descriptor: "A source".to_owned(),
                }),
            }],
            portions,
            attachments: self.attachments.iter().enumerate().map(|(n, size)| attachment(n, *size, words)).collect(),
        }
    }
}

/// The text by which a report is known on the wire.
#[must_use]
pub fn marker(serial: &str) -> String {
    format!("MARKER[{serial}]")
}

#[derive(Clone, Copy)]
struct Words {
    marks: [&'static str; 5],
    banners: [&'static str; 5],
    list_short: &'static str,
    list_long: &'static str,
    prefix: &'static str,
    likely: &'static str,
    sure: &'static str,
    likelihood: &'static str,
    confidence: &'static str,
    language: &'static str,
}

const WORDS: [Words; 2] = [
    Words {
        marks: ["U", "R", "C", "S", "TS"],
        banners: ["UNCLASSIFIED", "RESTRICTED", "CONFIDENTIAL", "SECRET", "TOP SECRET"],
        list_short: "//REL TO XAA, XBB",
        list_long: "//REL TO XAA, XBB",
        prefix: "KJ",
        likely: "It is likely that ships gather.",
        sure: "We have moderate confidence in this judgement.",
        likelihood: "likely",
        confidence: "moderate",
        language: "en",
    },
    Words {
        marks: ["NP", "DR", "C", "S", "TS"],
        banners: ["NON PROTÉGÉ", "DIFFUSION RESTREINTE", "CONFIDENTIEL", "SECRET", "TRÈS SECRET"],
        list_short: "//COM À XBB, XAA",
        list_long: "//COMMUNICABLE À XBB, XAA",
        prefix: "JC",
        likely: "Il est probable que des navires se rassemblent.",
        sure: "Notre confiance dans ce jugement est moyenne.",
        likelihood: "probable",
        confidence: "moyenne",
        language: "fr",
    },
];

fn table(size: usize) -> Vec<u8> {
    b"time,lat,lon\n".iter().copied().chain(b"0123456789,".iter().copied().cycle()).take(size).collect()
}

fn attachment(n: usize, size: usize, words: Words) -> Attachment {
    Attachment {
        name: format!("track-{n}.csv"),
        mark: words.marks[0].to_owned(),
        title: MarkedText { mark: words.marks[0].to_owned(), text: "Track".to_owned() },
        media_type: "text/csv".to_owned(),
        length: u64::try_from(size).unwrap(),
        sha256: sha256(&[&table(size)]),
    }
}

/// A home file that belongs to a report of this side.
#[must_use]
pub fn home(side: Side, serial: &str) -> Vec<u8> {
    let (banner, mark) = [("SECRET//NOFORN", "C//NF"), ("CONFIDENTIEL//SPÉCIAL BORÉALIE", "C//SB")][side];
    format!(
        "format = \"relto-home/1\"\nreport = \"{serial}\"\nbanner = \"{banner}\"\n\
         justification = \"({mark}) {CANARY} what we gain.\"\n\n[[source]]\nn = 1\nreference = \"{CANARY}-2026-1\"\n"
    )
    .into_bytes()
}

/// A document with its home file under the signature of the side's author.
#[must_use]
pub fn sign(side: Side, document: &Document) -> Verified<Authored> {
    sign_with(side, document, home(side, &document.report().serial))
}

/// The same with any home file, or what stands in its place.
#[must_use]
pub fn sign_with(side: Side, document: &Document, home: Vec<u8>) -> Verified<Authored> {
    let statement = AuthorStatement {
        agreement: link(side).agreement.id.clone(),
        recipient: nation(1 - side),
        traffic: document.report().traffic.clone(),
        plaintext: document.digest(),
        home: home_digest(Some(&home)),
    };
    let statement = codec::encode(&statement);
    let author = key(&author(side));
    let signature = author.sign(&message(Tag::Author, &statement)).unwrap();
    let submitted = Submitted { report: document.clone().into(), home: Some(home), statement, signature };
    match Unverified::new(submitted).verify(&author.public_key()) {
        Ok(verified) => verified,
        Err(fault) => panic!("{fault}"),
    }
}

/// An approval of both release codes by `account`, whoever that is, valid for a day.
#[must_use]
pub fn approve(side: Side, account: &str, document: &Document) -> Verified<Approval> {
    let statement = ApprovalStatement {
        agreement: link(side).agreement.digest,
        recipient: nation(1 - side),
        traffic: document.report().traffic.clone(),
        plaintext: document.digest(),
        precedence: document.report().precedence.clone(),
        answers: vec!["APPROVAL_REQUIRED".to_owned(), "SECOND_APPROVAL_REQUIRED".to_owned()],
        expires: Timestamp::from_millis(NOW).plus(86_400),
    };
    approve_as(account, statement)
}

/// An approval by which `account` releases alone what needs two, in an emergency.
#[must_use]
pub fn approve_alone(side: Side, account: &str, document: &Document) -> Verified<Approval> {
    let mut statement = approve(side, account, document).get().statement().unwrap();
    statement.answers = vec!["APPROVAL_REQUIRED".to_owned(), "EMERGENCY_RELEASE".to_owned()];
    approve_as(account, statement)
}

/// Any approval statement under the account's signature.
#[must_use]
pub fn approve_as(account: &str, statement: ApprovalStatement) -> Verified<Approval> {
    let statement = codec::encode(&statement);
    let officer = key(account);
    let signature = officer.sign(&message(Tag::Approval, &statement)).unwrap();
    let approval = Approval { account: account.to_owned(), statement, signature };
    Unverified::new(approval).verify(&officer.public_key()).unwrap()
}

/// Bytes of the payload that a document becomes.
#[must_use]
pub fn payload_length(document: &Document) -> u64 {
    document.length() + u64::try_from(SALT).unwrap()
}
