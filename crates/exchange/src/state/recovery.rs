//! What is known of the way back from a loss, until the process ends. RCV-2, RCV-11

use crate::{model::ids::LinkId, state::belief::Voice};
use relto_report::{
    digest::Digest,
    nation::Nation,
    signed::{
        Verified,
        recovery::{RecoveryWord, plan_digest},
    },
};
use std::collections::BTreeMap;

/// Milliseconds for which a signature of a plan counts.
const LASTS: u64 = 3_600_000;

/// What is known of it.
#[derive(Default)]
pub(crate) struct Recovery {
    /// The head file is not there, and that is why this node has halted.
    pub(crate) head_file_lost: bool,
    /// Another reason to halt, which this version has no way back from.
    pub(crate) beyond: Option<String>,
    /// Size of the largest head of our log that each partner has shown since the start, none of which this store lacks.
    pub(crate) shown: BTreeMap<LinkId, u64>,
    /// Who signed which plan, and when.
    words: [Option<Signed>; 2],
    /// It was carried out; the node starts anew.
    pub(crate) done: bool,
}

struct Signed {
    word: RecoveryWord,
    plan: Digest,
    at: u64,
}

/// What one of the two asks for.
pub enum Asks {
    /// That the plan of this digest is carried out.
    Sign(Voice, Verified<RecoveryWord>, Digest),
    /// Both have signed it: do it.
    Start,
    /// Nothing: what was signed is taken back.
    Abort,
}

/// What would be done, and what it waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Canonical text: what two people sign the digest of.
    pub text: String,
    /// Partners that have not said since the start what they hold of our log.
    pub waits_for: Vec<Nation>,
    /// Why it cannot be carried out at all.
    pub wrong: Option<String>,
    /// Whose signatures of this very plan count now: an operator's, an auditor's.
    pub signed: (bool, bool),
    /// It was carried out.
    pub done: bool,
}

impl Plan {
    /// Of its text.
    #[must_use]
    pub fn digest(&self) -> Digest {
        plan_digest(&self.text)
    }

    /// Whether signatures are all that it lacks.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.waits_for.is_empty() && self.wrong.is_none() && !self.done
    }
}

impl Recovery {
    /// Takes a signature of a plan.
    pub(crate) fn sign(&mut self, voice: Voice, word: RecoveryWord, (plan, at): (Digest, u64)) {
        let [operator, auditor] = &mut self.words;
        *match voice {
            Voice::Operator => operator,
            Voice::Auditor => auditor,
        } = Some(Signed { word, plan, at });
    }

    /// The signature of the other one of the two, where it counts.
    pub(crate) fn other(&self, voice: Voice, plan: &Digest, now: u64) -> Option<&RecoveryWord> {
        let [operator, auditor] = self.counting(plan, now);
        match voice {
            Voice::Operator => auditor,
            Voice::Auditor => operator,
        }
    }

    /// The signatures that count now: of this plan, and given within the hour.
    pub(crate) fn counting(&self, plan: &Digest, now: u64) -> [Option<&RecoveryWord>; 2] {
        self.words.each_ref().map(|word| {
            let word = word.as_ref()?;
            let fresh = now.saturating_sub(word.at) <= LASTS && word.at <= now.saturating_add(LASTS);
            (word.plan == *plan && fresh).then_some(&word.word)
        })
    }

    /// All signatures are taken back.
    pub(crate) fn abort(&mut self) {
        self.words = [None, None];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_report::crypto::{Signature, Signer as _, SoftwareKey};
    use zeroize::Zeroizing;

    fn word(account: &str) -> RecoveryWord {
        let key = SoftwareKey::from_seed(&Zeroizing::new([1; 32])).unwrap().public_key();
        let signature = Signature::from_slice(&[6; 64]).unwrap();
        RecoveryWord { account: account.to_owned(), key, statement: Vec::new(), signature }
    }

    #[test]
    fn rcv_2_a_signature_counts_for_one_plan_and_one_hour() {
        let (plan, other) = (plan_digest("a plan"), plan_digest("another"));
        assert_ne!(plan, other);
        let mut recovery = Recovery::default();
        let counts = |recovery: &Recovery, plan, now| recovery.counting(plan, now).map(|word| word.is_some());
        assert_eq!(counts(&recovery, &plan, 0), [false, false]);
        recovery.sign(Voice::Operator, word("operator"), (plan, 1_000));
        recovery.sign(Voice::Auditor, word("auditor"), (other, 2_000));
        assert_eq!(counts(&recovery, &plan, 2_000), [true, false], "each has signed another plan");
        assert!(recovery.other(Voice::Operator, &plan, 2_000).is_none());
        recovery.sign(Voice::Auditor, word("auditor"), (plan, 3_000));
        assert_eq!(counts(&recovery, &plan, 1_000 + LASTS), [true, true]);
        assert_eq!(counts(&recovery, &plan, 1_001 + LASTS), [false, true], "an hour later");
        assert_eq!(counts(&recovery, &other, 3_000), [false, false], "the newest word of each counts");
        assert_eq!(recovery.other(Voice::Auditor, &plan, 3_000).map(|word| word.account.as_str()), Some("operator"));
        recovery.abort();
        assert_eq!(counts(&recovery, &plan, 3_000), [false, false]);
    }
}
