//! Who a request is from, where proxies of the app's own pass it on (RFC 7239).
//!
//! Each proxy writes behind what is there already who has asked it, so a list is read from its end,
//! and up to the first address that is no proxy's: what is before that, anybody may have written.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use authsafe_rules::text;
use http::header::{FORWARDED, HeaderMap, HeaderName};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Addresses of proxies: one, or a network as in RFC 4632 §3.1 and RFC 4291 §2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    /// How many bits; never zero.
    prefix: u32,
}

impl Network {
    pub(crate) fn parse(text: &str) -> text::Verdict<Self> {
        let (address, prefix) = text::network(text)?;
        Ok(Self { address, prefix })
    }

    /// The bits of an address that the prefix names.
    fn cut(self, address: IpAddr) -> IpAddr {
        match address {
            // Neither shifts by all of its bits: the prefix is 1 or more, and no longer than they are.
            IpAddr::V4(ip) => {
                let mask = u32::MAX << 32u32.saturating_sub(self.prefix);
                Ipv4Addr::from_bits(ip.to_bits() & mask).into()
            }
            IpAddr::V6(ip) => {
                let mask = u128::MAX << 128u32.saturating_sub(self.prefix);
                Ipv6Addr::from_bits(ip.to_bits() & mask).into()
            }
        }
    }

    fn holds(self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4() && self.cut(address) == self.address
    }
}

/// Returns whether an address is one of these proxies'.
pub(crate) fn is_proxy(address: IpAddr, proxies: &[Network]) -> bool {
    let address = address.to_canonical();
    proxies.iter().any(|network| network.holds(address))
}

/// Returns whether a request says that it was passed on.
pub(crate) fn is_passed_on(headers: &HeaderMap) -> bool {
    headers.contains_key(FORWARDED) || headers.contains_key(X_FORWARDED_FOR)
}

/// Returns the client of a request that came in from `peer`. `None`: the proxies do not say.
///
/// A proxy writes one of the two headers, and passes on whatever a client, or a proxy in front, has put
/// into the other. So where both are there they have to lead to one address.
pub(crate) fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    if !is_proxy(peer, proxies) {
        return Some(peer);
    }
    let by = |name: HeaderName, read: fn(&[u8]) -> Option<IpAddr>| {
        let is_there = headers.contains_key(&name);
        is_there.then(|| last_known(peer, elements(headers, &name).map(read), proxies))
    };
    match (by(FORWARDED, forwarded), by(X_FORWARDED_FOR, node)) {
        (Some(one), Some(other)) if one != other => None,
        (Some(client), _) | (None, Some(client)) => client,
        (None, None) => Some(peer),
    }
}

/// Returns the first address from the end that is no proxy. `None`: it cannot be read.
fn last_known(
    peer: IpAddr,
    hops: impl Iterator<Item = Option<IpAddr>>,
    proxies: &[Network],
) -> Option<IpAddr> {
    let mut client = peer;
    for hop in hops {
        client = hop?;
        if !is_proxy(client, proxies) {
            break;
        }
    }
    Some(client)
}

/// The elements of a list, the last one first, in however many headers it is (RFC 9110 §5.3).
fn elements<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h [u8]> {
    let values = headers.get_all(name).into_iter().rev();
    values.flat_map(|value| from_the_end(value.as_bytes(), b','))
}

/// The parts between separators, the last one first. From there, no quote that somebody has left open
/// further in front swallows what was written behind it.
fn from_the_end(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    core::iter::from_fn(move || {
        let text = rest?;
        let mut is_quoted = false;
        let at = text.iter().rposition(|&byte| {
            is_quoted ^= byte == b'"';
            byte == separator && !is_quoted
        });
        rest = at.and_then(|at| text.get(..at));
        text.get(at.map_or(0, |at| at + 1)..)
    })
}

/// Returns the `for` of an element (RFC 7239 §4).
fn forwarded(element: &[u8]) -> Option<IpAddr> {
    let mut found = None;
    for pair in from_the_end(element, b';') {
        let (name, value) = pair.split_at_checked(pair.iter().position(|&b| b == b'=')?)?;
        if name.trim_ascii().eq_ignore_ascii_case(b"for") {
            // Two of them would be two clients.
            if found.is_some() {
                return None;
            }
            found = Some(node(unquoted(value.get(1..)?.trim_ascii()))?);
        }
    }
    found
}

/// Removes quotes. No address has a character in it that a quoted string would have to escape.
fn unquoted(value: &[u8]) -> &[u8] {
    let within = value
        .strip_prefix(b"\"")
        .and_then(|it| it.strip_suffix(b"\""));
    within.unwrap_or(value)
}

/// An address, with or without a port (RFC 7239 §6). Neither `unknown` nor a name that hides one.
fn node(text: &[u8]) -> Option<IpAddr> {
    let text = core::str::from_utf8(text).ok()?.trim_ascii();
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let is_good = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        let address: Ipv6Addr = address.parse().ok()?;
        return is_good.then(|| IpAddr::from(address).to_canonical());
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    let (address, port) = text.split_once(':')?;
    let address: Ipv4Addr = address.parse().ok()?;
    is_port(port).then_some(address.into())
}

/// A number, or a name that hides one.
fn is_port(text: &str) -> bool {
    let is_good = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    !text.is_empty() && text.bytes().all(is_good)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn networks() -> Vec<Network> {
        let texts = ["10.0.0.0/8", "2001:db8:ff::/48"];
        texts.map(|text| Network::parse(text).unwrap()).into()
    }

    /// Returns who it is from, by a proxy at 10.0.0.1.
    fn client_of(headers: &[(&'static str, &str)]) -> String {
        from("10.0.0.1", headers)
    }

    fn from(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            map.append(*name, value);
        }
        let client = client(peer.parse().unwrap(), &map, &networks());
        client.map_or_else(|| "nobody knows".to_owned(), |it| it.to_string())
    }

    fn by_list(list: &str) -> String {
        client_of(&[("x-forwarded-for", list)])
    }

    fn by_standard(list: &str) -> String {
        client_of(&[("forwarded", list)])
    }

    #[test]
    fn a_network_holds_its_addresses() {
        let holds = |network: &str, address: &str| {
            let network = Network::parse(network).unwrap();
            is_proxy(address.parse().unwrap(), &[network])
        };
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.0.0.1"));
        assert!(holds("192.0.2.1", "192.0.2.1") && !holds("192.0.2.1", "192.0.2.2"));
        assert!(holds("128.0.0.0/1", "200.0.0.1") && !holds("128.0.0.0/1", "127.0.0.1"));
        assert!(holds("2001:db8::/33", "2001:db8:7fff::1"));
        assert!(!holds("2001:db8::/33", "2001:db8:8000::1"));
        assert!(holds("::1", "::1") && !holds("::1", "::2"));
        // The first 8 bits of one are those of the other.
        assert!(!holds("10.0.0.0/8", "a00::1") && !holds("a00::/8", "10.0.0.1"));
    }

    #[test]
    fn who_comes_by_no_proxy_says_nothing() {
        let headers = [
            ("x-forwarded-for", "192.0.2.1"),
            ("forwarded", "for=192.0.2.1"),
        ];
        assert_eq!(from("198.51.100.7", &headers), "198.51.100.7");
        assert_eq!(from("::ffff:198.51.100.7", &headers), "198.51.100.7");
    }

    #[test]
    fn a_proxy_says_who_has_asked_it() {
        assert_eq!(by_list("192.0.2.1"), "192.0.2.1");
        assert_eq!(by_standard("for=192.0.2.1"), "192.0.2.1");
        assert_eq!(
            from("::ffff:10.0.0.1", &[("x-forwarded-for", "192.0.2.1")]),
            "192.0.2.1"
        );
        assert_eq!(client_of(&[]), "10.0.0.1");
    }

    #[test]
    fn the_last_that_is_no_proxy_is_the_client_whatever_stands_in_front() {
        for list in [
            "6.6.6.6, 192.0.2.1",
            "rubbish, 192.0.2.1, 10.9.9.9 , 2001:db8:ff::2",
        ] {
            assert_eq!(by_list(list), "192.0.2.1", "{list}");
        }
        for list in [
            "for=6.6.6.6, for=192.0.2.1",
            "for=6.6.6.6,for=192.0.2.1;by=10.0.0.1,For=\"10.9.9.9:80\";proto=https",
        ] {
            assert_eq!(by_standard(list), "192.0.2.1", "{list}");
        }
        // All of them proxies: the first one.
        assert_eq!(by_list("10.1.1.1, 10.2.2.2"), "10.1.1.1");
    }

    #[test]
    fn several_headers_are_one_list() {
        let list = |values: [&'static str; 3]| client_of(&values.map(|it| ("x-forwarded-for", it)));
        assert_eq!(list(["6.6.6.6", "192.0.2.1", "10.9.9.9"]), "192.0.2.1");
        assert_eq!(
            list(["192.0.2.1", "6.6.6.6, 10.1.1.1", "10.9.9.9"]),
            "6.6.6.6"
        );
        let standard = [("forwarded", "for=6.6.6.6"), ("forwarded", "for=192.0.2.1")];
        assert_eq!(client_of(&standard), "192.0.2.1");
    }

    #[test]
    fn addresses_have_ports_and_brackets() {
        for (written, read) in [
            ("192.0.2.1:4711", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("[::ffff:192.0.2.1]:80", "192.0.2.1"),
        ] {
            assert_eq!(by_list(written), read);
            assert_eq!(by_standard(&format!("proto=https;FOR=\"{written}\"")), read);
        }
        assert_eq!(by_standard("for=\"[2001:db8::1]:_hidden\""), "2001:db8::1");
        assert_eq!(
            by_standard("for=\"[2001:db8::1]:4711\";by=\"a,b;c\""),
            "2001:db8::1"
        );
    }

    #[test]
    fn what_cannot_be_read_is_nobody_known() {
        for rubbish in [
            "unknown",
            "_hidden",
            "",
            "192.0.2.1.5",
            "192.0.2.1:",
            "192.0.2.1:8 0",
            "[2001:db8::1",
            "[2001:db8::1]4711",
            "[192.0.2.1]",
            "2001:db8::1%eth0",
            "192.0.2.1 198.51.100.1",
            "proxy.example.com",
            "\u{ff}",
        ] {
            assert_eq!(by_list(rubbish), "nobody knows", "{rubbish}");
            // What is in front of the client is not read.
            assert_eq!(by_list(&format!("{rubbish},192.0.2.1")), "192.0.2.1");
            assert_eq!(
                by_list(&format!("6.6.6.6,{rubbish},10.9.9.9")),
                "nobody knows",
                "{rubbish}"
            );
            let list = format!("for=6.6.6.6,for=\"{rubbish}\",for=10.9.9.9");
            assert_eq!(by_standard(&list), "nobody knows", "{rubbish}");
        }
        for rubbish in [
            "by=10.0.0.1",
            "192.0.2.1",
            "for",
            "for=192.0.2.1;for=6.6.6.6",
            "for=\"1\\92.0.2.1\"",
        ] {
            let list = format!("for=6.6.6.6,{rubbish},for=10.9.9.9");
            assert_eq!(by_standard(&list), "nobody knows", "{rubbish}");
        }
    }

    #[test]
    fn a_quote_that_is_left_open_hides_no_proxys_word() {
        for open in [
            "for=\"6.6.6.6",
            "\"",
            "for=6.6.6.6;by=\"",
            "\\\"",
            "\u{ff}\"",
        ] {
            assert_eq!(
                by_standard(&format!("{open}, for=192.0.2.1")),
                "192.0.2.1",
                "{open}"
            );
            assert_eq!(
                by_list(&format!("{open}, 192.0.2.1")),
                "192.0.2.1",
                "{open}"
            );
        }
    }

    #[test]
    fn two_headers_that_do_not_agree_say_nothing() {
        let both =
            |standard, list| client_of(&[("forwarded", standard), ("x-forwarded-for", list)]);
        assert_eq!(both("for=192.0.2.1", "192.0.2.1:80"), "192.0.2.1");
        assert_eq!(both("for=6.6.6.6", "192.0.2.1"), "nobody knows");
        assert_eq!(both("for=192.0.2.1", "6.6.6.6"), "nobody knows");
        assert_eq!(both("rubbish", "192.0.2.1"), "nobody knows");
        assert_eq!(both("for=192.0.2.1", "unknown"), "nobody knows");
        assert_eq!(both("for=unknown", "unknown"), "nobody knows");
    }

    #[test]
    fn a_request_says_that_it_was_passed_on_in_either_header() {
        let says = |name: &'static str| {
            let header = (
                http::HeaderName::from_static(name),
                HeaderValue::from_static("x"),
            );
            is_passed_on(&[header].into_iter().collect())
        };
        assert!(says("forwarded") && says("x-forwarded-for"));
        assert!(!says("x-forwarded-proto") && !is_passed_on(&HeaderMap::new()));
    }
}
