//! The values of `sslmode`, and the attempts that each makes.

/// When a connection is encrypted, and what is checked; as in `libpq`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SslMode {
    Disable,
    Allow,
    #[default]
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// An attempt to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    Plain,
    /// With TLS if the server has it.
    Preferred,
    /// With TLS or not at all.
    Encrypted,
}

impl SslMode {
    pub(crate) const ALL: [SslMode; 6] =
        [SslMode::Disable, SslMode::Allow, SslMode::Prefer, SslMode::Require, SslMode::VerifyCa, SslMode::VerifyFull];

    pub(crate) fn name(self) -> &'static str {
        match self {
            SslMode::Disable => "disable",
            SslMode::Allow => "allow",
            SslMode::Prefer => "prefer",
            SslMode::Require => "require",
            SslMode::VerifyCa => "verify-ca",
            SslMode::VerifyFull => "verify-full",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        SslMode::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Returns `true` if a connection without TLS is an error.
    pub(crate) fn requires(self) -> bool {
        matches!(self, SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull)
    }

    /// Returns the first attempt, and the one that follows if the server or its TLS refuses the first.
    pub(crate) fn attempts(self) -> (Attempt, Option<Attempt>) {
        match self {
            SslMode::Disable => (Attempt::Plain, None),
            SslMode::Allow => (Attempt::Plain, Some(Attempt::Encrypted)),
            SslMode::Prefer => (Attempt::Preferred, Some(Attempt::Plain)),
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => (Attempt::Encrypted, None),
        }
    }
}
