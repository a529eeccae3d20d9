//! Strings (ISO 32000-2, 7.3.4), in brackets and as digits.

use super::{
    guard::Guard,
    source::{Source, digit, is_space},
    stop::Stop,
    work::Work,
};

/// Bytes of a string that are kept: enough for a name of a person or the beginning of a link.
const MAX_TEXT: usize = 512;

/// Reads a string in brackets, the first of which was read, and puts its beginning in place of this text.
pub(super) fn literal(source: &mut impl Source, work: &Work, text: &mut Vec<u8>) -> Result<(), Stop> {
    Reader { source, work, text }.literal()
}

/// Reads a string of digits, whose first bracket was read, and puts its beginning in place of this text.
pub(super) fn hexadecimal(source: &mut impl Source, work: &Work, text: &mut Vec<u8>) -> Result<(), Stop> {
    Reader { source, work, text }.hexadecimal()
}

/// Reads one string.
struct Reader<'r, S> {
    source: &'r mut S,
    work: &'r Work,
    text: &'r mut Vec<u8>,
}

impl<S: Source> Reader<'_, S> {
    fn odd(&self, what: &str) -> Stop {
        Stop::odd(what, self.source.place())
    }

    fn next(&mut self) -> Result<Option<u8>, Stop> {
        self.source.take(self.work)
    }

    fn must(&mut self, inside: &str) -> Result<u8, Stop> {
        self.next()?.ok_or_else(|| self.odd(inside))
    }

    fn literal(&mut self) -> Result<(), Stop> {
        self.text.clear();
        let (mut open, mut guard) = (1_u64, Guard::default());
        while open > 0 {
            let byte = self.must("a string without an end")?;
            guard = self.guarded(guard, byte)?;
            match byte {
                b'(' => open = open.saturating_add(1),
                b')' => open -= 1,
                b'\\' => {
                    let escaped = self.must("a string without an end")?;
                    guard = self.guarded(guard, escaped)?;
                    self.escape(escaped)?;
                    continue;
                }
                _ => {}
            }
            if open > 0 {
                self.keep(byte);
            }
        }
        Ok(())
    }

    fn guarded(&self, guard: Guard, byte: u8) -> Result<Guard, Stop> {
        let guard = guard.after(byte);
        if guard.has_found() { Err(self.odd("a string that looks like an object")) } else { Ok(guard) }
    }

    fn escape(&mut self, byte: u8) -> Result<(), Stop> {
        let meant = match byte {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 12,
            b'\n' => return Ok(()),
            b'\r' => {
                if self.source.peek()? == Some(b'\n') {
                    self.next()?;
                }
                return Ok(());
            }
            b'0'..=b'7' => {
                let mut value = byte - b'0';
                for _ in 0..2 {
                    let Some(more @ b'0'..=b'7') = self.source.peek()? else { break };
                    self.next()?;
                    value = value.wrapping_mul(8).wrapping_add(more - b'0');
                }
                value
            }
            other => other,
        };
        self.keep(meant);
        Ok(())
    }

    fn hexadecimal(&mut self) -> Result<(), Stop> {
        self.text.clear();
        let mut high = None;
        loop {
            let byte = self.must("a string without an end")?;
            match (digit(byte), high) {
                (Some(value), None) => high = Some(value),
                (Some(low), Some(value)) => {
                    self.keep(value << 4 | low);
                    high = None;
                }
                (None, _) if is_space(byte) => {}
                (None, _) if byte == b'>' => break,
                (None, _) => return Err(self.odd("a string of digits with another sign in it")),
            }
        }
        if let Some(value) = high {
            self.keep(value << 4);
        }
        Ok(())
    }

    fn keep(&mut self, byte: u8) {
        if self.text.len() < MAX_TEXT {
            self.text.push(byte);
        }
    }
}
