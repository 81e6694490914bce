//! Chat completions.

mod request;
mod stream;
mod whole;

pub(crate) use request::part;

use super::{Models, ask};
use crate::{failure::Failure, request::read_json};
use axum::{extract::Request, response::Response};
use std::sync::Arc;

pub(super) async fn answer(models: Arc<Models>, request: Request) -> Result<Response, Failure> {
    let entered = models.gate.enter(request).await?;
    let body: request::Body = read_json(&entered.headers, &entered.body)?;
    let served = Arc::clone(models.find(&body.model)?);
    let (streamed, with_usage) = (body.stream, body.stream_options.include_usage);
    let request = body.read()?;
    let asked = ask::ask(&models, &served, request, "response_format", (entered.config, entered.run_id))?;
    let completion = whole::Completion::new(&served.name, asked.run_id);
    if streamed {
        return Ok(stream::respond(models, asked, completion, with_usage, entered.permit));
    }
    let output = asked.call.invoke(asked.config).await;
    let message = output.and_then(|json| super::answer::message(&json)).map_err(|error| models.gate.failure(&error))?;
    Ok(completion.respond(&message, asked.spent.usage()))
}
