//! What there is to arrange: the loops of a group by role.

use super::DemoLoop;
use riffsmith_dsp::score::Role;

/// Loops that may sound together: of one group, tempo and metre.
#[derive(Debug, Clone, PartialEq)]
pub struct Material {
    /// Their places in the list, by role: the whole mixes first, then each role of [`Role::ALL`].
    by_role: [Vec<usize>; 5],
}

/// The loops that play in a section: at most one a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cast {
    /// The whole mix.
    pub full: Option<usize>,
    singles: [Option<usize>; 4],
}

impl Material {
    /// Everything usable in `loops`, in the order in which it first appears.
    pub fn all(loops: &[DemoLoop]) -> Vec<Self> {
        let usable = |index: &usize| loops[*index].bars > 0 && loops[*index].frames > 0;
        let mut found: Vec<Self> = Vec::new();
        for index in (0..loops.len()).filter(usable) {
            let together = |other: &DemoLoop| {
                let own = &loops[index];
                (own.group, own.tempo, own.meter) == (other.group, other.tempo, other.meter)
            };
            let place = found.iter().position(|material| together(&loops[material.first()]));
            let place = place.unwrap_or_else(|| {
                found.push(Self { by_role: Default::default() });
                found.len() - 1
            });
            found[place].by_role[loops[index].role.map_or(0, |role| 1 + role as usize)].push(index);
        }
        found
    }

    /// One of its loops; it has one.
    pub fn first(&self) -> usize {
        *self.by_role.iter().flatten().next().expect("a material is made for a loop")
    }

    /// How much there is to arrange with: roles count first, then loops.
    pub fn richness(&self) -> (usize, usize) {
        (self.by_role.iter().filter(|loops| !loops.is_empty()).count(), self.by_role.iter().map(Vec::len).sum())
    }

    /// Bars of its longest loop.
    pub fn cycle_bars(&self, loops: &[DemoLoop]) -> u32 {
        self.by_role.iter().flatten().map(|&index| loops[index].bars).max().unwrap_or(1)
    }

    /// Who plays the `turn`th time: where a role has several loops, they take turns.
    pub fn cast(&self, turn: usize) -> Cast {
        let pick = |loops: &Vec<usize>| loops.get(turn % loops.len().max(1)).copied();
        let [full, singles @ ..] = &self.by_role;
        Cast { full: pick(full), singles: singles.each_ref().map(pick) }
    }
}

impl Cast {
    /// The loop of a role alone.
    pub fn single(&self, role: Role) -> Option<usize> {
        self.singles[role as usize]
    }

    /// Those who can carry a stretch without drums, the fullest first.
    pub fn tones(&self) -> Vec<(Role, usize)> {
        [Role::Chords, Role::Lead, Role::Bass]
            .into_iter()
            .filter_map(|role| self.single(role).map(|index| (role, index)))
            .collect()
    }

    /// All single roles.
    pub fn singles(&self) -> Vec<(Role, usize)> {
        Role::ALL.into_iter().filter_map(|role| self.single(role).map(|index| (role, index))).collect()
    }

    /// The one that stands for everything: the whole mix, or else whatever there is.
    pub fn solo(&self) -> (Option<Role>, usize) {
        let single = || self.tones().into_iter().chain(self.singles()).next();
        let (role, index) = match self.full {
            Some(index) => (None, Some(index)),
            None => single().map_or((None, None), |(role, index)| (Some(role), Some(index))),
        };
        (role, index.expect("a material holds a loop, and every turn casts it"))
    }
}
