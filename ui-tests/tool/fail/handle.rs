use catena_llm::tool;

struct Database;

/// The orders of a customer.
#[tool]
fn orders(customer: String, database: &Database) -> String {
    let _ = database;
    customer
}

fn main() {}
