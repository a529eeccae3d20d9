//! The words of a PDF (ISO 32000-2, 7.2 and 7.3), read byte by byte from the file or from what is inflated.

use super::{
    comments::LONGEST,
    source::{Source, digit, is_delimiter, is_space},
    stop::Stop,
    text,
    work::Work,
};

/// Bytes of a number or word: the longest that programs write is far shorter.
const MAX_WORD: usize = 40;

/// A name or word of at most 24 bytes, its escapes undone. What is longer is none that means something here.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Short {
    bytes: [u8; 24],
    length: u8,
}

impl Short {
    /// Of a name that is too long.
    const LONG: u8 = u8::MAX;

    /// The beginning of a word that is known.
    pub(super) fn of(word: &str) -> Self {
        let mut made = Self::default();
        word.bytes().for_each(|byte| made.push(byte));
        made
    }

    fn push(&mut self, byte: u8) {
        match self.bytes.get_mut(usize::from(self.length)) {
            Some(place) => {
                *place = byte;
                self.length += 1;
            }
            None => self.length = Self::LONG,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.length != Self::LONG && self.bytes() == word.as_bytes()
    }

    pub(super) fn is_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// One word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Token {
    Name(Short),
    /// A string; [`Lexer::text`] has its beginning.
    Text,
    Int(i64),
    Real,
    OpenDict,
    CloseDict,
    OpenArray,
    CloseArray,
    /// Letters that are no number: `R`, `obj`, `true` ...
    Word(Short),
    End,
}

/// Reads words from a source.
pub(super) struct Lexer<'w, S> {
    pub(super) source: S,
    work: &'w Work,
    text: Vec<u8>,
    /// A comment was met.
    pub(super) commented: bool,
}

impl<'w, S: Source> Lexer<'w, S> {
    pub(super) const fn new(source: S, work: &'w Work) -> Self {
        Self { source, work, text: Vec::new(), commented: false }
    }

    /// The beginning of the string that was read last.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    pub(super) fn odd(&self, what: &str) -> Stop {
        Stop::odd(what, self.source.place())
    }

    pub(super) fn next(&mut self) -> Result<Option<u8>, Stop> {
        self.source.take(self.work)
    }

    /// Skips blanks and comments. A comment that could be taken for a part of the file is odd.
    pub(super) fn skip_space(&mut self) -> Result<(), Stop> {
        while let Some(byte) = self.source.peek()? {
            if byte == b'%' {
                self.comment()?;
            } else if is_space(byte) {
                self.next()?;
            } else {
                break;
            }
        }
        Ok(())
    }

    fn comment(&mut self) -> Result<(), Stop> {
        let place = self.source.place();
        let (mut last, mut text) = ([0; 3], Vec::new());
        self.commented = true;
        while let Some(byte) = self.source.peek()? {
            if matches!(byte, b'\n' | b'\r') {
                break;
            }
            last = [last[1], last[2], byte];
            text.push(byte);
            self.next()?;
            if &last == b"obj" {
                return Err(Stop::odd("a comment that names an object", place));
            }
            if text.len() >= LONGEST {
                break;
            }
        }
        self.work.comments.borrow_mut().put(&text, place)
    }

    /// The next word.
    pub(super) fn token(&mut self) -> Result<Token, Stop> {
        self.skip_space()?;
        let Some(byte) = self.source.peek()? else { return Ok(Token::End) };
        if !is_delimiter(byte) {
            return self.word();
        }
        self.next()?;
        match byte {
            b'/' => self.name().map(Token::Name),
            b'(' => text::literal(&mut self.source, self.work, &mut self.text).map(|()| Token::Text),
            b'[' => Ok(Token::OpenArray),
            b']' => Ok(Token::CloseArray),
            b'<' if self.source.peek()? == Some(b'<') => self.next().map(|_| Token::OpenDict),
            b'<' => text::hexadecimal(&mut self.source, self.work, &mut self.text).map(|()| Token::Text),
            b'>' if self.source.peek()? == Some(b'>') => self.next().map(|_| Token::CloseDict),
            _ => Err(self.odd("a sign that begins nothing")),
        }
    }

    fn regular(&mut self) -> Result<Option<u8>, Stop> {
        let byte = self.source.peek()?;
        Ok(byte.filter(|byte| !is_space(*byte) && !is_delimiter(*byte)))
    }

    fn name(&mut self) -> Result<Short, Stop> {
        let mut name = Short::default();
        while let Some(byte) = self.regular()? {
            self.next()?;
            if byte != b'#' {
                name.push(byte);
                continue;
            }
            let pair = (self.regular()?.and_then(digit), self.next()?, self.regular()?.and_then(digit));
            match pair {
                (Some(high), _, Some(low)) if (high, low) != (0, 0) => {
                    self.next()?;
                    name.push(high << 4 | low);
                }
                _ => return Err(self.odd("a name with a # that escapes nothing")),
            }
        }
        Ok(name)
    }

    fn word(&mut self) -> Result<Token, Stop> {
        let mut word = [0; MAX_WORD];
        let mut length = 0_usize;
        while let Some(byte) = self.regular()? {
            let place = word.get_mut(length).ok_or_else(|| self.odd("a word that means nothing"))?;
            *place = byte;
            length += 1;
            self.next()?;
        }
        let word = word.get(..length).unwrap_or_default();
        if !matches!(word.first(), Some(b'0'..=b'9' | b'+' | b'-' | b'.')) {
            let mut short = Short::default();
            word.iter().for_each(|byte| short.push(*byte));
            return Ok(Token::Word(short));
        }
        let figures = word.strip_prefix(b"-").unwrap_or(word);
        let points = figures.iter().filter(|byte| **byte == b'.').count();
        let digits = figures.iter().filter(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || points > 1 || points + digits != figures.len() {
            return Err(self.odd("a number that is none"));
        }
        let whole = std::str::from_utf8(word).ok().and_then(|word| word.parse().ok());
        Ok(if points == 0 { whole.map_or(Token::Real, Token::Int) } else { Token::Real })
    }
}
