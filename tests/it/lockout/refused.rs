//! An author who is refused again and again: as codes, within a share, and then not at all.

use crate::node::{Lab, connect, refused, run};
use relto_cli::signing;
use relto_formats::api::{Standing, Status, Submission, Submit};
use relto_lab::bench::Maker;
use relto_policy::ground::causes;
use relto_report::{assessment::Document, nation::Nation};

#[test]
fn api_38_refused_submissions_have_a_share_and_are_kept_as_codes() {
    run(async {
        let lab = Lab::new();
        let node = lab.start("XAA");
        let author = lab.person("XAA", "author");
        let mut client = connect(&author).await;
        let maker = Maker::new(&lab.dir, &author, 2_000).await.unwrap();
        let signer = author.signer().unwrap();
        let to = Nation::parse("XBB").unwrap();
        // A purpose that the agreement does not have.
        let wrong = |n: usize| -> Submit {
            let document = Document::decode(maker.make(n).unwrap().plaintext.0).unwrap();
            let mut report = document.report().clone();
            report.purpose = "counter-terrorism".to_owned();
            let document = Document::decode(Document::lay_out(&report, &[])).unwrap();
            signing::submission(&signer, "XAA-XBB-2026-01", to, &document, None, false).unwrap()
        };
        let mut first = None;
        let mut count = 0;
        for n in 0..260 {
            match client.post::<_, Submission>("/v1/submissions", &wrong(n)).await {
                Ok(sent) => {
                    let Standing::Refused { reasons } = &sent.standing else { panic!("{:?}", sent.standing) };
                    assert!(reasons[0].detail.is_some(), "the author is told why: {reasons:?}");
                    first.get_or_insert(sent.id);
                    count += 1;
                }
                Err(error) => assert_eq!(refused!(error), Some((503, "busy".to_owned())), "{error:#}"),
            }
        }
        // 200, and one more each minute that this took.
        assert!((200..=230).contains(&count), "{count}");
        let journal = client.get::<Status>("/v1/status").await.unwrap().journal_size;
        let id = first.unwrap();
        let told: Submission = client.get(&format!("/v1/submissions/{id}")).await.unwrap();
        let Standing::Refused { reasons: texts } = told.standing else { panic!("{told:?}") };
        for n in 300..320 {
            assert!(client.post::<_, Submission>("/v1/submissions", &wrong(n)).await.is_err());
        }
        let after = client.get::<Status>("/v1/status").await.unwrap().journal_size;
        assert!(after <= journal + 3, "what is not taken is not written: {journal} {after}");
        // What is kept is the codes.
        drop((client, node));
        let _node = lab.start("XAA");
        let mut client = connect(&author).await;
        let kept: Submission = client.get(&format!("/v1/submissions/{id}")).await.unwrap();
        let Standing::Refused { reasons } = kept.standing else { panic!("{kept:?}") };
        assert_eq!(causes(&reasons), causes(&texts));
        assert!(texts.iter().all(|one| one.detail.is_some()) && reasons.iter().all(|one| one.detail.is_none()));
    });
}
