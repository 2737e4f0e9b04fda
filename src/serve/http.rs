//! Requests → pages of the preview, news of it, or a refusal. Bad requests are answered, and harm nobody.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tiny_http::{Header, Method, Request, Response, Server};

use super::preview::{News, Preview, Seen, Shown};

/// Where our own files are: the name is hidden, so that no page of a book has it.
const SCRIPT: &str = ".labbook/preview.js";
const EVENTS: &str = ".labbook/events";
/// Listens for news, reloads the page, draws the curves.
const SCRIPT_TEXT: &str = include_str!("preview.js");
/// How mistakes look over a page.
const STYLE: &str = include_str!("preview.css");
/// Who answers requests: more than one, for a browser may be slow to take an answer.
const ANSWERERS: usize = 4;
/// More pages than anybody keeps open.
const MOST_LISTENERS: usize = 64;
/// A sign of life to listeners, who otherwise wait for news.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two states of the runs.
const PACE: Duration = Duration::from_millis(200);

/// Answers until the server is unblocked and the preview is closed.
pub(super) fn answer(server: &Server, port: u16, preview: &Arc<Preview>) {
    let listeners = Arc::new(AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..ANSWERERS {
            scope.spawn(|| {
                while let Ok(request) = server.recv() {
                    // A browser that went away does not matter.
                    let _ = reply(request, port, preview, &listeners);
                }
                // Unblocking wakes one of us: it wakes the next.
                server.unblock();
            });
        }
    });
}

fn reply(request: Request, port: u16, preview: &Arc<Preview>, listeners: &Arc<AtomicUsize>) -> io::Result<()> {
    if !is_from_here(&request, port) {
        return request.respond(text(403, "labbook serves this machine alone"));
    }
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(text(405, "only GET and HEAD").with_header(header("Allow", "GET, HEAD")));
    }
    let Some(path) = path_of(request.url()) else { return request.respond(text(400, "this is no address of a page")) };
    match path.as_str() {
        SCRIPT => request.respond(bytes(200, "text/javascript; charset=utf-8", SCRIPT_TEXT.into())),
        EVENTS => listen(request, preview, listeners),
        _ => {
            let (status, kind, body) = find(&preview.shown(), &path);
            request.respond(bytes(status, kind, body))
        }
    }
}

/// Whether the request was made to this server by name. A page of another host that has its name lead to this machine
/// gives itself away here.
fn is_from_here(request: &Request, port: u16) -> bool {
    let host = request.headers().iter().find(|header| header.field.equiv("Host"));
    let here = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{port}"));
    host.is_some_and(|host| here.iter().any(|name| host.value.as_str().eq_ignore_ascii_case(name)))
}

/// The path that a request names, decoded, without the first slash; that of a folder leads to its first page.
fn path_of(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next().unwrap_or_default().strip_prefix('/')?;
    let path = percent_decode_str(path).decode_utf8().ok()?.into_owned();
    let is_folder = path.is_empty() || path.ends_with('/');
    Some(if is_folder { path + "index.html" } else { path })
}

/// What is shown at a path: status, kind, body.
fn find(shown: &Shown, path: &str) -> (u16, &'static str, Vec<u8>) {
    const HTML: &str = "text/html; charset=utf-8";
    let found = shown.pages.get(path);
    let kind = kind_of(path);
    if kind != HTML {
        return found.map_or_else(
            || (404, "text/plain; charset=utf-8", format!("there is no `{path}`\n").into_bytes()),
            |body| (200, kind, body.clone()),
        );
    }
    let page = found.map(|body| String::from_utf8_lossy(body).into_owned());
    let status = if page.is_some() || shown.mistakes.is_some() || shown.edition == 0 { 200 } else { 404 };
    let page = page.unwrap_or_else(|| {
        let words = match (shown.edition, &shown.mistakes) {
            (0, _) => "The book is being read.".to_owned(),
            (_, Some(_)) => String::new(),
            _ => format!("There is no page <code>{}</code>. <a href=\"/\">To the first page</a>", escaped(path)),
        };
        format!("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>labbook</title></head><body><p>{words}</p></body></html>")
    });
    (status, HTML, with_script(&page, shown).into_bytes())
}

/// A page that listens for news, and says what is wrong with the book.
fn with_script(page: &str, shown: &Shown) -> String {
    let mistakes = shown.mistakes.as_ref().map_or_else(String::new, |text| {
        let text = escaped(text);
        format!("<style>{STYLE}</style><section class=\"labbook-mistakes\" role=\"alert\"><h1>The book has mistakes</h1><pre>{text}</pre></section>")
    });
    let edition = edition(shown.edition);
    let ours = format!("{mistakes}<script src=\"/{SCRIPT}\" data-edition=\"{edition}\"></script>");
    match page.rfind("</body>") {
        Some(end) => format!("{}{ours}{}", &page[..end], &page[end..]),
        None => page.to_owned() + &ours,
    }
}

/// The name of an edition, which no earlier server gave to one of its own.
fn edition(number: u64) -> String {
    format!("{}-{number}", std::process::id())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn kind_of(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("csv") => "text/csv; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("avif") => "image/avif",
        Some("woff2") => "font/woff2",
        Some("pdf") => "application/pdf",
        Some("txt" | "md" | "bib" | "toml") => "text/plain; charset=utf-8",
        Some(_) => "application/octet-stream",
        // A page may be asked for without its ending: it is answered with a page.
        None => "text/html; charset=utf-8",
    }
}

/// Sends news, as server-sent events, until the browser goes away.
fn listen(request: Request, preview: &Arc<Preview>, listeners: &Arc<AtomicUsize>) -> io::Result<()> {
    if listeners.fetch_add(1, Ordering::Relaxed) >= MOST_LISTENERS {
        listeners.fetch_sub(1, Ordering::Relaxed);
        return request.respond(text(503, "too many pages are open"));
    }
    let (preview, listeners) = (Arc::clone(preview), Arc::clone(listeners));
    std::thread::spawn(move || {
        // It ends with an error as soon as nobody listens.
        let _ = send_news(request.into_writer(), &preview);
        listeners.fetch_sub(1, Ordering::Relaxed);
    });
    Ok(())
}

fn send_news(mut to: impl Write, preview: &Preview) -> io::Result<()> {
    to.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
    )?;
    let mut seen = Seen::default();
    loop {
        let (event, pause) = match preview.news(&mut seen, PATIENCE) {
            News::Edition(number) => (format!("event: edition\ndata: {}\n\n", edition(number)), Duration::ZERO),
            News::Runs(runs) => {
                let runs = serde_json::to_string(&runs).expect("it is plain data");
                (format!("event: runs\ndata: {runs}\n\n"), PACE)
            }
            News::Nothing => (": still here\n\n".to_owned(), Duration::ZERO),
            News::Closed => return Ok(()),
        };
        to.write_all(event.as_bytes())?;
        to.flush()?;
        std::thread::sleep(pause);
    }
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("our headers are plain text")
}

fn text(status: u16, words: &str) -> Response<io::Cursor<Vec<u8>>> {
    bytes(status, "text/plain; charset=utf-8", format!("{words}\n").into_bytes())
}

fn bytes(status: u16, kind: &str, body: Vec<u8>) -> Response<io::Cursor<Vec<u8>>> {
    let headers = [("Content-Type", kind), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")];
    let response = Response::from_data(body).with_status_code(status);
    headers.iter().fold(response, |response, (name, value)| response.with_header(header(name, value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn shown(mistakes: Option<&str>) -> Shown {
        let pages = [("index.html", "<html><body>One</body></html>"), ("zh/a b.html", "Two"), ("a.svg", "<svg/>")];
        let pages: BTreeMap<_, _> = pages.iter().map(|(p, t)| ((*p).to_owned(), t.as_bytes().to_vec())).collect();
        Shown { edition: 3, pages: Arc::new(pages), mistakes: mistakes.map(Into::into) }
    }

    #[track_caller]
    fn check(url: &str, status: u16, words: &str) {
        let path = path_of(url).unwrap();
        let (found, _, body) = find(&shown(None), &path);
        let body = String::from_utf8(body).unwrap();
        assert!(found == status && body.contains(words), "{url}: {found} {body}");
    }

    #[test]
    fn an_address_leads_to_a_page_or_to_none() {
        check("/", 200, "One<script");
        check("/index.html?x=1#y", 200, "One");
        check("/zh/a%20b.html", 200, "Two<script");
        check("/a.svg", 200, "<svg/>");
        check("/b.svg", 404, "there is no `b.svg`");
        check("/zh/", 404, "There is no page <code>zh/index.html</code>");
        check("/%3Cscript%3E", 404, "&lt;script&gt;");
        // Nothing but what is shown has an address.
        check("/../labbook.toml", 404, "there is no `../labbook.toml`");
        check("/%2e%2e/%2e%2e/etc/passwd", 404, "here is no");
        check("//etc/passwd", 404, "here is no");
        assert_eq!(path_of("/%ff"), None);
        assert_eq!(path_of("*"), None);
    }

    #[test]
    fn mistakes_stand_over_every_page() {
        for path in ["index.html", "absent.html"] {
            let (status, _, body) = find(&shown(Some("error: <b>")), path);
            let body = String::from_utf8(body).unwrap();
            assert_eq!(status, 200);
            assert!(body.contains("role=\"alert\"") && body.contains("<pre>error: &lt;b&gt;</pre>"), "{body}");
        }
    }
}
