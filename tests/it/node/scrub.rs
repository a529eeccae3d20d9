//! What a node reads of its store in the background after a start.

use super::{Lab, connect, done, is_admitted, relto, run, until};
use relto_formats::api::{Status, Submission};
use relto_lab::bench::Maker;
use rusqlite::{Connection, params};

#[test]
fn sto_9_a_payload_that_rotted_is_told_after_the_next_start() {
    let lab = Lab::new();
    run(async {
        let (node, _partner) = (lab.start("XAA"), lab.start("XBB"));
        let author = lab.person("XAA", "author");
        let mut client = connect(&author).await;
        let maker = Maker::new(&lab.dir, &author, 4_096).await.unwrap();
        for n in 0..3 {
            let submit = maker.make(n).unwrap();
            client.post::<_, Submission>("/v1/submissions", &submit).await.unwrap();
            let found: Submission = client.get(&format!("/v1/submissions/{}?wait=60", submit.id)).await.unwrap();
            assert!(is_admitted(&found), "{found:?}");
        }
        drop((client, node));
        let node = lab.start("XAA");
        let mut client = connect(&lab.person("XAA", "operator")).await;
        let whole = |status: &Status| status.scrub.of > 0 && status.scrub.read == status.scrub.of;
        assert_eq!(until(&mut client, 60, whole).await.scrub.damaged, 0);
        drop((client, node));
        let database = Connection::open(lab.dir.join("XAA/data/relto.db")).unwrap();
        let find = "SELECT k, v FROM payload ORDER BY k LIMIT 1 OFFSET 1";
        let (key, mut body): (i64, Vec<u8>) =
            database.query_row(find, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        body[100] ^= 1;
        assert_eq!(database.execute("UPDATE payload SET v = ?2 WHERE k = ?1", params![key, body]).unwrap(), 1);
        drop(database);
        let _node = lab.start("XAA");
        let mut client = connect(&lab.person("XAA", "operator")).await;
        assert_eq!(until(&mut client, 60, whole).await.scrub.damaged, 1);
        let told = done(&relto(&lab, "XAA", "operator", &["status"]), 1);
        assert!(told.lines().any(|line| line.starts_with("DAMAGED")), "{told}");
        assert!(lab.told("XAA").contains("a stored row is not whole"), "{}", lab.told("XAA"));
    });
}
