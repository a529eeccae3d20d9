//! What of many submissions goes over one connection, and what goes alone.

/// Parts an order: short ones go together as lines of one request, a long one goes alone, after those that it names. Short
/// ones that wait for no long one go before all others: it may take long.
pub(super) fn groups(
    order: &[usize],
    is_long: impl Fn(usize) -> bool,
    names: impl Fn(usize) -> Vec<usize>,
) -> Vec<Vec<usize>> {
    let (mut first, mut late, mut rest) = (Vec::new(), Vec::new(), Vec::<Vec<usize>>::new());
    // Whether the last group takes more.
    let mut is_open = false;
    for at in order.iter().copied() {
        let is_alone = is_long(at);
        // What one names comes before it in the order.
        if !is_alone && !names(at).iter().any(|named| late.contains(named)) {
            first.push(at);
            continue;
        }
        late.push(at);
        match rest.last_mut().filter(|_| is_open && !is_alone) {
            Some(group) => group.push(at),
            None => rest.push(vec![at]),
        }
        is_open = !is_alone;
    }
    let first = Some(first).filter(|first| !first.is_empty());
    first.into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_53_a_long_one_goes_alone_and_holds_up_only_what_names_it() {
        // 3 is named by 4, which is named by 5; 6 is long too.
        let names = |at| match at {
            4 => vec![3],
            5 => vec![4],
            _ => Vec::new(),
        };
        let is_long = |at| at == 3 || at == 6;
        let found = groups(&[1, 3, 4, 5, 2, 6, 7], is_long, names);
        assert_eq!(found, [vec![1, 2, 7], vec![3], vec![4, 5], vec![6]]);
        assert_eq!(groups(&[1, 2], |_| false, names), [vec![1, 2]]);
        assert!(groups(&[], is_long, names).is_empty());
    }
}
