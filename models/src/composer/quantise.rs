//! Classes of length, strength and micro-timing.

/// Lengths that an event may have, in grid steps.
pub const LENGTHS: [u32; 21] = [1, 2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 30, 36, 48, 60, 72, 96, 144, 192, 288, 384];

/// Velocity classes, eight MIDI velocities each.
pub const VELOCITIES: usize = 16;

/// Micro-timing classes: tens of ticks, -60 to 60.
pub const OFFSETS: usize = 13;

/// The micro-timing class of an event on the grid.
pub const ON_GRID: u8 = 6;

/// The class of a length: the nearest by ratio.
pub fn length_class(steps: u32) -> u8 {
    let ratio = |length: u32| (f64::from(length.max(1)) / f64::from(steps.max(1))).ln().abs();
    let nearest = (0..LENGTHS.len()).min_by(|&a, &b| ratio(LENGTHS[a]).total_cmp(&ratio(LENGTHS[b])));
    nearest.unwrap_or(0) as u8
}

/// The class of a velocity, 1 to 127.
pub fn velocity_class(velocity: u8) -> u8 {
    velocity.min(127) / 8
}

/// The velocity in the middle of a class.
pub fn velocity(class: u8) -> u8 {
    class * 8 + 4
}

/// The class of an offset in ticks.
pub fn offset_class(ticks: i32) -> u8 {
    ((f64::from(ticks) / 10.0).round() as i32 + i32::from(ON_GRID)).clamp(0, OFFSETS as i32 - 1) as u8
}

/// The offset of a class, in ticks.
pub fn offset(class: u8) -> i32 {
    (i32::from(class) - i32::from(ON_GRID)) * 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_class_is_in_the_class() {
        for class in 0..LENGTHS.len() as u8 {
            assert_eq!(length_class(LENGTHS[usize::from(class)]), class);
        }
        for class in 0..VELOCITIES as u8 {
            assert_eq!(velocity_class(velocity(class)), class);
        }
        for class in 0..OFFSETS as u8 {
            assert_eq!(offset_class(offset(class)), class);
        }
        assert_eq!(offset(ON_GRID), 0);
    }
}
