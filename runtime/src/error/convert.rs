use super::{BoxError, Error, original::adopt};

macro_rules! convert {
    ($($Error:ty),* $(,)?) => {$(
        impl From<$Error> for Error {
            #[cold]
            fn from(error: $Error) -> Self {
                adopt(error)
            }
        }
    )*};
}
convert!(
    std::alloc::LayoutError,
    std::array::TryFromSliceError,
    std::cell::BorrowError,
    std::cell::BorrowMutError,
    std::char::CharTryFromError,
    std::char::DecodeUtf16Error,
    std::char::ParseCharError,
    std::char::TryFromCharError,
    std::collections::TryReserveError,
    std::convert::Infallible,
    std::env::JoinPathsError,
    std::env::VarError,
    std::ffi::FromBytesUntilNulError,
    std::ffi::FromBytesWithNulError,
    std::ffi::FromVecWithNulError,
    std::ffi::IntoStringError,
    std::ffi::NulError,
    std::fmt::Error,
    std::io::Error,
    std::net::AddrParseError,
    std::num::ParseFloatError,
    std::num::ParseIntError,
    std::num::TryFromIntError,
    std::path::StripPrefixError,
    std::str::ParseBoolError,
    std::str::Utf8Error,
    std::string::FromUtf16Error,
    std::string::FromUtf8Error,
    std::sync::mpsc::RecvError,
    std::sync::mpsc::RecvTimeoutError,
    std::sync::mpsc::TryRecvError,
    std::thread::AccessError,
    std::time::SystemTimeError,
    std::time::TryFromFloatSecsError,
    serde_json::Error,
    uuid::Error,
    tokio::task::JoinError,
    tokio::time::error::Elapsed,
    BoxError,
);

#[cfg(feature = "anyhow")]
convert!(anyhow::Error);

/// A message: for `ok_or("..")?`.
impl From<&'static str> for Error {
    #[cold]
    fn from(message: &'static str) -> Self {
        Error::msg(message)
    }
}

/// A message: for `ok_or_else(|| format!(".."))?`.
impl From<String> for Error {
    #[cold]
    fn from(message: String) -> Self {
        Error::msg(message)
    }
}
