//! The two nodes of a laboratory, running and linked, and the author who submits.

use super::{counts, maker::Maker, watched::Watched};
use crate::lab::run::{Node, connected, person};
use anyhow::Result;
use relto_cli::profile::Profile;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Whose nodes: the author's, and the partner's.
pub(super) const NATIONS: [&str; 2] = ["XAA", "XBB"];

/// The nodes, and what submits to them.
pub(super) struct Pair {
    dir: PathBuf,
    nodes: [Node; 2],
    /// Where each tells its counters.
    ports: Vec<u16>,
    pub(super) author: Profile,
    pub(super) maker: Arc<Maker>,
}

impl Pair {
    /// Starts the nodes of the laboratory there, for reports of so many bytes.
    pub(super) async fn start(dir: &Path, size: usize) -> Result<Self> {
        let ports = counts::listen(dir, &NATIONS)?;
        let [near, far] = NATIONS;
        let nodes = [Node::start(dir, near)?, Node::start(dir, far)?];
        let author = person(dir, near, "author")?;
        connected(&author).await?;
        let maker = Arc::new(Maker::new(dir, &author, size).await?);
        Ok(Self { dir: dir.to_owned(), nodes, ports, author, maker })
    }

    /// The processes, the author's node first.
    pub(super) fn processes(&self) -> [u32; 2] {
        self.nodes.each_ref().map(Node::id)
    }

    /// What they spend and count.
    pub(super) fn watched(&self) -> Watched {
        let nodes = NATIONS.into_iter().zip(self.processes()).zip(&self.ports);
        Watched::new(nodes.map(|((nation, id), port)| (nation, id, *port)))
    }

    /// Kills the author's node with SIGKILL.
    pub(super) fn kill(&mut self) -> Result<()> {
        let [near, _] = &mut self.nodes;
        near.kill()
    }

    /// Starts the author's node anew; it does not answer yet.
    pub(super) fn revive(&mut self) -> Result<()> {
        let ([node, _], [near, _]) = (&mut self.nodes, NATIONS);
        *node = Node::start(&self.dir, near)?;
        Ok(())
    }

    /// That the author's node still runs.
    pub(super) fn runs(&mut self) -> Result<()> {
        let [near, _] = &mut self.nodes;
        near.runs()
    }

    /// Asks both to end.
    pub(super) fn stop(mut self) -> Result<()> {
        self.nodes.iter_mut().try_for_each(Node::stop)
    }
}
