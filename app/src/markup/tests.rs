use super::*;
use crate::protocol::limits::TEXT_MAX;
use proptest::prelude::*;

/// The tree as text: marks gone, what they mean in brackets.
fn shown(text: &str) -> String {
    let mut out = String::new();
    show(&parse(text), &mut out);
    out
}

fn show(pieces: &[Piece<'_>], out: &mut String) {
    for piece in pieces {
        let kind = match piece {
            Piece::Text(text) => {
                out.push_str(text);
                continue;
            }
            Piece::Strong { .. } => "[b:",
            Piece::Emphasis { .. } => "[i:",
            Piece::Code { .. } => "[c:",
            Piece::Block { .. } => "[p:",
            Piece::Link(_) => "[a:",
            Piece::Mention(_) => "[m:",
        };
        out.push_str(kind);
        match piece {
            Piece::Strong { inner, .. } | Piece::Emphasis { inner, .. } => show(inner, out),
            Piece::Code { code, .. } | Piece::Block { code, .. } => out.push_str(code),
            Piece::Text(text) | Piece::Link(text) | Piece::Mention(text) => out.push_str(text),
        }
        out.push(']');
    }
}

/// What was written, from the tree. Returns how deep the tree is, too.
fn written(pieces: &[Piece<'_>], out: &mut String) -> usize {
    let mut depth = 0;
    for piece in pieces {
        match piece {
            Piece::Text(text) | Piece::Link(text) | Piece::Mention(text) => out.push_str(text),
            Piece::Code { open, code, close } | Piece::Block { open, code, close } => {
                out.extend([*open, *code, *close]);
            }
            Piece::Strong { open, inner, close } | Piece::Emphasis { open, inner, close } => {
                out.push_str(open);
                depth = depth.max(1 + written(inner, out));
                out.push_str(close);
            }
        }
    }
    depth
}

/// That pieces of text are as long as they can be, and that nothing is empty but the code of a block.
fn is_tidy(pieces: &[Piece<'_>]) -> bool {
    let is_text = |piece: &Piece<'_>| matches!(piece, Piece::Text(_));
    pieces.windows(2).all(|pair| !pair.iter().all(is_text))
        && pieces.iter().all(|piece| match piece {
            Piece::Text(text) => !text.is_empty(),
            Piece::Strong { inner, .. } | Piece::Emphasis { inner, .. } => !inner.is_empty() && is_tidy(inner),
            Piece::Code { code, .. } => !code.is_empty(),
            Piece::Block { .. } | Piece::Link(_) | Piece::Mention(_) => true,
        })
}

fn each(cases: &[(&str, &str)]) {
    for (text, tree) in cases {
        assert_eq!(shown(text), *tree, "{text:?}");
    }
}

fn all_text(texts: &[&str]) {
    for text in texts {
        assert_eq!(parse(text), [Piece::Text(text)], "{text:?}");
    }
}

#[test]
fn bold_and_italic_are_read() {
    each(&[
        ("**bold**", "[b:bold]"),
        ("*italic* and _italic_", "[i:italic] and [i:italic]"),
        ("(*really?*), **Note:**, *a*!", "([i:really?]), [b:Note:], [i:a]!"),
        ("これは**太字**です 日**日本**本", "これは[b:太字]です 日[b:日本]本"),
        ("**\u{1f44b}**", "[b:\u{1f44b}]"),
        ("*over\ntwo lines*", "[i:over\ntwo lines]"),
    ]);
}

#[test]
fn marks_nest() {
    each(&[
        ("**bold *both* bold**", "[b:bold [i:both] bold]"),
        ("*italic **both** italic*", "[i:italic [b:both] italic]"),
        ("***both***", "[b:[i:both]]"),
        ("***a *b* c", "***a [i:b] c"),
        ("***both** italic*", "[i:[b:both] italic]"),
        ("***both* bold**", "[b:[i:both] bold]"),
        ("**bold *both***", "[b:bold [i:both]]"),
        ("*italic **both***", "[i:italic [b:both]]"),
        ("_**a**_ **_b_**", "[i:[b:a]] [b:[i:b]]"),
        ("**@Ada `x` http://a.b/**", "[b:[m:@Ada] [c:x] [a:http://a.b/]]"),
    ]);
}

#[test]
fn marks_that_cross_are_read_by_the_first_that_closes() {
    each(&[
        ("**a *b** c*", "[b:a *b] c*"),
        ("_a *b_ c*", "[i:a *b] c*"),
        ("*a **b*", "[i:a **b]"),
        ("*a *b*", "*a [i:b]"),
    ]);
}

#[test]
fn what_only_looks_like_a_mark_is_text() {
    all_text(&[
        "2 * 3 * 4",
        "2*3*4",
        "x**2 + y**2",
        "f***ing s***",
        "snake_case_names",
        "file__names",
        "__init__",
        "_ a _",
        "* a *",
        "* a*",
        "_ a_",
        "** a **",
        "****a****",
        "**a*",
        "*a**",
        "**",
        "a_b_",
        "_a_b",
        "é_b_ _b_é",
        "^_^ hi ^_^",
        "-_- and >_<",
        "'*' and '*'",
        "count(*) + count(*)",
        "*.*",
        "**/*",
        "*_*",
        "* * * * *",
        "- *a\n- b *",
        "a\\b",
        "`",
        "``",
        "``a`",
        "`a\n\nb`",
        "@",
        "[a](b)",
        "# a",
        "> a",
    ]);
}

#[test]
fn marks_end_at_a_blank_line() {
    all_text(&["*a\n\nb*", "**a\n \t\r\nb**", "_a\r\n\r\nb_"]);
    each(&[("*a\n\n*b*", "*a\n\n[i:b]")]);
}

#[test]
fn nothing_in_code_is_read() {
    each(&[
        ("`*a* @Ada http://a.b`", "[c:*a* @Ada http://a.b]"),
        ("*a `b*` c*", "[i:a [c:b*] c]"),
        ("``a`b`` ```c```", "[c:a`b] [c:c]"),
        ("`a``b`", "[c:a``b]"),
        ("``a` `b`", "``a[c: ]b`"),
        ("```a b\nc``` d", "[c:a b\nc] d"),
        ("a ```\nb\n```", "a [c:\nb\n]"),
    ]);
}

#[test]
fn a_block_of_code_goes_from_fence_to_fence() {
    let block = |open, code, close| Piece::Block { open, code, close };
    assert_eq!(
        parse("a\n```rust\nfn *x*() {\n\n}\n```\nb"),
        [Piece::Text("a\n"), block("```rust\n", "fn *x*() {\n\n}", "\n```\n"), Piece::Text("b")]
    );
    assert_eq!(parse("```\r\na\r\n``` \r\n"), [block("```\r\n", "a", "\r\n``` \r\n")]);
    assert_eq!(parse("```\n```"), [block("```\n", "", "```")]);
    assert_eq!(parse("```\n\na\n\n```"), [block("```\n", "\na\n", "\n```")]);
    each(&[
        ("*a\n```\nb*\n```\nc*", "*a\n[p:b*]c*"),
        ("`a\n```\nb`\n```", "`a\n[p:b`]"),
        ("```\na\n```\n```\nb\n```", "[p:a][p:b]"),
        ("```\na\n``` b\n```", "[p:a\n``` b]"),
    ]);
}

#[test]
fn a_fence_that_is_not_closed_is_text() {
    all_text(&["```\na", "```rust\na ```", "```\na\n ```", "```\na\n````", "```", "```rust", "a ```\nb\n"]);
    each(&[("```\n*a*", "```\n[i:a]")]);
}

#[test]
fn links_are_of_two_schemes_only() {
    each(&[
        ("http://a.b https://a.b", "[a:http://a.b] [a:https://a.b]"),
        ("HTTPS://Example.ORG/A", "[a:HTTPS://Example.ORG/A]"),
        ("http://localhost:3000/r/general?x=1#y", "[a:http://localhost:3000/r/general?x=1#y]"),
        ("見てhttps://例え.jp/あ", "見て[a:https://例え.jp/あ]"),
        ("http://a", "[a:http://a]"),
    ]);
    all_text(&[
        "javascript:alert(1)",
        "javascript://a.b",
        "ftp://a.b",
        "file:///a",
        "data:text/html,a",
        "//a.b",
        "www.a.b",
        "http:/a",
        "http//a",
        "http://",
        "https://",
        "http:// a",
        "http://.",
        "http://?a",
        "xhttp://a.b",
        "ſhttp:",
        "h",
        "httpſ://a.b",
    ]);
}

#[test]
fn a_link_ends_where_people_end_it() {
    each(&[
        ("See http://a.b/c. And http://a.b/d, then", "See [a:http://a.b/c]. And [a:http://a.b/d], then"),
        ("http://a.b/c?!:;'", "[a:http://a.b/c]?!:;'"),
        ("http://a.b/c?x='y'z", "[a:http://a.b/c?x='y'z]"),
        ("\"http://a.b\" <http://a.b> “http://a.b”", "\"[a:http://a.b]\" <[a:http://a.b]> “[a:http://a.b]”"),
        ("http://a.b/\"onclick=", "[a:http://a.b/]\"onclick="),
        ("(http://a.b/c_(d)) [http://a.b/e]", "([a:http://a.b/c_(d)]) [[a:http://a.b/e]]"),
        ("(see http://a.b/c_(d).)", "(see [a:http://a.b/c_(d)].)"),
        ("http://a.b/[c]", "[a:http://a.b/[c]]"),
        ("http://a.b/\u{202e}c", "[a:http://a.b/]\u{202e}c"),
        ("http://a.b\nc", "[a:http://a.b]\nc"),
    ]);
    assert_eq!(parse("http://a.b/[c]"), [Piece::Link("http://a.b/[c]")]);
    assert_eq!(parse("[http://a.b]"), [Piece::Text("["), Piece::Link("http://a.b"), Piece::Text("]")]);
}

#[test]
fn characters_of_a_link_are_no_marks_but_a_mark_around_it_is() {
    each(&[
        ("http://a.b/_c_*d*`e`@Ada", "[a:http://a.b/_c_*d*`e`@Ada]"),
        ("http://a.b/c_ http://a.b/*", "[a:http://a.b/c_] [a:http://a.b/*]"),
        ("**http://a.b/c_d**, _http://a.b/c_d_", "[b:[a:http://a.b/c_d]], [i:[a:http://a.b/c_d]]"),
        ("*see http://a.b.*", "[i:see [a:http://a.b].]"),
    ]);
}

#[test]
fn mentions_are_read() {
    each(&[
        ("@Ada: ask @Bo_9, (@Zoë) or @日本.", "[m:@Ada]: ask [m:@Bo_9], ([m:@Zoë]) or [m:@日本]."),
        ("_thanks @Bo_ @Bo_", "[i:thanks [m:@Bo]] [m:@Bo_]"),
        ("*@Ada*", "[i:[m:@Ada]]"),
    ]);
    all_text(&["a@example.org", "@a", "@ Ada", "@-Ada"]);
}

#[test]
fn plain_texts_are_known_without_reading_them() {
    for text in ["", "hello, world: 2 + 2 = 4 (really)!", "https:/x", "日本語\n\n- a"] {
        assert!(is_plain(text), "{text:?}");
    }
    for text in ["*", "_", "`", "@", "http://a"] {
        assert!(!is_plain(text), "{text:?}");
    }
}

#[test]
fn at_the_limit_of_open_marks_all_are_remembered_and_at_one_more_the_first_is_text() {
    let nested = |levels: usize| {
        let marks: Vec<&str> = ["*", "**"].into_iter().cycle().take(levels).collect();
        let open: String = marks.iter().map(|mark| format!("{mark}a ")).collect();
        let close: String = marks.iter().rev().map(|mark| format!(" b{mark}")).collect();
        format!("{open}c{close}")
    };
    let mut out = String::new();
    assert_eq!(written(&parse(&nested(OPEN_MAX)), &mut out), OPEN_MAX);
    let deeper = nested(OPEN_MAX + 1);
    assert_eq!(written(&parse(&deeper), &mut out), OPEN_MAX);
    assert!(matches!(parse(&deeper).first(), Some(Piece::Text("*a "))), "{}", shown(&deeper));
}

/// Steps for each byte that reading may take. The slowest of the texts below takes four; were the time to grow with the
/// square of the length, a text of the limit would take hundreds.
const STEPS_MAX: usize = 8;

/// Texts made to be slow to read: what opens and never ends, over and over.
const HOSTILE: [&str; 34] = [
    "*",
    "_",
    "`",
    "@",
    "[",
    "(",
    "http://",
    "https://",
    "h",
    "*a ",
    "**a ",
    "***a ",
    "_a ",
    "a* ",
    "*a*",
    "*a **b _c ",
    "`a``b```c ",
    "`a\n",
    "``a`",
    "```a\n",
    "```\n",
    "```\na\n```\n",
    "\n```a\n`",
    "\n ",
    "\n\n",
    "\n\t*a",
    "http://a ",
    "http://a)",
    "http://a.",
    "http://(",
    "@a",
    "@aaaaaaaaaaaaaaaaaaaaa",
    "@_ _",
    "*a_b`c@d[http://e)\n",
];

#[test]
fn reading_takes_as_long_as_the_text_is_whatever_is_in_it() {
    let mut texts = Vec::new();
    for length in [TEXT_MAX, 8 * TEXT_MAX] {
        for part in HOSTILE {
            for start in ["", "*a _b **c ***d ", "http://a", "`", "``", "```a\n"] {
                texts.push(start.to_owned() + &part.repeat(length / part.len()));
            }
        }
    }
    // Runs of backticks that are all of another length.
    texts.push((1..200).map(|count| "`".repeat(count) + "a").collect());
    for text in texts {
        work::take();
        assert!(!parse(&text).is_empty());
        let steps = work::take() / text.len();
        assert!(steps <= STEPS_MAX, "{steps} steps for each byte of {:?} and so on", &text[..40]);
    }
}

proptest! {
    #[test]
    fn the_pieces_are_the_text(text in "([*_`@\n (){}.a-cé日\u{301}\u{1f44b}]|\\*{1,3}[ab]?|```|\n```\n|\r\n|http://|@Ada){0,40}") {
        let pieces = parse(&text);
        let mut out = String::new();
        let depth = written(&pieces, &mut out);
        prop_assert_eq!(&out, &text);
        prop_assert!(depth <= DEPTH_MAX);
        prop_assert!(is_tidy(&pieces), "{:?}", pieces);
    }

    #[test]
    fn the_pieces_are_any_text(text in any::<String>()) {
        let mut out = String::new();
        written(&parse(&text), &mut out);
        prop_assert_eq!(out, text);
    }

    #[test]
    fn a_plain_text_is_one_piece(text in "([a-h:/. \n]|https?:/){1,20}") {
        if is_plain(&text) {
            prop_assert_eq!(parse(&text), [Piece::Text(&text)]);
        }
    }

    #[test]
    fn what_is_marked_is_marked_wherever_it_stands(
        word in "[a-zA-Z日é]{2,8}",
        mark in "\\*{1,3}|_|`{1,3}",
        before in "(|[ (\"])",
        after in "(|[ ),.!?\"])",
    ) {
        let pieces_in = |text: &str| parse(text).iter().filter(|piece| !matches!(piece, Piece::Text(_))).count();
        let text = format!("x {before}{mark}{word}{mark}{after} y");
        prop_assert_eq!(pieces_in(&text), 1, "{}", text);
    }

    #[test]
    fn links_are_safe_to_follow(text in "(java|http|HTTPS|s|:|/|//|script|data|\\.|a|\"|'|<|>|\u{202e}| ){0,16}") {
        for piece in parse(&text) {
            if let Piece::Link(link) = piece {
                let lower = link.to_lowercase();
                prop_assert!(lower.starts_with("http://") || lower.starts_with("https://"), "{}", link);
                prop_assert!(!link.contains(['"', '<', '>', ' ', '\n', '\u{202e}']), "{}", link);
            }
        }
    }
}
