//! A run as a stream of chunks and drawings.

use super::Shown;
use crate::{
    chain::{Piece, Pieces},
    failure::Failure,
    langserve::read_input,
    request::{Entered, read_json},
    response::{Encoder, Frame, Frames, encoded, respond},
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use catena::{Config, Drawing, Result as RunResult, RunId};
use catena_llm::PriceTable;
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use serde_json::{json, value::RawValue};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// The interval at which a pending run is drawn.
const REDRAWN: Duration = Duration::from_millis(200);

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    input: &'a RawValue,
}

pub(super) async fn answer(State(shown): State<Shown>, request: Request) -> Result<Response, Failure> {
    let Shown { door, kept } = shown;
    let Entered { ticket, config, headers, body } = door.gate.enter(request).await?;
    let Body { input } = read_json(&headers, &body)?;
    let call = read_input(&door.served, input.get(), "input")?;
    let prices = PriceTable::default();
    let drawing = Drawing::new(&door.served.name)
        .errors(door.gate.debug)
        .onto(door.served.graph().diagram().clone())
        .price(move |model, usage| {
            let usage = serde_json::from_value(usage.clone()).ok()?;
            Some(prices.cost(model, &usage)?.as_dollars())
        });
    let run_id = ticket.run_id;
    let config = Config::new().observe(drawing.clone()).within(config).run_id(run_id);
    kept.add(run_id.to_string(), drawing.clone());
    let encoder = Drawn { run_id, drawing, last: String::new() };
    let frames = encoded(ticking(call.pieces(config)).boxed(), encoder, &door.gate);
    Ok(respond(&door.gate, &door.served, ticket, None, frames))
}

/// A chunk of the run, or the time to draw it.
enum Next {
    Piece(Piece),
    Draw,
}

/// The chunks of a run, with ticks in between until it ends.
fn ticking(pieces: Pieces) -> impl Stream<Item = RunResult<Next>> + Send {
    let mut redraw = tokio::time::interval(REDRAWN);
    redraw.set_missed_tick_behavior(MissedTickBehavior::Delay);
    stream::unfold((pieces, redraw), async |(mut pieces, mut redraw)| {
        let next = tokio::select! {
            piece = pieces.next() => piece?.map(Next::Piece),
            _ = redraw.tick() => Ok(Next::Draw),
        };
        Some((next, (pieces, redraw)))
    })
}

/// The encoder of a run as chunks and drawings.
struct Drawn {
    run_id: RunId,
    drawing: Drawing,
    /// The last drawing that was sent.
    last: String,
}

impl Encoder<Next> for Drawn {
    fn begin(&mut self, frames: &mut Frames) {
        frames.push_back(Frame::json(&json!({ "id": self.run_id })).named("run"));
    }

    fn item(&mut self, next: Next, frames: &mut Frames) -> RunResult<()> {
        match next {
            Next::Piece(piece) => frames.push_back(Frame::data(piece.into_json()?).named("piece")),
            Next::Draw => self.draw(frames),
        }
        Ok(())
    }

    fn end(&mut self, frames: &mut Frames) {
        self.draw(frames);
        frames.push_back(Frame::event("end"));
    }

    fn fail(&mut self, failure: &Failure, frames: &mut Frames) {
        self.draw(frames);
        let error = json!({ "message": failure.message, "path": failure.path, "code": failure.code });
        frames.push_back(Frame::json(&error).named("error"));
    }
}

impl Drawn {
    /// Writes the drawing, if it has changed.
    fn draw(&mut self, frames: &mut Frames) {
        let svg = self.drawing.svg();
        if svg != self.last {
            frames.push_back(Frame::json(&json!({ "svg": svg })).named("drawing"));
            self.last = svg;
        }
    }
}
