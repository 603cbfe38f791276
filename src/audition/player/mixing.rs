//! Parts: which are heard, and which stay.

use super::Player;
use crate::playback::LAYERS;
use riffsmith_dsp::score::Role;
use riffsmith_dsp::units::db_to_gain;
use std::collections::BTreeSet;

/// Loudest and softest volume, in dB.
const VOLUMES_DB: std::ops::RangeInclusive<f32> = -40.0..=0.0;

impl Player {
    pub(super) fn lock(&mut self) {
        toggle(&mut self.locked, self.role);
        let role = self.role;
        self.message = if self.locked.contains(&role) {
            format!("{role} locked: v and V write the others anew")
        } else {
            format!("{role} unlocked")
        };
    }

    pub(super) fn mute(&mut self) {
        toggle(&mut self.muted, self.role);
        self.set_layers();
    }

    pub(super) fn solo(&mut self) {
        toggle(&mut self.soloed, self.role);
        self.set_layers();
    }

    pub(super) fn change_volume(&mut self, db: f32) {
        self.volume_db = (self.volume_db + db).clamp(*VOLUMES_DB.start(), *VOLUMES_DB.end());
        self.engine.set_volume(if self.volume_db == 0.0 { 1.0 } else { db_to_gain(self.volume_db) });
        self.message = format!("volume {:+.0} dB", self.volume_db);
    }

    /// True if a part is to be heard.
    pub(in crate::audition) fn is_heard(&self, role: Role) -> bool {
        !self.muted.contains(&role) && (self.soloed.is_empty() || self.soloed.contains(&role))
    }

    /// The finished mix plays as long as all parts do; then their stems take over.
    fn set_layers(&mut self) {
        let mut gains = [0.0; LAYERS];
        if Role::ALL.iter().all(|role| self.is_heard(*role)) {
            gains[0] = 1.0;
        } else {
            for (gain, role) in gains[1..].iter_mut().zip(Role::ALL) {
                *gain = if self.is_heard(role) { 1.0 } else { 0.0 };
            }
        }
        self.engine.set_layers(gains);
        if self.shown().is_some_and(|(_, made)| !made.sound.has_stems()) {
            self.message = "this take has no stems: it is heard whole".to_owned();
        }
    }
}

fn toggle(roles: &mut BTreeSet<Role>, role: Role) {
    if !roles.remove(&role) {
        roles.insert(role);
    }
}
