//! `relto new report`: a report file to fill in, that reads as it is, and its home file.

use super::{nations::nation, new_file::write_new};
use crate::{
    args::NewReportArgs,
    cache::{self, Installed},
    exit::Exit,
    session::Session,
};
use anyhow::{Context as _, Result, bail};
use relto_host::{clock, random};
use relto_policy::agreement::Scope;
use relto_report::{
    calendar::Timestamp,
    marking::{BannerMark, Control, Foreign, PortionMark, ordered_codes},
    nation::Nation,
    register::Register,
};
use serde_json::json;
use std::{fmt::Write as _, fs, path::PathBuf};

/// Letters of an office in a serial: what 40 characters leave beside nation, year and number.
const MAX_OFFICE: usize = 22;
/// Forms that need a judgement.
const JUDGED: [&str; 2] = ["assessment", "warning"];

/// Runs the command.
pub(super) async fn report(session: &Session, args: &NewReportArgs) -> Result<Exit> {
    let profile = session.profile()?;
    let to = nation(&args.to)?;
    let installed = cache::load_or_fetch(&profile, profile.agreement_with(to)?).await?;
    let own = profile.nation;
    let id = &installed.agreement.id;
    let scope = installed.agreement.scope(own, to).with_context(|| format!("{id} has no scope from {own} to {to}"))?;
    if !scope.forms.contains(&args.form) {
        bail!("form {:?} does not go from {own} to {to} under {id}. These do: {}", args.form, scope.forms.join(", "));
    }
    let letters = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    if args.office.is_empty() || args.office.len() > MAX_OFFICE || !args.office.bytes().all(letters) {
        bail!("--office must be 1 to {MAX_OFFICE} of A-Z, 0-9 and -, such as J2");
    }
    let now = Timestamp::from_millis(clock::now_ms());
    let serial = serial(own, &args.office, now)?;
    let file = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{serial}.md")));
    if file.extension().is_none_or(|ending| ending != "md") {
        bail!("{}: a report's file ends in .md; its home file lies beside it", file.display());
    }
    let home = file.with_extension("home.toml");
    let skeleton = Skeleton { installed: &installed, scope, own, to, form: &args.form, serial: &serial, now };
    let text = skeleton.text()?;
    write_new(&home, &skeleton.home_text())?;
    if let Err(fault) = write_new(&file, &text) {
        fs::remove_file(&home)?;
        return Err(fault);
    }
    let (file, home) = (file.display().to_string(), home.display().to_string());
    session.output.object(&json!({ "serial": serial, "file": file, "home": home }))?;
    session.output.line(format!("{file}: a report to {to} under the serial {serial}; fill it in"))?;
    session.output.line(format!("{home}: what belongs to it and stays here"))?;
    session.output.line(format!("then: relto check {file} --to {to}"))?;
    Ok(Exit::Done)
}

/// A serial whose number says nothing of how many there were.
fn serial(own: Nation, office: &str, now: Timestamp) -> Result<String> {
    let number = u64::from_le_bytes(random::fill()?) % 90_000_000 + 10_000_000;
    let year = now.to_string();
    Ok(format!("{own}-{office}-{}-{number}", year.get(..4).context("a year")?))
}

/// What a skeleton is made from.
struct Skeleton<'a> {
    installed: &'a Installed,
    scope: &'a Scope,
    own: Nation,
    to: Nation,
    form: &'a str,
    serial: &'a str,
    now: Timestamp,
}

/// The words of one language.
struct Words {
    language: &'static str,
    judgements: &'static str,
    discussion: &'static str,
    likelihood: &'static str,
    confidence: &'static str,
    judged: &'static str,
    sure: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    judgements: "KEY JUDGEMENTS",
    discussion: "DISCUSSION",
    likelihood: "likely",
    confidence: "moderate",
    judged: "It is likely that (what will happen, to whom, by when).",
    sure: "We have moderate confidence in this judgement: (why not more, why not less). [1]",
};
const FRENCH: Words = Words {
    language: "fr",
    judgements: "JUGEMENTS CLÉS",
    discussion: "ANALYSE",
    likelihood: "probable",
    confidence: "moyenne",
    judged: "Il est probable que (quoi, contre qui, avant quand).",
    sure: "Notre confiance dans ce jugement est moyenne : (pourquoi pas plus, pourquoi pas moins). [1]",
};

impl Skeleton<'_> {
    fn register(&self) -> Result<&Register> {
        self.installed.register(self.own)
    }

    fn list(&self) -> Vec<String> {
        ordered_codes(&[self.own.to_string(), self.to.to_string()], self.own)
    }

    /// The lowest level, releasable to the recipient: as a portion's mark and as a banner.
    fn marks(&self) -> Result<(String, String)> {
        let register = self.register()?;
        let level = register.levels.len().checked_sub(1);
        let controls = vec![Control::Audience(self.list())];
        let mark = PortionMark { foreign: None, level, word: String::new(), controls: controls.clone() };
        let banner = BannerMark { level, word: String::new(), foreign: Foreign::None, controls };
        Ok((format!("({})", mark.canonical(register)), banner.canonical(register)))
    }

    fn text(&self) -> Result<String> {
        let words = if self.register()?.language == "fr" { &FRENCH } else { &ENGLISH };
        let (mark, banner) = self.marks()?;
        let mut out = self.head(words, &mark, &banner)?;
        let judged = JUDGED.contains(&self.form);
        let prefix = &self.register()?.judgement_prefix;
        if judged {
            write!(
                out,
                "\n[[judgement]]                 # each has a paragraph that begins with its id and says both words\n\
                 id         = \"{prefix}1\"\nlikelihood = \"{}\"\nconfidence = \"{}\"\nsources    = [1]\n",
                words.likelihood, words.confidence
            )?;
        }
        write!(
            out,
            "\n[[source]]                    # cited in the text as [1]; its reference stays in the home file\n\
             n          = 1\nmark       = \"{mark}\"\nnation     = \"{}\"\nkind       = \"open\"\n\
             grade      = \"C3\"             # reliability A to F, credibility 1 to 6\nas_of      = {}\n\
             descriptor = \"(what it is and how it knows)\"\n+++\n\n",
            self.own,
            self.now.day()
        )?;
        if judged {
            let (first, second) = (words.judged, words.sure);
            write!(out, "## {}\n\n{mark} {prefix}1. {first} {second}\n\n", words.judgements)?;
        }
        // Every paragraph, item and table has a mark of its own; nothing is inherited.
        write!(out, "## {}\n\n{mark} (What is known.) [1]\n", words.discussion)?;
        Ok(out)
    }

    fn head(&self, words: &Words, mark: &str, banner: &str) -> Result<String> {
        let agreement = &self.installed.agreement;
        let party = agreement.party(self.to).with_context(|| format!("{} is no Party", self.to))?;
        let quoted = |list: &[String]| list.iter().map(|one| format!("\"{one}\"")).collect::<Vec<_>>().join(", ");
        let topics: Vec<String> = self.scope.topics.iter().map(|(name, level)| format!("{name} ({level})")).collect();
        let (topic, _) = self.scope.topics.first().context("the scope has no topic")?;
        let purpose = self.scope.purposes.first().context("the scope has no purpose")?;
        let mut out = format!(
            "+++\n# To {} under {}. Everything in this file may go there; what stays at home is in the file beside it.\n\
             format     = \"relto-report/1\"\nserial     = \"{}\"   # drawn at random; spent when it is released\n\
             form       = \"{}\"           # agreed: {}\n\
             title      = \"{mark} (the subject in one line)\"\n\
             # The banner is what the portions come to; leave it out and it is computed and shown.\n\
             banner     = \"{banner}\"\nrel_to     = [{}]\n\
             # Agreed topics and the highest level of each:\n",
            self.to,
            agreement.id,
            self.serial,
            self.form,
            self.scope.forms.join(", "),
            quoted(&self.list()),
        );
        for topic in topics {
            writeln!(out, "#   {topic}")?;
        }
        let offices: String = party.addressees.join(", ");
        let office = party.addressees.first().context("no addressees")?;
        let (purposes, now) = (self.scope.purposes.join(", "), self.now);
        write!(
            out,
            "topics     = [\"{topic}\"]\npurpose    = \"{purpose}\"   # agreed: {purposes}\n\
             precedence = \"ROUTINE\"           # PRIORITY, IMMEDIATE, FLASH\n\
             action     = [\"{office}\"]   # known: {offices}\n\
             traffic    = \"live\"\nlanguage   = \"{}\"\n\n\
             information_cutoff = {now}   # nothing later is in it\n\
             # From the first classified level: review = a date; from the second: declassify = a date or \"originator\".\n\
             # review        = {}\n# declassify    = \"originator\"\n# classified_by = \"{}/J2\"\n",
            words.language,
            self.now.plus(180 * 86_400).day(),
            self.own
        )?;
        if words.language == "fr" {
            out.push_str("likelihood_scale = \"icd-203/fr\"\n");
        }
        match self.form {
            "correction" => {
                writeln!(out, "# supersedes = \"{}-...\"        # the report that this one corrects", self.own)?
            }
            "rfi-response" => {
                writeln!(out, "# answers = \"{}-RFI-...\"       # the request that this one answers", self.to)?
            }
            _ => {}
        }
        Ok(out)
    }

    fn home_text(&self) -> String {
        format!(
            "# What belongs to report {} and never leaves {}.\nformat = \"relto-home/1\"\nreport = \"{}\"\n\
             # From the first classified level the officer needs the nation's reason, as a marked text:\n\
             # justification = \"(mark) what {} gains by the release\"\n\
             # For each source whose own reference must be found again:\n\
             # [[source]]\n# n = 1\n# reference = \"...\"\n",
            self.serial, self.own, self.serial, self.own
        )
    }
}
