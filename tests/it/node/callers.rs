//! Callers of the client API that take too much, or ask for what is not theirs.

use super::{Lab, connect, run};
use relto_cli::profile::Profile;
use relto_formats::api::MAX_BODY;
use relto_host::tls::config::server_name;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::TlsConnector;

type Stream = tokio_rustls::client::TlsStream<TcpStream>;

/// Begins to post a body of this length, of which only a little comes.
async fn begin(profile: &Profile, length: usize) -> Stream {
    let socket = TcpStream::connect(profile.api).await.unwrap();
    let mut stream = TlsConnector::from(profile.tls().unwrap()).connect(server_name(), socket).await.unwrap();
    let head = format!(
        "POST /v1/submissions HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{{",
        profile.node
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// The status of the answer; `None` while there is none.
async fn status(stream: &mut Stream, within: Duration) -> Option<u16> {
    let mut buffer = [0; 1024];
    let count = timeout(within, stream.read(&mut buffer)).await.ok()?.unwrap();
    let text = String::from_utf8_lossy(&buffer[..count]).into_owned();
    text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok())
}

#[test]
fn api_2_api_19_a_body_is_read_only_from_who_may_send_it_and_within_bounds() {
    run(async {
        let lab = Lab::new();
        let _node = lab.start("XAA");
        let (author, operator) = (lab.person("XAA", "author"), lab.person("XAA", "operator"));
        connect(&author).await;
        let soon = Duration::from_secs(2);
        let mut stream = begin(&operator, MAX_BODY - 1).await;
        assert_eq!(status(&mut stream, soon).await, Some(403), "before the body comes");
        let mut stream = begin(&author, MAX_BODY + 1).await;
        assert_eq!(status(&mut stream, soon).await, Some(413), "by its length alone");
        let began = Instant::now();
        let mut first = begin(&author, MAX_BODY - 1).await;
        assert_eq!(status(&mut first, Duration::from_millis(300)).await, None, "it may come");
        // API-37: what is announced takes nothing; three more of the longest, and a small one, have their place.
        let mut others = Vec::new();
        for length in [MAX_BODY - 1, MAX_BODY - 1, MAX_BODY - 1, 1_000] {
            let mut other = begin(&author, length).await;
            assert_eq!(status(&mut other, Duration::from_millis(300)).await, None, "it may come");
            others.push(other);
        }
        assert_eq!(status(&mut first, Duration::from_secs(15)).await, Some(408), "nothing came");
        assert!(began.elapsed() > Duration::from_secs(9), "{:?}", began.elapsed());
    });
}

#[test]
fn api_21_one_address_does_not_take_all_handshakes() {
    run(async {
        let lab = Lab::new();
        let _node = lab.start("XAA");
        let author = lab.person("XAA", "author");
        connect(&author).await;
        let mut idle = Vec::new();
        for _ in 0..160 {
            idle.push(TcpStream::connect(author.api).await.unwrap());
        }
        // 128 have their place; of the same address the others are turned away while these have not had their time.
        let mut closed = 0;
        let began = Instant::now();
        while closed < 32 && began.elapsed() < Duration::from_secs(30) {
            let mut byte = [0; 1];
            let mut left = Vec::new();
            for mut socket in idle {
                match timeout(Duration::from_millis(1), socket.read(&mut byte)).await {
                    Ok(_) => closed += 1,
                    Err(_) => left.push(socket),
                }
            }
            idle = left;
        }
        assert!(closed >= 32, "{closed} of 160 are closed");
    });
}
