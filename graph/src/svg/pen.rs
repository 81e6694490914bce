//! Paths of straight lines and quarter circles, relative to where they start, so that moving one moves its start only.

use std::fmt::Write as _;

/// A path in the making.
#[derive(Default)]
pub(super) struct Pen {
    d: String,
}

impl Pen {
    /// Along.
    pub(super) fn h(mut self, by: i32) -> Self {
        if by != 0 {
            let _ = write!(self.d, "h{by}");
        }
        self
    }

    /// Up or down.
    pub(super) fn v(mut self, by: i32) -> Self {
        if by != 0 {
            let _ = write!(self.d, "v{by}");
        }
        self
    }

    /// From going along to going up or down.
    pub(super) fn turn_h(self, x: i32, y: i32) -> Self {
        self.arc(x, y, (x > 0) == (y > 0))
    }

    /// From going up or down to going along.
    pub(super) fn turn_v(self, x: i32, y: i32) -> Self {
        self.arc(x, y, (x > 0) != (y > 0))
    }

    /// From a rail at one height to one at another, both going along: two quarter circles within `2 * curve`.
    pub(super) fn shift(self, curve: i32, y: i32, along: i32) -> Self {
        let r = curve.min(y.abs() / 2);
        if r == 0 {
            return self.h(2 * curve * along);
        }
        let down = y.signum();
        self.h((curve - r) * along)
            .turn_h(r * along, r * down)
            .v(y - 2 * r * down)
            .turn_v(r * along, r * down)
            .h((curve - r) * along)
    }

    fn arc(mut self, x: i32, y: i32, clockwise: bool) -> Self {
        let _ = write!(self.d, "a{0} {0} 0 0 {1} {x} {y}", x.abs(), i32::from(clockwise));
        self
    }

    /// What SVG calls the path's data, without its start.
    pub(super) fn done(self) -> String {
        self.d
    }
}
