//! `--draw`: what happens in the run, drawn.

use catena::{Config, Drawing, Error, Live, Result};
use catena_llm::{Cost, PriceTable, Usage};
use std::{path::PathBuf, str::FromStr};

/// How to draw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Draw {
    Live,
    Text,
    Svg(PathBuf),
    Html(PathBuf),
}

impl FromStr for Draw {
    type Err = String;

    fn from_str(written: &str) -> std::result::Result<Self, String> {
        match (written, written.split_once('=')) {
            ("live", _) => Ok(Draw::Live),
            ("text", _) => Ok(Draw::Text),
            (_, Some(("svg", file))) if !file.is_empty() => Ok(Draw::Svg(file.into())),
            (_, Some(("html", file))) if !file.is_empty() => Ok(Draw::Html(file.into())),
            _ => Err("it is one of `live`, `text`, `svg=FILE` and `html=FILE`".to_owned()),
        }
    }
}

/// The run that is drawn, if any is.
pub(crate) struct Drawn {
    how: Option<Draw>,
    live: Option<Live>,
    drawing: Drawing,
}

impl Drawn {
    pub(crate) fn new(how: Option<Draw>) -> Self {
        let prices = PriceTable::default();
        let drawing = Drawing::new("compare").price(move |model, usage| {
            let usage: Usage = serde_json::from_value(usage.clone()).ok()?;
            prices.cost(model, &usage).map(Cost::as_dollars)
        });
        let live = (how == Some(Draw::Live)).then(|| Live::stderr(drawing.clone()));
        Drawn { how, live, drawing }
    }

    /// What is on the terminal while others write to it.
    pub(crate) fn live(&self) -> Option<Live> {
        self.live.clone()
    }

    pub(crate) fn observe(&self, config: Config) -> Config {
        match (&self.how, &self.live) {
            (None, _) => config,
            (Some(_), Some(live)) => config.observe(live.clone()),
            (Some(_), None) => config.observe(self.drawing.clone()),
        }
    }

    /// The run has ended.
    pub(crate) fn finish(&self) -> Result<()> {
        let (file, text) = match &self.how {
            None | Some(Draw::Live) => return Ok(()),
            Some(Draw::Text) => {
                eprintln!("\n{}", self.drawing.text(100));
                return Ok(());
            }
            Some(Draw::Svg(file)) => (file, self.drawing.svg()),
            Some(Draw::Html(file)) => (file, self.drawing.html()),
        };
        std::fs::write(file, text)
            .map_err(|error| Error::from(error).while_doing(format!("writing {}", file.display())))
    }
}
