//! The page of a pack: one `index.html` without neighbours or network, to browse and hear all its sounds.
//!
//! A page opened from a file may not read the sounds beside it, so each comes with a preview inside the page: Ogg Opus at 48 kHz
//! in base64, decoded when it is first played. The list of all sounds and the program stand before the previews, so that
//! the page is ready before the browser has read to its end.
//!
//! ```no_run
//! # use riffsmith::pack::page::{PageInfo, PageItem, PageWriter, peaks, preview};
//! # fn sounds() -> Vec<(PageItem, riffsmith_dsp::AudioBuffer, riffsmith::wav::Repeat)> { Vec::new() }
//! # fn main() -> std::io::Result<()> {
//! let mut page = PageWriter::new(&PageInfo::default())?;
//! for (place, (item, audio, repeat)) in sounds().into_iter().enumerate() {
//!     let preview = Some(preview(&audio, Some(&repeat)));
//!     page.item(place, &PageItem { peaks: Some(peaks(&audio)), preview, ..item })?;
//! }
//! page.finish(std::fs::File::create("index.html")?)
//! # }
//! ```

mod html;
mod item;
mod opus;
mod peaks;
mod preview;
mod writer;

pub use item::{Kind, PageInfo, PageItem};
pub use peaks::{Peaks, peaks};
pub use preview::{Preview, preview};
pub use writer::PageWriter;
