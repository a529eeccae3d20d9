//! Two nodes as processes: what is refused, and what is on the disk when it was answered.

#![cfg(test)]

use relto_peer::{
    beside::Beside,
    client::{self, Maker},
    keys::Keys,
    lab::{Lab, NAMES, Process},
    load,
    messages::{Batch, Report, Reports},
    services::partner_client::PartnerClient,
    signing::{self, Purpose, Signatures},
};
use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};
use tokio::sync::mpsc::channel;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, transport::Endpoint};

const BOTH: [Signatures; 2] = [Signatures::Batch, Signatures::Each];

fn lab(folder: &Path, signatures: Signatures) -> (Lab, [Process; 2]) {
    let lab = Lab::make(Path::new(env!("CARGO_BIN_EXE_relto-peer")), folder, signatures, 2).unwrap();
    let [near, far] = NAMES;
    let partner = lab.start([far, near], None, None).unwrap();
    let node = lab.start([near, far], Some(partner.link), None).unwrap();
    (lab, [node, partner])
}

fn ids(lab: &Lab, name: &str) -> Vec<Vec<u8>> {
    Beside::open(&lab.database(name)).unwrap().ids(name == NAMES[1]).unwrap()
}

fn broken(mut report: Report) -> Report {
    let mut signature = report.signature.to_vec();
    signature[10] ^= 1;
    report.signature = signature.into();
    report
}

#[tokio::test]
async fn a_report_with_a_broken_signature_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (lab, nodes) = lab(folder.path(), Signatures::Batch);
    let mut author = client::connect(&lab, nodes[0].api).await.unwrap();
    let maker = Maker::new(&lab, 100).unwrap();

    let answer = author.submit(broken(maker.make(1))).await.unwrap().into_inner();
    assert_eq!((answer.number, answer.refused.as_str()), (0, "the signature is not the author's"));

    // In a stream it is refused alone.
    let (to, messages) = channel(1);
    let mut answers = author.submit_many(ReceiverStream::new(messages)).await.unwrap().into_inner();
    let good = maker.make(3);
    to.send(Reports { reports: vec![broken(maker.make(2)), good.clone()] }).await.unwrap();
    let (mut refused, mut accepted) = (0, Vec::new());
    while accepted.is_empty() {
        for answer in answers.message().await.unwrap().unwrap().answers {
            if answer.refused.is_empty() { accepted.push(answer.id) } else { refused += 1 }
        }
    }
    assert_eq!((refused, &accepted), (1, &vec![good.id.clone()]));

    // The same again is answered, and is one report; other words under its id are refused.
    assert_eq!(author.submit(good.clone()).await.unwrap().into_inner().number, 1);
    let other = Maker::new(&lab, 200).unwrap().make(3);
    let mut other = Report { id: good.id.clone(), ..other };
    other.signature =
        Keys::read(lab.keys(), "author", "a").unwrap().signer.sign(&signing::digest(&other)).to_vec().into();
    assert_eq!(author.submit(other).await.unwrap().into_inner().refused, "another report has this id");
    for name in NAMES {
        assert_eq!(ids(&lab, name), [good.id.to_vec()], "{name}");
    }
}

#[tokio::test]
async fn the_partner_refuses_what_is_not_signed_as_it_must_be() {
    for signatures in BOTH {
        let folder = tempfile::tempdir().unwrap();
        let lab = Lab::make(Path::new(env!("CARGO_BIN_EXE_relto-peer")), folder.path(), signatures, 2).unwrap();
        let [near, far] = NAMES;
        let partner = lab.start([far, near], None, None).unwrap();
        let keys = Keys::read(lab.keys(), near, far).unwrap();
        let maker = Maker::new(&lab, 100).unwrap();
        let signed = |reports: Vec<Report>| {
            let digests: Vec<_> = reports.iter().map(signing::digest).collect();
            let signature = match signatures {
                Signatures::Batch => keys.signer.sign(&signing::statement(Purpose::Sent, 1, digests.iter())).to_vec(),
                Signatures::Each => Vec::new(),
            };
            Batch { first: 1, reports, signature: signature.into() }
        };
        let mut bad = signed(vec![maker.make(1), maker.make(2)]);
        match signatures {
            Signatures::Batch => bad.reports[1].payload = vec![b'y'; 100].into(),
            Signatures::Each => bad.reports[1] = broken(bad.reports[1].clone()),
        }
        let missing = Batch { first: 5, ..signed(vec![maker.make(1)]) };
        for wrong in [bad, missing] {
            let endpoint = Endpoint::from_shared(format!("https://{}", partner.link)).unwrap();
            let connection = endpoint.tls_config(keys.to_node()).unwrap().connect().await.unwrap();
            let (to, batches) = channel(1);
            let mut receipts =
                PartnerClient::new(connection).exchange(ReceiverStream::new(batches)).await.unwrap().into_inner();
            to.send(wrong).await.unwrap();
            let fault = receipts.message().await.unwrap_err();
            assert!(matches!(fault.code(), Code::InvalidArgument | Code::FailedPrecondition), "{fault}");
        }
        assert_eq!(ids(&lab, far), Vec::<Vec<u8>>::new());
        // An author is no partner.
        let author = Keys::read(lab.keys(), "author", far).unwrap();
        let endpoint = Endpoint::from_shared(format!("https://{}", partner.link)).unwrap();
        let connected = endpoint.tls_config(author.to_node()).unwrap().connect().await;
        if let Ok(connection) = connected {
            let (_to, batches) = channel::<Batch>(1);
            assert!(PartnerClient::new(connection).exchange(ReceiverStream::new(batches)).await.is_err());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_in_both_databases_after_the_partner_was_killed() {
    for signatures in BOTH {
        let folder = tempfile::tempdir().unwrap();
        let (lab, [node, partner]) = lab(folder.path(), signatures);
        let author = client::connect(&lab, node.api).await.unwrap();
        let maker = Arc::new(Maker::new(&lab, 2_000).unwrap());
        let load = tokio::spawn(load::stream(author, maker, 3_000, 64));
        let link = partner.link;
        while ids(&lab, NAMES[1]).len() < 300 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        partner.kill().unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let receipts = rusqlite::Connection::open(lab.database(NAMES[0])).unwrap();
        let answered: u64 =
            receipts.query_row("SELECT coalesce(max(last), 0) FROM receipts", [], |row| row.get(0)).unwrap();
        let mut sent = receipts.prepare("SELECT id FROM reports WHERE number <= ?1").unwrap();
        let sent: Vec<Vec<u8>> = sent.query_map([answered], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let stored: BTreeSet<_> = ids(&lab, NAMES[1]).into_iter().collect();
        assert!(!sent.is_empty() && sent.len() < 3_000, "killed in the middle: {}", sent.len());
        assert!(sent.iter().all(|id| stored.contains(id)), "answered and not stored");

        // It comes back, the author's node sends again what has no receipt, and all is answered.
        let partner = lab.start([NAMES[1], NAMES[0]], None, Some(link)).unwrap();
        assert_eq!(load.await.unwrap().unwrap().len(), 3_000);
        node.stop().unwrap();
        partner.stop().unwrap();
        let [mut near, mut far] = NAMES.map(|name| ids(&lab, name));
        near.sort();
        far.sort();
        assert!(near == far && near.len() == 3_000, "{} and {}", near.len(), far.len());
    }
}

#[tokio::test]
async fn what_was_not_receipted_is_sent_after_the_authors_node_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (lab, [node, partner]) = lab(folder.path(), Signatures::Batch);
    let link = partner.link;
    partner.kill().unwrap();
    let mut author = client::connect(&lab, node.api).await.unwrap();
    let maker = Maker::new(&lab, 100).unwrap();
    let waits = tokio::time::timeout(Duration::from_millis(500), author.submit(maker.make(1))).await;
    assert!(waits.is_err(), "nobody is answered before the partner has it");
    node.kill().unwrap();
    let partner = lab.start([NAMES[1], NAMES[0]], None, Some(link)).unwrap();
    let _node = lab.start(NAMES, Some(partner.link), None).unwrap();
    for _ in 0..200 {
        if ids(&lab, NAMES[1]).len() == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the outbox was not sent");
}
