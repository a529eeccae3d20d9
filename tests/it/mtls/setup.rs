//! What a node refuses before it takes or makes any connection: roots, CRLs and endpoints that are wrong.

use super::*;
use relto_host::tls::words;
use relto_report::crypto::{Signer as _, SoftwareKey};

#[test]
fn thr_a_root_that_is_none_is_not_loaded() {
    let root = |change: &dyn Fn(&mut RootSpec)| {
        let mut spec = RootSpec::lab(Nation::parse("XBB").unwrap(), NOW);
        change(&mut spec);
        let lab = Lab::of(spec);
        // A root that may not sign CRLs signs none; the root is judged before its CRL is looked for.
        let crls: Vec<Crl> = lab.authority.crl(1, NOW - 60, NOW + DAY, &[]).into_iter().collect();
        root_fault(lab.load(&crls.iter().collect::<Vec<_>>(), NOW).unwrap_err())
    };
    use KeyUsagePurpose::{CrlSign, KeyCertSign};
    assert!(matches!(root(&|spec| spec.not_after = NOW - 1), RootFault::Expired(_)));
    assert!(matches!(root(&|spec| spec.not_before = NOW + 1), RootFault::NotYetValid(_)));
    assert_eq!(root(&|spec| spec.is_ca = false), RootFault::NotAuthority);
    assert_eq!(root(&|spec| spec.key_usage = vec![CrlSign]), RootFault::NoCertSign);
    assert_eq!(root(&|spec| spec.key_usage = vec![KeyCertSign]), RootFault::NoCrlSign);
    assert_eq!(root(&|spec| spec.key_usage.clear()), RootFault::NoCertSign);
    let memory = &mut CrlMemory::default();
    let nation = Nation::parse("XBB").unwrap();
    let load =
        |roots: &[CertificateDer<'_>], memory: &mut CrlMemory| NationTrust::load(nation, roots, &[], memory, ms(NOW));
    assert_eq!(load(&[], memory).unwrap_err(), TrustFault::NoRoots(nation));
    let junk = CertificateDer::from(&b"junk"[..]);
    assert_eq!(root_fault(load(&[junk], memory).unwrap_err()), RootFault::Unreadable);
}

#[test]
fn thr_a_root_of_two_nations_or_of_one_name_is_refused() {
    let (a, b) = (Lab::new("XAA"), Lab::new("XBB"));
    let crl = b.crl(1, &[]).der;
    let roots = [b.authority.certificate().clone()];
    let also = NationTrust::load(a.nation, &roots, &[crl], &mut CrlMemory::default(), ms(NOW)).unwrap();
    let fault = PerNation::partners([b.trust(), Arc::new(also)]).unwrap_err();
    assert_eq!(root_fault(fault), RootFault::Shared(b.nation));
    assert_eq!(PerNation::partners([b.trust(), b.trust()]).unwrap_err(), TrustFault::NationTwice(b.nation));
    assert_eq!(PerNation::partners([]).unwrap_err(), TrustFault::NoNations);
    let twin = Lab::new("XBB");
    let roots = [b.authority.certificate().clone(), twin.authority.certificate().clone()];
    let fault = NationTrust::load(b.nation, &roots, &[b.crl(1, &[]).der], &mut CrlMemory::default(), ms(NOW));
    assert_eq!(root_fault(fault.unwrap_err()), RootFault::SameName);
}

#[test]
fn lnk_8_without_a_good_crl_nothing_is_trusted() {
    let (b, other) = (Lab::new("XBB"), Lab::new("XCC"));
    let good = b.crl(1, &[]);
    let listed = |crls: &[&Crl]| b.load(crls, NOW).unwrap_err();
    assert_eq!(root_fault(listed(&[])), RootFault::NoCrl);
    assert_eq!(root_fault(listed(&[&other.crl(1, &[])])), RootFault::NoCrl);
    assert_eq!(crl_fault(listed(&[&good, &other.crl(1, &[])])), CrlFault::Foreign);
    assert_eq!(crl_fault(listed(&[&good, &b.crl(2, &[])])), CrlFault::Second);
    assert_eq!(crl_fault(listed(&[&Lab::new("XBB").crl(1, &[])])), CrlFault::NotSigned);
    let dated = |this, next| b.authority.crl(1, this, next, &[]).unwrap();
    assert!(matches!(crl_fault(listed(&[&dated(NOW - DAY, NOW)])), CrlFault::Expired(_)));
    assert!(matches!(crl_fault(listed(&[&dated(NOW + 301, NOW + DAY)])), CrlFault::FromTheFuture(_)));
    let cut = Crl { der: good.der[..good.der.len() - 1].to_vec().into(), pem: String::new() };
    let longer = Crl { der: [&good.der[..], &[0]].concat().into(), pem: String::new() };
    for broken in [cut, longer] {
        assert_eq!(crl_fault(listed(&[&broken])), CrlFault::Unreadable);
    }
    assert_eq!(*b.memory.lock().unwrap(), CrlMemory::default(), "a refused list leaves no trace");
    b.load(&[&dated(NOW + 299, NOW + DAY)], NOW).unwrap();
}

/// A list of these fields in the form of RFC 5280 section 5, signed by the authority.
fn by_hand(authority: &Authority, version_2: bool, next_update: bool, extensions: &[u8]) -> Crl {
    let tagged = |tag: u8, parts: &[&[u8]]| {
        let body = parts.concat();
        let length = body.len();
        let head = match length {
            0..128 => vec![tag, length as u8],
            128..256 => vec![tag, 0x81, length as u8],
            _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
        };
        [head, body].concat()
    };
    let ed25519 = [0x30, 5, 6, 3, 0x2b, 0x65, 0x70];
    let root = authority.certificate();
    // The subject, DER, which is also the issuer of an own root.
    let subject = {
        let good = authority.crl(1, NOW - 60, NOW + DAY, &[]).unwrap().der;
        // SEQUENCE { tbs SEQUENCE { version, algorithm, issuer ...
        let tbs = if good[1] < 0x80 { 2 } else { 2 + usize::from(good[1] & 0x7f) };
        let inner = tbs + if good[tbs + 1] < 0x80 { 2 } else { 2 + usize::from(good[tbs + 1] & 0x7f) };
        let issuer = inner + 3 + ed25519.len();
        good[issuer..issuer + 2 + usize::from(good[issuer + 1])].to_vec()
    };
    assert!(root.windows(subject.len()).any(|window| window == subject));
    let time = |text: &str| tagged(0x17, &[text.as_bytes()]);
    let (version, this, next) = (vec![2, 1, 1], time("261124110000Z"), time("261130110000Z"));
    let none = Vec::new();
    let version = if version_2 { &version } else { &none };
    let next = if next_update { &next } else { &none };
    let extensions = if extensions.is_empty() { Vec::new() } else { tagged(0xa0, &[&tagged(0x30, &[extensions])]) };
    let tbs = tagged(0x30, &[version, &ed25519, &subject, &this, next, &extensions]);
    let key = SoftwareKey::from_pkcs8(authority.key().pkcs8()).unwrap();
    let signature = tagged(3, &[&[0], key.sign(&tbs).unwrap().as_bytes()]);
    Crl { der: tagged(0x30, &[&tbs, &ed25519, &signature]).into(), pem: String::new() }
}

#[test]
fn lnk_37_a_list_that_people_get_wrong_is_told_by_what_is_wrong_with_it() {
    let b = Lab::new("XBB");
    // crlNumber 1; the same and a critical one that nobody knows; the same and an indirect list's own.
    let number = [0x30, 10, 6, 3, 0x55, 0x1d, 0x14, 4, 3, 2, 1, 1];
    let critical = |oid: &[u8], value: &[u8]| {
        let (oid, value) = ([&[6, oid.len() as u8], oid].concat(), [&[4, value.len() as u8], value].concat());
        let body = [&oid[..], &[1, 1, 0xff], &value[..]].concat();
        [&number[..], &[0x30, body.len() as u8], &body].concat()
    };
    let told = |version_2, next_update, extensions: &[u8]| {
        let list = by_hand(&b.authority, version_2, next_update, extensions);
        b.load(&[&list], NOW).map_err(crl_fault)
    };
    told(true, true, &number).unwrap();
    assert_eq!(told(false, true, &[]).unwrap_err(), CrlFault::VersionOne);
    assert_eq!(told(false, false, &[]).unwrap_err(), CrlFault::VersionOne);
    assert_eq!(told(true, false, &number).unwrap_err(), CrlFault::NoNextUpdate);
    assert_eq!(told(true, true, &[]).unwrap_err(), CrlFault::NoNumber);
    let fault = told(true, true, &critical(&[0x2a, 3, 4, 5, 6], &[5, 0])).unwrap_err();
    assert!(fault.to_string().contains("has the critical extension 1.2.3.4.5.6"), "{fault}");
    let delta = told(true, true, &critical(&[0x55, 0x1d, 0x1b], &[2, 1, 1])).unwrap_err();
    assert!(delta.to_string().contains("it is a delta list"), "{delta}");
    for fault in [CrlFault::VersionOne, CrlFault::NoNextUpdate, CrlFault::NoNumber] {
        assert!(fault.to_string().contains("certs/"), "{fault}");
    }
}

#[test]
fn lnk_37_a_critical_extension_that_is_not_used_here_is_told_by_name_and_never_as_a_key_that_differs() {
    let link = Link::new();
    for (oid, name) in [
        (vec![2, 5, 29, 32], "certificatePolicies (2.5.29.32)"),
        (vec![2, 5, 29, 36], "policyConstraints (2.5.29.36)"),
        (vec![2, 5, 29, 54], "inhibitAnyPolicy (2.5.29.54)"),
        (vec![1, 2, 3, 4, 5, 6], "1.2.3.4.5.6"),
    ] {
        let leaf = link.b.bad(|spec| spec.critical = vec![oid.clone()]);
        let own = Credential::new(leaf.certificate.clone(), &leaf.key.tls()).unwrap_err().to_string();
        assert!(own.contains(&format!("has the critical extension {name}")), "{own}");
        // rustls shows no such certificate; what another program shows is judged by the same function.
        let callers = PerNation::partners([link.b.trust()]).unwrap();
        let fault = callers.recheck(&[leaf.certificate], ms(NOW)).unwrap_err();
        assert!(fault.to_string().contains(name), "{fault}");
        let said = Error::from(fault);
        assert_eq!(said, Error::InvalidCertificate(CertificateError::UnhandledCriticalExtension));
        assert!(words::of_tls(&said).contains("critical extension"));
    }
}

#[test]
fn lnk_38_what_is_lost_of_one_nation_closes_that_nation_and_no_other() {
    let link = Link::new();
    let other = Lab::new("XCC");
    let lost = std::collections::BTreeMap::from([(other.nation, Arc::from("crls: junk"))]);
    let callers = PerNation::each(Role::Node, [link.b.trust()], lost.clone()).unwrap();
    assert_eq!(callers.nations().collect::<Vec<_>>(), [link.b.nation, other.nation]);
    let server = config::link_server(&credential(&link.server), Arc::new(callers), clock(NOW)).unwrap();
    let dial = |own: &Issued| {
        let client = raw_client(Some(own), link.pinned(), LINK, link_provider());
        run(Arc::clone(&server), client, Channel::Link)
    };
    dial(&link.b.node("fjell")).0.unwrap();
    let (refused, heard) = dial(&other.node("dal"));
    assert_says(&refused.unwrap_err(), &CertificateError::UnknownRevocationStatus);
    assert_heard(&heard.unwrap_err(), AlertDescription::UnknownCA);
    // None at all is no reason not to answer: each is told why.
    let none = PerNation::each(Role::Node, [], lost).unwrap();
    let chain = [other.node("dal").certificate];
    let fault = leaf_fault(none.recheck(&chain, ms(NOW)).unwrap_err());
    assert!(matches!(fault, LeafFault::Untrusted(nation, _) if nation == other.nation));
    // A root of two nations speaks for neither.
    let roots = [link.b.authority.certificate().clone()];
    let crl = link.b.crl(1, &[]).der;
    let also = NationTrust::load(other.nation, &roots, &[crl], &mut CrlMemory::default(), ms(NOW)).unwrap();
    assert!(PerNation::each(Role::Node, [link.b.trust(), Arc::new(also)], Default::default()).is_err());
}

#[test]
fn thr_a_crl_never_goes_back() {
    let b = Lab::new("XBB");
    let (old, new) = (b.crl(1, &[]), b.crl(2, &[[0x41; 16]]));
    b.load(&[&old], NOW).unwrap();
    b.load(&[&new], NOW).unwrap();
    b.load(&[&new], NOW).unwrap();
    let rolled_back = |crl: &Crl| matches!(crl_fault(b.load(&[crl], NOW).unwrap_err()), CrlFault::RolledBack { .. });
    assert!(rolled_back(&old));
    assert!(rolled_back(&b.crl(2, &[])), "another list of the same number");
    assert!(rolled_back(&b.authority.crl(3, NOW - 61, NOW + DAY, &[]).unwrap()), "a later number with an earlier date");
    // The memory outlives the process.
    let kept = CrlMemory::from_bytes(&b.memory.lock().unwrap().to_bytes()).unwrap();
    *b.memory.lock().unwrap() = kept;
    assert!(rolled_back(&old));
    b.load(&[&b.crl(3, &[])], NOW).unwrap();
}

#[test]
fn thr_an_endpoint_of_the_wrong_kind_is_not_set_up() {
    let (a, b) = (Lab::new("XAA"), Lab::new("XBB"));
    let (node, person) = (credential(&a.node("ulvik")), credential(&a.person("a.moreau")));
    let partners = || Arc::new(PerNation::partners([b.trust()]).unwrap());
    let people = |lab: &Lab| Arc::new(PerNation::people(lab.trust()));
    let pinned = |lab: &Lab| Arc::new(PinnedServer::new(lab.trust(), "ulvik").unwrap());
    let own = || Arc::new(PerNation::partners([a.trust()]).unwrap());
    let at = || clock(NOW);
    assert!(matches!(config::link_server(&person, partners(), at()), Err(TlsFault::Trust(_))));
    assert!(matches!(config::link_server(&node, people(&b), at()), Err(TlsFault::WrongCallers { .. })));
    assert!(matches!(config::link_server(&node, own(), at()), Err(TlsFault::WrongNation { .. })));
    assert!(matches!(config::link_client(&node, pinned(&a), at()), Err(TlsFault::WrongNation { .. })));
    assert!(matches!(config::link_client(&person, pinned(&b), at()), Err(TlsFault::Trust(_))));
    assert!(matches!(config::client_api_server(&node, partners(), at()), Err(TlsFault::WrongCallers { .. })));
    assert!(matches!(config::client_api_server(&node, people(&b), at()), Err(TlsFault::WrongNation { .. })));
    assert!(matches!(config::client_api_client(&node, pinned(&a), at()), Err(TlsFault::Trust(_))));
    assert!(matches!(config::client_api_client(&person, pinned(&b), at()), Err(TlsFault::WrongNation { .. })));
    let other = a.node("ulvik");
    let mixed = Credential::new(other.certificate, &a.node("ulvik").key.tls());
    assert!(matches!(mixed, Err(TlsFault::KeyDiffers(_))));
}

fn root_fault(fault: TrustFault) -> RootFault {
    let TrustFault::Root { fault, .. } = fault else { panic!("{fault}") };
    fault
}

fn crl_fault(fault: TrustFault) -> CrlFault {
    let TrustFault::Crl { fault, .. } = fault else { panic!("{fault}") };
    fault
}
