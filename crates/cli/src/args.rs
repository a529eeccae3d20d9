//! What can be typed. Every help text stands here, with examples, so that it can be read as a whole.

mod acts;
mod label;

pub use acts::{
    AgreementAct, AuditAct, BackupAct, ChangeArgs, ClockAct, HoldAct, MeasureArgs, NewAct, NewAgreementArgs,
    NewReportArgs, RecoverAct, SignArgs,
};
pub use label::{LabelAct, LabelExportArgs, LabelImportArgs};

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Exchange of threat assessments between two allied nations: write, check, submit, release, read, verify.
#[derive(Parser, Debug)]
#[command(name = "relto", version, max_term_width = 110)]
pub struct Arguments<C: Subcommand> {
    /// Print JSON: one object, or one object a line; errors too, as {"error":..,"message":..}
    #[arg(long, global = true)]
    pub json: bool,
    /// Who you are, your keys, your node, the signer keys you trust; else the file named in RELTO_PROFILE
    #[arg(long, global = true, value_name = "FILE")]
    pub profile: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: C,
}

/// Where to begin.
pub const BEGIN: &str = "  relto new report --to XBB        a commented report file to fill in
  relto check report.md --to XBB   may this report go, and if not, why not";

/// What stands behind that, whatever commands there are.
pub const REST: &str = "\
Most commands act for the person of a profile: --profile FILE, or RELTO_PROFILE=FILE.
Exit codes: 0 done, 1 failed, 2 usage, 3 refused by policy or by the partner,
            4 verification failed, 5 held";

/// The commands of the client itself.
#[derive(Subcommand, Debug)]
pub enum ClientCommand {
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
    Outbox(OutboxArgs),
    /// Begin a report
    New {
        /// What is begun.
        #[command(subcommand)]
        act: NewAct,
    },
    /// Open a received report, or tell how one of your own stands
    Show(ShowArgs),
    /// Tell the originator that your office has a received report
    #[command(after_help = "\
One office acknowledges a report for its nation, once; the originator learns the office's name and no more.

Examples:
  relto acknowledge 'XBB>XAA:17'            a received report, by the name of its leaf
  relto acknowledge XBB-SR-2026-0204        the same, by its serial")]
    Acknowledge {
        /// Leaf or serial
        #[arg(value_name = "REPORT")]
        id: String,
    },
    /// Fetch the partner's receipt, verify it offline and keep it as evidence
    Receipt(ReceiptArgs),
    /// Begin, show, sign, verify, compare, suspend, resume or end an agreement
    Agreement {
        /// Which act.
        #[command(subcommand)]
        act: AgreementAct,
    },
    /// Hold words: try a list before it is used
    Words {
        /// Which act.
        #[command(subcommand)]
        act: WordsAct,
    },
    /// STANAG 4774 labels: read one, or write a report's marking as one
    Label {
        /// Which act.
        #[command(subcommand)]
        act: LabelAct,
    },
    /// Who opened which received report, when and for which office, or was refused, and who was what; for auditors
    Register,
    /// How the node and its links stand
    Status,
    /// Write a PNG or JPEG anew without what nobody sees in it: texts, positions, small pictures, bytes behind the end
    Clean(CleanArgs),
    /// Say that the node's clock is right, where nothing else does
    Clock {
        /// Which act.
        #[command(subcommand)]
        act: ClockAct,
    },
    /// Bring back a node that has halted
    Recover {
        /// Which act.
        #[command(subcommand)]
        act: RecoverAct,
    },
    /// Copies of a node's store: make, list, verify, put back
    Backup {
        /// Which act.
        #[command(subcommand)]
        act: BackupAct,
    },
    /// Verify stored logs, offline
    Audit {
        /// Which act.
        #[command(subcommand)]
        act: AuditAct,
    },
}

/// `relto clean`.
#[derive(Args, Debug)]
#[command(after_help = "\
The file itself is not changed, and nothing is written over another. The picture stays as it is, with
its colour profile and, in a JPEG, its orientation. Attach the new file, then sign the report.

Examples:
  relto clean photo.jpg                     writes photo-clean.jpg
  relto clean plot.png --out plot-2.png     writes plot-2.png")]
pub struct CleanArgs {
    /// The picture
    pub file: PathBuf,
    /// Where the clean one is written
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `relto check`.
#[derive(Args, Debug)]
#[command(after_help = "\
Without --online nothing of the report leaves this machine: the decision is made from the agreement
as last fetched (the first time it is fetched), and what was not checked is said. With it the node
is asked, which knows the national rules too; it writes nothing.

Examples:
  relto check report.md --to XBB            decide from the cached agreement
  relto check report.md --to XBB --to XCC   under each agreement, side by side
  relto check report.md --to XBB --online   ask the node; signs the report to do so
  relto check report.md --to XBB --explain  every clause, what closes it, what would make it releasable
  relto check report.md --to XBB --fix-unseen   first offer to take out soft hyphens and the like
  relto check report.md --register markings-XAA.toml --vocabulary vocabulary.toml
                                            read the file only; needs no profile")]
pub struct CheckArgs {
    /// The report; its home file and attachments lie beside it
    pub file: PathBuf,
    /// The recipient's nation; several: each verdict beside the others; may be left out where the profile names one
    /// agreement
    #[arg(long, value_name = "NATION", value_delimiter = ',')]
    pub to: Vec<String>,
    /// Ask the node
    #[arg(long)]
    pub online: bool,
    /// Name every clause with its value and limits, and the smallest change that would make it releasable
    #[arg(long, conflicts_with = "online")]
    pub explain: bool,
    /// Offer to take out the unseen characters that word processors bring in, and show every line that would change
    #[arg(long)]
    pub fix_unseen: bool,
    /// Change the file without asking
    #[arg(long, requires = "fix_unseen")]
    pub yes: bool,
    /// Decide with these consents of third nations, and no others
    #[arg(long, value_name = "FILE")]
    pub consent: Vec<PathBuf>,
    /// Read the file against this marking register, without a profile
    #[arg(long, value_name = "FILE", requires = "vocabulary", conflicts_with_all = ["to", "online", "consent", "explain"])]
    pub register: Option<PathBuf>,
    /// and this vocabulary
    #[arg(long, value_name = "FILE", requires = "register")]
    pub vocabulary: Option<PathBuf>,
}

/// `relto submit`.
#[derive(Args, Debug)]
#[command(after_help = "\
The signed submission is written to NAME.NATION.submission before anything is sent. Run the same command
again after any failure: it sends that very file again, and the node takes it once. With a final
answer the file is renamed. A file that was changed meanwhile is never sent in its old form unasked.

To several nations the same bytes go, by a submission each, under each one's own agreement. What one is
refused the others may have; the exit code is the worst, in the order 4, 1, 3, 5, 0. The same command again
sends only what has no final answer yet.

Several reports go over one connection, each by a submission of its own: all are signed and written down
first, one that names another goes once that one has its answer, and one that is not taken stops no other.

Examples:
  relto submit report.md --to XBB
  relto submit outbox/ --to XBB                   every report (*.md) of the folder; a table at the end
  relto submit a.md b.md --to XBB --wait          several reports, and 60 seconds for their receipts
  relto submit report.md --to XBB --to XCC        one report, two nations; the answers side by side
  relto submit report.md --to XBB --wait          wait 60 seconds for the partner's receipt
  relto submit report.md --to XBB --tear-line     the report's tear line, as a report of its own")]
pub struct SubmitArgs {
    /// The report, or several; a folder stands for every report (*.md) in it. Home files and attachments lie beside them
    #[arg(value_name = "REPORT", required = true)]
    pub files: Vec<PathBuf>,
    /// The recipient's nation; several: --to XBB --to XCC, or --to XBB,XCC
    #[arg(long, value_name = "NATION", required = true, value_delimiter = ',')]
    pub to: Vec<String>,
    /// Wait so long for the partner's receipt
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "60")]
    pub wait: Option<u64>,
    /// Sign with the computed banner where the file states none; on a terminal you are asked instead
    #[arg(long)]
    pub accept_banner: bool,
    /// Imminent danger to life: on the agreement's topics for it, one officer may release alone what needs two,
    /// and a second one confirms it afterwards, or an incident is opened. It waives nothing else
    #[arg(long)]
    pub emergency: bool,
    /// Submit the tear line and not the report
    #[arg(long)]
    pub tear_line: bool,
    /// Send an earlier submission as it was signed, though the file has changed since
    #[arg(long)]
    pub as_signed: bool,
}

/// `relto outbox`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  relto outbox                              what was released, and the partner's answer
  relto outbox --all                        held, queued, refused and declined submissions too")]
pub struct OutboxArgs {
    /// All submissions, newest first, whether they were released or not
    #[arg(long)]
    pub all: bool,
}

/// `relto show`.
#[derive(Args, Debug)]
#[command(after_help = "\
Opening a received report is entered in the journal before its text is shown; so is an attempt that is
refused (exit 3): you open what is addressed to an office of yours, within your clearance.

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
A receipt is a leaf in the partner's signed log that names our leaf. Both places are proven here,
offline, against the seal keys of the agreement; the file written holds all that anybody needs to
prove it again. Of a report that went to several nations each one's receipt is shown.

Examples:
  relto receipt XAA-J2-2026-0431 --out receipt.json
  relto receipt XAA-CYBER-2026-3120 --to XBB      of one nation, where several have it
  relto receipt --evidence receipt.json     verify such a file, without a node")]
pub struct ReceiptArgs {
    /// Leaf name, serial or submission id of a report of ours
    #[arg(required_unless_present = "evidence")]
    pub id: Option<String>,
    /// The receipt of this nation
    #[arg(long, value_name = "NATION", conflicts_with = "evidence")]
    pub to: Option<String>,
    /// Write the evidence to this file
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Verify an evidence file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["id", "out"])]
    pub evidence: Option<PathBuf>,
}

/// `relto words ...`
#[derive(Subcommand, Debug)]
pub enum WordsAct {
    /// How many places of these texts a list of hold words would hold; never which word
    #[command(after_help = "Examples:
  relto words try hold-words.txt reports/*.md track.csv")]
    Try {
        /// The list: one word or phrase per line
        file: PathBuf,
        /// Texts: .csv by cells, .json and .geojson by strings, any other by paragraphs
        #[arg(required = true)]
        texts: Vec<PathBuf>,
    },
}
