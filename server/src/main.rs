//! The `natter` binary: settings in, exit code out.

use clap::Parser;
use natter_server::{Command, Config, Findings, OpenError, check, run};
use std::{
    io::{self, Write},
    process::ExitCode,
};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let config = Config::parse();
    let filter = EnvFilter::try_from_env("NATTER_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    if let Some(Command::Check) = config.command {
        return report(check(&config.data));
    }
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("natter: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the findings of a check.
fn report(found: Result<Findings, OpenError>) -> ExitCode {
    match found {
        Ok(findings) => {
            // The output may be closed.
            write!(io::stdout(), "{findings}").ok();
            if findings.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("natter: {error}");
            ExitCode::FAILURE
        }
    }
}
