//! Agreements to decide by: the bundled example, and two others made from its text that use what it does not.

use cedar_policy::{Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use relto_formats::cedar;
use relto_policy::{agreement::Agreement, code::Code};
use relto_report::{nation::Nation, register::Register, vocabulary::Vocabulary};
use std::{
    collections::{BTreeMap, HashMap},
    str::FromStr as _,
};

/// The bundled agreement.
pub const EXAMPLE: &str = include_str!("../../../examples/agreement.toml");

/// One agreement in both forms, and what reports under it are read by.
pub struct World {
    /// As its file has it.
    pub agreement: Agreement,
    /// Both Parties' registers.
    pub registers: BTreeMap<Nation, Register>,
    /// The word lists.
    pub vocabulary: Vocabulary,
    /// The exported schema.
    pub schema: Schema,
    /// The exported policies.
    pub policies: PolicySet,
    /// The code of each forbid.
    pub reasons: HashMap<PolicyId, Code>,
}

impl World {
    /// Reads an agreement and its own export; the export must be strictly valid, without a warning.
    ///
    /// # Panics
    /// Where it is not.
    #[must_use]
    pub fn new(agreement: &str) -> Self {
        let agreement = Agreement::read("agreement.toml", agreement.as_bytes()).expect("an agreement");
        let registers =
            [include_str!("../../../examples/markings-XAA.toml"), include_str!("../../../examples/markings-XBB.toml")];
        let registers = registers.map(|text| Register::read("markings.toml", text.as_bytes()).expect("a register"));
        let vocabulary = include_bytes!("../../../examples/vocabulary.toml");
        let (schema, warnings) = Schema::from_cedarschema_str(cedar::SCHEMA).expect("the exported schema");
        assert_eq!(warnings.count(), 0, "the schema warns");
        let mut policies = PolicySet::new();
        let mut reasons = HashMap::new();
        for one in cedar::policies(&agreement) {
            let id = PolicyId::new(&one.id);
            let policy =
                Policy::parse(Some(id.clone()), &one.text).unwrap_or_else(|error| panic!("{}: {error}", one.text));
            assert_eq!(policy.annotation("id"), Some(one.id.as_str()));
            assert_eq!(policy.annotation("reason"), one.reason.map(Code::name));
            policies.add(policy).expect("ids are unique");
            reasons.extend(one.reason.map(|code| (id, code)));
        }
        let whole = PolicySet::from_str(&cedar::text(&agreement)).expect("the exported file");
        assert_eq!(whole.policies().count(), policies.policies().count());
        let judged = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        assert!(judged.validation_passed_without_warnings(), "{judged}");
        Self {
            agreement,
            registers: registers.map(|one| (one.nation, one)).into(),
            vocabulary: Vocabulary::read("vocabulary.toml", vocabulary).expect("a vocabulary"),
            schema,
            policies,
            reasons,
        }
    }
}

fn edit(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the example lacks {from:?}");
        text.replacen(from, to, 1)
    })
}

/// The example; a one-way agreement whose rows have dates and whose renewals are signed; one for an exercise, without
/// renewal.
#[must_use]
pub fn worlds() -> Vec<World> {
    let one_way = edit(
        EXAMPLE,
        &[
            ("renewal           = \"tacit\"", "renewal           = \"by-signature\""),
            ("means = \"national-only\"\nXAA   = \"NOFORN\"", "means = \"national-only\"\nXAA   = \"ORCON\""),
            (
                "means = \"originator-controlled\"\nXAA   = \"ORCON\"",
                "means = \"originator-controlled\"\nXAA   = \"NOFORN\"",
            ),
            ("level   = 2\nXAA", "level   = 2\nfrom = 2026-05-01\nuntil = 2026-09-01\nXAA"),
            ("level   = 3\nXAA     = \"SECRET\"", "level   = 3\nfrom = 2026-03-01\nXAA     = \"SECRET\""),
            ("concealed_origin   = \"permitted\"", "concealed_origin   = \"refuse\""),
            ("recipients_own     = \"may-return\"", "recipients_own     = \"refuse\""),
            ("max_age_hours    = 720 ", "information_until = 2026-08-15T00:00:00Z\n# "),
            ("max_report_bytes     = 1048576", "max_report_bytes     = 4096"),
            ("clock_skew_seconds = 300", "clock_skew_seconds = 1"),
        ],
    );
    let (head, rest) = one_way.split_once("[[scope]]\nfrom     = \"XBB\"").expect("a second scope");
    let (_, tail) = rest.split_once("# ------").expect("a section after it");
    let one_way = format!("{head}# ------{tail}");
    let exercise = edit(
        EXAMPLE,
        &[
            ("kind = \"live\"   ", "kind = \"exercise\"\nexercise = \"EX-LANTERN-26\" # "),
            ("renewal           = \"tacit\"", "renewal           = \"none\""),
            ("tlp      = [\"CLEAR\", \"GREEN\"]", "tlp      = []"),
            ("\"cbrn.chemical\"                    = 1", "\"cbrn.chemical\"                    = 0"),
            ("caveats  = [\"limited-distribution\", \"originator-controlled\"]", "caveats  = []"),
            (
                "[[group]]",
                "[[group]]\ncode = \"NLGQ\"\nmembers = [\"XBB\", \"XCC\"]\nfrom = 2026-06-01\nuntil = 2026-07-01\n[[group]]",
            ),
        ],
    );
    [EXAMPLE, &one_way, &exercise].map(World::new).into()
}
