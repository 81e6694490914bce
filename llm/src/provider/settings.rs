//! The setters that all builders have: of the connection to a provider.

/// Writes the setters of the connection, for a builder that has its [`Settings`](super::connection::Settings) in a field `settings`.
macro_rules! connection_setters {
    () => {
        /// Sets the key. Takes precedence over the environment.
        pub fn api_key(mut self, key: impl Into<String>) -> Self {
            self.settings.api_key = Some(key.into());
            self
        }

        /// Sets a token that is sent as `Authorization: Bearer`, in place of a key: for servers in front of a provider,
        /// and for Entra ID at Azure. Takes precedence over the environment.
        pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
            self.settings.api_key = Some(token.into());
            self.settings.is_bearer = true;
            self
        }

        /// Sets the base URL. Takes precedence over the environment and the provider's default. The closing slash is
        /// optional. URLs of Anthropic and Gemini may omit the version (`/v1`, `/v1beta`).
        pub fn base_url(mut self, url: impl Into<String>) -> Self {
            self.settings.base_url = Some(url.into());
            self
        }

        /// Sets a header of every request: for gateways, organisations, or preview features. Replaces an earlier header
        /// of this name. The value is treated as a secret: it appears in no error, log or description.
        ///
        /// ```
        /// let model = catena_llm::openai("gpt-4o-mini").api_key("sk-..").header("OpenAI-Organization", "org-123").build()?;
        /// # Ok::<(), catena::Error>(())
        /// ```
        pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
            self.settings.headers.set(name.into(), value.into());
            self
        }

        /// Sets the HTTP client: for a proxy, certificates, or its own limits; see [`HttpClient`](crate::HttpClient).
        ///
        /// The default client uses the variables `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Requests to this machine,
        /// at `localhost` or loopback addresses, use no proxy. All that is built in a tokio runtime shares it and its
        /// connections. Limit the duration of requests in the chain, by [`timeout`](catena::StepExt::timeout), which
        /// covers streams and waiting too.
        pub fn http_client(mut self, client: impl Into<crate::HttpClient>) -> Self {
            self.settings.http_client = Some(client.into());
            self
        }

        /// Sets the longest time from the request to the beginning of the response. A whole answer begins when it is
        /// complete, so that the default is 15 minutes. A longer wait is an [`ErrorKind::Timeout`](catena::ErrorKind).
        pub fn response_timeout(mut self, limit: std::time::Duration) -> Self {
            self.settings.limits.first_byte = limit;
            self
        }

        /// Sets the longest time between two pieces of a response. The default is 5 minutes. A longer wait is an
        /// [`ErrorKind::Timeout`](catena::ErrorKind).
        pub fn idle_timeout(mut self, limit: std::time::Duration) -> Self {
            self.settings.limits.idle = limit;
            self
        }

        /// Sets the most bytes of an answer, whole or streamed, as they are sent. The default is 16 MiB for a whole
        /// answer, which is in memory at once, and 256 MiB for a streamed one. A larger answer is an error.
        pub fn max_answer_bytes(mut self, bytes: usize) -> Self {
            self.settings.limits.stream = bytes;
            self.settings.limits.whole = bytes;
            self
        }

        /// Sets the most bytes that are read of an error. The default is 64 KiB. The rest is left out of
        /// [`ProviderError::body`](crate::ProviderError::body).
        pub fn max_error_bytes(mut self, bytes: usize) -> Self {
            self.settings.limits.error_body = bytes;
            self
        }

        /// Sets the lookup of the key and the base URL, which replaces the environment of the process.
        ///
        /// ```
        /// let nothing = catena_llm::openai("gpt-4o-mini").variables(|_| None).build();
        /// assert!(nothing.unwrap_err().message().contains("OPENAI_API_KEY"));
        /// ```
        pub fn variables(mut self, lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
            self.settings.variables = std::sync::Arc::new(lookup);
            self
        }
    };
}
pub(super) use connection_setters;
