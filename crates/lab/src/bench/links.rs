//! `relto bench links`: one node with several links that exchange at once, against one of them alone, in turn in one run.
//!
//! Arcadia has an agreement with Borealia, one with Corvania, and one with Borealia for an exercise: three links, each with
//! logs of its own, and one writer.

use super::{
    bulk::{self, Done},
    counts,
    figures::{Figures, median},
    maker::{Maker, Towards},
    telling,
    watched::{Sample, Watched},
};
use crate::{
    args::LinksArgs,
    lab::{
        self, Options,
        run::{Node, connected, person_as, unless_asked},
    },
};
use anyhow::{Context as _, Result, bail};
use relto_cli::{client::Client, output::Output, profile::Profile};
use relto_host::clock;
use relto_policy::signatures::{SignatureFile, sign};
use relto_report::{crypto::Signer as _, domain::Tag};
use serde_json::json;
use std::{fs, path::Path, sync::Arc};
use tokio::task::JoinSet;

/// Whose nodes, the one that is measured first.
const NATIONS: [&str; 3] = ["XAA", "XBB", "XCC"];
/// Arcadia's links: the profile that its author acts by, and where the reports go.
const LINKS: [(&str, Towards); 3] = [
    ("profile.toml", Towards::LIVE),
    ("profile.toml", Towards { to: "XCC", traffic: "live", first: 20_000_000 }),
    ("exercise.toml", Towards { to: "XBB", traffic: lab::EXERCISE, first: 30_000_000 }),
];
/// Arcadia's officers, whose signatures its rules need.
const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];

/// One link: who submits over it, what, and how many there were.
struct Link {
    author: Profile,
    maker: Arc<Maker>,
    sent: usize,
}

/// One round: one link alone, and all.
struct Round {
    one: Sample,
    all: Sample,
}

/// Runs the measurement.
pub(super) fn run(args: &LinksArgs, output: Output) -> Result<()> {
    if args.reports == 0 || args.in_flight == 0 || args.rounds == 0 {
        bail!("--reports, --in-flight and --rounds must be at least 1");
    }
    if !(1..=LINKS.len()).contains(&args.links) {
        bail!("--links is 1 to {}: a laboratory has no more", LINKS.len());
    }
    tell(&unless_asked(measure(args))???, args, output)
}

async fn measure(args: &LinksArgs) -> Result<Vec<Round>> {
    let temporary = tempfile::tempdir()?;
    let dir = temporary.path().join("lab");
    lab::build(&dir, clock::now_ms(), Options { exercises: 1, third: true, ..Options::default() })?;
    release_at_once(&dir)?;
    let ports = counts::listen(&dir, &NATIONS)?;
    let mut nodes = NATIONS.map(|nation| Node::start(&dir, nation)).into_iter().collect::<Result<Vec<_>>>()?;
    let mut links = Vec::new();
    for (profile, towards) in LINKS.iter().take(args.links) {
        let [own, ..] = NATIONS;
        let author = person_as(&dir, own, "author", profile)?;
        connected(&author).await?;
        let maker = Arc::new(Maker::towards(&dir, &author, args.size, towards).await?);
        links.push(Link { author, maker, sent: 0 });
    }
    let named = NATIONS.into_iter().zip(&nodes).zip(&ports);
    let watched = Watched::new(named.map(|((nation, node), port)| (nation, node.id(), *port)));
    let mut rounds = Vec::new();
    for _ in 0..args.rounds {
        let (one, _) = watched.over(load(links.iter_mut().take(1).collect(), args)).await?;
        let (all, _) = watched.over(load(links.iter_mut().collect(), args)).await?;
        rounds.push(Round { one, all });
    }
    nodes.iter_mut().try_for_each(Node::stop)?;
    Ok(rounds)
}

/// So many reports over each link, each in a stream of its own.
async fn load(links: Vec<&mut Link>, args: &LinksArgs) -> Result<Vec<Done>> {
    let mut streams = JoinSet::new();
    for link in links {
        let numbers = link.sent..link.sent + args.reports;
        link.sent = numbers.end;
        let job = bulk::Job::of(Client::connect(&link.author).await?, link.maker.clone(), numbers);
        streams.spawn(bulk::stream(job, args.in_flight));
    }
    let mut all = Vec::new();
    while let Some(done) = streams.join_next().await {
        all.extend(done??);
    }
    Ok(all)
}

/// Arcadia approves in advance for Corvania what it approves for Borealia, as far as the agreement lets it: else each
/// report would wait for an officer.
fn release_at_once(dir: &Path) -> Result<()> {
    let [own, ..] = NATIONS;
    let folder = dir.join(own);
    let live = fs::read_to_string(folder.join("national-rules.toml"))?;
    let (_, standing) = live.split_once("[[standing_authority]]").context("a standing authority")?;
    let (standing, _) = standing.split_once("\n[").context("the end of it")?;
    let standing = standing.replace("\"XBB\"", "\"XCC\"").replace(", \"space.pnt-interference\"", "");
    let file = folder.join("national-rules-XCC.toml");
    let rules = format!("{}\n[[standing_authority]]{standing}\n", fs::read_to_string(&file)?);
    let mut signed = SignatureFile::new(rules.as_bytes());
    for account in OFFICERS {
        let officer = person_as(dir, own, account, "profile.toml")?;
        let key = officer.signer()?;
        signed.add(officer.nation, account, key.public_key(), sign(rules.as_bytes(), Tag::NationalRules, &key)?);
    }
    fs::write(&file, rules)?;
    fs::write(file.with_extension("toml.sig"), signed.write())?;
    Ok(())
}

fn tell(rounds: &[Round], args: &LinksArgs, output: Output) -> Result<()> {
    let figures =
        |of: fn(&Round) -> &Sample| Figures::medians(&rounds.iter().map(|round| of(round).figures).collect::<Vec<_>>());
    let (one, all) = (figures(|round| &round.one), figures(|round| &round.all));
    let ratio = median(rounds.iter().map(|round| round.all.figures.rate / round.one.figures.rate).collect());
    let last = rounds.last().context("a round")?;
    output.object(&json!({
        "links": args.links, "reports": args.reports, "in_flight": args.in_flight, "size": args.size,
        "rounds": args.rounds, "one": one.object(), "all": all.object(), "ratio_to_one": ratio,
        "threads": telling::threads(&last.all), "counts": telling::counts(&last.all),
    }))?;
    output.line(format!(
        "one node, {} reports of {} bytes a link, {} in flight on each; medians of {} rounds",
        args.reports, args.size, args.in_flight, args.rounds
    ))?;
    let row = |name: String, figures: &Figures, ratio: f64| {
        let times = [figures.p50, figures.p99].map(|micros| format!("{:.1}", micros / 1e3));
        let [p50, p99] = times;
        vec![name, format!("{:.0}", figures.rate), format!("{ratio:.2}"), p50, p99, format!("{:.3}", figures.cpu)]
    };
    output.table(
        &["", "reports/s", "to one link", "p50 ms", "p99 ms", "CPU s per 1,000"],
        &[row("one link".to_owned(), &one, 1.0), row(format!("{} links at once", args.links), &all, ratio)],
    )?;
    if args.threads { telling::table(&last.all, output) } else { Ok(()) }
}
