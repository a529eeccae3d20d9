//! PDF (ISO 32000-2), by a strict grammar: every byte of the file belongs to a part that is named here, and nothing in it
//! acts. Anything else is a finding.
//!
//! Viewers differ where a file is damaged: some rebuild its tables, some look for objects in comments. So nothing is read
//! leniently: a file that passes has one reading. Its tables are followed from the end (`xref`), then the file is walked
//! once from front to back (`walk`): each object is met once, where its table says (`table`), each dictionary is judged
//! (`dictionary`, by the names in `rules`), each stream ends where its length and its filters end (`stream`, `filter`).
//! Objects in object streams are judged as those in clear.
//!
//! Not looked at: what is drawn. Text in white and pictures in pictures are what the document shows.

mod comments;
mod dictionary;
mod filter;
mod guard;
mod head;
mod lexer;
mod names;
mod object;
mod refusal;
mod rules;
mod source;
mod stop;
mod stream;
mod table;
mod text;
mod walk;
mod window;
mod within;
mod work;
mod xref;

#[cfg(test)]
mod tests;

use super::{bytes::Bytes, finding::At, inspected::Inspected};
use lexer::{Lexer, Token};
use names::Names;
use object::Sheet;
use source::FileSource;
use stop::Stop;
use table::{Place, Table};
use window::Window;
use work::{Scene, Work};
use xref::Sections;

/// Bytes that are read at once of a name that stands elsewhere, and of all of it.
const NAME_AT_ONCE: usize = 64;
const MAX_FAR_NAME: u64 = 2048;

/// What a PDF carries beside what its reader sees, and whom it names. POL-14
///
/// Reads each byte at most a few times through windows of 64 KiB at most, and inflates at most 64 bytes for each byte of
/// the file (4 MiB in any case, 1 GiB at most), in pieces; memory is bounded by 500,000 objects.
#[must_use]
pub fn inspect(file: &dyn Bytes) -> Inspected {
    look(file, &Work::new(file.length()))
}

fn look(file: &dyn Bytes, work: &Work) -> Inspected {
    let mut sheet = Sheet { table: Table::default(), names: Names::default() };
    let finding = read(Scene { file, work }, &mut sheet).err().map(|Stop(finding)| *finding);
    sheet.names.name("Invocation", work.comments.borrow().invocation());
    let found = sheet.names.into_found();
    Inspected { finding, names: found.names }
}

fn read(scene: Scene<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
    let begin = walk::header(scene)?;
    let last = walk::last_table(scene)?;
    let sections = Sections::read(scene, last, sheet)?;
    if !sections.has_root() {
        return Err(Stop::odd("a document without a beginning", At::File));
    }
    walk::walk(scene, begin, &sections, sheet)?;
    sheet.table.finish()?;
    far_names(scene, sheet);
    Ok(())
}

/// Names that stand in objects which were met before it was known that they are names.
fn far_names(scene: Scene<'_>, sheet: &mut Sheet) {
    for (number, key) in sheet.names.unmet() {
        if sheet.names.wants(number) && far_name(scene, number, sheet).is_none() {
            sheet.names.name(key, "(given elsewhere in the file)");
        }
    }
}

/// The text of one object in clear. The file has passed, so that what cannot be read here is only long.
fn far_name(scene: Scene<'_>, number: u32, sheet: &mut Sheet) -> Option<()> {
    let Place::Byte(at, _) = sheet.table.place(number) else { return None };
    let mut window = Window::new(scene.file, NAME_AT_ONCE);
    let mut lexer = Lexer::new(FileSource::short(&mut window, at, MAX_FAR_NAME), scene.work);
    object::begin(&mut lexer).ok()??;
    (lexer.token().ok()? == Token::Text).then(|| sheet.names.text(number, lexer.text()))
}
