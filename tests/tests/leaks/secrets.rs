//! Secrets: templates filled with values from a seed, always the same ones.

use std::net::{Ipv4Addr, Ipv6Addr};

/// One secret.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    /// Its kind, for messages.
    pub(crate) kind: &'static str,
    /// As it stands in a text.
    pub(crate) text: String,
    /// What of it must not be seen.
    pub(crate) needles: Vec<String>,
}

/// Numbers from a seed: xorshift.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.roll() >> 11) as usize % n
    }

    fn text(&mut self, letters: &str, length: usize) -> String {
        let letters: Vec<char> = letters.chars().collect();
        (0..length).map(|_| letters[self.below(letters.len())]).collect()
    }

    /// A value of a token: letters and digits, both of them.
    fn token(&mut self, letters: &str, length: usize) -> String {
        loop {
            let token = self.text(letters, length);
            let digits = token.chars().filter(char::is_ascii_digit).count();
            // One token in many thousands looks like a word: that one is nobody's example.
            if digits >= 3 && digits + 3 <= length {
                return token;
            }
        }
    }
}

const HEX: &str = "0123456789abcdef";
const BASE36: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
const BASE62: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// How many notations [`ipv4`] knows.
pub(crate) const IPV4: usize = 11;

/// How many notations [`ipv6`] knows.
pub(crate) const IPV6: usize = 8;

/// An address in one of its notations.
pub(crate) fn ipv4(address: Ipv4Addr, notation: usize) -> String {
    let [a, b, c, d] = address.octets();
    match notation {
        0 => format!("{a}.{b}.{c}.{d}"),
        1 => format!("{a}.{b}.{c}.{d}:{}", 1024 + u32::from(d)),
        2 => format!("{a}.{b}.{c}.{d}/24"),
        3 => format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        4 => format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        5 => format!("{a}-{b}-{c}-{d}.dyn.provider.example"),
        6 => format!("::ffff:{a}.{b}.{c}.{d}"),
        7 => format!("{a:03}.{b:03}.{c:03}.{d:03}"),
        8 => format!("{a}[.]{b}[.]{c}[.]{d}"),
        9 => format!("{a} . {b} . {c} . {d}"),
        _ => format!("client:{a}.{b}.{c}.{d}"),
    }
}

/// An address in one of its notations.
pub(crate) fn ipv6(address: Ipv6Addr, notation: usize) -> String {
    let full = address.segments().map(|s| format!("{s:04x}")).join(":");
    match notation {
        0 => address.to_string(),
        1 => full,
        2 => full.to_uppercase(),
        3 => format!("[{address}]:443"),
        4 => format!("{address}%eth0"),
        5 => format!("{}.ip6.arpa", full.chars().rev().filter(|c| *c != ':').map(String::from).collect::<Vec<_>>().join(".")),
        6 => format!("{}.ipv6-literal.net", address.to_string().replace([':', '.'], "-")),
        _ => format!("{address}/64"),
    }
}

/// All of them.
pub(crate) fn secrets() -> Vec<Secret> {
    let mut dice = Dice(0x5eed_0502);
    let mut all = Vec::new();
    let mut add = |kind, text: String, needles: Vec<String>| all.push(Secret { kind, text, needles });

    for _ in 0..8 {
        for length in [16, 20, 24, 26, 32, 40, 64] {
            let value = dice.token(HEX, length);
            add("hexadecimal token", value.clone(), vec![value]);
        }
        for (length, letters) in [(16, BASE62), (22, BASE62), (24, BASE36), (26, BASE36), (32, BASE62), (43, BASE62)] {
            let value = dice.token(letters, length);
            add("token", value.clone(), vec![value]);
        }
        let [a, b, c] = [8, 12, 20].map(|n| dice.token(HEX, n));
        let uuid = format!("{a}-{}-4{}-9{}-{b}", &c[..4], &c[4..7], &c[7..10]);
        add("uuid", uuid.clone(), vec![uuid]);

        let [head, body, tail] = [24, 60, 43].map(|n| dice.text(BASE62, n));
        add("jwt", format!("eyJ{head}.eyJ{body}.{tail}"), vec![body, tail]);
        let value = dice.token(BASE62, 36);
        add("bearer", format!("Bearer {value}"), vec![value]);
        let value = dice.token(BASE62, 20);
        add("authorization", format!("Authorization: Basic {value}=="), vec![value]);
        let value = dice.token(BASE62, 24);
        add("proxy authorization", format!("Proxy-Authorization: Basic {value}"), vec![value]);
        let value = dice.token(BASE62, 24);
        add("provider's key", format!("sk_live_{value}"), vec![value]);
        let value = dice.token(BASE62, 36);
        add("provider's key", format!("ghp_{value}"), vec![value]);
        let value = format!("AKIA{}", dice.token("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16));
        add("provider's key", value.clone(), vec![value]);

        for name in ["PHPSESSID", "JSESSIONID", "sid", "session", "connect.sid", "laravel_session", "auth_token", "csrftoken"] {
            let value = dice.token(BASE62, 12);
            add("cookie", format!("{name}={value}"), vec![value]);
        }
        let [one, two] = [9, 11].map(|n| dice.text(BASE36, n));
        add("cookie header", format!("Cookie: seen={one}; theme={two}"), vec![one, two]);
        for name in ["password", "pwd", "api_key", "client_secret", "access_token"] {
            let value = dice.text("abcdefghijkmnopqrstuvwxyz", 9);
            add("credential", format!("{name}={value}"), vec![value]);
        }
        for name in ["Password", "Secret", "Token"] {
            let value = dice.text("abcdefghijkmnopqrstuvwxyz", 9);
            add("credential", format!("{name}: {value}"), vec![value]);
        }

        let [first, last] = [5, 7].map(|n| dice.text("bcdfghjklmnpqrstvwz", n));
        for text in [
            format!("{first}.{last}@mail.example"),
            format!("{first}+{last}@mail.example"),
            format!("{first}_{last}@sub.mail.example"),
            format!("{first}{last}@localhost"),
            format!("mailto:{first}-{last}@mail.example"),
            format!("{first}ö{last}@müller.example"),
            format!("{}@MAIL.EXAMPLE", format!("{first}{last}").to_uppercase()),
            format!("{first}{last}＠mail.example"),
            format!("{first}.{last}%40mail.example"),
        ] {
            let seen = text.trim_start_matches("mailto:").split(['@', '＠', '%']).next().unwrap_or_default().to_owned();
            add("e-mail", text, vec![seen]);
        }

        let n = dice.text("23456789", 10);
        for text in [
            format!("+44 20 {} {}", &n[..4], &n[4..8]),
            format!("+4420{}", &n[..8]),
            format!("(0{}) {}-{}", &n[..3], &n[3..6], &n[6..]),
            format!("+49-{}-{}", &n[..3], &n[3..]),
            format!("0049 {} {}", &n[..3], &n[3..]),
            format!("01{} {} {} {}", &n[..1], &n[1..4], &n[4..7], &n[7..]),
            format!("{}-{}-{}", &n[..3], &n[3..6], &n[6..]),
            format!("06 {} {} {} {}", &n[..2], &n[2..4], &n[4..6], &n[6..8]),
            format!("{}.{}.{}", &n[..3], &n[3..6], &n[6..]),
        ] {
            add("telephone", text.clone(), vec![text]);
        }
        let n = dice.text("0123456789", 12);
        add("card", format!("4111 {} {} {}", &n[..4], &n[4..8], &n[8..]), vec![n[..4].to_owned() + " " + &n[4..8]]);
        add("card", format!("5500{n}"), vec![n]);

        for notation in 0..IPV4 {
            // Addresses of people: none of this machine, and none that could be a version behind a name.
            let octets = [32 + dice.below(95), 16 + dice.below(200), dice.below(256), 1 + dice.below(250)].map(|n| n as u8);
            let address = Ipv4Addr::from(octets);
            let text = ipv4(address, notation);
            let written = text.trim_start_matches("client:").trim_end_matches(".dyn.provider.example").trim_end_matches("/24");
            add("IPv4", text.clone(), vec![written.to_owned()]);
        }
        let [b, c, d] = [dice.below(256), dice.below(256), 1 + dice.below(250)];
        for private in
            [format!("10.{b}.{c}.{d}"), format!("192.168.{c}.{d}"), format!("172.20.{c}.{d}"), format!("100.77.{c}.{d}")]
        {
            add("private IPv4", private.clone(), vec![private]);
        }
        for notation in 0..IPV6 {
            let tail = u128::from(dice.roll()) << 32 | u128::from(dice.roll() >> 32);
            let address = Ipv6Addr::from(0x2001_0db8_u128 << 96 | tail);
            let text = ipv6(address, notation);
            add(
                "IPv6",
                text.clone(),
                vec![text.trim_end_matches("/64").trim_end_matches("]:443").trim_start_matches('[').to_owned()],
            );
        }
        let mac = dice.text(HEX, 12);
        let mac: Vec<_> = (0..6).map(|n| &mac[2 * n..2 * n + 2]).collect();
        add("hardware address", mac.join(":"), vec![mac.join(":")]);

        let [user, pass] = [9, 11].map(|n| dice.text("bcdfghjklmnpqrstvwz", n));
        add("user in an address", format!("https://{user}:{pass}@shop.example/cart"), vec![user, pass]);
        for (before, after) in
            [(";jsessionid=", ""), ("?sid=", "&page=2"), ("?page=2&session=", ""), ("#access_token=", "&type=x")]
        {
            let value = dice.token(BASE62, 16);
            add("session in an address", format!("https://shop.example/cart{before}{value}{after}"), vec![value]);
        }
        let value = dice.token(BASE62, 16);
        add("session in an address", format!("https://shop.example/s/{value}/cart"), vec![value]);
    }
    all
}
