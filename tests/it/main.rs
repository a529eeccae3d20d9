//! The one integration test binary.

mod cli;
mod crash;
mod decision_cases;
mod demo;
mod flow;
mod hostile;
mod live;
mod mtls;
mod store;
