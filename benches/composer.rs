//! What the composer's networks cost beside PyTorch and ONNX Runtime: the same weights and events, in turns on one core.
//!
//! `PYTHON=venv/bin/python cargo bench --bench composer`, with a Python that has torch, onnx, onnxscript and onnxruntime
//! (`benches/composer_peers.py`); without it, ours alone. Printed are medians, and medians of the ratios of one run to the next.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

use riffsmith_models::composer::{Composer, Part};
use riffsmith_models::groove;
use riffsmith_models::piece::Piece;
use riffsmith_models::train::composer::speed::{Workload, products};
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;
use std::{env, fs};

const ROUNDS: usize = 7;
const BATCHES: [usize; 2] = [1, 64];
const KINDS: [(&str, &str); 4] = [
    ("eager", "PyTorch eager"),
    ("scripted", "PyTorch scripted"),
    ("compiled", "PyTorch compiled"),
    ("onnx", "ONNX Runtime"),
];
const LEARNERS: [(&str, &str); 2] = [("eager", "PyTorch eager"), ("scripted", "PyTorch, recurrence scripted")];

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().expect("the first to ask for threads");
    let composer = Composer::builtin().expect("built in");
    let pieces: Vec<Piece> = groove::builtin()
        .into_iter()
        .filter(|(name, _)| name.starts_with("house/"))
        .filter_map(|(name, text)| groove::read(name, text).ok())
        .collect();
    limits();
    for part in [Part::Lead, Part::Drums] {
        let mut workload = Workload::new(&composer, part, &pieces).expect("house has every part");
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, bytes) in workload.files() {
            fs::write(folder.path().join(name), bytes).expect("writable");
        }
        let mut peers = Peers::start(folder.path());
        println!();
        println!(
            "{}: {} kB of weights, {:.0} k operations an event, {} events, {} decisions in a batch",
            part.name(),
            workload.weight_bytes() / 1000,
            workload.operations() / 1000.0,
            workload.events(),
            workload.decisions()
        );
        writing(&workload, &mut peers);
        learning(&mut workload, &mut peers);
    }
}

/// Microseconds an event of one stream.
fn writing(workload: &Workload<'_>, peers: &mut Option<Peers>) {
    for batch in BATCHES {
        let ours = || {
            let start = Instant::now();
            black_box(workload.write(batch));
            start.elapsed().as_secs_f64() * 1e6 / (workload.events() * batch) as f64
        };
        let mut rows = Vec::new();
        for (kind, name) in KINDS {
            let Some(peers) = peers.as_mut() else { continue };
            match peers.ask(&format!("check {kind}")) {
                Ok(difference) => assert!(difference < 1e-3, "{name} computes something else: {difference}"),
                Err(error) => {
                    println!("{name}: {error}");
                    continue;
                }
            }
            let pairs: Vec<[f64; 2]> =
                (0..ROUNDS).filter_map(|_| Some([ours(), peers.ask(&format!("write {kind} {batch}")).ok()?])).collect();
            let of = |value: fn(&[f64; 2]) -> f64| median(pairs.iter().map(value).collect());
            rows.push(format!("{name} {:.1} ({:.1} times ours)", of(|pair| pair[1]), of(|pair| pair[1] / pair[0])));
        }
        let own = median((0..ROUNDS).map(|_| ours()).collect());
        let (giga_bytes, giga_operations) =
            (workload.weight_bytes() as f64 / own / 1e3, workload.operations() / own / 1e3);
        println!(
            "writing, batch {batch}: ours {own:.1} us an event ({giga_bytes:.1} GB/s of weights, {giga_operations:.1} Gflop/s); {}",
            rows.join("; ")
        );
    }
}

/// Decisions a second in training.
fn learning(workload: &mut Workload<'_>, peers: &mut Option<Peers>) {
    let decisions = workload.decisions() as f64;
    let mut ours = || {
        let start = Instant::now();
        (0..4).for_each(|_| workload.learn());
        4.0 * decisions / start.elapsed().as_secs_f64()
    };
    ours();
    let mut rows = Vec::new();
    for (kind, name) in LEARNERS {
        let Some(peers) = peers.as_mut() else { continue };
        if let Err(error) = peers.ask(&format!("learn {kind}")) {
            println!("{name}: {error}");
            continue;
        }
        let pairs: Vec<[f64; 2]> =
            (0..ROUNDS).filter_map(|_| Some([ours(), peers.ask(&format!("learn {kind}")).ok()?])).collect();
        let of = |value: fn(&[f64; 2]) -> f64| median(pairs.iter().map(value).collect());
        rows.push(format!("{name} {:.0} (ours {:.2} times that)", of(|pair| pair[1]), of(|pair| pair[0] / pair[1])));
    }
    println!(
        "training: ours {:.0} decisions a second; {}",
        median((0..ROUNDS).map(|_| ours()).collect()),
        rows.join("; ")
    );
}

/// What this core can do: reading from memory of several sizes, and matrix products.
fn limits() {
    for (kilobytes, what) in [(256, "256 kB"), (1600, "1.6 MB"), (200_000, "200 MB")] {
        let numbers = vec![1.0f32; kilobytes * 250];
        let times = 400_000 / kilobytes + 1;
        let rate = || {
            let start = Instant::now();
            (0..times).for_each(|_| {
                black_box(sum(black_box(&numbers)));
            });
            (4 * numbers.len() * times) as f64 / start.elapsed().as_secs_f64() / 1e9
        };
        println!("reading {what}: {:.1} GB/s", median((0..ROUNDS).map(|_| rate()).collect()));
    }
    let product = || {
        let start = Instant::now();
        black_box(products(768, 4));
        4.0 * 2.0 * 768f64.powi(3) / start.elapsed().as_secs_f64() / 1e9
    };
    println!("products of 768 x 768 by burn: {:.0} Gflop/s", median((0..ROUNDS).map(|_| product()).collect()));
}

/// In 32 sums, so that reading is what takes the time.
fn sum(numbers: &[f32]) -> f32 {
    let mut sums = [0.0f32; 32];
    for chunk in numbers.chunks_exact(32) {
        for (sum, number) in sums.iter_mut().zip(chunk) {
            *sum += number;
        }
    }
    sums.iter().sum()
}

/// The other programs, which answer one question at a time.
struct Peers {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peers {
    fn start(folder: &Path) -> Option<Self> {
        let python = env::var_os("PYTHON")?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/composer_peers.py");
        let mut command = Command::new(python);
        command.arg(script).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("PYTHON names a Python");
        let questions = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        Some(Self { child, questions, answers })
    }

    fn ask(&mut self, question: &str) -> Result<f64, String> {
        writeln!(self.questions, "{question}").map_err(|error| error.to_string())?;
        // What else is printed there is no answer.
        loop {
            let mut line = String::new();
            if self.answers.read_line(&mut line).map_err(|error| error.to_string())? == 0 {
                return Err("it has ended".to_owned());
            }
            let Ok(answer) = serde_json::from_str::<serde_json::Value>(&line) else { continue };
            return answer["value"].as_f64().ok_or_else(|| answer["error"].to_string());
        }
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
