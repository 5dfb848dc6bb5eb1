//! `docs/states.svg`: the states as boxes, and the changes as arrows with the numbers of their causes.

use std::collections::{BTreeMap, BTreeSet};

use super::Change;
use super::cases::Case;
use super::support::view::View;

pub(crate) const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/states.svg");

/// A box of the diagram: one of the four states, or what a session is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Loading,
    SignedOut,
    SignedIn,
    Failed,
    Within(View),
}

impl Node {
    fn of(view: View) -> Self {
        match view {
            View::Loading => Self::Loading,
            View::NeverSignedIn | View::SignedOut | View::Expired => Self::SignedOut,
            View::SignedIn | View::Renewing | View::InTrouble | View::Offline => Self::SignedIn,
            View::Failed => Self::Failed,
        }
    }

    /// The ends of the arrow for a change.
    fn ends(from: View, to: View) -> (Self, Self) {
        match (Self::of(from), Self::of(to)) {
            (Self::SignedIn, Self::SignedIn) => (Self::Within(from), Self::Within(to)),
            ends => ends,
        }
    }
}

/// Where an arrow runs, and the middle of its numbers.
struct Arrow {
    ends: (Node, Node),
    path: &'static str,
    numbers: (i32, i32),
}

const fn arrow(from: Node, to: Node, path: &'static str, x: i32, y: i32) -> Arrow {
    Arrow { ends: (from, to), path, numbers: (x, y) }
}

const REST: Node = Node::Within(View::SignedIn);
const RENEWING: Node = Node::Within(View::Renewing);
const TROUBLE: Node = Node::Within(View::InTrouble);
const OFFLINE: Node = Node::Within(View::Offline);

const ARROWS: &[Arrow] = &[
    arrow(Node::Loading, Node::SignedOut, "M160 60 L60 136", 110, 98),
    arrow(Node::SignedOut, Node::Loading, "M118 136 L178 60", 160, 84),
    arrow(Node::Loading, Node::Failed, "M240 60 L340 150", 286, 101),
    arrow(Node::Failed, Node::Loading, "M300 150 L222 60", 268, 124),
    arrow(Node::Loading, Node::SignedIn, "M192 60 L192 398", 192, 330),
    arrow(Node::SignedIn, Node::Loading, "M210 398 L210 60", 218, 300),
    arrow(Node::SignedOut, Node::Failed, "M176 168 L288 168", 244, 168),
    arrow(Node::Failed, Node::SignedOut, "M288 194 L176 194", 244, 194),
    arrow(Node::SignedOut, Node::SignedOut, "M128 244 C128 276 168 276 160 244", 150, 268),
    arrow(Node::SignedOut, Node::SignedIn, "M48 244 L48 398", 48, 310),
    arrow(Node::SignedIn, Node::SignedOut, "M104 398 L104 244", 104, 340),
    arrow(Node::Failed, Node::SignedIn, "M340 212 L340 398", 340, 310),
    arrow(REST, RENEWING, "M138 448 L262 448", 200, 448),
    arrow(RENEWING, REST, "M262 470 L138 470", 200, 470),
    arrow(RENEWING, TROUBLE, "M322 478 L322 578", 322, 512),
    arrow(TROUBLE, RENEWING, "M352 578 L352 478", 352, 546),
    arrow(REST, TROUBLE, "M130 478 L266 578", 160, 500),
    arrow(TROUBLE, REST, "M282 578 L134 478", 250, 556),
    arrow(REST, OFFLINE, "M40 478 L40 578", 40, 512),
    arrow(OFFLINE, REST, "M66 578 L66 478", 66, 546),
    arrow(RENEWING, OFFLINE, "M282 478 L128 578", 250, 500),
    arrow(OFFLINE, RENEWING, "M138 586 L266 478", 158, 569),
    arrow(TROUBLE, OFFLINE, "M262 592 L138 592", 214, 592),
    arrow(OFFLINE, TROUBLE, "M138 610 L262 610", 186, 610),
];

pub(crate) fn of(seen: &[(&Case, BTreeSet<Change>)]) -> String {
    let mut numbers: BTreeMap<(Node, Node), BTreeSet<usize>> = BTreeMap::new();
    for (number, (_, changes)) in (1..).zip(seen) {
        for (from, _, to) in changes {
            numbers.entry(Node::ends(*from, *to)).or_default().insert(number);
        }
    }
    let arrows: Vec<_> = ARROWS.iter().filter_map(|arrow| Some((arrow, numbers.remove(&arrow.ends)?))).collect();
    assert!(numbers.is_empty(), "no arrow is drawn for {numbers:?}");
    let rows = seen.len().div_ceil(2);
    let height = LEGEND + 18 * i32::try_from(rows).unwrap() + 6;
    let legend: String = seen.iter().enumerate().map(|(index, (case, _))| entry(index, rows, case.short)).collect();
    let paths: String = arrows.iter().map(|(arrow, _)| format!("<path class=\"arrow\" d=\"{}\"/>\n", arrow.path)).collect();
    // On top of all arrows.
    let labels: String = arrows.iter().map(|(arrow, numbers)| label(arrow, numbers)).collect();
    format!("{}{STYLE}{BOXES}{paths}{labels}{legend}</svg>\n", head(height))
}

fn head(height: i32) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 400 {height}\" width=\"480\" role=\"img\" \
         aria-label=\"The four states, and what leads from one to another\">\n\
         <rect class=\"ground\" width=\"400\" height=\"{height}\" rx=\"8\"/>\n"
    )
}

fn label(arrow: &Arrow, numbers: &BTreeSet<usize>) -> String {
    let text = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let (x, y) = arrow.numbers;
    let width = 7 * i32::try_from(text.len()).unwrap() + 8;
    format!(
        "<rect class=\"numbers\" x=\"{}\" y=\"{}\" width=\"{width}\" height=\"16\" rx=\"8\"/>\
         <text class=\"number\" x=\"{x}\" y=\"{}\">{text}</text>\n",
        x - width / 2,
        y - 8,
        y + 4,
    )
}

/// The first line of the legend.
const LEGEND: i32 = 662;

fn entry(index: usize, rows: usize, short: &str) -> String {
    let column = if index < rows { 0 } else { 1 };
    let y = LEGEND + 18 * i32::try_from(index % rows).unwrap();
    let x = 30 + 196 * column;
    format!(
        "<text class=\"key\" x=\"{x}\" y=\"{y}\">{}</text><text class=\"short\" x=\"{}\" y=\"{y}\">{short}</text>\n",
        index + 1,
        x + 8,
    )
}

/// It has its own background, so that it is legible on any page.
const STYLE: &str = "<style>\n\
    .ground { fill: #ffffff } .box { fill: #eef2f7; stroke: #44546a } .inner { fill: #ffffff; stroke: #44546a }\n\
    .numbers { fill: #ffffff; stroke: #1d5fa8 } .arrow { fill: none; stroke: #5b6b80; marker-end: url(#head) } #head path { fill: #5b6b80 }\n\
    text { fill: #16202c; font: 12px system-ui, sans-serif } .title { font-weight: 600; font-size: 14px }\n\
    .title, .inside, .number { text-anchor: middle } .number { font-size: 11px } .key { text-anchor: end; font-weight: 600 }\n\
    @media (prefers-color-scheme: dark) {\n\
    .ground { fill: #12181f } .box { fill: #1e2733; stroke: #8fa3bb } .inner { fill: #12181f; stroke: #8fa3bb }\n\
    .numbers { fill: #12181f; stroke: #7db4f0 } .arrow { stroke: #93a3b8 } #head path { fill: #93a3b8 } text { fill: #e6edf5 }\n\
    }\n\
    </style>\n\
    <defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
    <path d=\"M0 0 L8 4 L0 8 z\"/></marker></defs>\n";

const BOXES: &str = "<rect class=\"box\" x=\"150\" y=\"16\" width=\"100\" height=\"44\" rx=\"6\"/>\
    <text class=\"title\" x=\"200\" y=\"43\">loading</text>\n\
    <rect class=\"box\" x=\"16\" y=\"136\" width=\"160\" height=\"108\" rx=\"6\"/><text class=\"title\" x=\"96\" y=\"158\">signed-out</text>\
    <text class=\"inside\" x=\"96\" y=\"182\">never-signed-in</text><text class=\"inside\" x=\"96\" y=\"204\">signed-out</text>\
    <text class=\"inside\" x=\"96\" y=\"226\">expired</text>\n\
    <rect class=\"box\" x=\"288\" y=\"150\" width=\"96\" height=\"62\" rx=\"6\"/><text class=\"title\" x=\"336\" y=\"185\">failed</text>\n\
    <rect class=\"box\" x=\"16\" y=\"398\" width=\"368\" height=\"238\" rx=\"6\"/><text class=\"title\" x=\"200\" y=\"420\">signed-in</text>\n\
    <rect class=\"inner\" x=\"28\" y=\"434\" width=\"110\" height=\"44\" rx=\"6\"/><text class=\"inside\" x=\"83\" y=\"460\">at rest</text>\n\
    <rect class=\"inner\" x=\"262\" y=\"434\" width=\"110\" height=\"44\" rx=\"6\"/><text class=\"inside\" x=\"317\" y=\"460\">renewing</text>\n\
    <rect class=\"inner\" x=\"28\" y=\"578\" width=\"110\" height=\"44\" rx=\"6\"/><text class=\"inside\" x=\"83\" y=\"604\">offline</text>\n\
    <rect class=\"inner\" x=\"262\" y=\"578\" width=\"110\" height=\"44\" rx=\"6\"/><text class=\"inside\" x=\"317\" y=\"604\">in trouble</text>\n";
