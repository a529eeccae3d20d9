//! HELLOs that must not be taken, and what is said before one.

use relto_audit::checkpoint::Checkpoint;
use relto_exchange::wire::{
    frame::{FrameType, Incoming},
    hello::{Hello, Proof, Role},
    protocol::ByeCode,
};
use relto_report::crypto::{Signer, sha256};
use relto_tests::{
    fixture::{key, link, nation},
    hostile::Hostile,
    pair::LINK,
};

type Change<T> = Box<dyn Fn(&mut T)>;

/// Says a HELLO that must not be taken, and sees that nothing but HELLO and BYE came of it.
fn refused_hello(make: impl FnOnce(&Hostile) -> (Hello, Vec<Proof>)) {
    let mut hostile = Hostile::new();
    hostile.node.push(relto_exchange::input::Input::Tick);
    hostile.connect();
    let (hello, proofs) = make(&hostile);
    hostile.say(&hello, proofs);
    assert_eq!(hostile.closed(), Some(ByeCode::BadHello));
    nothing_left(&mut hostile);
}

fn nothing_left(hostile: &mut Hostile) {
    hostile.send_leaves();
    hostile.pump();
    let harmless = |frame: &Incoming| matches!(frame, Incoming::Hello(_) | Incoming::Bye(_));
    assert!(hostile.heard.iter().all(harmless), "{:?}", hostile.heard);
    assert_eq!(hostile.followed(), 0);
    assert!(!hostile.node.exchange.is_confirmed(LINK, hostile.now));
}

fn honest(hostile: &Hostile, hello: &Hello) -> Vec<Proof> {
    vec![Hostile::prove(&hostile.key, hello, &hostile.channel(), Role::Listener)]
}

#[test]
fn lnk_12_the_honest_hello_is_taken() {
    let hostile = Hostile::greeted();
    assert_eq!((hostile.closed(), hostile.followed()), (None, 1));
    assert_eq!(hostile.theirs.len(), 2, "Genesis and an Anchor came back");
}

#[test]
fn lnk_11_lnk_13_a_hello_needs_the_seal_keys_proof_of_this_session() {
    refused_hello(|hostile| (hostile.hello(), Vec::new()));
    refused_hello(|hostile| {
        let (hello, other) = (hostile.hello(), key("another"));
        let proof = Hostile::prove(&other, &hello, &hostile.channel(), Role::Listener);
        (hello, vec![proof])
    });
    // Another key's signature under the right key's name.
    refused_hello(|hostile| {
        let (hello, other) = (hostile.hello(), key("another"));
        let proof = Hostile::prove(&other, &hello, &hostile.channel(), Role::Listener);
        (hello, vec![Proof { key: hostile.key.public_key(), ..proof }])
    });
    // Made for another TLS session, for another pair of nodes, in the other role.
    refused_hello(|hostile| {
        let (hello, mut channel) = (hostile.hello(), hostile.channel());
        channel.exporter = [9; 32];
        let proof = Hostile::prove(&hostile.key, &hello, &channel, Role::Listener);
        (hello, vec![proof])
    });
    refused_hello(|hostile| {
        let (hello, mut channel) = (hostile.hello(), hostile.channel());
        channel.partner_node = "xcc-node-1".to_owned();
        let proof = Hostile::prove(&hostile.key, &hello, &channel, Role::Listener);
        (hello, vec![proof])
    });
    refused_hello(|hostile| {
        let hello = hostile.hello();
        let proof = Hostile::prove(&hostile.key, &hello, &hostile.channel(), Role::Dialer);
        (hello, vec![proof])
    });
    // A proof of another HELLO than is said.
    refused_hello(|hostile| {
        let mut hello = hostile.hello();
        let proofs = honest(hostile, &hello);
        hello.time += 1;
        (hello, proofs)
    });
}

#[test]
fn lnk_13_a_reflected_hello_is_refused() {
    let mut hostile = Hostile::new();
    hostile.connect();
    let Some(Incoming::Hello(own)) = hostile.heard.first().cloned() else { panic!("{:?}", hostile.heard) };
    hostile.frame(FrameType::Hello, &own);
    assert_eq!(hostile.closed(), Some(ByeCode::BadHello));
    nothing_left(&mut hostile);
    // The node's own proof beside a good HELLO.
    refused_hello(|hostile| {
        let Some(Incoming::Hello(own)) = hostile.heard.first().cloned() else { panic!("{:?}", hostile.heard) };
        (hostile.hello(), own.proofs)
    });
}

#[test]
fn lnk_10_lnk_12_a_hello_is_of_the_node_and_nation_of_the_certificate() {
    let changes: [fn(&mut Hello); 7] = [
        |hello| hello.nation = nation(0),
        |hello| hello.node = "xbb-node-2".to_owned(),
        |hello| hello.versions = (3, 4),
        |hello| hello.logs.clear(),
        |hello| hello.logs[0].agreement = sha256(&[b"another"]),
        |hello| hello.logs[0].own = link(0).mine(),
        |hello| hello.logs[0].key = key("another").public_key(),
    ];
    for change in changes {
        refused_hello(|hostile| {
            let mut hello = hostile.hello();
            change(&mut hello);
            let proofs = honest(hostile, &hello);
            (hello, proofs)
        });
    }
}

#[test]
fn lnk_14_a_head_in_a_hello_must_be_signed_by_its_log() {
    let forged = |size| {
        let checkpoint = Checkpoint { origin: link(0).mine(), size, root: sha256(&[b"x"]) };
        checkpoint.sign(&key("another")).unwrap().as_bytes().to_vec()
    };
    let changes: [Change<Hello>; 3] = [
        Box::new(move |hello| hello.logs[0].held = forged(99)),
        Box::new(|hello| hello.logs[0].held = hello.logs[0].own_head.clone()),
        Box::new(|hello| hello.logs[0].own_head = b"head".to_vec()),
    ];
    for change in changes {
        refused_hello(|hostile| {
            let mut hello = hostile.hello();
            change(&mut hello);
            let proofs = honest(hostile, &hello);
            (hello, proofs)
        });
    }
}

#[test]
fn lnk_12_nothing_is_taken_before_the_hello() {
    let mut frames: Vec<Change<Hostile>> = vec![
        Box::new(Hostile::send_leaves),
        Box::new(|hostile| hostile.payload(0, 0, b"x")),
        Box::new(|hostile| hostile.want(0, 0)),
    ];
    frames.push(Box::new(|hostile| hostile.fetch(link(1).mine(), 0)));
    for frame in frames {
        let mut hostile = Hostile::new();
        hostile.connect();
        frame(&mut hostile);
        assert_eq!(hostile.closed(), Some(ByeCode::BadHello));
        nothing_left(&mut hostile);
    }
    let mut hostile = Hostile::greeted();
    hostile.greet();
    assert_eq!(hostile.closed(), Some(ByeCode::BadHello), "a second HELLO");
}
