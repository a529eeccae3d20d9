//! The client API of one real node whose partner is away: who is taken, what is refused, what comes twice.
#![cfg(test)] // so that the lints know the helpers for tests

use relto_cli::client::{Client, Refused};
use relto_formats::api::{MAX_BODY, Standing, Status, Submission};
use relto_lab::lab::run::person;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

const SOMEBODY: &str = "01a20d19-450b-7249-acfe-bb48109451fa";

struct Running {
    dir: PathBuf,
    child: Child,
    _temporary: tempfile::TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Arcadia's node alone, with the auditor taken out of its configuration.
    fn start() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let dir = temporary.path().join("lab");
        let made = Command::new(env!("CARGO_BIN_EXE_relto")).args(["lab", "new"]).arg(&dir).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        let config = dir.join("XAA/node.toml");
        let text = fs::read_to_string(&config).unwrap();
        let people: Vec<&str> = text.split("\n[[person]]\n").filter(|one| !one.contains("\"auditor\"\n")).collect();
        fs::write(&config, people.join("\n[[person]]\n")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_reltod"))
            .arg("--config")
            .arg(&config)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { dir, child, _temporary: temporary }
    }

    async fn client(&self, account: &str) -> Client {
        let profile = person(&self.dir, "XAA", account).unwrap();
        for _ in 0..1_200 {
            if let Ok(mut client) = Client::connect(&profile).await
                && client.get::<Status>("/v1/status").await.is_ok()
            {
                return client;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the node does not answer {account}")
    }

    /// Submits an example as its author would, and gives the body that the client keeps to send again.
    fn submit(&self, report: &str) -> Value {
        let profile = self.dir.join("XAA/people/author/profile.toml");
        let report = self.dir.join("XAA/reports").join(report);
        let output = Command::new(env!("CARGO_BIN_EXE_relto"))
            .args(["--json", "--profile"])
            .arg(profile)
            .args(["submit", "--to", "XBB"])
            .arg(&report)
            .output()
            .unwrap();
        let kept = |path: &Path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.starts_with(&*report.file_stem().unwrap().to_string_lossy()) && name.contains(".submission")
        };
        let mut files = fs::read_dir(report.parent().unwrap()).unwrap().map(|one| one.unwrap().path());
        let file = files.find(|path| kept(path)).unwrap_or_else(|| panic!("{output:?}"));
        serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
    }
}

async fn refusal(client: &mut Client, path: &str, body: Option<&Value>) -> (u16, String) {
    let answer = match body {
        Some(body) => client.post::<_, Value>(path, body).await,
        None => client.get::<Value>(path).await,
    };
    let error = answer.expect_err("a refusal");
    let refused = error.downcast_ref::<Refused>().unwrap_or_else(|| panic!("{path}: {error:#}"));
    (refused.status, refused.problem.error.word().to_owned())
}

#[test]
fn api_1_api_2_api_4_api_8_api_15_requests_are_of_their_account() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let node = Running::start();
        let (mut author, mut operator) = (node.client("author").await, node.client("operator").await);
        // API-1: a good certificate of an account that the configuration does not have.
        let auditor = person(&node.dir, "XAA", "auditor").unwrap();
        let taken = match Client::connect(&auditor).await {
            Ok(mut client) => client.get::<Status>("/v1/status").await.is_ok(),
            Err(_) => false,
        };
        assert!(!taken);
        let first = node.submit("roc800-file-access.md");
        let path = format!("/v1/submissions/{}", first["id"].as_str().unwrap());
        let stands: Submission = author.get(&path).await.unwrap();
        assert_eq!(stands.account, "author", "the certificate's, for the body has none");
        assert!(matches!(stands.standing, Standing::Queued { .. }), "the partner is away");
        // API-2
        assert_eq!(refusal(&mut author, "/v1/holds", None).await, (403, "role".to_owned()));
        for path in ["/v1/submissions", "/v1/checks"] {
            assert_eq!(refusal(&mut operator, path, Some(&first)).await, (403, "role".to_owned()));
        }
        // API-4: the same again, and other signed bytes under the same id.
        let size = author.get::<Status>("/v1/status").await.unwrap().journal_size;
        let again: Submission = author.post("/v1/submissions", &first).await.unwrap();
        assert_eq!((again.id, again.serial, again.time), (stands.id, stands.serial, stands.time));
        let mut other = node.submit("browser-flash-warning.md");
        let before = author.get::<Status>("/v1/status").await.unwrap().journal_size;
        other["id"] = first["id"].clone();
        assert_eq!(refusal(&mut author, "/v1/submissions", Some(&other)).await, (409, "id-reused".to_owned()));
        assert!(before > size, "the second submission is on record");
        assert_eq!(author.get::<Status>("/v1/status").await.unwrap().journal_size, before, "nothing was written");
        // API-8: somebody else's and nobody's.
        let nobody = refusal(&mut operator, &format!("/v1/submissions/{SOMEBODY}"), None).await;
        assert_eq!(nobody, (404, "not-found".to_owned()));
        let asked = std::time::Duration::from_secs(2);
        let waited = format!("{path}?wait=20");
        let answer = tokio::time::timeout(asked, refusal(&mut operator, &waited, None)).await;
        assert_eq!(answer.expect("no waiting tells that there is something"), nobody);
        assert_eq!(refusal(&mut operator, &path, None).await, nobody);
        // API-15
        assert_eq!(MAX_BODY, 83_886_080);
        let large = json!({ "reason": "x".repeat(MAX_BODY) });
        let error = author.post::<_, Value>("/v1/submissions", &large).await.expect_err("too large");
        if let Some(refused) = error.downcast_ref::<Refused>() {
            assert_eq!(refused.status, 413, "{refused}");
        }
        assert_eq!(node.client("author").await.get::<Status>("/v1/status").await.unwrap().journal_size, before);
    });
}
