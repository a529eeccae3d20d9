//! The reason codes: a closed list, each with its class and, where a partner may see it, its bit.
//!
//! Classes and their verdicts are agreement-grammar's. A bit never changes its meaning and is never used again; no bit
//! at all means that a leaf was accepted. POL-10

use std::{fmt, ops::BitOr};

/// What kind of reason a code is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Class {
    /// Nothing of the message can be believed.
    Authenticity,
    /// The agreement's state, or the state of the exchange.
    State,
    /// A clause that protects: inbound it quarantines.
    Protection,
    /// A clause of service.
    Service,
    /// National rules.
    National,
    /// What people still owe: the report is held.
    People,
    /// The decision itself could not be made.
    Engine,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $class:ident, $bit:expr;)*) => {
        /// A reason code. The number behind each name in the source is its bit for the partner, if it has one.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code's name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Its class.
            #[must_use]
            pub const fn class(self) -> Class {
                match self { $(Self::$name => Class::$class,)* }
            }

            /// Number of its bit in a set of partner-visible codes; `None`: a partner never sees it.
            #[must_use]
            pub const fn bit_number(self) -> Option<u32> {
                match self { $(Self::$name => $bit,)* }
            }
        }
    };
}

codes! {
    /// A signature does not verify.
    SignatureInvalid = "SIGNATURE_INVALID", Authenticity, Some(0);
    /// Label and text are not of one report.
    LabelBindingBroken = "LABEL_BINDING_BROKEN", Authenticity, Some(1);
    /// Seen before.
    Replayed = "REPLAYED", Authenticity, Some(2);
    /// The report's serial is of another nation than the log's owner.
    OriginatorMismatch = "ORIGINATOR_MISMATCH", Authenticity, Some(3);
    /// No such agreement here.
    AgreementUnknown = "AGREEMENT_UNKNOWN", Authenticity, Some(4);
    /// Decided under another version.
    AgreementDigestMismatch = "AGREEMENT_DIGEST_MISMATCH", Authenticity, Some(5);
    /// Sender or recipient is no Party.
    PartyMismatch = "PARTY_MISMATCH", Authenticity, Some(6);
    /// Not a report of this form.
    Malformed = "MALFORMED", Authenticity, Some(7);
    /// The payload does not open the commitment.
    NotOpened = "NOT_OPENED", Authenticity, Some(8);
    /// The leaf's time is before its predecessor or after now.
    LeafTimeInvalid = "LEAF_TIME_INVALID", Authenticity, Some(9);

    /// The agreement has not begun or has ended.
    AgreementNotInForce = "AGREEMENT_NOT_IN_FORCE", State, Some(10);
    /// The agreement is suspended.
    AgreementSuspended = "AGREEMENT_SUSPENDED", State, Some(11);
    /// A change of the agreement crossed the report on the way; no fault of the sender.
    Crossed = "CROSSED", State, Some(12);
    /// The sender took it back.
    Withdrawn = "WITHDRAWN", State, Some(13);
    /// More unresolved leaves or bytes than the window holds.
    WindowExceeded = "WINDOW_EXCEEDED", State, Some(14);

    /// Nothing is agreed in this direction.
    DirectionNotAgreed = "DIRECTION_NOT_AGREED", Protection, Some(15);
    /// A marking that neither register nor table has.
    MarkingUnknown = "MARKING_UNKNOWN", Protection, Some(16);
    /// A marking that is known and never exchanged.
    MarkingNotExchangeable = "MARKING_NOT_EXCHANGEABLE", Protection, Some(17);
    /// A caveat that the agreement does not list.
    CaveatUnknown = "CAVEAT_UNKNOWN", Protection, Some(18);
    /// A caveat that keeps the report at home.
    CaveatForbidsForeign = "CAVEAT_FORBIDS_FOREIGN", Protection, Some(19);
    /// A caveat that this direction does not permit.
    CaveatNotPermitted = "CAVEAT_NOT_PERMITTED", Protection, Some(20);
    /// Marks that contradict each other.
    LabelInconsistent = "LABEL_INCONSISTENT", Protection, Some(21);
    /// The banner says less than the portions.
    LabelUnderstatesPortions = "LABEL_UNDERSTATES_PORTIONS", Protection, Some(22);
    /// The originator has changed the marking since.
    LabelSuperseded = "LABEL_SUPERSEDED", Protection, Some(23);
    /// A group that the agreement does not have on the day.
    GroupCodeUnknown = "GROUP_CODE_UNKNOWN", Protection, Some(24);
    /// Foreign portions, foreign sources and banner do not name the same nations.
    FgiMismatch = "FGI_MISMATCH", Protection, Some(25);
    /// Above the ceiling of a topic or of the direction.
    ClassExceedsCeiling = "CLASS_EXCEEDS_CEILING", Protection, Some(26);
    /// No topic.
    TopicMissing = "TOPIC_MISSING", Protection, Some(27);
    /// A topic that the vocabulary does not have.
    TopicUnknown = "TOPIC_UNKNOWN", Protection, Some(28);
    /// A topic that this direction does not have.
    TopicOutOfScope = "TOPIC_OUT_OF_SCOPE", Protection, Some(29);
    /// The recipient is not in the report's audience.
    NotReleasableToRecipient = "NOT_RELEASABLE_TO_RECIPIENT", Protection, Some(30);
    /// A source's TLP colour forbids it.
    TlpForbids = "TLP_FORBIDS", Protection, Some(31);
    /// Foreign information without its owner's consent; outbound only.
    ThirdPartyConsentMissing = "THIRD_PARTY_CONSENT_MISSING", Protection, None;

    /// The banner is stricter than the portions and does not say why.
    AggregationReasonMissing = "AGGREGATION_REASON_MISSING", Service, Some(32);
    /// A purpose that this direction does not have.
    PurposeMismatch = "PURPOSE_MISMATCH", Service, Some(33);
    /// A form that this direction does not have.
    FormNotAgreed = "FORM_NOT_AGREED", Service, Some(34);
    /// A form that this precedence does not have.
    PrecedenceNotAgreed = "PRECEDENCE_NOT_AGREED", Service, Some(35);
    /// The information cut-off is outside the period of the arrangement.
    ReportOutsideWindow = "REPORT_OUTSIDE_WINDOW", Service, Some(36);
    /// Too long from information cut-off to release.
    ReportTooOld = "REPORT_TOO_OLD", Service, Some(37);
    /// The information cut-off is after the release.
    ReportInFuture = "REPORT_IN_FUTURE", Service, Some(38);
    /// Live and exercise traffic mixed.
    TrafficKindMismatch = "TRAFFIC_KIND_MISMATCH", Service, Some(39);
    /// Report or attachments have too many bytes.
    SizeExceeded = "SIZE_EXCEEDED", Service, Some(40);
    /// A media type that this direction does not have.
    AttachmentTypeNotAgreed = "ATTACHMENT_TYPE_NOT_AGREED", Service, Some(41);
    /// Too many attachments.
    AttachmentCountExceeded = "ATTACHMENT_COUNT_EXCEEDED", Service, Some(42);
    /// An office that the recipient has not named.
    AddresseeUnknown = "ADDRESSEE_UNKNOWN", Service, Some(43);
    /// No addressee where one is needed.
    AddresseeMissing = "ADDRESSEE_MISSING", Service, Some(44);

    /// What a partner sees of every national reason.
    NationalRule = "NATIONAL_RULE", National, Some(45);
    /// A rule of the overlay forbids it.
    NationalOverlay = "NATIONAL_OVERLAY", National, None;
    /// The overlay could not be asked.
    OverlayUnavailable = "OVERLAY_UNAVAILABLE", National, None;
    /// The national rules do not hold now.
    NationalScopeNotValid = "NATIONAL_SCOPE_NOT_VALID", National, None;
    /// The node's accreditation is over, or does not reach so high.
    AccreditationLapsed = "ACCREDITATION_LAPSED", National, None;

    /// An officer must release it.
    ApprovalRequired = "APPROVAL_REQUIRED", People, None;
    /// A second officer must release it.
    SecondApprovalRequired = "SECOND_APPROVAL_REQUIRED", People, None;
    /// An approval is the author's own and does not count.
    ApproverIsAuthor = "APPROVER_IS_AUTHOR", People, None;
    /// The review date has passed: an officer confirms.
    ReviewDatePassed = "REVIEW_DATE_PASSED", People, None;
    /// A senior officer decides this topic.
    NationalTopicHeld = "NATIONAL_TOPIC_HELD", People, None;
    /// One officer releases alone in an emergency what needs two.
    EmergencyRelease = "EMERGENCY_RELEASE", People, None;
    /// A word of the list stopped it for a human look.
    ContentHeld = "CONTENT_HELD", People, None;
    /// Text is shaped like a mark: an officer looks at it.
    MarkInText = "MARK_IN_TEXT", People, None;
    /// A character that nobody sees stands in an attachment: an officer looks at it.
    UnseenInAttachment = "UNSEEN_IN_ATTACHMENT", People, None;
    /// An attachment cannot be inspected: two officers answer for it.
    NotInspected = "NOT_INSPECTED", People, None;

    /// A clause could not be judged.
    EvaluationError = "EVALUATION_ERROR", Engine, Some(46);
    /// Two engines decided differently.
    EngineDisagreement = "ENGINE_DISAGREEMENT", Engine, Some(47);
    /// The clock cannot be trusted.
    ClockUntrusted = "CLOCK_UNTRUSTED", Engine, Some(48);
}

impl Code {
    /// The code of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// The set of partner-visible codes that holds this one alone; empty where a partner never sees it.
    #[must_use]
    pub const fn bit(self) -> u64 {
        match self.bit_number() {
            Some(number) => 1 << number,
            None => 0,
        }
    }

    /// The codes of a partner's bits, in the order of the bits; unknown bits are left out.
    #[must_use]
    pub fn of_bits(bits: u64) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|code| bits & code.bit() != 0).collect()
    }

    /// All bits that a partner may see. Other bits in an outcome are of a later version of this list.
    #[must_use]
    pub fn known_bits() -> u64 {
        Self::ALL.iter().copied().map(Self::bit).fold(0, BitOr::bitor)
    }
}

/// The names of a partner's bits, sorted; unknown bits by their number, as `BIT_63`.
#[must_use]
pub fn names(bits: u64) -> Vec<String> {
    let unknown = bits & !Code::known_bits();
    let numbered = (0..u64::BITS).filter(|bit| unknown & (1 << bit) != 0).map(|bit| format!("BIT_{bit}"));
    let mut out: Vec<String> =
        Code::of_bits(bits).into_iter().map(|code| code.name().to_owned()).chain(numbered).collect();
    out.sort_unstable();
    out
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of codes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct CodeSet(u128);

impl CodeSet {
    /// No code.
    pub const EMPTY: Self = Self(0);

    /// Whether the code is in it.
    #[must_use]
    pub const fn contains(self, code: Code) -> bool {
        self.0 & (1 << code as u8) != 0
    }

    /// Whether these answers of an officer release, beside what else they answer.
    #[must_use]
    pub const fn release(self) -> bool {
        self.contains(Code::ApprovalRequired) || self.contains(Code::SecondApprovalRequired)
    }

    /// Adds a code.
    pub const fn insert(&mut self, code: Code) {
        self.0 |= 1 << code as u8;
    }

    /// This set and one code more.
    #[must_use]
    pub const fn with(self, code: Code) -> Self {
        Self(self.0 | 1 << code as u8)
    }

    /// Whether it has no code.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The codes of these names; names that are none are left out, for what they answer is nothing here.
    #[must_use]
    pub fn of_names(names: &[String]) -> Self {
        names.iter().filter_map(|name| Code::parse(name)).collect()
    }

    /// The codes, in the order of the list.
    pub fn iter(self) -> impl Iterator<Item = Code> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let place = usize::try_from(left.trailing_zeros()).ok()?;
            left &= left.wrapping_sub(1);
            Code::ALL.get(place).copied()
        })
    }
}

impl FromIterator<Code> for CodeSet {
    fn from_iter<I: IntoIterator<Item = Code>>(codes: I) -> Self {
        codes.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Debug for CodeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// One failed clause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// Which.
    pub code: Code,
    /// Whether national rules and not the agreement's clause failed.
    pub national: bool,
    /// One plain sentence: what the report has, the limit, and what would make it releasable, or that nothing would.
    pub detail: String,
}

impl Reason {
    /// Whether it comes from the nation's own rules, of which a partner learns nothing but that.
    #[must_use]
    pub fn is_national(&self) -> bool {
        self.national || self.code.class() == Class::National
    }

    /// As it stands in a list of codes: the name, with `NATIONAL_SCOPE:` before a clause that national rules narrow.
    #[must_use]
    pub fn name(&self) -> String {
        scoped(self.code, self.national)
    }

    /// The bit that the partner may see of it. POL-4
    #[must_use]
    pub fn partner_bit(&self) -> u64 {
        if self.is_national() { Code::NationalRule.bit() } else { self.code.bit() }
    }
}

/// A code's name, with `NATIONAL_SCOPE:` before a clause that national rules narrow.
pub(crate) fn scoped(code: Code, national: bool) -> String {
    match code.class() {
        Class::Protection | Class::Service if national => format!("NATIONAL_SCOPE:{code}"),
        Class::Authenticity
        | Class::State
        | Class::Protection
        | Class::Service
        | Class::National
        | Class::People
        | Class::Engine => code.name().to_owned(),
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_distinct_and_fit() {
        let bits: Vec<u32> = Code::ALL.iter().filter_map(|code| code.bit_number()).collect();
        let mut sorted = bits.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), bits.len());
        assert!(bits.iter().all(|bit| *bit < 64));
        assert!(Code::ALL.len() <= 128, "a CodeSet holds them");
        assert_eq!(Code::of_bits(Code::known_bits()).len(), bits.len());
        assert_eq!(names(Code::TlpForbids.bit() | 1 << 63 | 1), ["BIT_63", "SIGNATURE_INVALID", "TLP_FORBIDS"]);
    }

    #[test]
    fn a_partner_sees_no_people_and_one_national_code() {
        for code in Code::ALL {
            let seen = code.bit() != 0;
            match code.class() {
                Class::People => assert!(!seen, "{code}"),
                Class::National => assert_eq!(seen, *code == Code::NationalRule, "{code}"),
                Class::Authenticity | Class::State | Class::Protection | Class::Service | Class::Engine => {
                    assert_eq!(seen, *code != Code::ThirdPartyConsentMissing, "{code}");
                }
            }
            let national = Reason { code: *code, national: true, detail: String::new() };
            assert_eq!(national.partner_bit(), 1 << 45);
        }
    }

    #[test]
    fn names_read_back() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.name()), Some(*code));
        }
        assert_eq!(Code::parse("ACCEPTED"), None);
        let national = |code| Reason { code, national: true, detail: String::new() }.name();
        assert_eq!(national(Code::ReportTooOld), "NATIONAL_SCOPE:REPORT_TOO_OLD");
        assert_eq!(national(Code::EvaluationError), "EVALUATION_ERROR");
    }

    #[test]
    fn a_set_has_each_code_once_in_the_order_of_the_list() {
        let mut set = CodeSet::EMPTY;
        assert!(set.is_empty() && set.iter().next().is_none());
        for code in Code::ALL {
            assert!(!set.contains(*code), "{code}");
            set.insert(*code);
            set.insert(*code);
            assert!(set.contains(*code) && !set.is_empty(), "{code}");
            assert_eq!(set.with(*code), set, "{code} is in it already");
        }
        assert!(set.iter().eq(Code::ALL.iter().copied()));
        let names = ["TLP_FORBIDS", "ACCEPTED", "REPLAYED", "TLP_FORBIDS"].map(str::to_owned);
        let named = CodeSet::of_names(&names);
        assert!(named.iter().eq([Code::Replayed, Code::TlpForbids]), "{named:?}");
        assert_eq!(format!("{named:?}"), "{Replayed, TlpForbids}");
    }
}
