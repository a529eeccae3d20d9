//! Trust while nodes run: one nation's broken list closes that nation's links and nothing else; what ends soon is told.

use super::{
    Lab, connect, run, until,
    watch::{ask, replace, says},
};
use relto_cli::client::Client;
use relto_formats::api::{Status, TrustStatus};
use relto_host::clock;
use relto_lab::pki::{Authority, DAY, LeafSpec};
use relto_report::nation::Nation;
use std::fs;

fn authority(lab: &Lab, nation: &str) -> Authority {
    let read = |name: &str| fs::read_to_string(lab.dir.join(nation).join(name)).unwrap();
    Authority::load(&read("root.pem"), &read("root.key")).unwrap()
}

fn seconds() -> i64 {
    i64::try_from(clock::now_ms() / 1000).unwrap()
}

fn is_up(status: &Status, partner: &str) -> bool {
    status.links.iter().any(|link| link.partner == partner && link.connected)
}

fn trust<'a>(status: &'a Status, nation: &str) -> &'a TrustStatus {
    status.trust.iter().find(|one| one.nation == nation).unwrap()
}

/// Files of XAA for its trust in another nation.
fn file(nation: &str, which: &str) -> String {
    let prefix = if nation == "XBB" { "partner" } else { nation };
    format!("XAA/{prefix}-{which}.pem")
}

#[test]
fn lnk_38_a_broken_list_of_one_nation_closes_its_links_and_hides_no_revocation_of_another() {
    run(async {
        let lab = Lab::with(&["--third"]);
        let borealia = authority(&lab, "XBB");
        let now = seconds();
        let node = borealia.issue(&LeafSpec::node(Nation::parse("XBB").unwrap(), "xbb-1", now)).unwrap();
        replace(&lab, "XBB/node.pem", &node.pem);
        replace(&lab, "XBB/node.key", &node.key.pem().unwrap());
        let third = file("XCC", "crl");
        let good = fs::read_to_string(lab.dir.join(&third)).unwrap();
        let _nodes = ["XAA", "XBB", "XCC"].map(|nation| lab.start(nation));
        let operator = lab.person("XAA", "operator");
        let mut client = connect(&operator).await;
        until(&mut client, 20, |status| is_up(status, "XBB") && is_up(status, "XCC")).await;

        // Corvania's file is garbage: its session ends within a second, for a reason; Borealia's goes on.
        let before = lab.told("XAA").len();
        replace(&lab, &third, "this is no list\n");
        let status = until(&mut client, 3, |status| !is_up(status, "XCC")).await;
        assert!(is_up(&status, "XBB"), "{status:?}");
        says(&lab, "XAA", before, "trust of this nation cannot be used: its links are closed, and no others").await;
        says(&lab, "XAA", before, "session ended: its certificate is no longer good").await;
        let status = until(&mut client, 3, |status| !trust(status, "XCC").usable).await;
        assert!(trust(&status, "XCC").why.as_ref().unwrap().contains("XCC-crl.pem"), "{status:?}");
        assert!(trust(&status, "XBB").usable && trust(&status, "XAA").usable);
        let metrics = ask(&operator, "/v1/metrics").await.1;
        assert!(metrics.contains("relto_trust_usable{nation=\"XCC\"} 0\n"), "{metrics}");

        // While it is, a node of Borealia is revoked: it is out, and stays out.
        let list = borealia.crl(2, now - 60, now + DAY, &[node.serial]).unwrap().pem;
        replace(&lab, &file("XBB", "crl"), &list);
        until(&mut client, 3, |status| !is_up(status, "XBB")).await;
        says(&lab, "XAA", before, "of relto://XBB/node/xbb-1 is revoked by its nation").await;

        // A good file brings Corvania back, by itself.
        replace(&lab, &third, &good);
        let status = until(&mut client, 20, |status| is_up(status, "XCC")).await;
        assert!(!is_up(&status, "XBB") && trust(&status, "XCC").why.is_none(), "{status:?}");
        assert!(lab.told("XAA").contains("trust of this nation is good again"));
    });
}

#[test]
fn lnk_38_a_node_starts_with_a_partners_broken_list_and_with_its_own() {
    run(async {
        let lab = Lab::with(&["--third"]);
        let (third, own) = (file("XCC", "crl"), "XAA/crl.pem");
        let read = |name: &str| fs::read_to_string(lab.dir.join(name)).unwrap();
        let (good, own_good) = (read(&third), read(own));
        replace(&lab, &third, "");
        replace(&lab, own, "junk");
        let _borealia = lab.start("XBB");
        let _corvania = lab.start("XCC");
        let arcadia = lab.start("XAA");
        // Nobody of ours is let in, for the reason; the link with Borealia is up all the same.
        let mut other = connect(&lab.person("XBB", "operator")).await;
        until(&mut other, 20, |status| is_up(status, "XAA")).await;
        says(&lab, "XAA", 0, "trust of our own nation cannot be used: none of our people is let in").await;
        let told = match Client::connect(&lab.person("XAA", "author")).await {
            Ok(mut client) => client.get::<Status>("/v1/status").await.map(|_| ()),
            Err(error) => Err(error),
        };
        let told = format!("{:#}", told.unwrap_err());
        assert!(told.contains("does not accept our certificate") || told.contains("crl.pem"), "{told}");
        // Once it is good the people are in, and the last good one stays in use when it is garbage again.
        replace(&lab, own, &own_good);
        let mut client = connect(&lab.person("XAA", "operator")).await;
        replace(&lab, own, "junk");
        let status = until(&mut client, 3, |status| trust(status, "XAA").why.is_some()).await;
        assert!(trust(&status, "XAA").usable, "{status:?}");
        says(&lab, "XAA", 0, "the last good list stays in use until its nextUpdate").await;
        replace(&lab, own, &own_good);
        replace(&lab, &third, &good);
        until(&mut client, 20, |status| is_up(status, "XCC") && trust(status, "XAA").why.is_none()).await;
        drop(arcadia);
    });
}

#[test]
fn api_43_a_certificate_that_the_node_refuses_is_told_as_that_each_time_with_the_reason() {
    run(async {
        let lab = Lab::new();
        let root = authority(&lab, "XAA");
        let now = seconds();
        let person = root.issue(&LeafSpec::person(Nation::parse("XAA").unwrap(), "author", now)).unwrap();
        replace(&lab, "XAA/people/author/certificate.pem", &person.pem);
        replace(&lab, "XAA/people/author/tls.key", &person.key.pem().unwrap());
        let _node = lab.start("XAA");
        let author = lab.person("XAA", "author");
        connect(&author).await;
        let mut operator = connect(&lab.person("XAA", "operator")).await;
        replace(&lab, "XAA/crl.pem", &root.crl(2, now - 60, now + DAY, &[person.serial]).unwrap().pem);
        says(&lab, "XAA", 0, "trust reloaded").await;
        for _ in 0..20 {
            let told = match Client::connect(&author).await {
                Ok(mut client) => client.get::<Status>("/v1/status").await.map(|_| ()).unwrap_err(),
                Err(error) => error,
            };
            let told = format!("{told:#}");
            assert!(told.contains("the node does not accept our certificate: our certificate is revoked"), "{told}");
        }
        until(&mut operator, 1, |status| status.halted.is_none()).await;
    });
}

#[test]
fn api_42_the_end_of_every_certificate_and_list_is_told() {
    run(async {
        let lab = Lab::new();
        let now = seconds();
        let list = authority(&lab, "XBB").crl(2, now - 60, now + 5 * DAY, &[]).unwrap().pem;
        replace(&lab, &file("XBB", "crl"), &list);
        let _node = lab.start("XAA");
        let operator = lab.person("XAA", "operator");
        let mut client = connect(&operator).await;
        let _author = connect(&lab.person("XAA", "author")).await;
        let status: Status = client.get("/v1/status").await.unwrap();
        let of = |what: &str| status.expiries.iter().filter(|one| one.what == what).collect::<Vec<_>>();
        assert_eq!((of("root").len(), of("crl").len(), of("node").len()), (2, 2, 1), "{status:?}");
        assert_eq!(of("node")[0].of, "relto://XAA/node/xaa-1");
        assert_eq!(of("person").len(), 2, "an operator is told of every person who was here");
        let crl = of("crl").into_iter().find(|one| one.of == "XBB").unwrap();
        assert_eq!((crl.days_left, crl.not_after / 1000), (Some(4), u64::try_from(now + 5 * DAY).unwrap()));
        assert!(status.expiries.is_sorted_by_key(|one| one.not_after));
        let mut author = connect(&lab.person("XAA", "author")).await;
        let own: Status = author.get("/v1/status").await.unwrap();
        let people: Vec<&str> =
            own.expiries.iter().filter(|one| one.what == "person").map(|one| one.of.as_str()).collect();
        assert_eq!(people, ["relto://XAA/person/author"], "others' are not hers to see");
        says(&lab, "XAA", 0, "of XBB is good for less than 7 days").await;
        let metrics = ask(&operator, "/v1/metrics").await.1;
        let line = format!(
            "relto_crl_next_update_timestamp_seconds{{what=\"crl\",nation=\"XBB\",node=\"\",sha256=\"{}\"}} {}\n",
            crl.sha256,
            now + 5 * DAY
        );
        assert!(metrics.contains(&line), "{line} in {metrics}");
        assert!(
            metrics.contains("relto_certificate_expires_timestamp_seconds{what=\"node\",nation=\"XAA\",node=\"xaa-1\"")
        );
        assert!(!metrics.contains("author") && metrics.contains("relto_storage_full 0\n"), "{metrics}");
    });
}
