//! Commands that have several acts.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `relto hold`.
#[derive(Subcommand, Debug)]
pub enum HoldAct {
    /// All held reports, oldest first
    List,
    /// One held report: its text, its home file, what is owed, and every place to look at
    Show {
        /// Submission id or serial
        id: String,
        /// Write the attachments into this folder, so that you can open them
        #[arg(long, value_name = "DIR")]
        attachments: Option<PathBuf>,
    },
    /// Read a held report and sign its release
    #[command(after_help = "\
The report is fetched, decoded, shown and hashed here; what you sign is the hash of what you saw.
The approval expires after 24 hours and with any new version of the agreement.

Examples:
  relto hold approve XAA-J2-2026-0431
  relto hold approve XAA-J2-2026-0431 --attachments look-at-these
  relto hold approve XAA-J2-2026-0431 --precedence IMMEDIATE --yes
  relto hold approve XAA-J2-2026-0440 --emergency")]
    Approve {
        /// Submission id or serial
        id: String,
        /// Set another precedence: FLASH, IMMEDIATE, PRIORITY or ROUTINE
        #[arg(long, value_name = "WORD")]
        precedence: Option<String>,
        /// Write the attachments into this folder first, to be opened before you answer
        #[arg(long, value_name = "DIR")]
        attachments: Option<PathBuf>,
        /// Release alone, in an emergency, what needs two officers; another confirms it afterwards
        #[arg(long)]
        emergency: bool,
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

/// `relto clock`.
#[derive(Subcommand, Debug)]
pub enum ClockAct {
    /// Compare the node's clock and sign that it is right; an operator and an auditor, each for themselves
    #[command(after_help = "\
A node puts nothing on record before its clock is believed: the system says that it is synchronised, its
own newest record is less than a day old, or a partner's HELLO agrees with it. Where none of these comes,
two people do: both signatures go on record. `relto status` shows the clock and what is missing.

Examples:
  relto clock trust
  relto clock trust --yes")]
    Trust {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// `relto new`.
#[derive(Subcommand, Debug)]
pub enum NewAct {
    /// Write a commented report file, and its home file, with a serial of its own
    #[command(after_help = "\
The serial's number is drawn at random: running numbers would tell the partner how many reports it did
not get. The file reads as it is, so that `relto check` can be run from the first line on; nothing that
lies there already is written over.

Examples:
  relto new report --to XBB
  relto new report --to XBB --form warning --office CYBER --out warning.md")]
    Report(NewReportArgs),
}

/// `relto new report`.
#[derive(Args, Debug)]
pub struct NewReportArgs {
    /// The recipient's nation
    #[arg(long, value_name = "NATION")]
    pub to: String,
    /// A form of the vocabulary that the agreement permits
    #[arg(long, default_value = "assessment")]
    pub form: String,
    /// Your office, as it stands in the serial
    #[arg(long, default_value = "J2")]
    pub office: String,
    /// The file to write, ending in .md; else the serial's name in this folder
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `relto agreement`.
#[derive(Subcommand, Debug)]
pub enum AgreementAct {
    /// Write a commented agreement file to fill in; nothing may go under it until its signers add it
    #[command(
        override_usage = "relto agreement new --id ID --between NATION NATION --in-force DATE --until DATE OUT",
        after_help = "\
Every key of the form is there, with what it does. What only the two nations can say stands as a text
that begins FILL IN; while one is left, `sign` and `verify` refuse the file and name its line. What
permits anything is commented out, or as narrow as the form allows. Nothing is written over.

Examples:
  relto agreement new --id XAA-XBB-2027-01 --between XAA XBB \\
    --in-force 2027-01-01 --until 2028-01-01 agreement.toml
  relto agreement new --id XAA-XBB-2027-01 --between XAA XBB \\
    --in-force 2027-01-01 --until 2028-01-01 \\
    --signer XAA/NSA --signer XAA/MOD --signer XBB/ANS --signer XBB/MINDEF agreement.toml"
    )]
    New(NewAgreementArgs),
    /// What the agreement with a nation permits, as fetched from your node and verified
    #[command(after_help = "\
Example:
  relto agreement show XBB")]
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
    /// What the later of two versions newly permits and newly forbids, in words, and its `extends`
    #[command(after_help = "\
Written in words first; then the list that `extends` of the later version must be, exactly; then every
other key that differs, which permits and forbids no report.

Example:
  relto agreement diff version-1.toml version-2.toml")]
    Diff {
        /// The earlier version
        old: PathBuf,
        /// The later version
        new: PathBuf,
    },
    /// Write an agreement's clauses as Cedar policies, with their schema beside them
    #[command(after_help = "\
The policies are made from the agreement's file alone, with every limit in them, the same bytes each
time: one permit a direction, and one forbid a clause that names its code. The schema is written
beside them, FILE with .cedarschema for its ending.

Example:
  relto agreement export agreement.toml --cedar agreement.cedar")]
    Export {
        /// The agreement
        file: PathBuf,
        /// Write the policies to this file
        #[arg(long, value_name = "FILE")]
        cedar: PathBuf,
    },
    /// Write the statement that suspends an agreement: no report goes until both nations have resumed it
    #[command(after_help = "\
The statement is written here, signed by as many offices as the agreement's quorum says, and installed.

Examples:
  relto agreement suspend XBB --out suspension.toml
  relto agreement sign suspension.toml --key nsa.key --nation XAA --office XAA/NSA
  relto agreement install suspension.toml")]
    Suspend(ChangeArgs),
    /// Write the statement that lifts the suspensions in force
    #[command(after_help = "\
It names the suspensions in force, which it lifts; traffic goes again once both nations have resumed.
The statement is written here, signed by as many offices as the agreement's quorum says, and installed.

Examples:
  relto agreement resume XBB --out resumption.toml
  relto agreement sign resumption.toml --key nsa.key --nation XAA --office XAA/NSA
  relto agreement install resumption.toml")]
    Resume(ChangeArgs),
    /// Write the statement that gives notice: the agreement ends as its own terms say
    #[command(after_help = "\
The statement is written here, signed by as many offices as the agreement's quorum says, and installed.

Examples:
  relto agreement give-notice XBB --out notice.toml
  relto agreement sign notice.toml --key nsa.key --nation XAA --office XAA/NSA
  relto agreement install notice.toml")]
    GiveNotice(ChangeArgs),
    /// Write the statement that renews an agreement for its next term, where it is renewed by signature
    #[command(after_help = "\
The statement is written here, signed by as many offices as the agreement's quorum says, and installed.

Examples:
  relto agreement renew XBB --out renewal.toml
  relto agreement sign renewal.toml --key nsa.key --nation XAA --office XAA/NSA
  relto agreement install renewal.toml")]
    Renew(ChangeArgs),
    /// Write the statement that ends an agreement; it ends once both nations have stated it
    #[command(after_help = "\
The statement is written here, signed by as many offices as the agreement's quorum says, and installed.

Examples:
  relto agreement terminate XBB --out termination.toml
  relto agreement sign termination.toml --key nsa.key --nation XAA --office XAA/NSA
  relto agreement install termination.toml")]
    Terminate(ChangeArgs),
    /// Write the statement that adopts a new version: it is in force once both nations have adopted it
    #[command(after_help = "\
From the first adoption on, a report goes only where both versions permit it.

Examples:
  relto agreement diff agreement.toml agreement-2.toml      what the new version changes
  relto agreement install agreement-2.toml                  its file to the node; binds nobody yet
  relto agreement adopt agreement-2.toml
  relto agreement sign XAA-XBB-2026-01.XAA-1-adopt.toml --key nsa.key --nation XAA --office XAA/NSA
  relto agreement install XAA-XBB-2026-01.XAA-1-adopt.toml")]
    Adopt {
        /// The new version; its file is installed on your node
        file: PathBuf,
        /// Write the statement to this file; must not exist
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Write the statement that takes a step of the agreement's ladder of measures, or lifts one
    #[command(after_help = "\
The steps and what each does stand in the agreement under [[measure]]. They are taken in order, act at once at both
ends, and are lifted by the nation that took them.

Examples:
  relto agreement measure 1
  relto agreement measure 2 --from XBB --topic cyber.ics
  relto agreement measure 3 --from XBB --level 1
  relto agreement measure --lift 2          lifts the measure that is our change 2")]
    Measure(MeasureArgs),
    /// How an agreement stands, and what both nations have stated
    #[command(after_help = "\
Example:
  relto agreement state XBB")]
    State {
        /// The other nation; may be left out where the profile names one agreement
        nation: Option<String>,
    },
    /// Give your node a signed statement, on record at once and followed by the partner, or a new version's file
    #[command(after_help = "\
Its signatures must lie beside it, as many as the quorum says. A new version's file binds nobody before it is adopted.

Examples:
  relto agreement install suspension.toml
  relto agreement install agreement-2.toml")]
    Install {
        /// The statement or the version; its signatures lie beside it (FILE.sig)
        file: PathBuf,
    },
    /// Sign an agreement, a statement or national rules for an office; writes or extends FILE.sig
    #[command(after_help = "\
The exact bytes are signed, comments too. An agreement in which a text is still to be filled in is not.

Examples:
  relto agreement sign agreement.toml --key nsa.key --nation XAA --office XAA/NSA
  relto agreement sign national-rules.toml --national --key mira.key --nation XAA --office mira")]
    Sign(SignArgs),
}

/// `relto agreement new`.
#[derive(Args, Debug)]
pub struct NewAgreementArgs {
    /// Names the line of versions: 3 to 40 of A-Z, 0-9 and -
    #[arg(long)]
    pub id: String,
    /// The two nations
    #[arg(long, num_args = 2, required = true, value_names = ["NATION", "NATION"])]
    pub between: Vec<String>,
    /// First day, or moment, in force
    #[arg(long, value_name = "DATE")]
    pub in_force: String,
    /// Day, or moment, on which the term has ended
    #[arg(long, value_name = "DATE")]
    pub until: String,
    /// An office that signs, such as XAA/NSA; several times, else two of each nation are to be filled in
    #[arg(long, value_name = "OFFICE")]
    pub signer: Vec<String>,
    /// The file to write; must not exist
    #[arg(value_name = "OUT")]
    pub out: PathBuf,
}

/// `relto agreement suspend`, and its like.
#[derive(Args, Debug)]
pub struct ChangeArgs {
    /// The other nation; may be left out where the profile names one agreement
    pub nation: Option<String>,
    /// Write the statement to this file; must not exist
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `relto agreement measure`.
#[derive(Args, Debug)]
pub struct MeasureArgs {
    /// Which step of the ladder
    #[arg(required_unless_present = "lift", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub step: Option<u32>,
    /// Lift our measure of this change number instead
    #[arg(long, value_name = "COUNTER", conflicts_with_all = ["step", "from", "topic", "level"])]
    pub lift: Option<u32>,
    /// The other nation; may be left out where the profile names one agreement
    #[arg(long, value_name = "NATION")]
    pub with: Option<String>,
    /// Whose reports it restricts
    #[arg(long, value_name = "NATION")]
    pub from: Option<String>,
    /// The topic that is held
    #[arg(long)]
    pub topic: Option<String>,
    /// The highest level that still goes, 0 to 4
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=4))]
    pub level: Option<u8>,
    /// Write the statement to this file; must not exist
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
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
Reads the database and the head file and trusts neither: every leaf, every kept checkpoint and its
signature, every payload and private detail that is still held, and the agreements' signatures; and
that no row beside the logs is missing or says something else than its leaf: what was sent, received,
awaited and submitted. With --log only those logs are verified, and no rows. Any fault: exit 4.

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

/// `relto backup`.
#[derive(Subcommand, Debug)]
pub enum BackupAct {
    /// Copy a node's store while the node runs
    #[command(after_help = "\
One moment of the database, the texts beside it that this moment names (of those only what came since the
last copy), the agreements that were installed, node.toml and what it names but keys. The head file is never
in a copy: it tells whether a store was put back. Keys are kept by whoever keeps keys.

Examples:
  relto backup create --config XAA/node.toml --to /backup/xaa
  relto backup create --config XAA/node.toml --to /backup/xaa --keep 24,7,4")]
    Create {
        /// The node's configuration
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// The folder of copies; best on another machine's disk
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
        /// Take the others away: the newest copy of so many hours, days and weeks is kept
        #[arg(long, value_name = "HOURS,DAYS,WEEKS")]
        keep: Option<String>,
    },
    /// The copies in a folder
    List {
        /// The folder of copies
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    /// Verify a copy: every digest, then all that relto audit verify looks at. Any fault: exit 4
    Verify {
        /// The copy
        #[arg(value_name = "DIR/TIME")]
        copy: PathBuf,
        /// The node's configuration, which names the storage key
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Put a copy where no store stands, and say how far it is behind the head file. Behind it: exit 4
    #[command(after_help = "\
Stop the node, and move what is left of its store away: its data folder, not its head file. Nothing is written
over: a file of the configuration that is another than in the copy is left, and the copy's is put beside it
as FILE.restored. A node whose store is behind its head file, or behind what a partner holds, halts.

Examples:
  relto backup restore /backup/xaa/20261201T180000Z --config XAA/node.toml")]
    Restore {
        /// The copy
        #[arg(value_name = "DIR/TIME")]
        copy: PathBuf,
        /// The node's configuration
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
}

/// `relto recover`.
#[derive(Subcommand, Debug)]
pub enum RecoverAct {
    /// Show what a node that has halted would do, and what that waits for
    #[command(after_help = "\
Two people bring a halted node back: an operator and an auditor, each with an account and a key of their own,
sign the same plan within an hour, and the operator starts it. The plan says how long each log is, and what each
partner holds of ours; it changes when one of them says more. This version brings back a node that lost its head
file and nothing else.

Examples:
  relto recover plan
  relto recover sign
  relto recover start")]
    Plan,
    /// Show the plan and sign it; an operator and an auditor, each for themselves
    Sign {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Carry it out; an operator, once both have signed
    Start,
    /// Take back what was signed
    Abort,
}
