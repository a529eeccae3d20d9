//! Figures of one run, ours or a peer's, and what several of them say.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::time::Duration;

/// What a run came to. Times are microseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Figures {
    pub(super) rate: f64,
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) p999: f64,
    /// CPU seconds of both nodes and the client for 1,000 reports.
    pub(super) cpu: f64,
}

impl Figures {
    /// Of sorted latencies, and the seconds and CPU seconds that all took.
    #[expect(clippy::cast_precision_loss, reason = "counts of a measurement, far below 2^52")]
    pub(super) fn of(latencies: &[Duration], seconds: f64, cpu_seconds: f64) -> Self {
        let count = latencies.len() as f64;
        let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| percentile(latencies, share));
        Self { rate: count / seconds, p50, p99, p999, cpu: cpu_seconds * 1000.0 / count }
    }

    /// What a peer printed with `--json` of so many reports.
    pub(super) fn parse(text: &str, reports: usize) -> Result<Self> {
        let told: Value = serde_json::from_str(text.trim()).context("the peer's answer is not JSON")?;
        let number = |name: &str| {
            let number = told.get(name).and_then(Value::as_f64).filter(|number| *number > 0.0);
            number.with_context(|| format!("the peer's answer has no number above 0 named {name}"))
        };
        let count = told.get("reports").and_then(Value::as_u64).context("the peer's answer does not count reports")?;
        ensure!(usize::try_from(count) == Ok(reports), "the peer exchanged {count} reports and not {reports}");
        Ok(Self {
            rate: number("reports_per_second")?,
            p50: number("p50_us")?,
            p99: number("p99_us")?,
            p999: number("p999_us")?,
            cpu: number("cpu_seconds_per_1000")?,
        })
    }

    /// Each figure by another's.
    pub(super) fn to(&self, other: &Self) -> Self {
        self.with(other, |ours, theirs| ours / theirs)
    }

    /// Of each figure the median.
    pub(super) fn medians(all: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(all.iter().map(figure).collect());
        Self { rate: of(|a| a.rate), p50: of(|a| a.p50), p99: of(|a| a.p99), p999: of(|a| a.p999), cpu: of(|a| a.cpu) }
    }

    /// For programs.
    pub(super) fn object(&self) -> Value {
        json!({
            "reports_per_second": self.rate, "p50_us": self.p50.round(), "p99_us": self.p99.round(),
            "p999_us": self.p999.round(), "cpu_seconds_per_1000": self.cpu,
        })
    }

    fn with(&self, other: &Self, by: impl Fn(f64, f64) -> f64) -> Self {
        Self {
            rate: by(self.rate, other.rate),
            p50: by(self.p50, other.p50),
            p99: by(self.p99, other.p99),
            p999: by(self.p999, other.p999),
            cpu: by(self.cpu, other.cpu),
        }
    }
}

/// Microseconds within which this share of the sorted times lies.
#[expect(clippy::cast_precision_loss, reason = "counts of a measurement, far below 2^52")]
pub(super) fn percentile(sorted: &[Duration], share: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
    let place = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or_default().as_secs_f64() * 1e6
}

/// The middle one, or the mean of the two in the middle.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    let upper = values.get(half).copied().unwrap_or(f64::NAN);
    let lower = half.checked_sub(1).and_then(|at| values.get(at)).copied().unwrap_or(f64::NAN);
    if values.len().is_multiple_of(2) { f64::midpoint(lower, upper) } else { upper }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = r#"{"commits_per_report":[0.03,0.01],"cpu_seconds_per_1000":0.25,"p50_us":35000,"p999_us":91000,
        "p99_us":88000,"peak_rss_mib":17.2,"reports":3000,"reports_per_second":6150.5}"#;

    #[test]
    fn the_peers_answer_is_read() {
        let read = Figures::parse(&format!("{TOLD}\n"), 3_000).unwrap();
        assert_eq!(read, Figures { rate: 6150.5, p50: 35_000.0, p99: 88_000.0, p999: 91_000.0, cpu: 0.25 });
    }

    #[test]
    fn what_is_no_answer_is_told() {
        let told = |text: &str, count| Figures::parse(text, count).unwrap_err().to_string();
        assert_eq!(told("error: in use", 1), "the peer's answer is not JSON");
        assert_eq!(told("{}", 1), "the peer's answer does not count reports");
        assert_eq!(told(TOLD, 2_000), "the peer exchanged 3000 reports and not 2000");
        for (name, text) in [
            ("p50_us", TOLD.replace("p50_us", "p50")),
            ("cpu_seconds_per_1000", TOLD.replace("0.25", "\"0.25\"")),
            ("reports_per_second", TOLD.replace("6150.5", "0")),
        ] {
            assert_eq!(told(&text, 3_000), format!("the peer's answer has no number above 0 named {name}"));
        }
    }

    #[test]
    fn the_median_is_the_middle() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!((median(vec![7.0]) - 7.0).abs() < 1e-9);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn percentiles_are_of_sorted_latencies() {
        let latencies: Vec<Duration> = (1..=1000).map(Duration::from_micros).collect();
        let figures = Figures::of(&latencies, 2.0, 0.5);
        assert!((figures.p50 - 501.0).abs() < 1e-6 && (figures.p99 - 991.0).abs() < 1e-6, "{figures:?}");
        assert!((figures.rate - 500.0).abs() < 1e-6 && (figures.cpu - 0.5).abs() < 1e-6, "{figures:?}");
    }
}
