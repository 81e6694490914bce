//! The page's HTML.

use super::{Bar, json};
use crate::label::{clean, fit};
use crate::svg::{Svg, escape_into, kind_class, status_class};
use crate::{Diagram, Kind, Status};
use std::{fmt::Write as _, time::Duration};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Names longer than this are cut off.
const NAME: usize = 120;
/// Errors longer than this are cut off in the table; the whole is with the details.
const ERROR: usize = 200;
/// Deeper runs are drawn as deep as this.
const DEPTH: usize = 12;
/// The most marks on the axis.
const MARKS: usize = 6;

pub(super) fn page(diagram: &Diagram, bars: &[Bar], facts: &[(String, String)]) -> String {
    let title = clean(&diagram.title);
    let title = if title.is_empty() { "A run" } else { &*title };
    let mut html = String::with_capacity(64 * 1024);
    html.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    // Nothing is fetched, whatever is in the page.
    html.push_str("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    html.push_str(
        "style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n<title>",
    );
    escape_into(title, &mut html);
    let _ = write!(html, "</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>");
    escape_into(title, &mut html);
    html.push_str("</h1>\n");
    summary(bars, facts, &mut html);
    html.push_str("</header>\n<section aria-label=\"Picture\">\n");
    html.push_str(&Svg::new("run").width(1080).draw(diagram));
    html.push_str("\n</section>\n");
    if !bars.is_empty() {
        timeline(bars, &mut html);
        data(bars, &mut html);
        let _ = write!(html, "<script>\n{SCRIPT}</script>\n");
    }
    html.push_str("</body>\n</html>\n");
    html
}

fn summary(bars: &[Bar], facts: &[(String, String)], html: &mut String) {
    html.push_str("<dl class=\"facts\">\n");
    let mut fact = |name: &str, value: &str, class: &str| {
        let _ = write!(html, "<div{class}><dt>");
        escape_into(&fit(name, NAME), html);
        html.push_str("</dt><dd>");
        escape_into(&fit(value, NAME), html);
        html.push_str("</dd></div>\n");
    };
    let outermost = bars.iter().filter(|bar| bar.within.is_none());
    let worst = outermost.map(|bar| bar.outcome.status).max_by_key(|status| match status {
        Status::Running => 3,
        Status::Failed => 2,
        Status::Cancelled => 1,
        _ => 0,
    });
    if let Some(status) = worst {
        let class = format!(" class=\"{}\"", status_class(status).trim());
        fact("outcome", &format!("{} {}", status.mark(), status.word()), &class);
    }
    for (name, value) in facts {
        fact(name, value, "");
    }
    html.push_str("</dl>\n");
}

fn timeline(bars: &[Bar], html: &mut String) {
    let whole = bars.iter().map(|bar| bar.start + bar.length).max().unwrap_or_default();
    let axis = Axis::new(whole);
    html.push_str("<section aria-label=\"Timeline\">\n<div class=\"tools\"><h2>Timeline</h2>");
    html.push_str("<input type=\"search\" id=\"find\" placeholder=\"Find a step, a tag, an outcome\" aria-label=\"Find runs\" hidden>");
    let _ = writeln!(html, "<output id=\"found\" for=\"find\">{} runs</output></div>", bars.len());
    let _ =
        write!(html, "<table style=\"--mark:{:.4}%\">\n<thead><tr><th scope=\"col\">Step</th>", axis.share(axis.step));
    html.push_str("<th scope=\"col\" class=\"t\">Time</th><th scope=\"col\" class=\"w\"><div class=\"axis\">");
    for at in 0..=MARKS {
        let time = axis.step * u32::try_from(at).unwrap_or(0);
        // One at the very end would stand out over it.
        if time > whole.mul_f64(0.95) && at > 0 {
            break;
        }
        let _ = write!(html, "<span style=\"left:{:.3}%\">{}</span>", axis.share(time), axis.label(time));
    }
    html.push_str("</div></th></tr></thead>\n<tbody>\n");
    let mut depths: Vec<usize> = Vec::with_capacity(bars.len());
    for (at, bar) in bars.iter().enumerate() {
        let depth = bar.within.and_then(|around| depths.get(around)).map_or(0, |depth| depth + 1);
        depths.push(depth);
        row(at, depth, bar, &axis, html);
    }
    html.push_str("</tbody>\n</table>\n</section>\n");
}

fn row(at: usize, depth: usize, bar: &Bar, axis: &Axis, html: &mut String) {
    let outcome = &bar.outcome;
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == bar.kind).map_or("k9", kind_class);
    let _ =
        write!(html, "<tr id=\"run-{at}\" class=\"{kind}{}\" data-depth=\"{depth}\">", status_class(outcome.status));
    let _ = write!(html, "<th scope=\"row\" style=\"--d:{}\"><span class=\"o\" title=\"", depth.min(DEPTH));
    let _ = write!(html, "{}\">{}</span> ", outcome.status.word(), outcome.status.mark());
    if let Some(label) = &bar.label {
        html.push_str("<b>");
        escape_into(&fit(label, NAME), html);
        html.push_str("</b> ");
    }
    let _ = write!(html, "<a href=\"#run-{at}\">");
    let name = fit(&bar.name, NAME);
    escape_into(if name.is_empty() { "(no name)" } else { &name }, html);
    html.push_str("</a> <small>");
    let attempts = outcome.attempts.filter(|attempts| *attempts > 1).map(|attempts| format!("{attempts} attempts"));
    let known = Some(bar.kind.clone()).filter(|kind| *kind != bar.name).into_iter().chain(attempts);
    escape_into(&fit(&known.collect::<Vec<_>>().join(" · "), NAME), html);
    html.push_str("</small>");
    if let Some(error) = &outcome.error {
        html.push_str("<div class=\"e\">");
        escape_into(&fit(error, ERROR), html);
        html.push_str("</div>");
    }
    html.push_str("</th><td class=\"t\">");
    escape_into(&fit(outcome.duration.as_deref().unwrap_or_default(), NAME), html);
    let (left, width) = (axis.share(bar.start), axis.share(bar.length));
    let _ = writeln!(html, "</td><td class=\"w\"><i style=\"left:{left:.3}%;width:{width:.3}%\"></i></td></tr>");
}

/// What the script shows of each run.
fn data(bars: &[Bar], html: &mut String) {
    html.push_str("<script type=\"application/json\" id=\"runs\">[");
    for (at, bar) in bars.iter().enumerate() {
        html.push_str(if at > 0 { ",\n{" } else { "\n{" });
        json::field("name", &bar.name, html);
        json::field("kind", &bar.kind, html);
        json::field("label", bar.label.as_deref().unwrap_or_default(), html);
        json::field("status", bar.outcome.status.word(), html);
        json::field("summary", &bar.outcome.summary(), html);
        for (name, value) in
            [("part", &bar.part), ("error", &bar.outcome.error), ("input", &bar.input), ("output", &bar.output)]
        {
            if let Some(value) = value {
                json::field(name, value, html);
            }
        }
        json::list("notes", bar.outcome.notes.iter().map(String::as_str), html);
        json::list("tags", bar.tags.iter().map(String::as_str), html);
        json::list("facts", bar.facts.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]), html);
        if let Some(within) = bar.within {
            let _ = write!(html, ",\"within\":{within}");
        }
        html.push('}');
    }
    html.push_str("\n]</script>\n");
}

/// Where times are.
struct Axis {
    whole: Duration,
    /// Between two marks.
    step: Duration,
}

impl Axis {
    /// Marks at round times, as many as there is room for.
    fn new(whole: Duration) -> Self {
        let mut step = 1_u64;
        'steps: loop {
            for factor in [1, 2, 5] {
                let candidate = Duration::from_micros(step.saturating_mul(factor));
                if candidate.saturating_mul(u32::try_from(MARKS).unwrap_or(1)) >= whole {
                    break 'steps Axis { whole, step: candidate };
                }
            }
            step = step.saturating_mul(10);
            if step > u64::MAX / 20 {
                break Axis { whole, step: whole };
            }
        }
    }

    /// In percent of the whole.
    fn share(&self, time: Duration) -> f64 {
        if self.whole.is_zero() { 0.0 } else { (time.as_secs_f64() / self.whole.as_secs_f64() * 100.0).min(100.0) }
    }

    fn label(&self, time: Duration) -> String {
        if time.is_zero() {
            return "0".to_owned();
        }
        match self.step.as_micros() {
            0..1_000 => format!("{} µs", time.as_micros()),
            1_000..1_000_000 if self.whole.as_secs() < 2 => format!("{} ms", time.as_millis()),
            1_000..1_000_000 => format!("{:.1} s", time.as_secs_f64()),
            _ => format!("{} s", time.as_secs()),
        }
    }
}
