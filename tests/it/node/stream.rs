//! Submissions in bulk: answered by line, in order, within bounds.

use super::{Daemon, Lab, connect, refused, run, until};
use relto_audit::leaf::Verdict;
use relto_cli::{
    client::{Answers, Lines},
    profile::Profile,
};
use relto_formats::api::{
    LineAnswer, MAX_BATCH_LINES, MAX_BODY, ProblemKind, Standing, Status, StreamEnd, StreamLine, Submission,
};
use relto_lab::bench::Maker;
use std::time::Duration;
use tokio::time::timeout;

const BATCH: &str = "/v1/submissions:batch";
const STREAM: &str = "/v1/submissions:stream";

/// Two nodes that are linked, Arcadia's author, and reports of its.
struct Ground {
    lab: Lab,
    author: Profile,
    maker: Maker,
    _nodes: [Daemon; 2],
}

impl Ground {
    async fn new() -> Self {
        let lab = Lab::new();
        let nodes = ["XAA", "XBB"].map(|nation| lab.start(nation));
        let author = lab.person("XAA", "author");
        let linked = |status: &Status| status.links.iter().all(|link| link.connected && link.heads_confirmed);
        until(&mut connect(&author).await, 60, linked).await;
        let maker = Maker::new(&lab.dir, &author, 1_000).await.unwrap();
        Self { lab, author, maker, _nodes: nodes }
    }

    /// A request of lines on a connection of its own.
    async fn lines(&self, path: &str) -> (Lines, Answers) {
        connect(&self.author).await.lines(path).await.unwrap()
    }
}

/// Every answer, and the last line where it came.
async fn all(answers: &mut Answers) -> (Vec<LineAnswer>, Option<StreamEnd>) {
    let mut out = Vec::new();
    // A cut is an end too: what came before it counts.
    while let Ok(Some(answer)) = answers.next().await {
        match answer {
            StreamLine::Answer(one) => out.push(*one),
            StreamLine::End(end) => return (out, Some(end)),
        }
    }
    (out, None)
}

fn leaf(answer: &LineAnswer) -> u64 {
    match answer.submission.as_ref().map(|one| &one.standing) {
        Some(Standing::Released { index } | Standing::Resolved { index, .. }) => *index,
        other => panic!("{other:?}: {answer:?}"),
    }
}

#[test]
fn api_49_each_line_is_answered_by_number_and_a_bad_one_holds_up_no_other() {
    run(async {
        let ground = Ground::new().await;
        let first = ground.maker.make(0).unwrap();
        let mut unsigned = ground.maker.make(1).unwrap();
        unsigned.signature.0[7] ^= 1;
        let mut other = ground.maker.make(2).unwrap();
        other.id.clone_from(&first.id);
        let last = ground.maker.make(3).unwrap();

        let (lines, mut answers) = ground.lines(&format!("{BATCH}?wait=outcome")).await;
        lines.send(&first).await.unwrap();
        lines.send_line(b"{\"id\":".to_vec()).await.unwrap();
        lines.send_line(b"  ".to_vec()).await.unwrap();
        lines.send(&unsigned).await.unwrap();
        lines.send(&last).await.unwrap();
        drop(lines);
        let (told, end) = all(&mut answers).await;
        assert_eq!(end, Some(StreamEnd { end: true, lines: 4 }), "an empty line is none: {told:?}");
        let of = |line: u64| told.iter().filter(|one| one.line == line).collect::<Vec<_>>();
        let problem = |line: u64| of(line)[0].problem.clone().map(|one| (one.status, one.error)).unwrap();
        assert_eq!(problem(2), (400, ProblemKind::BadRequest));
        assert_eq!(problem(3), (422, ProblemKind::NotSigned));
        assert_eq!(of(3)[0].id.as_ref(), Some(&unsigned.id));
        for (line, submit) in [(1, &first), (4, &last)] {
            let [decided, outcome] = of(line)[..] else { panic!("{told:?}") };
            assert_eq!((decided.outcome, outcome.outcome), (false, true));
            assert_eq!(decided.id.as_ref(), Some(&submit.id));
            let standing = &outcome.submission.as_ref().unwrap().standing;
            assert!(matches!(standing, Standing::Resolved { verdict: Verdict::Admitted, .. }), "{standing:?}");
        }

        // The same bytes under the same id are the same submission; other bytes under it are refused.
        let (lines, mut answers) = ground.lines(BATCH).await;
        lines.send(&first).await.unwrap();
        lines.send(&other).await.unwrap();
        drop(lines);
        let (again, end) = all(&mut answers).await;
        assert_eq!((again.len(), end.map(|end| end.lines)), (2, Some(2)));
        let [one, two] = [1, 2].map(|line| again.iter().find(|one| one.line == line).unwrap());
        assert_eq!(leaf(one), leaf(of(1)[1]), "no second leaf");
        assert_eq!(two.problem.as_ref().map(|one| one.status), Some(409));
        let shown: Submission =
            connect(&ground.author).await.get(&format!("/v1/submissions/{}", first.id)).await.unwrap();
        assert_eq!(Some(&shown), one.submission.as_ref());
    });
}

#[test]
fn api_49_what_is_here_is_answered_and_nothing_long_is_said_again() {
    run(async {
        let ground = Ground::new().await;
        let (lines, mut answers) = ground.lines(STREAM).await;
        // An empty line behind it says nothing of a next one.
        lines.send(&ground.maker.make(0).unwrap()).await.unwrap();
        lines.send_line(Vec::new()).await.unwrap();
        let first = timeout(Duration::from_secs(10), answers.next()).await.expect("nobody waits for a next line");
        assert!(matches!(first.unwrap(), Some(StreamLine::Answer(one)) if one.line == 1));
        let mut long = ground.maker.make(1).unwrap();
        long.id = "A".repeat(1 << 20);
        lines.send(&long).await.unwrap();
        lines.send_line(format!("{{\"{}\":1}}", "b".repeat(1 << 20)).into_bytes()).await.unwrap();
        drop(lines);
        let (told, end) = all(&mut answers).await;
        assert_eq!(end.map(|end| end.lines), Some(3));
        for one in &told {
            let message = &one.problem.as_ref().unwrap().message;
            assert!(one.id.is_none() && message.len() < 2_000, "{}", message.len());
        }
    });
}

#[test]
fn api_51_lines_of_one_precedence_are_decided_in_their_order() {
    run(async {
        let ground = Ground::new().await;
        let (lines, mut answers) = ground.lines(STREAM).await;
        let count = 300;
        let submits: Vec<_> = (0..count).map(|n| ground.maker.make(n).unwrap()).collect();
        let sender = tokio::spawn(async move {
            for submit in &submits {
                lines.send(submit).await.unwrap();
            }
        });
        let (mut told, end) = all(&mut answers).await;
        sender.await.unwrap();
        assert_eq!(end.map(|end| end.lines), Some(300), "more than may be in work at once");
        told.sort_by_key(|one| one.line);
        let leaves: Vec<u64> = told.iter().map(leaf).collect();
        assert!(leaves.len() == 300 && leaves.is_sorted(), "{leaves:?}");
    });
}

#[test]
fn api_50_a_batch_ends_behind_its_last_line_and_any_behind_one_that_is_too_long() {
    run(async {
        let ground = Ground::new().await;
        let (lines, mut answers) = ground.lines(BATCH).await;
        let sender = tokio::spawn(async move {
            for _ in 0..=MAX_BATCH_LINES {
                if lines.send_line(b"{}".to_vec()).await.is_err() {
                    return;
                }
            }
        });
        let (told, end) = all(&mut answers).await;
        let _ = sender.await;
        assert_eq!(end, None, "it was not read to its end");
        assert_eq!(u64::try_from(told.len()).unwrap(), MAX_BATCH_LINES + 1);
        let over = told.iter().find(|one| one.line == MAX_BATCH_LINES + 1).unwrap();
        assert_eq!(over.problem.as_ref().map(|one| one.status), Some(413));

        let (lines, mut answers) = ground.lines(STREAM).await;
        lines.send(&ground.maker.make(0).unwrap()).await.unwrap();
        let sender = tokio::spawn(async move { lines.send_line(vec![b'x'; MAX_BODY + 1]).await.is_ok() });
        let (told, end) = all(&mut answers).await;
        let _ = sender.await;
        let of = |line: u64| told.iter().find(|one| one.line == line).unwrap();
        assert!(leaf(of(1)) > 0, "what was answered stands");
        assert_eq!((of(2).problem.as_ref().map(|one| one.status), end), (Some(413), None));

        let mut client = connect(&ground.lab.person("XAA", "operator")).await;
        let error = client.lines(STREAM).await.err().unwrap();
        assert_eq!(refused!(error), Some((403, "role".to_owned())));
    });
}
