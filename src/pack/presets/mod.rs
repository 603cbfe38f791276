//! A sample map as samplers' preset files.

pub mod decent_sampler;
pub mod sfz;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::sample_map::{SampleMap, Zone};
    use riffsmith_dsp::score::Velocity;
    use riffsmith_dsp::sustain_loop::SustainLoop;

    /// A looped note in two strengths, and two hats.
    fn map() -> SampleMap {
        let note = Zone {
            file: "../Bass & Co/a.wav".to_owned(),
            root: 40,
            fine_tune_cents: -7,
            low_key: 0,
            high_key: 41,
            low_velocity: 64,
            high_velocity: 127,
            velocity: Velocity::new(111),
            gain_db: 0.0,
            sustain: Some(SustainLoop { first: 1_000, last: 1_999 }),
            one_shot: false,
            group: None,
            choked_by: None,
        };
        let soft =
            Zone { low_velocity: 1, high_velocity: 63, velocity: Velocity::new(47), gain_db: -9.0, ..note.clone() };
        let closed = Zone {
            file: "closed.wav".to_owned(),
            fine_tune_cents: 0,
            low_key: 42,
            high_key: 42,
            low_velocity: 1,
            sustain: None,
            one_shot: true,
            group: Some(1),
            ..note.clone()
        };
        let open =
            Zone { file: "open.wav".to_owned(), low_key: 43, high_key: 43, choked_by: Some(1), ..closed.clone() };
        let zones = vec![note, soft, closed, open];
        SampleMap { name: "A <\"b\"> & 'c'".to_owned(), zones, release_s: 0.25, velocity_tracking: 0.5 }
    }

    #[test]
    fn sfz_says_what_the_map_says() {
        insta::assert_snapshot!(sfz::write(&map()));
    }

    #[test]
    fn decent_sampler_says_what_the_map_says() {
        insta::assert_snapshot!(decent_sampler::write(&map()));
    }

    #[test]
    fn a_line_break_in_a_name_adds_no_opcode() {
        let mut map = map();
        map.name = "x\nvolume=6".to_owned();
        assert!(!sfz::write(&map).contains("\nvolume=6"));
    }

    #[test]
    fn samples_are_as_loud_as_the_patch_at_their_own_velocity_and_never_louder_than_they_are() {
        let map = map();
        let curve_db = |velocity: Velocity| 20.0 * velocity.unit().log10();
        let volumes = map.volumes_db(curve_db);
        let heard = |zone: usize| volumes[zone] + curve_db(map.zones[zone].velocity);
        // The patch is 9 dB quieter at the soft velocity.
        assert!((heard(0) - heard(1) - 9.0).abs() < 1e-4);
        let loudest = (0..4).map(|zone| volumes[zone] + curve_db(Velocity::new(map.zones[zone].high_velocity)));
        assert!(loudest.fold(f32::NEG_INFINITY, f32::max).abs() < 1e-4);
    }
}
