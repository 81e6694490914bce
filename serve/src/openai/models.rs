//! The list of models: the chains that take a conversation and give an answer.

use super::Models;
use crate::failure::Failure;
use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn list(State(models): State<Arc<Models>>) -> Json<Value> {
    let list: Vec<Value> = models.chains.iter().map(|served| model(&models, &served.name)).collect();
    Json(json!({ "object": "list", "data": list }))
}

pub(super) async fn one(State(models): State<Arc<Models>>, Path(name): Path<String>) -> Result<Json<Value>, Failure> {
    let served = models.find(&name)?;
    Ok(Json(model(&models, &served.name)))
}

fn model(models: &Models, name: &str) -> Value {
    json!({ "id": name, "object": "model", "created": models.created, "owned_by": "catena" })
}
