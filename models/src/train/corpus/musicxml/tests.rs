use super::*;
use proptest::prelude::*;

fn note(step: char, octave: u8, duration: u32, more: &str) -> String {
    format!(
        "<note>{more}<pitch><step>{step}</step><octave>{octave}</octave></pitch><duration>{duration}</duration></note>"
    )
}

/// Two parts of which the second is a clarinet in B flat; a pick-up, a change of metre and key, a tie over the bar line.
fn score() -> String {
    let time = |beats: u8, fifths: i8, more: &str| {
        format!(
            "<attributes><divisions>2</divisions><key><fifths>{fifths}</fifths></key><time><beats>{beats}</beats>\
            <beat-type>4</beat-type></time>{more}</attributes>"
        )
    };
    let transpose = "<transpose><chromatic>-2</chromatic></transpose>";
    let loud =
        "<direction><direction-type><dynamics><ff/></dynamics></direction-type><sound tempo=\"96\"/></direction>";
    let first = format!(
        "<measure>{}{loud}{}</measure><measure>{}</measure><measure>{}</measure><measure>{}{}</measure>",
        time(4, 1, ""),
        note('D', 5, 2, ""),
        note('G', 4, 8, "<tie type=\"start\"/>"),
        note('G', 4, 4, "<tie type=\"stop\"/>"),
        time(3, -2, ""),
        note('B', 4, 6, ""),
    );
    let second = format!(
        "<measure>{}{}</measure><measure>{}</measure><measure>{}</measure><measure>{}{}</measure>",
        time(4, 3, transpose),
        note('E', 4, 2, ""),
        note('A', 3, 8, ""),
        note('A', 3, 4, ""),
        time(3, 0, ""),
        note('C', 4, 6, ""),
    );
    format!(
        "<score-partwise><part-list><score-part id=\"A\"><part-name>Voice</part-name></score-part><score-part id=\"B\">\
        <part-name>Clarinet</part-name></score-part></part-list><part id=\"A\">{first}</part><part id=\"B\">{second}</part>\
        </score-partwise>"
    )
}

#[test]
fn parts_metres_signatures_and_dynamics_are_read_as_they_sound() {
    let sheet = read("x", score().as_bytes()).expect("valid");
    let notes = |part: usize| -> Vec<(u32, u32, u8)> {
        sheet.parts[part].notes.iter().map(|note| (note.at.0, note.length.0, note.pitch)).collect()
    };
    // The pick-up ends its bar; the new metre waits for its bar line, though the bar before is half empty.
    assert_eq!(notes(0), [(1440, 480, 74), (1920, 2880, 67), (5760, 1440, 71)]);
    assert_eq!(notes(1), [(1440, 480, 62), (1920, 1920, 55), (3840, 960, 55), (5760, 1440, 58)]);
    assert_eq!(sheet.parts[1].name, "Clarinet");
    assert_eq!(sheet.parts[0].notes[0].velocity, 113);
    let meters: Vec<String> = sheet.meters.iter().map(|(at, meter)| format!("{} {meter}", at.0)).collect();
    assert_eq!(meters, ["0 4/4", "5760 3/4"]);
    let keys: Vec<String> = sheet.signatures.iter().map(|(at, key)| format!("{} {key}", at.0)).collect();
    assert_eq!(keys, ["0 G major", "5760 A# major"]);
    assert_eq!((sheet.tempos[0].1, sheet.end), (96.0, Ticks(7200)));
    assert_eq!(sheet.opening().parts[0].notes.len(), 2);
}

proptest! {
    #[test]
    fn broken_scores_are_refused_or_read_but_never_panic(changes in proptest::collection::vec((any::<usize>(), 0x20u8..0x7f), 1..6)) {
        let mut bytes = score().into_bytes();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let _ = read("x", &bytes);
    }

    #[test]
    fn odd_numbers_are_survived(number in "-?[0-9]{1,12}", which in 0usize..40) {
        let text = score();
        let places: Vec<usize> = text.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at).collect();
        let at = places[which % places.len()];
        let text = format!("{}{number}{}", &text[..at], &text[at + 1..]);
        let _ = read("x", text.as_bytes());
    }
}
