//! One nation of the laboratory: its authority, node, people and configuration.

use super::signers::new_signer;
use crate::pki::{Authority, DAY, LeafSpec, RootSpec, write_secret};
use anyhow::{Context as _, Result};
use relto_host::{random, tls::credential::fingerprint};
use relto_policy::signatures::{SignatureFile, sign};
use relto_report::{
    crypto::{PublicKey, Signer as _, SoftwareKey},
    digest::Digest,
    domain::Tag,
    nation::Nation,
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// A nation's agreement, or its first one.
pub(super) const AGREEMENT_FILE: &str = "agreement.toml";
/// A person's profile for live traffic.
pub(super) const PROFILE: &str = "profile.toml";

/// One of the nation's people.
pub(crate) struct PersonLab {
    pub(crate) account: String,
    pub(crate) signer: SoftwareKey,
    is: &'static Is,
}

impl PersonLab {
    pub(crate) fn is_officer(&self) -> bool {
        self.is.roles.contains(&"officer")
    }

    /// The person's table in node.toml.
    fn table(&self, nation: Nation) -> String {
        let Is { account, roles, office, reads, clearance } = self.is;
        let key = self.signer.public_key();
        let list = |words: &[&str], before: &str| {
            words.iter().map(|word| format!("\"{before}{word}\"")).collect::<Vec<_>>().join(", ")
        };
        let mut text = format!(
            "\n[[person]]\naccount = \"{account}\"\nkey = \"{key}\"\noffice = \"{nation}/{office}\"\nroles = [{}]\n",
            list(roles, "")
        );
        if let Some(level) = clearance {
            let offices = list(reads, &format!("{nation}/"));
            text.push_str(&format!("offices = [{offices}]\nclearance = {level}\nnationality = [\"{nation}\"]\n"));
        }
        text
    }
}

/// What one of a nation's people is.
struct Is {
    account: &'static str,
    roles: &'static [&'static str],
    office: &'static str,
    /// Offices for which the person reads.
    reads: &'static [&'static str],
    /// Readers have one.
    clearance: Option<u8>,
}

/// One nation.
pub(crate) struct NationLab {
    pub(crate) nation: Nation,
    pub(crate) folder: PathBuf,
    pub(crate) authority: Authority,
    pub(crate) seal: SoftwareKey,
    pub(crate) people: Vec<PersonLab>,
    pub(crate) crl: String,
    node: String,
}

/// Where each nation's node listens: for partners, for its own people.
pub(crate) type Ports = BTreeMap<Nation, [u16; 2]>;

/// One agreement of a nation's node: a `[[link]]` of node.toml, and a row of its people's profiles.
pub(crate) struct Tie<'a> {
    pub(crate) partner: &'a NationLab,
    /// Name of the agreement's file, and its id.
    pub(crate) file: Cow<'a, str>,
    pub(crate) id: Cow<'a, str>,
    /// Lines that the `[[link]]` has of its own.
    pub(crate) own: String,
    /// First part of the names of the partner's root and CRL here.
    pub(crate) trust: &'a str,
    /// Name of each person's profile for its traffic.
    pub(crate) profile: Cow<'a, str>,
}

const fn is(account: &'static str, roles: &'static [&'static str], office: &'static str) -> Is {
    Is { account, roles, office, reads: &[], clearance: None }
}

/// The analyst reads for one office and is not cleared for what is SECRET.
static PEOPLE: [Is; 6] = [
    Is { reads: &["J2", "CYBER"], clearance: Some(3), ..is("author", &["author", "reader"], "J2") },
    Is { reads: &["J2"], clearance: Some(3), ..is("officer-1", &["officer", "reader"], "FDO") },
    is("officer-2", &["officer", "senior-officer"], "FDO"),
    Is { reads: &["CYBER"], clearance: Some(1), ..is("analyst", &["reader"], "CYBER") },
    is("auditor", &["auditor"], "AUDIT"),
    is("operator", &["operator"], "OPS"),
];

impl NationLab {
    pub(crate) fn make(dir: &Path, code: &str, now: i64) -> Result<Self> {
        let nation = Nation::parse(code).context("nation code")?;
        let folder = dir.join(code);
        fs::create_dir_all(folder.join("people"))?;
        let authority = Authority::new(&RootSpec::lab(nation, now))?;
        fs::write(folder.join("root.pem"), authority.pem())?;
        // A real root's key is never on a node; a lab's is kept, so that renewal and revocation can be tried.
        write_secret(&folder.join("root.key"), authority.key().pem()?.as_bytes())?;
        let crl = authority.crl(1, now - 60, now + 45 * DAY, &[])?.pem;
        fs::write(folder.join("crl.pem"), &crl)?;
        let node = format!("{}-1", code.to_lowercase());
        let issued = authority.issue(&LeafSpec::node(nation, &node, now))?;
        fs::write(folder.join("node.pem"), &issued.pem)?;
        write_secret(&folder.join("node.key"), issued.key.pem()?.as_bytes())?;
        let seal = new_signer(&folder.join("seal.key"))?;
        let storage: [u8; 32] = random::fill()?;
        write_secret(&folder.join("storage.key"), hex::encode(storage).as_bytes())?;
        let mut people = Vec::new();
        for is in &PEOPLE {
            let account = is.account;
            let home = folder.join("people").join(account);
            fs::create_dir_all(&home)?;
            let issued = authority.issue(&LeafSpec::person(nation, account, now))?;
            fs::write(home.join("certificate.pem"), &issued.pem)?;
            write_secret(&home.join("tls.key"), issued.key.pem()?.as_bytes())?;
            let signer = new_signer(&home.join("signing.key"))?;
            people.push(PersonLab { account: account.to_owned(), signer, is });
        }
        Ok(Self { nation, folder, authority, seal, people, crl, node })
    }

    /// Its authority's certificate, as an agreement names it.
    pub(super) fn root(&self) -> Digest {
        fingerprint(self.authority.certificate())
    }

    /// National rules under this name, with both officers' signatures beside them.
    pub(super) fn write_rules(&self, name: &str, rules: &str) -> Result<()> {
        fs::write(self.folder.join(name), rules)?;
        let mut officers = SignatureFile::new(rules.as_bytes());
        for person in self.people.iter().filter(|person| person.is_officer()) {
            let signature = sign(rules.as_bytes(), Tag::NationalRules, &person.signer)?;
            officers.add(self.nation, &person.account, person.signer.public_key(), signature);
        }
        fs::write(self.folder.join(format!("{name}.sig")), officers.write())?;
        Ok(())
    }

    /// node.toml and a profile for each person.
    pub(crate) fn write_config(&self, ports: &Ports, ties: &[Tie<'_>], signers: &[(String, PublicKey)]) -> Result<()> {
        let own = self.nation;
        let [link, api] = ports.get(&own).context("ports")?;
        let mut text = format!(
            "format = \"relto-node/1\"\nnode = \"{}\"\nnation = \"{own}\"\ndata = \"data\"\nhead_file = \"heads.ring\"\n\
             storage_key = \"storage.key\"\nseal_key = \"seal.key\"\nlog = \"text\"\nclock = \"trusted\"\n\n\
             [listen]\nlink = \"127.0.0.1:{link}\"\napi = \"127.0.0.1:{api}\"\n\n\
             [tls]\ncertificate = \"node.pem\"\nkey = \"node.key\"\n\n\
             [[nation_trust]]\nnation = \"{own}\"\nroots = [\"root.pem\"]\ncrls = [\"crl.pem\"]\n",
            self.node
        );
        let mut trusted = BTreeSet::new();
        for Tie { partner, trust, .. } in ties {
            if trusted.insert(partner.nation) {
                text.push_str(&format!(
                    "\n[[nation_trust]]\nnation = \"{}\"\nroots = [\"{trust}-root.pem\"]\ncrls = [\"{trust}-crl.pem\"]\n",
                    partner.nation
                ));
                fs::write(self.folder.join(format!("{trust}-root.pem")), partner.authority.pem())?;
                fs::write(self.folder.join(format!("{trust}-crl.pem")), &partner.crl)?;
            }
        }
        for Tie { partner, file, own: lines, .. } in ties {
            let [partner_link, _] = ports.get(&partner.nation).context("ports")?;
            let mut nations = [own, partner.nation];
            nations.sort_unstable();
            let registers = nations.map(|nation| format!("{nation} = \"markings-{nation}.toml\"")).join(", ");
            text.push_str(&format!(
                "\n[[link]]\nagreement = \"{file}\"\nvocabulary = \"vocabulary.toml\"\n\
                 registers = {{ {registers} }}\n{lines}\
                 partner_node = \"{}\"\ndial = \"127.0.0.1:{partner_link}\"\n",
                partner.node
            ));
        }
        for person in &self.people {
            text.push_str(&person.table(own));
        }
        fs::write(self.folder.join("node.toml"), text)?;
        // One profile a traffic: of all its agreements.
        let names: BTreeSet<&str> = ties.iter().map(|tie| &*tie.profile).collect();
        for person in &self.people {
            let home = self.folder.join("people").join(&person.account);
            for name in &names {
                let ties: Vec<&Tie<'_>> = ties.iter().filter(|tie| tie.profile == *name).collect();
                fs::write(home.join(name), self.profile(person, &ties, *api, signers))?;
            }
        }
        Ok(())
    }

    fn profile(&self, person: &PersonLab, ties: &[&Tie<'_>], api: u16, signers: &[(String, PublicKey)]) -> String {
        let mut text = format!(
            "format = \"relto-profile/1\"\naccount = \"{}\"\nnation = \"{}\"\nsigning_key = \"signing.key\"\n\
             certificate = \"certificate.pem\"\ntls_key = \"tls.key\"\nnode = \"{}\"\napi = \"127.0.0.1:{api}\"\n\
             roots = [\"../../root.pem\"]\ncrls = [\"../../crl.pem\"]\ncache = \"cache\"\n\n[agreements]\n",
            person.account, self.nation, self.node
        );
        for tie in ties {
            text.push_str(&format!("{} = \"{}\"\n", tie.partner.nation, tie.id));
        }
        let nations: BTreeSet<Nation> = ties.iter().map(|tie| tie.partner.nation).chain([self.nation]).collect();
        for nation in nations {
            text.push_str(&format!("\n[signers.{nation}]\n"));
            for (office, key) in signers.iter().filter(|(office, _)| office.starts_with(nation.as_str())) {
                text.push_str(&format!("\"{office}\" = \"{key}\"\n"));
            }
        }
        text
    }
}
