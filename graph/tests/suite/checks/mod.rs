//! What must be true of a drawing, whatever is drawn.

use roxmltree::{Document, Node};

/// A rectangle: left, top, right, bottom.
type Area = (f64, f64, f64, f64);

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no {name} on {node:?}"))
}

fn area(rect: Node<'_, '_>) -> Area {
    let (x, y) = (number(rect, "x"), number(rect, "y"));
    (x, y, x + number(rect, "width"), y + number(rect, "height"))
}

/// Well-formed, on one line, nothing on top of anything else, nothing outside, every id once.
pub(crate) fn svg(text: &str) {
    assert!(!text.contains(['\n', '\r']), "a line break ends the block of HTML");
    let document = Document::parse(text).unwrap_or_else(|error| panic!("{error} in {text}"));
    let mut ids = std::collections::HashSet::new();
    for node in document.descendants() {
        if let Some(id) = node.attribute("id") {
            assert!(ids.insert(id), "id {id} occurs twice");
        }
        assert_ne!(node.tag_name().name(), "script");
    }
    for svg in document.descendants().filter(|node| node.has_tag_name("svg") || node.tag_name().name() == "svg") {
        for id in svg.attribute("aria-labelledby").unwrap_or_default().split(' ') {
            assert!(ids.contains(id), "{id} names the picture and is not there");
        }
        let view: Vec<f64> = svg.attribute("viewBox").unwrap().split(' ').map(|n| n.parse().unwrap()).collect();
        sheet(svg, (view[0], view[1], view[0] + view[2], view[1] + view[3]));
    }
}

fn sheet(svg: Node<'_, '_>, view: Area) {
    let all = |name: &'static str| svg.descendants().filter(move |node| node.tag_name().name() == name);
    // Boxes, labels and ends lie on nothing; frames lie around others.
    let is_frame = |node: &Node<'_, '_>| node.attribute("class").is_some_and(|class| class.starts_with(['y', 'm']));
    let boxes: Vec<Area> = all("rect").filter(|rect| !is_frame(rect)).map(area).collect();
    for (at, a) in boxes.iter().enumerate() {
        for b in &boxes[at + 1..] {
            let apart = a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1;
            assert!(apart, "{a:?} and {b:?} overlap");
        }
    }
    for rect in all("rect") {
        inside(area(rect), view, "a rectangle");
        if !is_frame(&rect)
            && rect.parent().is_some_and(|parent| parent.attribute("id").is_some() || parent.tag_name().name() == "a")
        {
            let group = rect.parent().unwrap();
            for text in group.children().filter(|node| node.tag_name().name() == "text") {
                inside(written(text), area(rect), text.text().unwrap_or_default());
            }
        }
    }
    let frames: Vec<Area> = all("rect").filter(is_frame).map(area).collect();
    for (at, a) in frames.iter().enumerate() {
        for b in frames[at + 1..].iter().chain(&boxes) {
            let apart = a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1;
            let within = |a: &Area, b: &Area| a.0 <= b.0 && a.1 <= b.1 && a.2 >= b.2 && a.3 >= b.3;
            assert!(apart || within(a, b) || within(b, a), "{a:?} and {b:?} cross");
        }
    }
    // What is written outside of boxes is not written over anything.
    let in_box = |node: &Node<'_, '_>| {
        node.ancestors().any(|above| above.attribute("class").is_some_and(|class| class.starts_with("b ")))
    };
    let steps: Vec<Area> = all("rect").filter(in_box).map(area).collect();
    let free: Vec<Area> = all("text").filter(|text| !in_box(text)).map(written).collect();
    for (at, a) in free.iter().enumerate() {
        for b in free[at + 1..].iter().chain(&steps) {
            let apart = a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1;
            assert!(apart, "text at {a:?} over {b:?}");
        }
    }
    for text in all("text") {
        inside(written(text), view, text.text().unwrap_or_default());
    }
    for path in all("path") {
        inside(traced(path.attribute("d").unwrap()), view, path.attribute("d").unwrap());
    }
}

fn inside(inner: Area, outer: Area, what: &str) {
    let fits = inner.0 >= outer.0 && inner.1 >= outer.1 && inner.2 <= outer.2 && inner.3 <= outer.3;
    assert!(fits, "{what} at {inner:?} is not inside {outer:?}");
}

/// The least that a text takes: half an em for a column, whatever the font.
fn written(text: Node<'_, '_>) -> Area {
    let (x, y) = (number(text, "x"), number(text, "y"));
    let class = text.attribute("class").unwrap_or_default();
    let size = if class.contains('n') { 6.5 } else { 5.2 };
    let width = size
        * f64::from(u32::try_from(unicode_width::UnicodeWidthStr::width(text.text().unwrap_or_default())).unwrap());
    let left = if class.split(' ').any(|class| class == "m") { x - width / 2.0 } else { x };
    (left, y - 8.0, left + width, y + 3.0)
}

/// Where a path of relative commands goes.
fn traced(d: &str) -> Area {
    let mut numbers = Vec::new();
    let (mut x, mut y) = (0.0, 0.0);
    let mut area = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
    let mut command = ' ';
    let mut rest = d;
    loop {
        let next = rest.find(|c: char| c.is_ascii_alphabetic());
        let (here, after) = rest.split_at(next.unwrap_or(rest.len()));
        numbers.clear();
        let mut number = String::new();
        for c in here.chars().chain([' ']) {
            let dots = number.contains('.');
            if c == ' ' || (c == '-' && !number.is_empty()) || (c == '.' && dots) {
                if !number.is_empty() {
                    numbers.push(number.parse::<f64>().unwrap_or_else(|_| panic!("{number} in {d}")));
                }
                number.clear();
            }
            if c != ' ' {
                number.push(c);
            }
        }
        let n = numbers.len();
        match command {
            'M' => (x, y) = (numbers[0], numbers[1]),
            'h' => x += numbers.iter().sum::<f64>(),
            'v' => y += numbers.iter().sum::<f64>(),
            'l' | 'm' => (0..n / 2).for_each(|at| (x, y) = (x + numbers[2 * at], y + numbers[2 * at + 1])),
            'a' | 'c' | 'q' => {
                let step = if command == 'a' {
                    7
                } else if command == 'c' {
                    6
                } else {
                    4
                };
                for at in 0..n / step {
                    (x, y) = (x + numbers[at * step + step - 2], y + numbers[at * step + step - 1]);
                }
            }
            _ => {}
        }
        if command != ' ' {
            area = (area.0.min(x), area.1.min(y), area.2.max(x), area.3.max(y));
        }
        let Some(letter) = after.chars().next() else { return area };
        command = letter;
        rest = &after[1..];
    }
}

/// No line wider than asked for.
pub(crate) fn text(text: &str, width: usize) {
    for line in text.lines() {
        let is = unicode_width::UnicodeWidthStr::width(line);
        assert!(is <= width, "{is} columns instead of {width}: {line}");
        assert!(!line.contains(char::is_control), "{line:?}");
    }
}
