//! Characters that are escaped, as in JSON, URLs and HTML.

/// The most backslashes before a character: JSON in JSON, five times.
const NESTED: usize = 31;

/// Returns whether an escape begins with this byte.
pub(super) fn begins_with(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&')
}

/// Reads an escape of the first character of `wanted` at the beginning of `text`. Returns both lengths.
pub(super) fn read(wanted: &[u8], text: &[u8]) -> Option<(usize, usize)> {
    match text.first()? {
        b'%' => percent(wanted, text),
        b'\\' => backslash(wanted, text),
        b'&' => entity(wanted, text),
        _ => None,
    }
}

/// Returns the length of the character if `wanted` begins with it.
fn begins(wanted: &[u8], character: char) -> Option<usize> {
    let mut buffer = [0; 4];
    let encoded = character.encode_utf8(&mut buffer);
    wanted.starts_with(encoded.as_bytes()).then_some(encoded.len())
}

/// Reads `%2F`, or `%252F`, which was escaped twice.
fn percent(wanted: &[u8], text: &[u8]) -> Option<(usize, usize)> {
    let mut at = 1;
    loop {
        let digits = text.get(at..at + 2)?;
        if hex(digits).is_some_and(|byte| u8::try_from(byte).ok() == wanted.first().copied()) {
            return Some((1, at + 2));
        }
        if digits != b"25" {
            return None;
        }
        at += 2;
    }
}

/// Reads `\/`, `\"`, `\\`, `\n`, `\u002f` and `\x2f`, after any number of backslashes.
fn backslash(wanted: &[u8], text: &[u8]) -> Option<(usize, usize)> {
    let count = text.iter().take(NESTED).take_while(|byte| **byte == b'\\').count();
    let rest = &text[count..];
    let of = |character: char, length: usize| Some((begins(wanted, character)?, count + length));
    let read = match rest.first() {
        Some(b'u') => unicode(&rest[1..]).and_then(|(character, length)| of(character, length + 1)),
        Some(b'x') => rest.get(1..3).and_then(hex).and_then(char::from_u32).and_then(|character| of(character, 3)),
        Some(b'n') => of('\n', 1),
        Some(b't') => of('\t', 1),
        Some(b'r') => of('\r', 1),
        Some(&byte @ (b'/' | b'"' | b'\'')) => of(char::from(byte), 1),
        _ => None,
    };
    // Several backslashes may stand for one.
    read.or((count > 1 && wanted.first() == Some(&b'\\')).then_some((1, count)))
}

/// Reads the digits of `\u002f`, or of a pair of surrogates.
fn unicode(text: &[u8]) -> Option<(char, usize)> {
    let first = hex(text.get(..4)?)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 4));
    }
    let backslashes = text[4..].iter().take(NESTED).take_while(|byte| **byte == b'\\').count();
    let rest = text.get(4 + backslashes..)?.strip_prefix(b"u")?;
    let second = hex(rest.get(..4)?)?;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let character = char::decode_utf16(pair).next()?.ok()?;
    Some((character, 4 + backslashes + 5))
}

/// Reads `&quot;`, `&#47;` or `&#x2F;`.
fn entity(wanted: &[u8], text: &[u8]) -> Option<(usize, usize)> {
    let end = text.iter().take(12).position(|byte| *byte == b';')?;
    let character = match std::str::from_utf8(text.get(1..end)?).ok()? {
        "quot" => '"',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "apos" => '\'',
        "sol" => '/',
        "plus" => '+',
        "equals" => '=',
        name => {
            let digits = name.strip_prefix('#')?;
            let number = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => hex(digits.as_bytes())?,
                None => digits.parse().ok()?,
            };
            char::from_u32(number)?
        }
    };
    Some((begins(wanted, character)?, end + 1))
}

fn hex(digits: &[u8]) -> Option<u32> {
    let digits =
        std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}
