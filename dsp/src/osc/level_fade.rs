//! From one band-limited version of a waveform to the next without a step.

/// Frames in which one version fades into the next.
const FADE: usize = 32;

/// Which version of a waveform is heard, and which one fades away.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LevelFade {
    level: Option<usize>,
    from: Option<usize>,
}

impl LevelFade {
    /// Chooses the version for frames that start at `start` of their control period; it changes at its beginning only.
    pub(super) fn choose(&mut self, level: usize, start: usize) {
        if start == 0 {
            self.from = self.level.filter(|&before| before != level);
            self.level = Some(level);
        }
    }

    /// The version that is heard.
    pub(super) fn level(&self) -> Option<usize> {
        self.level
    }

    /// Renders by `render(version, out)`; a bend that brings a new harmonic below half the sample rate would otherwise be heard as a
    /// tick. `render` leaves the phase where it was.
    #[inline(always)]
    pub(super) fn fill(&self, out: &mut [f32], start: usize, render: impl Fn(usize, &mut [f32])) {
        render(self.level.unwrap_or(0), out);
        if let Some(from) = self.from
            && start < FADE
        {
            let mut old = [0.0; FADE];
            let count = out.len().min(FADE - start);
            render(from, &mut old[..count]);
            for (index, (out, old)) in out.iter_mut().zip(&old[..count]).enumerate() {
                *out = old + (*out - old) * ((start + index) as f32 * (1.0 / FADE as f32));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_version_is_no_step_whatever_the_blocks() {
        // Each version is a constant: its number.
        let render = |level: usize, out: &mut [f32]| out.fill(level as f32);
        let play = |sizes: &[usize]| {
            let mut fade = LevelFade::default();
            let mut played = Vec::new();
            for level in [3, 3, 4, 4, 2] {
                let mut start = 0;
                for &size in sizes {
                    let mut block = vec![0.0; size];
                    fade.choose(level, start);
                    fade.fill(&mut block, start, render);
                    played.extend(block);
                    start += size;
                }
            }
            played
        };
        let whole = play(&[32]);
        assert_eq!(whole, play(&[5, 20, 7]));
        assert!(whole.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.07));
        assert_eq!((whole[0], whole[63], whole[96], whole[159]), (3.0, 3.0, 4.0, 2.0 + 2.0 / 32.0));
    }
}
