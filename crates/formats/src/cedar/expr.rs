//! Conditions as they are built, and as Cedar writes them.

use std::fmt;

/// A condition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Expr {
    /// A constant.
    Is(bool),
    /// Anything that needs no brackets.
    Atom(String),
    /// Denied.
    Not(Box<Self>),
    /// All of two or more.
    And(Vec<Self>),
    /// One of two or more.
    Or(Vec<Self>),
    /// Condition, then, else.
    If(Box<(Self, Self, Self)>),
}

impl Expr {
    pub(super) fn atom(text: impl Into<String>) -> Self {
        Self::Atom(text.into())
    }

    /// One conjunct a line.
    pub(super) fn lines(&self) -> String {
        match self {
            Self::And(parts) => parts.iter().map(|part| format!("  {part}")).collect::<Vec<_>>().join(" &&\n"),
            other => format!("  {}", Bare(other)),
        }
    }
}

/// All of these; of none: true. Constants and nested lists are folded, so that no text holds a condition without say.
pub(super) fn and(parts: impl IntoIterator<Item = Expr>) -> Expr {
    let mut out = Vec::new();
    for part in parts {
        match part {
            Expr::Is(true) => {}
            Expr::Is(false) => return Expr::Is(false),
            Expr::And(inner) => out.extend(inner),
            other => out.push(other),
        }
    }
    if out.len() > 1 { Expr::And(out) } else { out.pop().unwrap_or(Expr::Is(true)) }
}

/// One of these; of none: false.
pub(super) fn or(parts: impl IntoIterator<Item = Expr>) -> Expr {
    let mut out = Vec::new();
    for part in parts {
        match part {
            Expr::Is(false) => {}
            Expr::Is(true) => return Expr::Is(true),
            Expr::Or(inner) => out.extend(inner),
            other => out.push(other),
        }
    }
    if out.len() > 1 { Expr::Or(out) } else { out.pop().unwrap_or(Expr::Is(false)) }
}

pub(super) fn not(part: Expr) -> Expr {
    match part {
        Expr::Is(known) => Expr::Is(!known),
        Expr::Not(inner) => *inner,
        other => Expr::Not(Box::new(other)),
    }
}

/// If one, the other.
pub(super) fn implies(one: Expr, other: Expr) -> Expr {
    or([not(one), other])
}

/// Two branches; one where they are the same.
pub(super) fn if_else(condition: Expr, then: Expr, other: Expr) -> Expr {
    if then == other { then } else { Expr::If(Box::new((condition, then, other))) }
}

/// Two terms are equal.
pub(super) fn same(one: impl fmt::Display, other: impl fmt::Display) -> Expr {
    compare(one, "==", other)
}

/// Two terms and an operator between them.
pub(super) fn compare(one: impl fmt::Display, operator: &str, other: impl fmt::Display) -> Expr {
    Expr::Atom(format!("({one} {operator} {other})"))
}

/// A text is one of these.
pub(super) fn one_of<'w>(term: &str, words: impl IntoIterator<Item = &'w str>) -> Expr {
    list(words).map_or(Expr::Is(false), |list| Expr::Atom(format!("{list}.contains({term})")))
}

/// Every member of a set is one of these.
pub(super) fn all_of<'w>(set: &str, words: impl IntoIterator<Item = &'w str>) -> Expr {
    list(words).map_or_else(|| is_empty(set), |list| Expr::Atom(format!("{list}.containsAll({set})")))
}

/// Some member of a set is one of these.
pub(super) fn any_of<'w>(set: &str, words: impl IntoIterator<Item = &'w str>) -> Expr {
    list(words).map_or(Expr::Is(false), |list| Expr::Atom(format!("{set}.containsAny({list})")))
}

pub(super) fn is_empty(set: &str) -> Expr {
    Expr::Atom(format!("{set}.isEmpty()"))
}

/// A set of texts; `None` of no words: Cedar has no empty literal whose type is known.
fn list<'w>(words: impl IntoIterator<Item = &'w str>) -> Option<String> {
    let mut words: Vec<&str> = words.into_iter().collect();
    words.sort_unstable();
    words.dedup();
    let written: Vec<String> = words.into_iter().map(quoted).collect();
    (!written.is_empty()).then(|| format!("[{}]", written.join(", ")))
}

/// A text as a Cedar literal: whatever it holds, it ends where it should.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            plain if plain.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(plain))),
            plain => out.push(plain),
        }
    }
    out.push('"');
    out
}

/// With brackets wherever an operator stands.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(_) | Self::Atom(_) | Self::Not(_) => write!(f, "{}", Bare(self)),
            Self::And(_) | Self::Or(_) | Self::If(_) => write!(f, "({})", Bare(self)),
        }
    }
}

/// Without the outermost brackets.
struct Bare<'e>(&'e Expr);

impl fmt::Display for Bare<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined =
            |parts: &[Expr], operator: &str| parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(operator);
        match self.0 {
            Expr::Is(known) => write!(f, "{known}"),
            Expr::Atom(text) => f.write_str(text),
            Expr::Not(inner) => write!(f, "!{inner}"),
            Expr::And(parts) => f.write_str(&joined(parts, " && ")),
            Expr::Or(parts) => f.write_str(&joined(parts, " || ")),
            Expr::If(branches) => {
                let (condition, then, other) = branches.as_ref();
                write!(f, "if {condition} then {then} else {other}")
            }
        }
    }
}
