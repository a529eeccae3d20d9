use super::*;
use crate::testing::{frontier, hashes, plain_leaves};
use relto_report::codec;

/// The definition of RFC 9162 section 2.1.1, word for word, as the thing to compare with.
fn naive_root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let split = 1 << (leaves.len() - 1).ilog2();
            node_hash(&naive_root(&leaves[..split]), &naive_root(&leaves[split..]))
        }
    }
}

#[test]
fn known_roots_of_the_eight_leaf_test_tree() {
    let leaves: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut frontier = Frontier::new();
    assert_eq!(frontier.root().hex(), roots[0]);
    for (leaf, root) in leaves.iter().zip(&roots[1..]) {
        frontier.push(leaf);
        assert_eq!(frontier.root().hex(), *root, "size {}", frontier.size());
    }
}

#[test]
fn the_frontier_equals_the_definition_at_every_size() {
    let leaves = hashes(&plain_leaves(300));
    let mut frontier = Frontier::new();
    for size in 0..leaves.len() {
        assert_eq!(frontier.size(), size as u64);
        assert_eq!(frontier.root(), naive_root(&leaves[..size]), "size {size}");
        assert_eq!(frontier.validate(), Ok(()));
        frontier.push_hash(leaves[size]);
    }
}

#[test]
fn a_leaf_is_not_a_node() {
    let (left, right) = (Digest::from_bytes([1; 32]), Digest::from_bytes([2; 32]));
    let both = [&left.as_bytes()[..], right.as_bytes()].concat();
    assert_ne!(node_hash(&left, &right), leaf_hash(&both));
    assert_ne!(node_hash(&left, &right), node_hash(&right, &left));
}

#[test]
fn a_stored_frontier_comes_back_and_a_wrong_one_is_refused() {
    let stored = frontier(&plain_leaves(11));
    let bytes = codec::encode(&stored);
    assert_eq!(codec::decode::<Frontier, MAX_FRONTIER>(&bytes), Ok(stored.clone()));
    for size in [0, 1, 10, 12, u64::MAX] {
        let wrong = codec::encode(&Frontier { size, nodes: stored.nodes.clone() });
        let refused = codec::decode::<Frontier, MAX_FRONTIER>(&wrong);
        assert_eq!(refused, Err(Malformed::OutOfBounds("hashes of a frontier")), "size {size}");
    }
    let full = codec::encode(&Frontier { size: u64::MAX, nodes: vec![empty_root(); 64] });
    assert_eq!(full.len(), MAX_FRONTIER);
    assert!(codec::decode::<Frontier, MAX_FRONTIER>(&full).is_ok());
}

#[test]
fn sizes_near_the_largest_do_not_panic() {
    for (size, nodes) in [(u64::MAX - 1, 63), (u64::MAX, 64), (u64::MAX, 0), (u64::MAX - 1, 0), (1 << 63, 70)] {
        let mut frontier = Frontier { size, nodes: vec![Digest::from_bytes([5; 32]); nodes] };
        frontier.push(b"leaf");
        assert_eq!(frontier.size(), size.saturating_add(1));
        let _ = frontier.root();
    }
    let full = Frontier { size: u64::MAX, nodes: vec![Digest::from_bytes([5; 32]); 64] };
    let mut same = full.clone();
    same.push(b"leaf");
    assert_eq!(same, full);
}
