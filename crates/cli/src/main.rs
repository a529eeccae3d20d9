//! The client's binary.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    relto_cli::command::main()
}
