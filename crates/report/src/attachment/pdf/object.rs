//! One value of a PDF: read without recursion, each dictionary judged as it ends.

use super::{
    dictionary::{Facts, Pair, Value, is_link},
    head::Head,
    lexer::{Lexer, Short, Token},
    names::Names,
    rules,
    source::Source,
    stop::Stop,
    table::{Class, Table, Want},
};
use crate::attachment::finding::At;

/// Arrays and dictionaries inside one another.
const MAX_DEPTH: usize = 100;

/// What is known of the file while its values are read.
pub(super) struct Sheet {
    pub(super) table: Table,
    pub(super) names: Names,
}

/// A value that was read.
pub(super) struct Object {
    pub(super) class: Class,
    /// What its dictionary says of a stream or table.
    pub(super) head: Head,
    /// The dictionary itself.
    pub(super) facts: Facts,
    pub(super) dictionary: bool,
}

/// `12 0 obj`: the number and generation of an object that begins. `None`: another thing begins.
pub(super) fn begin<S: Source>(lexer: &mut Lexer<'_, S>) -> Result<Option<(u32, u16)>, Stop> {
    let Token::Int(number) = lexer.token()? else { return Ok(None) };
    let Token::Int(generation) = lexer.token()? else { return Ok(None) };
    let Token::Word(one) = lexer.token()? else { return Ok(None) };
    let pair = u32::try_from(number).ok().filter(|number| *number > 0).zip(u16::try_from(generation).ok());
    Ok(pair.filter(|_| one.is("obj")))
}

/// An array or dictionary that is open.
struct Frame {
    dictionary: bool,
    /// Key under which it stands, its array or itself.
    under: Short,
    key: Option<Short>,
    /// Numbers that may be the beginning of a reference.
    held: [i64; 2],
    holds: usize,
    /// Elements so far.
    count: usize,
    facts: Facts,
}

/// Reads one value. `number` is the object that it is, 0 for a trailer.
pub(super) fn read<S: Source>(lexer: &mut Lexer<'_, S>, sheet: &mut Sheet, number: u32) -> Result<Object, Stop> {
    let mut reader =
        Reader { sheet, number, stack: Vec::new(), head: Head::default(), last: Facts::default(), members: true };
    loop {
        let token = lexer.token()?;
        if let Some(value) = reader.take(token, lexer)? {
            let class = match class_of(value, lexer.text()) {
                Class::Array if reader.members => Class::Members,
                class => class,
            };
            let dictionary = matches!(value, Value::Dictionary(_));
            let Reader { head, last, .. } = reader;
            return Ok(Object { class, head, facts: last, dictionary });
        }
    }
}

fn class_of(value: Value, text: &[u8]) -> Class {
    match value {
        Value::Null | Value::Int(_) | Value::Scalar | Value::Reference(_) => Class::Scalar,
        Value::Name(_) => Class::Name,
        Value::Text if is_link(text) => Class::LinkText,
        Value::Text => Class::Text,
        Value::Array => Class::Array,
        Value::Dictionary(class) => class,
    }
}

struct Reader<'s> {
    sheet: &'s mut Sheet,
    number: u32,
    stack: Vec<Frame>,
    head: Head,
    /// Facts of the dictionary that ended last.
    last: Facts,
    /// As an array it has had no other elements than references and annotations.
    members: bool,
}

impl Reader<'_> {
    /// Takes one word. Gives the value when it is whole.
    fn take<S: Source>(&mut self, token: Token, lexer: &Lexer<'_, S>) -> Result<Option<Value>, Stop> {
        let at = lexer.source.place();
        let value = match token {
            Token::Int(int) if self.stack.is_empty() => return Ok(Some(Value::Int(int))),
            Token::Int(int) => return self.hold(int, lexer, at).map(|()| None),
            Token::Word(word) if word.is("R") => self.reference(at)?,
            other => {
                self.release(lexer, at)?;
                match other {
                    Token::Name(name) => match self.as_key(name) {
                        true => return Ok(None),
                        false => Value::Name(name),
                    },
                    Token::Text => Value::Text,
                    Token::Real => Value::Scalar,
                    Token::Word(word) if word.is_one_of(&["true", "false"]) => Value::Scalar,
                    Token::Word(word) if word.is("null") => Value::Null,
                    Token::OpenDict => return self.open(true, at).map(|()| None),
                    Token::OpenArray => return self.open(false, at).map(|()| None),
                    Token::CloseDict => Value::Dictionary(self.close(true, at)?),
                    Token::CloseArray => {
                        self.close(false, at)?;
                        Value::Array
                    }
                    _ => return Err(Stop::odd("a word where a value is due", at)),
                }
            }
        };
        if self.stack.is_empty() {
            return Ok(Some(value));
        }
        self.put(value, lexer.text(), at)?;
        Ok(None)
    }

    /// A name is a key where one is due.
    fn as_key(&mut self, name: Short) -> bool {
        match self.stack.last_mut() {
            Some(frame) if frame.dictionary && frame.key.is_none() => {
                frame.key = Some(name);
                true
            }
            _ => false,
        }
    }

    fn hold<S: Source>(&mut self, int: i64, lexer: &Lexer<'_, S>, at: At) -> Result<(), Stop> {
        let Some(frame) = self.stack.last_mut() else { return Ok(()) };
        if frame.holds < 2 {
            if let Some(place) = frame.held.get_mut(frame.holds) {
                *place = int;
            }
            frame.holds += 1;
            return Ok(());
        }
        let [first, second] = frame.held;
        frame.held = [second, int];
        self.put(Value::Int(first), lexer.text(), at)
    }

    /// Numbers that were no reference are values.
    fn release<S: Source>(&mut self, lexer: &Lexer<'_, S>, at: At) -> Result<(), Stop> {
        let Some(frame) = self.stack.last_mut() else { return Ok(()) };
        let (held, holds) = (frame.held, std::mem::take(&mut frame.holds));
        for int in held.into_iter().take(holds) {
            self.put(Value::Int(int), lexer.text(), at)?;
        }
        Ok(())
    }

    fn reference(&mut self, at: At) -> Result<Value, Stop> {
        let held = self.stack.last_mut().map(|frame| (std::mem::take(&mut frame.holds), frame.held));
        match held {
            Some((2, [number, 0..=65_535])) => u32::try_from(number).ok().map(Value::Reference),
            _ => None,
        }
        .ok_or_else(|| Stop::odd("a reference to no object", at))
    }

    fn open(&mut self, dictionary: bool, at: At) -> Result<(), Stop> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(Stop::large("more than 100 arrays and dictionaries in one another", at));
        }
        let under = match self.stack.last() {
            Some(frame) if frame.dictionary => match frame.key {
                Some(key) => key,
                None => return Err(Stop::odd("a key that is no name", at)),
            },
            Some(frame) => frame.under,
            None => Short::default(),
        };
        let (key, held) = (None, [0; 2]);
        self.stack.push(Frame { dictionary, under, key, held, holds: 0, count: 0, facts: Facts::default() });
        Ok(())
    }

    fn close(&mut self, dictionary: bool, at: At) -> Result<Class, Stop> {
        let frame = self.stack.pop().filter(|frame| frame.dictionary == dictionary && frame.key.is_none());
        let frame = frame.ok_or_else(|| Stop::odd("the end of what did not begin", at))?;
        if !dictionary {
            return Ok(Class::Array);
        }
        self.last = frame.facts;
        frame.facts.close(&frame.under, at, &mut self.sheet.table)
    }

    /// An element of an array, which stands under this key.
    fn element(&mut self, depth: usize, under: &Short, value: Value) -> Result<(), Stop> {
        let table = &mut self.sheet.table;
        match value {
            Value::Reference(to) if depth == 1 && self.members => table.member(self.number, to)?,
            Value::Reference(to) if under.is_one_of(&rules::ACTION_KEYS) => table.want(to, Want::Action),
            Value::Reference(to) if under.is("Annots") => table.want(to, Want::Annotation),
            Value::Reference(_) | Value::Null | Value::Dictionary(Class::Annotation) => {}
            _ if depth == 1 && self.members => {
                self.members = false;
                table.forget_members(self.number);
            }
            _ => {}
        }
        Ok(())
    }

    /// Gives a value to the innermost array or dictionary.
    fn put(&mut self, value: Value, text: &[u8], at: At) -> Result<(), Stop> {
        let depth = self.stack.len();
        let outer = depth.checked_sub(2).and_then(|n| self.stack.get(n)).map_or(0, |frame| frame.count);
        let Some(frame) = self.stack.last_mut() else { return Ok(()) };
        if !frame.dictionary {
            frame.count = frame.count.saturating_add(1);
            let under = frame.under;
            self.element(depth, &under, value)?;
            return if depth == 2 { self.head.element(&under, value, at) } else { Ok(()) };
        }
        let key = frame.key.take().ok_or_else(|| Stop::odd("a key that is no name", at))?;
        frame.facts.put(&Pair { key: &key, value, text, at }, &mut self.sheet.table)?;
        let info = if depth == 1 { self.sheet.names.is_info(self.number) } else { frame.under.is("Info") };
        if info {
            self.sheet.names.pair(&key, value, text);
        }
        let parms = frame.under.is("DecodeParms");
        match depth {
            1 => self.head.pair(&key, value),
            2 | 3 if parms => self.head.parameter(if depth == 2 { 0 } else { outer }, &key, value),
            _ => {}
        }
        Ok(())
    }
}
