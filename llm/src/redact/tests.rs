use super::Redactor;
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

const SECRET: &str = "Zk/9+q\"ü=7&x w";

/// A secret as programs quote it.
fn encodings(secret: &str) -> Vec<String> {
    let json = Value::from(secret).to_string();
    let nested = Value::from(json.clone()).to_string();
    let deep = Value::from(nested.clone()).to_string();
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let lower: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
    let units = || secret.encode_utf16().collect::<Vec<_>>();
    let mut all = vec![
        secret.to_owned(),
        json,
        nested,
        deep,
        percent.replace('%', "%25"),
        percent,
        lower,
        secret.replace(' ', "+").replace('/', "%2F"),
        secret.replace('/', "\\/"),
        units().iter().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat(),
        units().iter().map(|unit| format!("\\\\u{unit:04X}")).collect::<Vec<_>>().concat(),
        secret.chars().map(|c| format!("&#{};", u32::from(c))).collect::<Vec<_>>().concat(),
        secret.chars().map(|c| format!("&#x{:X};", u32::from(c))).collect::<Vec<_>>().concat(),
        secret.replace('&', "&amp;").replace('"', "&quot;"),
        secret.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat(),
        secret.bytes().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().concat(),
    ];
    for before in ["", "a", "user:", "me:"] {
        let text = format!("{before}{secret}{before}");
        all.push(BASE64_STANDARD.encode(&text));
        all.push(BASE64_URL_SAFE_NO_PAD.encode(&text));
        all.push(Value::from(BASE64_STANDARD.encode(&text)).to_string().replace('/', "\\/"));
    }
    all
}

#[test]
fn a_known_secret_is_removed_in_every_encoding() {
    for secret in [SECRET, "sk-proj-abc/DEF+123==", "plain-words-only", "emoji 🦀 \\ key"] {
        let mut redactor = Redactor::new();
        redactor.add(secret);
        for (at, quoted) in encodings(secret).iter().enumerate() {
            let clean = redactor.clean(&format!("before <{quoted}> after"));
            let quotes = |text: &str| text.replace(['"', '\\'], "");
            assert_eq!(quotes(&clean), "before <[redacted]> after", "{secret:?}, form {at}: {quoted}");
        }
    }
}

#[test]
fn what_is_no_secret_stays() {
    let mut redactor = Redactor::new();
    redactor.add("hunter2-hunter2");
    redactor.add("key");
    for text in
        ["hunter2-hunter3", "a monkey & 50% of \\u00e9 ü 🦀", "aHVudGVyMg==", "%", "\\", "&", "%2", "\\u12", "&#;"]
    {
        assert_eq!(redactor.clean(text), text);
    }
    assert_eq!(redactor.clean("key: 'key' for a monkey, keys"), "[redacted]: '[redacted]' for a monkey, keys");
}

#[test]
fn names_and_numbers_of_json_are_cleaned_too() {
    let mut redactor = Redactor::new();
    redactor.add("1234567890");
    redactor.add("hunter2-hunter2");
    let mut value = json!({ "hunter2-hunter2": [1_234_567_890_u64, 12], "a": { "b": "Bearer hunter2-hunter2" } });
    assert!(redactor.clean_json(&mut value));
    assert_eq!(value, json!({ "[redacted]": ["[redacted]", 12], "a": { "b": "Bearer [redacted]" } }));
    assert!(!redactor.clean_json(&mut value));
}

#[test]
fn the_debug_form_shows_no_secret() {
    let mut redactor = Redactor::new();
    redactor.add("hunter2-hunter2");
    assert!(!format!("{redactor:?}").contains("hunter2"));
}

#[test]
fn a_long_text_takes_linear_time() {
    let mut redactor = Redactor::new();
    redactor.add("aaaaaaaaaaaaaaaaaaaaaaaab");
    redactor.add("\\\\\\\\\\\\\\\\");
    for text in ["a", "\\", "%25", "&#97;", "YWFh"] {
        let start = std::time::Instant::now();
        redactor.clean(&text.repeat(200_000));
        assert!(start.elapsed().as_secs() < 10, "{text}: {:?}", start.elapsed());
    }
}
