//! The one integration test binary.

mod api;
mod bench;
mod cli;
mod content;
mod corpus;
mod crash;
mod decision_cases;
mod demo;
mod flow;
mod heads;
mod hostile;
mod inspect;
mod live;
mod lockout;
mod migrate;
mod mtls;
mod node;
mod past_the_client;
mod segments;
mod spec;
mod store;
mod tidy;
mod vectors;
