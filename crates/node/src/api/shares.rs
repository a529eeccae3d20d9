//! What our people's clients may hold of the node at once. Two classes that never compete: the office (officers,
//! operators, auditors) and all others; within each, whoever holds the most gives way. API-21, API-36, API-37

use crate::{
    pool::{Limits, Pool},
    quota::Quota,
    setup::config::Person,
};
use relto_formats::api::{MAX_BODY, Role};
use std::sync::Arc;
use tokio::sync::Semaphore;

const MIB: usize = 1024 * 1024;
/// Milliseconds for which a new connection keeps its place from whoever holds as many.
const PATIENCE: u64 = 10_000;
/// Bytes are never taken from whoever holds no more than the one who asks.
const NEVER: u64 = u64::MAX;

/// How much one class has.
#[derive(Clone, Copy)]
struct Amounts {
    clients: usize,
    bodies: usize,
    answers: usize,
    /// Long reads at once; those who wait for their turn hold nothing.
    reads: usize,
}

/// 512 connections together with the office's. Bodies: one of the longest (80 MiB) and 48 MiB beside it. Answers: three
/// of the longest report (26 MiB, 35 MiB in base64) and some.
const OTHERS: Amounts = Amounts { clients: 384, bodies: 128 * MIB, answers: 128 * MIB, reads: 2 };
/// Some ten people, of whom each uses one or two connections. An officer who is an author too may send the longest body.
const OFFICE: Amounts = Amounts { clients: 128, bodies: 96 * MIB, answers: 96 * MIB, reads: 1 };
/// Connections of one account.
const CLIENTS_OF_ONE: usize = 320;
/// Bytes of bodies of one account: one body of the greatest length, and some small ones. API-19
const BODIES_OF_ONE: usize = MAX_BODY + 4 * MIB;
/// Bytes of answers of one account: two of the longest report. API-37
const ANSWERS_OF_ONE: usize = 72 * MIB;
/// Long reads of one account that run or wait.
const READS_OF_ONE: usize = 4;

/// What one class has.
pub(crate) struct Part {
    /// Connections, by account.
    pub clients: Arc<Pool<String>>,
    /// Bytes of requests' bodies that are here, by account.
    pub bodies: Arc<Pool<String>>,
    /// Bytes of answers that are not with the client yet, by account.
    pub answers: Arc<Pool<String>>,
    /// Long reads: so many at once, the others wait.
    pub reads: Semaphore,
    /// Who runs one or waits for it.
    pub readers: Arc<Quota<String>>,
}

impl Part {
    fn new(amounts: Amounts) -> Self {
        let Amounts { clients, bodies, answers, reads } = amounts;
        let pool = |all: usize, each: usize, patience| Pool::new(Limits { all, each: each.min(all), patience });
        Self {
            clients: pool(clients, CLIENTS_OF_ONE, PATIENCE),
            bodies: pool(bodies, BODIES_OF_ONE, NEVER),
            answers: pool(answers, ANSWERS_OF_ONE, NEVER),
            reads: Semaphore::new(reads),
            readers: Quota::new(clients, READS_OF_ONE),
        }
    }
}

/// What both classes have.
pub(crate) struct Shares {
    office: Part,
    others: Part,
}

impl Default for Shares {
    fn default() -> Self {
        Self { office: Part::new(OFFICE), others: Part::new(OTHERS) }
    }
}

impl Shares {
    /// The class of a person. A role of the office counts, whatever others the account has.
    #[must_use]
    pub(crate) fn of(&self, person: &Person) -> &Part {
        let is_office = |role: &Role| match role {
            Role::Officer | Role::SeniorOfficer | Role::Auditor | Role::Operator => true,
            Role::Author | Role::Reader => false,
        };
        if person.roles.iter().any(is_office) { &self.office } else { &self.others }
    }

    /// Connections, bytes of bodies, bytes of answers: what is held now.
    #[must_use]
    pub(crate) fn held(&self) -> [usize; 3] {
        let sum = |of: fn(&Part) -> usize| of(&self.office) + of(&self.others);
        [sum(|part| part.clients.held()), sum(|part| part.bodies.held()), sum(|part| part.answers.held())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{pool::Who, setup::config::Reads};
    use relto_report::crypto::{Signer as _, SoftwareKey};
    use tokio::sync::Notify;
    use zeroize::Zeroizing;

    fn person(account: &str, roles: &[Role]) -> Person {
        let key = SoftwareKey::from_seed(&Zeroizing::new([7; 32])).unwrap().public_key();
        Person {
            account: account.to_owned(),
            key,
            roles: roles.to_vec(),
            office: String::new(),
            reads: Reads::default(),
        }
    }

    #[test]
    fn api_36_two_accounts_of_little_privilege_keep_nobody_out() {
        let (shares, cut) = (Shares::default(), Arc::new(Notify::new()));
        let enter = |person: &Person, now| shares.of(person).clients.enter(Who::account(&person.account), 1, &cut, now);
        let (one, two) = (person("a", &[Role::Reader]), person("b", &[Role::Author, Role::Reader]));
        let held: Vec<_> = (0..1_000).flat_map(|n| [enter(&one, n), enter(&two, n)]).flatten().collect();
        assert_eq!((held.len(), shares.held()[0]), (OTHERS.clients, OTHERS.clients), "all that there are for them");
        let third = enter(&person("c", &[Role::Reader]), 1_000);
        assert!(third.is_some(), "another of little privilege takes from the one that holds most");
        let offices = [Role::Officer, Role::SeniorOfficer, Role::Auditor, Role::Operator];
        let office: Vec<_> = offices.map(|role| enter(&person("d", &[Role::Reader, role]), 1_000)).into();
        assert!(office.iter().all(Option::is_some));
        assert_eq!(shares.held()[0], OTHERS.clients + offices.len());
    }
}
