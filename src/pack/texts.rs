//! The texts in a pack: licence, credits, and what to read first.

use super::manifest::{Kind, Manifest, Row};
use riffsmith_dsp::patch::Patch;
use std::collections::BTreeMap;

/// The licence in a line, as each file bears it.
pub const LICENCE_LINE: &str = "Royalty-free for use in new works; not for resale as samples. See LICENSE.txt";

/// What a buyer may do.
pub fn licence(manifest: &Manifest) -> String {
    let recipe = &manifest.recipe;
    let (name, label) = (&recipe.name, &recipe.label);
    let line = "=".repeat(name.chars().count() + 8);
    format!(
        "{name}: licence\n{line}\n\n\
         1. {label} grants you a non-exclusive, world-wide, perpetual, royalty-free right to use the sounds, notes and presets of\n   \
         this pack in new musical, film, game and other works of your own, commercial ones too, changed or unchanged, without\n   \
         further payment and without the need to name anyone.\n\
         2. You may not sell, share or give away the sounds, notes or presets as such, alone or as part of a sample pack, sound\n   \
         library, sampler instrument, or of a data set, nor works in which a single sound plays unchanged and alone.\n\
         3. You may register works in which you use them. Claims by Content ID or the like are allowed on finished works only, and\n   \
         never on a sound of this pack as it is: others have the same right to use it.\n\
         4. The pack comes as it is, without warranty.\n\n\
         All sounds were synthesized and all notes written by riffsmith {}; no recording of anyone else's is in this pack.\n\
         CREDITS.txt says what the networks that wrote the notes have learnt from.\n",
        recipe.version
    )
}

/// Where the sounds and the notes came from.
pub fn credits(manifest: &Manifest) -> String {
    let recipe = &manifest.recipe;
    let refiner = match &manifest.refiner {
        Some(hash) => format!(
            "Refiner   A generative network (weights {hash}) took the loops' sound towards recorded instruments. It was trained on\n          \
             pairs of riffsmith's own patches and renders of FluidR3_GM.sf2 (Frank Wen, MIT licence). It changes the levels\n          \
             of frequency bands; it adds no recorded sound.\n"
        ),
        None => String::new(),
    };
    format!(
        "{}: credits\n\n\
         Notes     Written by riffsmith {} (recurrent networks, weights {}), seed {}.\n          \
         They were trained on riffsmith's own grooves and on these open collections:\n          \
         Groove MIDI Dataset (Gillick, Roberts, Engel, Eck, Bamman, ICML 2019; CC BY 4.0), composable-drum-patterns (CC0),\n          \
         StickFlow drums (CC0, CC BY 4.0), Freedoom and Blasphemer music (BSD 3-clause), LMMS demo projects (CC BY, BSD),\n          \
         McGill Billboard (CC0), POP909 chords (MIT), mood-progressions (MIT), openEWLD (MIT; works in the public domain).\n\
         Sounds    Synthesized by riffsmith from the patches in Presets/Patches and in the files' own comments.\n\
         {refiner}\n\
         To make this pack again:\n\n    {}\n",
        recipe.name, recipe.version, recipe.composer, recipe.seed.0, manifest.command
    )
}

/// What to read first.
pub fn readme(manifest: &Manifest, demo: Option<&str>) -> String {
    let recipe = &manifest.recipe;
    let count = |kind: Kind| manifest.files.iter().filter(|row| row.kind == kind).count();
    let mut text = format!("{}\n{}\n\n", recipe.name, "=".repeat(recipe.name.chars().count()));
    if !manifest.complete {
        text.push_str("NOT COMPLETE: making this pack was stopped. `riffsmith pack --resume` goes on.\n\n");
    }
    text.push_str("Open index.html in a browser to hear everything, sort it and layer loops.\n\n");
    let contents = [
        (Kind::Loop, "Loops", "seamless, of exact length; loops of one group share tempo, key and chords"),
        (Kind::Stem, "Stems", "32-bit float, equally long, before the master: they add up to the mix"),
        (Kind::OneShot, "One_Shots", "trimmed and levelled; roots in the name and in the file"),
        (Kind::Midi, "MIDI", "the notes of each loop"),
        (Kind::Multisample, "Multisamples", "played by the presets"),
        (Kind::Preset, "Presets", "SFZ, Decent Sampler, and riffsmith's own patches"),
        (Kind::Demo, "Demo", "made of nothing but this pack's loops"),
    ];
    for (kind, folder, what) in contents {
        if count(kind) > 0 {
            text.push_str(&format!("{:>5}  {folder:13} {what}\n", count(kind)));
        }
    }
    let tempos: Vec<f64> = manifest.files.iter().filter_map(|row| row.bpm).collect();
    let bounds =
        tempos.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), bpm| (low.min(*bpm), high.max(*bpm)));
    if !tempos.is_empty() {
        text.push_str(&format!(
            "\n{} kHz, {} bit, {:.0} to {:.0} bpm.\n",
            recipe.rate.hz() / 1000.0,
            recipe.bits,
            bounds.0,
            bounds.1
        ));
    }
    let groups = groups(&manifest.files);
    if !groups.is_empty() {
        text.push_str("\nGroups that go together:\n\n");
        for (number, first) in &groups {
            let (style, key) = (first.style.as_deref().unwrap_or_default(), first.key.as_deref().unwrap_or_default());
            text.push_str(&format!("{number:>5}  {:.0} bpm  {key:14} {style}\n", first.bpm.unwrap_or(0.0)));
        }
    }
    if let Some(demo) = demo {
        text.push_str(&format!("\nThe demo:\n\n{demo}\n"));
    }
    text.push_str("\nEach WAV file says its tempo, key, bars and loop points to your DAW, and holds the recipe that makes it\n\
                   again (riffsmith regen FILE). manifest.csv lists everything, checksums.sha256 proves that it is whole, LICENSE.txt\n\
                   says what you may do with it.\n");
    text
}

/// The first pitched loop of each group.
fn groups(rows: &[Row]) -> BTreeMap<usize, &Row> {
    let mut groups = BTreeMap::new();
    for row in rows.iter().filter(|row| row.kind == Kind::Loop) {
        if let Some(number) = row.group {
            let known = groups.entry(number).or_insert(row);
            if known.key.is_none() {
                *known = row;
            }
        }
    }
    groups
}

/// A patch as riffsmith reads it.
pub fn patch(patch: &Patch) -> String {
    toml::to_string(patch).expect("a patch is plain data")
}

#[cfg(test)]
mod tests {
    use super::super::recipe::example;
    use super::*;

    #[test]
    fn the_texts_name_the_pack_its_makers_and_its_sources() {
        let row = Row {
            bpm: Some(124.0),
            key: Some("A minor".into()),
            group: Some(1),
            ..Row::new("Loops/x.wav", Kind::Loop, "full")
        };
        let manifest = Manifest {
            recipe: example(),
            refiner: None,
            command: "riffsmith pack house".to_owned(),
            complete: true,
            files: vec![row],
        };
        let licence = licence(&manifest);
        for part in ["Night Tram", "royalty-free", "Content ID", "non-exclusive"] {
            assert!(licence.contains(part), "{part}");
        }
        let credits = credits(&manifest);
        assert!(
            credits.contains("CC BY 4.0") && credits.contains("riffsmith pack house") && !credits.contains("Refiner")
        );
        let readme = readme(&manifest, Some("  0:00  intro"));
        assert!(readme.contains("    1  Loops") && readme.contains("A minor") && readme.contains("intro"), "{readme}");
        assert!(!readme.contains("Stems") && !readme.contains("NOT COMPLETE"));
    }

    #[test]
    fn every_patch_is_read_back_from_its_text() {
        for own in riffsmith_dsp::patch::builtin() {
            assert_eq!(Patch::from_toml(&patch(&own)), Ok(own));
        }
    }
}
