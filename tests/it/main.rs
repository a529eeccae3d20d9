//! The one integration test binary.

mod decision_cases;
mod demo;
mod mtls;
