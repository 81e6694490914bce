//! Types change from step to step; thirty of them.
use catena::prelude::*;

fn build() -> impl Runnable<u8, Output = usize> {
    chain!(u8 =>
        |n| u16::from(n) | |n| u32::from(n) | |n| u64::from(n) | |n| n as f64 | |n| n.to_string() | |s| s.into_bytes()
        | |b| b.len() | |n| vec![n; 3] | |v| v.into_iter().sum::<usize>() | |n| Some(n) | |o| o.unwrap_or(0)
        | |n| (n, n) | |(a, b)| [a, b] | |a| a.to_vec() | |v| v.len() | |n| n.to_string() | |s| Box::new(s)
        | |b| b.len() | |n| n as u8 | |n| char::from(n) | |c| c.is_control() | |b| u8::from(b) | |n| i8::try_from(n)?
        | |n| i16::from(n) | |n| i32::from(n) | |n| i64::from(n) | |n| n.unsigned_abs() | |n| usize::try_from(n)?
        | |n| n + 1 | |n| n * 2
    )
}

fn main() {
    assert_eq!(build().invoke_blocking(7).ok(), Some(4));
}
