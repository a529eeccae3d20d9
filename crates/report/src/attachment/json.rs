//! Whether bytes are one JSON value (RFC 8259). Nothing is built: only the form is checked, without recursion.

/// Arrays and objects inside one another.
const MAX_DEPTH: usize = 128;

/// Checks the form.
///
/// # Errors
/// The offset of the first byte that cannot stand where it stands.
pub(super) fn check(bytes: &[u8]) -> Result<(), usize> {
    if let Err(error) = std::str::from_utf8(bytes) {
        return Err(error.valid_up_to());
    }
    let mut reader = Reader { bytes, at: 0, open: Vec::new() };
    reader.value_start()?;
    while let Some(object) = reader.open.last().copied() {
        reader.step(object)?;
    }
    reader.space();
    if reader.at == bytes.len() { Ok(()) } else { Err(reader.at) }
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    /// What is open: true an object, false an array.
    open: Vec<bool>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: u8) -> Result<(), usize> {
        if self.peek() == Some(wanted) {
            self.at += 1;
            return Ok(());
        }
        Err(self.at)
    }

    /// A value; an array or object is opened with its first member, unless it is empty.
    fn value_start(&mut self) -> Result<(), usize> {
        loop {
            self.space();
            let object = match self.peek().ok_or(self.at)? {
                b'{' => true,
                b'[' => false,
                b'"' => return self.string(),
                b't' => return self.word(b"true"),
                b'f' => return self.word(b"false"),
                b'n' => return self.word(b"null"),
                _ => return self.number(),
            };
            self.at += 1;
            self.space();
            if self.peek() == Some(if object { b'}' } else { b']' }) {
                self.at += 1;
                return Ok(());
            }
            if self.open.len() >= MAX_DEPTH {
                return Err(self.at);
            }
            self.open.push(object);
            if object {
                self.name()?;
            }
        }
    }

    /// What follows a member: its container's end, or a comma and the next member.
    fn step(&mut self, object: bool) -> Result<(), usize> {
        self.space();
        if self.peek() == Some(if object { b'}' } else { b']' }) {
            self.at += 1;
            self.open.pop();
            return Ok(());
        }
        self.take(b',')?;
        if object {
            self.name()?;
        }
        self.value_start()
    }

    fn name(&mut self) -> Result<(), usize> {
        self.space();
        self.string()?;
        self.space();
        self.take(b':')
    }

    fn word(&mut self, word: &[u8]) -> Result<(), usize> {
        word.iter().try_for_each(|byte| self.take(*byte))
    }

    fn string(&mut self) -> Result<(), usize> {
        self.take(b'"')?;
        loop {
            match self.peek().ok_or(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => {
                    self.at += 1;
                    self.escape()?;
                }
                0..=0x1f => return Err(self.at),
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), usize> {
        let unicode = match self.peek().ok_or(self.at)? {
            b'u' => true,
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => false,
            _ => return Err(self.at),
        };
        self.at += 1;
        for _ in 0..if unicode { 4 } else { 0 } {
            if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                return Err(self.at);
            }
            self.at += 1;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), usize> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(self.at) }
    }

    fn number(&mut self) -> Result<(), usize> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1
        } else {
            self.digits()?
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn only_json_passes() {
        for good in ["0", "[]", "{}", "[[],{}]", "{\"a\":{\"b\":[1,2,{\"c\":\"\\n\"}]},\"d\":-0.1E+2}", " \"x\" "] {
            assert_eq!(check(good.as_bytes()), Ok(()), "{good}");
        }
        for bad in
            ["", "01", "[1,]", "{\"a\":1,}", "{a:1}", "[1 2]", "tru", "\"\\x\"", "\"\n\"", "1 1", "[}", "-", "{\"a\"}"]
        {
            assert!(check(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(check("[".repeat(100_000).as_bytes()).is_err());
        assert!(check(b"\"\xff\"").is_err());
    }
}
