//! Expressions that are sound, and what is said of those that are not.

use super::*;

fn check(text: &str, expected: Result<Type, &str>) {
    let mut faults = Vec::new();
    let found = parse(text).map(|e| e.check(&mut faults)).map_err(|f| f.message);
    let found = match faults.first() {
        Some(fault) => Err(fault.message.clone()),
        None => found,
    };
    assert_eq!(found, expected.map_err(str::to_owned), "{text}");
}

#[test]
fn sound_expressions_have_a_type() {
    check("1 + 2 * 3", Ok(Type::Number));
    check("scale[model=large-net, m=10_000].test_accuracy", Ok(Type::Number));
    check("scale.test_accuracy - 0.5", Ok(Type::Number));
    check("a[hidden=[256, 256]].test_loss < a[hidden=[8]].test_loss + 1e-3", Ok(Type::Truth));
    check("not a.test_loss > 1 and -a.test_loss < 2 or 1 == 2", Ok(Type::Truth));
    check("epochs_to(test_accuracy, 0.9) / 2", Ok(Type::Number));
}

#[test]
fn faults_name_what_is_wrong() {
    check("", Err("an expression is missing here"));
    check("1 +", Err("the expression ends too early"));
    check("a.test_acuracy", Err("unknown measure `test_acuracy`"));
    check("a[m=1]", Err("a measure is missing after the selection"));
    check("a[m==1].test_loss", Err("a selection is written with one `=`"));
    check("a.test_loss = 1", Err("`=` compares nothing"));
    check("1 and 2", Err("this is a number, where a comparison is wanted"));
    check("epoch_to(test_loss, 1)", Err("unknown function `epoch_to`"));
    check("epochs_to(1 + 2, 1)", Err("`epochs_to` follows one measure over the epochs"));
    check("epochs_to(parameters, 1)", Err("`parameters` is not recorded by epoch"));
    check("ratio(1)", Err("`ratio` takes 2 argument(s), not 1"));
    check("min(1)", Ok(Type::Number));
    check("a.test_loss ? 1", Err("`?` means nothing here"));
    check(&"(".repeat(500), Err("an expression nests at most 64 deep"));
    check(&format!("1{}", "+1".repeat(100_000)), Err("an expression has at most 500 words and signs"));
    check(&format!("a[m={}1]", "-".repeat(100_000)), Err("an expression has at most 500 words and signs"));
}

#[test]
fn multiplication_binds_before_addition_and_a_name_keeps_its_hyphen() {
    let expr = parse("1 - 2 - 3 * 4").expect("sound");
    let Node::Binary(Binary::Subtract, left, _) = expr.node else { panic!("a difference") };
    assert!(matches!(left.node, Node::Binary(Binary::Subtract, ..)), "differences associate to the left");
    assert_eq!(parse("a-b").expect("a name").node, Node::Measure("a-b".into()));
}
