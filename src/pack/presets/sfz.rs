//! SFZ: text that most free samplers read (version 1 of the format, as Cakewalk published it).

use crate::pack::sample_map::{SampleMap, Zone};
use riffsmith_dsp::instrument::velocity_gain;
use riffsmith_dsp::score::Velocity;
use riffsmith_dsp::units::gain_to_db;
use std::fmt::Write;

/// Velocities at which the curve of loudness is given; players draw straight lines between them.
const CURVE: [u8; 11] = [1, 8, 16, 24, 32, 48, 64, 80, 96, 112, 127];

/// The preset's text. Paths in it are those of the map.
pub fn write(map: &SampleMap) -> String {
    let tracking = map.velocity_tracking;
    let mut text = format!("// {}\n\n<global>\n", one_line(&map.name));
    // The format's own curve is that of full tracking.
    line(&mut text, "amp_veltrack", format_args!("{}", if tracking > 0.0 { 100 } else { 0 }));
    for velocity in CURVE.into_iter().filter(|_| tracking > 0.0 && tracking < 1.0) {
        let gain = velocity_gain(Velocity::new(velocity), tracking);
        line(&mut text, &format!("amp_velcurve_{velocity}"), format_args!("{gain:.4}"));
    }
    line(&mut text, "ampeg_release", format_args!("{:.3}", map.release_s));
    for (zone, volume_db) in
        map.zones.iter().zip(map.volumes_db(|velocity| gain_to_db(velocity_gain(velocity, tracking))))
    {
        region(&mut text, zone, volume_db);
    }
    text
}

fn region(text: &mut String, zone: &Zone, volume_db: f32) {
    text.push_str("\n<region>\n");
    line(text, "sample", format_args!("{}", one_line(&zone.file)));
    line(text, "lokey", format_args!("{}", zone.low_key));
    line(text, "hikey", format_args!("{}", zone.high_key));
    line(text, "lovel", format_args!("{}", zone.low_velocity));
    line(text, "hivel", format_args!("{}", zone.high_velocity));
    line(text, "pitch_keycenter", format_args!("{}", zone.root));
    if zone.fine_tune_cents != 0 {
        line(text, "tune", format_args!("{}", zone.fine_tune_cents));
    }
    line(text, "volume", format_args!("{volume_db:.2}"));
    match zone.sustain {
        // The last frame belongs to the loop, as in the chunk `smpl`.
        Some(sustain) => {
            line(text, "loop_mode", format_args!("loop_continuous"));
            line(text, "loop_start", format_args!("{}", sustain.first));
            line(text, "loop_end", format_args!("{}", sustain.last));
        }
        None => line(text, "loop_mode", format_args!("{}", if zone.one_shot { "one_shot" } else { "no_loop" })),
    }
    if let Some(group) = zone.group {
        line(text, "group", format_args!("{group}"));
    }
    if let Some(group) = zone.choked_by {
        line(text, "off_by", format_args!("{group}"));
    }
}

fn line(text: &mut String, opcode: &str, value: std::fmt::Arguments) {
    writeln!(text, "{opcode}={value}").expect("a String takes every text");
}

/// A line's end would end a value, or a comment.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}
