//! The arities of tuple-backed combinators, written once: one to twelve; `chain!` nests past that.

/// Call a macro with the members of each arity: `Step N (index) Variant`.
macro_rules! arities {
    ($per_arity:ident) => {
        $per_arity!(OneOf1; A 0);
        $per_arity!(OneOf2; A 0, B 1);
        $per_arity!(OneOf3; A 0, B 1, C 2);
        $per_arity!(OneOf4; A 0, B 1, C 2, D 3);
        $per_arity!(OneOf5; A 0, B 1, C 2, D 3, E 4);
        $per_arity!(OneOf6; A 0, B 1, C 2, D 3, E 4, F 5);
        $per_arity!(OneOf7; A 0, B 1, C 2, D 3, E 4, F 5, G 6);
        $per_arity!(OneOf8; A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
        $per_arity!(OneOf9; A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
        $per_arity!(OneOf10; A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
        $per_arity!(OneOf11; A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
        $per_arity!(OneOf12; A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
    };
}
pub(crate) use arities;
