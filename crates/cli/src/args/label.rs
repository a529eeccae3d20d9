//! `relto label`: STANAG 4774 labels in and out.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `relto label`.
#[derive(Subcommand, Debug)]
pub enum LabelAct {
    /// Read a STANAG 4774 label and say it in a nation's own words
    #[command(after_help = "\
The label is shown as its originator wrote it. With an agreement it is then said in the nation's words,
as the lines to put in a report; or each thing that Relto cannot represent is named, and none of it is
used: exit 3. A file that is no label, or not read safely: exit 1, every fault with its place.

With --agreement FILE the registers and the vocabulary that it names lie beside it, as
markings-NATION.toml and vocabulary.toml.

Examples:
  relto label import label.xml              the label alone; needs no profile
  relto label import label.xml --agreement agreement.toml --nation XAA
  relto label import label.xml --with XBB   under your profile's agreement with XBB")]
    Import(LabelImportArgs),
    /// Write a report's marking as STANAG 4774 labels
    #[command(after_help = "\
Two labels, each a file of its own: the originator's in its own words, and the alternative in the words
that the agreement gives the recipient. What the recipient's words cannot say is named: exit 3, and
nothing is written. A label is no release: that is for `relto check` and `relto submit`.

Examples:
  relto label export report.md --to XBB
  relto label export report.md --to XBB --out labels --agreement agreement.toml
  relto label export report.md --to XBB --originator-only > report.label.xml")]
    Export(LabelExportArgs),
}

/// `relto label import`.
#[derive(Args, Debug)]
pub struct LabelImportArgs {
    /// The label; one a file
    pub file: PathBuf,
    /// Say it under this agreement
    #[arg(long, value_name = "FILE", requires = "nation", conflicts_with = "with")]
    pub agreement: Option<PathBuf>,
    /// in the words of this Party
    #[arg(long, value_name = "NATION", requires = "agreement")]
    pub nation: Option<String>,
    /// Say it in your own words under your profile's agreement with this nation
    #[arg(long, value_name = "NATION")]
    pub with: Option<String>,
}

/// `relto label export`.
#[derive(Args, Debug)]
pub struct LabelExportArgs {
    /// The report; its home file and attachments lie beside it
    pub file: PathBuf,
    /// The recipient's nation
    #[arg(long, value_name = "NATION")]
    pub to: String,
    /// Under this agreement, in place of your profile's
    #[arg(long, value_name = "FILE")]
    pub agreement: Option<PathBuf>,
    /// The originator's label alone
    #[arg(long)]
    pub originator_only: bool,
    /// Write the labels into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
