//! Private keys at rest: PKCS#8 in PEM, encrypted under a passphrase (RFC 8018 PBES2) or plain, and raw 32-byte keys.
//!
//! A file may be named by its path, or as `credential:NAME` for a credential that systemd hands to the service in
//! `$CREDENTIALS_DIRECTORY`. A file that its group or others may read, write or run is refused; only for a systemd
//! credential the group may read, since systemd shows the access that it grants the service's user in those bits.
//! Every buffer that holds key bytes or a passphrase is wiped when it is dropped.
//!
//! Ed25519 keys are written as PKCS#8 version 1, the form that OpenSSL reads and writes.

mod encryption;

use pkcs8::{EncryptedPrivateKeyInfoRef, Error, PrivateKeyInfoRef, SecretDocument, der::pem::LineEnding, pkcs5};
use relto_report::crypto::SoftwareKey;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::{Component, Path, PathBuf},
};
use zeroize::Zeroizing;

/// No key or passphrase file is longer: an encrypted P-384 key in PEM has under 1 KiB.
pub const MAX_KEY_FILE: u64 = 16 * 1024;

/// Prefix of a file's name that means a systemd credential.
const CREDENTIAL: &str = "credential:";
/// Where systemd puts a service's credentials (systemd.exec(5)).
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";
const PLAIN: &str = "PRIVATE KEY";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// Why a key cannot be had from a file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// The file cannot be opened or read.
    #[error("key file {path}: {error}: see that it is there and belongs to the user of the service")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// `credential:NAME` is no single file name, or systemd gave this process no credentials.
    #[error(
        "{path} is not to be had: set LoadCredential= or LoadCredentialEncrypted= for that one name in the unit, \
         or name a file"
    )]
    NoCredential {
        /// The name as configured.
        path: PathBuf,
    },
    /// A folder, a pipe or a device.
    #[error("key file {path} is not a regular file: name the file that holds the key")]
    NotAFile {
        /// The file.
        path: PathBuf,
    },
    /// Group or others have rights on the file.
    #[error(
        "key file {path} has mode {mode:04o}, so others can reach the key: chmod 600, and replace the key if it may have been read"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Longer than [`MAX_KEY_FILE`].
    #[error("key file {path} is longer than {MAX_KEY_FILE} bytes: it holds something other than one key")]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// Not PEM with the label of a PKCS#8 key.
    #[error(
        "key file {path} is not a PKCS#8 key in PEM: convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf \
         hmacWithSHA256 -in {path} -out NEW`, or with -nocrypt in place of -v2 where it is to be plain"
    )]
    NotPkcs8 {
        /// The file.
        path: PathBuf,
    },
    /// An RSA or DSA key by its label.
    #[error(
        "key file {path} holds an RSA or DSA key, and keys are Ed25519 here, or ECDSA P-384 for TLS: make a new one, with \
         `openssl genpkey -algorithm ed25519 -out NEW`, and have it certified"
    )]
    OtherKey {
        /// The file.
        path: PathBuf,
    },
    /// An encrypted key and no passphrase file.
    #[error(
        "key file {path} is encrypted and no passphrase is configured: write `passphrase_file = \"FILE\"` in node.toml or \
         profile.toml, with the file that holds it or credential:NAME"
    )]
    NeedsPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// A passphrase file beside a plain key: somebody believes the key to be encrypted.
    #[error(
        "key file {path} is not encrypted though a passphrase is configured: encrypt the key, or drop the passphrase"
    )]
    NotEncrypted {
        /// The file.
        path: PathBuf,
    },
    /// Encrypted in a way that is not taken, whatever the passphrase.
    #[error(
        "key file {path} is a PKCS#8 key, and encrypted with {scheme}, which is not taken here. Write it anew with `openssl \
         pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -in {path} -out NEW`"
    )]
    Encryption {
        /// The file.
        path: PathBuf,
        /// Names or object identifiers of the algorithms.
        scheme: String,
    },
    /// Wrong passphrase, or a damaged file.
    #[error("key file {path} does not decrypt: the passphrase is another one, or the file is damaged")]
    Undecryptable {
        /// The file.
        path: PathBuf,
    },
    /// The passphrase file holds nothing.
    #[error("passphrase file {path} is empty: it holds the passphrase on its one line")]
    EmptyPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// A signing key of another algorithm.
    #[error("key file {path} does not hold an Ed25519 key: seal and signing keys are Ed25519")]
    NotEd25519 {
        /// The file.
        path: PathBuf,
    },
    /// Not 64 hexadecimal digits.
    #[error("key file {path} is not 64 hexadecimal digits, which is how a 32-byte storage key is written")]
    NotHex {
        /// The file.
        path: PathBuf,
    },
    /// A key could not be put in its encrypted form.
    #[error("the key is not PKCS#8 or could not be encrypted: it has not been written")]
    NotEncryptable,
}

/// The Ed25519 signing key in a file: a seal key, or a person's.
///
/// # Errors
/// [`KeyFault`] naming the file and what to do.
pub fn load_signer(path: &Path, passphrase: Option<&Path>) -> Result<SoftwareKey, KeyFault> {
    let key = load_pkcs8(path, passphrase)?;
    SoftwareKey::from_pkcs8(key.as_bytes()).ok_or_else(|| KeyFault::NotEd25519 { path: path.into() })
}

/// The private key of a TLS certificate, in PKCS#8; which algorithms TLS takes is checked with the certificate.
///
/// # Errors
/// [`KeyFault`] naming the file and what to do.
pub fn load_tls_key(path: &Path, passphrase: Option<&Path>) -> Result<Zeroizing<PrivateKeyDer<'static>>, KeyFault> {
    let key = load_pkcs8(path, passphrase)?;
    Ok(Zeroizing::new(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into()))
}

/// A 32-byte storage key, written as 64 hexadecimal digits on one line.
///
/// # Errors
/// [`KeyFault`] naming the file and what to do.
pub fn load_secret32(path: &Path) -> Result<Zeroizing<[u8; 32]>, KeyFault> {
    let bytes = read_secret(path)?;
    let mut key = Zeroizing::new([0_u8; 32]);
    hex::decode_to_slice(one_line(&bytes), key.as_mut_slice()).map_err(|_| KeyFault::NotHex { path: path.into() })?;
    Ok(key)
}

/// A PKCS#8 key as PEM, encrypted under the passphrase (scrypt, AES-256-CBC).
///
/// # Errors
/// [`KeyFault::NotEncryptable`] when `pkcs8` is no PKCS#8 document.
pub fn encrypt_pem(pkcs8: &[u8], passphrase: &[u8]) -> Result<Zeroizing<String>, KeyFault> {
    let key = PrivateKeyInfoRef::try_from(pkcs8).map_err(|_| KeyFault::NotEncryptable)?;
    let document = key.encrypt(passphrase).map_err(|_| KeyFault::NotEncryptable)?;
    document.to_pem(ENCRYPTED, LineEnding::LF).map_err(|_| KeyFault::NotEncryptable)
}

fn load_pkcs8(path: &Path, passphrase: Option<&Path>) -> Result<SecretDocument, KeyFault> {
    let not_pkcs8 = || KeyFault::NotPkcs8 { path: path.into() };
    let bytes = read_secret(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| not_pkcs8())?;
    let (label, document) = SecretDocument::from_pem(text).map_err(|_| not_pkcs8())?;
    match (label, passphrase) {
        (PLAIN, None) => Ok(document),
        (PLAIN, Some(_)) => Err(KeyFault::NotEncrypted { path: path.into() }),
        // Before people look for a passphrase that would not help.
        (ENCRYPTED, None) => Err(not_taken(path, &document).unwrap_or(KeyFault::NeedsPassphrase { path: path.into() })),
        ("RSA PRIVATE KEY" | "DSA PRIVATE KEY", _) => Err(KeyFault::OtherKey { path: path.into() }),
        (ENCRYPTED, Some(file)) => decrypt(path, &document, file),
        _ => Err(not_pkcs8()),
    }
}

fn decrypt(path: &Path, document: &SecretDocument, passphrase: &Path) -> Result<SecretDocument, KeyFault> {
    let secret = read_secret(passphrase)?;
    let secret = one_line(&secret);
    if secret.is_empty() {
        return Err(KeyFault::EmptyPassphrase { path: passphrase.into() });
    }
    let not_taken = || other_scheme(path, document);
    let info = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|_| not_taken())?;
    info.decrypt(secret).map_err(|error| match error {
        Error::EncryptedPrivateKey(
            pkcs5::Error::UnsupportedAlgorithm { .. }
            | pkcs5::Error::AlgorithmParametersInvalid { .. }
            | pkcs5::Error::NoPbes1CryptSupport,
        ) => not_taken(),
        _ => KeyFault::Undecryptable { path: path.into() },
    })
}

/// Why no passphrase would open the key, as far as its head tells.
fn not_taken(path: &Path, document: &SecretDocument) -> Option<KeyFault> {
    match EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()) {
        Ok(info) if !matches!(info.encryption_algorithm, pkcs5::EncryptionScheme::Pbes1(_)) => None,
        Ok(_) | Err(_) => Some(other_scheme(path, document)),
    }
}

fn other_scheme(path: &Path, document: &SecretDocument) -> KeyFault {
    match encryption::scheme(document.as_bytes()) {
        Some(scheme) => KeyFault::Encryption { path: path.into(), scheme },
        None => KeyFault::NotPkcs8 { path: path.into() },
    }
}

/// The bytes without the line end that an editor leaves behind them.
fn one_line(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
    let (file, from_systemd) = resolve(path, std::env::var_os(CREDENTIALS_DIRECTORY).as_deref())?;
    read_checked(&file, from_systemd)
}

/// The file that a configured name means, and whether systemd keeps it.
fn resolve(path: &Path, credentials: Option<&OsStr>) -> Result<(PathBuf, bool), KeyFault> {
    let Some(name) = path.to_str().and_then(|text| text.strip_prefix(CREDENTIAL)) else {
        return Ok((path.into(), false));
    };
    let mut parts = Path::new(name).components();
    match (credentials, parts.next(), parts.next()) {
        (Some(folder), Some(Component::Normal(name)), None) => Ok((Path::new(folder).join(name), true)),
        _ => Err(KeyFault::NoCredential { path: path.into() }),
    }
}

fn read_checked(path: &Path, from_systemd: bool) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
    let io = |error| KeyFault::Io { path: path.into(), error };
    let file = File::open(path).map_err(io)?;
    // Asked of the open file, so that what is checked is what is read.
    let about = file.metadata().map_err(io)?;
    if !about.is_file() {
        return Err(KeyFault::NotAFile { path: path.into() });
    }
    let mode = about.permissions().mode() & 0o7777;
    if mode & if from_systemd { 0o037 } else { 0o077 } != 0 {
        return Err(KeyFault::Exposed { path: path.into(), mode });
    }
    // Room for all of it at once: a vector that grows leaves a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(MAX_KEY_FILE).unwrap_or_default() + 64));
    file.take(MAX_KEY_FILE + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MAX_KEY_FILE {
        return Err(KeyFault::TooLong { path: path.into() });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_report::crypto::Signer as _;
    use std::fs::{self, Permissions};

    /// RFC 8410 section 7: an Ed25519 key as PKCS#8 version 1, here of the seed 7, 7, ...
    fn pkcs8(seed: u8) -> Vec<u8> {
        let mut der = hex::decode("302e020100300506032b657004220420").unwrap();
        der.extend([seed; 32]);
        der
    }

    fn plain_pem(seed: u8) -> String {
        use base64::Engine as _;
        let body = base64::engine::general_purpose::STANDARD.encode(pkcs8(seed));
        format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
    }

    fn file(folder: &tempfile::TempDir, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn a_plain_key_and_an_encrypted_key_are_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let plain = file(&folder, "plain.pem", &plain_pem(7), 0o600);
        let sealed = file(&folder, "sealed.pem", &encrypt_pem(&pkcs8(7), b"correct horse").unwrap(), 0o400);
        let words = file(&folder, "words", "correct horse\n", 0o600);
        let one = load_signer(&plain, None).unwrap();
        let two = load_signer(&sealed, Some(&words)).unwrap();
        assert_eq!(one.public_key(), two.public_key());
        assert_eq!(one.public_key(), SoftwareKey::from_seed(&Zeroizing::new([7; 32])).unwrap().public_key());
        assert_eq!(load_tls_key(&sealed, Some(&words)).unwrap().secret_der(), pkcs8(7));
    }

    #[test]
    fn a_key_that_others_can_reach_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for mode in [0o640, 0o604, 0o610, 0o644, 0o666] {
            let path = file(&folder, &format!("key-{mode:o}"), &plain_pem(7), mode);
            assert!(matches!(load_signer(&path, None), Err(KeyFault::Exposed { mode: found, .. }) if found == mode));
        }
        let credential = file(&folder, "node.key", &plain_pem(7), 0o440);
        assert!(read_checked(&credential, true).is_ok());
        assert!(matches!(read_checked(&credential, false), Err(KeyFault::Exposed { .. })));
    }

    #[test]
    fn every_other_way_to_be_wrong_has_its_own_fault() {
        let folder = tempfile::tempdir().unwrap();
        let plain = file(&folder, "plain.pem", &plain_pem(7), 0o600);
        let sealed = file(&folder, "sealed.pem", &encrypt_pem(&pkcs8(7), b"right").unwrap(), 0o600);
        let wrong = file(&folder, "wrong", "wrong", 0o600);
        let empty = file(&folder, "empty", "\n", 0o600);
        let long = file(&folder, "long", &"x".repeat(20_000), 0o600);
        assert!(matches!(load_signer(&plain, Some(&wrong)), Err(KeyFault::NotEncrypted { .. })));
        assert!(matches!(load_signer(&sealed, None), Err(KeyFault::NeedsPassphrase { .. })));
        let rsa = plain_pem(7).replace("PRIVATE KEY", "RSA PRIVATE KEY");
        let rsa = file(&folder, "rsa.pem", &rsa, 0o600);
        assert!(matches!(load_signer(&rsa, None), Err(KeyFault::OtherKey { .. })));
        assert!(matches!(load_signer(&sealed, Some(&wrong)), Err(KeyFault::Undecryptable { .. })));
        assert!(matches!(load_signer(&sealed, Some(&empty)), Err(KeyFault::EmptyPassphrase { .. })));
        assert!(matches!(load_signer(&wrong, None), Err(KeyFault::NotPkcs8 { .. })));
        assert!(matches!(load_signer(&long, None), Err(KeyFault::TooLong { .. })));
        assert!(matches!(load_signer(folder.path(), None), Err(KeyFault::NotAFile { .. })));
        assert!(matches!(load_signer(&folder.path().join("absent"), None), Err(KeyFault::Io { .. })));
    }

    #[test]
    fn a_key_whose_encryption_is_not_taken_is_told_by_its_name_and_with_the_command() {
        use base64::Engine as _;
        let folder = tempfile::tempdir().unwrap();
        let words = file(&folder, "words", "right", 0o600);
        // RFC 8018 A.3, the algorithm alone: PBES1 with SHA-1 and 3DES, as `-v1 PBE-SHA1-3DES` writes it, and PBES2 with
        // PBKDF2 and 3DES. 04 04 ...: what would be the key.
        let pbes1 = "3026301c060a2a864886f70d010c0103300e0408000000000000000002020800040601020304050 6";
        let pbes2 = "304b304106092a864886f70d01050d3034301b06092a864886f70d01050c300e040800000000000000000202080030150608\
                     2a864886f70d0307040900000000000000000004060102030405 06";
        for (hexed, name) in [(pbes1, "PBE-SHA1-3DES"), (pbes2, "des-ede3-cbc")] {
            let der = hex::decode(hexed.replace(' ', "")).unwrap();
            let body = base64::engine::general_purpose::STANDARD.encode(der);
            let pem = format!("-----BEGIN ENCRYPTED PRIVATE KEY-----\n{body}\n-----END ENCRYPTED PRIVATE KEY-----\n");
            let path = file(&folder, name, &pem, 0o600);
            let told = load_signer(&path, Some(&words)).unwrap_err().to_string();
            assert!(told.contains(name) && told.contains("openssl pkcs8 -topk8 -v2 aes-256-cbc"), "{told}");
            assert!(told.contains(&path.display().to_string()), "{told}");
        }
    }

    #[test]
    fn a_storage_key_is_64_hexadecimal_digits() {
        let folder = tempfile::tempdir().unwrap();
        let good = file(&folder, "good", &format!("{}\n", "0a".repeat(32)), 0o600);
        assert_eq!(*load_secret32(&good).unwrap(), [10; 32]);
        for text in ["", "0a", &"0a".repeat(33), &"0g".repeat(32)] {
            let path = file(&folder, "bad", text, 0o600);
            assert!(matches!(load_secret32(&path), Err(KeyFault::NotHex { .. })));
        }
    }

    #[test]
    fn a_credential_is_one_name_in_the_folder_of_systemd() {
        let folder = OsStr::new("/run/credentials/reltod.service");
        let found = resolve(Path::new("credential:seal.key"), Some(folder)).unwrap();
        assert_eq!(found, (Path::new(folder).join("seal.key"), true));
        for name in ["credential:", "credential:a/b", "credential:..", "credential:/etc/shadow"] {
            assert!(matches!(resolve(Path::new(name), Some(folder)), Err(KeyFault::NoCredential { .. })), "{name}");
        }
        assert!(matches!(resolve(Path::new("credential:seal.key"), None), Err(KeyFault::NoCredential { .. })));
        assert_eq!(resolve(Path::new("seal.key"), None).unwrap(), (PathBuf::from("seal.key"), false));
    }
}
