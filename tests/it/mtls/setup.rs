//! What a node refuses before it takes or makes any connection: roots, CRLs and endpoints that are wrong.

use super::*;

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
