//! A small fuzzer for a stable compiler: it changes what a corpus holds, by dice, and asks a property of each.
//! It does not see which code was reached; the corpus and the words of each target stand in for that.
//!
//! `AUTHSAFE_FUZZ_SECONDS=600` has each target go on for so long, by other dice each time.

#![allow(clippy::print_stderr)]

use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The longest input, in bytes.
const MAX: usize = 6000;

/// Numbers that look random and are the same for one seed.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn roll(&mut self, sides: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 33).unwrap() % sides.max(1)
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }
}

/// What is changed, and by which words.
pub(super) struct Target<'a> {
    pub(super) name: &'a str,
    /// Inputs that were kept: one a line, as [`shown`] writes them.
    pub(super) corpus: &'a str,
    /// Inputs that are made anew for each run.
    pub(super) seeds: Vec<Vec<u8>>,
    pub(super) words: &'a [&'a str],
    /// How many inputs are tried by `cargo test`.
    pub(super) count: usize,
}

impl Target<'_> {
    /// Asks the property of each input of the corpus, and of what the dice make of them.
    pub(super) fn run(mut self, property: impl Fn(&[u8])) {
        self.seeds
            .extend(self.corpus.lines().filter(|it| !it.is_empty()).map(read));
        assert!(!self.seeds.is_empty(), "{}: no corpus", self.name);
        let ask = |input: &[u8]| {
            let asked = panic::catch_unwind(AssertUnwindSafe(|| property(input)));
            if let Err(panic) = asked {
                let line = shown(input);
                eprintln!(
                    "{}: this input fails, a line for its corpus:\n{line}",
                    self.name
                );
                panic::resume_unwind(panic);
            }
        };
        self.seeds.iter().for_each(|it| ask(it));
        let seconds = std::env::var("AUTHSAFE_FUZZ_SECONDS").ok();
        let (mut tried, began) = (self.seeds.len(), Instant::now());
        match seconds.and_then(|it| it.parse().ok()) {
            None => {
                let mut dice = Dice::new(1);
                for _ in 0..self.count {
                    ask(&self.changed(&mut dice));
                }
            }
            Some(seconds) => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
                let seed = u64::try_from(now.as_nanos()).unwrap();
                let mut dice = Dice::new(seed);
                while began.elapsed() < Duration::from_secs(seconds) {
                    for _ in 0..100 {
                        ask(&self.changed(&mut dice));
                        tried += 1;
                    }
                }
                eprintln!("fuzz {}: {tried} inputs in {seconds} s", self.name);
            }
        }
    }

    fn changed(&self, dice: &mut Dice) -> Vec<u8> {
        let mut input = dice.pick(&self.seeds).clone();
        for _ in 0..=dice.roll(4) {
            self.change(&mut input, dice);
        }
        input.truncate(MAX);
        input
    }

    fn change(&self, input: &mut Vec<u8>, dice: &mut Dice) {
        let from = dice.roll(input.len() + 1);
        let to = (from + dice.roll(8)).min(input.len());
        match dice.roll(10) {
            0 => input.truncate(from),
            1 => drop(input.drain(from..to)),
            2 => {
                let part = input[from..to].to_vec();
                input.splice(from..from, part);
            }
            3 if from < input.len() => input[from] ^= 1 << dice.roll(8),
            4 if from < input.len() => input[from] = dice.roll(256).to_le_bytes()[0],
            5 if from < input.len() => {
                let at = dice.roll(input.len());
                input.swap(from, at);
            }
            6 => {
                let other = dice.pick(&self.seeds);
                let at = dice.roll(other.len() + 1);
                input.truncate(from);
                input.extend(&other[at..]);
            }
            7 => drop(input.splice(
                from..from,
                b" ~%\0\x7f\xff\xc3\xa4"[dice.roll(8)..].to_vec(),
            )),
            _ if self.words.is_empty() => {}
            8 => drop(input.splice(from..to, dice.pick(self.words).bytes())),
            _ => drop(input.splice(from..from, dice.pick(self.words).bytes())),
        }
    }
}

/// An input as a line: what is no visible ASCII is `\xNN`.
pub(super) fn shown(input: &[u8]) -> String {
    let mut line = String::new();
    for &byte in input {
        match byte {
            b'\\' => line += "\\\\",
            b' '..=b'~' => line.push(char::from(byte)),
            _ => line += &format!("\\x{byte:02x}"),
        }
    }
    line
}

fn read(line: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), line.as_bytes());
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, rest) {
            (b'\\', [b'x', high, low, after @ ..]) => {
                let digits = [*high, *low];
                let digits = str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                rest = after;
            }
            (b'\\', [b'\\', after @ ..]) => {
                bytes.push(b'\\');
                rest = after;
            }
            _ => bytes.push(*first),
        }
    }
    bytes
}

#[test]
fn a_line_of_a_corpus_is_read_as_it_was_shown() {
    let all: Vec<u8> = (0..=255).collect();
    assert_eq!(read(&shown(&all)), all);
    assert_eq!(shown(b"a\\\0"), "a\\\\\\x00");
}

#[test]
#[should_panic(expected = "a deep one")]
fn what_is_wrong_with_few_inputs_is_found() {
    let target = Target {
        name: "itself",
        corpus: "none=1&admin=0\nnone=1&admin=2",
        seeds: Vec::new(),
        words: &["scope", "openid"],
        count: 100_000,
    };
    target.run(|input| {
        let found = input.windows(12).any(|it| it == b"admin=scope&");
        assert!(!found && !input.ends_with(b"openidopenid"), "a deep one");
    });
}
