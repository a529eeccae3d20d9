//! Counters of one node in the text form that Prometheus scrapes. Counts only: nothing of any report.

mod latency;

use crate::snapshot::Snapshot;
use latency::Latency;
use relto_audit::leaf::Verdict;
use relto_exchange::{ids::LinkId, out::Event};
use relto_formats::api::Inspectors;
use relto_host::store::segment::SegmentBytes;
use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
};

/// What is held now of what is shared.
#[derive(Default, Debug)]
pub(crate) struct Shared {
    /// Connections of our people.
    pub clients: usize,
    /// Bytes of bodies.
    pub requests: usize,
    /// Bytes of answers.
    pub answers: usize,
    /// Log lines that were counted and not written.
    pub hushed: u64,
    /// Leaves that the background has read since the start, those that it reads in all, and rows that are not whole.
    pub scrub: [u64; 3],
}

/// All counters.
#[derive(Default, Debug)]
pub(crate) struct Metrics {
    turns: AtomicU64,
    inputs: AtomicU64,
    sealed: AtomicU64,
    resolved: [AtomicU64; 3],
    decided: [AtomicU64; 3],
    alarms: AtomicU64,
    handshakes_refused: AtomicU64,
    sessions: AtomicU64,
    latency: Latency,
}

const VERDICTS: [Verdict; 3] = [Verdict::Admitted, Verdict::Quarantined, Verdict::Refused];

/// Name, kind, help and value.
type Figure = (&'static str, &'static str, &'static str, u64);

/// How far the store was read.
fn scrubbing([read, of, damaged]: [u64; 3]) -> [Figure; 3] {
    [
        ("relto_scrub_read", "gauge", "Leaves that the background has read since the start.", read),
        ("relto_scrub_of", "gauge", "Leaves that it reads.", of),
        ("relto_scrub_damaged", "gauge", "Stored rows that do not open or are missing.", damaged),
    ]
}

/// What stands outside the database.
fn outside(bytes: SegmentBytes) -> [Figure; 2] {
    [
        ("relto_segment_live_bytes", "gauge", "Bytes of payloads and home files in segment files.", bytes.live),
        ("relto_segment_dead_bytes", "gauge", "Space in them that erased ones left.", bytes.dead),
    ]
}

/// What inspectors do.
fn inspecting(is: &Inspectors) -> [Figure; 7] {
    [
        ("relto_inspected_total", "counter", "Attachments judged.", is.judged),
        ("relto_inspectors_died_total", "counter", "Inspectors that died or were ended.", is.died),
        ("relto_inspectors_late_total", "counter", "Inspectors late or not started.", is.late),
        ("relto_uninspectable_total", "counter", "Attachments that cannot be inspected.", is.uninspectable),
        ("relto_inspections_waiting", "gauge", "Reports that wait for their look.", is.waiting),
        ("relto_inspector_landlock", "gauge", "ABI of Landlock in force.", u64::from(is.landlock)),
        ("relto_inspector_seccomp", "gauge", "1 where seccomp is in force.", u64::from(is.seccomp)),
    ]
}

impl Metrics {
    /// One transaction with this many inputs.
    pub(crate) fn turn(&self, inputs: u64) {
        self.turns.fetch_add(1, Ordering::Relaxed);
        self.inputs.fetch_add(inputs, Ordering::Relaxed);
    }

    /// One checkpoint signed.
    pub(crate) fn sealed(&self) {
        self.sealed.fetch_add(1, Ordering::Relaxed);
    }

    /// A piece of the payload of this leaf of the partner was read from the socket.
    pub(crate) fn came(&self, link: LinkId, index: u64) {
        self.latency.came(link, index);
    }

    /// A handshake or a HELLO was refused.
    pub(crate) fn refused(&self) {
        self.handshakes_refused.fetch_add(1, Ordering::Relaxed);
    }

    /// A session was proven.
    pub(crate) fn session(&self) {
        self.sessions.fetch_add(1, Ordering::Relaxed);
    }

    /// What a turn told.
    pub(crate) fn event(&self, event: &Event) {
        let count = |list: &[AtomicU64; 3], verdict: Verdict| {
            for (counter, one) in list.iter().zip(VERDICTS) {
                if one == verdict {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            }
        };
        match event {
            Event::Resolved { verdict, .. } => count(&self.resolved, *verdict),
            Event::Decided { link, index, verdict } => {
                count(&self.decided, *verdict);
                self.latency.decided(*link, *index);
            }
            Event::Alarm(_) => {
                self.alarms.fetch_add(1, Ordering::Relaxed);
            }
            Event::Notice(_)
            | Event::Moved(..)
            | Event::Followed { .. }
            | Event::Fetch(_)
            | Event::Came(..)
            | Event::Acknowledged { .. }
            | Event::MakeHeadFile { .. }
            | Event::ClockBelieved(_) => {}
        }
    }

    /// The text form.
    #[must_use]
    pub(crate) fn text(
        &self,
        snapshot: &Snapshot,
        agreements: &[String],
        connected: &[bool],
        (held, inspectors): (&Shared, &Inspectors),
    ) -> String {
        let mut out = String::new();
        let mut line = |name: &str, kind: &str, help: &str, rows: &[(String, u64)]| {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (labels, value) in rows {
                let _ = writeln!(out, "{name}{labels} {value}");
            }
        };
        let plain = |value: &AtomicU64| vec![(String::new(), value.load(Ordering::Relaxed))];
        let by_verdict = |list: &[AtomicU64; 3]| {
            let row = |(verdict, value): (Verdict, &AtomicU64)| {
                (format!("{{verdict=\"{}\"}}", verdict.word()), value.load(Ordering::Relaxed))
            };
            VERDICTS.into_iter().zip(list).map(row).collect::<Vec<_>>()
        };
        line("relto_turns_total", "counter", "Transactions.", &plain(&self.turns));
        line("relto_inputs_total", "counter", "Inputs of transactions.", &plain(&self.inputs));
        line("relto_checkpoints_total", "counter", "Checkpoints signed.", &plain(&self.sealed));
        line("relto_receipts_total", "counter", "Our reports with a receipt.", &by_verdict(&self.resolved));
        line("relto_decisions_total", "counter", "The partner's reports decided on.", &by_verdict(&self.decided));
        line("relto_alarms_total", "counter", "Alarms.", &plain(&self.alarms));
        line("relto_sessions_total", "counter", "Sessions proven.", &plain(&self.sessions));
        line("relto_refused_total", "counter", "Handshakes and HELLOs refused.", &plain(&self.handshakes_refused));
        let help = "From the last byte of a payload of the partner to the commit that answers it.";
        line("relto_payload_commit_microseconds", "histogram", help, &self.latency.rows());
        let one = |value: usize| vec![(String::new(), u64::try_from(value).unwrap_or(u64::MAX))];
        line("relto_clients", "gauge", "Clients of our people that are connected.", &one(held.clients));
        line("relto_request_bytes", "gauge", "Bytes of requests that are here.", &one(held.requests));
        line("relto_answer_bytes", "gauge", "Bytes of answers that are not taken yet.", &one(held.answers));
        line(
            "relto_log_lines_hushed_total",
            "counter",
            "Log lines that were counted instead of written.",
            &[(String::new(), held.hushed)],
        );
        let halted = u64::from(snapshot.halted.is_some());
        line("relto_halted", "gauge", "1 while the node appends to no log.", &[(String::new(), halted)]);
        let store = scrubbing(held.scrub).into_iter().chain(snapshot.segments.into_iter().flat_map(outside));
        for (name, kind, help, value) in inspecting(inspectors).into_iter().chain(store) {
            line(name, kind, help, &[(String::new(), value)]);
        }
        let believed = snapshot.clock.by().is_some() && snapshot.trusted;
        let help = "1 while the clock is believed; nothing is put on record before it is.";
        line("relto_clock_believed", "gauge", help, &[(String::new(), u64::from(believed))]);
        by_link(&mut line, snapshot, agreements, connected);
        out
    }
}

/// One figure: its name, kind, help, and a value for each set of labels.
type Line<'a> = dyn FnMut(&str, &str, &str, &[(String, u64)]) + 'a;

/// What there is for each link.
fn by_link(line: &mut Line<'_>, snapshot: &Snapshot, agreements: &[String], connected: &[bool]) {
    let rows = |value: &dyn Fn(usize) -> u64| {
        agreements.iter().enumerate().map(|(at, id)| (format!("{{agreement=\"{id}\"}}"), value(at))).collect::<Vec<_>>()
    };
    let link = |at: usize| snapshot.links.get(at).cloned().unwrap_or_default();
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    line(
        "relto_link_up",
        "gauge",
        "1 while a proven session is up.",
        &rows(&|at| u64::from(connected.get(at).copied().unwrap_or(false))),
    );
    line("relto_heads_confirmed", "gauge", "1 while releases happen.", &rows(&|at| u64::from(link(at).confirmed)));
    line("relto_own_log_size", "gauge", "Leaves of our log.", &rows(&|at| link(at).sizes.ours));
    line("relto_partner_log_size", "gauge", "Leaves of the partner's log.", &rows(&|at| link(at).sizes.theirs));
    line(
        "relto_unanswered",
        "gauge",
        "Our reports without a receipt.",
        &rows(&|at| count(link(at).backlog.unanswered)),
    );
    line("relto_awaited", "gauge", "Leaves that await their payload.", &rows(&|at| count(link(at).backlog.awaited)));
    line("relto_queued", "gauge", "Queued submissions.", &rows(&|at| count(link(at).backlog.queued)));
}
