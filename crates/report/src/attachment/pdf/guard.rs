//! Looks for `12 0 obj` and `trailer <<` where none begins: a viewer that rebuilds a damaged table would take it for one.

/// What the bytes so far end with.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Guard {
    object: Begun,
    /// Letters of `trailer` that stand there; one more for the blanks behind it, and for each `<`.
    trailer: u8,
    found: bool,
}

/// Where in `digits blanks digits blanks obj` the bytes so far stand.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum Begun {
    #[default]
    Nothing,
    First,
    Between,
    Second,
    After,
    O,
    B,
    Found,
}

impl Begun {
    const fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::B, b'j') => Self::Found,
            (Self::Between | Self::Second | Self::After, b'0'..=b'9') => Self::Second,
            (_, b'0'..=b'9') => Self::First,
            (Self::First | Self::Between, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ') => Self::Between,
            (Self::Second | Self::After, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ') => Self::After,
            (Self::Second | Self::After, b'o') => Self::O,
            (Self::O, b'b') => Self::B,
            _ => Self::Nothing,
        }
    }
}

impl Guard {
    /// The state after one more byte.
    #[must_use]
    pub(super) fn after(self, byte: u8) -> Self {
        let object = self.object.after(byte);
        let trailer = match (self.trailer, byte) {
            (7, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ') => 7,
            (7, b'<') => 8,
            (8, b'<') => 9,
            (n, byte) if b"trailer".get(usize::from(n)) == Some(&byte) => n + 1,
            (_, b't') => 1,
            _ => 0,
        };
        Self { object, trailer, found: self.found || object == Begun::Found || trailer == 9 }
    }

    /// The state after more bytes.
    #[must_use]
    pub(super) fn after_all(self, bytes: &[u8]) -> Self {
        bytes.iter().fold(self, |guard, byte| guard.after(*byte))
    }

    /// Whether either stood there.
    pub(super) const fn has_found(self) -> bool {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_an_object_or_a_trailer_is_found() {
        let found = |text: &str| Guard::default().after_all(text.as_bytes()).has_found();
        for text in [
            "1 0 obj",
            "x12\r\n0 obj",
            "3 4 5 obj",
            "1 0obj",
            "99 1 2\0obj<<",
            "5 6 o7 8 obj",
            "trailer<<",
            "ttrailer \n<<",
        ] {
            assert!(found(text), "{text}");
        }
        for text in
            ["1 obj", "1 0 ob", "a 0 obj", "1 0 R obj", "1 0 Obj", "1 0 ob j", "a trailer", "trailer < <", "trail er<<"]
        {
            assert!(!found(text), "{text}");
        }
    }
}
