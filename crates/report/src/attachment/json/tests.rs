//! What is JSON and what is not, beside what another reader says.

use super::*;

fn of(text: &[u8]) -> Result<(), Wrong> {
    check(&text)
}

#[test]
fn only_json_passes() {
    for good in [
        "0",
        "[]",
        "{}",
        "[[],{}]",
        "{\"a\":{\"b\":[1,2,{\"c\":\"\\n\"}]},\"d\":-0.1E+2}",
        " \"x\" ",
        "{\"a\":1,\"b\":{\"a\":1},\"c\":[{\"a\":1},{\"a\":1}]}",
        "\"\\ud83d\\ude00 \u{feff}\"",
    ] {
        assert_eq!(of(good.as_bytes()), Ok(()), "{good}");
    }
    for bad in [
        "",
        "01",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "[1 2]",
        "tru",
        "\"\\x\"",
        "\"\n\"",
        "1 1",
        "[}",
        "-",
        "{\"a\"}",
        "+1",
    ] {
        assert!(matches!(of(bad.as_bytes()), Err((JsonFault::Form, _))), "{bad}");
    }
}

#[test]
fn what_readers_take_differently_is_refused_with_its_place() {
    for (text, wanted) in [
        ("\u{feff}{}", (JsonFault::Mark, 0)),
        ("{\"a\":1,\"b\":2,\"a\":3}", (JsonFault::Twice, 13)),
        ("{\"a\":1,\"\\u0061\":3}", (JsonFault::Twice, 7)),
        ("[{\"😀\":1,\"\\ud83d\\ude00\":3}]", (JsonFault::Twice, 11)),
        ("\"\\ud800\"", (JsonFault::Surrogate, 1)),
        ("\"x\\udc00\"", (JsonFault::Surrogate, 2)),
        ("\"\\ud800\\u0041\"", (JsonFault::Surrogate, 1)),
        ("\"\\ud800\\n\"", (JsonFault::Surrogate, 1)),
    ] {
        assert_eq!(of(text.as_bytes()), Err(wanted), "{text}");
    }
    assert_eq!(of(b"\"a\xff\""), Err((JsonFault::NotUtf8, 2)));
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(of(nested(128).as_bytes()), Ok(()));
    assert_eq!(of(nested(129).as_bytes()), Err((JsonFault::Depth, 128)));
    assert_eq!(of("[".repeat(1 << 20).as_bytes()), Err((JsonFault::Depth, 128)));
}

#[test]
fn names_are_bounded() {
    let object = |count: usize| {
        let members: Vec<String> = (0..count).map(|n| format!("\"{n}\":0")).collect();
        format!("{{{}}}", members.join(","))
    };
    assert_eq!(of(object(20_000).as_bytes()), Ok(()));
    let many = object(names::MAX_NAMES + 1);
    assert!(matches!(of(many.as_bytes()), Err((JsonFault::Members, _))));
}
