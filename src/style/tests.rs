use super::*;
use riffsmith_models::groove;
use riffsmith_models::piece::Piece;

fn grooves(folder: &str) -> Vec<Piece> {
    let own = groove::builtin().into_iter().filter(|(name, _)| name.split('/').next() == Some(folder));
    own.map(|(name, text)| groove::read(name, text).expect("a test reads every groove")).collect()
}

#[test]
fn every_style_states_its_traits_and_its_grooves_keep_them() {
    let styles = Style::builtin();
    assert!(styles.len() >= 20, "{}", styles.len());
    let mut broken = Vec::new();
    for style in &styles {
        assert!(style.traits.len() >= 4, "{} has {} traits", style.name, style.traits.len());
        let grooves = grooves(&style.name);
        assert!(grooves.len() >= 20, "{} has {} grooves", style.name, grooves.len());
        for own in &style.traits {
            assert!(!own.because.is_empty(), "{}: {:?} has no reason", style.name, own.what);
            let without = grooves.iter().filter(|piece| !own.rule.holds(piece));
            broken.extend(
                without.map(|piece| format!("{}: {:?} is {:?}", piece.source, own.what, own.rule.measured(piece))),
            );
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_style_has_several_sets_of_sounds_and_a_composer_that_knows_it() {
    for style in Style::builtin() {
        assert!(style.sets.len() >= 4, "{} has {} sets", style.name, style.sets.len());
        let tempo = style.tempo_bpm;
        let pieces = grooves(&style.name);
        let tags: Vec<&str> = style.composer.styles.keys().map(String::as_str).collect();
        for piece in pieces {
            let bpm = piece.bpm.expect("grooves have a tempo");
            // A style is drawn in the middle of what is played.
            assert!((0.75 * tempo[0]..=1.25 * tempo[1]).contains(&bpm), "{}: {bpm} BPM", piece.source);
            assert!(
                tags.contains(&piece.styles[0].as_str()),
                "{}: {:?} is not composed with",
                piece.source,
                piece.styles
            );
        }
    }
}

#[test]
fn a_bus_holds_the_channels_that_play_and_no_others() {
    let style = Style::find("funk").expect("built in");
    let patches = |roles: &[(Role, &str)]| roles.iter().map(|&(role, patch)| (role, patch.to_owned())).collect();
    let mix = style.desk(&patches(&[(Role::Bass, "slap_bass"), (Role::Lead, "soft_lead")])).expect("valid");
    assert_eq!(mix.buses["rhythm"].channels, ["bass"]);
    let mix = style.desk(&patches(&[(Role::Lead, "soft_lead")])).expect("valid");
    assert!(mix.buses.is_empty());
    let mut wrong = style.clone();
    wrong.mix.insert(
        "buses".to_owned(),
        toml::from_str::<toml::Table>("band = { channels = [\"bas\"] }").expect("a table").into(),
    );
    let error = wrong.desk(&patches(&[(Role::Bass, "slap_bass")])).expect_err("no such role").to_string();
    assert_eq!(error, "mix.buses.band has no channel \"bas\"; there are drums, bass, chords, lead");
}
