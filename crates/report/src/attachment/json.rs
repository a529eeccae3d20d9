//! Whether a file is one JSON value (RFC 8259) that every reader takes alike. Nothing is built: only the form is checked,
//! without recursion.

mod names;

use super::{
    bytes::{Bytes, Unread},
    window::{NoLetter, Window},
};
use names::Names;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Arrays and objects inside one another.
pub(super) const MAX_DEPTH: usize = 128;

/// What is wrong with a JSON text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum JsonFault {
    /// The byte cannot stand where it stands, or the text ends before its value.
    Form,
    /// A byte order mark stands before the value.
    Mark,
    /// Arrays and objects are more than 128 deep.
    Depth,
    /// An object has a member twice.
    Twice,
    /// Half of a surrogate pair stands alone.
    Surrogate,
    /// The text is not UTF-8.
    NotUtf8,
    /// Objects that are open together have more members than are kept track of.
    Members,
    /// The file was not given.
    Unread,
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "what stands there is not JSON",
            Self::Mark => "a byte order mark stands before the JSON text",
            Self::Depth => "arrays and objects are more than 128 deep",
            Self::Twice => "an object has a member of the same name twice",
            Self::Surrogate => "half of a surrogate pair (\\ud800 to \\udfff) stands alone",
            Self::NotUtf8 => "the text is not UTF-8",
            Self::Members => "an object has more than 1,048,576 members",
            Self::Unread => "the file could not be read",
        })
    }
}

/// What is wrong, and at which byte.
pub(super) type Wrong = (JsonFault, u64);

/// Checks the form.
///
/// # Errors
/// What is wrong, and the offset of the first byte that cannot stand where it stands.
pub(super) fn check(file: &dyn Bytes) -> Result<(), Wrong> {
    let mut reader = Reader { window: Window::new(file), open: Vec::new(), names: Names::default() };
    if reader.peek()? == Some(0xef) {
        let start = reader.window.letter();
        return Err((if start == Ok(Some('\u{feff}')) { JsonFault::Mark } else { JsonFault::Form }, 0));
    }
    reader.value_start()?;
    while let Some(object) = reader.open.last().copied() {
        reader.step(object)?;
    }
    reader.space()?;
    if reader.peek()?.is_none() { Ok(()) } else { Err(reader.wrong(JsonFault::Form)) }
}

impl From<Unread> for Wrong {
    fn from(Unread: Unread) -> Self {
        (JsonFault::Unread, 0)
    }
}

struct Reader<'b> {
    window: Window<'b>,
    /// What is open: true an object, false an array.
    open: Vec<bool>,
    /// Names of the members of the objects that are open.
    names: Names,
}

impl Reader<'_> {
    fn wrong(&self, fault: JsonFault) -> Wrong {
        (fault, self.window.position())
    }

    fn peek(&mut self) -> Result<Option<u8>, Wrong> {
        self.window.peek().map_err(|Unread| (JsonFault::Unread, 0))
    }

    /// Goes on behind the byte that was peeked at.
    fn go(&mut self) -> Result<(), Wrong> {
        self.window.next().map(drop).map_err(|Unread| (JsonFault::Unread, 0))
    }

    fn space(&mut self) -> Result<(), Wrong> {
        while matches!(self.peek()?, Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.go()?;
        }
        Ok(())
    }

    fn take(&mut self, wanted: u8) -> Result<(), Wrong> {
        if self.peek()? == Some(wanted) { self.go() } else { Err(self.wrong(JsonFault::Form)) }
    }

    /// A value; an array or object is opened with its first member, unless it is empty.
    fn value_start(&mut self) -> Result<(), Wrong> {
        loop {
            self.space()?;
            let object = match self.peek()? {
                Some(b'{') => true,
                Some(b'[') => false,
                Some(b'"') => return self.string().map(drop),
                Some(b't') => return self.word(b"true"),
                Some(b'f') => return self.word(b"false"),
                Some(b'n') => return self.word(b"null"),
                Some(b'-' | b'0'..=b'9') => return self.number(),
                _ => return Err(self.wrong(JsonFault::Form)),
            };
            if self.open.len() >= MAX_DEPTH {
                return Err(self.wrong(JsonFault::Depth));
            }
            self.go()?;
            self.space()?;
            if self.peek()? == Some(if object { b'}' } else { b']' }) {
                return self.go();
            }
            self.open.push(object);
            if object {
                self.names.open();
                self.name()?;
            }
        }
    }

    /// What follows a member: its container's end, or a comma and the next member.
    fn step(&mut self, object: bool) -> Result<(), Wrong> {
        self.space()?;
        if self.peek()? == Some(if object { b'}' } else { b']' }) {
            self.go()?;
            self.open.pop();
            if object && let Some(at) = self.names.close() {
                return Err((JsonFault::Twice, at));
            }
            return Ok(());
        }
        self.take(b',')?;
        if object {
            self.name()?;
        }
        self.value_start()
    }

    fn name(&mut self) -> Result<(), Wrong> {
        self.space()?;
        let at = self.window.position();
        let name = self.string()?;
        if !self.names.add(name, at) {
            return Err((JsonFault::Members, at));
        }
        self.space()?;
        self.take(b':')
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Wrong> {
        word.iter().try_for_each(|byte| self.take(*byte))
    }

    /// A string, and a digest of what it says.
    fn string(&mut self) -> Result<u64, Wrong> {
        self.take(b'"')?;
        let mut said = names::Said::default();
        loop {
            let at = self.window.position();
            let letter = match self.window.letter() {
                Ok(letter) => letter.ok_or((JsonFault::Form, at))?,
                Err(NoLetter::NotUtf8(at)) => return Err((JsonFault::NotUtf8, at)),
                Err(NoLetter::Unread) => return Err((JsonFault::Unread, 0)),
            };
            match letter {
                '"' => return Ok(said.end()),
                '\\' => said.say(self.escape(at)?),
                '\0'..='\u{1f}' => return Err((JsonFault::Form, at)),
                _ => said.say(letter),
            }
        }
    }

    /// The character of an escape, of which the backslash at this byte has been read.
    fn escape(&mut self, at: u64) -> Result<char, Wrong> {
        let kind = self.peek()?.ok_or_else(|| self.wrong(JsonFault::Form))?;
        let plain = match kind {
            b'u' => None,
            b'"' | b'\\' | b'/' => Some(char::from(kind)),
            b'b' => Some('\u{8}'),
            b'f' => Some('\u{c}'),
            b'n' => Some('\n'),
            b'r' => Some('\r'),
            b't' => Some('\t'),
            _ => return Err(self.wrong(JsonFault::Form)),
        };
        self.go()?;
        if let Some(plain) = plain {
            return Ok(plain);
        }
        let lone = (JsonFault::Surrogate, at);
        let high = self.digits_of_unicode()?;
        if !(0xd800..=0xdfff).contains(&high) {
            return char::from_u32(high).ok_or(lone);
        }
        if high >= 0xdc00 || self.peek()? != Some(b'\\') {
            return Err(lone);
        }
        self.go()?;
        if self.peek()? != Some(b'u') {
            return Err(lone);
        }
        self.go()?;
        let low = self.digits_of_unicode()?;
        if !(0xdc00..=0xdfff).contains(&low) {
            return Err(lone);
        }
        char::from_u32(0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff)).ok_or(lone)
    }

    fn digits_of_unicode(&mut self) -> Result<u32, Wrong> {
        let mut out = 0;
        for _ in 0..4 {
            let digit = self.peek()?.and_then(|byte| char::from(byte).to_digit(16));
            out = out * 16 + digit.ok_or_else(|| self.wrong(JsonFault::Form))?;
            self.go()?;
        }
        Ok(out)
    }

    fn digits(&mut self) -> Result<(), Wrong> {
        if !self.peek()?.is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.wrong(JsonFault::Form));
        }
        while self.peek()?.is_some_and(|byte| byte.is_ascii_digit()) {
            self.go()?;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Wrong> {
        if self.peek()? == Some(b'-') {
            self.go()?;
        }
        if self.peek()? == Some(b'0') {
            self.go()?;
        } else {
            self.digits()?;
        }
        if self.peek()? == Some(b'.') {
            self.go()?;
            self.digits()?;
        }
        if matches!(self.peek()?, Some(b'e' | b'E')) {
            self.go()?;
            if matches!(self.peek()?, Some(b'+' | b'-')) {
                self.go()?;
            }
            self.digits()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
