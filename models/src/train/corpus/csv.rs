//! Tables of comma-separated values (RFC 4180, without line breaks inside a field).

use std::collections::BTreeMap;

/// Each row as its fields by the names in the first line; rows of another length are skipped.
pub fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.lines();
    let names = lines.next().map(fields).unwrap_or_default();
    lines
        .map(fields)
        .filter(|fields| fields.len() == names.len())
        .map(|fields| names.iter().cloned().zip(fields).collect())
        .collect()
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => fields.last_mut().expect("starts with one field").push(letter),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_commas_do_not_separate() {
        let rows = rows("id,artist\n4,\"Roberta Flack,Donny Hathaway\"\nshort\n");
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0]["id"].as_str(), rows[0]["artist"].as_str()), ("4", "Roberta Flack,Donny Hathaway"));
    }
}
