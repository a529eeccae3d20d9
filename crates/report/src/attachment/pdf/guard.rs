//! Looks for `12 0 obj` where no object begins: a viewer that rebuilds a damaged table would take it for one.

/// Where in `digits blanks digits blanks obj` the bytes so far stand.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Guard {
    #[default]
    Nothing,
    First,
    Between,
    Second,
    After,
    O,
    B,
    /// It stood there. Stays until the guard is made anew.
    Found,
}

impl Guard {
    /// The state after one more byte.
    #[must_use]
    pub(super) const fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Found, _) | (Self::B, b'j') => Self::Found,
            (Self::Nothing | Self::First | Self::O | Self::B, b'0'..=b'9') => Self::First,
            (Self::First | Self::Between, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ') => Self::Between,
            (Self::Between | Self::Second | Self::After, b'0'..=b'9') => Self::Second,
            (Self::Second | Self::After, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ') => Self::After,
            (Self::Second | Self::After, b'o') => Self::O,
            (Self::O, b'b') => Self::B,
            _ => Self::Nothing,
        }
    }

    /// The state after more bytes.
    #[must_use]
    pub(super) fn after_all(self, bytes: &[u8]) -> Self {
        bytes.iter().fold(self, |guard, byte| guard.after(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_an_object_is_found() {
        for text in ["1 0 obj", "x12\r\n0 obj", "3 4 5 obj", "1 0obj", "99 1 2\0obj<<", "5 6 o7 8 obj"] {
            assert_eq!(Guard::default().after_all(text.as_bytes()), Guard::Found, "{text}");
        }
        for text in ["1 obj", "1 0 objx".split_at(5).0, "a 0 obj", "1 0 R obj", "1 0 Obj", "1 0 ob j"] {
            assert_ne!(Guard::default().after_all(text.as_bytes()), Guard::Found, "{text}");
        }
    }
}
