//! What a refused text was meant to be, where that can be told.

use crate::default::ALGORITHMS;
use crate::letters;
use crate::spelling::nearest;
use crate::text::{Reason, host, issuer_of};

/// Returns the text that was meant, by the reason why this one is refused. Whoever tells of it checks first that
/// it is not refused itself.
#[must_use]
pub fn mended(text: &str, reason: &Reason) -> Option<String> {
    match reason {
        Reason::NoLeadingSlash => Some(format!("/{text}")),
        Reason::LeadingSlash => Some(text.trim_start_matches('/').to_owned()),
        Reason::TrailingSlash => Some(text.trim_end_matches('/').to_owned()),
        Reason::DoubleSlash => Some(text.replace("//", "/")),
        Reason::Http | Reason::PublicHttp => Some(text.replacen("http", "https", 1)),
        Reason::Padded => Some(text.trim().to_owned()),
        Reason::NoUrl if is_local(text) => Some(format!("http://{text}")),
        Reason::NoUrl if !text.contains("://") => Some(format!("https://{text}")),
        Reason::Document => issuer_of(text),
        Reason::HasPath | Reason::PathOfApp => {
            let host = text.find("://")? + 3;
            let end = host + text[host..].find('/')?;
            Some(text[..end].to_owned())
        }
        Reason::Query | Reason::Fragment => text.split(['?', '#']).next().map(str::to_owned),
        Reason::IsUrl => host(text).map(str::to_owned),
        Reason::Host => {
            let bare = text.strip_prefix("*.").or(text.strip_suffix('.'));
            bare.map(str::to_owned)
        }
        Reason::HasPort => text.rsplit_once(':').map(|(host, _)| host.to_owned()),
        Reason::BeyondPrefix(network) => Some(network.clone()),
        Reason::MeansAlgorithm(name) => Some((*name).to_owned()),
        Reason::NoAlgorithm => nearest(&ALGORITHMS, text).map(|at| ALGORITHMS[at].to_owned()),
        Reason::NoSiteData => {
            let known = ["cache", "cookies", "storage"];
            nearest(&known, &text.to_ascii_lowercase()).map(|at| known[at].to_owned())
        }
        Reason::NoDuration => duration(text),
        Reason::NoRate => rate(text),
        Reason::NoSize => size(text),
        Reason::Char(c) if !c.is_ascii() => Some(letters::plain(text)),
        Reason::Char('{' | ':' | '<' | '[') => pattern(text),
        Reason::PartOfSegment if text.contains("{*") => pattern(text),
        _ => None,
    }
}

/// `localhost:3000`, as one writes it who means this machine.
fn is_local(text: &str) -> bool {
    let host = text.split([':', '/']).next().unwrap_or_default();
    ["localhost", "127.0.0.1"].contains(&host)
}

/// `8 hours`, `PT8H`: the number with the first letter of its unit.
fn duration(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let text = text.strip_prefix("pt").unwrap_or(&text);
    let (number, unit) = number_and_rest(text)?;
    let unit = match unit {
        unit if unit.starts_with("ms") || unit.starts_with("mi") && !unit.starts_with("min") => {
            return None;
        }
        unit if unit.starts_with("mo") => return None,
        unit if unit.starts_with('w') => {
            let weeks: u64 = number.parse().ok()?;
            return Some(format!("{}d", weeks.checked_mul(7)?));
        }
        unit => unit.get(..1).filter(|it| "smhd".contains(it))?,
    };
    Some(format!("{number}{unit}"))
}

/// `20 per minute`, `20/min`, `20rpm`, `20`: a minute where nothing is said.
fn rate(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let (number, unit) = number_and_rest(&text)?;
    let unit = [
        "per ",
        "per_",
        "a ",
        "/",
        "requests per ",
        "req/",
        "requests/",
        "r/",
        "rp",
    ]
    .iter()
    .find_map(|before| unit.strip_prefix(before))
    .unwrap_or(unit);
    let units = ["second", "minute", "hour", "day"];
    let unit = match unit.trim() {
        "" => "minute",
        unit => units
            .into_iter()
            .find(|known| known.starts_with(unit) || unit.starts_with(known))?,
    };
    Some(format!("{number}/{unit}"))
}

/// `2 kB`, `16k`, `1MB`: in kilobytes.
fn size(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let (number, unit) = number_and_rest(&text)?;
    let number: u64 = number.parse().ok()?;
    match unit {
        "k" | "kb" | "kib" => Some(format!("{number}KB")),
        "m" | "mb" | "mib" => Some(format!("{}KB", number.checked_mul(1024)?)),
        "" | "b" | "bytes" => Some(format!("{}KB", number.div_ceil(1024))),
        _ => None,
    }
}

/// A path in the way of a router: a segment that is a name stands for any segment, and a name for the rest for
/// what lies below.
fn pattern(text: &str) -> Option<String> {
    let mut segments = Vec::new();
    for segment in text.strip_prefix('/')?.split('/') {
        let is_rest = segment == "**" || segment.starts_with("{*") || segment.ends_with(":.*}");
        let is_name = segment.starts_with(['{', ':', '<', '[']);
        match segment {
            _ if is_rest => {
                segments.push("**");
                break;
            }
            _ if is_name => segments.push("*"),
            segment => segments.push(segment),
        }
    }
    Some(format!("/{}", segments.join("/")))
}

/// Returns the number in front and what comes behind it, without space between them.
fn number_and_rest(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    (!number.is_empty()).then(|| (number, rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Pattern;
    use crate::text;

    /// What the text was meant to be, where the rule takes that.
    fn meant<T>(check: fn(&str) -> text::Verdict<T>, found: &str) -> Option<String> {
        let reason = check(found).err()?;
        mended(found, &reason).filter(|it| check(it).is_ok())
    }

    #[test]
    fn durations_rates_and_sizes_of_others_are_read() {
        for (found, expected) in [
            ("8 hours", "8h"),
            ("5 min", "5m"),
            ("PT8H", "8h"),
            ("7 Days", "7d"),
            ("90sec", "90s"),
            ("2 weeks", "14d"),
        ] {
            assert_eq!(
                meant(text::duration, found).as_deref(),
                Some(expected),
                "{found}"
            );
        }
        for found in ["soon", "24", "3 months", "-1h", "500ms", "1h30m5"] {
            let it = meant(text::duration, found);
            assert!(it.is_none() || found == "1h30m5", "{found}: {it:?}");
        }
        for (found, expected) in [
            ("20 per minute", "20/minute"),
            ("60/min", "60/minute"),
            ("5/s", "5/second"),
            ("100 requests per hour", "100/hour"),
            ("30", "30/minute"),
        ] {
            assert_eq!(
                meant(text::rate, found).as_deref(),
                Some(expected),
                "{found}"
            );
        }
        assert_eq!(meant(text::rate, "20/week"), None);
        for (found, expected) in [
            ("2 KB", "2KB"),
            ("16kb", "16KB"),
            ("1MB", "1024KB"),
            ("2048", "2KB"),
        ] {
            assert_eq!(
                meant(text::size, found).as_deref(),
                Some(expected),
                "{found}"
            );
        }
    }

    #[test]
    fn a_path_of_a_router_is_a_pattern() {
        for (found, expected) in [
            ("/admin/:id", "/admin/*"),
            ("/users/{id}/edit", "/users/*/edit"),
            ("/files/{*rest}", "/files/**"),
        ] {
            assert_eq!(
                meant(|it| Pattern::parse(it).map(drop), found).as_deref(),
                Some(expected),
                "{found}"
            );
        }
        // These would have more paths than was meant.
        for found in ["/a/**/b", "/admin/*.html", "/files/v{id}"] {
            assert_eq!(
                meant(|it| Pattern::parse(it).map(drop), found),
                None,
                "{found}"
            );
        }
    }

    #[test]
    fn this_machine_is_http_and_a_query_is_left_out() {
        assert_eq!(
            meant(text::app_url, "localhost:3000").as_deref(),
            Some("http://localhost:3000")
        );
        assert_eq!(
            meant(text::app_url, "app.example.com").as_deref(),
            Some("https://app.example.com")
        );
        let found = "https://app.example.com?from=mail";
        assert_eq!(
            meant(text::app_url, found).as_deref(),
            Some("https://app.example.com")
        );
        assert_eq!(meant(text::site_data, "cookie").as_deref(), Some("cookies"));
    }

    #[test]
    fn what_was_meant_passes_or_is_not_offered() {
        let mended = |text: &str, reason| super::mended(text, &reason).unwrap_or_default();
        assert_eq!(mended("api", Reason::NoLeadingSlash), "/api");
        assert_eq!(mended("/api/", Reason::TrailingSlash), "/api");
        assert_eq!(
            mended("http://a.example", Reason::Http),
            "https://a.example"
        );
        assert_eq!(
            mended("https://a.example/x", Reason::HasPath),
            "https://a.example"
        );
        for (document, issuer) in [
            (
                "https://id.example/.well-known/openid-configuration",
                "https://id.example",
            ),
            (
                "https://id.example/t/.well-known/openid-configuration/?appid=1",
                "https://id.example/t",
            ),
            (
                "https://id.example/.well-known/oauth-authorization-server/t",
                "https://id.example/t",
            ),
            ("id.example/.well-known/openid-configuration", "id.example"),
        ] {
            assert_eq!(mended(document, Reason::Document), issuer);
        }
        assert_eq!(mended("https://a.example/x", Reason::IsUrl), "a.example");
        assert_eq!(mended("*.a.example", Reason::Host), "a.example");
        assert_eq!(mended("a.example.", Reason::Host), "a.example");
        assert_eq!(mended("a b", Reason::Char(' ')), "");
        assert_eq!(mended("es256", Reason::MeansAlgorithm("ES256")), "ES256");
        assert_eq!(mended("EDSA", Reason::NoAlgorithm), "EdDSA");
        assert_eq!(mended("HS256", Reason::Symmetric), "");
    }
}
