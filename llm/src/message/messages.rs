use super::Message;
use serde::{Deserialize, Serialize};
use std::{fmt, ops::Deref, sync::Arc};

/// An ordered list of messages: a conversation, or the input of a model. A clone copies a pointer.
///
/// ```
/// use catena_llm::{Message, Messages};
///
/// let mut chat: Messages = [Message::system("Be brief."), Message::user("Why is the sky blue?")].into();
/// chat.push(Message::assistant("Air scatters blue light the most."));
/// assert_eq!(chat.len(), 3);
/// assert_eq!(chat.to_string(), "system: Be brief.\nuser: Why is the sky blue?\nassistant: Air scatters blue light the most.");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Message>")]
pub struct Messages(#[serde(serialize_with = "as_list")] Arc<Vec<Message>>);

fn as_list<S: serde::Serializer>(messages: &Arc<Vec<Message>>, serializer: S) -> Result<S::Ok, S::Error> {
    messages.as_slice().serialize(serializer)
}

impl Messages {
    /// Creates an empty list.
    pub fn new() -> Self {
        Messages::default()
    }

    /// Appends a message. Earlier clones do not change.
    pub fn push(&mut self, message: Message) {
        Arc::make_mut(&mut self.0).push(message);
    }
}

impl Deref for Messages {
    type Target = [Message];

    fn deref(&self) -> &[Message] {
        &self.0
    }
}

impl From<Vec<Message>> for Messages {
    fn from(messages: Vec<Message>) -> Self {
        Messages(Arc::new(messages))
    }
}

impl From<&[Message]> for Messages {
    fn from(messages: &[Message]) -> Self {
        messages.to_vec().into()
    }
}

impl<const N: usize> From<[Message; N]> for Messages {
    fn from(messages: [Message; N]) -> Self {
        Vec::from(messages).into()
    }
}

impl From<Message> for Messages {
    fn from(message: Message) -> Self {
        vec![message].into()
    }
}

impl FromIterator<Message> for Messages {
    fn from_iter<I: IntoIterator<Item = Message>>(messages: I) -> Self {
        messages.into_iter().collect::<Vec<_>>().into()
    }
}

impl Extend<Message> for Messages {
    fn extend<I: IntoIterator<Item = Message>>(&mut self, messages: I) {
        Arc::make_mut(&mut self.0).extend(messages);
    }
}

impl IntoIterator for Messages {
    type Item = Message;
    type IntoIter = std::vec::IntoIter<Message>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

impl<'a> IntoIterator for &'a Messages {
    type Item = &'a Message;
    type IntoIter = std::slice::Iter<'a, Message>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Writes one message per line, preceded by its role.
impl fmt::Display for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, message) in self.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}: {message}", message.role())?;
        }
        Ok(())
    }
}
