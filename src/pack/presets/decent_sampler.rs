//! Decent Sampler: XML (the format's developer guide, version 1.11).

use crate::pack::sample_map::{SampleMap, Zone};
use riffsmith_dsp::score::Velocity;
use std::fmt::Write;

/// The knobs: label, place, range and what they move.
const KNOB_WIDTH: u32 = 90;

/// The text of a `.dspreset` file. Paths in it are those of the map.
pub fn write(map: &SampleMap) -> String {
    let tracking = tracking(map.velocity_tracking);
    let volumes = map.volumes_db(|velocity| curve_db(velocity, tracking));
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DecentSampler minVersion=\"1.6.0\">\n");
    interface(&mut text, map);
    let release_s = map.release_s;
    push(
        &mut text,
        format_args!("  <groups attack=\"0.0\" decay=\"0.0\" sustain=\"1.0\" release=\"{release_s:.3}\">\n"),
    );
    push(&mut text, format_args!("    <group ampVelTrack=\"{tracking:.3}\">\n"));
    for (zone, volume_db) in map.zones.iter().zip(volumes) {
        sample(&mut text, zone, volume_db);
    }
    text.push_str("    </group>\n  </groups>\n");
    text.push_str(
        "  <effects>\n    <effect type=\"lowpass\" frequency=\"22000.0\" resonance=\"0.7\"/>\n  </effects>\n",
    );
    text.push_str("</DecentSampler>\n");
    text
}

/// From the patch's tracking to that of Decent Sampler, whose full tracking is a gain in proportion to velocity: alike at half of
/// the velocity.
fn tracking(of_patch: f32) -> f32 {
    (2.0 * (1.0 - 0.5f32.powf(2.0 * of_patch))).min(1.0)
}

/// How much quieter Decent Sampler makes a strike.
fn curve_db(velocity: Velocity, tracking: f32) -> f32 {
    20.0 * (1.0 - tracking * (1.0 - velocity.unit())).log10()
}

/// A name, and knobs for the envelope (of notes that do not simply play to their end) and for the tone.
fn interface(text: &mut String, map: &SampleMap) {
    text.push_str("  <ui width=\"812\" height=\"375\" bgColor=\"FF20242C\">\n    <tab name=\"main\">\n");
    push(
        text,
        format_args!(
            "      <label x=\"40\" y=\"40\" width=\"732\" height=\"40\" text=\"{}\" textSize=\"28\" textColor=\"FFE8E4DC\" hAlign=\"left\"/>\n",
            escaped(&map.name)
        ),
    );
    let mut x = 40;
    if !map.zones.iter().all(|zone| zone.one_shot) {
        let release = format!("{:.3}", map.release_s);
        for (label, most, value, parameter) in
            [("Attack", 4.0, "0.0", "ENV_ATTACK"), ("Release", 20.0, release.as_str(), "ENV_RELEASE")]
        {
            knob(text, x, label, most, value);
            push(
                text,
                format_args!(
                    "        <binding type=\"amp\" level=\"instrument\" position=\"0\" parameter=\"{parameter}\"/>\n      </labeled-knob>\n"
                ),
            );
            x += KNOB_WIDTH;
        }
    }
    knob(text, x, "Tone", 1.0, "1.0");
    // About as many octaves in each half of the turn.
    text.push_str(
        "        <binding type=\"effect\" level=\"instrument\" position=\"0\" parameter=\"FX_FILTER_FREQUENCY\" translation=\"table\" translationTable=\"0,60;0.25,250;0.5,1100;0.75,5000;1.0001,22000\"/>\n      </labeled-knob>\n",
    );
    text.push_str("    </tab>\n  </ui>\n");
}

/// An opened knob from 0 to `most`.
fn knob(text: &mut String, x: u32, label: &str, most: f32, value: &str) {
    push(
        text,
        format_args!(
            "      <labeled-knob x=\"{x}\" y=\"120\" width=\"{KNOB_WIDTH}\" label=\"{label}\" parameterName=\"{label}\" valueType=\"float\" minValue=\"0.0\" maxValue=\"{most:.1}\" value=\"{value}\" textSize=\"16\" textColor=\"FFE8E4DC\" trackForegroundColor=\"FFE0A458\" trackBackgroundColor=\"FF4A5060\">\n"
        ),
    );
}

fn sample(text: &mut String, zone: &Zone, volume_db: f32) {
    push(
        text,
        format_args!(
            "      <sample path=\"{}\" rootNote=\"{}\" loNote=\"{}\" hiNote=\"{}\" loVel=\"{}\" hiVel=\"{}\" volume=\"{volume_db:.2}dB\"",
            escaped(&zone.file),
            zone.root,
            zone.low_key,
            zone.high_key,
            zone.low_velocity,
            zone.high_velocity
        ),
    );
    if zone.fine_tune_cents != 0 {
        push(text, format_args!(" tuning=\"{:.2}\"", f32::from(zone.fine_tune_cents) / 100.0));
    }
    match zone.sustain {
        Some(sustain) => push(
            text,
            format_args!(
                " loopEnabled=\"true\" loopStart=\"{}\" loopEnd=\"{}\" loopCrossfade=\"0\"",
                sustain.first, sustain.last
            ),
        ),
        None => text.push_str(" loopEnabled=\"false\""),
    }
    if zone.one_shot {
        text.push_str(" ampEnvEnabled=\"false\"");
    }
    if let Some(group) = zone.group {
        push(text, format_args!(" tags=\"group{group}\""));
    }
    if let Some(group) = zone.choked_by {
        push(text, format_args!(" silencedByTags=\"group{group}\" silencingMode=\"fast\""));
    }
    text.push_str("/>\n");
}

fn push(text: &mut String, added: std::fmt::Arguments) {
    text.write_fmt(added).expect("a String takes every text");
}

/// Text as the value of an attribute; what XML does not hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            control if control.is_control() => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            plain => out.push(plain),
        }
    }
    out
}
