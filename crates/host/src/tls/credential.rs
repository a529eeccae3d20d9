//! This side's own certificate and private key, and the PEM files that certificates and CRLs come in.

use super::{
    claim::{self, Claim},
    expiry::{Expiry, Kind},
    fault::{LeafFault, TlsFault, TrustFault},
    identity::{Identity, Role, Usage},
    primitives::{any_ecdsa_type, any_eddsa_type},
    trust::{NationTrust, Vetted, unix_time},
};
use crate::keys;
use relto_report::{crypto::sha256, digest::Digest};
use rustls::{
    Error, InconsistentKeys, SignatureScheme,
    pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, pem::PemObject},
    sign::{CertifiedKey, SigningKey},
};
use std::{fs::File, io::Read as _, path::Path, sync::Arc};
use webpki::EndEntityCert;

/// No certificate or CRL file is longer. A CRL has about 40 bytes for each revoked certificate, and 4/3 of that in
/// PEM, so this is room for 300,000.
pub const MAX_PEM_FILE: u64 = 16 * 1024 * 1024;

/// A certificate of this side with its private key.
#[derive(Debug, Clone)]
pub struct Credential {
    claim: Claim,
    key: Arc<CertifiedKey>,
}

impl Credential {
    /// The certificate and its key. Its validity is not judged here: those who are shown it do that.
    ///
    /// # Errors
    /// [`TlsFault`] when the certificate does not meet the profile of a node's or a person's, or the key is not
    /// Ed25519 or ECDSA P-384 in PKCS#8, or belongs to another certificate.
    pub fn new(certificate: CertificateDer<'static>, key: &PrivateKeyDer<'_>) -> Result<Self, TlsFault> {
        let claim = claim::read(&certificate, Usage::ClientAuth)?;
        // A node dials and answers; one that could only dial would fail on the day when its partner dials.
        if claim.identity.role == Role::Node {
            claim::read(&certificate, Usage::ServerAuth)?;
        }
        let refuse = |error| {
            let fault = LeafFault::Path(claim.identity.clone(), error);
            TlsFault::from(TrustFault::Leaf { certificate: claim.certificate, fault })
        };
        // What the peer's path validation would not read is told as that, and never as a key that differs.
        EndEntityCert::try_from(&certificate).map_err(refuse)?;
        let key = signing_key(key).ok_or(TlsFault::KeyAlgorithm(claim.certificate))?;
        let key = CertifiedKey::new(vec![certificate], key);
        key.keys_match().map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => TlsFault::KeyDiffers(claim.certificate),
            other => TlsFault::Setup(other),
        })?;
        Ok(Self { claim, key: Arc::new(key) })
    }

    /// The first certificate of a PEM file, with the key of another (see [`keys::load_tls_key`] for its forms).
    ///
    /// # Errors
    /// [`TlsFault`] as for [`Credential::new`], and when a file cannot be read.
    pub fn load(certificate: &Path, key: &Path, passphrase: Option<&Path>) -> Result<Self, TlsFault> {
        let Some(first) = read_certificates(certificate)?.into_iter().next() else {
            return Err(TlsFault::NotPem { path: certificate.into() });
        };
        Self::new(first, &*keys::load_tls_key(key, passphrase)?)
    }

    /// Who this side is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.claim.identity
    }

    /// SHA-256 of the certificate.
    #[must_use]
    pub const fn certificate(&self) -> Digest {
        self.claim.certificate
    }

    /// End of the certificate's validity, milliseconds since 1970.
    #[must_use]
    pub fn not_after_ms(&self) -> u64 {
        u64::try_from(self.claim.not_after).unwrap_or(0).saturating_mul(1000)
    }

    /// Judges this certificate as the other end will, by the trust of its own nation.
    ///
    /// # Errors
    /// [`TrustFault`] when it would be refused now (milliseconds since 1970).
    pub fn vet(&self, own: &NationTrust, now_ms: u64) -> Result<Vetted, TrustFault> {
        let certificate = self.key.cert.first().ok_or(TrustFault::NoCertificate)?;
        own.vet(certificate, self.claim.clone(), Usage::ClientAuth, unix_time(now_ms))
    }

    /// When it ends.
    #[must_use]
    pub fn expiry(&self) -> Expiry {
        Expiry {
            kind: Kind::Certificate,
            nation: self.claim.identity.nation,
            who: Some(self.claim.identity.clone()),
            digest: self.claim.certificate,
            not_after_ms: self.not_after_ms(),
        }
    }

    pub(super) fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.key)
    }

    /// Refuses this certificate where one of `wanted` belongs.
    pub(super) fn must_be(&self, wanted: Role) -> Result<(), TlsFault> {
        if self.claim.identity.role == wanted {
            return Ok(());
        }
        let fault = LeafFault::WrongRole(self.claim.identity.clone(), wanted);
        Err(TrustFault::Leaf { certificate: self.claim.certificate, fault }.into())
    }
}

/// All certificates of a PEM file, at least one.
///
/// # Errors
/// [`TlsFault`] when it cannot be read, is no PEM, or holds none.
pub fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    read_pem(path)
}

/// All CRLs of a PEM file, at least one.
///
/// # Errors
/// [`TlsFault`] when it cannot be read, is no PEM, or holds none.
pub fn read_crls(path: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsFault> {
    read_pem(path)
}

/// SHA-256 of a root's certificate, as an agreement names it in `tls_roots`.
#[must_use]
pub fn fingerprint(certificate: &CertificateDer<'_>) -> Digest {
    sha256(&[certificate])
}

fn read_pem<T: PemObject>(path: &Path) -> Result<Vec<T>, TlsFault> {
    let io = |error| TlsFault::File { path: path.into(), error };
    let not_pem = || TlsFault::NotPem { path: path.into() };
    let mut bytes = Vec::new();
    File::open(path).map_err(io)?.take(MAX_PEM_FILE + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MAX_PEM_FILE {
        return Err(not_pem());
    }
    let objects = T::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>().map_err(|_| not_pem())?;
    if objects.is_empty() { Err(not_pem()) } else { Ok(objects) }
}

/// The key, if it signs with an algorithm of the provider.
fn signing_key(key: &PrivateKeyDer<'_>) -> Option<Arc<dyn SigningKey>> {
    let PrivateKeyDer::Pkcs8(pkcs8) = key else { return None };
    let signing = any_eddsa_type(pkcs8).or_else(|_| any_ecdsa_type(key)).ok()?;
    signing.choose_scheme(&[SignatureScheme::ED25519, SignatureScheme::ECDSA_NISTP384_SHA384])?;
    Some(signing)
}
