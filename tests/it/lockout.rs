//! Nobody locks it up: strangers, own people of little privilege and a hostile partner, over real sockets, each from
//! addresses of its own on the loopback network. What each bound is says the constant that sets it.
#![cfg(test)] // so that the lints know the helpers for tests

mod bytes;
mod partner;
mod refused;
mod strangers;

use crate::node::Lab;
use relto_host::tls::config::server_name;
use rustls::ClientConfig;
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinHandle,
    time::sleep,
};
use tokio_rustls::TlsConnector;

type Stream = tokio_rustls::client::TlsStream<TcpStream>;

/// A connection that comes from this address.
async fn from(address: Ipv4Addr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((address, 0)))?;
    socket.connect(to).await
}

/// The same with the handshake of one of our people.
async fn caller(address: Ipv4Addr, to: SocketAddr, tls: Arc<ClientConfig>) -> Option<Stream> {
    let socket = from(address, to).await.ok()?;
    TlsConnector::from(tls).connect(server_name(), socket).await.ok()
}

/// What a flood has done so far; dropped, it ends.
struct Flood {
    opened: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Flood {
    /// Opens 160 connections from these addresses in turn, and 29 a second from then on. It holds all and says nothing.
    fn begin(addresses: Vec<Ipv4Addr>, to: SocketAddr) -> Self {
        let opened = Arc::new(AtomicUsize::new(0));
        let count = opened.clone();
        let task = tokio::spawn(async move {
            let mut held = Vec::new();
            for (n, address) in addresses.iter().cycle().enumerate() {
                held.extend(from(*address, to).await);
                count.fetch_add(1, Ordering::Relaxed);
                if n > 160 {
                    sleep(Duration::from_millis(1_000 / 29)).await;
                }
                // What the node has closed is let go.
                if held.len() > 400 {
                    held.drain(..200);
                }
            }
        });
        Self { opened, task }
    }

    /// Waits until every place is taken.
    async fn is_full(&self) {
        self.reaches(160).await;
    }

    async fn reaches(&self, count: usize) {
        while self.opened.load(Ordering::Relaxed) < count {
            assert!(!self.task.is_finished());
            sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A way to `target` that takes so long in each direction, from this address.
async fn long_way(address: Ipv4Addr, target: SocketAddr, each_way: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near_end = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (near, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let Ok(far) = from(address, target).await else { return };
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                for (mut reader, mut writer) in [(near_in, far_out), (far_in, near_out)] {
                    tokio::spawn(async move {
                        let mut buffer = vec![0; 64 * 1024];
                        while let Ok(count @ 1..) = reader.read(&mut buffer).await {
                            sleep(each_way).await;
                            if writer.write_all(&buffer[..count]).await.is_err() {
                                return;
                            }
                        }
                    });
                }
            });
        }
    });
    near_end
}

/// Where a node tells its counters.
struct Scrape(SocketAddr);

impl Scrape {
    /// Lets a node that is not started yet tell them.
    async fn of(lab: &Lab, nation: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let api = lab.address(nation, "api");
        lab.set(nation, "api", Some(&format!("\"{api}\"\nmetrics = \"{free}\"")));
        Self(free)
    }

    /// A counter or gauge.
    async fn get(&self, name: &str) -> u64 {
        let mut text = String::new();
        let mut socket = TcpStream::connect(self.0).await.unwrap();
        socket.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        socket.read_to_string(&mut text).await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} in {text}")).trim().parse().unwrap()
    }

    /// Waits for a value.
    async fn until(&self, name: &str, wanted: impl Fn(u64) -> bool) -> u64 {
        for _ in 0..2_400 {
            let value = self.get(name).await;
            if wanted(value) {
                return value;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("{name} is {}", self.get(name).await)
    }
}
