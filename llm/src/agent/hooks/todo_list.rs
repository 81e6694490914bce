use super::{Hook, Turn};
use crate::{Tools, agent::local::Local, tool_fn};
use catena::{Context, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const TOOL: &str = "write_todos";

const DESCRIPTION: &str = "Writes your list of things to do, in place of the one before. Use it for work of several steps: \
                           write the list first, and again when something is done or comes up.";

/// Gives the model a list of things to do, by a tool `write_todos`. The list as it is stands in the instructions of each
/// turn, so that it is not lost in a long conversation.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{Agent, Message, ToolCall, hooks::{TodoList, Turn}, testing::{Reply, Scripted}};
///
/// async fn check(turn: Turn) -> catena::Result<Turn> {
///     if turn.step() == 2 {
///         assert!(turn.instructions.as_ref().unwrap().ends_with("- [done] look\n- [in_progress] leap"));
///     }
///     Ok(turn)
/// }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let list = r#"{"todos": [{"task": "look", "status": "done"}, {"task": "leap", "status": "in_progress"}]}"#;
/// let asked = Message::assistant("").with_tool_call(ToolCall::new("1", "write_todos", list));
/// let model = Scripted::answers([Reply::from(asked), "Done.".into()]).chat();
/// let said = Agent::new(model).hook(TodoList::new()).before_model(check).invoke("Leap.").await?;
/// assert_eq!(said.messages[2].parts()[0].content(), "Noted: 1 of 2 done.");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug, Default)]
pub struct TodoList(());

#[derive(Deserialize, Serialize, JsonSchema)]
struct Todos {
    /// All things to do, in order.
    todos: Vec<Todo>,
}

#[derive(Deserialize, Serialize, JsonSchema)]
struct Todo {
    task: String,
    status: Status,
}

#[derive(Clone, Copy, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    InProgress,
    Done,
}

impl TodoList {
    /// Creates the hook.
    pub fn new() -> Self {
        TodoList::default()
    }
}

impl Hook for TodoList {
    fn name(&self) -> &'static str {
        "todo_list"
    }

    fn tools(&self) -> Result<Tools> {
        let write = tool_fn(TOOL, DESCRIPTION, |list: Todos| async move {
            let done = list.todos.iter().filter(|todo| todo.status == Status::Done).count();
            let text = format!("Noted: {done} of {} done.", list.todos.len());
            if let Some(local) = Local::around() {
                local.set(TOOL, serde_json::to_value(list)?);
            }
            Ok(text)
        });
        Tools::new().with(write.idempotent())
    }

    async fn before_model(&self, mut turn: Turn, _: &Context) -> Result<Turn> {
        // Of an earlier run, or before a pause, it is in the conversation.
        let earlier = || {
            let calls = turn.messages.iter().rev().flat_map(|message| message.tool_calls().iter().rev());
            calls.filter(|call| call.name == TOOL).find_map(|call| call.arguments::<Value>().ok())
        };
        let list = Local::around().and_then(|local| local.get(TOOL)).or_else(earlier);
        if let Some(list) = list.and_then(|list| Todos::deserialize(list).ok()).filter(|list| !list.todos.is_empty()) {
            let lines = list.todos.iter().map(|todo| {
                let status = serde_json::to_value(todo.status).unwrap_or_default();
                format!("- [{}] {}", status.as_str().unwrap_or_default(), todo.task)
            });
            let lines = lines.collect::<Vec<_>>().join("\n");
            let before = turn.instructions.map(|text| text + "\n\n").unwrap_or_default();
            turn.instructions = Some(format!("{before}Your list of things to do:\n{lines}"));
        }
        Ok(turn)
    }
}
