//! The list of models: the chains that take a conversation and give an answer.

use super::Models;
use crate::failure::Failure;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

pub(super) fn list(models: &Models) -> Response {
    let list: Vec<Value> = models.chains.iter().map(|served| model(models, &served.name)).collect();
    Json(json!({ "object": "list", "data": list })).into_response()
}

pub(super) fn one(models: &Models, name: &str) -> Result<Response, Failure> {
    let served = models.find(name)?;
    Ok(Json(model(models, &served.name)).into_response())
}

fn model(models: &Models, name: &str) -> Value {
    json!({ "id": name, "object": "model", "created": models.created, "owned_by": "catena" })
}
