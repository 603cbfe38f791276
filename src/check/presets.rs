//! The presets of a pack: that the samples they name are there.

use super::Violation;
use crate::error::Result;
use crate::files;
use std::path::Path;

/// Every sample that an SFZ or Decent Sampler preset names, as a path within the pack, must be one of `paths`.
pub fn check(directory: &Path, paths: &[String]) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for path in paths {
        let named: fn(&str) -> Vec<String> = match path.rsplit('.').next() {
            Some("sfz") => sfz_samples,
            Some("dspreset") => decent_sampler_samples,
            _ => continue,
        };
        let bytes = files::read(&directory.join(path))?;
        let Ok(text) = std::str::from_utf8(&bytes) else {
            violations.push(Violation { path: path.clone(), what: "it is no text".to_owned() });
            continue;
        };
        let samples = named(text);
        if samples.is_empty() {
            violations.push(Violation { path: path.clone(), what: "it names no samples".to_owned() });
        }
        let missing =
            samples.iter().filter(|sample| resolve(path, sample).is_none_or(|sample| !paths.contains(&sample)));
        for sample in missing {
            violations.push(Violation { path: path.clone(), what: format!("it names {sample}, which is not there") });
        }
    }
    Ok(violations)
}

/// From the preset's folder to a path within the pack; `None` if it leads out of it.
fn resolve(preset: &str, sample: &str) -> Option<String> {
    let mut parts: Vec<&str> = preset.split('/').collect();
    parts.pop();
    for part in sample.split('/') {
        match part {
            ".." => drop(parts.pop()?),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn sfz_samples(text: &str) -> Vec<String> {
    let of_line =
        |line: &str| line.split("//").next().and_then(|line| line.trim().strip_prefix("sample=")).map(str::to_owned);
    text.lines().filter_map(of_line).map(|sample| sample.replace('\\', "/")).collect()
}

fn decent_sampler_samples(text: &str) -> Vec<String> {
    let values = text.split(" path=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let unescaped = |value: &str| {
        value
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    };
    values.map(unescaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_found_from_the_preset_s_folder() {
        assert_eq!(resolve("Presets/SFZ/a.sfz", "../../One_Shots/k.wav").as_deref(), Some("One_Shots/k.wav"));
        assert_eq!(resolve("a.sfz", "./k.wav").as_deref(), Some("k.wav"));
        assert_eq!(resolve("a.sfz", "../k.wav"), None);
        let sfz = "<region>\nsample=..\\x y.wav // note\nlokey=3\n// sample=z.wav\n";
        assert_eq!(sfz_samples(sfz), ["../x y.wav"]);
        assert_eq!(decent_sampler_samples("<sample rootNote=\"3\" path=\"a &amp; b.wav\"/>"), ["a & b.wav"]);
    }
}
