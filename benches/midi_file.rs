//! What a whole MIDI file costs: `riffsmith render` beside `fluidsynth`, as processes, in turns.
//!
//! Needs Debian's `fluidsynth` and `fluid-soundfont-gm` (or another SoundFont in `SOUNDFONT`), and Linux for the processor times.
//! Printed are medians of the times, and of the ratios of one run to the next.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

mod concert;

use riffsmith_dsp::score::{Note, Score, midi};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fs};

const ROUNDS: usize = 7;
const SOUNDFONT: &str = "/usr/share/sounds/sf2/FluidR3_GM.sf2";

/// A comparison: its name, our flags and threads, and fluidsynth's flags.
type Case = (&'static str, &'static [&'static str], &'static str, &'static [&'static str]);

const CASES: [Case; 6] = [
    ("dry, two threads", &["--dry", "--no-master"], "2", &["-R", "no", "-C", "no"]),
    ("dry, two threads, both", &["--dry", "--no-master"], "2", &["-R", "no", "-C", "no", "-o", "synth.cpu-cores=2"]),
    ("dry, one thread", &["--dry", "--no-master"], "1", &["-R", "no", "-C", "no"]),
    ("with effects, two threads", &["--no-master"], "2", &["-R", "yes", "-C", "yes"]),
    ("with effects, one thread", &["--no-master"], "1", &["-R", "yes", "-C", "yes"]),
    ("with effects, mastered, two threads", &[], "2", &["-R", "yes", "-C", "yes"]),
];

/// What a run took, in seconds.
#[derive(Clone, Copy)]
struct Cost {
    wall_s: f64,
    cpu_s: f64,
}

fn main() {
    let score = concert::score();
    let (notes, least_voices) = (score.tracks.iter().map(|track| track.notes.len()).sum::<usize>(), voices(&score));
    assert!(notes >= 2000 && least_voices >= 16, "{notes} notes, {least_voices} voices");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("concert.mid");
    fs::write(&file, midi::write(&score)).expect("writable");
    println!(
        "{notes} notes, {least_voices} or more held at once in half of the time; medians of {ROUNDS} pairs, in seconds"
    );
    println!();
    println!("| case | riffsmith | its CPU | fluidsynth | its CPU | speed, riffsmith / fluidsynth |");
    println!("|---|---:|---:|---:|---:|---:|");
    for (name, flags, threads, other_flags) in CASES {
        let out = folder.path().join("out.wav");
        let pairs: Vec<[Cost; 2]> = (0..=ROUNDS)
            .map(|_| {
                [cost(&mut riffsmith(&file, &out, flags, threads)), cost(&mut fluidsynth(&file, &out, other_flags))]
            })
            .skip(1)
            .collect();
        let median_of = |value: fn(&[Cost; 2]) -> f64| median(pairs.iter().map(value).collect());
        println!(
            "| {name} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} |",
            median_of(|[ours, _]| ours.wall_s),
            median_of(|[ours, _]| ours.cpu_s),
            median_of(|[_, theirs]| theirs.wall_s),
            median_of(|[_, theirs]| theirs.cpu_s),
            median_of(|[ours, theirs]| theirs.wall_s / ours.wall_s),
        );
    }
}

fn riffsmith(file: &Path, out: &Path, flags: &[&str], threads: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_riffsmith"));
    command.arg("render").arg(file).arg("--output").arg(out).args(["--force", "--bits", "16"]).args(flags);
    command.env("RAYON_NUM_THREADS", threads);
    command
}

fn fluidsynth(file: &Path, out: &Path, flags: &[&str]) -> Command {
    let mut command = Command::new("fluidsynth");
    command.args(["-n", "-i", "-q", "-r", "44100", "-F"]).arg(out).args(flags);
    command.arg(env::var_os("SOUNDFONT").unwrap_or(SOUNDFONT.into())).arg(file);
    command
}

fn cost(command: &mut Command) -> Cost {
    let (start, before) = (Instant::now(), children_cpu_s());
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "{command:?}");
    Cost { wall_s: start.elapsed().as_secs_f64(), cpu_s: children_cpu_s() - before }
}

/// Processor time of this process's children so far, in seconds: fields 16 and 17 of Linux's `/proc/self/stat`, in hundredths.
fn children_cpu_s() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    // The third field is the first behind the name.
    fields.skip(16 - 3).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// How many notes are held at once in at least half of the beats.
fn voices(score: &Score) -> usize {
    let notes: Vec<Note> = score.tracks.iter().flat_map(|track| track.notes.iter().copied()).collect();
    let held_at = |tick: u32| notes.iter().filter(|note| note.start.0 <= tick && tick < note.end().0).count();
    median((0..score.length.0).step_by(120).map(held_at).collect())
}

fn median<T: Copy + PartialOrd>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).expect("no NaN"));
    values[values.len() / 2]
}
