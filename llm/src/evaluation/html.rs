//! A report as a page of HTML.

use super::{
    Report,
    report::CaseReport,
    table::{dollars, number},
};
use catena::__private::escape;
use serde_json::Value;
use std::fmt::Write;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color-scheme:light dark}\
table{border-collapse:collapse;width:100%}td,th{text-align:right;padding:.2em .7em;border-bottom:1px solid #8884}\
td:first-child,th:first-child,td:nth-child(2){text-align:left}.failed{color:#c33;font-weight:600}\
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#8881;padding:.6em;margin:.2em 0}svg{max-width:100%;height:auto}\
dt{font-weight:600;margin-top:.6em}dd{margin:0}";

pub(super) fn page(report: &Report) -> String {
    let mut out = String::new();
    let name = escape(report.name());
    let _ = write!(
        out,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{name}</title><style>{STYLE}</style><h1>{name}</h1><p>{} of {} cases passed.</p>",
        report.passed(),
        report.cases().len()
    );
    table(report, &mut out);
    for (number, case) in report.cases().iter().enumerate().filter(|(_, case)| !case.passed()) {
        details(number, case, &mut out);
    }
    out + "</html>\n"
}

fn table(report: &Report, out: &mut String) {
    out.push_str("<table><thead><tr><th>case<th>");
    for name in report.scorers() {
        let _ = write!(out, "<th>{}", escape(name));
    }
    out.push_str("<th>time<th>tokens<th>cost<tbody>");
    for (place, case) in report.cases().iter().enumerate() {
        let id = escape(&case.id);
        if case.passed() {
            let _ = write!(out, "<tr><td>{id}<td>passed");
        } else {
            let _ = write!(out, "<tr><td><a href=\"#case-{place}\">{id}</a><td class=\"failed\">failed");
        }
        for name in report.scorers() {
            let score = case.scores.get(name);
            let reason = score.and_then(super::Score::reason).unwrap_or_default();
            let _ = write!(out, "<td title=\"{}\">{}", escape(reason), number(score.map(super::Score::value)));
        }
        let _ = write!(out, "<td>{:.2} s<td>{}<td>{}", case.seconds, case.tokens, dollars(case.cost));
    }
    out.push_str("<tfoot><tr><th>mean<th>");
    for name in report.scorers() {
        let _ = write!(out, "<th>{}", number(report.mean(name)));
    }
    let _ = write!(out, "<th><th><th>{}</table>", dollars(report.cost()));
}

fn details(place: usize, case: &CaseReport, out: &mut String) {
    let _ = write!(out, "<section id=\"case-{place}\"><h2>{}</h2><dl>", escape(&case.id));
    for (name, value) in [("input", &case.input), ("expected", &case.expected), ("output", &case.output)] {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            value => format!("{value:#}"),
        };
        let _ = write!(out, "<dt>{name}<dd><pre>{}</pre>", escape(&text));
    }
    if let Some(error) = &case.error {
        let _ = write!(out, "<dt>error<dd><pre>{}</pre>", escape(error));
    }
    for (name, score) in &case.scores {
        if let Some(reason) = score.reason() {
            let _ = write!(out, "<dt>{}: {:.2}<dd>{}", escape(name), score.value(), escape(reason));
        }
    }
    out.push_str("</dl>");
    // Made by `Drawing`, which escapes.
    out.push_str(case.drawing.as_deref().unwrap_or_default());
    out.push_str("</section>");
}
