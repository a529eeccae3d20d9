//! The rules of each form of Statement. A new form costs its file, its name and word in `crate::forms`, and a line here.

mod acknowledged;
mod rules;

pub(crate) use rules::{Rules, Said};

use crate::forms::Form;

/// The rules of a form.
pub(crate) const fn rules_of(form: Form) -> &'static Rules {
    match form {
        Form::Acknowledged => &acknowledged::RULES,
    }
}
