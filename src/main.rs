//! The `riffsmith` binary.

fn main() -> std::process::ExitCode {
    riffsmith::cli::run(std::env::args_os())
}
