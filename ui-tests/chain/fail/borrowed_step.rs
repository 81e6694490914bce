use catena::prelude::*;

fn main() {
    let chain = {
        let prefix = String::from("> ");
        chain!(String => |text| format!("{}{text}", &prefix))
    };
    let _ = chain.invoke("text".to_owned());
}
