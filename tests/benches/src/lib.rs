//! Compares what is done in turns, in one process, by the CPU time of the thread that does it: so that what else
//! a machine does falls on all alike, and a ratio says more than a time.

#![allow(clippy::expect_used, clippy::print_stdout)]

use std::time::Duration;

use futures_util::FutureExt as _;
use rustix::time::{ClockId, clock_gettime};

/// Runs what is measured, and nothing of what is prepared for it.
pub type Around<'a> = &'a mut dyn FnMut(&mut dyn FnMut());

/// Something that is done again and again: `run(n, around)` prepares `n` times of it, and does them within `around`.
type Run<'r> = Box<dyn FnMut(usize, Around<'_>) + 'r>;

/// One of several that are compared.
pub struct Case<'r> {
    name: String,
    run: Run<'r>,
    /// How many of what is measured one of these is.
    of: usize,
}

impl<'r> Case<'r> {
    /// Makes one of what prepares an input, and what does the thing with it.
    pub fn new<I, O>(
        name: impl Into<String>,
        mut prepare: impl FnMut() -> I + 'r,
        mut act: impl FnMut(I) -> O + 'r,
    ) -> Self {
        let run = move |times: usize, around: Around<'_>| {
            let mut inputs: Vec<I> = (0..times).map(|_| prepare()).collect();
            around(&mut || inputs.drain(..).for_each(|input| drop(act(input))));
        };
        Self {
            name: name.into(),
            run: Box::new(run),
            of: 1,
        }
    }

    /// Says that each does so many of what is measured.
    #[must_use]
    pub fn of(self, of: usize) -> Self {
        Self { of, ..self }
    }

    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Does it once, within `around`.
    pub fn once(&mut self, around: Around<'_>) {
        (self.run)(1, around);
    }

    fn time(&mut self, times: usize) -> f64 {
        let mut took = Duration::ZERO;
        (self.run)(times, &mut |act| {
            let began = cpu_time();
            act();
            took = cpu_time().saturating_sub(began);
        });
        took.as_nanos() as f64 / (times * self.of) as f64
    }
}

/// Returns the outcome of what waits for nothing.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing here waits")
}

/// Returns the CPU time of this thread so far.
#[must_use]
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let part = |part: i64| u64::try_from(part).unwrap_or_default();
    Duration::new(
        part(time.tv_sec),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

/// Returns how many bytes of memory this process has.
#[must_use]
pub fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|it| it.trim().trim_end_matches(" kB").parse::<usize>().ok());
    kilobytes.unwrap_or_default() * 1024
}

/// Does each case in turns, `rounds` times `times` of it, and returns the nanoseconds of one: the median of the rounds.
pub fn compare(cases: &mut [Case<'_>], rounds: usize, times: usize) -> Vec<f64> {
    let mut took = vec![Vec::with_capacity(rounds); cases.len()];
    for case in &mut *cases {
        case.time(times);
    }
    for round in 0..rounds {
        // Each begins as often as the others.
        for at in 0..cases.len() {
            let at = (at + round) % cases.len();
            took[at].push(cases[at].time(times));
        }
    }
    took.into_iter().map(median).collect()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Prints what each case takes, and what it adds to the first.
pub fn print(title: &str, cases: &[Case<'_>], took: &[f64]) {
    let first = took.first().copied().unwrap_or_default();
    println!("\n| {title} | ns | added to the first |\n|---|---|---|");
    for (case, took) in cases.iter().zip(took) {
        println!("| {} | {took:.0} | {:.0} |", case.name(), took - first);
    }
}
