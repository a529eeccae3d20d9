//! The reader takes any bytes and answers: nothing panics, and what it takes has exactly one form.

use super::*;

/// A small linear congruential generator (Knuth's MMIX constants): the same faults in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

const PIECES: &[&[u8]] = &[
    b"+++\n",
    b"[[",
    b"]]",
    b"\"",
    b"'''",
    b"(",
    b")",
    b"//",
    b"/",
    b"\n\n",
    b"- ",
    b"1. ",
    b"# ",
    b"| ",
    b"[3]",
    b"\\u00e9",
    b"\xff",
    b"\r",
    b"\x00",
    "\u{202e}".as_bytes(),
    "\u{a0}".as_bytes(),
    "À".as_bytes(),
    b"REL TO ",
    b"XAA, XBB",
    b"KJ1.",
    b"## TEAR LINE\n",
    b"999999999999999999999",
    b"(S//NF)",
    b"//FGI S",
    b"2026-99-99",
    b"= ",
    b"\"\"\"",
];

fn mutate(text: &str, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(bytes.len());
        let end = (at + dice.roll(12)).min(bytes.len());
        let piece = PIECES[dice.roll(PIECES.len())];
        match dice.roll(4) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes[at] = u8::try_from(dice.roll(256)).unwrap(),
            2 => drop(bytes.splice(at..at, piece.iter().copied())),
            _ => drop(bytes.splice(at..end, piece.iter().copied())),
        }
    }
    bytes
}

#[test]
fn any_bytes_are_answered() {
    let mut dice = Dice(2026);
    let (mut refused, mut taken) = (0, 0);
    for round in 0..700 {
        let arcadian = round % 2 == 0;
        let bytes = mutate(if arcadian { REPORT } else { REPORT_XBB }, &mut dice);
        let result = if arcadian { read(&bytes, Some(HOME)) } else { read_xbb(&bytes, Some(HOME_XBB)) };
        match result {
            Ok(parsed) => {
                let again = Document::decode(parsed.document.plaintext().to_vec()).unwrap();
                assert!(again == parsed.document);
                taken += 1;
            }
            Err(faults) => {
                assert!(faults.has_errors(), "refused without a reason");
                refused += 1;
            }
        }
    }
    assert!(refused > 100 && taken > 10, "{refused} refused, {taken} taken");
}

#[test]
fn home_files_are_answered() {
    let mut dice = Dice(431);
    for _ in 0..200 {
        let home = mutate(HOME, &mut dice);
        let (xaa, _) = registers();
        if let Err(faults) = Home::read("report.home.toml", &home, &xaa) {
            assert!(faults.has_errors());
        }
    }
}
