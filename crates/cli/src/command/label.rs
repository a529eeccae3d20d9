//! `relto label`: a label of STANAG 4774 in a nation's words, and a report's marking as labels.

mod ground;

use super::nations::nation;
use crate::{
    args::{LabelAct, LabelExportArgs, LabelImportArgs},
    cache::{Installed, write_whole},
    document::{Source, read_bounded},
    exit::Exit,
    output::{Output, fault_object},
    session::Session,
};
use anyhow::{Context as _, Result, bail};
use relto_formats::stanag4774::{
    ConfidentialityLabel, LeftOut, MAX_LABEL, Marking, ReadLabel, Refused, Terms, Translated, alternative_label,
    originator_label, read, translate, write,
};
use relto_host::clock;
use relto_policy::agreement::Agreement;
use relto_report::{calendar::Timestamp, nation::Nation};
use serde_json::{Value, json};

/// Runs one of the acts.
pub(super) async fn run(session: &Session, act: &LabelAct) -> Result<Exit> {
    let now = Timestamp::from_millis(clock::now_ms());
    match act {
        LabelAct::Import(args) => import(session, args, now).await,
        LabelAct::Export(args) => export(session, args, now).await,
    }
}

async fn import(session: &Session, args: &LabelImportArgs, now: Timestamp) -> Result<Exit> {
    let output = session.output;
    // One byte more than is read, so that the reader tells the length with its rule.
    let most = u64::try_from(MAX_LABEL).unwrap_or(u64::MAX).saturating_add(1);
    let bytes = read_bounded(&args.file, most)?;
    let read = read(&args.file.display().to_string(), &bytes)?;
    let ground = match (&args.agreement, &args.nation, &args.with) {
        (Some(file), Some(own), _) => {
            let own = nation(own)?;
            Some((ground::from_file(session, file, now)?, own))
        }
        (_, _, Some(partner)) => {
            let profile = session.profile()?;
            Some((ground::from_profile(&profile, nation(partner)?).await?, profile.nation))
        }
        _ => None,
    };
    let mut object = json!({
        "file": args.file.display().to_string(),
        "label": label_object(&read.label),
        "warnings": read.warnings.list.iter().map(|one| fault_object(&read.warnings.file, one)).collect::<Vec<_>>(),
        "refused": [],
    });
    let Some((installed, own)) = ground else {
        output.object(&object)?;
        print_label(output, &read)?;
        output.line("\nnot said in a nation's words: give --agreement FILE --nation NATION, or --with NATION")?;
        return Ok(Exit::Done);
    };
    let terms = Terms { agreement: &installed.agreement, register: installed.register(own)?, day: now.day() };
    let said = translate(&read.label, &terms);
    if let Some(members) = object.as_object_mut() {
        members.insert("nation".to_owned(), json!(own.as_str()));
        members.insert("agreement".to_owned(), agreement_object(&installed.agreement));
        match &said {
            Ok(said) => members.insert("translated".to_owned(), translated_object(said)),
            Err(list) => members.insert("refused".to_owned(), refused_object(list)),
        };
    }
    output.object(&object)?;
    print_label(output, &read)?;
    let under = format!("under {} version {}", installed.agreement.id, installed.agreement.version);
    match said {
        Ok(said) => {
            output.line(format!("\nin the words of {own}, {under}; lines for a report:"))?;
            print_marking(output, &said)?;
            Ok(Exit::Done)
        }
        Err(list) => {
            output.line(format!("\nnot used: what Relto cannot say in the words of {own}, {under}:"))?;
            list.iter().try_for_each(|one| output.line(format!("  {one}")))?;
            Ok(Exit::Refused)
        }
    }
}

async fn export(session: &Session, args: &LabelExportArgs, now: Timestamp) -> Result<Exit> {
    let output = session.output;
    let to = nation(&args.to)?;
    let installed = match &args.agreement {
        Some(file) => ground::from_file(session, file, now)?,
        None => {
            let profile = session.profile().context("to do without one, give --agreement FILE")?;
            ground::from_profile(&profile, to).await?
        }
    };
    let agreement = &installed.agreement;
    let own = agreement.partner_of(to).with_context(|| format!("{to} is no Party of {}", agreement.id))?;
    let installed = Installed { partner: to, ..installed };
    let parsed = Source::read(&args.file)?.parse_for(&installed, own, now)?;
    for fault in &parsed.warnings.list {
        output.note(parsed.warnings.line(fault));
    }
    let (report, register) = (parsed.document.report(), installed.register(own)?);
    let terms = Terms { agreement: &installed.agreement, register, day: now.day() };
    let labels = Marking::of(report, register).map_err(|fault| vec![fault]).and_then(|marking| {
        let alternative = (!args.originator_only).then(|| alternative_label(&marking, &terms, to, report.produced));
        Ok((originator_label(&marking, report.produced), alternative.transpose()?))
    });
    let (original, alternative) = match labels {
        Ok(labels) => labels,
        Err(list) => return not_said(output, &list, &report.serial, to),
    };
    if report.review.is_none() {
        output.note("the report has no review date, and the standard wants one in a label");
    }
    if !parsed.banner_was_stated {
        output.note(format!("the report states no banner; labelled as computed: {}", report.banner));
    }
    let (original, alternative) = (write(&original), alternative.as_ref().map(write));
    let files = match &args.out {
        Some(folder) => {
            let stem = args.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let mut files = vec![(folder.join(format!("{stem}.originator.xml")), &original)];
            files.extend(alternative.iter().map(|text| (folder.join(format!("{stem}.alternative-{to}.xml")), text)));
            if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
                bail!("{} is there already. Name another folder, or move it away", path.display());
            }
            files.iter().try_for_each(|(path, text)| write_whole(path, text.as_bytes()))?;
            files.into_iter().map(|(path, _)| path.display().to_string()).collect()
        }
        None => Vec::new(),
    };
    output.object(&json!({
        "serial": report.serial, "banner": report.banner, "to": to.as_str(), "agreement": agreement_object(&installed.agreement),
        "originator": original, "alternative": alternative, "files": files, "refused": [],
    }))?;
    if args.out.is_some() {
        return files.iter().try_for_each(|path| output.line(path)).map(|()| Exit::Done);
    }
    output.line(original.trim_end())?;
    alternative.iter().try_for_each(|text| output.line(format!("\n{}", text.trim_end())))?;
    Ok(Exit::Done)
}

fn not_said(output: Output, list: &[Refused], serial: &str, to: Nation) -> Result<Exit> {
    output.object(&json!({ "serial": serial, "to": to.as_str(), "refused": refused_object(list) }))?;
    output.line(format!("no label of {serial} for {to}; what the agreement gives no words for:"))?;
    list.iter().try_for_each(|one| output.line(format!("  {one}")))?;
    output.line("--originator-only writes the originator's label alone")?;
    Ok(Exit::Refused)
}

fn print_label(output: Output, read: &ReadLabel) -> Result<()> {
    for fault in &read.warnings.list {
        output.note(read.warnings.line(fault));
    }
    let label = &read.label;
    let field = |name: &str, value: &str| output.line(format!("{name:<32}{value}"));
    field("label", label.kind.element())?;
    let uri = label.policy_uri.as_ref().map_or_else(String::new, |uri| format!(" ({uri})"));
    field("PolicyIdentifier", &format!("{}{uri}", label.policy))?;
    field("Classification", &label.classification)?;
    if let Some(mark) = &label.privacy_mark {
        field("PrivacyMark", mark)?;
    }
    for one in &label.categories {
        field(&format!("{} ({})", one.tag, one.kind.word()), &one.values.join(", "))?;
    }
    if let Some(originator) = &label.originator {
        field("OriginatorID", &format!("{} ({})", originator.name, originator.kind))?;
    }
    for (name, moment) in [("ReviewDateTime", &label.review), ("CreationDateTime", &label.created)] {
        field(name, moment.as_ref().map_or("none", |one| one.text.as_str()))?;
    }
    Ok(())
}

/// The keys of a report's front matter, as they are written there.
fn print_marking(output: Output, said: &Translated) -> Result<()> {
    let marking = &said.marking;
    output.line(format!("  banner  = {:?}", marking.banner()))?;
    output.line(format!("  rel_to  = {:?}", marking.rel_to()))?;
    output.line(format!("  traffic = {:?}", marking.traffic()))?;
    if let Some(colour) = marking.tlp() {
        output.line(format!("  tlp     = {colour:?}"))?;
    }
    if let Some(day) = marking.review() {
        output.line(format!("  review  = {day}"))?;
    }
    match marking.portion() {
        Some(mark) => output.line(format!("mark of its portions: {mark}"))?,
        None => output.line("mark of its portions: one for each foreign owner that the banner names")?,
    }
    for LeftOut { tag, values } in &said.left_out {
        output.line(format!("not carried, no access depends on it: {tag} {}", values.join(", ")))?;
    }
    if said.owned_by_nato {
        output
            .line("the owner is NATO, which is no nation: no consent of it can be on record here, so a report with")?;
        output.line("this information is not released to a partner")?;
    }
    Ok(())
}

fn agreement_object(agreement: &Agreement) -> Value {
    json!({ "id": agreement.id, "version": agreement.version, "digest": agreement.digest.to_string() })
}

fn refused_object(list: &[Refused]) -> Value {
    list.iter().map(|one| json!({ "code": one.code(), "text": one.to_string() })).collect()
}

fn translated_object(said: &Translated) -> Value {
    let marking = &said.marking;
    let left_out = said.left_out.iter().map(|one| json!({ "tag": one.tag, "values": one.values }));
    json!({
        "banner": marking.banner(), "rel_to": marking.rel_to(), "portion": marking.portion(), "traffic": marking.traffic(),
        "tlp": marking.tlp(), "review": marking.review().map(|day| day.to_string()),
        "left_out": left_out.collect::<Vec<_>>(), "owned_by_nato": said.owned_by_nato,
    })
}

fn label_object(label: &ConfidentialityLabel) -> Value {
    let category = |one: &relto_formats::stanag4774::Category| json!({ "tag": one.tag, "type": one.kind.word(), "uri": one.uri, "values": one.values });
    let originator = label.originator.as_ref().map(|one| json!({ "type": one.kind, "name": one.name }));
    json!({
        "kind": label.kind.element(), "id": label.id, "policy": label.policy, "policy_uri": label.policy_uri,
        "classification": label.classification, "privacy_mark": label.privacy_mark,
        "categories": label.categories.iter().map(category).collect::<Vec<_>>(), "originator_id": originator,
        "review": label.review.as_ref().map(|one| &one.text), "created": label.created.as_ref().map(|one| &one.text),
    })
}
