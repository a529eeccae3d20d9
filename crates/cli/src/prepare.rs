//! A report file made ready to be sent: parsed with the agreement's data, signed by its author.

use crate::{client::Client, profile::Profile};
use anyhow::{Context as _, Result, anyhow};
use relto_formats::{
    api::{Agreement as Files, Approve, Held, HeldReport, Submission, Submit},
    base64_bytes::Bytes,
};
use relto_host::{clock, random};
use relto_policy::{agreement::Agreement, signatures::verify_agreement};
use relto_report::{
    assessment::Document,
    calendar::Timestamp,
    codec,
    crypto::Signer as _,
    domain::{Tag, message},
    file::{Context, Recipient, parse},
    nation::Nation,
    register::Register,
    signed::{ApprovalStatement, AuthorStatement, home_digest},
    vocabulary::Vocabulary,
};
use std::path::Path;

/// Seconds for which an approval answers.
const APPROVAL_LASTS: i64 = 24 * 3600;

/// The agreement with its registers and vocabulary, verified against the signer keys of the profile.
pub struct Agreed {
    /// The version that the node has.
    pub agreement: Agreement,
    /// The own register first.
    pub registers: Vec<Register>,
    /// The words.
    pub vocabulary: Vocabulary,
}

impl Agreed {
    /// Fetches and verifies.
    ///
    /// # Errors
    /// Where a signature, a pinned key or a digest does not agree.
    pub async fn fetch(client: &mut Client, profile: &Profile, id: &str) -> Result<Self> {
        let files: Files = client.get(&format!("/v1/agreements/{id}")).await?;
        let agreement = Agreement::read("agreement", &files.file.0)?;
        verify_agreement(&agreement, &files.file.0, &files.signatures.0).map_err(|fault| anyhow!("{fault}"))?;
        // The signers' keys stand in the file itself; what counts is that they are those pinned by hand.
        for party in &agreement.party {
            for signer in &party.signers {
                let pinned = profile.signers.get(&(party.nation, signer.office.clone()));
                if pinned != Some(&signer.key) {
                    return Err(anyhow!(
                        "the key of {} in the agreement is not the one that the profile pins",
                        signer.office
                    ));
                }
            }
        }
        let vocabulary = Vocabulary::read("vocabulary", &files.vocabulary.0)?;
        if vocabulary.digest != agreement.registers.vocabulary {
            return Err(anyhow!("the vocabulary has another digest than the agreement names"));
        }
        let mut registers = Vec::new();
        for (nation, bytes) in &files.registers {
            let register = Register::read(&format!("markings-{nation}"), &bytes.0)?;
            if agreement.register_digest(register.nation) != Some(register.digest) {
                return Err(anyhow!("the register of {nation} has another digest than the agreement names"));
            }
            registers.push(register);
        }
        registers.sort_by_key(|register| register.nation != profile.nation);
        Ok(Self { agreement, registers, vocabulary })
    }
}

/// Reads a report file with its home file and attachments.
///
/// # Errors
/// Every fault of the file with its place.
pub fn read(path: &Path, agreed: &Agreed, to: Nation) -> Result<(Document, Option<Vec<u8>>)> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    let own = agreed.registers.first().context("the own register is missing")?;
    let others: Vec<&Register> = agreed.registers.iter().skip(1).collect();
    let now = Timestamp::from_millis(clock::now_ms());
    let home_path = path.with_extension("home.toml");
    let home = std::fs::read(&home_path).ok();
    let folder = path.parent().unwrap_or(Path::new("."));
    let attachment = |name: &str| std::fs::read(folder.join(name)).ok();
    let party = agreed.agreement.party(to).with_context(|| format!("{to} is no Party"))?;
    let groups = agreed.agreement.groups_on(now.day());
    let purposes = agreed.agreement.scope(own.nation, to).map(|scope| scope.purposes.clone()).unwrap_or_default();
    let recipient = Recipient {
        nation: to,
        addressees: &party.addressees,
        office: None,
        languages: &party.languages,
        purposes: &purposes,
        groups: &groups,
        limited_distribution: None,
        max_words_flash: None,
        max_report_bytes: None,
    };
    let name = path.display().to_string();
    let home_name = home_path.display().to_string();
    let mut context = Context::new(own, &agreed.vocabulary, now);
    context.others = &others;
    context.recipient = Some(recipient);
    context.home = home.as_deref().map(|bytes| (home_name.as_str(), bytes));
    context.attachment = &attachment;
    let parsed = parse(&name, &bytes, &context)?;
    Ok((parsed.document, home))
}

/// The author's signed submission, under a new id.
///
/// # Errors
/// Where the key does not sign or no randomness is given.
pub fn sign(
    profile: &Profile,
    agreed: &Agreed,
    to: Nation,
    document: &Document,
    home: Option<Vec<u8>>,
) -> Result<Submit> {
    let statement = AuthorStatement {
        agreement: agreed.agreement.id.clone(),
        recipient: to,
        traffic: document.report().traffic.clone(),
        plaintext: document.digest(),
        home: home_digest(home.as_deref()),
    };
    let statement = codec::encode(&statement);
    let signature = profile.signer()?.sign(&message(Tag::Author, &statement))?;
    let id = uuid::Uuid::from_bytes(random::uuid_v7(clock::now_ms(), random::fill()?));
    Ok(Submit {
        id: id.to_string(),
        statement: Bytes(statement),
        signature: Bytes(signature.as_bytes().to_vec()),
        plaintext: Bytes(document.plaintext().to_vec()),
        home: home.map(Bytes),
        emergency: false,
    })
}

/// An officer's approval of a held report: what was fetched is decoded, hashed again and signed.
///
/// # Errors
/// Where the report does not decode or the node refuses.
pub async fn approve(
    client: &mut Client,
    profile: &Profile,
    agreed: &Agreed,
    to: Nation,
    held: &Held,
) -> Result<Submission> {
    let shown: HeldReport = client.get(&format!("/v1/holds/{}", held.id)).await?;
    let document = Document::decode(shown.plaintext.0).map_err(|fault| anyhow!("the held report: {fault}"))?;
    let mut answers: Vec<String> =
        held.owed.iter().filter_map(|line| line.split(':').next()).map(str::to_owned).collect();
    answers.sort_unstable();
    answers.dedup();
    let statement = ApprovalStatement {
        agreement: agreed.agreement.digest,
        recipient: to,
        traffic: document.report().traffic.clone(),
        plaintext: document.digest(),
        precedence: shown.precedence,
        answers,
        expires: Timestamp::from_millis(clock::now_ms()).plus(APPROVAL_LASTS),
    };
    let statement = codec::encode(&statement);
    let signature = profile.signer()?.sign(&message(Tag::Approval, &statement))?;
    let body = Approve { statement: Bytes(statement), signature: Bytes(signature.as_bytes().to_vec()) };
    client.post(&format!("/v1/holds/{}/approve", held.id), &body).await
}
