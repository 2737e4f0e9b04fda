//! The book on one page → a PDF, by a browser that is there.
//!
//! Chromium and its kin print a page without a window. The dates they put into the file are taken out again, so that equal
//! pages and an equal browser give equal bytes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::files;

/// Names under which such browsers are installed.
const BROWSERS: [&str; 6] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];
/// Where macOS keeps them.
const APPLICATIONS: [&str; 3] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
];
/// Between two looks at a browser that prints, and how many there are.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSES: u32 = 1800;

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No browser.
    #[error(
        "a PDF is printed by Chromium, Chrome or Edge, and none of them was found; install one, name it by `LABBOOK_BROWSER`, \
         or print `print.html` from any browser"
    )]
    NoBrowser,
    /// It did not print.
    #[error("`{}` did not print the book: {reason}", browser.display())]
    Browser {
        /// Its path.
        browser: PathBuf,
        /// What it said last.
        reason: String,
    },
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] files::Error),
}

/// Prints a page of the output folder.
///
/// # Errors
/// If no browser is there, it fails, or it takes longer than three minutes.
pub fn print(page: &Path) -> Result<Vec<u8>, Error> {
    let browser = browser().ok_or(Error::NoBrowser)?;
    let failed = |reason: String| Error::Browser { browser: browser.clone(), reason };
    let folder = tempfile::tempdir().map_err(|e| failed(e.to_string()))?;
    let url = address(&std::path::absolute(page).map_err(|e| failed(e.to_string()))?);
    let pdf = folder.path().join("book.pdf");
    // The sandbox needs rights that containers and root do not have; what is printed is the author's own page.
    let reason = match run(&browser, &[], folder.path(), &pdf, &url) {
        Ok(()) => None,
        Err(_) => run(&browser, &["--no-sandbox"], folder.path(), &pdf, &url).err(),
    };
    match reason {
        None => Ok(without_dates(files::read(&pdf)?)),
        Some(reason) => Err(failed(reason)),
    }
}

fn run(browser: &Path, more: &[&str], folder: &Path, pdf: &Path, url: &str) -> Result<(), String> {
    let errors = folder.join("errors");
    let log = std::fs::OpenOptions::new().create(true).append(true).open(&errors).map_err(|e| e.to_string())?;
    let mut child = Command::new(browser)
        .args(["--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer", "--hide-scrollbars"])
        .args(more)
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(|e| e.to_string())?;
    for _ in 0..PAUSES {
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            let said = files::read_text(&errors).unwrap_or_default();
            let last = said.lines().last().unwrap_or("it said nothing").to_owned();
            return if status.success() && pdf.is_file() { Ok(()) } else { Err(last) };
        }
        std::thread::sleep(PAUSE);
    }
    // Nobody waits for it any longer; that it cannot be ended changes nothing for us.
    drop(child.kill());
    drop(child.wait());
    Err("it took longer than three minutes".to_owned())
}

/// The browser that `LABBOOK_BROWSER` names, or the first that is installed.
fn browser() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("LABBOOK_BROWSER").filter(|named| !named.is_empty()) {
        return Some(PathBuf::from(named));
    }
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let names = BROWSERS.iter().flat_map(|name| [(*name).to_owned(), format!("{name}.exe")]);
    let mut installed = names.flat_map(|name| folders.iter().map(move |folder| folder.join(&name)));
    installed.find(|path| path.is_file()).or_else(|| APPLICATIONS.iter().map(PathBuf::from).find(|path| path.is_file()))
}

/// The `file:` URL of an absolute path.
fn address(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    let encoded: String = path
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' | b':' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect();
    if encoded.starts_with('/') { format!("file://{encoded}") } else { format!("file:///{encoded}") }
}

/// A PDF whose dates say nothing: as many bytes as before, so that its table of places stays right.
fn without_dates(mut pdf: Vec<u8>) -> Vec<u8> {
    for key in [&b"/CreationDate (D:"[..], b"/ModDate (D:"] {
        let Some(at) = pdf.windows(key.len()).position(|window| window == key) else { continue };
        let digits = pdf[at + key.len()..].iter_mut().take_while(|byte| **byte != b')');
        for (byte, plain) in digits.zip(b"20000101000000+00'00'") {
            *byte = *plain;
        }
    }
    pdf
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pdf_keeps_its_length_and_loses_its_dates() {
        let pdf = b"<</CreationDate (D:20261125104500+00'00')\n/ModDate (D:20261125104500+00'00')>>".to_vec();
        let plain = without_dates(pdf.clone());
        assert_eq!(plain.len(), pdf.len());
        let text = String::from_utf8(plain).unwrap();
        assert_eq!(text.matches("(D:20000101000000+00'00')").count(), 2, "{text}");
        assert_eq!(without_dates(b"%PDF".to_vec()), b"%PDF");
    }

    #[test]
    fn paths_become_urls() {
        assert_eq!(address(Path::new("/tmp/a b/规.html")), "file:///tmp/a%20b/%E8%A7%84.html");
        assert_eq!(address(Path::new("C:\\a\\b.html")), "file:///C:/a/b.html");
    }
}
