//! Ports for the nodes of a laboratory.

use anyhow::{Result, bail};
use std::net::TcpListener;

/// So many ports that nothing listens on now, from below those that systems give to outgoing connections: one of those
/// could take a node's port while it is down.
pub(crate) fn free_ports(count: usize) -> Result<Vec<u16>> {
    const FROM: u16 = 10_000;
    const COUNT: u16 = 20_000;
    let mut held = Vec::with_capacity(count);
    for _ in 0..1_000 {
        if held.len() == count {
            return Ok(held.into_iter().map(|(port, _)| port).collect());
        }
        let port = FROM + u16::from_le_bytes(relto_host::random::fill()?) % COUNT;
        held.extend(TcpListener::bind(("127.0.0.1", port)).ok().map(|listener| (port, listener)));
    }
    bail!("no free ports")
}
