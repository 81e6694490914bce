//! Connections to Postgres with TLS, of `catena-durable` and `catena-llm`. Use it through them: no item here has a promise of its
//! own.
//!
//! | file | contents |
//! |---|---|
//! | `server` | [`Server`], which connects as the settings say |
//! | `settings` | the settings of TLS, which are taken out of those of a connection |
//! | `identity` | the certificate that a client presents to a server, with its key |
//! | `ssl_mode` | the values of `sslmode`, and the attempts that each makes |
//! | `verifier` | the check of a server's certificate |
//! | `failure` | errors of TLS, with their cures |

mod failure;
mod identity;
mod server;
mod settings;
mod ssl_mode;
mod verifier;

pub use failure::is_tls;
pub use server::Server;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
