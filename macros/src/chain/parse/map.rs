//! The fields of a parallel map.

use super::Reader;
use crate::chain::{
    ast::{Chain, Map, MapField, Rest, Step},
    lexer::{Cursor, Within},
};
use proc_macro2::{Ident, Span};
use syn::Type;

impl Reader<'_> {
    /// Parses `<name: chain, name?: chain, ..> as Type`.
    pub(super) fn map(&self, cursor: &mut Cursor) -> Map {
        let open = cursor.span();
        cursor.next();
        cursor.depth += 1;
        let map = self.fields(cursor, open);
        cursor.depth -= 1;
        map
    }

    /// Parses a map after its `<`.
    fn fields(&self, cursor: &mut Cursor, open: Span) -> Map {
        let mut map = Map { open, fields: Vec::new(), rest: None, target: None, broken: Vec::new() };
        let mut sound = true;
        loop {
            if cursor.eat('>').is_some() {
                break;
            }
            if cursor.is_empty() {
                let message =
                    "this `<` is not closed by a `>`; a comparison in a branch goes into parentheses, `(a < b)`";
                let mistake = syn::Error::new(open, message);
                match map.fields.last_mut() {
                    // Steps after the last branch may have been meant to follow the map.
                    Some(last) => last.chain.steps.insert(usize::from(sound), Step::Broken(mistake)),
                    None => map.broken.push(mistake),
                }
                return map;
            }
            let before = self.diagnostics.count();
            self.entry(cursor, &mut map);
            sound = before == self.diagnostics.count();
            map.broken.extend(self.diagnostics.split_off(before));
            if cursor.at_field(Within::Map) {
                self.no_comma(cursor, map.fields.last().map(|field| &field.name));
                continue;
            }
            if !cursor.is('>') && !cursor.is_empty() && cursor.eat(',').is_none() {
                self.error(cursor.span(), "expected `,` or `>` after this field");
                // Skip at least one token, so that parsing always advances.
                cursor.next();
                cursor.step(Within::Map);
                cursor.eat(',');
            }
        }
        if cursor.is_ident("as") {
            cursor.next();
            let span = cursor.span();
            let target = cursor.ty();
            let no_struct = || syn::Error::new(span, "after `as` stands the struct to fill: `<..> as Answers`");
            if target.is_empty() {
                map.broken.push(no_struct());
            } else {
                match syn::parse2(target) {
                    Ok(target @ Type::Path(_)) => map.target = Some(target),
                    // A reference, or bounds, which a `+` in place of a `|` makes of a struct.
                    Ok(_) => map.broken.push(no_struct()),
                    Err(error) => map.broken.push(error),
                }
            }
        }
        map
    }

    /// Reports a field after which the next one begins without a `,`, and skips the `|` in its place.
    fn no_comma(&self, cursor: &mut Cursor, last: Option<&Ident>) {
        let pipe = cursor.eat('|');
        let (span, next) = (cursor.span(), cursor.peek().map(ToString::to_string).unwrap_or_default());
        let fields = match last {
            Some(last) => format!("`<{last}: .., {next}: ..>`"),
            None => format!("`<.., {next}: ..>`"),
        };
        match pipe {
            Some(pipe) => self.error(pipe, format!("fields of a map are separated by `,`, not by `|`: {fields}")),
            None => self.error(span, format!("a `,` is missing before the field `{next}`: {fields}")),
        }
    }

    /// Parses one field of a map, or `..`.
    fn entry(&self, cursor: &mut Cursor, map: &mut Map) {
        let left_out = self.attributes(cursor);
        if cursor.is_pair('.', '.') {
            let span = cursor.span();
            cursor.next();
            cursor.next();
            if map.rest.is_some() {
                self.error(span, "one `..` copies all fields that are there");
            } else {
                map.rest = Some(Rest { span, at: map.fields.len() });
            }
            return;
        }
        if let Some(comma) = cursor.is(',').then(|| cursor.span()) {
            self.error(comma, "stray `,`: there is no field before it");
            return;
        }
        let Some(name) = cursor.eat_ident() else {
            let message = "a branch of a parallel map has a name: `<gpt: model_a, claude: model_b>`";
            self.error(cursor.span(), message);
            cursor.step(Within::Map);
            return;
        };
        let known = self.no_keyword(&name);
        let settled = cursor.eat('?').is_some();
        let wrong = ["->", "=>", "="].into_iter().find(|arrow| match arrow.as_bytes() {
            [first, second] => cursor.is_pair(char::from(*first), char::from(*second)),
            _ => cursor.is('='),
        });
        let chain = if let Some(arrow) = wrong {
            let message = format!("after the name of a field stands `:`, not `{arrow}`: `<{name}: ..>`");
            self.error(cursor.span(), message);
            cursor.skip_to(cursor.at() + arrow.len());
            self.chain(cursor, Within::Map)
        } else if cursor.is_pair(':', ':') || cursor.eat(':').is_none() {
            let message = format!("expected `:` after the field `{name}`: `<{name}: step, ..>`");
            let error = syn::Error::new(name.span(), message);
            // The tokens here are most likely the step: skip them, so that the rest is understood.
            cursor.step(Within::Map);
            Chain { steps: vec![Step::Broken(error)] }
        } else {
            self.chain(cursor, Within::Map)
        };
        if known.is_some() && !left_out {
            map.fields.push(MapField { name, settled, chain });
        }
    }
}
