//! The names of the types of answers.

/// Returns the name of a type without its modules, so that it is the same in every program: `Option<Approval>`.
pub(crate) fn of<T>() -> String {
    without_modules(std::any::type_name::<T>())
}

/// Returns a name that the compiler gives a type, without its modules.
pub(crate) fn without_modules(name: &str) -> String {
    let mut short = String::with_capacity(name.len());
    let mut word = 0;
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        if character == ':' && characters.peek() == Some(&':') {
            characters.next();
            short.truncate(word);
            continue;
        }
        short.push(character);
        if !character.is_alphanumeric() && character != '_' {
            word = short.len();
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_left_out() {
        assert_eq!(of::<Option<Vec<String>>>(), "Option<Vec<String>>");
        assert_eq!(without_modules("(my::a::B, &c::D<e::F>)"), "(B, &D<F>)");
    }
}
