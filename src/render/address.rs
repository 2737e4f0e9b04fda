//! Paths of the output and links between them, all relative so that pages work from any place.

/// The link from one file of the output to another, percent-encoded; both are paths relative to the output's root.
pub fn relative(from: &str, to: &str) -> String {
    let mut from: Vec<&str> = from.split('/').collect();
    from.pop();
    let to: Vec<&str> = to.split('/').collect();
    let shared = from.iter().zip(&to[..to.len() - 1]).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(from.len() - shared);
    encode(&(up + &to[shared..].join("/")))
}

/// The path that `link` (decoded) means from inside `folder`, both relative to one root; `None` where it leaves the root.
pub fn resolve(folder: &str, link: &str) -> Option<String> {
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                path.pop()?;
            }
            name => path.push(name),
        }
    }
    Some(path.join("/"))
}

/// The folder a file lies in; empty for one at the root.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a link leads to a place beside the page: no scheme, no host, not from a server's root.
pub fn is_beside(link: &str) -> bool {
    let has_scheme = link.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    !has_scheme && !link.starts_with('/')
}

/// A link's path, and its query and fragment with the signs they start with.
pub fn split(link: &str) -> (&str, &str) {
    link.split_at(link.find(['?', '#']).unwrap_or(link.len()))
}

/// The file of the book that a link of a chapter means, relative to the book's root; `None` for a page, a folder, another
/// host or a way out of the book.
pub fn source(chapter: &str, link: &str) -> Option<String> {
    let (path, _) = split(link);
    // Pages of one language lie side by side, so that a link to one is right as it stands.
    let leads_to_page = path.ends_with(".html") && !path.contains('/');
    let is_folder = path.is_empty() || path.ends_with('/');
    let is_file = !is_folder && !leads_to_page && is_beside(path);
    if is_file { resolve(folder(chapter), &decode(path)) } else { None }
}

/// The chapter's file that a link to a page may mean, as mdBook names pages: `b.md` for `b.html` beside it.
pub fn chapter(chapter: &str, path: &str) -> Option<String> {
    let page = path.strip_suffix(".html").filter(|_| is_beside(path))?;
    resolve(folder(chapter), &decode(&format!("{page}.md")))
}

/// Percent-encodes what would end or change a link; letters of every script stay as they are.
pub fn encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '\0'..=' ' | '"' | '#' | '%' | '<' | '>' | '?' | '\\' | '`' | '{' | '}' | '\x7f' => {
                out.push_str(&format!("%{:02X}", u32::from(c)));
            }
            // A name such as `a:b.html` would read as a scheme.
            ':' => out.push_str("%3A"),
            _ => out.push(c),
        }
    }
    out
}

/// Undoes percent-encoding; what is not UTF-8 afterwards stays as it was.
pub fn decode(link: &str) -> String {
    let mut bytes = Vec::with_capacity(link.len());
    let mut rest = link.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = |i: usize| tail.get(i).and_then(|&b| char::from(b).to_digit(16));
        match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| link.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_relative() {
        let check = |from, to, expected| assert_eq!(relative(from, to), expected);
        check("index.html", "02-scale.html", "02-scale.html");
        check("zh/index.html", "02-scale.html", "../02-scale.html");
        check("index.html", "zh/02-规模.html", "zh/02-规模.html");
        check("zh/a.html", "zh/b c.html", "b%20c.html");
        check("a.html", "b:1?#%.csv", "b%3A1%3F%23%25.csv");
    }

    #[test]
    fn links_resolve_inside_their_root_only() {
        let check = |folder, link, expected: Option<&str>| assert_eq!(resolve(folder, link).as_deref(), expected);
        check("chapters", "img/a.png", Some("chapters/img/a.png"));
        check("chapters", "./../a.png", Some("a.png"));
        check("chapters", "../../a.png", None);
        check("", "a//b", Some("a/b"));
    }

    #[test]
    fn decoding_undoes_encoding() {
        for path in ["a b", "100%", "规模 #1?", "a%2Fb"] {
            assert_eq!(decode(&encode(path)), path);
        }
        assert_eq!(decode("%zz%4"), "%zz%4");
        assert_eq!(decode("%ff"), "%ff");
    }

    #[test]
    fn schemes_and_hosts_lead_elsewhere() {
        let check = |link, expected| assert_eq!(is_beside(link), expected, "{link}");
        check("img/a.png", true);
        check("a/b:c.png", true);
        check("https://example.org", false);
        check("mailto:a@example.org", false);
        check("//example.org/a", false);
        check("/a", false);
    }
}
