//! Keys and certificates of a run: made once, read by each process.

use crate::signing::{PublicKey, Signer};
use anyhow::{Context as _, Result};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ED25519};
use std::{fs, path::Path};
use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};

/// The name that every certificate of a node is for.
const HOST: &str = "node.peer.example";
/// The two authorities: of nodes, and of authors.
const NODES: &str = "nodes";
const AUTHORS: &str = "authors";
/// The one author of a run.
pub const AUTHOR: &str = "author";

/// Makes the keys of two nodes and of an author.
///
/// # Errors
/// Where a file cannot be written.
pub fn make(folder: &Path, nodes: [&str; 2]) -> Result<()> {
    let (node_authority, author_authority) = (authority(folder, NODES)?, authority(folder, AUTHORS)?);
    for node in nodes {
        person(folder, node, &node_authority)?;
    }
    person(folder, AUTHOR, &author_authority)
}

fn authority(folder: &Path, name: &str) -> Result<Issuer<'static, KeyPair>> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, format!("Authority of {name}"));
    let key = KeyPair::generate_for(&PKCS_ED25519)?;
    fs::write(folder.join(format!("{name}.pem")), params.self_signed(&key)?.pem())?;
    Ok(Issuer::new(params, key))
}

fn person(folder: &Path, name: &str, issuer: &Issuer<'_, KeyPair>) -> Result<()> {
    let mut params = CertificateParams::new(vec![HOST.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate_for(&PKCS_ED25519)?;
    fs::write(folder.join(format!("{name}.pem")), params.signed_by(&key, issuer)?.pem())?;
    fs::write(folder.join(format!("{name}.key")), key.serialize_pem())?;
    let pkcs8 = Signer::make()?;
    fs::write(folder.join(format!("{name}.public")), Signer::read(&pkcs8)?.public()?)?;
    fs::write(folder.join(format!("{name}.private")), pkcs8)?;
    Ok(())
}

/// What one process knows.
pub struct Keys {
    /// Signs what it says.
    pub signer: Signer,
    /// The partner's node.
    pub partner: PublicKey,
    authors: Vec<PublicKey>,
    identity: Identity,
    nodes: Certificate,
    people: Certificate,
}

impl Keys {
    /// Reads those of a node, or of the author of a node.
    ///
    /// # Errors
    /// Where a file is missing or broken.
    pub fn read(folder: &Path, name: &str, partner: &str) -> Result<Self> {
        let file = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).with_context(|| path.display().to_string())
        };
        let public = |name: &str| -> Result<PublicKey> {
            file(&format!("{name}.public"))?.try_into().ok().with_context(|| format!("{name}.public: 32 bytes"))
        };
        Ok(Self {
            signer: Signer::read(&file(&format!("{name}.private"))?)?,
            partner: public(partner)?,
            authors: vec![public(AUTHOR)?],
            identity: Identity::from_pem(file(&format!("{name}.pem"))?, file(&format!("{name}.key"))?),
            nodes: Certificate::from_pem(file(&format!("{NODES}.pem"))?),
            people: Certificate::from_pem(file(&format!("{AUTHORS}.pem"))?),
        })
    }

    /// An author's key.
    #[must_use]
    pub fn author(&self, author: u32) -> Option<&PublicKey> {
        self.authors.get(usize::try_from(author).ok()?)
    }

    /// TLS of the port for authors.
    #[must_use]
    pub fn for_authors(&self) -> ServerTlsConfig {
        ServerTlsConfig::new().identity(self.identity.clone()).client_ca_root(self.people.clone())
    }

    /// TLS of the port for the partner's node.
    #[must_use]
    pub fn for_partner(&self) -> ServerTlsConfig {
        ServerTlsConfig::new().identity(self.identity.clone()).client_ca_root(self.nodes.clone())
    }

    /// TLS to a node, as node or as author.
    #[must_use]
    pub fn to_node(&self) -> ClientTlsConfig {
        ClientTlsConfig::new().identity(self.identity.clone()).ca_certificate(self.nodes.clone()).domain_name(HOST)
    }
}
