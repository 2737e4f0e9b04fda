use proptest::prelude::*;

use super::*;

/// The code with each part in `⟨class …⟩`.
fn shown(code: &str, language: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for Part { range, class } in parts(code, language) {
        out.push_str(&code[at..range.start]);
        out.push_str(&format!("⟨{} {}⟩", class.name(), &code[range.clone()]));
        at = range.end;
    }
    out + &code[at..]
}

#[track_caller]
fn check(language: &str, code: &str, expected: &str) {
    assert_eq!(shown(code, language), expected);
}

#[test]
fn rust_has_attributes_lifetimes_macros_and_raw_strings() {
    check(
        "rust",
        "#[test]\npub fn of<'a>(x: &'a str) -> u8 { println!(\"{x}\\\"\"); b'\\n' }",
        "⟨m #[test]⟩\n⟨k pub⟩ ⟨k fn⟩ ⟨f of⟩<⟨t 'a⟩>(x: &⟨t 'a⟩ ⟨t str⟩) -> ⟨t u8⟩ { ⟨f println!⟩(⟨s \"{x}\\\"\"⟩); b⟨s '\\n'⟩ }",
    );
    check("rs", "r#\"a\"b\"#; 1..2; 0xffu8; 1e-3", "⟨s r#\"a\"b\"#⟩; ⟨n 1⟩..⟨n 2⟩; ⟨n 0xffu8⟩; ⟨n 1e-3⟩");
    check("rust", "/* a /* b */ c */ d // e\nf", "⟨c /* a /* b */ c */⟩ d ⟨c // e⟩\nf");
    check("Rust", "if x != y {}", "⟨k if⟩ x != y {}");
}

#[test]
fn python_has_decorators_and_long_strings() {
    check(
        "python",
        "@cache\ndef f(x):\n    \"\"\"It\n    says.\"\"\"\n    return f\"{x}\" or None  # why",
        "⟨m @cache⟩\n⟨k def⟩ ⟨f f⟩(x):\n    ⟨s \"\"\"It\n    says.\"\"\"⟩\n    ⟨k return⟩ ⟨s f\"{x}\"⟩ ⟨k or⟩ ⟨n None⟩  ⟨c # why⟩",
    );
}

#[test]
fn javascript_tells_division_from_patterns() {
    check("js", "a = /[/]x/g.test(b) / c", "a = ⟨s /[/]x/g⟩.⟨f test⟩(b) / c");
    check("ts", "const $x: string = `a ${b}`", "⟨k const⟩ $x: ⟨t string⟩ = ⟨s `a ${b}`⟩");
}

#[test]
fn shell_has_commands_variables_and_assignments() {
    check(
        "sh",
        "A=1 cargo test --release | wc -l # $x\nif [ \"$a\" ]; then echo $B; fi",
        "⟨p A⟩=⟨n 1⟩ cargo test --release | ⟨f wc⟩ -l ⟨c # $x⟩\n⟨k if⟩ [ ⟨s \"$a\"⟩ ]; ⟨k then⟩ ⟨f echo⟩ ⟨m $B⟩; ⟨k fi⟩",
    );
    check(
        "console",
        "$ cargo build \\\n  --release\ndone in 1 s",
        "⟨g $ ⟩⟨f cargo⟩ build \\\n  --release\ndone in 1 s",
    );
}

#[test]
fn fields_have_names_and_values() {
    check("json", "{\"a\": [1.5, \"b\", null]}", "{⟨p \"a\"⟩: [⟨n 1.5⟩, ⟨s \"b\"⟩, ⟨n null⟩]}");
    check(
        "toml",
        "[a.b] # c\nx-y = { n = 1e-3, s = \"#\" }\nl = [\n  [1, 2],\n]",
        "⟨t [a.b]⟩ ⟨c # c⟩\n⟨p x-y⟩ = { ⟨p n⟩ = ⟨n 1e-3⟩, ⟨p s⟩ = ⟨s \"#\"⟩ }\n⟨p l⟩ = [\n  [⟨n 1⟩, ⟨n 2⟩],\n]",
    );
    check("yaml", "on: push\nurl: http://a#b\n- x: true", "⟨p on⟩: push\n⟨p url⟩: http://a#b\n- ⟨p x⟩: ⟨n true⟩");
}

#[test]
fn markdown_shows_directives_in_toml() {
    check(
        "markdown",
        "# T\n- see @fig-a, `b`\n\n```{figure} fig-a\nof = \"x\"\n```\nend",
        "⟨h # T⟩\n⟨k -⟩ see ⟨f @fig-a⟩, ⟨s `b`⟩\n\n⟨m ```{figure} fig-a⟩\n⟨p of⟩ = ⟨s \"x\"⟩\n⟨m ```⟩\nend",
    );
    check("md", "+++\na = 1\n+++\n*b*", "⟨m +++⟩\n⟨p a⟩ = ⟨n 1⟩\n⟨m +++⟩\n*b*");
}

#[test]
fn differences_and_markup_are_read_too() {
    check("diff", "@@ 1 @@\n-a\n+b\n c", "⟨m @@ 1 @@⟩\n⟨d -a⟩\n⟨i +b⟩\n c");
    check(
        "html",
        "<a href=\"x\" hidden>&amp; b</a><!-- c -->",
        "<⟨k a⟩ ⟨p href⟩=⟨s \"x\"⟩ ⟨p hidden⟩>⟨n &amp;⟩ b</⟨k a⟩>⟨c <!-- c -->⟩",
    );
    check("sql", "SELECT a FROM b -- c", "⟨k SELECT⟩ a ⟨k FROM⟩ b ⟨c -- c⟩");
    check("c", "#include <a.h>\nint f(void);", "⟨m #include⟩ <a.h>\n⟨t int⟩ ⟨f f⟩(⟨t void⟩);");
}

#[test]
fn an_unknown_language_is_plain() {
    check("brainfuck", "if \"a\" 1", "if \"a\" 1");
    check("", "if", "if");
}

const LANGUAGES: [&str; 16] = [
    "rust", "python", "js", "sh", "json", "toml", "yaml", "css", "c", "java", "sql", "markdown", "diff", "console",
    "html", "ruby",
];

proptest! {
    #[test]
    fn any_text_has_parts_in_order_between_characters(
        text in "([ -~\n\u{e9}\u{89c4}\u{1f600}]|```|\"\"\"|'''|r#\"|/\\*|<!--|#\\[|\\$\\{|\\+\\+\\+\n|\\\\){0,60}",
        language in prop::sample::select(&LANGUAGES[..]),
    ) {
        let mut before = 0;
        for Part { range, .. } in parts(&text, language) {
            prop_assert!(before <= range.start && range.start < range.end && range.end <= text.len());
            prop_assert!(text.get(range.clone()).is_some(), "{range:?} cuts a character");
            before = range.end;
        }
    }
}
