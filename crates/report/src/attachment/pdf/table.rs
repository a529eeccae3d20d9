//! Every object of a file: where its tables say that it is, what it was found to be, and what refers to it.

use super::{
    refusal::{NO_ACTION, annotation_fault, link_fault},
    stop::Stop,
};
use crate::attachment::finding::At;
use std::collections::BTreeMap;

/// Objects of one file. The tables of a real one of 1 GiB have some hundred thousand.
pub(super) const MAX_OBJECTS: u32 = 500_000;

/// Members of arrays that may turn out to be those of annotations.
const MAX_MEMBERS: usize = 500_000;

/// Object streams that go on with another: of real files a few.
const MAX_EXTENDS: usize = 10_000;

/// Where an object is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// No table says.
    Nowhere,
    /// There is none: its number is free, says the table of this rank (0: the newest).
    Free(u8),
    /// At this byte, with this generation.
    Byte(u64, u16),
    /// In this object stream, at this place in it.
    Within(u32, u32),
}

/// What an object was found to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    /// It was not met yet.
    Unseen,
    /// A number, `true`, `false` or null.
    Scalar,
    Name,
    /// A string that is a link with http, https or mailto.
    LinkText,
    Text,
    Array,
    /// An array of nothing but references and annotations.
    Members,
    /// The action that shows a page of the document.
    GoTo,
    /// Another action that may be there.
    Action,
    /// A dictionary that says by /S to be something else.
    Other,
    /// A dictionary without /S.
    Dictionary,
    /// A note, mark or link on a page.
    Annotation,
    Stream,
    /// XMP, which was read for names.
    Metadata,
    ObjectStream,
}

/// What an object must be because of what refers to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Want {
    /// An action that may be there, or no action at all.
    Action = 1,
    /// A page to show.
    Open = 2,
    /// No name: that would say elsewhere of what kind a dictionary is.
    NoName = 4,
    /// A link.
    Link = 8,
    ObjectStream = 16,
    /// An action that may be there, and nothing else.
    OnlyAction = 32,
    Metadata = 64,
    Annotation = 128,
    /// An array of annotations.
    Annotations = 256,
}

impl Want {
    const ALL: [Self; 9] = [
        Self::Action,
        Self::Open,
        Self::NoName,
        Self::Link,
        Self::ObjectStream,
        Self::OnlyAction,
        Self::Metadata,
        Self::Annotation,
        Self::Annotations,
    ];

    const fn is_met(self, class: Class) -> bool {
        match self {
            // An object that is nowhere is null.
            _ if matches!(class, Class::Unseen) => true,
            Self::Action => !matches!(class, Class::Other),
            Self::Open => matches!(class, Class::Array | Class::Members | Class::GoTo | Class::Scalar),
            Self::NoName => !matches!(class, Class::Name),
            Self::Link => !matches!(class, Class::Text),
            Self::ObjectStream => matches!(class, Class::ObjectStream),
            Self::OnlyAction => matches!(class, Class::GoTo | Class::Action | Class::Scalar),
            Self::Metadata => matches!(class, Class::Metadata | Class::Scalar),
            Self::Annotation => matches!(class, Class::Annotation | Class::Scalar),
            Self::Annotations => matches!(class, Class::Members | Class::Scalar),
        }
    }

    fn fault(self, number: u32) -> Stop {
        let at = At::Object(number);
        match self {
            Self::Action | Self::OnlyAction => Stop::active(NO_ACTION, at),
            Self::Open => Stop::active("/OpenAction that is no page to show", at),
            Self::NoName => Stop::odd("a name that stands apart from its dictionary", at),
            Self::Link => link_fault(at),
            Self::ObjectStream => Stop::odd("/Extends of what is no object stream", at),
            Self::Metadata => Stop::odd("/Metadata of what is no stream of /Type /Metadata", at),
            Self::Annotation => annotation_fault(at),
            Self::Annotations => Stop::odd("/Annots that is no array of annotations", at),
        }
    }
}

#[derive(Clone, Copy)]
struct Entry {
    place: Place,
    class: Class,
    wants: u16,
}

/// Rows by object number.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Entry>,
    /// Arrays that are objects, of annotations perhaps, each with one of its members.
    members: Vec<(u32, u32)>,
    /// Object streams that go on with another.
    extends: BTreeMap<u32, u32>,
}

impl Table {
    fn row(&mut self, number: u32) -> Result<&mut Entry, Stop> {
        let at = At::Object(number);
        if number >= MAX_OBJECTS {
            return Err(Stop::large("more than 500000 objects", at));
        }
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        if index >= self.rows.len() {
            // Grown by hand, so that it never has room for twice as many as there may be.
            let most = usize::try_from(MAX_OBJECTS).unwrap_or(usize::MAX);
            let room = self.rows.capacity().saturating_mul(2).clamp(index + 1, most);
            self.rows.reserve_exact(room.saturating_sub(self.rows.len()));
            self.rows.resize(index + 1, Entry { place: Place::Nowhere, class: Class::Unseen, wants: 0 });
        }
        self.rows.get_mut(index).ok_or_else(|| Stop::large("more than 500000 objects", at))
    }

    /// Adds what the table of this rank says; tables come from the newest to the oldest.
    pub(super) fn add(&mut self, number: u32, place: Place, rank: u8) -> Result<(), Stop> {
        if number == 0 || matches!(place, Place::Nowhere) {
            return Ok(());
        }
        // Room is taken for objects alone: a table may list free numbers far beyond.
        let known = self.place(number);
        match (known, place) {
            (Place::Nowhere, Place::Free(_)) if number >= MAX_OBJECTS => Ok(()),
            (Place::Nowhere, _) => {
                self.row(number)?.place = place;
                Ok(())
            }
            // A table and the stream beside it are of one rank: what is free for old programs is there for others.
            (Place::Free(newer), Place::Byte(..) | Place::Within(..)) if newer == rank => {
                self.row(number)?.place = place;
                Ok(())
            }
            (Place::Free(_), Place::Byte(..) | Place::Within(..)) => Err(earlier(number)),
            (_, Place::Free(_)) => Ok(()),
            _ if known == place => Ok(()),
            _ => Err(earlier(number)),
        }
    }

    pub(super) fn place(&self, number: u32) -> Place {
        self.get(number).map_or(Place::Nowhere, |row| row.place)
    }

    fn get(&self, number: u32) -> Option<&Entry> {
        self.rows.get(usize::try_from(number).ok()?)
    }

    pub(super) fn want(&mut self, number: u32, want: Want) {
        if let Some(row) = usize::try_from(number).ok().and_then(|index| self.rows.get_mut(index)) {
            row.wants |= want as u16;
        }
    }

    /// An array that is an object has this member. Whether it is one of annotations may show later.
    pub(super) fn member(&mut self, array: u32, member: u32) -> Result<(), Stop> {
        if self.members.last() != Some(&(array, member)) {
            self.members.push((array, member));
        }
        let at = At::Object(array);
        if self.members.len() <= MAX_MEMBERS { Ok(()) } else { Err(Stop::large("arrays of very many members", at)) }
    }

    /// An array has other members than annotations.
    pub(super) fn forget_members(&mut self, array: u32) {
        while self.members.pop_if(|(of, _)| *of == array).is_some() {}
    }

    /// An object stream goes on with another.
    pub(super) fn extend(&mut self, number: u32, other: u32) -> Result<(), Stop> {
        self.want(other, Want::ObjectStream);
        self.extends.insert(number, other);
        if self.extends.len() <= MAX_EXTENDS { Ok(()) } else { Err(Stop::large("chains of object streams", At::File)) }
    }

    /// Whether object streams go on in a ring. Each is followed once.
    fn has_ring(&self) -> Option<u32> {
        let mut seen = BTreeMap::new();
        for start in self.extends.keys() {
            let mut next = Some(*start);
            while let Some(one) = next {
                match seen.get(&one) {
                    Some(from) if from == start => return Some(one),
                    Some(_) => break,
                    None => seen.insert(one, *start),
                };
                next = self.extends.get(&one).copied();
            }
        }
        None
    }

    /// An object was met where `place` says. Each is met once, and where its table says.
    pub(super) fn met(&mut self, number: u32, place: Place, class: Class) -> Result<(), Stop> {
        match self.place(number) {
            known if known == place => {}
            Place::Nowhere | Place::Free(_) => {
                let what = format!("object {number}, which no table of the file has");
                return Err(Stop::hidden(&what, At::File));
            }
            _ => return Err(earlier(number)),
        }
        let row = self.row(number)?;
        if row.class != Class::Unseen {
            return Err(earlier(number));
        }
        row.class = class;
        Ok(())
    }

    /// After the last byte: every object was met, and each is what those that refer to it need.
    pub(super) fn finish(&self) -> Result<(), Stop> {
        if let Some(number) = self.has_ring() {
            return Err(Stop::odd("object streams that go on in a ring", At::Object(number)));
        }
        self.annotations()?;
        for (number, row) in (0..).zip(&self.rows) {
            let listed = matches!(row.place, Place::Byte(..) | Place::Within(..));
            if listed && row.class == Class::Unseen {
                return Err(Stop::odd("a table that has an object where there is none", At::Object(number)));
            }
            let unmet = Want::ALL.into_iter().find(|want| row.wants & *want as u16 != 0 && !want.is_met(row.class));
            if let Some(want) = unmet {
                return Err(want.fault(number));
            }
        }
        Ok(())
    }
}

impl Table {
    /// The members of arrays of annotations are annotations.
    fn annotations(&self) -> Result<(), Stop> {
        let wanted = |array| self.get(array).is_some_and(|row| row.wants & Want::Annotations as u16 != 0);
        let class = |number| self.get(number).map_or(Class::Unseen, |row| row.class);
        let is_wrong = |(array, member): &&(u32, u32)| wanted(*array) && !Want::Annotation.is_met(class(*member));
        match self.members.iter().find(is_wrong) {
            Some((_, member)) => Err(Want::Annotation.fault(*member)),
            None => Ok(()),
        }
    }
}

/// Two states of one object: a viewer shows the newer, the file has both.
fn earlier(number: u32) -> Stop {
    Stop::hidden(&format!("an earlier state of object {number} is still in the file"), At::File)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_one_place() {
        let mut table = Table::default();
        table.add(3, Place::Free(0), 0).unwrap();
        table.add(3, Place::Within(9, 0), 0).unwrap();
        table.add(4, Place::Byte(17, 0), 1).unwrap();
        table.add(4, Place::Byte(17, 0), 2).unwrap();
        table.add(4, Place::Free(2), 2).unwrap();
        assert!(table.add(4, Place::Byte(99, 0), 2).is_err());
        table.add(5, Place::Free(1), 1).unwrap();
        assert!(table.add(5, Place::Byte(30, 0), 2).is_err(), "a newer table has freed it");
        assert!(table.met(6, Place::Byte(60, 0), Class::Array).is_err());
        table.met(4, Place::Byte(17, 0), Class::Other).unwrap();
        assert!(table.finish().is_err(), "object 3 was not met");
        table.met(3, Place::Within(9, 0), Class::Name).unwrap();
        assert!(table.met(3, Place::Within(9, 0), Class::Name).is_err());
        table.finish().unwrap();
        table.want(3, Want::Link);
        table.finish().unwrap();
        table.want(4, Want::Action);
        assert!(table.finish().is_err());
    }

    #[test]
    fn the_table_is_bounded() {
        let mut table = Table::default();
        assert_eq!(size_of::<Entry>(), 24);
        assert!(table.add(MAX_OBJECTS, Place::Byte(1, 0), 0).is_err());
        table.add(u32::MAX, Place::Free(0), 0).unwrap();
        for number in 1..MAX_OBJECTS {
            table.add(number, Place::Byte(u64::from(number), 0), 0).unwrap();
        }
        assert!(table.rows.capacity() <= usize::try_from(MAX_OBJECTS).unwrap());
    }
}
