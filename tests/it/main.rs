//! The one integration test binary.

mod mtls;
