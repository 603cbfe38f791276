use super::*;

fn checked(change: impl Fn(&mut Controls)) -> Result<()> {
    let mut controls = Controls::default();
    change(&mut controls);
    controls.check(4, Meter::COMMON)
}

#[test]
fn wishes_are_checked_and_errors_name_the_value() {
    assert!(checked(|_| ()).is_ok());
    let message = |change: &dyn Fn(&mut Controls)| checked(change).expect_err("a bad wish").to_string();
    assert_eq!(message(&|c| c.density = 1.5), "density must be -1 to 1, but was 1.5");
    assert_eq!(message(&|c| c.syncopation = f32::NAN), "syncopation must be -1 to 1, but was NaN");
    assert_eq!(message(&|c| c.humanize = -0.1), "humanize must be 0 to 2, but was -0.1");
    assert_eq!(message(&|c| c.fill_every = Some(0)), "fill must be 1 to 64, but was 0");
    assert_eq!(message(&|c| c.candidates = 0), "candidates must be 1 to 64, but was 0");
    assert_eq!(
        message(&|c| c.form = "ABC".parse().ok()),
        "form must be a form whose 3 sections share the 4 bars evenly, but was ABC"
    );
    let range = |role, low, high| {
        move |c: &mut Controls| {
            c.ranges.insert(role, [Pitch::new(low), Pitch::new(high)]);
        }
    };
    assert!(message(&range(Role::Lead, 60, 70)).starts_with("range must be at least 11 semitones wide within"));
    assert!(message(&range(Role::Drums, 60, 90)).starts_with("range must be for bass, chords or lead"));
    assert!(checked(range(Role::Lead, 60, 71)).is_ok());
    let primer = |text: &'static str| move |c: &mut Controls| c.primer = text.parse().ok();
    assert!(message(&primer("C4*16")).starts_with("primer must be shorter than the loop's 16 quarters"));
    assert!(checked(primer("C4 E4 G4/2 -")).is_ok());
}

#[test]
fn forms_are_read_and_repeat_their_sections() {
    let form: Form = "aaba".parse().expect("a form");
    assert_eq!(form.to_string(), "AABA");
    let repeats: Vec<_> = (0..8).map(|bar| form.repeats(bar, 8)).collect();
    assert_eq!(repeats, [None, None, Some(0), Some(1), None, None, Some(0), Some(1)]);
    assert_eq!("Build-Up".parse::<Form>().expect("a form").to_string(), "build-up");
    for text in ["", "A", "AZ", "verse"] {
        assert!(text.parse::<Form>().is_err(), "{text}");
    }
}

#[test]
fn moods_are_read_and_brighten_or_darken() {
    use riffsmith_dsp::score::Mode;
    for mood in Mood::all() {
        assert_eq!(mood.name().parse::<Mood>().expect("a mood"), mood);
        let (major, minor) = (mood.weight(Mode::Major), mood.weight(Mode::Minor));
        assert_eq!(major > minor, mood.valence() > 0.0, "{mood}");
    }
    // A major chord on the tonic, its tones 0, 4 and 1 fifths up; and a minor one, 0, -3 and 1.
    let missed = |mood: Mood, bright: bool| {
        if bright { mood.missed(Some(1.0), 5.0 / 3.0) } else { mood.missed(Some(-1.0), -2.0 / 3.0) }
    };
    for mood in Mood::all() {
        assert_eq!(missed(mood, true) < missed(mood, false), mood.valence() > 0.0, "{mood}");
    }
    let error = "angry".parse::<Mood>().expect_err("no mood").to_string();
    assert!(error.starts_with("mood must be one of happy, euphoric,") && error.ends_with("but was angry"), "{error}");
}

#[test]
fn primers_are_read_as_notes_and_rests() {
    let primer: Primer = "C4 E4/2 - G4*1.5".parse().expect("a primer");
    let line = primer.line(crate::composer::grid::Bar::new(Meter::COMMON).expect("a bar"), 0);
    let at: Vec<(u8, u16)> = line.tokens().iter().map(|token| (token.slot, token.symbol)).collect();
    // Slots of 12 to the quarter; symbols from C3 on.
    assert_eq!(at, [(0, 12), (12, 16), (30, 19)]);
    assert_eq!(primer.end_step(), 96);
    assert_eq!(primer.agreement(0, 0, 96, 1 | 1 << 7), [60, 12]);
    for text in ["", "H4", "C4/0", "C4*", "-"] {
        assert!(text.parse::<Primer>().is_err(), "{text}");
    }
}
