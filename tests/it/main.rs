//! The one integration test binary.

mod decision_cases;
mod mtls;
