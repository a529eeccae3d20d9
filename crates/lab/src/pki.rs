//! The lab's certificate authority: roots, certificates of nodes and people, CRLs, each by the profile in `certs/`.
//!
//! For `relto lab`, `relto demo` and tests. No nation's real authority is this program: it keeps its key in a file,
//! and it issues whatever a specification says, so that tests can have certificates that are wrong in one point.
//! Keys are Ed25519 unless a specification says otherwise, in PKCS#8 version 1, which both OpenSSL and this program
//! read.

use anyhow::{Context as _, Result, anyhow};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, RevokedCertParams,
    SanType, SerialNumber,
};
use relto_host::{
    keys, random,
    tls::identity::{Role, Usage},
};
use relto_report::nation::Nation;
use rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject as _,
};
use std::{fs::OpenOptions, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};
use time::OffsetDateTime;
use zeroize::Zeroizing;

pub use rcgen::KeyUsagePurpose;

/// Seconds of a day.
pub const DAY: i64 = 24 * 60 * 60;
/// How long before "now" lab certificates begin: room for a clock that is slow.
const MARGIN: i64 = DAY;

/// What a key signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519, the default.
    Ed25519,
    /// ECDSA on P-384 with SHA-384, for tokens that know no Ed25519.
    P384,
    /// ECDSA on P-256, which no node takes.
    P256,
}

/// A private key, as its PKCS#8 document.
pub struct Key(Zeroizing<Vec<u8>>);

impl Key {
    /// A new Ed25519 key.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn generate() -> Result<Self> {
        Ok(Self::from_seed(&Zeroizing::new(random::fill()?)))
    }

    /// A new key of this algorithm.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn generate_for(algorithm: Algorithm) -> Result<Self> {
        let ecdsa = match algorithm {
            Algorithm::Ed25519 => return Self::generate(),
            Algorithm::P384 => &PKCS_ECDSA_P384_SHA384,
            Algorithm::P256 => &PKCS_ECDSA_P256_SHA256,
        };
        let pair = KeyPair::generate_for(ecdsa).context("no key could be made")?;
        Ok(Self(Zeroizing::new(pair.serialize_der())))
    }

    /// The Ed25519 key of a seed, as PKCS#8 version 1 (RFC 8410 section 7): 16 bytes of frame, then the seed.
    #[must_use]
    pub fn from_seed(seed: &Zeroizing<[u8; 32]>) -> Self {
        const FRAME: [u8; 16] =
            [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
        Self(Zeroizing::new([FRAME.as_slice(), seed.as_slice()].concat()))
    }

    /// The PKCS#8 document.
    #[must_use]
    pub fn pkcs8(&self) -> &[u8] {
        &self.0
    }

    /// The key in the form in which TLS takes it.
    #[must_use]
    pub fn tls(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.0.to_vec()).into()
    }

    /// The key as PEM, in the clear.
    ///
    /// # Errors
    /// When it is no key of one of the algorithms.
    pub fn pem(&self) -> Result<Zeroizing<String>> {
        Ok(Zeroizing::new(self.pair()?.serialize_pem()))
    }

    /// The key as PEM, encrypted under a passphrase.
    ///
    /// # Errors
    /// When it cannot be encrypted.
    pub fn encrypted_pem(&self, passphrase: &[u8]) -> Result<Zeroizing<String>> {
        Ok(keys::encrypt_pem(&self.0, passphrase)?)
    }

    fn pair(&self) -> Result<KeyPair> {
        let key = PrivatePkcs8KeyDer::from(self.0.as_slice());
        KeyPair::try_from(&key).context("the key is not Ed25519 or ECDSA in PKCS#8")
    }
}

/// What a root is to say. Times are seconds since 1970.
#[derive(Debug, Clone)]
pub struct RootSpec {
    /// C= of its subject.
    pub nation: Nation,
    /// CN= of its subject. A new root of a nation needs a new one.
    pub name: String,
    /// Begin of validity.
    pub not_before: i64,
    /// End of validity.
    pub not_after: i64,
    /// basicConstraints CA.
    pub is_ca: bool,
    /// keyUsage; none leaves the extension out.
    pub key_usage: Vec<KeyUsagePurpose>,
    /// What its key signs with.
    pub algorithm: Algorithm,
}

impl RootSpec {
    /// A root by the profile, good for five years.
    #[must_use]
    pub fn lab(nation: Nation, now: i64) -> Self {
        Self {
            nation,
            name: format!("{nation} Relto lab root"),
            not_before: now - MARGIN,
            not_after: now + 5 * 365 * DAY,
            is_ca: true,
            key_usage: vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign],
            algorithm: Algorithm::Ed25519,
        }
    }
}

/// What a certificate is to say. Times are seconds since 1970.
#[derive(Debug, Clone)]
pub struct LeafSpec {
    /// C= of the subject; none leaves it out.
    pub subject_country: Option<String>,
    /// c3= of the subject (ITU-T X.520 countryCode3c); none leaves it out.
    pub subject_c3: Option<String>,
    /// Nation in the SAN URI.
    pub san_nation: Nation,
    /// Node or person.
    pub role: Role,
    /// The node's name or the person's account; CN= of the subject and end of the SAN URI.
    pub name: String,
    /// More SAN URIs.
    pub more_uris: Vec<String>,
    /// DNS names, for national tools that check the address they dial; Relto itself looks at none.
    pub dns_names: Vec<String>,
    /// Begin of validity.
    pub not_before: i64,
    /// End of validity.
    pub not_after: i64,
    /// extendedKeyUsage; none leaves the extension out.
    pub eku: Vec<Usage>,
    /// keyUsage; none leaves the extension out.
    pub key_usage: Vec<KeyUsagePurpose>,
    /// basicConstraints CA.
    pub is_ca: bool,
    /// Object identifiers of further extensions, each critical and with nothing in it: for the test of that.
    pub critical: Vec<Vec<u64>>,
    /// What its key signs with.
    pub algorithm: Algorithm,
}

impl LeafSpec {
    /// A node's certificate by the profile, good for 90 days.
    #[must_use]
    pub fn node(nation: Nation, name: &str, now: i64) -> Self {
        Self::lab(nation, Role::Node, name, vec![Usage::ServerAuth, Usage::ClientAuth], now)
    }

    /// A person's certificate by the profile, good for 90 days.
    #[must_use]
    pub fn person(nation: Nation, account: &str, now: i64) -> Self {
        Self::lab(nation, Role::Person, account, vec![Usage::ClientAuth], now)
    }

    fn lab(nation: Nation, role: Role, name: &str, eku: Vec<Usage>, now: i64) -> Self {
        Self {
            subject_country: Some(nation.to_string()),
            subject_c3: None,
            san_nation: nation,
            role,
            name: name.to_owned(),
            more_uris: Vec::new(),
            dns_names: Vec::new(),
            not_before: now - MARGIN,
            not_after: now + 90 * DAY,
            eku,
            key_usage: vec![KeyUsagePurpose::DigitalSignature],
            is_ca: false,
            critical: Vec::new(),
            algorithm: Algorithm::Ed25519,
        }
    }
}

/// A certificate with its private key.
pub struct Issued {
    /// The certificate.
    pub certificate: CertificateDer<'static>,
    /// The certificate as PEM.
    pub pem: String,
    /// Its private key.
    pub key: Key,
    /// Its serial number, for [`Authority::crl`].
    pub serial: [u8; 16],
}

/// A CRL.
pub struct Crl {
    /// The list.
    pub der: CertificateRevocationListDer<'static>,
    /// The list as PEM.
    pub pem: String,
}

/// An authority: a root's certificate and its key.
pub struct Authority {
    certificate: CertificateDer<'static>,
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    key: Key,
}

impl Authority {
    /// A new self-signed root by the specification, with a new key.
    ///
    /// # Errors
    /// When the system gives no random bytes, or a time or name cannot stand in a certificate.
    pub fn new(spec: &RootSpec) -> Result<Self> {
        Self::signed(spec, None)
    }

    /// The authority of a lab: its root's certificate and its key, both PEM.
    ///
    /// # Errors
    /// When either is not what it should be.
    pub fn load(certificate: &str, key: &str) -> Result<Self> {
        let pair = KeyPair::from_pem(key).context("the root's key")?;
        let key = Key(Zeroizing::new(pair.serialize_der()));
        let issuer = Issuer::from_ca_cert_pem(certificate, pair).context("the root's certificate")?;
        let der = CertificateDer::from_pem_slice(certificate.as_bytes()).context("the root's certificate")?;
        Ok(Self { certificate: der, pem: certificate.to_owned(), issuer, key })
    }

    /// A new authority by the specification, with a new key and a certificate from this one. No node takes what such
    /// an authority issues; it is for the test of that.
    ///
    /// # Errors
    /// When the system gives no random bytes, or a time or name cannot stand in a certificate.
    pub fn below(&self, spec: &RootSpec) -> Result<Self> {
        Self::signed(spec, Some(&self.issuer))
    }

    fn signed(spec: &RootSpec, above: Option<&Issuer<'static, KeyPair>>) -> Result<Self> {
        let key = Key::generate_for(spec.algorithm)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = name(Some(spec.nation.as_str()), &spec.name);
        params.serial_number = Some(SerialNumber::from_slice(&new_serial()?));
        params.not_before = instant(spec.not_before)?;
        params.not_after = instant(spec.not_after)?;
        params.key_usages.clone_from(&spec.key_usage);
        params.is_ca = if spec.is_ca { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::ExplicitNoCa };
        let pair = key.pair()?;
        let certificate = match above {
            Some(above) => params.signed_by(&pair, above),
            None => params.self_signed(&pair),
        };
        let certificate = certificate.context("the authority's certificate could not be made")?;
        let (pem, certificate) = (certificate.pem(), certificate.der().clone());
        Ok(Self { certificate, pem, issuer: Issuer::new(params, pair), key })
    }

    /// The root's certificate.
    #[must_use]
    pub const fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The root's certificate as PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The root's private key.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// Issues a certificate by the specification, for a new key.
    ///
    /// # Errors
    /// When the system gives no random bytes, or a time or name cannot stand in a certificate.
    pub fn issue(&self, spec: &LeafSpec) -> Result<Issued> {
        let key = Key::generate_for(spec.algorithm)?;
        let serial = new_serial()?;
        let uri = format!("relto://{}/{}/{}", spec.san_nation, spec.role, spec.name);
        let mut params = CertificateParams::default();
        for uri in std::iter::once(&uri).chain(&spec.more_uris) {
            params.subject_alt_names.push(SanType::URI(uri.as_str().try_into().context("a SAN URI is not ASCII")?));
        }
        for dns in &spec.dns_names {
            params
                .subject_alt_names
                .push(SanType::DnsName(dns.as_str().try_into().context("a DNS name is not ASCII")?));
        }
        params.distinguished_name = name(spec.subject_country.as_deref(), &spec.name);
        if let Some(country) = &spec.subject_c3 {
            params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 98]), country.as_str());
        }
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        params.not_before = instant(spec.not_before)?;
        params.not_after = instant(spec.not_after)?;
        params.key_usages.clone_from(&spec.key_usage);
        params.extended_key_usages = spec.eku.iter().map(|usage| purpose(*usage)).collect();
        params.is_ca = if spec.is_ca { IsCa::Ca(BasicConstraints::Constrained(0)) } else { IsCa::ExplicitNoCa };
        params.use_authority_key_identifier_extension = true;
        for oid in &spec.critical {
            // NULL, in DER.
            let mut extension = CustomExtension::from_oid_content(oid, vec![5, 0]);
            extension.set_criticality(true);
            params.custom_extensions.push(extension);
        }
        let certificate = params.signed_by(&key.pair()?, &self.issuer).context("the certificate could not be made")?;
        Ok(Issued { certificate: certificate.der().clone(), pem: certificate.pem(), key, serial })
    }

    /// Issues the list of revoked certificates, by their serials. Times are seconds since 1970.
    ///
    /// # Errors
    /// When `next_update` is not later than `this_update`, or the root may not sign CRLs.
    pub fn crl(&self, number: u64, this_update: i64, next_update: i64, revoked: &[[u8; 16]]) -> Result<Crl> {
        let this_update = instant(this_update)?;
        let params = CertificateRevocationListParams {
            this_update,
            next_update: instant(next_update)?,
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(|serial| revocation(serial, this_update)).collect(),
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        let list = params.signed_by(&self.issuer).context("the CRL could not be made")?;
        Ok(Crl { pem: list.pem().context("the CRL could not be written as PEM")?, der: list.der().clone() })
    }
}

/// Writes a new file that only its owner may read: a private key or a passphrase. An existing file is left alone.
///
/// # Errors
/// When the file exists already or cannot be written.
pub fn write_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.with_context(|| format!("cannot create {}", path.display()))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).with_context(|| format!("cannot write {}", path.display()))
}

fn name(country: Option<&str>, common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    if let Some(country) = country {
        name.push(DnType::CountryName, country);
    }
    name.push(DnType::CommonName, common);
    name
}

/// 127 random bits: a serial number is positive (RFC 5280 section 4.1.2.2), and here always 16 bytes long.
fn new_serial() -> Result<[u8; 16]> {
    let [first, rest @ ..] = random::fill::<16>()?;
    let mut serial = [0; 16];
    let bytes = std::iter::once((first & 0x7f) | 0x40).chain(rest);
    serial.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    Ok(serial)
}

const fn purpose(usage: Usage) -> ExtendedKeyUsagePurpose {
    match usage {
        Usage::ClientAuth => ExtendedKeyUsagePurpose::ClientAuth,
        Usage::ServerAuth => ExtendedKeyUsagePurpose::ServerAuth,
    }
}

fn revocation(serial: &[u8], at: OffsetDateTime) -> RevokedCertParams {
    RevokedCertParams {
        serial_number: SerialNumber::from_slice(serial),
        revocation_time: at,
        reason_code: None,
        invalidity_date: None,
    }
}

fn instant(seconds: i64) -> Result<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| anyhow!("second {seconds} cannot stand in a certificate"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_host::tls::{credential::Credential, memory::CrlMemory, trust::NationTrust};
    use std::os::unix::fs::PermissionsExt as _;

    const NOW: i64 = 1_795_521_600;

    #[test]
    fn what_the_lab_issues_is_what_a_node_takes() {
        let nation = Nation::parse("XBB").unwrap();
        let authority = Authority::new(&RootSpec::lab(nation, NOW)).unwrap();
        let crl = authority.crl(1, NOW - 60, NOW + DAY, &[]).unwrap();
        let mut memory = CrlMemory::default();
        let roots = [authority.certificate().clone()];
        NationTrust::load(nation, &roots, &[crl.der], &mut memory, NOW as u64 * 1000).unwrap();
        for spec in [LeafSpec::node(nation, "ulvik", NOW), LeafSpec::person(nation, "a.moreau", NOW)] {
            let issued = authority.issue(&spec).unwrap();
            let own = Credential::new(issued.certificate, &issued.key.tls()).unwrap();
            assert_eq!(own.identity().name, spec.name);
            assert_eq!(own.not_after_ms(), spec.not_after as u64 * 1000);
        }
    }

    #[test]
    fn files_of_the_lab_are_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let nation = Nation::parse("XBB").unwrap();
        let authority = Authority::new(&RootSpec::lab(nation, NOW)).unwrap();
        let issued = authority.issue(&LeafSpec::node(nation, "ulvik", NOW)).unwrap();
        let (certificate, key, words) =
            (folder.path().join("node.pem"), folder.path().join("node.key"), folder.path().join("words"));
        std::fs::write(&certificate, &issued.pem).unwrap();
        write_secret(&key, issued.key.encrypted_pem(b"lab").unwrap().as_bytes()).unwrap();
        write_secret(&words, b"lab\n").unwrap();
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(write_secret(&key, b"other").is_err(), "an existing key is not overwritten");
        let own = Credential::load(&certificate, &key, Some(&words)).unwrap();
        assert_eq!(own.identity().to_string(), "relto://XBB/node/ulvik");
        let again = Authority::load(authority.pem(), &authority.key().pem().unwrap()).unwrap();
        let renewed = again.issue(&LeafSpec::node(nation, "ulvik", NOW)).unwrap();
        let crl = again.crl(2, NOW - 60, NOW + DAY, &[issued.serial]).unwrap();
        let roots = [authority.certificate().clone()];
        NationTrust::load(nation, &roots, &[crl.der], &mut CrlMemory::default(), NOW as u64 * 1000).unwrap();
        assert!(Credential::new(renewed.certificate, &renewed.key.tls()).is_ok(), "of the same root");
        let other = authority.issue(&LeafSpec::node(nation, "ulvik", NOW)).unwrap();
        assert!(Credential::new(other.certificate, &issued.key.tls()).is_err(), "key of another certificate");
    }
}
