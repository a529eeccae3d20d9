//! X25519MLKEM768 (code point 0x11ec): the hybrid key exchange of the link, from the provider's X25519 and
//! ML-KEM-768 (FIPS 203). A recorded session stays closed unless both are broken. A build with the cargo feature `aws-lc` has
//! another in its place (`primitives`), and this one to test it against.
//!
//! Client share: ML-KEM encapsulation key, then X25519 key. Server share: ML-KEM ciphertext, then X25519 key. Secret:
//! ML-KEM's, then X25519's. A share of any other length, an encapsulation key with a coefficient out of range and an
//! X25519 share of small order are refused.

use super::primitives::X25519;
use ml_kem::{
    Decapsulate as _, Encapsulate as _, Generate as _, KeyExport as _,
    ml_kem_768::{DecapsulationKey, EncapsulationKey},
};
use rustls::{
    Error, NamedGroup, PeerMisbehaved, ProtocolVersion,
    crypto::{ActiveKeyExchange, CompletedKeyExchange, GetRandomFailed, SharedSecret, SupportedKxGroup},
    ffdhe_groups::FfdheGroup,
};
use zeroize::Zeroizing;

/// Bytes of an ML-KEM-768 encapsulation key.
const ENCAPSULATION_KEY: usize = 1184;
/// Bytes of an ML-KEM-768 ciphertext.
const CIPHERTEXT: usize = 1088;
/// Bytes of an X25519 key.
const CLASSICAL: usize = 32;

const BAD_SHARE: Error = Error::PeerMisbehaved(PeerMisbehaved::InvalidKeyShare);

/// The group, for a provider's list.
pub static X25519MLKEM768: &dyn SupportedKxGroup = &Group;

#[derive(Debug)]
struct Group;

impl SupportedKxGroup for Group {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let classical = X25519.start()?;
        let key = DecapsulationKey::try_generate().map_err(|_| GetRandomFailed)?;
        let share = [key.encapsulation_key().to_bytes().as_slice(), classical.pub_key()].concat();
        Ok(Box::new(Started { classical, key, share }))
    }

    fn start_and_complete(&self, client: &[u8]) -> Result<CompletedKeyExchange, Error> {
        let (key, theirs) = split(client, ENCAPSULATION_KEY)?;
        let classical = X25519.start_and_complete(theirs)?;
        let key = EncapsulationKey::new(key.try_into().map_err(|_| BAD_SHARE)?).map_err(|_| BAD_SHARE)?;
        // Ends the process when the kernel gives no random bytes, which it always does once it has been seeded.
        let (ciphertext, secret) = key.encapsulate();
        let secret = Zeroizing::new(secret);
        Ok(CompletedKeyExchange {
            group: self.name(),
            pub_key: [ciphertext.as_slice(), &classical.pub_key].concat(),
            secret: [secret.as_slice(), classical.secret.secret_bytes()].concat().into(),
        })
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519MLKEM768
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::TLSv1_3
    }
}

/// A client's half, until the server answers.
struct Started {
    classical: Box<dyn ActiveKeyExchange>,
    key: DecapsulationKey,
    share: Vec<u8>,
}

impl ActiveKeyExchange for Started {
    fn complete(self: Box<Self>, server: &[u8]) -> Result<SharedSecret, Error> {
        let (ciphertext, theirs) = split(server, CIPHERTEXT)?;
        let classical = self.classical.complete(theirs)?;
        let secret = Zeroizing::new(self.key.decapsulate_slice(ciphertext).map_err(|_| BAD_SHARE)?);
        Ok([secret.as_slice(), classical.secret_bytes()].concat().into())
    }

    // Lets a server that knows X25519 alone answer in one round trip, where the client offers X25519 too.
    fn hybrid_component(&self) -> Option<(NamedGroup, &[u8])> {
        Some((self.classical.group(), self.classical.pub_key()))
    }

    fn complete_hybrid_component(self: Box<Self>, server: &[u8]) -> Result<SharedSecret, Error> {
        self.classical.complete(server)
    }

    fn pub_key(&self) -> &[u8] {
        &self.share
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519MLKEM768
    }
}

fn split(share: &[u8], first: usize) -> Result<(&[u8], &[u8]), Error> {
    match share.split_at_checked(first) {
        Some((first, second)) if second.len() == CLASSICAL => Ok((first, second)),
        _ => Err(BAD_SHARE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::provider::link_provider;

    /// This group and the one that links take, which is another in a build with the feature `aws-lc`.
    fn groups() -> [&'static dyn SupportedKxGroup; 2] {
        [X25519MLKEM768, link_provider().kx_groups[0]]
    }

    #[test]
    fn both_sides_have_the_same_secret_of_64_bytes_whoever_made_them() {
        for (dials, answers) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let client = groups()[dials].start().unwrap();
            assert_eq!(client.pub_key().len(), ENCAPSULATION_KEY + CLASSICAL);
            assert_eq!(client.hybrid_component(), Some((NamedGroup::X25519, &client.pub_key()[ENCAPSULATION_KEY..])));
            let server = groups()[answers].start_and_complete(client.pub_key()).unwrap();
            assert_eq!(server.pub_key.len(), CIPHERTEXT + CLASSICAL);
            let secret = client.complete(&server.pub_key).unwrap();
            assert_eq!(secret.secret_bytes(), server.secret.secret_bytes(), "{dials} dials, {answers} answers");
            assert_eq!(secret.secret_bytes().len(), 64);
        }
    }

    #[test]
    fn a_changed_ciphertext_gives_another_secret() {
        for group in groups() {
            let client = group.start().unwrap();
            let mut server = group.start_and_complete(client.pub_key()).unwrap();
            server.pub_key[0] ^= 1;
            let secret = client.complete(&server.pub_key).unwrap();
            assert_ne!(secret.secret_bytes()[..32], server.secret.secret_bytes()[..32]);
            assert_eq!(secret.secret_bytes()[32..], server.secret.secret_bytes()[32..]);
        }
    }

    #[test]
    fn malformed_shares_are_refused() {
        for group in groups() {
            let good = group.start().unwrap().pub_key().to_vec();
            let mut out_of_range = good.clone();
            out_of_range[..3].copy_from_slice(&[0xff; 3]);
            let mut small_order = good.clone();
            small_order[ENCAPSULATION_KEY..].fill(0);
            let shorter = good[1..].to_vec();
            let longer = [good.as_slice(), &[0]].concat();
            for share in [out_of_range, small_order, shorter, longer, Vec::new(), good[..CLASSICAL].to_vec()] {
                assert_eq!(group.start_and_complete(&share).err(), Some(BAD_SHARE), "{} bytes", share.len());
            }
            for share in [vec![0; CIPHERTEXT], vec![1; CIPHERTEXT + CLASSICAL + 1], vec![0; CIPHERTEXT + CLASSICAL]] {
                assert_eq!(group.start().unwrap().complete(&share).err(), Some(BAD_SHARE));
            }
        }
    }
}
