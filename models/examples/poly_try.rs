#![allow(missing_docs, clippy::all, clippy::unwrap_used, clippy::print_stdout)]
use riffsmith_dsp::Seed;
use riffsmith_models::polyphonic::{baselines, roll::Set};
use riffsmith_models::train::polyphonic::*;
use std::time::Instant;
struct W(Instant, String);
impl Watch for W {
    fn elapsed_s(&mut self) -> f64 { self.0.elapsed().as_secs_f64() }
    fn progress(&mut self, p: &Progress) {
        println!("{:6.0} s cpu {:6.0} epoch {:4} step {:6} {:3.0} % training {:.3} validation {:.4} best {:.4}", self.elapsed_s(), cpu(), p.epochs, p.steps, 100.0*p.done, p.training, p.validation, p.best);
    }
    fn checkpoint(&mut self, b: &[u8]) { std::fs::write(&self.1, b).unwrap(); }
}
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}
fn main() {
    let mut m = std::collections::BTreeMap::new();
    for a in std::env::args().skip(1) { let (k, v) = a.split_once('=').unwrap(); m.insert(k.to_owned(), v.to_owned()); }
    let get = |k: &str, d: f64| m.get(k).map_or(d, |v| v.parse().unwrap());
    let set = Set::from_json(&std::fs::read(&m["set"]).unwrap()).unwrap();
    if let Some(files) = m.get("eval") {
        let part = if get("test", 0.0) > 0.0 { &set.test } else { &set.valid };
        println!("{:?}", baselines(&set.train, part));
        for f in files.split(',') {
            let e = Ensemble::from_bytes(&std::fs::read(f).unwrap()).unwrap();
            let l = e.likelihood(part);
            println!("{f} networks {} parameters {} 1..T {:.4} 2..T {:.4}", e.networks(), e.parameters(), l.per_frame(), l.after_first());
        }
        return;
    }
    if let Some(files) = m.get("join") {
        let bytes: Vec<Vec<u8>> = files.split(',').map(|f| std::fs::read(f).unwrap()).collect();
        let e = bytes[1..].iter().fold(Ensemble::from_bytes(&bytes[0]).unwrap(), |e, b| e.join(Ensemble::from_bytes(b).unwrap()));
        std::fs::write(&m["out"], e.to_bytes()).unwrap();
        return;
    }
    let plan = Plan {
        sizes: Sizes { hidden: get("hidden", 192.0) as usize, cells: get("cells", 256.0) as usize, wide: get("wide", 192.0) as usize, blocks: get("blocks", 2.0) as usize },
        mirrored: get("mirrored", 0.0) > 0.0, seed: Seed(get("seed", 1.0) as u64), epochs: get("epochs", 60.0) as u32, seconds: get("seconds", 1e9),
        batch: get("batch", 12.0) as usize, window: get("window", 128.0) as usize, learning_rate: get("rate", 2e-3) as f32, dropout: get("dropout", 0.3) as f32,
        drop_inputs: get("drop", 0.1) as f32, weight_decay: get("decay", 0.1) as f32, evaluate_every: get("every", 4.0) as u32, patience: 1000,
    };
    let out = &m["out"];
    let resume = m.get("resume").map(|f| std::fs::read(f).unwrap());
    let t = train(&set, &plan, resume.as_deref(), &mut W(Instant::now(), format!("{out}.ck"))).unwrap();
    std::fs::write(out, Ensemble::from(t).to_bytes()).unwrap();
}
