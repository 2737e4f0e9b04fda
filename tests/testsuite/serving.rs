//! The live preview, over loopback, as a browser asks for it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use crate::book::Book;

const CHAPTER: &str = r#"# A chapter

```{experiment} runs
dataset = "moons"
models  = ["mlp"]
train   = { epochs = 2 }
seeds   = 2

[sweep]
m = [50]
```

Some words. {val}`runs[model=mlp].test_accuracy`
"#;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

struct Server {
    child: Child,
    address: String,
    said: Receiver<String>,
}

impl Server {
    fn start(book: &Book, arguments: &[&str]) -> Self {
        let arguments = [&["serve", "--port", "0"], arguments].concat();
        let mut child = book.command(&arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let (say, said) = mpsc::channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| say.send(line)));
        let mut server = Self { child, address: String::new(), said };
        let line = server.hear("serving");
        server.address = line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        server
    }

    /// Waits until the program has said a word.
    #[track_caller]
    fn hear(&self, word: &str) -> String {
        let mut before = Vec::new();
        while let Ok(line) = self.said.recv_timeout(PATIENCE) {
            if line.contains(word) {
                return line;
            }
            before.push(line);
        }
        panic!("it did not say `{word}`, only {before:?}");
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// What is answered to these bytes until the connection is closed.
    fn send(&self, request: &str) -> String {
        let mut stream = self.connect();
        // It may be refused before it is read to its end.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn ask(&self, method: &str, path: &str, host: &str) -> String {
        self.send(&format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
    }

    fn get(&self, path: &str) -> String {
        self.ask("GET", path, &self.address)
    }

    /// Waits until a page has these words.
    #[track_caller]
    fn shows(&self, path: &str, words: &str) -> String {
        let start = Instant::now();
        loop {
            let page = self.get(path);
            if page.contains(words) {
                return page;
            }
            assert!(start.elapsed() < PATIENCE, "{path} does not show `{words}`: {page}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn listen(&self) -> impl Iterator<Item = String> + use<> {
        let mut stream = self.connect();
        write!(stream, "GET /.labbook/events HTTP/1.1\r\nHost: {}\r\n\r\n", self.address).unwrap();
        BufReader::new(stream).lines().map_while(Result::ok)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_edit_shows_and_browsers_are_told() {
    let book = Book::chapter(CHAPTER);
    let server = Server::start(&book, &[]);
    // What is missing runs, and its number comes.
    server.shows("/01-case.html", "mean of 2 seeds");
    assert_eq!(book.finished().len(), 2);
    assert!(!book.path("output").exists(), "the preview writes no pages");
    let mut events = server.listen();
    let mut edition = || events.find(|line| line.starts_with("data: ") && !line.contains('{')).unwrap();
    let first = edition();
    let start = Instant::now();
    book.replace("chapters/01-case.md", "Some words", "Other words");
    assert_ne!(edition(), first);
    println!("an edit was told after {:.2?}", start.elapsed());
    assert!(server.get("/01-case.html").contains("Other words"));
    // A chapter that is new.
    book.write("chapters/02-more.md", b"# More\n");
    edition();
    assert!(server.get("/02-more.html").contains("More"));
}

#[test]
fn mistakes_stand_over_the_page_until_they_are_mended() {
    let book = Book::chapter("# A chapter\n\n```{experiment} runs\ndataset = \"mons\"\nmodels = [\"mlp\"]\n```\n");
    let server = Server::start(&book, &["--no-run"]);
    let page = server.shows("/", "role=\"alert\"");
    assert!(page.contains("moons") && page.contains("chapters/01-case.md:4"), "{page}");
    book.replace("chapters/01-case.md", "mons", "moons");
    server.shows("/01-case.html", "A chapter</h1>");
    book.replace("chapters/01-case.md", "moons", "mons");
    // The page is the one of before, with the mistakes over it.
    assert!(server.shows("/01-case.html", "role=\"alert\"").contains("A chapter</h1>"));
    assert!(book.finished().is_empty());
}

#[test]
fn nobody_else_is_served_and_nothing_else_is_shown() {
    let book = Book::chapter("# A chapter\n");
    book.write("secret.txt", b"a secret");
    let server = Server::start(&book, &[]);
    server.shows("/", "A chapter");
    for path in
        ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/secret.txt", "//etc/passwd", "/.labbook/lock"]
    {
        let answer = server.get(path);
        assert!(answer.starts_with("HTTP/1.1 4") && !answer.contains("a secret"), "{path}: {answer}");
    }
    // A name that somebody else has lead here.
    assert!(server.ask("GET", "/", "evil.example").starts_with("HTTP/1.1 403"));
    assert!(
        server.send("GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 403")
            || server.send("GET / HTTP/1.0\r\n\r\n").contains(" 403 ")
    );
    assert!(server.ask("POST", "/", &server.address).starts_with("HTTP/1.1 405"));
    assert!(server.ask("GET", "/%ff", &server.address).starts_with("HTTP/1.1 400"));
    let port = server.address.split(':').nth(1).unwrap();
    assert!(server.ask("GET", "/", &format!("localhost:{port}")).starts_with("HTTP/1.1 200"));
}

#[test]
fn bad_requests_do_it_no_harm() {
    let book = Book::chapter("# A chapter\n");
    let server = Server::start(&book, &[]);
    server.shows("/", "A chapter");
    let long = "a".repeat(100_000);
    let _held: Vec<TcpStream> = (0..20).map(|_| server.connect()).collect();
    for request in ["\r\n\r\n", "GARBAGE\r\n\r\n", "GET\r\n\r\n", "\0\u{1}\u{2}\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"] {
        server.send(request);
    }
    server.send(&format!("GET /{long} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address));
    server.send(&format!("GET / HTTP/1.1\r\nX: {long}\r\nConnection: close\r\n\r\n"));
    assert!(server.get("/").contains("A chapter"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_and_keeps_finished_runs() {
    let book = Book::chapter(&CHAPTER.replace("seeds   = 2", "seeds   = 500").replace("epochs = 2", "epochs = 30"));
    let mut server = Server::start(&book, &["--jobs", "1"]);
    // Runs are told while they go on.
    let told = server.listen().find(|line| line.contains("\"losses\":[") && line.contains("\"done\":"));
    assert!(told.unwrap().contains("runs[model=mlp, m=50, seed="));
    let start = Instant::now();
    while book.finished().len() < 2 {
        assert!(start.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(10));
    }
    // An edit of the words does not disturb them.
    book.replace("chapters/01-case.md", "Some words", "Other words");
    server.shows("/01-case.html", "Other words");
    let id = server.child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let kept = book.finished().len();
    assert!((2..500).contains(&kept));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let book = Book::chapter("# A chapter\n");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    book.run(&["serve", "--port", &port]).says(1, &["cannot serve on 127.0.0.1:", "--port"]);
}
