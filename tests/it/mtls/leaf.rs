//! Certificates that their own nation's root has signed, and that are still not what they have to be.

use super::*;

#[test]
fn lnk_7_a_name_that_contradicts_its_country_is_refused() {
    let link = Link::new();
    for (c, c3) in [
        (Some("XAA"), None),
        (Some("xbb"), None),
        (Some("XB"), None),
        (None, None),
        (None, Some("XAA")),
        (Some("XBB"), Some("XAA")),
        (Some("XBB"), Some("XBB")),
    ] {
        let leaf = link.b.bad(|spec| {
            spec.subject_country = c.map(str::to_owned);
            spec.subject_c3 = c3.map(str::to_owned);
        });
        assert_tells(&link.dial_with(Some(&leaf)).0, "subject has not exactly that one C=");
    }
    let c3_alone = link.b.bad(|spec| spec.subject_c3 = spec.subject_country.take());
    link.takes(&c3_alone);
}

#[test]
fn thr_two_names_or_no_name_of_ours_is_refused() {
    let link = Link::new();
    for uri in ["relto://XAA/node/ulvik", "https://fjell.invalid/"] {
        let leaf = link.b.bad(|spec| spec.more_uris = vec![uri.to_owned()]);
        let (server, client) = link.dial_with(Some(&leaf));
        assert_tells(&server, "not exactly one SAN URI");
        assert_heard(&client, AlertDescription::CertificateUnknown);
    }
    let shouting = link.b.bad(|spec| spec.name = "FJELL".into());
    assert_tells(&link.dial_with(Some(&shouting)).0, "not exactly one SAN URI");
    // A DNS name beside it is a national tool's business.
    let with_dns = link.b.bad(|spec| spec.dns_names = vec!["fjell.invalid".into()]);
    link.takes(&with_dns);
}

#[test]
fn thr_a_certificate_without_the_usage_is_refused() {
    let link = Link::new();
    for eku in [vec![], vec![Usage::ServerAuth]] {
        let leaf = link.b.bad(|spec| spec.eku.clone_from(&eku));
        let (server, client) = link.dial_with(Some(&leaf));
        assert_says(&server, &CertificateError::InvalidPurpose);
        assert_heard(&client, AlertDescription::UnsupportedCertificate);
        assert!(Credential::new(leaf.certificate.clone(), &leaf.key.tls()).is_err());
    }
    for eku in [vec![], vec![Usage::ClientAuth]] {
        let mut spec = LeafSpec::node(link.a.nation, "ulvik", NOW);
        spec.eku = eku;
        let shown = link.a.authority.issue(&spec).unwrap();
        assert_says(&link.dialled_with(&shown), &CertificateError::InvalidPurpose);
    }
}

#[test]
fn thr_a_certificate_that_may_not_sign_is_refused() {
    let link = Link::new();
    let agreement = link.b.bad(|spec| spec.key_usage = vec![KeyUsagePurpose::KeyAgreement]);
    let none = link.b.bad(|spec| spec.key_usage.clear());
    for leaf in [agreement, none] {
        assert_tells(&link.dial_with(Some(&leaf)).0, "no keyUsage digitalSignature");
    }
}

#[test]
fn thr_an_authority_certificate_is_no_nodes() {
    let link = Link::new();
    let leaf = link.b.bad(|spec| spec.is_ca = true);
    assert_tells(&link.dial_with(Some(&leaf)).0, "certificate authority's");
}

#[test]
fn lnk_7_another_node_than_the_one_dialled_is_refused() {
    let link = Link::new();
    let other = link.a.node("ulvik-2");
    assert_tells(&link.dialled_with(&other), "relto://XAA/node/ulvik was expected");
    let other_nation = link.b.node("ulvik");
    assert_tells(&link.dialled_with(&other_nation), "relto://XAA/node/ulvik was expected");
    let forged = link.b.authority.issue(&LeafSpec::node(link.a.nation, "ulvik", NOW)).unwrap();
    assert_says(&link.dialled_with(&forged), &CertificateError::UnknownIssuer);
    assert_eq!(PinnedServer::new(link.a.trust(), "Ulvik").unwrap_err(), TrustFault::BadName);
}

#[test]
fn thr_a_person_is_no_node_and_a_node_is_no_person() {
    let link = Link::new();
    let person = link.b.person("a.moreau");
    let (server, client) = link.dial_with(Some(&person));
    assert_tells(&server, "takes only a node's");
    assert_heard(&client, AlertDescription::CertificateUnknown);

    let people = Arc::new(PerNation::people(link.a.trust()));
    let api = config::client_api_server(&credential(&link.server), people, clock(NOW)).unwrap();
    let dial = |own: &Issued| {
        let client = raw_client(Some(own), link.pinned(), API, client_api_provider());
        run(Arc::clone(&api), client, Channel::ClientApi).0.unwrap_err()
    };
    assert_tells(&dial(&link.a.node("ulvik")), "takes only a person's");
    assert_says(&dial(&person), &CertificateError::UnknownIssuer); // a person, of the partner
}

#[test]
fn thr_only_ed25519_and_p384_are_taken() {
    let link = Link::new();
    let p384 = link.b.bad(|spec| spec.algorithm = Algorithm::P384);
    credential(&p384);
    link.takes(&p384);
    let p256 = link.b.bad(|spec| spec.algorithm = Algorithm::P256);
    let (server, _) = link.dial_with(Some(&p256));
    assert!(matches!(server, TlsFault::Refused(_)), "{server}");
    let own = Credential::new(p256.certificate.clone(), &p256.key.tls());
    assert!(matches!(own, Err(TlsFault::KeyAlgorithm(_))));

    let root = |algorithm| Lab::of(RootSpec { algorithm, ..RootSpec::lab(link.b.nation, NOW) });
    let p384 = root(Algorithm::P384);
    let client = raw_client(Some(&p384.node("fjell")), link.pinned(), LINK, link_provider());
    run(link.answering(p384.trust(), NOW), client, Channel::Link).0.unwrap();
    let p256 = root(Algorithm::P256);
    let fault = p256.load(&[&p256.crl(1, &[])], NOW).unwrap_err();
    assert!(matches!(fault, TrustFault::Crl { fault: CrlFault::NotSigned, .. }), "{fault}");
}
