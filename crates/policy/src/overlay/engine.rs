//! The overlay in Cedar. What could fail open is refused when the file is loaded, and any error when it is asked denies.

use super::{Findings, Judge, Question};
use crate::{agreement::Meaning, national::Overlay, side::Side};
use cedar_policy::{
    Authorizer, Context, Effect, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy, PolicyId, PolicySet,
    Request, RestrictedExpression, Schema, ValidationMode, Validator,
};
use relto_report::{
    crypto::sha256,
    digest::Digest,
    fault::{Fault, Faults},
    vocabulary::Vocabulary,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Display,
    str::FromStr as _,
};

/// Bytes of the longest overlay.
pub const MAX_FILE: usize = 256 * 1024;
/// Rules of the longest overlay.
pub const MAX_RULES: usize = 500;

const RULE: &str = "N003";
const TEMPLATE: &str = include_str!("overlay.cedarschema");

/// What a rule may be made of: nothing that can fail on a well-formed question. Arithmetic overflows, and a rule that
/// fails is skipped by Cedar, which would let the report go.
const OPERATORS: [&str; 19] = [
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "&&",
    "||",
    "!",
    "in",
    "is",
    "if-then-else",
    "contains",
    "containsAll",
    "containsAny",
    "isEmpty",
    "like",
    "Set",
    ".",
];
/// Where a condition ends.
const LEAVES: [&str; 2] = ["Value", "Var"];
/// Names of operands, and texts beside them.
const OPERANDS: [&str; 10] = ["left", "right", "arg", "if", "then", "else", "attr", "pattern", "entity_type", "in"];

/// An overlay as it was loaded.
pub struct CedarOverlay {
    digest: Digest,
    schema: Schema,
    policies: PolicySet,
    texts: BTreeMap<PolicyId, String>,
}

impl CedarOverlay {
    /// Loads the overlay that national rules name, from the file's bytes.
    ///
    /// # Errors
    /// N003, all at once: another file than the rules name; what is not Cedar; anything but a `forbid` with an `@id` of
    /// its own, a `@reason` and a `@text`; what the schema does not know, or a rule that can never apply; arithmetic
    /// and whatever else could err.
    pub fn load(overlay: &Overlay, bytes: &[u8], vocabulary: &Vocabulary) -> Result<Self, Faults> {
        let fail = |list: Vec<String>| {
            let fault = |message| Fault { line: 0, column: 0, rule: RULE, message, warning: false };
            Err(Faults::new(&overlay.file, list.into_iter().map(fault).collect()))
        };
        if !overlay.is(bytes) {
            let found = sha256(&[bytes]);
            return fail(vec![format!(
                "the rules name {}, this file is {found}. Sign rules that name it",
                overlay.digest
            )]);
        }
        let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= MAX_FILE);
        let Some(text) = text else { return fail(vec![format!("not UTF-8, or longer than {MAX_FILE} bytes")]) };
        let schema = match Schema::from_cedarschema_str(&schema(vocabulary)) {
            Ok((schema, _)) => schema,
            Err(error) => return fail(vec![format!("the vocabulary makes no schema: {error}")]),
        };
        let read = match PolicySet::from_str(text) {
            Ok(read) => read,
            Err(error) => return fail(vec![format!("not Cedar: {error}")]),
        };
        let mut faults = Vec::new();
        if read.templates().next().is_some() {
            faults.push("a rule with slots. Write each rule out".to_owned());
        }
        let (mut policies, mut texts) = (PolicySet::new(), BTreeMap::new());
        let rules: Vec<&Policy> = read.policies().collect();
        if rules.is_empty() || rules.len() > MAX_RULES {
            faults.push(format!("{} rules; 1 to {MAX_RULES} may stand here", rules.len()));
        }
        for rule in rules {
            match accept(rule) {
                Ok((id, _)) if texts.contains_key(&id) => faults.push(format!("{id}: two rules have this @id")),
                Ok((id, text)) => {
                    if let Err(error) = policies.add(rule.new_id(id.clone())) {
                        faults.push(format!("{id}: {error}"));
                    }
                    texts.insert(id, text);
                }
                Err(fault) => faults.push(fault),
            }
        }
        let judged = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        faults.extend(judged.validation_errors().map(ToString::to_string));
        faults.extend(judged.validation_warnings().map(ToString::to_string));
        if faults.is_empty() { Ok(Self { digest: overlay.digest, schema, policies, texts }) } else { fail(faults) }
    }

    /// How many rules it has.
    #[must_use]
    pub fn count(&self) -> usize {
        self.texts.len()
    }
}

/// The rule's id and text, if it may stand in an overlay.
fn accept(rule: &Policy) -> Result<(PolicyId, String), String> {
    let annotation = |name: &str| rule.annotation(name).map(str::trim).filter(|text| !text.is_empty());
    let (Some(id), Some(_), Some(text)) = (annotation("id"), annotation("reason"), annotation("text")) else {
        return Err(format!("each rule has an @id, a @reason and a @text; this has not: {rule}"));
    };
    if rule.effect() != Effect::Forbid {
        return Err(format!("{id}: an overlay forbids and never permits. The agreement permits"));
    }
    if let Some(operator) = foreign_operator(rule)? {
        return Err(format!("{id}: {operator} may fail when it is asked, and no rule may. Compare, and use sets"));
    }
    Ok((PolicyId::new(id), text.to_owned()))
}

/// The first thing in a rule's conditions that is none of [`OPERATORS`]: a list of what is allowed, so that what a later
/// Cedar adds is refused.
fn foreign_operator(rule: &Policy) -> Result<Option<String>, String> {
    let tree = rule.to_json().map_err(|error| error.to_string())?;
    let conditions = tree.get("conditions").and_then(|list| list.as_array()).map(Vec::as_slice).unwrap_or_default();
    let mut open: Vec<_> = conditions.iter().filter_map(|one| one.get("body")).collect();
    while let Some(part) = open.pop() {
        if let Some(list) = part.as_array() {
            open.extend(list);
        }
        for (name, inner) in part.as_object().into_iter().flatten() {
            if LEAVES.contains(&name.as_str()) {
                continue;
            }
            if !OPERATORS.contains(&name.as_str()) && !OPERANDS.contains(&name.as_str()) {
                return Ok(Some(name.clone()));
            }
            if !matches!(name.as_str(), "attr" | "pattern" | "entity_type") {
                open.push(inner);
            }
        }
    }
    Ok(None)
}

/// The schema, with the closed lists of the vocabulary in it: a word that is misspelt in a rule would never match.
fn schema(vocabulary: &Vocabulary) -> String {
    let list = |words: &mut dyn Iterator<Item = &str>| words.map(quoted).collect::<Vec<_>>().join(", ");
    let texts = |words: &[String]| list(&mut words.iter().map(String::as_str));
    TEMPLATE
        .replace("$TOPICS", &texts(&vocabulary.topics))
        .replace("$FORMS", &texts(&vocabulary.report_forms))
        .replace("$PRECEDENCE", &texts(&vocabulary.precedence))
        .replace("$TLP", &list(&mut std::iter::once("none").chain(vocabulary.tlp.iter().map(String::as_str))))
        .replace("$CAVEATS", &list(&mut Meaning::WORDS.iter().map(|(word, _)| *word)))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}

impl Judge for CedarOverlay {
    fn digest(&self) -> Digest {
        self.digest
    }

    fn judge(&self, question: &Question<'_>) -> Findings {
        let (request, entities) = match self.ask(question) {
            Ok(asked) => asked,
            Err(why) => return Findings::Unavailable(why),
        };
        let response = Authorizer::new().is_authorized(&request, &self.policies, &entities);
        // Cedar skips a rule that errs. Here it denies.
        if let Some(error) = response.diagnostics().errors().next() {
            return Findings::Unavailable(error.to_string());
        }
        let mut forbids = BTreeMap::new();
        for id in response.diagnostics().reason() {
            let Some(text) = self.texts.get(id) else {
                return Findings::Unavailable(format!("{id} is none of the overlay's rules"));
            };
            forbids.insert(id.to_string(), text.clone());
        }
        Findings::Forbids(forbids)
    }
}

fn told(error: impl Display) -> String {
    error.to_string()
}

fn uid(kind: &str, id: &str) -> Result<EntityUid, String> {
    let kind = EntityTypeName::from_str(&format!("Relto::{kind}")).map_err(told)?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

fn word(kind: &str, id: &str) -> Result<RestrictedExpression, String> {
    Ok(RestrictedExpression::new_entity_uid(uid(kind, id)?))
}

fn words<'w>(kind: &str, ids: impl IntoIterator<Item = &'w str>) -> Result<RestrictedExpression, String> {
    let list: Result<Vec<_>, String> = ids.into_iter().map(|id| word(kind, id)).collect();
    Ok(RestrictedExpression::new_set(list?))
}

fn texts<'w>(list: impl IntoIterator<Item = &'w str>) -> RestrictedExpression {
    RestrictedExpression::new_set(list.into_iter().map(|text| RestrictedExpression::new_string(text.to_owned())))
}

fn long(number: impl TryInto<i64>) -> RestrictedExpression {
    RestrictedExpression::new_long(number.try_into().unwrap_or(i64::MAX))
}

impl CedarOverlay {
    /// The question as Cedar takes it. A word that no list has cannot be asked, and so is not let through.
    fn ask(&self, question: &Question<'_>) -> Result<(Request, Entities), String> {
        let action = match question.side {
            Side::Out => "release",
            Side::In => "accept",
        };
        let resource = uid("Report", "report")?;
        let report = Entity::new(resource.clone(), attributes(question)?, HashSet::new()).map_err(told)?;
        let entities = Entities::from_entities([report], Some(&self.schema)).map_err(told)?;
        let context = Context::from_pairs(context(question)?).map_err(told)?;
        let principal = uid("Nation", question.to.as_str())?;
        let request = Request::new(principal, uid("Action", action)?, resource, context, Some(&self.schema));
        Ok((request.map_err(told)?, entities))
    }
}

fn attributes(question: &Question<'_>) -> Result<HashMap<String, RestrictedExpression>, String> {
    let report = question.report.report;
    let strings = |list: &[String]| texts(list.iter().map(String::as_str));
    let nations = |list: &std::collections::BTreeSet<_>| {
        let codes: Vec<String> = list.iter().map(ToString::to_string).collect();
        words("Nation", codes.iter().map(String::as_str))
    };
    let out = [
        ("actionOffices", strings(&report.action)),
        ("attachmentBytes", long(report.attachment_bytes())),
        ("attachmentCount", long(report.attachments.len())),
        ("attachmentTypes", texts(report.attachments.iter().map(|one| one.media_type.as_str()))),
        ("audience", nations(&question.audience)?),
        ("caveats", words("Caveat", question.caveats.iter().map(|one| one.word()))?),
        ("concealedOrigin", RestrictedExpression::new_bool(question.concealed)),
        ("foreignOwners", nations(&question.foreign)?),
        ("form", word("Form", &report.form)?),
        ("infoOffices", strings(&report.info)),
        ("language", RestrictedExpression::new_string(report.language.clone())),
        ("level", RestrictedExpression::new_long(question.level.map_or(-1, i64::from))),
        ("purpose", RestrictedExpression::new_string(report.purpose.clone())),
        ("reportBytes", long(question.report.bytes)),
        ("tearLine", RestrictedExpression::new_bool(report.from_tear_line)),
        ("tlp", word("Tlp", report.tlp.as_deref().unwrap_or("none"))?),
        ("topics", words("Topic", report.topics.iter().map(String::as_str))?),
        ("traffic", RestrictedExpression::new_string(report.traffic.clone())),
    ];
    Ok(out.map(|(name, value)| (name.to_owned(), value)).into())
}

fn context(question: &Question<'_>) -> Result<Vec<(String, RestrictedExpression)>, String> {
    let cutoff = question.report.report.information_cutoff.seconds();
    let released = question.released.seconds();
    let out = [
        ("ageSeconds", RestrictedExpression::new_long(released.saturating_sub(cutoff))),
        ("cutoff", RestrictedExpression::new_long(cutoff)),
        ("emergency", RestrictedExpression::new_bool(question.emergency)),
        ("now", RestrictedExpression::new_long(question.now.seconds())),
        ("precedence", word("Precedence", question.precedence)?),
        ("released", RestrictedExpression::new_long(released)),
        ("sender", word("Nation", question.from.as_str())?),
    ];
    Ok(out.map(|(name, value)| (name.to_owned(), value)).into())
}
