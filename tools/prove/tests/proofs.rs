//! Proofs that succeed on the bundled agreement, and proofs that must fail where it is made worse.

use relto_formats::cedar;
use relto_policy::agreement::Agreement;
use relto_prove::{Finding, Verdict, prove, prove_text, solver::Solver};

const EXAMPLE: &str = include_str!("../../../examples/agreement.toml");

/// Whether there is a solver; where `RELTO_REQUIRE` names cvc5 there must be.
fn has_solver() -> bool {
    let path = std::env::var("CVC5").unwrap_or_else(|_| "cvc5".into());
    let found = std::process::Command::new(path).arg("--version").output().is_ok();
    let required = std::env::var("RELTO_REQUIRE").is_ok_and(|list| list.split(',').any(|one| one == "cvc5"));
    assert!(found || !required, "cvc5 is required here and not installed");
    found
}

fn read(text: &str) -> Agreement {
    Agreement::read("agreement.toml", text.as_bytes()).unwrap()
}

/// Version 2: the example without what it says that it extends.
fn before() -> String {
    edit(
        EXAMPLE,
        &[
            ("version    = 3", "version    = 2"),
            ("  \"scope XAA>XBB topic space.pnt-interference: none -> 3\",\n", ""),
            ("  \"scope XAA>XBB form indicator-list: added\",\n", ""),
            ("\"space.pnt-interference\"           = 3\n", ""),
            (
                "[\"assessment\", \"indicator-list\", \"rfi-response\", \"warning\"]\nhighest_level",
                "[\"assessment\", \"rfi-response\", \"warning\"]\nhighest_level",
            ),
        ],
    )
}

/// The example as version 3 of that.
fn after(old: &str, edits: &[(&str, &str)]) -> Agreement {
    let supersedes = read(old).digest.to_string();
    let line = EXAMPLE.lines().find(|line| line.starts_with("supersedes")).unwrap();
    read(&edit(&edit(EXAMPLE, &[(line, &format!("supersedes = \"{supersedes}\""))]), edits))
}

fn edit(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the example lacks {from:?}");
        text.replacen(from, to, 1)
    })
}

fn run(agreement: &Agreement, previous: Option<&Agreement>) -> Vec<Finding> {
    prove(agreement, previous, &Solver::default(), &mut |finding| println!("{finding}"))
}

/// The properties that failed.
fn failed(findings: &[Finding]) -> Vec<&str> {
    findings.iter().filter(|one| !one.holds()).map(|one| one.property.as_str()).collect()
}

fn verdict<'f>(findings: &'f [Finding], property: &str) -> &'f Verdict {
    &findings.iter().find(|one| one.property.contains(property)).unwrap_or_else(|| panic!("no {property}")).verdict
}

#[test]
fn the_bundled_agreement_keeps_its_promises_and_extends_exactly_what_it_says() {
    if !has_solver() {
        return;
    }
    let old = before();
    let findings = run(&after(&old, &[]), Some(&read(&old)));
    assert_eq!(failed(&findings), [""; 0]);
    for line in ["topic space.pnt-interference", "form indicator-list"] {
        assert_eq!(*verdict(&findings, line), Verdict::Proven, "{line} permits something new");
    }
}

#[test]
fn a_widened_version_is_refuted_with_a_request_that_shows_it() {
    if !has_solver() {
        return;
    }
    let old = before();
    let wider =
        after(&old, &[("\"cbrn.chemical\"                    = 1", "\"cbrn.chemical\"                    = 2")]);
    let findings = run(&wider, Some(&read(&old)));
    assert_eq!(
        failed(&findings),
        [
            "the file follows version 2 and lists exactly the difference",
            "apart from its 2 extensions it permits nothing that version 2 did not"
        ]
    );
    let Verdict::Refuted(shown) = verdict(&findings, "apart from") else { panic!("refuted") };
    assert!(shown.contains("cbrn.chemical") && shown.contains("CONFIDENTIAL"), "{shown}");
    // What the file lists and does not do is a difference too.
    let listed = after(&old, &[("form indicator-list: added", "form summary: added")]);
    let findings = run(&listed, Some(&read(&old)));
    assert!(failed(&findings).contains(&"the file follows version 2 and lists exactly the difference"));
    assert!(matches!(verdict(&findings, "extends: scope XAA>XBB form summary"), Verdict::Noted(_)));
}

#[test]
fn without_the_national_only_clause_the_proof_fails() {
    if !has_solver() {
        return;
    }
    let agreement = read(EXAMPLE);
    // The exporter's text without the clause: neither its forbid nor its line in the permit.
    let kept = cedar::policies(&agreement).into_iter().filter(|one| one.id != "XAA>XBB.national-only");
    let text: String = kept.map(|one| one.text).collect();
    let line = text.lines().find(|line| line.starts_with("  !") && line.contains("\"NOFORN\"") && line.ends_with("&&"));
    let text = text.replacen(&format!("{}\n", line.expect("a conjunct")), "", 1);
    let findings = prove_text(&agreement, &text, None, &Solver::default(), &mut |finding| println!("{finding}"));
    assert_eq!(failed(&findings), ["a report with a national-only caveat is never released"]);
    let Verdict::Refuted(shown) = verdict(&findings, "national-only") else { panic!("refuted") };
    assert!(shown.contains("NOFORN"), "{shown}");
}

#[test]
fn a_caveat_that_was_national_only_stays_so_to_the_next_version() {
    if !has_solver() {
        return;
    }
    let old = before();
    let moved = after(
        &old,
        &[
            ("XAA   = \"NOFORN\"", "XAA   = \"HOME\""),
            ("XAA   = \"ORCON\"", "XAA   = \"NOFORN\""),
            (
                "  \"scope XAA>XBB form indicator-list: added\",\n",
                "  \"scope XAA>XBB form indicator-list: added\",\n  \"caveat XAA HOME: none -> national-only\",\n  \
                 \"caveat XAA NOFORN: national-only -> originator-controlled\",\n",
            ),
        ],
    );
    let findings = run(&moved, Some(&read(&old)));
    assert_eq!(failed(&findings), ["a report with a national-only caveat is never released"]);
}

#[test]
fn a_solver_that_dies_or_gives_up_proves_nothing() {
    if !has_solver() {
        return;
    }
    let findings = prove(&read(EXAMPLE), None, &Solver { limit_millis: 1 }, &mut |_| {});
    let unsure = findings.iter().filter(|one| matches!(one.verdict, Verdict::NotProven(_))).count();
    assert!(unsure > 0 && unsure == failed(&findings).len(), "{findings:?}");
}

#[test]
fn every_version_without_renewal_or_with_a_signed_one_ends() {
    if !has_solver() {
        return;
    }
    for renewal in ["none", "by-signature"] {
        let text = edit(EXAMPLE, &[("renewal           = \"tacit\"", &format!("renewal = \"{renewal}\""))]);
        let findings = run(&read(&text), None);
        assert_eq!(failed(&findings), [""; 0], "{renewal}");
    }
}

/// The program's exit code and what it prints.
fn program(arguments: &[&std::path::Path]) -> (Option<i32>, String) {
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_relto-prove")).args(arguments).output().unwrap();
    (out.status.code(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
}

#[test]
fn the_program_says_by_its_exit_code_what_became_of_the_proofs() {
    let folder = std::env::temp_dir().join(format!("relto-prove-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (old, new) = (write("old.toml", &before()), write("new.toml", EXAMPLE));
    let missing = folder.join("missing.toml");
    assert_eq!(program(&[]).0, Some(2));
    assert_eq!(program(&[&missing]).0, Some(1));
    let ill = write("ill.toml", "format = 1");
    let (code, told) = program(&[&ill]);
    assert!(code == Some(1) && told.contains("ill.toml:1:"), "{told}");
    if has_solver() {
        let (code, told) = program(&[&new]);
        assert!(code == Some(0) && told.contains("8 proven, 0 noted, 0 failed"), "{told}");
        // The example supersedes another version 2 than this one.
        let (code, told) = program(&[&new, "--previous".as_ref(), &old]);
        assert!(code == Some(4) && told.contains("REFUTED") && told.contains("error A004"), "{told}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_policy_that_can_err_is_shown() {
    if !has_solver() {
        return;
    }
    let agreement = read(EXAMPLE);
    let erring = "forbid (principal, action, resource) when { context.age * 4 > 8000000 };";
    let text = format!("{}{erring}", cedar::text(&agreement));
    let findings = prove_text(&agreement, &text, None, &Solver::default(), &mut |_| {});
    assert_eq!(failed(&findings), ["no policy ever errs"]);
    assert!(matches!(verdict(&findings, "errs"), Verdict::Refuted(shown) if shown.contains("age")));
}
