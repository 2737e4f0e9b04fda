//! Live preview: the pages of a book over loopback, made again whenever one of its files changes.
//!
//! 1. `watch` says that something changed.
//! 2. `workbench` reads the book again, makes its pages from the results that are there, and has the missing ones run
//!    meanwhile. An edit that needs the same runs does not disturb them.
//! 3. `preview` holds the latest pages, or what is wrong with the book, and how far the runs are.
//! 4. `http` shows that to browsers of this machine, and tells them when to look again.
//!
//! Pages are served from memory: the output folder is not touched, and a request can name nothing but a page.

mod http;
mod preview;
mod watch;
mod workbench;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};

use preview::Preview;

/// What to serve, and how.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The book's folder.
    pub book: PathBuf,
    /// Which profile to apply.
    pub profile: Option<String>,
    /// Further folders of datasets.
    pub mirrors: Vec<PathBuf>,
    /// The port on 127.0.0.1; 0 for any that is free.
    pub port: u16,
    /// How many runs at once; none where missing results are not to be computed.
    pub jobs: Option<usize>,
    /// Takes what there is to say to whoever started us.
    pub say: fn(&str),
}

/// Why nothing can be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port is taken, or forbidden.
    #[error("cannot serve on 127.0.0.1:{port}: {reason}; choose another port with `--port`")]
    Port {
        /// Which.
        port: u16,
        /// Why not.
        reason: String,
    },
    /// The folder cannot be watched.
    #[error("cannot watch `{}`: {reason}", folder.display())]
    Watch {
        /// Which.
        folder: PathBuf,
        /// Why not.
        reason: String,
    },
}

/// Why the workbench has to look up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// A file of the book changed.
    Edited,
    /// Runs ended.
    Ran,
    /// All is over.
    Stopped,
}

/// Ends a server from elsewhere.
#[derive(Debug, Clone)]
pub struct Stopper(Sender<Cause>);

impl Stopper {
    /// Asks the server to end. It stops what runs; every finished run is kept.
    pub fn stop(&self) {
        // Nobody there to hear it: it has ended.
        let _ = self.0.send(Cause::Stopped);
    }
}

/// Serves the book until it is stopped. `ready` is given the address and what stops it, once somebody may ask for pages.
///
/// # Errors
/// If the port is taken, or the folder cannot be watched.
pub fn serve(settings: &Settings, ready: impl FnOnce(SocketAddr, Stopper)) -> Result<(), Error> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, settings.port));
    let server =
        tiny_http::Server::http(address).map_err(|e| Error::Port { port: settings.port, reason: e.to_string() })?;
    let address = server.server_addr().to_ip().expect("it listens on an address");
    let (causes, caused) = mpsc::channel();
    let watcher = watch::Watcher::new(&settings.book, causes.clone())?;
    let preview = Arc::new(Preview::default());
    let server = Arc::new(server);
    let answering = {
        let (server, preview) = (Arc::clone(&server), Arc::clone(&preview));
        std::thread::spawn(move || http::answer(&server, address.port(), &preview))
    };
    ready(address, Stopper(causes.clone()));
    workbench::work(settings, watcher, &preview, causes, &caused);
    preview.close();
    server.unblock();
    answering.join().expect("answering never panics");
    Ok(())
}
