//! What a file costs: bytes read, bytes taken one by one and bytes inflated are linear in its length, whatever is in it.

use super::{
    super::{look, work::Work},
    Sort,
    made::{File, Made, flate, stream},
    sort,
};
use crate::{
    attachment::bytes::{Bytes, Unread},
    fuzzing::Counted,
};
use std::cell::Cell;

/// Bytes read, and steps.
fn cost(bytes: &[u8]) -> (u64, u64) {
    let file = Counted { bytes, read: Cell::new(0) };
    let work = Work::new(file.length());
    drop(look(&file, &work));
    (file.read.get(), work.steps.get())
}

/// Twice the size costs at most a little more than twice as much, and nothing costs more than the bound.
fn linear(name: &str, make: impl Fn(usize) -> Vec<u8>) {
    let (small, large) = (make(400), make(1600));
    let ((read, steps), (more_read, more_steps)) = (cost(&small), cost(&large));
    println!(
        "{name}: {} bytes: read {read}, steps {steps}; {} bytes: {more_read}, {more_steps}",
        small.len(),
        large.len()
    );
    let grown = large.len() as u64 / small.len() as u64 + 1;
    assert!(more_read <= read * grown + 65_536, "{name}: read {read} and {more_read}");
    assert!(more_steps <= steps * grown + 65_536, "{name}: steps {steps} and {more_steps}");
    for (bytes, read) in [(&small, read), (&large, more_read)] {
        // What the process that looks may ask of the one that has the file.
        assert!(read <= 4 * bytes.len() as u64 + 1024 * 1024, "{name}: read {read} of {}", bytes.len());
    }
}

#[test]
fn costs_are_linear_in_the_length() {
    linear("objects", |n| Made { objects: vec![b"null".to_vec(); n], ..Made::default() }.clear());
    linear("streams with lengths elsewhere", |n| {
        let one = b"<< /Length 5 0 R >> stream\nabc\nendstream".to_vec();
        Made { objects: [vec![b"3".to_vec()], vec![one; n]].concat(), ..Made::default() }.clear()
    });
    linear("lengths that refer to one another", |n| {
        let one = |k: usize| format!("<< /Length {} 0 R >> stream\nabc\nendstream", k + 6).into_bytes();
        Made { objects: (0..n).map(one).collect(), ..Made::default() }.clear()
    });
    linear("a length far behind its number", |n| {
        let one = b"<< /Length 5 0 R >> stream\nabc\nendstream".to_vec();
        let length = format!("{}3", " ".repeat(n * 20)).into_bytes();
        Made { objects: [vec![length], vec![one; n]].concat(), ..Made::default() }.clear()
    });
    linear("a name that is the whole file", |n| {
        let text = format!("({})", "x".repeat(n * 100));
        let trailer = "/Info << /Author 5 0 R /Creator 5 0 R /Manager 5 0 R >>".to_owned();
        Made { trailer, ..Made::with(&[&text]) }.clear()
    });
    linear("words stream", |n| Made::with(&[&format!("({})", "stream\n".repeat(n))]).clear());
    linear("beginnings of objects", |n| Made::with(&[&format!("({})", "1 0 ob 1 0 ".repeat(n))]).clear());
    linear("names", |n| Made::with(&[&format!("<< {} >>", "/AA1 /First 5 /ObjSt 6".repeat(n))]).clear());
    linear("blanks behind names", |n| {
        Made::with(&[&format!("[{}]", format!("/AA{}", " ".repeat(1000)).repeat(n / 10))]).clear()
    });
    linear("comments", |n| Made::with(&[&format!("[{}]", "% x\n".repeat(n))]).clear());
    linear("long string", |n| Made::with(&[&format!("({})", "(".repeat(n * 50))]).clear());
    linear("references", |n| Made::with(&[&format!("[{}]", "5 0 R ".repeat(n * 10))]).clear());
    linear("object streams", |n| {
        let mut file = File::begin();
        (1..).zip(Made::default().bodies()).for_each(|(number, body)| file.object(number, &body));
        let count = u32::try_from(n / 10).unwrap();
        for k in 0..count {
            let inside: Vec<(u32, Vec<u8>)> = (0..10).map(|m| (5 + count + k * 10 + m, b"null".to_vec())).collect();
            file.objects(5 + k, &inside, &format!("/Extends {} 0 R", 5 + (k + 1) % count));
        }
        file.end_with_stream(5 + count * 11, "")
    });
}

#[test]
fn many_tables_cost_no_more_than_one() {
    let make = |n: usize| {
        let mut file = File::begin();
        (1..).zip(Made::default().bodies()).for_each(|(number, body)| file.object(number, &body));
        let mut prev = file.bytes.len();
        file.table("");
        for _ in 0..n {
            let at = file.bytes.len();
            file.raw(format!("xref\n0 0\ntrailer\n<< /Size 5 /Root 1 0 R /Prev {prev} >>\n").as_bytes());
            prev = at;
        }
        file.raw(format!("startxref\n{prev}\n%%EOF\n").as_bytes());
        file.bytes
    };
    assert_eq!(sort(&make(90)), None);
    assert_eq!(sort(&make(200)), Some(Sort::TooLarge));
    linear("tables", |n| make(n / 20));
    // Tables that begin inside one another.
    let text = format!("%PDF-1.4\n{}", "xref\n0 0\n".repeat(5000));
    let inside = format!("{text}trailer\n<< /Root 1 0 R /Size 1 /Prev 18 >>\nstartxref\n9\n%%EOF\n");
    let (read, steps) = cost(inside.as_bytes());
    assert!(sort(inside.as_bytes()).is_some() && read + steps < 8 * inside.len() as u64, "{read} {steps}");
}

#[test]
fn what_is_compressed_has_a_bound() {
    let bomb = flate(&vec![0; 20 * 1024 * 1024]);
    for pairs in [
        "/Filter /FlateDecode",
        "/Filter /FlateDecode /Type /ObjStm /N 1 /First 4",
        "/Filter /FlateDecode /Type /Metadata",
    ] {
        let made = Made { objects: vec![stream(pairs, &bomb)], ..Made::default() };
        assert!(matches!(sort(&made.clear()), Some(Sort::TooLarge | Sort::Odd)), "{pairs}");
        let (_, steps) = cost(&made.clear());
        assert!(steps < 9 * 1024 * 1024, "{steps}");
    }
    let twice = flate(&bomb);
    let made = Made { objects: vec![stream("/Filter [/FlateDecode /FlateDecode]", &twice)], ..Made::default() };
    assert_eq!(sort(&made.clear()), Some(Sort::TooLarge));
    // A page of one colour passes.
    let page = Made { objects: vec![stream("/Filter /FlateDecode", &flate(&vec![255; 3_000_000]))], ..Made::default() };
    assert_eq!(sort(&page.clear()), None);
    let many =
        Made { objects: vec![stream("/Filter /FlateDecode", &flate(&vec![255; 3_000_000])); 2], ..Made::default() };
    assert_eq!(sort(&many.clear()), Some(Sort::TooLarge));
}

#[test]
fn a_table_of_many_numbers_takes_bounded_room() {
    let made = Made { trailer: String::new(), ..Made::default() }.clear();
    let text = String::from_utf8_lossy(&made).into_owned();
    let far = text
        .replace("xref\n0 5\n", "xref\n4000000000 0\n0 5\n")
        .replace("startxref\n4000000000 0\n0 5\n", "startxref\n");
    assert_eq!(sort(far.as_bytes()), None);
    let mut file = File::begin();
    (1..).zip(Made::default().bodies()).for_each(|(number, body)| file.object(number, &body));
    let at = file.bytes.len();
    let pairs = "/Type /XRef /W [1 4 1] /Size 9 /Root 1 0 R /Index [0 9223372036854775807]";
    file.unlisted(5, &stream(pairs, &[0; 600]));
    file.raw(format!("startxref\n{at}\n%%EOF\n").as_bytes());
    assert!(sort(&file.bytes).is_some());
}

/// A file whose middle is all zeros and is kept nowhere.
struct Hollow {
    head: Vec<u8>,
    middle: usize,
    tail: Vec<u8>,
    widest: Cell<usize>,
}

impl Bytes for Hollow {
    fn length(&self) -> u64 {
        u64::try_from(self.head.len() + self.middle + self.tail.len()).unwrap()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        self.widest.set(self.widest.get().max(into.len()));
        for (at, byte) in (usize::try_from(offset).unwrap()..).zip(into) {
            let behind = at.checked_sub(self.head.len() + self.middle).map(|at| self.tail.get(at).copied());
            *byte = self.head.get(at).copied().or(behind.unwrap_or(Some(0))).ok_or(Unread)?;
        }
        Ok(())
    }
}

#[test]
fn a_large_file_is_read_through_a_small_window() {
    let middle = 24 * 1024 * 1024;
    let mut file = File::begin();
    (1..).zip(Made::default().bodies()).for_each(|(number, body)| file.object(number, &body));
    file.row(5, super::made::Row::At(file.bytes.len()));
    file.raw(format!("5 0 obj\n<< /Length {middle} >>\nstream\n").as_bytes());
    let head = std::mem::take(&mut file.bytes);
    file.raw(b"\nendstream\nendobj\n");
    let at = head.len() + middle + file.bytes.len();
    file.table("");
    file.raw(format!("startxref\n{at}\n%%EOF\n").as_bytes());
    let file = Hollow { head, middle, tail: file.bytes, widest: Cell::new(0) };
    assert_eq!(super::inspect(&file).finding, None);
    assert!(file.widest.get() <= 64 * 1024);
}
