//! The example files that a laboratory is made from, and what it needs that no example says.

pub(crate) const AGREEMENT: &str = include_str!("../../../../examples/agreement.toml");
pub(crate) const NATIONAL: &str = include_str!("../../../../examples/national-rules.toml");
pub(crate) const CONSENT: &str = include_str!("../../../../examples/consent-XCC.toml");
pub(crate) const HOLD_WORDS: &[u8] = include_bytes!("../../../../examples/hold-words.txt");
pub(crate) const VOCABULARY: &[u8] = include_bytes!("../../../../examples/vocabulary.toml");
pub(crate) const REGISTERS: [(&str, &[u8]); 2] = [
    ("XAA", include_bytes!("../../../../examples/markings-XAA.toml")),
    ("XBB", include_bytes!("../../../../examples/markings-XBB.toml")),
];
/// Id of the live agreement.
pub(super) const LIVE: &str = "XAA-XBB-2026-01";
/// The day of the example reports' cut-offs.
pub(super) const EXAMPLE_DAY: &str = "2026-11-16";
/// Borealia has no rules of its own but a certificate and a period.
pub(crate) const BOREALIAN_RULES: &str = "# Borealia's rules: as the agreement has it.
format    = \"relto-national/1\"
nation    = \"XBB\"
agreement = \"XAA-XBB-2026-01\"
serial    = \"XBB-RN-ARCADIE-01\"
issued_by = \"XBB/SGDC\"
valid_from  = 2026-06-01T00:00:00Z
valid_until = 2027-06-01T00:00:00Z

[accreditation]
certificate   = \"XBB-HOM-2024-11\"
highest_level = 3
valid_until   = 2026-12-31T00:00:00Z
";
/// What was exchanged before the logs began; the example reports refer to it.
pub(super) const SENT_BEFORE: &str = "XAA-J2-2026-0398";
pub(super) const ASKED_BEFORE: &str = "XBB-RFI-2026-0112";
/// Example files that each nation's analysts find in `reports`.
pub(crate) const REPORTS: [(&str, &str, &[u8]); 21] = [
    ("XAA", "report.md", include_bytes!("../../../../examples/report.md")),
    ("XAA", "report.home.toml", include_bytes!("../../../../examples/report.home.toml")),
    ("XAA", "sierra-14-track.csv", include_bytes!("../../../../examples/sierra-14-track.csv")),
    ("XAA", "roc800-file-access.md", include_bytes!("../../../../examples/reports/roc800-file-access.md")),
    (
        "XAA",
        "roc800-file-access.home.toml",
        include_bytes!("../../../../examples/reports/roc800-file-access.home.toml"),
    ),
    ("XAA", "license-manager-upload.md", include_bytes!("../../../../examples/reports/license-manager-upload.md")),
    (
        "XAA",
        "license-manager-upload.home.toml",
        include_bytes!("../../../../examples/reports/license-manager-upload.home.toml"),
    ),
    ("XAA", "melsec-exhaustion.md", include_bytes!("../../../../examples/reports/melsec-exhaustion.md")),
    ("XAA", "melsec-exhaustion.home.toml", include_bytes!("../../../../examples/reports/melsec-exhaustion.home.toml")),
    ("XAA", "sinec-nms-chain.md", include_bytes!("../../../../examples/reports/sinec-nms-chain.md")),
    ("XAA", "sinec-nms-chain.home.toml", include_bytes!("../../../../examples/reports/sinec-nms-chain.home.toml")),
    ("XAA", "somachine-xxe.md", include_bytes!("../../../../examples/reports/somachine-xxe.md")),
    ("XAA", "somachine-xxe.home.toml", include_bytes!("../../../../examples/reports/somachine-xxe.home.toml")),
    ("XAA", "browser-flash-warning.md", include_bytes!("../../../../examples/reports/browser-flash-warning.md")),
    (
        "XAA",
        "browser-flash-warning.home.toml",
        include_bytes!("../../../../examples/reports/browser-flash-warning.home.toml"),
    ),
    ("XAA", "pipeline-flash-warning.md", include_bytes!("../../../../examples/reports/pipeline-flash-warning.md")),
    (
        "XAA",
        "pipeline-flash-warning.home.toml",
        include_bytes!("../../../../examples/reports/pipeline-flash-warning.home.toml"),
    ),
    ("XAA", "linux-port-numbers.md", include_bytes!("../../../../examples/reports/linux-port-numbers.md")),
    ("XBB", "report-xbb.md", include_bytes!("../../../../examples/report-xbb.md")),
    ("XBB", "report-xbb.home.toml", include_bytes!("../../../../examples/report-xbb.home.toml")),
    ("XBB", "icsa-22-286-02.json", include_bytes!("../../../../examples/icsa-22-286-02.json")),
];
