//! The keys of the front matter as they stand: types checked, nothing judged. Missing keys are told here.

use crate::toml::{Section, Spanned};
use toml_edit::Datetime;
use unicode_normalization::UnicodeNormalization;

/// A text value and its place.
pub(super) type Text = Spanned<String>;
/// A list of texts.
pub(super) type Texts = Spanned<Vec<Text>>;

/// The key as it is told when it is missing: name, rule, text.
type Need = (&'static str, &'static str, &'static str);

/// Every key of a report file.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) format: Option<Text>,
    pub(super) serial: Option<Text>,
    pub(super) form: Option<Text>,
    pub(super) title: Option<Text>,
    pub(super) banner: Option<Text>,
    pub(super) rel_to: Option<Texts>,
    pub(super) topics: Option<Texts>,
    pub(super) purpose: Option<Text>,
    pub(super) precedence: Option<Text>,
    pub(super) action: Option<Texts>,
    pub(super) info: Option<Texts>,
    pub(super) traffic: Option<Text>,
    pub(super) language: Option<Text>,
    pub(super) translation_of: Option<Text>,
    pub(super) information_cutoff: Option<Spanned<Datetime>>,
    pub(super) produced: Option<Spanned<Datetime>>,
    pub(super) review: Option<Spanned<Datetime>>,
    pub(super) declassify: Option<Declassify>,
    pub(super) classified_by: Option<Text>,
    pub(super) likelihood_scale: Option<Text>,
    pub(super) tlp: Option<Text>,
    pub(super) answers: Option<Text>,
    pub(super) refers_to: Option<Texts>,
    pub(super) supersedes: Option<Text>,
    pub(super) aggregation_reason: Option<Text>,
    pub(super) judgements: Vec<JudgementKeys>,
    pub(super) sources: Vec<SourceKeys>,
    pub(super) attachments: Vec<AttachmentKeys>,
    pub(super) tearline: Option<TearKeys>,
}

/// `declassify`: a date, or a word.
pub(super) enum Declassify {
    On(Spanned<Datetime>),
    Word(Text),
}

/// A `[[judgement]]`.
pub(super) struct JudgementKeys {
    pub(super) id: Option<Text>,
    pub(super) likelihood: Option<Text>,
    pub(super) confidence: Option<Text>,
    pub(super) sources: Option<Spanned<Vec<Spanned<i64>>>>,
}

/// A `[[source]]`.
pub(super) struct SourceKeys {
    pub(super) at: usize,
    /// The number that its place in the list asks for.
    due: i64,
    pub(super) n: Option<Spanned<i64>>,
    pub(super) withheld: bool,
    pub(super) mark: Option<Text>,
    pub(super) nation: Option<Text>,
    pub(super) kind: Option<Text>,
    pub(super) grade: Option<Text>,
    pub(super) as_of: Option<Spanned<Datetime>>,
    pub(super) topics: Option<Texts>,
    pub(super) descriptor: Option<Text>,
}

impl SourceKeys {
    /// Its number as written, else the one that is due.
    pub(super) fn number(&self) -> i64 {
        self.n.as_ref().map_or(self.due, |n| n.value)
    }

    /// Whether it has the number that is due.
    pub(super) fn is_in_order(&self) -> bool {
        self.number() == self.due
    }
}

/// An `[[attachment]]`.
pub(super) struct AttachmentKeys {
    pub(super) file: Option<Text>,
    pub(super) mark: Option<Text>,
    pub(super) title: Option<Text>,
    pub(super) sha256: Option<Text>,
}

/// The `[tearline]`.
pub(super) struct TearKeys {
    pub(super) at: usize,
    pub(super) serial: Option<Text>,
    pub(super) title: Option<Text>,
    pub(super) banner: Option<Text>,
    pub(super) rel_to: Option<Texts>,
    pub(super) topics: Option<Texts>,
    pub(super) judgements: Option<Texts>,
}

const TRAFFIC: &str = "traffic is missing. Write traffic = \"live\", or the exercise's id. There is no default: an \
                       exercise text must never pass for a live one";

const HEAD: &[Need] = &[
    ("format", "R010", "format is missing. Write format = \"relto-report/1\""),
    ("serial", "R011", "serial is missing. Draw one with relto new report"),
    ("form", "R013", "form is missing. Name the product form, such as assessment"),
    ("title", "R014", "title is missing. Write title = \"(U) ...\""),
    ("rel_to", "R020", "rel_to is missing. Name the nations, own nation first; [] is your own nation only"),
    ("topics", "R022", "topics is missing. Name 1 to 8 topics of the vocabulary"),
    ("purpose", "R023", "purpose is missing. Name one that the agreement has"),
    ("traffic", "R026", TRAFFIC),
    ("information_cutoff", "R030", "information_cutoff is missing. Write it with an offset: 2026-11-16T18:00:00Z"),
];

fn needed(section: &Section<'_>, needs: &[Need]) {
    for (key, rule, text) in needs {
        if !section.has(key) {
            section.missing(rule, *text);
        }
    }
}

/// A text. Escapes can bring in what the file itself has not: it is composed (NFC).
fn text(section: &Section<'_>, key: &str) -> Option<Text> {
    section.text(key).map(composed)
}

fn texts(section: &Section<'_>, key: &str) -> Option<Texts> {
    let list = section.texts(key)?;
    Some(Spanned { value: list.value.into_iter().map(composed).collect(), at: list.at })
}

fn composed(text: Text) -> Text {
    Spanned { value: text.value.nfc().collect(), at: text.at }
}

/// Reads all keys; what is missing or of a wrong type is told by the section.
pub(super) fn read(root: &Section<'_>) -> Keys {
    needed(root, HEAD);
    let keys = Keys {
        format: text(root, "format"),
        serial: text(root, "serial"),
        form: text(root, "form"),
        title: text(root, "title"),
        banner: text(root, "banner"),
        rel_to: texts(root, "rel_to"),
        topics: texts(root, "topics"),
        purpose: text(root, "purpose"),
        precedence: text(root, "precedence"),
        action: texts(root, "action"),
        info: texts(root, "info"),
        traffic: text(root, "traffic"),
        language: text(root, "language"),
        translation_of: text(root, "translation_of"),
        information_cutoff: root.raw_datetime("information_cutoff"),
        produced: root.raw_datetime("produced"),
        review: root.raw_datetime("review"),
        declassify: declassify(root),
        classified_by: text(root, "classified_by"),
        likelihood_scale: text(root, "likelihood_scale"),
        tlp: text(root, "tlp"),
        answers: text(root, "answers"),
        refers_to: texts(root, "refers_to"),
        supersedes: text(root, "supersedes"),
        aggregation_reason: text(root, "aggregation_reason"),
        judgements: root.tables("judgement").iter().map(judgement).collect(),
        sources: root.tables("source").iter().zip(1..).map(|(one, due)| source(one, due)).collect(),
        attachments: root.tables("attachment").iter().map(attachment).collect(),
        tearline: root.table("tearline").map(|section| tearline(&section)),
    };
    root.finish();
    keys
}

fn declassify(root: &Section<'_>) -> Option<Declassify> {
    if root.is_text("declassify") {
        return text(root, "declassify").map(Declassify::Word);
    }
    root.raw_datetime("declassify").map(Declassify::On)
}

fn judgement(section: &Section<'_>) -> JudgementKeys {
    needed(
        section,
        &[
            ("id", "R040", "judgement.id is missing. They run KJ1, KJ2, ... (JC1 in French)"),
            ("likelihood", "R041", "judgement.likelihood is missing. Name a word of the scale"),
            ("confidence", "R042", "judgement.confidence is missing. Name a word of the vocabulary, such as moderate"),
            ("sources", "R043", "judgement.sources is missing. Name the numbers of the sources it rests on"),
        ],
    );
    let out = JudgementKeys {
        id: text(section, "id"),
        likelihood: text(section, "likelihood"),
        confidence: text(section, "confidence"),
        sources: section.integers("sources"),
    };
    section.finish();
    out
}

fn source(section: &Section<'_>, due: i64) -> SourceKeys {
    let withheld = section.boolean("withheld").is_some_and(|one| one.value);
    needed(
        section,
        &[
            ("n", "R050", "source.n is missing. Source numbers run 1, 2, 3"),
            ("grade", "R054", "source.grade is missing. Reliability A-F, credibility 1-6: B2"),
        ],
    );
    if !withheld {
        needed(
            section,
            &[
                ("mark", "R100", "source.mark is missing. Give it a portion mark, such as (U)"),
                ("nation", "R052", "source.nation is missing. Three letters, or FGI when the owner is concealed"),
                ("kind", "R053", "source.kind is missing. Name a kind of the vocabulary, such as imagery"),
                ("as_of", "R055", "source.as_of is missing. Write the day of the information, such as 2026-11-14"),
                ("descriptor", "R057", "source.descriptor is missing. Say what the source is, without names"),
            ],
        );
    }
    let out = SourceKeys {
        at: section.at(),
        due,
        n: section.integer("n"),
        withheld,
        mark: text(section, "mark"),
        nation: text(section, "nation"),
        kind: text(section, "kind"),
        grade: text(section, "grade"),
        as_of: section.raw_datetime("as_of"),
        topics: texts(section, "topics"),
        descriptor: text(section, "descriptor"),
    };
    section.finish();
    out
}

fn attachment(section: &Section<'_>) -> AttachmentKeys {
    needed(
        section,
        &[
            ("file", "R060", "attachment.file is missing. Give the name of a file beside the report"),
            ("mark", "R100", "attachment.mark is missing. Mark the content, such as (U)"),
            ("title", "R100", "attachment.title is missing. Write title = \"(U) ...\""),
        ],
    );
    let out = AttachmentKeys {
        file: text(section, "file"),
        mark: text(section, "mark"),
        title: text(section, "title"),
        sha256: text(section, "sha256"),
    };
    section.finish();
    out
}

fn tearline(section: &Section<'_>) -> TearKeys {
    needed(
        section,
        &[
            ("serial", "R011", "tearline.serial is missing. Draw one with relto new report"),
            ("title", "R014", "tearline.title is missing. Write title = \"(U) ...\""),
            ("rel_to", "R020", "tearline.rel_to is missing. Name the nations, own nation first"),
            ("topics", "R022", "tearline.topics is missing. Name 1 to 8 topics of the vocabulary"),
        ],
    );
    let out = TearKeys {
        at: section.at(),
        serial: text(section, "serial"),
        title: text(section, "title"),
        banner: text(section, "banner"),
        rel_to: texts(section, "rel_to"),
        topics: texts(section, "topics"),
        judgements: texts(section, "judgements"),
    };
    section.finish();
    out
}
