//! Two nodes in one thread with virtual time, faults and `check_all`.
