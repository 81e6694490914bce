//! Rails that part, or meet, without lying on one another.

use super::measure::CURVE;
use super::pen::Pen;

/// Rails that part from one another, or meet: the farthest is drawn whole, and the others from where they leave it, so that
/// none lies on another.
pub(super) struct Trunk {
    /// The farthest up and down, for each look of a rail; none where it has been drawn.
    farthest: Vec<(Look, i32)>,
}

/// What makes rails look different: not taken, and in pieces or aside.
pub(super) type Look = (bool, bool);

impl Trunk {
    pub(super) fn new(rows: impl Iterator<Item = (i32, Look)>) -> Self {
        let mut farthest: Vec<(Look, i32)> = Vec::new();
        for (y, look) in rows {
            match farthest.iter_mut().find(|(other, far)| *other == look && far.signum() == y.signum()) {
                Some((_, far)) if far.abs() < y.abs() => *far = y,
                Some(_) => {}
                None => farthest.push((look, y)),
            }
        }
        Trunk { farthest }
    }

    /// The rail to a row at a height, going right or left: where it starts, and the rail.
    pub(super) fn rail(&mut self, y: i32, look: Look, along: i32) -> (i32, i32, Pen) {
        let whole = self.farthest.iter().position(|&far| far == (look, y));
        if let Some(at) = whole {
            self.farthest.swap_remove(at);
        }
        if whole.is_some() || y.abs() < 2 * CURVE {
            return (0, 0, Pen::default().shift(CURVE, y, along));
        }
        let down = CURVE * y.signum();
        (CURVE * along, y - down, Pen::default().turn_v(CURVE * along, down))
    }
}
