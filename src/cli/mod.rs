//! Arguments → calls → exit codes. No logic lives here.

/// Says a line on standard error.
macro_rules! say {
    ($($words:tt)*) => {
        $crate::cli::say(&(format!($($words)*) + "\n"))
    };
}

mod cache;
mod commands;
mod diff;
mod doctor;
mod init;
mod progress;
mod pull;
mod record;
mod serve;
mod verify;
mod why;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use crate::numerics::Simd;
use crate::plan::Part;
use crate::schema::Published;
use bytesize::ByteSize;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

/// A book that runs its own experiments.
#[derive(Debug, Parser)]
#[command(name = "labbook", version, about, propagate_version = true)]
struct Arguments {
    /// The book's folder, where `labbook.toml` is
    #[arg(long, global = true, default_value = ".", value_name = "DIR")]
    book: PathBuf,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run what is not cached and render the book
    Build(Build),
    /// Read and resolve only: all mistakes, in milliseconds
    Check,
    /// What would run, and why
    Plan {
        #[command(flatten)]
        profile: Profile,
        /// How to print it
        #[arg(long, value_enum, default_value_t = TextFormat::Text)]
        format: TextFormat,
    },
    /// Run experiments only
    Run {
        /// Experiments; all where none is named
        ids: Vec<String>,
        #[command(flatten)]
        profile: Profile,
        #[command(flatten)]
        effort: Effort,
        /// Only this part of the runs, the second of four, say: `2/4`
        #[arg(long, value_name = "K/N")]
        partition: Option<Part>,
    },
    /// Write the results of record, `results/`, from the current results
    Record {
        /// Experiments; all where none is named
        ids: Vec<String>,
        #[command(flatten)]
        profile: Profile,
    },
    /// Run recorded runs again, without the cache, and compare
    Verify(Verify),
    /// Tidy results on standard output: one row per run, measure and epoch
    Export {
        /// An experiment
        id: String,
        #[command(flatten)]
        profile: Profile,
        /// How to print it
        #[arg(long, value_enum, default_value_t = ExportFormat::Csv)]
        format: ExportFormat,
    },
    /// Where a figure, table, claim or number comes from
    Why {
        /// An id of the book, the name of a number, or an expression such as `scale[model=svm, m=100].test_accuracy`
        id: String,
        #[command(flatten)]
        profile: Profile,
        /// How to print it
        #[arg(long, value_enum, default_value_t = TextFormat::Text)]
        format: TextFormat,
    },
    /// What differs from a git revision: results, verdicts, printed numbers, figures
    Diff {
        /// A branch, a tag or a commit
        #[arg(value_name = "REV")]
        revision: String,
        #[command(flatten)]
        profile: Profile,
        /// How to print it
        #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
        format: DiffFormat,
        #[command(flatten)]
        drawings: DiffDrawings,
    },
    /// Datasets by name: list them, or fetch one
    Data {
        #[command(subcommand)]
        verb: DataVerb,
    },
    /// Finished runs that are kept: list them, or remove some
    Cache {
        #[command(subcommand)]
        verb: CacheVerb,
    },
    /// Print a JSON Schema of what programs may rely on
    Schema {
        /// Of what
        #[arg(value_enum)]
        of: SchemaOf,
    },
    /// Show the book in the browser, made again at each change, while its runs go on
    Serve(Serve),
    /// What this machine is, and what of the book is here
    Doctor {
        /// How to print it
        #[arg(long, value_enum, default_value_t = TextFormat::Text)]
        format: TextFormat,
    },
    /// Make a small new book that builds
    Init {
        /// A folder that does not exist yet, or is empty
        dir: PathBuf,
    },
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, clap::Args)]
struct Build {
    #[command(flatten)]
    profile: Profile,
    #[command(flatten)]
    effort: Effort,
    /// Where the pages go, instead of `[output] dir`
    #[arg(long, value_name = "DIR")]
    dest: Option<PathBuf>,
    /// Never run: take the results of record alone
    #[arg(long, conflicts_with = "rerun")]
    frozen: bool,
    /// Fail on warnings and refuted claims
    #[arg(long)]
    strict: bool,
    /// Print the book to `book.pdf` in the output, by Chromium, Chrome or Edge
    #[arg(long)]
    pdf: bool,
    /// Pack the book into `book.epub` in the output
    #[arg(long)]
    epub: bool,
    /// Open the book in the browser afterwards
    #[arg(long)]
    open: bool,
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// Experiments; all where none is named
    ids: Vec<String>,
    /// Every recorded run, as where neither experiments nor a sample are asked for
    #[arg(long, conflicts_with_all = ["ids", "sample"])]
    all: bool,
    /// So many of the runs, chosen by a digest of seed and key
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// Chooses another sample, and another order
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// Begin no run after this time: `90s`, `5m`, `2h`
    #[arg(long, value_name = "TIME", value_parser = verify::budget)]
    budget: Option<std::time::Duration>,
    #[command(flatten)]
    profile: Profile,
    /// How many runs at once [default: the number of cores]
    #[arg(long, short, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = TextFormat::Text)]
    format: TextFormat,
}

#[derive(Debug, clap::Args)]
struct Serve {
    #[command(flatten)]
    profile: Profile,
    /// On 127.0.0.1, which other machines do not reach; 0 for any that is free
    #[arg(long, default_value_t = 4000)]
    port: u16,
    /// How many runs at once [default: the number of cores]
    #[arg(long, short, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
    /// Show the results that are there, and compute none
    #[arg(long)]
    no_run: bool,
    /// Open the book in the browser
    #[arg(long)]
    open: bool,
}

#[derive(Debug, clap::Args)]
struct Profile {
    /// Which `[profile.…]` of `labbook.toml` to apply
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Effort {
    /// How many runs at once [default: the number of cores]
    #[arg(long, short, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
    /// Run everything again, cached or not
    #[arg(long)]
    rerun: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TextFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    Csv,
    Json,
}

/// Where the drawings of a difference go, which Markdown can only point to.
#[derive(Debug, Args)]
struct DiffDrawings {
    /// Write the figures before and after into this folder, and show them in the Markdown
    #[arg(long, value_name = "DIR")]
    drawings: Option<PathBuf>,
    /// Where that folder stands on the web; without it, the path given
    #[arg(long, value_name = "URL", requires = "drawings")]
    drawings_url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// For a terminal
    Text,
    /// For a comment on a pull request
    Markdown,
    /// One static page, with figures side by side
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SchemaOf {
    /// The rows that `export --format json` prints
    Results,
    /// The directives of a book
    Directives,
}

impl SchemaOf {
    fn published(self) -> Published {
        match self {
            Self::Results => Published::Results,
            Self::Directives => Published::Directives,
        }
    }
}

#[derive(Debug, Subcommand)]
enum DataVerb {
    /// The known datasets: origin, licence, digest, present or not
    List,
    /// Download and verify
    Pull {
        /// Names from the list
        #[arg(required = true)]
        names: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
enum CacheVerb {
    /// The cached runs by experiment, and whether the book or the record needs them
    List {
        /// How to print it
        #[arg(long, value_enum, default_value_t = TextFormat::Text)]
        format: TextFormat,
    },
    /// Remove runs that neither the book, in any profile, nor the record needs
    Gc {
        /// Only those computed longer ago than this: `30d`, `12h`
        #[arg(long, value_name = "AGE", value_parser = humantime::parse_duration)]
        older_than: Option<Duration>,
        /// Then the oldest ones, needed or not, until the runs take no more than this: `1GiB`, `500MB`
        #[arg(long, value_name = "SIZE")]
        max_size: Option<ByteSize>,
        /// Say what would be removed, and leave it
        #[arg(long)]
        dry_run: bool,
        /// How to print it
        #[arg(long, value_enum, default_value_t = TextFormat::Text)]
        format: TextFormat,
    },
}

/// How a command ended; the numbers are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    Fine = 0,
    Failed = 1,
    Stale = 3,
    Drift = 4,
    Interrupted = 130,
}

/// Says something on standard error, without colours where they are not wanted. Nobody listening is no failure.
fn say(text: &str) {
    use std::io::Write;
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Runs the program. A wrong command line exits with 2.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let book = &arguments.book;
    // A doctor says what is the matter.
    if let Err(unsupported) = Simd::choose()
        && !matches!(arguments.verb, Verb::Doctor { .. })
    {
        return ExitCode::from(commands::failed(&unsupported.to_string()) as u8);
    }
    let exit = match arguments.verb {
        Verb::Build(build) => commands::build(book, &build),
        Verb::Check => commands::check(book),
        Verb::Plan { profile, format } => commands::plan(book, &profile, format),
        Verb::Run { ids, profile, effort, partition } => commands::run(book, &ids, &profile, &effort, partition),
        Verb::Record { ids, profile } => record::record(book, &ids, &profile),
        Verb::Verify(verify) => verify::verify(book, &verify),
        Verb::Export { id, profile, format } => commands::export(book, &id, &profile, format),
        Verb::Why { id, profile, format } => why::why(book, &id, &profile, format),
        Verb::Diff { revision, profile, format, drawings } => diff::diff(book, &revision, &profile, format, &drawings),
        Verb::Data { verb: DataVerb::List } => pull::list(book),
        Verb::Data { verb: DataVerb::Pull { names } } => pull::pull(book, &names),
        Verb::Cache { verb } => cache::cache(book, &verb),
        Verb::Schema { of } => commands::print(&of.published().text()),
        Verb::Serve(arguments) => serve::serve(book, &arguments),
        Verb::Doctor { format } => doctor::doctor(book, format),
        Verb::Init { dir } => init::init(&dir),
        Verb::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "labbook", &mut std::io::stdout());
            Exit::Fine
        }
    };
    ExitCode::from(exit as u8)
}
