//! Shares of what is scarce: half-open connections, clients, bytes of requests and of answers. There is no waiting and no
//! fixed share that others could use up. Where all is taken, whoever holds the most gives way to whoever holds less, so
//! that nobody keeps out another by coming first or by coming often.

use crate::sync::lock;
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex},
};
use tokio::sync::Notify;

/// Who takes a share: shares are fair among groups, and among the members of one group.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Who<G, M = ()> {
    /// A network, or an account.
    pub group: G,
    /// A host of the network.
    pub member: M,
}

impl Who<String> {
    /// An account: one group without members of its own.
    #[must_use]
    pub(crate) fn account(name: &str) -> Self {
        Self { group: name.to_owned(), member: () }
    }
}

/// Who a connection counts as before it has shown a certificate. The member is what one machine gets: an IPv4 address,
/// an IPv6 /64. The group is what one site gets and nobody else: an IPv4 /24, the least that is routed, and an IPv6 /48.
/// By the address alone a rented /24 would count as 256 strangers and an IPv6 /48 as 65,536; by the network alone one
/// bad machine in the officers' own network would count as they do.
#[must_use]
pub(crate) fn place(from: SocketAddr) -> Who<IpAddr, IpAddr> {
    match from.ip().to_canonical() {
        IpAddr::V4(host) => {
            let network = Ipv4Addr::from_bits(host.to_bits() & 0xffff_ff00);
            Who { group: IpAddr::V4(network), member: IpAddr::V4(host) }
        }
        IpAddr::V6(address) => {
            let first = |bits: u32| {
                let kept = u128::MAX.checked_shl(128 - bits).unwrap_or(u128::MAX);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & kept))
            };
            Who { group: first(48), member: first(64) }
        }
    }
}

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Of all together.
    pub all: usize,
    /// Of one group.
    pub each: usize,
    /// Milliseconds for which a share is safe from those who hold as much as its holder.
    pub patience: u64,
}

struct Entry<G, M> {
    who: Who<G, M>,
    weight: usize,
    since: u64,
    /// It is being worked on: taking it away would give nothing back.
    fixed: bool,
    cut: Arc<Notify>,
}

struct Held<G, M> {
    next: u64,
    all: usize,
    /// By number: the oldest first.
    entries: BTreeMap<u64, Entry<G, M>>,
}

/// Counts what is held, in any unit.
pub(crate) struct Pool<G, M = ()> {
    held: Mutex<Held<G, M>>,
    limits: Limits,
}

impl<G: Ord + Clone, M: Ord + Clone> Pool<G, M> {
    /// An empty one.
    #[must_use]
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { held: Mutex::new(Held { next: 0, all: 0, entries: BTreeMap::new() }), limits })
    }

    /// Takes a share until the seat is dropped; `None` where there is none. `cut` is told when the share has gone to
    /// another; `now` is monotonic milliseconds. Takes time in proportion to the shares held, and only where all are.
    #[must_use]
    pub(crate) fn enter(
        self: &Arc<Self>,
        who: Who<G, M>,
        weight: usize,
        cut: &Arc<Notify>,
        now: u64,
    ) -> Option<Seat<G, M>> {
        let mut held = lock(&self.held);
        if !held.make_room(&who, weight, None, self.limits, now) {
            return None;
        }
        let number = held.next;
        held.next = number.saturating_add(1);
        held.all = held.all.saturating_add(weight);
        held.entries.insert(number, Entry { who, weight, since: now, fixed: false, cut: cut.clone() });
        Some(Seat { pool: self.clone(), number })
    }

    /// What is held now.
    #[must_use]
    pub(crate) fn held(&self) -> usize {
        lock(&self.held).all
    }
}

/// A share; dropping it gives it back.
pub(crate) struct Seat<G: Ord + Clone, M: Ord + Clone = ()> {
    pool: Arc<Pool<G, M>>,
    number: u64,
}

impl<G: Ord + Clone, M: Ord + Clone> Seat<G, M> {
    /// Takes more; `false` where there is no more, or this share has gone to another.
    #[must_use]
    pub(crate) fn grow(&self, more: usize, now: u64) -> bool {
        let mut held = lock(&self.pool.held);
        let Some(who) = held.entries.get(&self.number).map(|entry| entry.who.clone()) else { return false };
        if !held.make_room(&who, more, Some(self.number), self.pool.limits, now) {
            return false;
        }
        held.all = held.all.saturating_add(more);
        if let Some(entry) = held.entries.get_mut(&self.number) {
            entry.weight = entry.weight.saturating_add(more);
        }
        true
    }

    /// From now on it goes to nobody else.
    pub(crate) fn fix(&self) {
        if let Some(entry) = lock(&self.pool.held).entries.get_mut(&self.number) {
            entry.fixed = true;
        }
    }
}

impl<G: Ord + Clone, M: Ord + Clone> Drop for Seat<G, M> {
    fn drop(&mut self) {
        lock(&self.pool.held).remove(self.number);
    }
}

impl<G: Ord + Clone, M: Ord + Clone> Held<G, M> {
    fn remove(&mut self, number: u64) -> Option<Entry<G, M>> {
        let entry = self.entries.remove(&number)?;
        self.all = self.all.saturating_sub(entry.weight);
        Some(entry)
    }

    fn make_room(&mut self, who: &Who<G, M>, weight: usize, own: Option<u64>, limits: Limits, now: u64) -> bool {
        let group: usize = self.entries.values().filter(|one| one.who.group == who.group).map(|one| one.weight).sum();
        if weight > limits.all || group.saturating_add(weight) > limits.each {
            return false;
        }
        while self.all.saturating_add(weight) > limits.all {
            let Some(victim) = self.victim(who, weight, own, limits.patience, now) else { return false };
            if let Some(entry) = self.remove(victim) {
                entry.cut.notify_one();
            }
        }
        true
    }

    /// Whose share goes to the asker: of the group that holds most, or else of the asker's own group, the oldest share of
    /// the member that holds most; `None` where neither holds more than the asker would have, and none is old.
    fn victim(&self, who: &Who<G, M>, weight: usize, own: Option<u64>, patience: u64, now: u64) -> Option<u64> {
        let (mut groups, mut members) = (BTreeMap::<&G, usize>::new(), BTreeMap::<&Who<G, M>, usize>::new());
        for entry in self.entries.values() {
            *groups.entry(&entry.who.group).or_default() += entry.weight;
            *members.entry(&entry.who).or_default() += entry.weight;
        }
        let group = |who: &Who<G, M>| groups.get(&who.group).copied().unwrap_or(0);
        let member = |who: &Who<G, M>| members.get(who).copied().unwrap_or(0);
        let may = self.entries.iter().filter(|(number, entry)| !entry.fixed && own != Some(**number));
        let most = may
            .clone()
            .max_by_key(|(number, entry)| (group(&entry.who), member(&entry.who), std::cmp::Reverse(**number)))?;
        // Where bad machines of the asker's own network took its fair share already, they give way, not the asker.
        let at_home = may
            .filter(|(_, entry)| entry.who.group == who.group)
            .max_by_key(|(number, entry)| (member(&entry.who), std::cmp::Reverse(**number)));
        let holds_more = |entry: &Entry<G, M>| {
            if entry.who.group == who.group {
                entry.who != *who && member(&entry.who) > member(who).saturating_add(weight)
            } else {
                group(&entry.who) > group(who).saturating_add(weight)
            }
        };
        [Some(most), at_home]
            .into_iter()
            .flatten()
            .find(|(_, entry)| holds_more(entry))
            .or_else(|| Some(most).filter(|(_, entry)| now.saturating_sub(entry.since) >= patience))
            .map(|(number, _)| *number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(all: usize) -> Limits {
        Limits { all, each: usize::MAX, patience: 2_000 }
    }

    fn from(text: &str) -> Who<IpAddr, IpAddr> {
        place(text.parse().unwrap())
    }

    /// Whether its share has gone to another.
    async fn is_cut(cut: &Arc<Notify>) -> bool {
        tokio::select! {
            biased;
            () = cut.notified() => true,
            () = std::future::ready(()) => false,
        }
    }

    #[test]
    fn a_site_is_one_group_and_a_machine_one_member() {
        let (one, other) = (from("192.0.2.1:5"), from("192.0.2.77:6"));
        assert!(one.group == other.group && one.member != other.member);
        assert_ne!(one.group, from("192.0.3.1:5").group);
        assert_eq!(one, from("[::ffff:192.0.2.1]:9"));
        let (one, other) = (from("[2001:db8:1:2:3::4]:1"), from("[2001:db8:1:2:ffff::5]:2"));
        assert_eq!(one, other, "one /64");
        let next = from("[2001:db8:1:3::4]:1");
        assert!(one.group == next.group && one.member != next.member, "one /48");
        assert_ne!(one.group, from("[2001:db8:2::4]:1").group);
    }

    /// 29 a second from four addresses, and from sixteen: one that holds a single share is never the one that gives way,
    /// for as long as it takes.
    #[tokio::test]
    async fn api_35_lnk_34_whoever_holds_most_gives_way() {
        for addresses in [4_u8, 16] {
            for networks in [0, addresses / 2, addresses - 1, addresses] {
                let pool = Pool::new(limits(128));
                // So many are strangers each of a network of its own, the others in the network of who is honest.
                let stranger = |n: u8| match n < networks {
                    true => from(&format!("10.0.{n}.1:1")),
                    false => from(&format!("192.0.2.{n}:1")),
                };
                let mut flood = Vec::new();
                let cut = Arc::new(Notify::new());
                for n in 0..200_u64 {
                    let who = stranger(u8::try_from(n % u64::from(addresses)).unwrap());
                    flood.extend(pool.enter(who, 1, &cut, n * 10));
                }
                let honest = Arc::new(Notify::new());
                let seat = pool.enter(from("192.0.2.200:1"), 1, &honest, 2_000);
                assert!(seat.is_some(), "it gets in at once");
                for n in 0..29 * 60 {
                    let who = stranger(u8::try_from(n % u64::from(addresses)).unwrap());
                    flood.extend(pool.enter(who, 1, &cut, 2_000 + n * 1_000 / 29));
                }
                assert!(!is_cut(&honest).await, "and stays for a minute of it");
                assert_eq!(pool.held(), 128);
            }
        }
    }

    #[tokio::test]
    async fn among_equals_the_oldest_gives_way_and_not_before_its_time() {
        let pool = Pool::new(limits(4));
        let cuts: Vec<Arc<Notify>> = (0..4).map(|_| Arc::new(Notify::new())).collect();
        let enter = |n: u64, cut, now| pool.enter(from(&format!("10.0.{n}.1:1")), 1, cut, now);
        let seats: Vec<_> = (0..4).map(|n| enter(n, &cuts[usize::try_from(n).unwrap()], 100 * n).unwrap()).collect();
        let late = Arc::new(Notify::new());
        assert!(enter(9, &late, 1_999).is_none(), "a handshake of 600 ms there and back has its two seconds");
        let seat = enter(9, &late, 2_000);
        assert!(seat.is_some() && is_cut(&cuts[0]).await && !is_cut(&cuts[1]).await);
        drop(seats);
        drop(seat);
        assert_eq!(pool.held(), 0, "all is given back, once");
    }

    #[tokio::test]
    async fn api_37_bytes_go_to_who_holds_less() {
        let pool = Pool::new(Limits { all: 100, each: 80, patience: u64::MAX });
        let (big, small, cut) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(Notify::new()));
        let first = pool.enter(Who::account("a"), 1, &big, 0).unwrap();
        assert!(first.grow(79, 0) && !first.grow(1, 0), "its own share is used up");
        let second = pool.enter(Who::account("b"), 20, &small, 0).unwrap();
        assert!(!is_cut(&big).await, "nobody gives way while there is room");
        assert!(second.grow(1, 0) && is_cut(&big).await);
        assert!(!first.grow(1, 0), "it is gone");
        assert_eq!(pool.held(), 21);
        let third = pool.enter(Who::account("c"), 75, &cut, 0).unwrap();
        third.fix();
        second.fix();
        assert!(pool.enter(Who::account("d"), 5, &cut, 0).is_none(), "what is worked on gives nothing back");
        drop((first, second));
        assert_eq!(pool.held(), 75);
        assert!(pool.enter(Who::account("a"), 101, &cut, 0).is_none(), "more than there is");
    }
}
