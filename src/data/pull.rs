//! Downloads of the registry: resumed where they broke off, verified, and never half in place.
//!
//! Bytes go to `<file>.gz.part`. What is there is kept when a transfer breaks, and the next one asks for the rest. Only
//! when the unpacked bytes have the pinned digest is the file renamed to its place.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body};

use super::registry::{self, Entry};
use super::spec::Registered;
use super::{Error, Shelf};
use crate::files;

/// How far the transfer of one file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer<'a> {
    /// Name of the file.
    pub file: &'a str,
    /// Bytes here, those of earlier attempts included.
    pub done_bytes: u64,
    /// Bytes in all, where the server says it.
    pub total_bytes: Option<u64>,
}

/// Downloads what is missing of a set into the cache, and verifies what is there.
///
/// # Errors
/// If no address offers the set, a transfer breaks off, the digest is another one, or the disk fails.
pub fn pull(set: Registered, shelf: &Shelf, on_progress: &mut dyn FnMut(Transfer<'_>)) -> Result<(), Error> {
    pull_entry(registry::entry(set), shelf, on_progress)
}

fn pull_entry(entry: &Entry, shelf: &Shelf, on_progress: &mut dyn FnMut(Transfer<'_>)) -> Result<(), Error> {
    for file in entry.files {
        let here = registry::find(entry, file.name, shelf);
        if here.is_some_and(|path| registry::verified(&path, file.sha256).is_ok()) {
            continue;
        }
        let Some(url) = file.url else {
            return Err(Error::ByHand { name: entry.name, obtain: entry.by_hand.unwrap_or_default() });
        };
        let packed = if url.ends_with(".gz") { ".gz" } else { "" };
        let target = shelf.cache.join(entry.name).join(format!("{}{packed}", file.name));
        let mut report = |done_bytes, total_bytes| on_progress(Transfer { file: file.name, done_bytes, total_bytes });
        fetch(url, &target, file.sha256, &mut report)?;
    }
    Ok(())
}

/// Downloads one file.
fn fetch(url: &str, target: &Path, sha256: &str, report: &mut dyn FnMut(u64, Option<u64>)) -> Result<(), Error> {
    let part = part_of(target);
    files::create_folder(target.parent().expect("a file of a set lies in its folder"))?;
    loop {
        let before = files::size(&part)?;
        match transfer(url, &part, before, report) {
            Ok(()) => break,
            // As long as each attempt brings something, the next one may bring the rest.
            Err(Error::Download { kept, .. }) if kept > before => {}
            Err(error) => return Err(error),
        }
    }
    if let Err(error) = registry::verified(&part, sha256) {
        // Wrong bytes do not get better by being added to.
        files::remove(&part)?;
        return Err(error);
    }
    Ok(files::rename(&part, target)?)
}

fn part_of(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// Brings the bytes from `kept` on and adds them to `part`.
fn transfer(url: &str, part: &Path, kept: u64, report: &mut dyn FnMut(u64, Option<u64>)) -> Result<(), Error> {
    let broken = |message: String, kept: u64| Error::Download { url: url.to_owned(), message, kept };
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(Duration::from_secs(30)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .build()
        .into();
    let mut request = agent.get(url);
    if kept > 0 {
        request = request.header(header::RANGE, format!("bytes={kept}-"));
    }
    let response = request.call().map_err(|e| broken(e.to_string(), kept))?;
    match response.status() {
        StatusCode::PARTIAL_CONTENT if kept > 0 => append(response, part, kept, report, &broken),
        StatusCode::OK => {
            // A server that does not know ranges begins anew.
            files::remove(part)?;
            append(response, part, 0, report, &broken)
        }
        // Nothing is left to bring; the digest will tell whether that is right.
        StatusCode::RANGE_NOT_SATISFIABLE if kept > 0 => Ok(()),
        status => Err(broken(format!("the server answers {status}"), kept)),
    }
}

fn append(
    mut response: Response<Body>,
    part: &Path,
    kept: u64,
    report: &mut dyn FnMut(u64, Option<u64>),
    broken: &dyn Fn(String, u64) -> Error,
) -> Result<(), Error> {
    let mut file = files::append(part)?;
    let mut done = kept;
    let total = response.body().content_length().map(|rest| kept + rest);
    let mut reader = response.body_mut().as_reader();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = reader.read(&mut buffer).map_err(|e| broken(e.to_string(), done))?;
        if n == 0 {
            break;
        }
        let written = file.write_all(&buffer[..n]);
        written.map_err(|source| files::Error { action: "write", path: part.to_owned(), source })?;
        done += n as u64;
        report(done, total);
    }
    match total {
        Some(total) if done < total => Err(broken(format!("it broke off after {done} of {total} bytes"), done)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;
    use std::thread::{self, JoinHandle};

    const CONTENT: &[u8] = b"rows, as they were published";
    /// Of the content.
    const SHA256: &str = "a6dbc449d5f575ac901a6bf28538326bdb59b40159eb3b79c9787dbb5f0c3c59";

    /// Serves `body` to as many connections as there are limits, to each no more than so many bytes of it; returns the
    /// address, and the ranges that were asked for.
    fn serve(body: &'static [u8], limits: Vec<usize>) -> (String, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}/file.gz", listener.local_addr().expect("bound"));
        let serve = move || limits.into_iter().map(|limit| answer(&listener, body, limit)).collect();
        (address, thread::spawn(serve))
    }

    fn answer(listener: &TcpListener, body: &[u8], limit: usize) -> String {
        let (mut stream, _) = listener.accept().expect("a connection");
        let lines = BufReader::new(stream.try_clone().expect("a second handle")).lines();
        let request: Vec<String> = lines.map(|l| l.expect("text")).take_while(|l| !l.is_empty()).collect();
        let range = request.iter().find_map(|l| l.to_lowercase().strip_prefix("range: bytes=").map(str::to_owned));
        let from = range.as_deref().map_or(0, |r| r.trim_end_matches('-').parse().expect("a number"));
        let status = match from {
            0 => "200 OK",
            from if from >= body.len() => "416 Range Not Satisfiable",
            _ => "206 Partial Content",
        };
        let rest = body.get(from..).unwrap_or_default();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", rest.len());
        stream.write_all(head.as_bytes()).expect("the client listens");
        stream.write_all(&rest[..limit.min(rest.len())]).expect("the client listens");
        range.unwrap_or_default()
    }

    fn fetched(limits: Vec<usize>, sha256: &str) -> (Result<(), Error>, tempfile::TempDir, Vec<String>) {
        let folder = tempfile::tempdir().expect("a folder");
        let (url, server) = serve(CONTENT, limits);
        let result = fetch(&url, &folder.path().join("file.gz"), sha256, &mut |_, _| {});
        (result, folder, server.join().expect("the server ends"))
    }

    fn left_in(folder: &tempfile::TempDir) -> Vec<PathBuf> {
        files::walk(folder.path()).expect("a folder")
    }

    #[test]
    fn a_broken_transfer_goes_on_where_it_stopped() {
        let (result, folder, ranges) = fetched(vec![10, 5, 100], SHA256);
        result.expect("the third connection brings the rest");
        assert_eq!(ranges, ["", "10-", "15-"]);
        assert_eq!(left_in(&folder), [Path::new("file.gz")]);
        assert_eq!(files::read(&folder.path().join("file.gz")).expect("it is there"), CONTENT);
    }

    #[test]
    fn what_came_is_kept_for_the_next_attempt() {
        let (result, folder, _) = fetched(vec![10, 0], SHA256);
        let error = result.expect_err("the second connection brings nothing");
        assert!(matches!(error, Error::Download { kept: 10, .. }), "{error}");
        assert_eq!(error.hint().as_deref(), Some("10 bytes are kept: the same command goes on from there"));
        assert_eq!(left_in(&folder), [Path::new("file.gz.part")]);
    }

    #[test]
    fn wrong_bytes_are_named_and_thrown_away() {
        let (result, folder, _) = fetched(vec![100], &"0".repeat(64));
        let error = result.expect_err("the digest is another one");
        assert!(matches!(&error, Error::Digest { found, .. } if found == SHA256), "{error}");
        assert!(left_in(&folder).is_empty());
    }
}
