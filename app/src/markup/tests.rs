use super::*;
use crate::protocol::limits::TEXT_MAX;
use proptest::prelude::*;

/// Formats the tree as text: without delimiters, with their meaning in brackets.
fn shown(text: &str) -> String {
    let mut out = String::new();
    show(&parse(text), &mut out);
    out
}

fn show(pieces: &[Piece<'_>], out: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Marked { mark, inner, .. } => {
                match mark {
                    Mark::Strong => out.push_str("[b:"),
                    Mark::Emphasis => out.push_str("[i:"),
                    Mark::Struck => out.push_str("[s:"),
                    Mark::Link(address) => out.extend(["[l:", address, " "]),
                }
                show(inner, out);
                out.push(']');
            }
            Piece::Code { code, .. } => out.extend(["[c:", code, "]"]),
            Piece::Block { info, code, .. } => {
                out.extend(["[p:", info]);
                if !info.is_empty() {
                    out.push('|');
                }
                out.extend(code.iter().map(|line| line.inner));
                out.push(']');
            }
            Piece::Link(text) => out.extend(["[a:", text, "]"]),
            Piece::Room(text) => out.extend(["[r:", text, "]"]),
            Piece::Mention(text) => out.extend(["[m:", text, "]"]),
            Piece::Quote(lines) => {
                out.push_str("[q:");
                lines.iter().for_each(|line| show(&line.inner, out));
                out.push(']');
            }
            Piece::List(items) => {
                for item in items {
                    out.push_str(if item.is_numbered { "[n" } else { "[u" });
                    *out += &item.depth.to_string();
                    out.push(':');
                    show(&item.inner, out);
                    out.push(']');
                }
            }
        }
    }
}

/// Rebuilds the text from the tree, and returns the depth of the tree.
fn written(pieces: &[Piece<'_>], out: &mut String) -> usize {
    let mut depth = 0;
    for piece in pieces {
        match piece {
            Piece::Text(text) | Piece::Link(text) | Piece::Room(text) | Piece::Mention(text) => out.push_str(text),
            Piece::Code { open, code, close } => out.extend([*open, *code, *close]),
            Piece::Block { open, code, close, .. } => {
                out.push_str(open);
                out.extend(code.iter().flat_map(|line| [line.mark, line.inner]));
                out.push_str(close);
            }
            Piece::Marked { open, inner, close, .. } => {
                out.push_str(open);
                depth = depth.max(1 + written(inner, out));
                out.push_str(close);
            }
            Piece::Quote(lines) => {
                for line in lines {
                    out.push_str(line.mark);
                    depth = depth.max(1 + written(&line.inner, out));
                }
            }
            Piece::List(items) => {
                for item in items {
                    out.extend([item.indent, item.mark]);
                    depth = depth.max(1 + written(&item.inner, out));
                }
            }
        }
    }
    depth
}

/// Returns `true` if adjacent texts are merged and nothing is empty but a line of a quote or of code.
fn is_tidy(pieces: &[Piece<'_>]) -> bool {
    let is_text = |piece: &Piece<'_>| matches!(piece, Piece::Text(_));
    pieces.windows(2).all(|pair| !pair.iter().all(is_text))
        && pieces.iter().all(|piece| match piece {
            Piece::Text(text) => !text.is_empty(),
            Piece::Marked { inner, .. } => !inner.is_empty() && is_tidy(inner),
            Piece::Code { code, .. } => !code.is_empty(),
            Piece::Quote(lines) => lines.iter().all(|line| is_tidy(&line.inner)),
            Piece::List(items) => items.len() > 1 && items.iter().all(|item| is_tidy(&item.inner)),
            Piece::Block { .. } | Piece::Link(_) | Piece::Room(_) | Piece::Mention(_) => true,
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
        ("“*a*” «**b**» —*c*— ¿*d*? *e*…", "“[i:a]” «[b:b]» —[i:c]— ¿[i:d]? [i:e]…"),
        ("~~old~~ new, (~~b~~)", "[s:old] new, ([s:b])"),
        ("**-5** *+1* **$5** **C++** **100%**", "[b:-5] [i:+1] [b:$5] [b:C++] [b:100%]"),
        ("**नमस्ते** *Привет*, **שלום**؟ *हाँ*।", "[b:नमस्ते] [i:Привет], [b:שלום]؟ [i:हाँ]।"),
        ("이것은 **중요**합니다 「*重要*」", "이것은 [b:중요]합니다 「[i:重要]」"),
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
        "¯\\_(ツ)_/¯",
        "rm build/*.o lib/*.o",
        "**/*.rs and **/*.toml",
        "src/**/*.rs **/*.md",
        "char* c, char* d",
        "char *c, char *d",
        "int** a, int** b",
        "5 * 3 * 2 = 30",
        "a*b*c a**b**c un*frigging*real",
        "*args, **kwargs",
        "f(*args, **kwargs)",
        "SELECT * FROM a; SELECT * FROM b",
        "/* a */ b /* c */",
        "/** a **/",
        "^.*$ and .*? or [^*]*",
        "*.o and *.c",
        "rm *.o* *.c*",
        "*/foo/*",
        "C:\\a_b\\_c_",
        "test_*_foo_*",
        "build_*.o lib_*.o",
        "price* and terms*",
        "(*_*) (^_^) (>_<) (*^_^*) (*'▽'*) (*´ω｀*) (*ﾟ∀ﾟ*) o_o T_T -_-;",
        "(´・ω・`) and (´・ω・`)",
        "x=`date` y=`date`",
        "it's `a",
        "好的~~谢谢~~",
        "はい~~そう~~",
        "~5 km ~10 km",
        "~/a ~/b",
        "~~~ a ~~~",
        "a~~b~~c",
        "変数_名前_です",
        "\\*a\\*",
        "**a**b",
        "*'*'*",
        ">_< ok >_<",
        ">> a",
        ">a",
        "->",
        "> ",
        "-5 degrees\n-6 degrees",
        "1.5 litres\n2.5 litres",
        "- one remark",
        "* their",
        "1. one remark",
        "1234. a\n1235. b",
        "--- a\n--- b",
        "-\n-",
        "- a\n\n- b",
        "a\\b",
        "`",
        "``",
        "``a`",
        "`a\n\nb`",
        "@",
        "[a](b)",
        "[a] (b)",
        "# a",
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
        ("``a` `b`", "``a` [c:b]"),
        ("関数`f`を、`g`も", "関数[c:f]を、[c:g]も"),
        ("`Vec`s (`a`) \"`b`\"", "[c:Vec]s ([c:a]) \"[c:b]\""),
        ("```a b\nc``` d", "[c:a b\nc] d"),
        ("a ```\nb\n```", "a [c:\nb\n]"),
    ]);
}

#[test]
fn a_block_of_code_goes_from_fence_to_fence() {
    let block =
        |open, info, code, close| Piece::Block { open, info, code: vec![Line { mark: "", inner: code }], close };
    assert_eq!(
        parse("a\n```rust\nfn *x*() {\n\n}\n```\nb"),
        [Piece::Text("a\n"), block("```rust\n", "rust", "fn *x*() {\n\n}\n", "```\n"), Piece::Text("b")]
    );
    assert_eq!(parse("```\r\na\r\n``` \r\n"), [block("```\r\n", "", "a\r\n", "``` \r\n")]);
    assert_eq!(parse("```\n```"), [block("```\n", "", "", "```")]);
    assert_eq!(parse("```\n\na\n\n```"), [block("```\n", "", "\na\n\n", "```")]);
    assert_eq!(parse("  ```c++\n  a\n  ```"), [block("  ```c++\n", "c++", "  a\n", "  ```")]);
    assert_eq!(parse("````\n```\n````"), [block("````\n", "", "```\n", "````")]);
    each(&[
        ("*a\n```\nb*\n```\nc*", "*a\n[p:b*\n]c*"),
        ("`a\n```\nb`\n```", "`a\n[p:b`\n]"),
        ("```\na\n```\n```\nb\n```", "[p:a\n][p:b\n]"),
        ("```\na\n``` b\n```", "[p:a\n``` b\n]"),
        ("```\na\n````", "[p:a\n]"),
        ("```\na\n ```", "[p:a\n]"),
        ("```rust,no_run\na\n```", "[p:rust,no_run|a\n]"),
    ]);
}

#[test]
fn a_closing_fence_may_end_the_last_line_of_code() {
    each(&[
        ("```\nlet *x* = 1;```", "[p:let *x* = 1;]"),
        ("```rust\na\nb``` \nc", "[p:rust|a\nb]c"),
        ("```\r\na```\r\nb", "[p:a]b"),
        ("```\na```\nb\n```\nc```", "[p:a]b\n[p:c]"),
        ("```\na ```b``` \nc\n```", "[p:a ```b``` \nc\n]"),
    ]);
}

#[test]
fn what_is_more_than_a_word_behind_a_fence_is_shown_as_code() {
    each(&[("```let x = 1;\nlet y;\n```", "[p:let x = 1;\nlet y;\n]"), ("```some code```", "[c:some code]")]);
}

#[test]
fn a_fence_that_is_not_closed_is_text() {
    all_text(&["```\na", "```\na``b", "```", "```rust", "a ```\nb\n", "````\na\n```"]);
    each(&[("```\n*a*", "```\n[i:a]"), ("```\na\n``````` b", "```\na\n``````` b")]);
}

#[test]
fn quotes_are_lines_behind_a_mark() {
    each(&[
        ("> a", "[q:a]"),
        ("> *a*\n> b\nc", "[q:[i:a]\nb\n]c"),
        ("a\n> b\n\nc", "a\n[q:b\n]\nc"),
        ("> a\n>\n> b", "[q:a\n\nb]"),
        ("> > a", "[q:> a]"),
        ("> *a\n> b*", "[q:*a\nb*]"),
        ("> @Ada said `x`\r\nyes", "[q:[m:@Ada] said [c:x]\r\n]yes"),
    ]);
}

#[test]
fn a_quote_can_have_a_block_of_code_inside() {
    each(&[
        ("> see\n> ```rust\n> *a*\n> b\n> ```\n> so\nno", "[q:see\n[p:rust|*a*\nb\n]so\n]no"),
        ("> ```\n> a```\nb", "[q:[p:a]]b"),
        ("> ```\n> a\n```\nb\n```", "[q:```\na\n][p:b\n]"),
    ]);
}

#[test]
fn lists_are_two_items_or_more() {
    each(&[
        ("- a\n- *b*", "[u0:a\n][u0:[i:b]]"),
        ("* a\n* b", "[u0:a\n][u0:b]"),
        ("see:\n1. a\n2) b\nok", "see:\n[n0:a\n][n0:b\n]ok"),
        ("- a\n  - b\n      1. c\n\t\t\t\t- d", "[u0:a\n][u1:b\n][n3:c\n][u3:d]"),
        ("- *a\n- b *", "[u0:*a\n][u0:b *]"),
        ("- [ ] a\n- [x] b", "[u0:[ ] a\n][u0:[x] b]"),
    ]);
}

#[test]
fn links_are_of_two_schemes_only() {
    each(&[
        ("http://a.b https://a.b", "[a:http://a.b] [a:https://a.b]"),
        ("HTTPS://Example.ORG/A", "[a:HTTPS://Example.ORG/A]"),
        ("http://localhost:3000/r/general?x=1#y", "[a:http://localhost:3000/r/general?x=1#y]"),
        ("見てhttps://例え.jp/あ", "見て[a:https://例え.jp/あ]"),
        ("http://a", "[a:http://a]"),
        ("http://[::1]:3000/ (http://[2001:db8::1])", "[a:http://[::1]:3000/] ([a:http://[2001:db8::1]])"),
        ("http://[::ffff:1.2.3.4]/a", "[a:http://[::ffff:1.2.3.4]/a]"),
        ("http://user@a.b:80/c", "[a:http://user@a.b:80/c]"),
        ("www.example.com, WWW.a.bc/d!", "[a:www.example.com], [a:WWW.a.bc/d]!"),
        ("(www.a.bc) www.例え.jp。", "([a:www.a.bc]) [a:www.例え.jp]。"),
    ]);
    all_text(&[
        "javascript:alert(1)",
        "javascript://a.b",
        "ftp://a.b",
        "file:///a",
        "data:text/html,a",
        "//a.b",
        "www.",
        "www.a",
        "www.a.",
        "awww.a.bc",
        "ada@www.a.bc",
        "a.www.b.cd",
        "http://[::1",
        "http://[a]",
        "http://[]/",
        "mailto:ada@example.org",
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
        ("(https://a.b/c)です (https://a.b/(c))です", "([a:https://a.b/c])です ([a:https://a.b/(c)])です"),
        ("{http://a.b/{c}} 'http://a.b'", "{[a:http://a.b/{c}]} '[a:http://a.b]'"),
        ("`http://a.b |http://a.b/c|", "`[a:http://a.b] |[a:http://a.b/c]|"),
    ]);
    assert_eq!(parse("http://a.b/[c]"), [Piece::Link("http://a.b/[c]")]);
    assert_eq!(parse("[http://a.b]"), [Piece::Text("["), Piece::Link("http://a.b"), Piece::Text("]")]);
}

#[test]
fn a_link_ends_before_what_is_no_part_of_an_address_in_any_script() {
    each(&[
        ("参见 https://example.com/foo。次の文。", "参见 [a:https://example.com/foo]。次の文。"),
        ("（https://example.com/baz）です", "（[a:https://example.com/baz]）です"),
        ("「https://example.com/a」と", "「[a:https://example.com/a]」と"),
        ("https://example.com！https://a.b？", "[a:https://example.com]！[a:https://a.b]？"),
        ("https://a.b/c，d https://a.b/c、d", "[a:https://a.b/c]，d [a:https://a.b/c]、d"),
        ("https://a.b/c… https://a.b/c—so", "[a:https://a.b/c]… [a:https://a.b/c]—so"),
        (
            "»https://a.b/c« ‹https://a.b/c› ‘https://a.b/c’",
            "»[a:https://a.b/c]« ‹[a:https://a.b/c]› ‘[a:https://a.b/c]’",
        ),
        ("https://a.b/c؟ https://a.b/c، https://a.b/c।", "[a:https://a.b/c]؟ [a:https://a.b/c]، [a:https://a.b/c]।"),
        ("https://a.b/c։ https://a.b/c። https://a.b/c།", "[a:https://a.b/c]։ [a:https://a.b/c]። [a:https://a.b/c]།"),
        ("https://a.b/c\u{200b}d https://a.b/c\u{3164}", "[a:https://a.b/c]\u{200b}d [a:https://a.b/c]\u{3164}"),
        ("https://a.b\u{3000}c https://a.b/\u{ad}c", "[a:https://a.b]\u{3000}c [a:https://a.b/]\u{ad}c"),
        ("https://example.comを見て", "[a:https://example.com]を見て"),
        ("https://日本語.jpです http://localhostで", "[a:https://日本語.jp]です [a:http://localhost]で"),
        ("https://a.b/c’s https://a.b’s", "[a:https://a.b/c]’s [a:https://a.b]’s"),
        ("https://a.b/→c", "[a:https://a.b/]→c"),
    ]);
    for whole in [
        "https://ja.wikipedia.org/wiki/日本語",
        "https://en.wikipedia.org/wiki/Rust_(language)",
        "https://en.wikipedia.org/wiki/Schrödinger's_cat",
        "https://en.wikipedia.org/wiki/Michelson–Morley_experiment",
        "https://hi.wikipedia.org/wiki/हिन्दी",
        "https://fa.wikipedia.org/wiki/می\u{200c}خواهم",
        "https://ja.wikipedia.org/wiki/ジョン・スミス",
        "https://a.b/c?d=[e]&f={g}#h:~:text=i,j",
        "https://a.b/👍🏽/c",
        "https://a.b/c%E3%80%82;d=1!e",
        "https://例え.テスト/",
    ] {
        assert_eq!(parse(whole), [Piece::Link(whole)]);
    }
}

#[test]
fn words_are_a_link_when_an_address_follows() {
    each(&[
        ("see [the *page*](https://a.b/c_(d)), ok", "see [l:https://a.b/c_(d) the [i:page]], ok"),
        ("[`x`](www.a.bc)", "[l:www.a.bc [c:x]]"),
        ("**[a](http://b.c)**", "[b:[l:http://b.c a]]"),
        ("[[a](http://b.c)]", "[[l:http://b.c a]]"),
        ("[@Ada #tea](http://b.c)", "[[m:@Ada] [r:#tea]]([a:http://b.c])"),
        ("[a](http://b.c", "[a]([a:http://b.c]"),
        ("[a] (http://b.c)", "[a] ([a:http://b.c])"),
        ("[ ](http://b.c)", "[ ]([a:http://b.c])"),
        ("[a\nb](http://b.c)", "[a\nb]([a:http://b.c])"),
    ]);
    all_text(&["[a](javascript:alert(1))", "[a](data:x)", "[a](/b)", "[a]()", "[](b)", "[a](//b.c)"]);
    let longest = "a".repeat(200);
    assert!(matches!(parse(&format!("[{longest}](http://b.c)"))[..], [Piece::Marked { .. }]));
    assert!(matches!(parse(&format!("[{longest}a](http://b.c)"))[..], [Piece::Text(_), ..]));
}

#[test]
fn words_that_look_like_an_address_do_not_hide_another() {
    for words in [
        "https://bank.com",
        "bank.com",
        "www.bank.com/login",
        "ada@bank.com",
        "bank。com",
        "bank.com\u{202e}",
        "ba\u{200b}nk",
    ] {
        let text = format!("[{words}](https://evil.example/)");
        assert!(shown(&text).contains("[a:https://evil.example/]") && !shown(&text).contains("[l:"), "{text}");
    }
    each(&[("[v1.2 etc.](http://b.c)", "[l:http://b.c v1.2 etc.]")]);
}

#[test]
fn rooms_are_links_and_numbers_and_colours_are_not() {
    each(&[
        ("see #random, (#日本語) or #a-b_c.", "see [r:#random], ([r:#日本語]) or [r:#a-b_c]."),
        (
            "**#tea** #हिन्दी #2024-plans #cafe #General",
            "[b:[r:#tea]] [r:#हिन्दी] [r:#2024-plans] [r:#cafe] [r:#General]",
        ),
        ("_#tea_ #tea- #tea__", "[i:[r:#tea]] [r:#tea]- [r:#tea]__"),
        ("部屋は#雑談", "部屋は[r:#雑談]"),
        ("`#tea` https://a.b/#tea", "[c:#tea] [a:https://a.b/#tea]"),
    ]);
    all_text(&[
        "#1",
        "#42, #1_000",
        "#fff #FF00aa #00ff00cc",
        "# a",
        "#",
        "##tea",
        "c#tea",
        "&#39;",
        "#-a",
        "#a",
        "a#b",
        "#!/bin/sh",
    ]);
    assert_eq!(shown(&format!("#{}", "r".repeat(30))), format!("[r:#{}]", "r".repeat(30)));
    all_text(&[&format!("#{}", "r".repeat(31))]);
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
    each(&[("你好@Bo お願い@田中", "你好[m:@Bo] お願い[m:@田中]")]);
    all_text(&["a@example.org", "first.last@example.org", "@a", "@ Ada", "@-Ada"]);
}

#[test]
fn plain_texts_are_known_without_reading_them() {
    for text in ["", "hello, world: 2 + 2 = 4 (really)!", "https:/x", "日本語 - a"] {
        assert!(is_plain(text), "{text:?}");
    }
    for text in ["*", "_", "`", "@", "http://a", "www.a.bc", "#a", "~~", "[", ">", "a\n- b"] {
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

/// Maximum number of steps for each byte. The slowest of the texts below takes four; with quadratic time, a text of the
/// limit would take hundreds.
const STEPS_MAX: usize = 8;

/// Texts that are made to be slow to read: openers without an end, repeated.
const HOSTILE: [&str; 61] = [
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
    "~~a ",
    "~~",
    "~",
    "[a](http://b",
    "[a](",
    "[a]",
    "[aaaaaaaaaaaa",
    "#a",
    "#aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ",
    "> ",
    ">\n",
    "> a\n",
    "> ```\n",
    "> ````\n> ```\n",
    "- a\n",
    "- a\n\n",
    "1. ",
    "  - ",
    "````\n",
    "````\n```\na``\n",
    "@田",
    "www.",
    "http://[:",
    "http://a(",
    "http://.",
    "*_~*_~a",
    "*_",
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
    // Runs of backticks of all different lengths.
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
    fn the_pieces_are_the_text(text in "([*_`@#~>\n (){}.a-cé日\u{301}\u{1f44b}]|\\*{1,3}[ab]?|~~|```|\n```\n|\r\n|\n> |\n- |\n1. |\\[a\\]\\(|http://|www.|@Ada|#tea){0,40}") {
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
        mark in "\\*{1,3}|_|~~|`{1,3}",
        before in "(|[ (\"])",
        after in "(|[ ),.!?\"])",
    ) {
        let pieces_in = |text: &str| parse(text).iter().filter(|piece| !matches!(piece, Piece::Text(_))).count();
        let text = format!("x {before}{mark}{word}{mark}{after} y");
        prop_assert_eq!(pieces_in(&text), 1, "{}", text);
    }

    #[test]
    fn links_are_safe_to_follow(text in "(java|http|HTTPS|s|:|/|//|script|data|\\.|a|www|\\[a\\]\\(|\\)|\"|'|<|>|\u{202e}| ){0,16}") {
        for piece in parse(&text) {
            let link = match piece {
                Piece::Link(link) => link,
                Piece::Marked { mark: Mark::Link(link), .. } => link,
                _ => continue,
            };
            let lower = [address(link).0, address(link).1].concat().to_lowercase();
            prop_assert!(lower.starts_with("http://") || lower.starts_with("https://"), "{}", link);
            prop_assert!(!link.contains(['"', '<', '>', ' ', '\n', '\u{202e}']), "{}", link);
        }
    }
}
