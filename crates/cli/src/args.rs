//! What can be typed. Every help text stands here, with examples, so that it can be read as a whole.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Exchange of threat assessments between two allied nations: write, check, submit, release, read, verify.
#[derive(Parser, Debug)]
#[command(
    name = "relto",
    version,
    max_term_width = 110,
    after_help = "\
Begin here:
  relto demo                                two nations on this machine, reports exchanged, every log verified
  relto lab new DIR                         the same two nations in a folder, to run by hand
  relto check report.md --to XBB            may this report go, and if not, why not

Most commands act for the person of a profile: --profile FILE, or RELTO_PROFILE=FILE.
Exit codes: 0 done, 1 failed, 2 usage, 3 refused by policy or by the partner, 4 verification failed, 5 held."
)]
pub struct Arguments {
    /// Print JSON: one object, or one object a line; errors too, as {"error":..,"message":..}
    #[arg(long, global = true)]
    pub json: bool,
    /// Who you are, your keys, your node, the signer keys you trust
    #[arg(long, global = true, value_name = "FILE", env = "RELTO_PROFILE")]
    pub profile: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Read a report file, compute its banner and say whether it may go, with every reason
    Check(CheckArgs),
    /// Sign a report and hand it to your node
    Submit(SubmitArgs),
    /// Reports that wait for a foreign disclosure officer
    Hold {
        /// Which act.
        #[command(subcommand)]
        act: HoldAct,
    },
    /// Reports received
    Inbox,
    /// Reports sent, and what became of them
    Outbox,
    /// Open a received report, or tell how one of your own stands
    Show(ShowArgs),
    /// Fetch the partner's receipt, verify it offline and keep it as evidence
    Receipt(ReceiptArgs),
    /// Show, verify, compare or sign an agreement
    Agreement {
        /// Which act.
        #[command(subcommand)]
        act: AgreementAct,
    },
    /// How the node and its links stand
    Status,
    /// Verify stored logs, offline
    Audit {
        /// Which act.
        #[command(subcommand)]
        act: AuditAct,
    },
    /// Two nations on this machine: reports released, held, approved, refused, receipts, every log verified
    Demo(DemoArgs),
    /// A folder with two nations to run by hand
    Lab {
        /// Which act.
        #[command(subcommand)]
        act: LabAct,
    },
}

/// `relto check`.
#[derive(Args, Debug)]
#[command(after_help = "\
Nothing leaves this machine without --online, and nothing is journalled with it. The decision is made from the
agreement as last fetched; --online fetches it anew and asks the node, which knows the national rules as well.

Examples:
  relto check report.md --to XBB            decide from the cached agreement
  relto check report.md --to XBB --online   ask the node; signs the report to do so
  relto check report.md --register markings-XAA.toml --vocabulary vocabulary.toml
                                            read the file only; needs no profile")]
pub struct CheckArgs {
    /// The report; its home file and attachments lie beside it
    pub file: PathBuf,
    /// The recipient's nation; may be left out where the profile names one agreement
    #[arg(long, value_name = "NATION")]
    pub to: Option<String>,
    /// Ask the node
    #[arg(long)]
    pub online: bool,
    /// Decide with these consents of third nations, and no others
    #[arg(long, value_name = "FILE")]
    pub consent: Vec<PathBuf>,
    /// Read the file against this marking register, without a profile
    #[arg(long, value_name = "FILE", requires = "vocabulary", conflicts_with_all = ["to", "online", "consent"])]
    pub register: Option<PathBuf>,
    /// and this vocabulary
    #[arg(long, value_name = "FILE", requires = "register")]
    pub vocabulary: Option<PathBuf>,
}

/// `relto submit`.
#[derive(Args, Debug)]
#[command(after_help = "\
The signed submission is written to NAME.submission before anything is sent. Run the same command again after any
failure: it sends that very file again, and the node takes it once. With a final answer the file is renamed.

Examples:
  relto submit report.md --to XBB
  relto submit report.md --to XBB --wait          wait 60 seconds for the partner's receipt
  relto submit report.md --to XBB --tear-line     the report's tear line, as a report of its own")]
pub struct SubmitArgs {
    /// The report; its home file and attachments lie beside it
    pub file: PathBuf,
    /// The recipient's nation
    #[arg(long, value_name = "NATION")]
    pub to: String,
    /// Wait so long for the partner's receipt
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "60")]
    pub wait: Option<u64>,
    /// Sign with the computed banner where the file states none; on a terminal you are asked instead
    #[arg(long)]
    pub accept_banner: bool,
    /// Imminent danger to life: one officer may release what needs two, where the agreement permits it
    #[arg(long)]
    pub emergency: bool,
    /// Submit the tear line and not the report
    #[arg(long)]
    pub tear_line: bool,
}

/// `relto hold`.
#[derive(Subcommand, Debug)]
pub enum HoldAct {
    /// All held reports, oldest first
    List,
    /// One held report: its text, its home file, and what is owed
    Show {
        /// Submission id or serial
        id: String,
    },
    /// Read a held report and sign its release
    #[command(after_help = "\
The report is fetched, decoded, shown and hashed here; what you sign is the hash of what you saw. The approval
expires after 24 hours and with any new version of the agreement.

Examples:
  relto hold approve XAA-J2-2026-0431
  relto hold approve XAA-J2-2026-0431 --precedence IMMEDIATE --yes")]
    Approve {
        /// Submission id or serial
        id: String,
        /// Set another precedence: FLASH, IMMEDIATE, PRIORITY or ROUTINE
        #[arg(long, value_name = "WORD")]
        precedence: Option<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Decline a held report; the author sees the reason, the partner nothing
    Refuse {
        /// Submission id or serial
        id: String,
        /// What the author must change, or why it cannot go
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// `relto show`.
#[derive(Args, Debug)]
#[command(after_help = "\
Opening a received report is entered in the journal before its text is shown.

Examples:
  relto show 'XBB>XAA:17'                   a received report, by the name of its leaf
  relto show XBB-SR-2026-0204               the same, by its serial
  relto show XAA-J2-2026-0431               how a report of your own stands")]
pub struct ShowArgs {
    /// Leaf name, serial or submission id
    pub id: String,
    /// Save the attachments in this folder
    #[arg(long, value_name = "DIR")]
    pub attachments: Option<PathBuf>,
}

/// `relto receipt`.
#[derive(Args, Debug)]
#[command(after_help = "\
A receipt is a leaf in the partner's signed log that names our leaf. Both places are proven here, offline, against
the seal keys of the agreement; the file written holds all that anybody needs to prove it again.

Examples:
  relto receipt XAA-J2-2026-0431 --out receipt.json
  relto receipt --evidence receipt.json     verify such a file, without a node")]
pub struct ReceiptArgs {
    /// Leaf name, serial or submission id of a report of ours
    #[arg(required_unless_present = "evidence")]
    pub id: Option<String>,
    /// Write the evidence to this file
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Verify an evidence file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["id", "out"])]
    pub evidence: Option<PathBuf>,
}

/// `relto agreement`.
#[derive(Subcommand, Debug)]
pub enum AgreementAct {
    /// What the agreement with a nation permits, as fetched from your node and verified
    Show {
        /// The other nation; may be left out where the profile names one agreement
        nation: Option<String>,
    },
    /// Verify an agreement's file and the signatures beside it (FILE.sig)
    #[command(after_help = "\
With a profile the signer keys must be those that it pins. Without one only the file itself can be judged.

Example:
  relto agreement verify agreement.toml")]
    Verify {
        /// The agreement
        file: PathBuf,
    },
    /// What the later of two versions permits and the earlier did not, as `extends` must list it
    Diff {
        /// The earlier version
        old: PathBuf,
        /// The later version
        new: PathBuf,
    },
    /// Sign an agreement, or national rules, for an office; writes or extends FILE.sig
    #[command(after_help = "\
Examples:
  relto agreement sign agreement.toml --key nsa.key --nation XAA --office XAA/NSA
  relto agreement sign national-rules.toml --national --key mira.key --nation XAA --office mira")]
    Sign(SignArgs),
}

/// `relto agreement sign`.
#[derive(Args, Debug)]
pub struct SignArgs {
    /// The file to sign; these exact bytes
    pub file: PathBuf,
    /// The office's private key (PKCS#8, Ed25519)
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Opens an encrypted key
    #[arg(long, value_name = "FILE")]
    pub passphrase: Option<PathBuf>,
    /// The office's nation
    #[arg(long, value_name = "NATION")]
    pub nation: String,
    /// The office, such as XAA/NSA; with --national the officer's account
    #[arg(long)]
    pub office: String,
    /// The file holds national rules, which two disclosure officers sign
    #[arg(long)]
    pub national: bool,
}

/// `relto audit`.
#[derive(Subcommand, Debug)]
pub enum AuditAct {
    /// Verify every log of a node's store: our own, the copies of the partners', the journal
    #[command(after_help = "\
Reads the database and the head file and trusts neither: every leaf, every kept checkpoint and its signature, every
payload and private detail that is still held, and the agreements' signatures. Any fault: exit 4.

Examples:
  relto audit verify --config XAA/node.toml
  relto audit verify --config XAA/node.toml --log 'XAA>XBB' --log journal")]
    Verify {
        /// The node's configuration
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Only these: OWNER>FOLLOWER, or journal
        #[arg(long, value_name = "NAME")]
        log: Vec<String>,
    },
}

/// `relto demo`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  relto demo                                the built-in reports
  relto demo my-report.md --keep DIR        your own report as Arcadia's; the lab stays in DIR")]
pub struct DemoArgs {
    /// Leave the lab in this folder
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

/// `relto lab`.
#[derive(Subcommand, Debug)]
pub enum LabAct {
    /// Make keys, certificates, agreement, rules and configuration of two nations
    #[command(after_help = "\
Example:
  relto lab new lab && reltod --config lab/XAA/node.toml")]
    New {
        /// The folder to make
        dir: PathBuf,
    },
}
