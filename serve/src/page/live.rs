//! A run as a stream of chunks and drawings.

use super::kept::Kept;
use crate::{
    chain::{Piece, Pieces},
    failure::Failure,
    langserve::{Door, read_input},
    request::read_json,
    response::{Frame, respond},
};
use axum::{extract::Request, response::Response};
use catena::{Config, Drawing};
use catena_llm::PriceTable;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{json, value::RawValue};
use std::{sync::Arc, time::Duration};
use tokio::time::{Interval, MissedTickBehavior};

/// The interval at which a pending run is drawn.
const REDRAWN: Duration = Duration::from_millis(200);

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    input: &'a RawValue,
}

/// The rest to send.
struct Running {
    pieces: Pieces,
    drawing: Drawing,
    drawn: String,
    redraw: Interval,
    door: Arc<Door>,
    over: bool,
}

pub(super) async fn answer(door: Arc<Door>, kept: Arc<Kept>, request: Request) -> Result<Response, Failure> {
    let entered = door.gate.enter(request).await?;
    let Body { input } = read_json(&entered.headers, &entered.body)?;
    let call = read_input(&door.served, input.get(), "input")?;
    let prices = PriceTable::default();
    let drawing = Drawing::new(&door.served.name)
        .errors(door.gate.debug)
        .onto(door.served.graph().diagram().clone())
        .price(move |model, usage| {
            let usage = serde_json::from_value(usage.clone()).ok()?;
            Some(prices.cost(model, &usage)?.as_dollars())
        });
    let config = Config::new().observe(drawing.clone()).within(entered.config).run_id(entered.run_id);
    kept.add(entered.run_id.to_string(), drawing.clone());
    let mut redraw = tokio::time::interval(REDRAWN);
    redraw.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let gate = Arc::clone(&door.gate);
    let first = Frame::json(&json!({ "id": entered.run_id })).named("run");
    let running = Running { pieces: call.pieces(config), drawing, drawn: String::new(), redraw, door, over: false };
    let frames = stream::unfold(running, async |mut running| {
        let frames = running.next().await?;
        Some((stream::iter(frames), running))
    });
    let frames = stream::once(std::future::ready(first)).chain(frames.flatten());
    Ok(respond(&gate, entered.run_id, None, frames, entered.permit))
}

impl Running {
    async fn next(&mut self) -> Option<Vec<Frame>> {
        if self.over {
            return None;
        }
        tokio::select! {
            piece = self.pieces.next() => Some(match piece {
                Some(Ok(Piece { json, .. })) => vec![Frame::data(json).named("piece")],
                Some(Err(error)) => {
                    let failure = self.door.gate.failure(&error);
                    let error = json!({ "message": failure.message, "path": error.path(), "code": failure.code });
                    self.last(Frame::json(&error).named("error"))
                }
                None => self.last(Frame::event("end")),
            }),
            _ = self.redraw.tick() => Some(self.redrawn().into_iter().collect()),
        }
    }

    /// The last drawing, and the last word.
    fn last(&mut self, word: Frame) -> Vec<Frame> {
        self.over = true;
        // The end of the run is drawn when its stream is dropped, if it was not read to its end.
        self.pieces = stream::empty().boxed();
        self.redrawn().into_iter().chain([word]).collect()
    }

    /// The drawing, if it has changed.
    fn redrawn(&mut self) -> Option<Frame> {
        let svg = self.drawing.svg();
        (svg != self.drawn).then(|| {
            self.drawn.clone_from(&svg);
            Frame::json(&json!({ "svg": svg })).named("drawing")
        })
    }
}
