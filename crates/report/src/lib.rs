//! Nouns, markings, portions, canonical bytes, signatures and domain tags.
#![forbid(unsafe_code)]

pub mod assessment;
pub mod attachment;
pub mod calendar;
mod citation;
pub mod codec;
pub mod crypto;
pub mod csv_cells;
pub mod digest;
pub mod domain;
pub mod fault;
pub mod file;
pub mod folded;
pub mod fuzzing;
pub mod home;
pub mod inspection;
pub mod json_strings;
pub mod label;
pub mod marking;
pub mod nation;
pub mod note;
pub mod pieces;
pub mod primitives;
pub mod prototype;
pub mod register;
pub mod render;
pub mod rules;
pub mod shapes;
pub mod shown;
pub mod signed;
mod spelling;
pub mod toml;
pub mod unseen;
pub mod vocabulary;
pub mod wellformed;
