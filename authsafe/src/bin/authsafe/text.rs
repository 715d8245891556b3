//! A report for people: a line a finding, what is wrong with its cause and what to write.

use authsafe::__private::{Finding, Report, State, Verdict};

/// Where the words of a finding begin.
const INDENT: usize = 24;
/// The width of a line, where it ends at a terminal's edge.
const WIDTH: usize = 80;

/// How it is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) color: bool,
    /// Lines are broken.
    pub(crate) wrap: bool,
}

/// Returns a report as text.
pub(crate) fn text(report: &Report, style: Style) -> String {
    let mut text = heading(report, style);
    for finding in &report.findings {
        text += &line(finding, style);
    }
    if let Some(attribute) = &report.attribute {
        text += &format!("\nThe attribute, by what was found:\n\n  {attribute}\n");
    }
    let wrong = report.findings.iter().filter(|it| it.state == State::Wrong);
    let verdict = match (report.verdict, wrong.count()) {
        (Verdict::NothingWrong, _) => paint("32", "Nothing is wrong in what was tried.", style),
        (Verdict::NotReached, _) => paint("31", "The provider could not be asked.", style),
        (Verdict::Wrong, 1) => paint("31", "One thing is wrong.", style),
        (Verdict::Wrong, many) => paint("31", &format!("{many} things are wrong."), style),
    };
    text += &format!("\n{verdict}\n");
    let unknown = report
        .findings
        .iter()
        .filter(|it| it.state == State::Unknown);
    let unknown: Vec<_> = unknown.map(|it| it.about).collect();
    if !unknown.is_empty() {
        let unknown = format!("Not known: {}.", unknown.join(", "));
        text += &paint("2", &wrapped(&unknown, 0, style), style);
        text.push('\n');
    }
    let not_tried = format!("Not tried: {}.", report.not_tried.join(", "));
    text += &paint("2", &wrapped(&not_tried, 0, style), style);
    text.push('\n');
    text
}

fn heading(report: &Report, style: Style) -> String {
    let Some(domain) = &report.domain else {
        return String::new();
    };
    let client = match &report.client_id {
        Some(client) => format!(", client `{client}`"),
        None => String::new(),
    };
    paint("1", &format!("{domain}{client}"), style) + "\n\n"
}

fn line(finding: &Finding, style: Style) -> String {
    let (state, color) = match finding.state {
        State::Ok => ("ok", "32"),
        State::Wrong => ("wrong", "1;31"),
        State::Told => ("told", "2"),
        State::Unknown => ("unknown", "33"),
        State::NotTried => ("skipped", "2"),
    };
    let state = paint(color, &format!("{state:<7}"), style);
    let found = wrapped(&finding.found, INDENT, style);
    let mut text = format!("  {state} {:<13} {found}\n", finding.about);
    for (name, told) in [("cause", &finding.cause), ("write", &finding.write)] {
        if let Some(told) = told {
            let told = wrapped(&format!("{name}: {told}"), INDENT, style);
            text += &format!("{:INDENT$}{told}\n", "");
        }
    }
    text
}

/// Breaks a text at its spaces.
fn wrapped(text: &str, indent: usize, style: Style) -> String {
    if !style.wrap {
        return text.to_owned();
    }
    let (mut lines, mut length) = (String::new(), 0);
    for word in text.split(' ') {
        let letters = word.chars().count();
        if length > 0 && length + 1 + letters > WIDTH - indent {
            lines += &format!("\n{:indent$}", "");
            length = 0;
        } else if length > 0 {
            lines.push(' ');
            length += 1;
        }
        lines += word;
        length += letters;
    }
    lines
}

fn paint(color: &str, text: &str, style: Style) -> String {
    match style.color {
        true => format!("\u{1b}[{color}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_at_a_terminal_and_words_stay_whole() {
        let style = Style {
            color: false,
            wrap: true,
        };
        let text = wrapped(&"word ".repeat(30), INDENT, style);
        assert!(text.lines().count() > 2);
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        let url = "https://".to_owned() + &"a".repeat(100);
        assert_eq!(wrapped(&url, INDENT, style), url);
    }

    #[test]
    fn color_is_there_where_it_is_asked_for_alone() {
        let plain = Style {
            color: false,
            wrap: false,
        };
        assert_eq!(paint("31", "a", plain), "a");
        let color = Style {
            color: true,
            ..plain
        };
        assert_eq!(paint("31", "a", color), "\u{1b}[31ma\u{1b}[0m");
    }
}
