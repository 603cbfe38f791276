//! Features as numbers, one after another.

/// Pushes features.
pub struct Writer<'a>(pub &'a mut Vec<f32>);

impl Writer<'_> {
    /// 1 or 0.
    pub fn flag(&mut self, value: bool) {
        self.0.push(f32::from(u8::from(value)));
    }

    /// A number as it is.
    pub fn number(&mut self, value: f32) {
        self.0.push(value);
    }

    /// One of `count` classes, or none.
    pub fn one_of(&mut self, count: usize, index: Option<usize>) {
        let start = self.0.len();
        self.0.resize(start + count, 0.0);
        if let Some(index) = index.filter(|&index| index < count) {
            self.0[start + index] = 1.0;
        }
    }

    /// The lowest `count` bits.
    pub fn set(&mut self, count: usize, bits: u32) {
        self.0.extend((0..count).map(|bit| f32::from(u8::from(bits >> bit & 1 == 1))));
    }
}
