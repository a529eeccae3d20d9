//! Object streams (ISO 32000-2, 7.5.7): their objects are judged as those in clear. And the rows of tables that are streams.

use super::{
    filter::{Predicted, Pull},
    head::Head,
    lexer::{Lexer, Token},
    object::{self, Sheet},
    source::Source,
    stop::Stop,
    table::Place,
    work::Scene,
};
use crate::attachment::finding::At;

/// Objects of one object stream: programs write one or two hundred.
const MAX_WITHIN: i64 = 100_000;

/// Inflated bytes, one by one.
struct Inflated<'p, 'w> {
    data: &'p mut Predicted<'w>,
    piece: Vec<u8>,
    next: usize,
    at: u64,
    number: u32,
}

impl Source for Inflated<'_, '_> {
    fn peek(&mut self) -> Result<Option<u8>, Stop> {
        if self.next >= self.piece.len() {
            self.piece.resize(4096, 0);
            let count = self.data.pull(&mut self.piece)?;
            self.piece.truncate(count);
            self.next = 0;
        }
        Ok(self.piece.get(self.next).copied())
    }

    fn bump(&mut self) {
        self.next += 1;
        self.at = self.at.saturating_add(1);
    }

    fn at(&self) -> u64 {
        self.at
    }

    fn place(&self) -> At {
        At::Object(self.number)
    }
}

/// The objects of an object stream: its rows say which, they follow one another, and nothing stands between them.
pub(super) fn read(
    scene: Scene<'_>,
    data: &mut Predicted<'_>,
    number: u32,
    head: &Head,
    sheet: &mut Sheet,
) -> Result<(), Stop> {
    let at = At::Object(number);
    let odd = |what| Stop::odd(what, at);
    let count = head.n.filter(|n| *n >= 0).ok_or_else(|| odd("an object stream without /N"))?;
    let first = head.first.and_then(|first| u64::try_from(first).ok());
    let first = first.ok_or_else(|| odd("an object stream without /First"))?;
    if count > MAX_WITHIN {
        return Err(Stop::large("an object stream of more than 100000 objects", at));
    }
    let mut lexer = Lexer::new(Inflated { data, piece: Vec::new(), next: 0, at: 0, number }, scene.work);
    let mut rows = Vec::new();
    for _ in 0..count {
        let (Token::Int(one), Token::Int(offset)) = (lexer.token()?, lexer.token()?) else {
            return Err(odd("an object stream whose rows are damaged"));
        };
        let row = u32::try_from(one).ok().zip(u64::try_from(offset).ok().and_then(|offset| offset.checked_add(first)));
        rows.push(row.ok_or_else(|| odd("an object stream whose rows are damaged"))?);
    }
    for (index, (one, offset)) in (0..).zip(rows) {
        let before = lexer.source.at();
        lexer.skip_space()?;
        if offset < before || offset > lexer.source.at() {
            return Err(odd("an object stream with bytes between its objects"));
        }
        let found = object::read(&mut lexer, sheet, one)?;
        if sheet.names.wants(one) {
            sheet.names.text(one, lexer.text());
        }
        sheet.table.met(one, Place::Within(number, index), found.class)?;
    }
    if lexer.token()? != Token::End {
        return Err(odd("an object stream with bytes behind its objects"));
    }
    if let Some(other) = head.extends {
        sheet.table.extend(number, other)?;
    }
    Ok(())
}

/// Reads the rows of a table that is a stream.
pub(super) fn rows(
    data: &mut Predicted<'_>,
    widths: [usize; 3],
    at: At,
    mut take: impl FnMut([Option<u64>; 3]) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let size: usize = widths.iter().sum();
    let mut row = vec![0_u8; size];
    loop {
        let mut filled = 0;
        while filled < size {
            let got = data.pull(row.get_mut(filled..).unwrap_or_default())?;
            if got == 0 {
                break;
            }
            filled += got;
        }
        if filled == 0 {
            return Ok(());
        }
        if filled < size {
            return Err(Stop::odd("a table whose last row is cut", at));
        }
        let mut rest = row.as_slice();
        let fields = widths.map(|width| {
            let (field, behind) = rest.split_at_checked(width).unwrap_or_default();
            rest = behind;
            (width > 0).then(|| field.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)))
        });
        take(fields)?;
    }
}
