use super::*;

#[derive(Clone, Record)]
struct Twelve {
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    g: u8,
    h: u8,
    i: u8,
    j: u8,
    k: u8,
    l: u8,
    m: u8,
}

#[runnable]
#[allow(clippy::too_many_arguments, clippy::many_single_char_names)]
fn all(m: u8, a: u8, b: &u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: &u8) -> u32 {
    [a, *b, c, d, e, f, g, h, i, j, k, *l, m].into_iter().map(u32::from).sum()
}

#[tokio::test]
async fn more_than_twelve_parameters_are_taken_by_name() -> catena::Result<()> {
    let input = Twelve { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10, k: 11, l: 12, m: 13 };
    assert_eq!(all.invoke(input).await?, 91);
    Ok(())
}

#[tokio::test]
async fn steps_are_values_to_copy_and_print() -> catena::Result<()> {
    let (one, two) = (all, all);
    assert_eq!(format!("{one:?} {two:?} {:?}", attributes::plus_one), "all all plus_one");
    let table: [(&str, attributes::plus_one); 1] = [("plus", attributes::plus_one)];
    assert_eq!(table[0].1.invoke(1).await?, 2);
    assert_eq!(size_of::<attributes::plus_one>(), 0);
    Ok(())
}
