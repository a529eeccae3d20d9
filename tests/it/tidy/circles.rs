//! No circle of files in any crate: whoever reads a file reads on downwards, and never comes back to it.

use super::{MAY_USE, house::House, root};
use std::{collections::BTreeMap, fs};

type Arrows = BTreeMap<String, BTreeMap<String, String>>;

/// Every set of files that use each other in a loop, by Tarjan's algorithm.
fn circles(arrows: &Arrows) -> Vec<Vec<String>> {
    let mut search = Search { arrows, low: BTreeMap::new(), stack: Vec::new(), found: Vec::new() };
    for file in arrows.keys() {
        search.visit(file);
    }
    search.found
}

struct Search<'a> {
    arrows: &'a Arrows,
    /// Order in which a file was met, and the earliest file that it leads back to.
    low: BTreeMap<&'a str, (usize, usize)>,
    stack: Vec<&'a str>,
    found: Vec<Vec<String>>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, file: &'a str) {
        if self.low.contains_key(file) {
            return;
        }
        let number = self.low.len();
        let mut low = number;
        self.low.insert(file, (number, number));
        self.stack.push(file);
        for to in self.arrows.get(file).into_iter().flat_map(BTreeMap::keys) {
            self.visit(to);
            if self.stack.contains(&to.as_str()) {
                low = low.min(self.low[to.as_str()].1);
            }
        }
        self.low.insert(file, (number, low));
        if low == number {
            let at = self.stack.iter().position(|one| *one == file).unwrap();
            let mut circle: Vec<String> = self.stack.drain(at..).map(str::to_owned).collect();
            circle.sort();
            self.found.extend((circle.len() > 1).then_some(circle));
        }
    }
}

/// What a circle is made of, for whoever has to open it.
fn told(name: &str, arrows: &Arrows, circle: &[String]) -> String {
    let mut out = format!("crate {name}, {} files in a circle:", circle.len());
    for file in circle {
        let within = arrows[file].iter().filter(|(to, _)| circle.contains(to));
        out.extend(within.map(|(to, what)| format!("\n    {file} uses {what} of {to}")));
    }
    out
}

/// Crates that touch no machine, as their paths tell it. `formats` is not among them by its manifest, for it reads JSON.
#[test]
fn no_path_of_a_pure_crate_leads_to_the_machine() {
    let machine = ["fs", "net", "env", "process", "thread", "os", "time::SystemTime", "time::Instant"];
    for name in ["report", "policy", "audit", "exchange", "formats"] {
        let found = House::read(&root().join(format!("crates/{name}/src"))).outside();
        let is_machine = |path: &str| {
            let rest = path.strip_prefix("std::").unwrap_or_default();
            machine.iter().any(|one| rest == *one || rest.starts_with(&format!("{one}::")))
        };
        let wrong: Vec<_> = found.iter().filter(|(path, _)| is_machine(path)).collect();
        assert!(wrong.is_empty(), "crate {name} is pure: {wrong:?}");
    }
    let house =
        house(&[("lib.rs", "use std::{fs, collections::BTreeMap}; fn a() { fs::read(\"x\"); std::net::b(); }")]);
    let found: Vec<String> = house.outside().into_iter().map(|(path, _)| path).collect();
    assert!(found.contains(&"std::fs".to_owned()) && found.contains(&"std::net::b".to_owned()), "{found:?}");
}

#[test]
fn no_crate_has_a_circle_of_files() {
    let mut wrong = Vec::new();
    for (name, _) in MAY_USE {
        let house = House::read(&root().join(format!("crates/{name}/src")));
        wrong.extend(
            house.strays.iter().map(|one| format!("crate {name}: {one}: it belongs to its type's file or below")),
        );
        let arrows = house.arrows();
        wrong.extend(circles(&arrows).iter().map(|circle| told(name, &arrows, circle)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A crate of these files.
fn house(files: &[(&str, &str)]) -> House {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    House::read(folder.path())
}

fn circle(files: &[(&str, &str)]) -> Vec<String> {
    circles(&house(files).arrows()).concat()
}

#[test]
fn circles_are_found_however_they_are_written() {
    let lib = ("lib.rs", "mod a; mod b; mod c;");
    let b = ("b.rs", "pub fn b() { crate::a::a() }");
    let both = ["a.rs", "b.rs"];
    for (what, a) in [
        ("a use", "use crate::b::b; pub fn a() { b() }"),
        ("a use of a whole module", "use crate::b; pub fn a() { b::b() }"),
        ("an inline path", "pub fn a() { super::b::b() }"),
        ("a path in a macro", "pub fn a() { println!(\"{}\", crate::b::b()) }"),
        ("a glob", "use crate::b::*; pub fn a() { b() }"),
        ("a use within a body", "pub fn a() { use crate::b::b as c; c() }"),
        ("a glob of an enum before", "use E::*; use crate::b::*; pub enum E { X } pub fn a() { b() }"),
        ("an attribute", "#[derive(Error)] pub enum E { #[error(\"{}\", crate::b::b())] X } pub fn a() {}"),
        (
            "a path in a string",
            "#[derive(S)] pub struct E { #[serde(with = \"crate::b\")] x: u8, #[serde(with = \"crate::b::b\")] y: u8 } pub fn a() {}",
        ),
        ("what a macro takes apart", "pub fn a() { m!(x, ..crate::b::b()) }"),
        ("a module in the same file", "pub fn a() {} mod inner { fn c() { super::super::b::b() } }"),
    ] {
        assert_eq!(circle(&[lib, ("a.rs", a), b, ("c.rs", "")]), both, "{what}");
    }
    for (what, a) in [
        ("nothing", "pub fn a() {}"),
        ("a test", "pub fn a() {} #[cfg(test)] mod tests { use crate::b::b; }"),
        ("a re-export, which uses nothing", "pub fn a() {} pub use crate::b::b;"),
        ("words", "/// See [`crate::b::b`].\npub fn a() { \"crate::b::b\"; }"),
    ] {
        assert!(circle(&[lib, ("a.rs", a), b, ("c.rs", "")]).is_empty(), "{what}");
    }
    // Through a re-export, the file counts that defines the name.
    let a = ("a.rs", "pub fn a() { crate::c::b() }");
    assert_eq!(circle(&[lib, a, b, ("c.rs", "pub use crate::b::b;")]), both);
}

#[test]
fn children_do_not_meet_through_their_parent() {
    let a = ("a.rs", "mod x; mod y; pub struct T;");
    let x = ("a/x.rs", "impl super::T { pub fn x(&self) { self.y(); } }");
    let y = ("a/y.rs", "impl super::T { pub fn y(&self) { self.x(); } }");
    assert_eq!(circle(&[("lib.rs", "mod a;"), a, x, y]), ["a/x.rs", "a/y.rs"]);
    for (call, word) in [("Self::y()", "Self"), ("super::T::y()", "the type"), ("let f = super::T::y; f()", "a value")]
    {
        let x = format!("impl super::T {{ pub fn x() {{ {call}; }} }}");
        let y = ("a/y.rs", "impl super::T { pub fn y() { super::T::x(); } }");
        let a = ("a.rs", "mod x; mod y; pub struct T;");
        assert_eq!(circle(&[("lib.rs", "mod a;"), a, ("a/x.rs", &x), y]), ["a/x.rs", "a/y.rs"], "{word}");
    }
    // Nor does the parent ask a child for what the child does by the parent's type.
    let a = ("a.rs", "mod x; pub struct T; fn a(t: &T) { t.x(); }");
    let x = ("a/x.rs", "impl super::T { pub fn x(&self) {} }");
    assert_eq!(circle(&[("lib.rs", "mod a;"), a, x]), ["a.rs", "a/x.rs"]);
    let stray =
        house(&[("lib.rs", "mod a; mod b;"), ("a.rs", "pub struct T;"), ("b.rs", "impl crate::a::T { fn x() {} }")]);
    assert_eq!(stray.strays, ["b.rs: impl T of a.rs"]);
}
