//! What a report file is read against: registers, word lists, the agreement with the recipient, the files beside it.

use crate::{
    attachment::bytes::Apart, calendar::Timestamp, label::Groups, nation::Nation, register::Register,
    vocabulary::Vocabulary,
};

/// The first letters of serial numbers of a nation's own collection systems, where its national rules name no others.
pub const SERIAL_PREFIXES: &[&str] = &["IMG", "SIG", "EMS", "HUM", "TEC"];

/// What a report file is read against.
pub struct Context<'a> {
    /// The marking register of the author's nation.
    pub register: &'a Register,
    /// Registers of other nations, so that their words are told as theirs.
    pub others: &'a [&'a Register],
    /// The word lists.
    pub vocabulary: &'a Vocabulary,
    /// The recipient, when it is known.
    pub recipient: Option<Recipient<'a>>,
    /// The moment of reading.
    pub now: Timestamp,
    /// First letters of source serials `AAA-YYYY-n` that a descriptor must not hold.
    pub serial_prefixes: &'a [&'a str],
    /// Name and bytes of the home file.
    pub home: Option<(&'a str, &'a [u8])>,
    /// The bytes of a file beside the report, wherever they are; [`held`](crate::attachment::bytes::held) gives those that
    /// are in memory.
    pub attachment: &'a dyn Fn(&str) -> Option<Apart>,
}

impl<'a> Context<'a> {
    /// A context without recipient, home file or attachments.
    #[must_use]
    pub fn new(register: &'a Register, vocabulary: &'a Vocabulary, now: Timestamp) -> Self {
        Self {
            register,
            others: &[],
            vocabulary,
            recipient: None,
            now,
            serial_prefixes: SERIAL_PREFIXES,
            home: None,
            attachment: &|_| None,
        }
    }

    /// The groups of the agreement with the recipient.
    pub(super) fn groups(&self) -> &dyn Groups {
        self.recipient.as_ref().map_or(&(), |recipient| recipient.groups)
    }
}

/// What the agreement says of the nation that a report goes to.
pub struct Recipient<'a> {
    /// Its code.
    pub nation: Nation,
    /// Its offices.
    pub addressees: &'a [String],
    /// The office that gets a report without addressee.
    pub office: Option<&'a str>,
    /// Languages that it accepts.
    pub languages: &'a [String],
    /// Purposes of the scope in this direction.
    pub purposes: &'a [String],
    /// Groups on the day of reading.
    pub groups: &'a dyn Groups,
    /// The author's long word for limited distribution, which needs a named addressee.
    pub limited_distribution: Option<&'a str>,
    /// Words of a FLASH report.
    pub max_words_flash: Option<u64>,
    /// Bytes of the encoded report.
    pub max_report_bytes: Option<u64>,
    /// Media types of attachments in this direction.
    pub attachment_types: &'a [String],
}
