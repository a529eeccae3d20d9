//! What the outermost dictionary of an object says of the bytes behind it, or of the tables of the file.

use super::{dictionary::Value, lexer::Short, stop::Stop};
use crate::attachment::finding::At;

/// Filters of one stream: two are usual.
const MAX_FILTERS: usize = 4;
/// Ranges of numbers in one table that is a stream.
const MAX_RANGES: usize = 65_536;

/// A number in the file, or the object that is it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Number {
    Here(i64),
    In(u32),
}

/// How rows were written before they were compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Parameters {
    pub(super) predictor: i64,
    pub(super) colors: i64,
    pub(super) bits: i64,
    pub(super) columns: i64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { predictor: 1, colors: 1, bits: 8, columns: 1 }
    }
}

/// The pairs that are needed. What is missing or of another kind is `None`.
#[derive(Default)]
pub(super) struct Head {
    pub(super) length: Option<Number>,
    filters: Vec<Short>,
    /// A filter is given by reference, or is no name, or there are too many.
    odd_filters: bool,
    /// Parameters are given by reference.
    far_parameters: bool,
    parameters: [Parameters; MAX_FILTERS],
    pub(super) n: Option<i64>,
    pub(super) first: Option<i64>,
    pub(super) size: Option<i64>,
    pub(super) prev: Option<i64>,
    pub(super) stream: Option<i64>,
    pub(super) extends: Option<u32>,
    pub(super) root: Option<u32>,
    pub(super) info: Option<u32>,
    pub(super) widths: Vec<i64>,
    pub(super) index: Vec<i64>,
}

impl Head {
    /// Takes a pair of the outermost dictionary.
    pub(super) fn pair(&mut self, key: &Short, value: Value) {
        let int = match value {
            Value::Int(int) => Some(int),
            _ => None,
        };
        let reference = match value {
            Value::Reference(number) => Some(number),
            _ => None,
        };
        match key.bytes() {
            b"Length" => self.length = int.map(Number::Here).or(reference.map(Number::In)),
            b"Filter" => match value {
                Value::Name(name) => self.filters.push(name),
                Value::Array | Value::Null => {}
                _ => self.odd_filters = true,
            },
            b"DecodeParms" => self.far_parameters |= reference.is_some(),
            b"N" => self.n = int,
            b"First" => self.first = int,
            b"Size" => self.size = int,
            b"Prev" => self.prev = int,
            b"XRefStm" => self.stream = int,
            b"Extends" => self.extends = reference,
            b"Root" => self.root = reference,
            b"Info" => self.info = reference,
            _ => {}
        }
    }

    /// Takes an element of an array of the outermost dictionary.
    pub(super) fn element(&mut self, under: &Short, value: Value, at: At) -> Result<(), Stop> {
        match (under.bytes(), value) {
            (b"Filter", Value::Name(name)) if self.filters.len() < MAX_FILTERS => self.filters.push(name),
            (b"Filter", _) => self.odd_filters = true,
            (b"DecodeParms", Value::Reference(_)) => self.far_parameters = true,
            (b"W", Value::Int(int)) if self.widths.len() < 4 => self.widths.push(int),
            (b"Index", Value::Int(_)) if self.index.len() >= MAX_RANGES => {
                return Err(Stop::large("a table of more than 32768 ranges", at));
            }
            (b"Index", Value::Int(int)) => self.index.push(int),
            _ => {}
        }
        Ok(())
    }

    /// Takes a pair of the parameters of the filter of this place.
    pub(super) fn parameter(&mut self, place: usize, key: &Short, value: Value) {
        let Some(one) = self.parameters.get_mut(place) else { return };
        // What is no number here is none that a decoder takes.
        let int = if let Value::Int(int) = value { int } else { -1 };
        match key.bytes() {
            b"Predictor" => one.predictor = int,
            b"Colors" => one.colors = int,
            b"BitsPerComponent" => one.bits = int,
            b"Columns" => one.columns = int,
            _ => {}
        }
    }

    /// The filters in the order in which they are undone.
    pub(super) fn filters(&self, at: At) -> Result<&[Short], Stop> {
        if self.odd_filters { Err(Stop::odd("filters that are not given by name", at)) } else { Ok(&self.filters) }
    }

    /// The parameters of the only filter of a stream that must be read.
    pub(super) fn parameters(&self, at: At) -> Result<Parameters, Stop> {
        let first = self.parameters.first().copied().unwrap_or_default();
        if self.far_parameters { Err(Stop::odd("parameters that are given by reference", at)) } else { Ok(first) }
    }
}
