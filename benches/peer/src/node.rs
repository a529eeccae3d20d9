//! One server: for its authors, and for the partner's node.

use crate::{
    api::Api,
    beside::Beside,
    keys::Keys,
    link,
    receive::Receiving,
    services::{partner_server::PartnerServer, submissions_server::SubmissionsServer},
    shared::{FRAME, LONGEST, Node, WINDOW},
    signing::Signatures,
    store::Store,
    writer::{Job, Writer},
};
use anyhow::{Context as _, Result, anyhow};
use std::{
    io::Write as _,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64, mpsc::channel},
    time::Duration,
};
use tokio::{
    io::AsyncReadExt as _,
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};
use tonic::transport::{Server, server::TcpIncoming};

/// HTTP/2: calls of a connection at once.
const CALLS: u32 = 4_096;
/// How often pages of the log are moved into the database.
const MOVES: Duration = Duration::from_millis(250);

/// What a node is told when it starts.
#[derive(clap::Args, Debug)]
pub struct NodeArgs {
    /// The folder of all keys
    #[arg(long)]
    pub keys: PathBuf,
    /// Whose node it is
    #[arg(long)]
    pub name: String,
    /// Whose node the partner's is
    #[arg(long)]
    pub partner: String,
    /// The database
    #[arg(long)]
    pub database: PathBuf,
    /// Where authors connect
    #[arg(long, default_value = "127.0.0.1:0")]
    pub api: SocketAddr,
    /// Where the partner connects
    #[arg(long, default_value = "127.0.0.1:0")]
    pub link: SocketAddr,
    /// Where the partner is; a node without it sends nothing
    #[arg(long)]
    pub dial: Option<SocketAddr>,
    /// How nodes sign what goes between them
    #[arg(long, value_enum, default_value = "batch")]
    pub signatures: Signatures,
    /// Threads of the runtime
    #[arg(long, default_value_t = 2)]
    pub threads: usize,
}

/// Ends the process: what was not committed was not answered.
pub fn fatal(fault: &anyhow::Error) -> ! {
    let _ = writeln!(std::io::stderr(), "relto-peer: {fault:#}");
    std::process::exit(70)
}

/// Runs a node until standard input ends, and prints where it listens.
///
/// # Errors
/// Where it cannot start.
pub fn run(args: NodeArgs) -> Result<()> {
    let keys = Keys::read(&args.keys, &args.name, &args.partner)?;
    let store = Store::open(&args.database)?;
    let beside = Beside::open(&args.database)?;
    let (writer, jobs) = channel();
    let (sent, sends) = unbounded_channel();
    let receipted = Arc::new(AtomicU64::new(0));
    let writes = Writer::new(store, sent, receipted.clone());
    let spawn = |name: &str| std::thread::Builder::new().name(name.to_owned());
    let writing = spawn("writer").spawn(move || writes.run(&jobs).unwrap_or_else(|fault| fatal(&fault)))?;
    spawn("maintenance").spawn(move || {
        loop {
            std::thread::sleep(MOVES);
            beside.move_pages().unwrap_or_else(|fault| fatal(&fault));
        }
    })?;
    let node = Arc::new(Node { keys, signatures: args.signatures, writer, receipted, database: args.database.clone() });
    let mut runtime = match args.threads {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = runtime.worker_threads(args.threads).enable_all().build()?;
    let served = runtime.block_on(serve(node.clone(), &args, sends));
    node.write(Job::Stop);
    let commits = writing.join().map_err(|_| anyhow!("the writer ended in a fault"))?;
    writeln!(std::io::stdout(), "commits {commits}")?;
    runtime.shutdown_background();
    served
}

async fn serve(node: Arc<Node>, args: &NodeArgs, sends: UnboundedReceiver<Vec<crate::writer::Stored>>) -> Result<()> {
    let listen = async |address: SocketAddr| TcpListener::bind(address).await.with_context(|| address.to_string());
    let (api, link) = (listen(args.api).await?, listen(args.link).await?);
    writeln!(std::io::stdout(), "api {}\nlink {}", api.local_addr()?, link.local_addr()?)?;
    let submissions = SubmissionsServer::new(Api(node.clone())).max_decoding_message_size(LONGEST);
    let partner = PartnerServer::new(Receiving(node.clone())).max_decoding_message_size(LONGEST);
    let for_authors = server(node.keys.for_authors())?.add_service(submissions);
    let for_partner = server(node.keys.for_partner())?.add_service(partner);
    let incoming = |listener| TcpIncoming::from(listener).with_nodelay(Some(true));
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move { Ok(for_authors.serve_with_incoming(incoming(api)).await?) });
    tasks.spawn(async move { Ok(for_partner.serve_with_incoming(incoming(link)).await?) });
    let dial = args.dial;
    tasks.spawn(async move { link::run(node, dial, sends).await });
    let mut input = tokio::io::stdin();
    let ended = async {
        // Whoever started this node holds its input; when that ends the node does.
        while input.read(&mut [0; 64]).await.is_ok_and(|count| count > 0) {}
    };
    tokio::select! {
        () = ended => Ok(()),
        Some(task) = tasks.join_next() => task?,
    }
}

fn server(tls: tonic::transport::ServerTlsConfig) -> Result<Server> {
    Ok(Server::builder()
        .tls_config(tls)?
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_frame_size(FRAME)
        .max_concurrent_streams(CALLS))
}
