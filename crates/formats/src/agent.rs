//! How a client says which program it is, and so which list of rules it holds a report to.

use relto_report::rules::LIST;

/// The value of `user-agent` that this version's client sends: `relto/`, its version, ` rules/` and the number of its list.
#[must_use]
pub fn agent() -> String {
    format!("relto/{} rules/{LIST}", env!("CARGO_PKG_VERSION"))
}

/// What a refusal under a rule of the grammar adds where the client holds reports to another list than this node, which
/// is why it let it pass; `None`: the lists are the same, or it did not come from a client of ours that says so.
#[must_use]
pub fn other_list(agent: Option<&str>) -> Option<String> {
    let agent = agent.unwrap_or_default();
    let list = agent.split(' ').find_map(|part| part.strip_prefix("rules/")).and_then(|list| list.parse::<u32>().ok());
    if list == Some(LIST) {
        return None;
    }
    let program = if list.is_some() { agent.split(' ').next().unwrap_or_default() } else { agent };
    let shown: String = program.chars().filter(char::is_ascii_graphic).take(40).collect();
    let theirs = match (list, shown.is_empty()) {
        (Some(list), _) => format!("your client is {shown} and has list {list}"),
        (None, false) => format!("your client is {shown} and does not say its list"),
        (None, true) => "your client does not say which it is".to_owned(),
    };
    Some(format!(
        "{theirs}; this node is {} with list {LIST} of the rules. Use the client of its version",
        agent_name()
    ))
}

fn agent_name() -> String {
    format!("relto {}", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_with_another_list_is_told_both() {
        assert_eq!(other_list(Some(&agent())), None);
        let told = other_list(Some("relto/0.0.9 rules/1")).unwrap();
        assert!(told.starts_with("your client is relto/0.0.9 and has list 1; this node is relto "), "{told}");
        assert!(told.contains("list 1") && told.contains(&format!("list {LIST}")), "{told}");
        assert!(other_list(Some("curl/8\u{1b}[2J")).unwrap().starts_with("your client is curl/8[2J and"));
        assert!(other_list(None).unwrap().contains("does not say"));
    }
}
