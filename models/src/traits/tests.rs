use super::*;

const GROOVE: &str = "\
style: house
bpm: 124
key: A minor
harmony: i7 | VI

kick: X... x... X... x...
clap @80: .... x... .... x...
hat @60: ..x. ..xx ..x. [xx]xx.
bass 1=A1: 1-.. ..5. .... .... | 6,-.. ....  .... ....
chords: x--- .... ..x. .... | x--- ---- ---- ----
lead 1=A4: 1... 3... .... .... | .... .... .... ....
";

fn measured(lines: &str) -> f32 {
    let piece = groove::read("house/a.groove", GROOVE).expect("valid");
    read(lines).expect("valid").rule.measured(&piece).expect("there is something")
}

fn read(lines: &str) -> Result<Trait, String> {
    let text = format!("what = \"w\"\nbecause = \"b\"\n{lines}");
    toml::from_str(&text).map_err(|error: toml::de::Error| error.message().to_owned())
}

#[test]
fn each_measure_counts_what_it_says() {
    for (lines, expected) in [
        ("role = 'drums'\ndrums = ['kick']\nplaces = [1, 2, 3, 4]", 1.0),
        ("role = 'drums'\ndrums = ['kick']\nplaces = [1, 1.5]", 0.5),
        ("role = 'drums'\ndrums = ['clap', 'snare']\nplaces = [2, 4, 6, 8]\nevery = 2", 1.0),
        ("role = 'drums'\ndrums = ['hat']\nmeasure = 'notes_per_bar'", 8.0),
        ("role = 'drums'\ndrums = ['hat']\nmeasure = 'off_beat'", 7.0 / 8.0),
        ("role = 'drums'\ndrums = ['hat']\nmeasure = 'sixteenths'", 3.0 / 8.0),
        ("role = 'drums'\ndrums = ['hat']\nmeasure = 'rolls'", 2.0 / 8.0),
        ("role = 'bass'\nmeasure = 'length'", 0.5),
        ("role = 'bass'\nmeasure = 'root'", 1.0),
        ("role = 'bass'\nmeasure = 'with_kick'", 2.0 / 3.0),
        ("role = 'chords'\nmeasure = 'notes_per_bar'", 1.5),
        ("role = 'chords'\nmeasure = 'sevenths'", 0.5),
        ("role = 'chords'\nmeasure = 'chord_size'", 11.0 / 3.0),
        ("role = 'lead'\nmeasure = 'pitch'", 75.0),
        ("role = 'lead'\nmeasure = 'velocity_spread'", 0.0),
    ] {
        let value = measured(&format!("{lines}\nwithin = [0, 1]"));
        assert!((value - expected).abs() < 1e-5, "{lines}: {value}, not {expected}");
    }
}

#[test]
fn a_trait_holds_within_its_bounds_and_where_there_is_nothing() {
    let mut piece = groove::read("house/a.groove", GROOVE).expect("valid");
    let holds = |lines: &str, piece: &Piece| read(lines).expect("valid").rule.holds(piece);
    let often = "role = 'drums'\ndrums = ['hat']\nmeasure = 'notes_per_bar'\nwithin = [9, 16]";
    assert!(holds("role = 'drums'\ndrums = ['hat']\nmeasure = 'notes_per_bar'\nwithin = [4, 8]", &piece));
    assert!(!holds(often, &piece));
    piece.parts.retain(|(role, _)| *role != Role::Drums);
    assert!(holds(often, &piece));
}

#[test]
fn what_cannot_be_measured_is_refused() {
    for (lines, message) in [
        ("role = 'bass'\ndrums = ['kick']\nmeasure = 'length'\nwithin = [0, 1]", "drums belong to the role drums"),
        (
            "role = 'drums'\ndrums = ['gong']\nmeasure = 'rolls'\nwithin = [0, 1]",
            "\"gong\" is no drum; there are kick,",
        ),
        ("role = 'lead'\nmeasure = 'root'\nwithin = [0, 1]", "root is for bass, not for lead"),
        ("role = 'lead'\nmeasure = 'loud'\nwithin = [0, 1]", "\"loud\" is no measure; there are notes_per_bar"),
        ("role = 'lead'\nmeasure = 'pitch'\nwithin = [1, 0]", "within must be [least, most], but was [1.0, 0.0]"),
        ("role = 'lead'\nwithin = [0, 1]", "must have either a measure, or places"),
        ("role = 'lead'\nplaces = []\nwithin = [0, 1]", "there must be places"),
        ("role = 'lead'\nplaces = [0.5]\nwithin = [0, 1]", "a place must be at least 1"),
        ("role = 'lead'\nmeasure = 'pitch'\nwithin = [0, 1]\nloud = 1", "unknown field `loud`"),
    ] {
        let error = read(lines).expect_err(message);
        assert!(error.contains(message), "{error}\nlacks {message}");
    }
}

#[test]
fn a_trait_is_written_as_it_is_read() {
    for lines in [
        "role = 'drums'\ndrums = ['clap', 'snare']\nplaces = [2, 4, 6.75, 8]\nevery = 2\nwithin = [0.5, 1]",
        "role = 'bass'\nmeasure = 'root'\nwithin = [0.5, 1]",
    ] {
        let own = read(lines).expect("valid");
        let text = toml::to_string(&own).expect("plain data");
        assert_eq!(toml::from_str::<Trait>(&text).expect(&text), own);
        let short = own.rule.to_string();
        assert_eq!(short.parse(), Ok(own.rule), "{short}");
    }
}

#[test]
fn a_short_rule_that_is_none_is_refused() {
    for (text, message) in [
        ("", "is no rule"),
        ("lead pitch", "is no rule"),
        ("lead pitch 0..high", "is no rule"),
        ("flute pitch 0..1", "is no rule"),
        ("drums kick @1,2 0..1", "is no rule"),
        ("drums gong @1/1 0..1", "\"gong\" is no drum"),
        ("bass kick @1/1 0..1", "drums belong to the role drums"),
        ("lead colour 0..1", "\"colour\" is no measure"),
        ("lead @0.5/1 0..1", "a place must be at least 1"),
        ("lead pitch 2..1", "within must be"),
        ("lead pitch 0..NaN", "within must be"),
    ] {
        let error = text.parse::<Rule>().expect_err(text);
        assert!(error.contains(message), "{error}\nlacks {message}");
    }
}

#[test]
fn places_are_wanted_or_not() {
    let clap = read("role = 'drums'\ndrums = ['clap']\nplaces = [2, 6]\nevery = 2\nwithin = [0.9, 1]").expect("valid");
    let wants: Vec<f32> = (0..16).map(|quarter| clap.rule.wants(24 * quarter, 96)).collect();
    let wanted: Vec<usize> = (0..16).filter(|&quarter| wants[quarter] == 1.0).collect();
    assert_eq!(wanted, [1, 5, 9, 13]);
    let none = read("role = 'drums'\ndrums = ['clap']\nplaces = [1]\nwithin = [0, 0.2]").expect("valid");
    assert_eq!((none.rule.wants(96, 96), none.rule.wants(24, 96)), (-1.0, 0.0));
}
