//! A pack as one ZIP file.

use super::finish::files_below;
use crate::error::{Error, Result};
use crate::files;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Packs a folder into an archive of its name beside it; a file of that name is not replaced. Sounds hardly shrink, so nothing is
/// compressed; the same files make the same bytes.
///
/// # Errors
/// If there is such a file, or no room or no right to write.
pub fn zip_folder(directory: &Path) -> Result<PathBuf> {
    let name = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let target = directory.with_file_name(format!("{name}.zip"));
    let refused = |reason: String| Error::file("write", &target, reason);
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = files::temporary_in(parent).map_err(|error| refused(files::reason(&error)))?;
    let mut archive = ZipWriter::new(BufWriter::new(temporary.as_file()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for path in files_below(directory)? {
        add(&mut archive, directory, &name, &path, options).map_err(|error| refused(error.to_string()))?;
    }
    let mut written = archive.finish().map_err(|error| refused(error.to_string()))?;
    written.flush().map_err(|error| refused(files::reason(&error)))?;
    drop(written);
    temporary.persist_noclobber(&target).map_err(|error| refused(files::reason(&error.error)))?;
    Ok(target)
}

fn add(
    archive: &mut ZipWriter<BufWriter<&File>>,
    directory: &Path,
    name: &str,
    path: &str,
    options: SimpleFileOptions,
) -> zip::result::ZipResult<()> {
    let mut file = File::open(directory.join(path))?;
    let large = file.metadata()?.len() > u64::from(u32::MAX);
    archive.start_file(format!("{name}/{path}"), options.large_file(large))?;
    std::io::copy(&mut file, archive)?;
    Ok(())
}
