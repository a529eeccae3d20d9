//! The client's binary.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    #[cfg(feature = "lab")]
    let program = relto_lab::main;
    #[cfg(not(feature = "lab"))]
    let program = relto_cli::program::main;
    program()
}
