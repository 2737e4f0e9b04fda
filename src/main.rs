//! The `labbook` program: a thin door to [`labbook::cli`].

fn main() -> std::process::ExitCode {
    labbook::cli::main()
}
