//! The daemon's binary.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    relto_node::main()
}
