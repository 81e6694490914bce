//! LLVM IR, as the compiler writes it.

/// How much of it there is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ir {
    /// The instructions in the bodies of functions, one a line.
    pub(crate) lines: usize,
    /// The functions with a body.
    pub(crate) functions: usize,
}

impl Ir {
    /// Counts as `cargo llvm-lines` does: in a body, a line counts if it is indented by two blanks and no more. Labels are not
    /// indented. Further lines of an instruction are indented by more, but for the bracket that closes a `switch`.
    pub(crate) fn of(text: &str) -> Self {
        let mut ir = Ir { lines: 0, functions: 0 };
        let mut in_body = false;
        for line in text.lines() {
            if line.starts_with("define ") {
                (in_body, ir.functions) = (true, ir.functions + 1);
            } else if line == "}" {
                in_body = false;
            } else if in_body && line.starts_with("  ") && !line.starts_with("   ") {
                ir.lines += 1;
            }
        }
        ir
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_count_and_nothing_else() {
        let text = "\
%T = type { i64 }
@x = constant i64 1
; a::f
define void @f(i64 %n) {
start:
  switch i64 %n, label %bb1 [
    i64 0, label %bb2
  ]

bb1:                                              ; preds = %start
  ret void

bb2:
  unreachable
}

declare void @g()

define i64 @h() {
start:
  ret i64 0
}
attributes #0 = { uwtable }
";
        assert_eq!(Ir::of(text), Ir { lines: 5, functions: 2 });
    }
}
