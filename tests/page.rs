//! The page of a pack in a real browser: real loops, opened from their file, played, and rendered by the page's own program.

use riffsmith::pack::page::{Kind, PageInfo, PageItem, PageWriter, peaks, preview};
use riffsmith::pipeline::generate;
use riffsmith::recipe::{Choices, Recipe};
use riffsmith::style::Style;
use riffsmith::wav::{self, Repeat};
use riffsmith_dsp::resample::resample_loop;
use riffsmith_dsp::score::{Role, Tempo};
use riffsmith_dsp::{AudioBuffer, SampleRate, Seed};
use riffsmith_models::composer::Composer;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A row with what was heard to make it.
struct Sound {
    item: PageItem,
    audio: AudioBuffer,
}

fn info() -> PageInfo {
    PageInfo {
        name: "Night Tram".into(),
        label: "Kerbside & Sons".into(),
        description: "House after the last stop: round bass, dry drums and chords that know when to go home.".into(),
        facts: vec![("Tempo".into(), "72 to 174 bpm".into()), ("Format".into(), "24-bit WAV, 44.1 kHz".into())],
        licence: "Royalty-free for your own music; not to be sold on as samples. See LICENSE.txt.".into(),
        version: env!("CARGO_PKG_VERSION").into(),
    }
}

fn item_of(recipe: &Recipe, role: Option<Role>, name: &str) -> PageItem {
    let kind = if role.is_some() { Kind::Stem } else { Kind::Loop };
    let folder = role.map_or("Loops/Full".to_owned(), |_| format!("Stems/KS_NT_{:.0}_{name}", recipe.tempo.bpm()));
    let role_name = role.map_or("full", Role::name);
    let unpitched = role == Some(Role::Drums);
    let key = (!unpitched).then_some(recipe.key);
    let end = key.map_or(String::new(), |key| format!("_{}", key.short()));
    let tags = ["warm", "dusty", "late", "club", "dry", "swung"];
    let first = recipe.seed.0 as usize + role_name.len() + name.len();
    PageItem {
        role: Some(role_name.into()),
        style: Some(recipe.style.clone()),
        key,
        bpm: Some(recipe.tempo.bpm()),
        bars: Some(recipe.bars),
        beats: Some(recipe.bars * u32::from(recipe.meter.numerator())),
        seconds: Some(recipe.length().quarters() * recipe.tempo.seconds_per_quarter()),
        tags: (0..3).map(|step| tags[(first + step) % tags.len()].into()).collect(),
        ..PageItem::new(format!("{folder}/KS_NT_{:.0}_{role_name}_{name}{end}.wav", recipe.tempo.bpm()), kind)
    }
}

fn repeat_of(recipe: &Recipe) -> Repeat {
    let quarters = recipe.length().quarters();
    Repeat {
        frames: recipe.rate.frames(quarters * recipe.tempo.seconds_per_quarter()),
        tempo: recipe.tempo,
        quarters: quarters.round() as u32,
        meter: recipe.meter,
        root: None,
    }
}

/// Eight loops of as many styles, and the four stems of the first: twelve; then a demo and what else a pack has.
fn sounds() -> Vec<Sound> {
    let composer = Composer::builtin().expect("built in");
    let names = ["last_stop", "sodium", "wet_rail", "switchback", "third_rail", "overhead", "depot", "drizzle"];
    let mut loops = Vec::new();
    let mut stems = Vec::new();
    let mut styles = Style::builtin();
    // House first: all its roles sound, and its tempo makes a bar that is no whole number of frames. Then techno, to be found.
    styles.sort_by_key(|style| (style.name != "house", style.name != "techno"));
    for (style, name) in styles.iter().zip(names) {
        let tempo = (style.name == "house").then(|| Tempo::new(122.0).expect("a tempo"));
        let choices = Choices { tempo, bars: Some(4), ..Choices::default() };
        let recipe = Recipe::resolve(style, &choices, Seed(1), composer.hash()).expect("a style's own choices");
        let song = generate(&recipe, &composer);
        let repeat = repeat_of(&recipe);
        let made = |role: Option<Role>, audio: &AudioBuffer| {
            let item = item_of(&recipe, role, name);
            let preview = Some(preview(audio, Some(&repeat)));
            Sound { item: PageItem { peaks: Some(peaks(audio)), preview, ..item }, audio: audio.clone() }
        };
        if style.name == "house" {
            stems = song.stems.iter().map(|stem| made(stem.role, &stem.audio)).collect();
        }
        loops.push(made(None, &song.audio));
    }
    loops.extend(stems);
    let more = others(&loops);
    loops.extend(more);
    loops
}

/// A demo, one-shots, and files that no browser plays.
fn others(loops: &[Sound]) -> Vec<Sound> {
    let once = |item: PageItem, audio: AudioBuffer| {
        let preview = Some(preview(&audio, None));
        let seconds = Some(audio.seconds());
        Sound { item: PageItem { peaks: Some(peaks(&audio)), preview, seconds, ..item }, audio }
    };
    let named = |path: &str, kind, role: &str| PageItem { role: Some(role.into()), ..PageItem::new(path, kind) };
    let cut = |sound: &Sound, seconds: f64| {
        let frames = sound.audio.frames[..sound.audio.sample_rate.frames(seconds)].to_vec();
        AudioBuffer { sample_rate: sound.audio.sample_rate, frames }
    };
    let demo = loops[..3].iter().flat_map(|sound| sound.audio.frames.clone()).collect();
    let demo = AudioBuffer { sample_rate: SampleRate::CD, frames: demo };
    let mut made = vec![
        once(named("Demo/KS_NT_demo.wav", Kind::Demo, "full"), demo),
        once(named("One_Shots/Kick/KS_NT_kick_round.wav", Kind::OneShot, "kick"), cut(&loops[8], 0.45)),
        once(named("One_Shots/Bass/KS_NT_bass_rubber_F#.wav", Kind::OneShot, "bass"), cut(&loops[9], 0.8)),
        once(named(ODD_PATH, Kind::OneShot, "perc"), cut(&loops[8], 0.3)),
    ];
    for (path, kind) in [
        ("MIDI/KS_NT_122_last_stop_Gmin.mid", Kind::Midi),
        ("Presets/SFZ/KS_NT_rubber.sfz", Kind::Multisample),
        ("Loops/No_Preview/KS_NT_122_plain_Gmin.wav", Kind::Loop),
    ] {
        let audio = AudioBuffer::silence(SampleRate::CD, 0);
        made.push(Sound { item: named(path, kind, ""), audio });
    }
    made
}

/// A name that would be markup, script, query and escape if it were let.
const ODD_PATH: &str = "One_Shots/Perc/</script><img src=x onerror=alert(1)> & \"100%\" {{name}} #1?.wav";

fn write_page<'a>(path: &Path, items: impl Iterator<Item = &'a PageItem>) -> u64 {
    let mut page = PageWriter::new(&info()).expect("a temporary file");
    for (place, item) in items.enumerate() {
        page.item(place, item).expect("room");
    }
    page.finish(BufWriter::new(File::create(path).expect("writable"))).expect("room");
    path.metadata().expect("there").len()
}

/// Five hundred rows of a usual mix: 150 loops, 200 stems, 150 one-shots.
fn many(sounds: &[Sound]) -> Vec<PageItem> {
    let keys = ["A minor", "C major", "F# minor", "D dorian", "G major", "Eb minor"];
    (0..500)
        .map(|index| {
            let from = match index {
                0..150 => &sounds[index % 8],
                150..350 => &sounds[8 + index % 4],
                _ => &sounds[13 + index % 2],
            };
            let path = from.item.path.replace(".wav", &format!("_{index:03}.wav"));
            let key = from.item.key.map(|_| keys[index % keys.len()].parse().expect("a key"));
            PageItem { path, key, ..from.item.clone() }
        })
        .collect()
}

/// The first loops as the browser should decode them: left and right at 48 kHz, as 32-bit floats.
fn write_originals(directory: &Path, sounds: &[Sound]) {
    let rate = SampleRate::new(48_000).expect("a common rate");
    for (index, sound) in sounds[..12].iter().enumerate() {
        let frames = sound.item.preview.as_ref().expect("a loop has one").frames as usize;
        let resampled = resample_loop(&sound.audio, rate, frames);
        let bytes: Vec<u8> = resampled.frames.as_flattened().iter().flat_map(|sample| sample.to_le_bytes()).collect();
        fs::write(directory.join(format!("original_{index}.f32")), bytes).expect("writable");
    }
}

fn directory() -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    drop(fs::remove_dir_all(&directory));
    for folder in ["pack/Loops/No_Preview", "many", "none"] {
        fs::create_dir_all(directory.join(folder)).expect("writable");
    }
    directory
}

#[test]
fn a_browser_opens_filters_and_plays_the_page() {
    let there = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|run| run.status.success());
    if let Some(missing) = ["python3", "chromedriver", "chromium"].into_iter().find(|program| !there(program)) {
        drop(writeln!(std::io::stderr(), "skipped: no {missing} to open the page of a pack with"));
        return;
    }
    let directory = directory();
    let sounds = sounds();
    let small = write_page(&directory.join("pack/index.html"), sounds.iter().map(|sound| &sound.item));
    let large = write_page(&directory.join("many/index.html"), many(&sounds).iter());
    write_page(&directory.join("none/index.html"), [].iter());
    write_originals(&directory, &sounds);
    let plain = wav::encode(&sounds[0].audio, wav::BitDepth::Int24, &wav::Tags::default(), Seed(1)).expect("short");
    fs::write(directory.join("pack/Loops/No_Preview/KS_NT_122_plain_Gmin.wav"), plain).expect("writable");

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page.py");
    let run = Command::new("python3").arg(script).arg(&directory).output().expect("python3 is there");
    let said = String::from_utf8_lossy(&run.stdout);
    let complaint = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}\n{complaint}");
    let sizes = format!("page of 12 loops and more: {small} bytes, of 500 sounds: {large} bytes\n{said}");
    drop(writeln!(std::io::stderr(), "{sizes}"));
}
