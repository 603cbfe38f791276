//! The help texts, as a terminal of 80 columns shows them.

use super::riffsmith;

const COMMANDS: [&str; 15] = [
    "",
    "analyze",
    "suggest",
    "originality",
    "generate",
    "render",
    "play",
    "audition",
    "list",
    "patch",
    "regen",
    "inspect",
    "tag",
    "corpus",
    "train",
];

/// Commands of commands.
const INNER: [&str; 7] = [
    "suggest x.mid melody",
    "suggest x.mid infill",
    "suggest x.mid groove",
    "patch fit",
    "patch morph",
    "patch mutate",
    "corpus build",
];

fn help(command: &str) -> String {
    let mut riffsmith = riffsmith();
    riffsmith.args(command.split_whitespace()).arg("--help").env("COLUMNS", "80");
    let output = riffsmith.output().expect("it runs");
    assert!(output.status.success(), "{command}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn every_help_text_fits_into_80_columns() {
    let all = COMMANDS.into_iter().chain(INNER);
    for command in all.filter(|&name| cfg!(feature = "playback") || !["play", "audition"].contains(&name)) {
        for line in help(command).lines() {
            assert!(line.chars().count() <= 80, "riffsmith {command} --help: {line}");
        }
    }
}

#[test]
fn the_help_of_the_program_names_every_command() {
    let help = help("");
    for command in
        COMMANDS.into_iter().filter(|&name| cfg!(feature = "playback") || !["play", "audition"].contains(&name))
    {
        assert!(help.contains(command), "{command}");
    }
}

#[test]
fn lists_are_there_for_people_and_for_programs() {
    for what in ["styles", "patches", "instruments", "effects", "parameters", "wavetables", "keys"] {
        let lines = riffsmith().args(["list", what]).output().expect("it runs");
        let json = riffsmith().args(["list", what, "--json"]).output().expect("it runs");
        assert!(lines.status.success() && json.status.success(), "{what}");
        let rows: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
        let rows = rows[what].as_array().expect("a list");
        assert!(rows.len() >= 8, "{what}");
        assert_eq!(String::from_utf8_lossy(&lines.stdout).lines().count(), rows.len());
    }
}

#[test]
fn parameters_are_listed_with_what_they_may_be() {
    let output = riffsmith().args(["list", "parameters"]).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let line = |name: &str| {
        let line = text.lines().find(|line| line.split(' ').next() == Some(name)).expect(name);
        line.split_once(' ').expect(name).1.trim().to_owned()
    };
    assert_eq!(line("subtractive.filter.cutoff_hz"), "20 to 20000, default 8000");
    assert_eq!(line("kit.kick.decay_s").split(',').next(), Some("0.03 to 6"));
    assert_eq!(line("gate.threshold_db"), "default -45");
}
