//! Another reader, lopdf, as oracle: whatever it resolves as an action, a script or a file, ours refuses.

use super::{
    Sort, finding,
    made::{Made, flate, stream},
    real::data,
    sort,
};
use lopdf::{Dictionary, Document, Object};

/// What acts or carries a file, by the names of the standard.
const ACTS: [&[u8]; 12] = [
    b"JavaScript",
    b"Launch",
    b"GoToR",
    b"GoToE",
    b"SubmitForm",
    b"ResetForm",
    b"ImportData",
    b"Rendition",
    b"Movie",
    b"Sound",
    b"Hide",
    b"SetOCGState",
];
const KEYS: [&[u8]; 9] =
    [b"JS", b"JavaScript", b"AA", b"EF", b"EmbeddedFiles", b"XFA", b"AF", b"RichMediaContent", b"Collection"];

fn acts(dictionary: &Dictionary) -> bool {
    let named = |key: &[u8], names: &[&[u8]]| {
        dictionary.get(key).and_then(Object::as_name).is_ok_and(|name| names.contains(&name))
    };
    let link = |uri: &[u8]| [&b"http://"[..], b"https://", b"mailto:"].iter().any(|scheme| uri.starts_with(scheme));
    named(b"S", &ACTS)
        || named(b"Type", &[b"EmbeddedFile", b"Filespec"])
        || named(b"Subtype", &[b"FileAttachment", b"RichMedia", b"Screen", b"Movie", b"Sound", b"Widget", b"3D"])
        || dictionary.iter().any(|(key, value)| KEYS.contains(&key.as_slice()) && !matches!(value, Object::Null))
        || dictionary.get(b"URI").and_then(Object::as_str).is_ok_and(|uri| !link(&uri.to_ascii_lowercase()))
}

/// Whether something in it acts. Without recursion, as mutants nest deeply.
fn found(object: &Object) -> bool {
    let mut rest = vec![object];
    while let Some(one) = rest.pop() {
        let dictionary = match one {
            Object::Array(all) => {
                rest.extend(all);
                continue;
            }
            Object::Dictionary(dictionary) => dictionary,
            Object::Stream(stream) => &stream.dict,
            _ => continue,
        };
        if acts(dictionary) {
            return true;
        }
        rest.extend(dictionary.iter().map(|(_, value)| value));
    }
    false
}

/// What lopdf says: `None` where it reads no document.
fn oracle(bytes: &[u8]) -> Option<bool> {
    let document = Document::load_mem(bytes).ok()?;
    Some(document.objects.values().any(found) || found(&Object::Dictionary(document.trailer)))
}

/// Numbers that are the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(most.max(1)).unwrap()).unwrap()
    }
}

/// What a mutant gets: things that act, and things that make readers disagree.
const PIECES: [&str; 24] = [
    "<</S/JavaScript/JS(x)>>",
    "<</S/Launch/F(x)>>",
    "/AA<</O 5 0 R>>",
    "/JS(x)",
    "/EF<</F 4 0 R>>",
    "%",
    "(",
    ")",
    ">>",
    "<<",
    "\n",
    "stream\n",
    "endstream",
    "endobj\n",
    "9 0 obj<</S/Launch>>endobj\n",
    "5 0 obj\n<</JS(x)>>\nendobj\n",
    "#4a",
    "/OpenAction 5 0 R",
    "xref\n0 1\n",
    "trailer<</Root 5 0 R>>",
    "startxref\n15\n%%EOF\n",
    "/Length 0 ",
    "/Type/ObjStm/N 1/First 4",
    "\0",
];

fn mutated(seed: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut out = seed.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(out.len());
        let length = dice.below(24).min(out.len() - at);
        let piece = PIECES[dice.below(PIECES.len())].as_bytes();
        match dice.below(6) {
            0 => out[at] = u8::try_from(dice.below(256)).unwrap(),
            1 => drop(out.splice(at..at, piece.iter().copied())),
            // In place, so that the tables stay right.
            2 | 3 => out.iter_mut().skip(at).zip(piece).for_each(|(place, byte)| *place = *byte),
            4 => drop(out.drain(at..at + length)),
            _ => {
                let from = dice.below(other.len());
                let part: Vec<u8> = other[from..].iter().take(60).copied().collect();
                out.splice(at..at, part);
            }
        }
        if out.is_empty() {
            return seed.to_vec();
        }
    }
    out
}

fn seeds() -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = data().into_iter().map(|(_, bytes)| bytes).filter(|bytes| bytes.len() < 5000).collect();
    for body in [
        "<</S/JavaScript/JS(x)>>",
        "<</S/GoTo/D[3 0 R/Fit]>>",
        "<</S/URI/URI(http://a)>>",
        "<</Subtype/Link/Rect[0 0 1 1]>>",
    ] {
        out.extend(Made::catalog("/OpenAction 5 0 R", &[body, "[(a)<</B/C>>]"]).both());
    }
    let objects = stream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", &flate(b"9 0 <</S/Launch>>"));
    out.push(Made { objects: vec![objects], ..Made::default() }.clear());
    out
}

#[test]
fn pol_14_what_another_reader_resolves_as_an_action_is_refused() {
    let seeds = seeds();
    let (mut read, mut acting, mut refused, mut passed) = (0, 0, 0, 0);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for n in 0..12_000 {
        let seed = &seeds[n % seeds.len()];
        let other = &seeds[dice.below(seeds.len())];
        let bytes = if n < seeds.len() { seed.clone() } else { mutated(seed, other, &mut dice) };
        let Some(acts) = oracle(&bytes) else { continue };
        let ours = sort(&bytes);
        read += 1;
        acting += usize::from(acts);
        refused += usize::from(acts && ours.is_some());
        passed += usize::from(ours.is_none());
        assert!(
            !acts || ours.is_some(),
            "mutant {n}: lopdf resolves what ours passes: {}",
            String::from_utf8_lossy(&bytes)
        );
    }
    println!(
        "of {read} files that lopdf reads it finds an action in {acting}; ours refuses {refused} of them, and passes {passed} files"
    );
    assert!(acting > 100 && refused == acting && passed > 50);
    assert_eq!(finding(&Made::default().clear()).map(|one| one.sort), None::<Sort>);
}
