//! Generates the demo's page from the one that Trunk reads.

/// Starts the app. It is a separate file, because a strict policy forbids inline scripts.
pub(crate) const START_JS: &str = r#"import init from "./app.js";

await init({ module_or_path: new URL("./app_bg.wasm", import.meta.url) });
"#;

/// What loads the app. The browser learns of all files at once, instead of one after the other.
fn head(imported: &[String]) -> String {
    let mut head = String::new();
    for script in ["app.js"].into_iter().chain(imported.iter().map(String::as_str)) {
        head.push_str(&format!("    <link rel=\"modulepreload\" href=\"./{script}\">\n"));
    }
    head + r#"    <link rel="preload" href="./app_bg.wasm" as="fetch" type="application/wasm" crossorigin>
    <script type="module" src="./start.js"></script>
"#
}

const CHARSET: &str = "<meta charset=\"utf-8\">\n";

/// The page without Trunk's directives, and with what loads the app and the scripts that it imports.
pub(crate) fn index_html(source: &str, imported: &[String]) -> Result<String, String> {
    let page = without_trunk(source);
    let Some(end) = page.find("</head>") else {
        return Err("demo/index.html has no </head>, before which the app's script is inserted.".into());
    };
    let line = page[..end].rfind('\n').map_or(0, |newline| newline + 1);
    // A tag alone on its line keeps its indentation; within a line it is split from what precedes it.
    let (before, after) = page.split_at(if page[line..end].trim().is_empty() { line } else { end });
    let newline = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    Ok(format!("{before}{newline}{}{after}", head(imported)))
}

/// The page with a policy, for hosts that send none. It precedes everything that it restricts.
pub(crate) fn with_policy(page: &str, policy: &str) -> Result<String, String> {
    let Some((before, after)) = page.split_once(CHARSET) else {
        return Err("demo/index.html has no <meta charset=\"utf-8\">, after which the policy is inserted.".into());
    };
    Ok(format!("{before}{CHARSET}    <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n{after}"))
}

fn without_trunk(source: &str) -> String {
    let mut page = String::new();
    let mut rest = source;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        page.push_str(text);
        let length = tag_length(tag);
        if tag.starts_with("<!--") || !has_attribute(&tag[..length], "data-trunk") {
            page.push_str(&tag[..length]);
            rest = &tag[length..];
            continue;
        }
        rest = &tag[element_length(tag, length)..];
        drop_blank_line(&mut page, &mut rest);
    }
    page.push_str(rest);
    page
}

/// The length of the tag or the comment at the start of the text.
fn tag_length(text: &str) -> usize {
    if text.starts_with("<!--") {
        return text.find("-->").map_or(text.len(), |end| end + 3);
    }
    let mut quote = None;
    for (index, character) in text.char_indices() {
        match (quote, character) {
            (None, '>') => return index + 1,
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// The length of the element that starts with this tag: up to its end tag, if it has one.
fn element_length(text: &str, tag: usize) -> usize {
    let name: String = text[1..].chars().take_while(char::is_ascii_alphanumeric).collect();
    if matches!(name.as_str(), "base" | "link" | "meta") || text[..tag].ends_with("/>") {
        return tag;
    }
    let end = format!("</{name}>");
    text[tag..].find(&end).map_or(tag, |at| tag + at + end.len())
}

fn has_attribute(tag: &str, name: &str) -> bool {
    tag.split(|character: char| character.is_whitespace() || matches!(character, '/' | '>' | '=')).skip(1).any(|word| word == name)
}

/// Removes the line that an element left empty.
fn drop_blank_line(page: &mut String, rest: &mut &str) {
    let line = page.rfind('\n').map_or(0, |newline| newline + 1);
    if !page[line..].trim().is_empty() {
        return;
    }
    if let Some(end) = rest.find('\n').filter(|end| rest[..*end].trim().is_empty()) {
        page.truncate(line);
        *rest = &rest[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Demo</title>
    <link rel="stylesheet" href="./style.css">
    <!-- data-trunk is explained <here> -->
    <link data-trunk rel="rust" href="Cargo.toml" data-wasm-opt="z" />
    <link
      rel="copy-dir" title="a > b"
      data-trunk href="public">
    <script data-trunk src="x.js"></script><base data-trunk-not>
  </head>
  <body></body>
</html>
"#;

    const PAGE: &str = r#"<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Demo</title>
    <link rel="stylesheet" href="./style.css">
    <!-- data-trunk is explained <here> -->
    <base data-trunk-not>
    <link rel="modulepreload" href="./app.js">
    <link rel="modulepreload" href="./snippets/a/client.js">
    <link rel="preload" href="./app_bg.wasm" as="fetch" type="application/wasm" crossorigin>
    <script type="module" src="./start.js"></script>
  </head>
  <body></body>
</html>
"#;

    #[test]
    fn trunk_directives_are_replaced_by_the_apps_loader() {
        assert_eq!(index_html(SOURCE, &["snippets/a/client.js".to_owned()]).unwrap(), PAGE);
    }

    #[test]
    fn a_page_on_one_line_works_too() {
        let page = index_html("<head><link data-trunk rel=rust><title>é</title></head>", &[]).unwrap();
        assert_eq!(page, format!("<head><title>é</title>\n{}</head>", head(&[])));
    }

    #[test]
    fn a_page_without_a_head_is_an_error() {
        assert!(index_html("<p>", &[]).is_err());
    }

    #[test]
    fn the_policy_precedes_the_scripts_it_restricts() {
        let page = with_policy(PAGE, "default-src 'none'").unwrap();
        let policy = "    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">\n";
        assert_eq!(page, PAGE.replace("    <title>", &format!("{policy}    <title>")));
        assert!(with_policy("<head></head>", "default-src 'none'").is_err());
    }

    #[test]
    fn nothing_in_the_page_needs_an_inline_script_or_an_absolute_url() {
        for url in ["./app.js", "./app_bg.wasm", "./start.js"] {
            assert!(PAGE.contains(&format!("\"{url}\"")), "{url}");
        }
        assert!(!PAGE.contains("<script>"));
    }
}
