//! Expressions over results: `scale[model=large-net, m=10000].test_accuracy > 0.9`.
//!
//! The same language serves inline values, claims and the axes of figures. [`parse`] turns text into an [`Expr`];
//! [`Expr::check`] finds unknown names and mixed types before anything runs. What an expression is worth, given results,
//! is the analysis room's business.
//!
//! A name may contain hyphens, so a minus needs a space before it or after it.

use std::ops::Range;

use super::Value;
use super::measure::{self, Unit};
use crate::diagnostic::did_you_mean;

/// A parsed expression with the ranges of text its parts stand at.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub node: Node,
    /// Where in the expression's text.
    pub range: Range<usize>,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A number.
    Number(f64),
    /// A measure of the run at hand (in figures), such as `test_accuracy`.
    Measure(String),
    /// A measure of the selected runs.
    Select(Selection),
    /// A function of a quantity.
    Call(Function, Vec<Expr>),
    /// `-x` or `not x`.
    Unary(Unary, Box<Expr>),
    /// `a + b`, `a > b`, `a and b`.
    Binary(Binary, Box<Expr>, Box<Expr>),
}

/// `id[param=value, …].measure`.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// An experiment.
    pub experiment: String,
    /// Where the name stands.
    pub experiment_range: Range<usize>,
    /// Axis, value and where both stand.
    pub filters: Vec<Filter>,
    /// A measure.
    pub measure: String,
    /// Where the measure stands.
    pub measure_range: Range<usize>,
}

/// `param=value` in a selection.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// An axis of the experiment, or `seed`, `layer`, `epoch`.
    pub axis: String,
    /// The value wanted.
    pub value: Value,
    /// Where both stand.
    pub range: Range<usize>,
}

/// Functions of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// First epoch at which a measure reaches a threshold.
    EpochsTo,
    /// Updates made until then.
    StepsTo,
    /// Floating-point operations spent until then.
    FlopsTo,
    /// The best value over the epochs: the smallest of a loss or an error, the largest of anything else.
    Best,
    /// Absolute value.
    Abs,
    /// Natural logarithm.
    Ln,
    /// Decimal logarithm.
    Log10,
    /// Smaller of two.
    Min,
    /// Larger of two.
    Max,
}

/// Prefix operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    /// `-x`
    Minus,
    /// `not x`
    Not,
}

/// Infix operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `and`
    And,
    /// `or`
    Or,
}

/// What an expression is worth: a number or a truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A number.
    Number,
    /// True or false.
    Truth,
}

/// A fault in an expression, at a range of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub range: Range<usize>,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

impl Fault {
    pub(super) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Functions by name, with the number of their arguments and whether the first is a measure over epochs.
const FUNCTIONS: &[(&str, Function, usize)] = &[
    ("epochs_to", Function::EpochsTo, 2),
    ("steps_to", Function::StepsTo, 2),
    ("flops_to", Function::FlopsTo, 2),
    ("best", Function::Best, 1),
    ("abs", Function::Abs, 1),
    ("ln", Function::Ln, 1),
    ("log10", Function::Log10, 1),
    ("min", Function::Min, 2),
    ("max", Function::Max, 2),
];

impl Function {
    /// As it is written.
    pub fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|f| f.1 == self).expect("every function is in the table").0
    }

    /// Whether it reads a measure's whole course over the epochs.
    pub fn reads_course(self) -> bool {
        matches!(self, Self::EpochsTo | Self::StepsTo | Self::FlopsTo | Self::Best)
    }
}

impl Binary {
    fn of(token: &Token) -> Option<(Self, u8)> {
        Some(match token {
            Token::Word("or") => (Self::Or, 1),
            Token::Word("and") => (Self::And, 2),
            Token::Sign("<") => (Self::Less, 4),
            Token::Sign("<=") => (Self::LessEqual, 4),
            Token::Sign(">") => (Self::Greater, 4),
            Token::Sign(">=") => (Self::GreaterEqual, 4),
            Token::Sign("==") => (Self::Equal, 4),
            Token::Sign("!=") => (Self::NotEqual, 4),
            Token::Sign("+") => (Self::Add, 5),
            Token::Sign("-") => (Self::Subtract, 5),
            Token::Sign("*") => (Self::Multiply, 6),
            Token::Sign("/") => (Self::Divide, 6),
            _ => return None,
        })
    }

    /// Whether it compares two numbers.
    pub fn compares(self) -> bool {
        matches!(self, Self::Less | Self::LessEqual | Self::Greater | Self::GreaterEqual | Self::Equal | Self::NotEqual)
    }
}

/// Binding power of `not`, between `and` and the comparisons; and of the minus sign.
const NOT: u8 = 3;
const MINUS: u8 = 7;
/// Deepest nesting accepted: far beyond any sentence, far within the stack.
const DEEPEST: usize = 64;
/// Most words and signs accepted: a sum of so many terms is as deep a tree.
const LONGEST: usize = 500;

/// Parses an expression.
///
/// # Errors
/// The first thing that does not fit, with its range.
pub fn parse(text: &str) -> Result<Expr, Fault> {
    let tokens = tokens(text)?;
    if let Some((_, range)) = tokens.get(LONGEST) {
        return Err(Fault::new(range.clone(), format!("an expression has at most {LONGEST} words and signs")));
    }
    let mut parser = Parser { tokens, next: 0, end: text.len(), depth: 0 };
    if parser.tokens.is_empty() {
        return Err(Fault::new(0..text.len(), "an expression is missing here"));
    }
    let expr = parser.expression(0)?;
    match parser.tokens.get(parser.next) {
        None => Ok(expr),
        Some((Token::Sign("="), range)) => {
            Err(Fault::new(range.clone(), "`=` compares nothing").hint("write `==` to compare"))
        }
        Some((token, range)) => Err(Fault::new(range.clone(), format!("unexpected {token}"))),
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'t> {
    Number(f64, bool),
    Word(&'t str),
    Text(&'t str),
    Sign(&'static str),
}

impl std::fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(n, _) => write!(f, "number {n}"),
            Self::Word(w) => write!(f, "`{w}`"),
            Self::Text(t) => write!(f, "text \"{t}\""),
            Self::Sign(s) => write!(f, "`{s}`"),
        }
    }
}

const SIGNS: &[&str] = &["<=", ">=", "==", "!=", "<", ">", "=", "+", "-", "*", "/", "(", ")", "[", "]", ",", "."];

fn tokens(text: &str) -> Result<Vec<(Token<'_>, Range<usize>)>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = if c.is_whitespace() {
            c.len_utf8()
        } else if c.is_ascii_digit() {
            let length = number_length(rest);
            let digits = rest[..length].replace('_', "");
            let number = digits.parse().map_err(|_| Fault::new(at..at + length, "this is not a number"))?;
            let whole = !digits.contains(['.', 'e', 'E']);
            tokens.push((Token::Number(number, whole), at..at + length));
            length
        } else if c.is_alphabetic() || c == '_' {
            let length = word_length(rest);
            tokens.push((Token::Word(&rest[..length]), at..at + length));
            length
        } else if c == '"' {
            let close = rest[1..].find('"').ok_or_else(|| Fault::new(at..text.len(), "this text has no end"))?;
            tokens.push((Token::Text(&rest[1..=close]), at..at + close + 2));
            close + 2
        } else if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
            tokens.push((Token::Sign(sign), at..at + sign.len()));
            sign.len()
        } else {
            return Err(Fault::new(at..at + c.len_utf8(), format!("`{c}` means nothing here")));
        };
        at += length;
    }
    Ok(tokens)
}

/// Length of the number at the start: digits, `_`, a fraction, an exponent.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut i: usize| {
        while bytes.get(i).is_some_and(|b| b.is_ascii_digit() || *b == b'_') {
            i += 1;
        }
        i
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = digits(end + 1);
    }
    if bytes.get(end).is_some_and(|b| *b == b'e' || *b == b'E') {
        let sign = usize::from(bytes.get(end + 1).is_some_and(|b| *b == b'-' || *b == b'+'));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1 + sign);
        }
    }
    end
}

/// Length of the name at the start; a hyphen belongs to it where a letter or digit follows.
fn word_length(text: &str) -> usize {
    let mut characters = text.char_indices().peekable();
    while let Some((i, c)) = characters.next() {
        let inside = c.is_alphanumeric()
            || c == '_'
            || (c == '-' && characters.peek().is_some_and(|(_, next)| next.is_alphanumeric()));
        if !inside {
            return i;
        }
    }
    text.len()
}

struct Parser<'t> {
    tokens: Vec<(Token<'t>, Range<usize>)>,
    next: usize,
    end: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.next).map(|t| t.0)
    }

    fn here(&self) -> Range<usize> {
        self.tokens.get(self.next).map_or(self.end..self.end, |t| t.1.clone())
    }

    fn take(&mut self, sign: &'static str) -> bool {
        let found = self.peek() == Some(Token::Sign(sign));
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &'static str) -> Result<Range<usize>, Fault> {
        let range = self.here();
        if self.take(sign) { Ok(range) } else { Err(Fault::new(range, format!("`{sign}` is missing here"))) }
    }

    /// Everything that binds at least as tightly as `power`.
    fn expression(&mut self, power: u8) -> Result<Expr, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Fault::new(self.here(), format!("an expression nests at most {DEEPEST} deep")));
        }
        let mut left = self.operand()?;
        while let Some((operator, binds)) = self.peek().and_then(|t| Binary::of(&t)) {
            if binds < power.max(1) {
                break;
            }
            self.next += 1;
            let right = self.expression(binds + 1)?;
            let range = left.range.start..right.range.end;
            left = Expr { node: Node::Binary(operator, Box::new(left), Box::new(right)), range };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expr, Fault> {
        let range = self.here();
        let Some(token) = self.peek() else {
            return Err(Fault::new(range, "the expression ends too early"));
        };
        self.next += 1;
        match token {
            Token::Number(n, _) => Ok(Expr { node: Node::Number(n), range }),
            Token::Sign("-") => self.unary(Unary::Minus, MINUS, range),
            Token::Word("not") => self.unary(Unary::Not, NOT, range),
            Token::Sign("(") => {
                let inner = self.expression(0)?;
                let close = self.expect(")")?;
                Ok(Expr { node: inner.node, range: range.start..close.end })
            }
            Token::Word(name) if self.take("(") => self.call(name, range),
            Token::Word(name) if matches!(self.peek(), Some(Token::Sign("[" | "."))) => self.selection(name, range),
            Token::Word(name) => Ok(Expr { node: Node::Measure(name.to_owned()), range }),
            other => Err(Fault::new(range, format!("unexpected {other}"))),
        }
    }

    fn unary(&mut self, operator: Unary, power: u8, range: Range<usize>) -> Result<Expr, Fault> {
        let inner = self.expression(power)?;
        let range = range.start..inner.range.end;
        Ok(Expr { node: Node::Unary(operator, Box::new(inner)), range })
    }

    fn call(&mut self, name: &str, at: Range<usize>) -> Result<Expr, Fault> {
        let Some(&(_, function, arity)) = FUNCTIONS.iter().find(|f| f.0 == name) else {
            let names: Vec<_> = FUNCTIONS.iter().map(|f| f.0).collect();
            let fault = Fault::new(at, format!("unknown function `{name}`"));
            return Err(fault.hint(did_you_mean(name, &names)));
        };
        let mut arguments = vec![self.expression(0)?];
        while self.take(",") {
            arguments.push(self.expression(0)?);
        }
        let close = self.expect(")")?;
        let range = at.start..close.end;
        if arguments.len() != arity {
            let message = format!("`{name}` takes {arity} argument(s), not {}", arguments.len());
            return Err(Fault::new(range, message));
        }
        Ok(Expr { node: Node::Call(function, arguments), range })
    }

    fn selection(&mut self, name: &str, at: Range<usize>) -> Result<Expr, Fault> {
        let mut filters = Vec::new();
        if self.take("[") && !self.take("]") {
            loop {
                filters.push(self.filter()?);
                if !self.take(",") {
                    break;
                }
            }
            self.expect("]")?;
        }
        if !self.take(".") {
            let fault = Fault::new(at.start..self.here().start, "a measure is missing after the selection");
            return Err(fault.hint(format!("write `{name}[…].test_accuracy`, say")));
        }
        let measure_range = self.here();
        let Some(Token::Word(measure)) = self.peek() else {
            return Err(Fault::new(measure_range, "a measure is missing after the dot"));
        };
        self.next += 1;
        let range = at.start..measure_range.end;
        let experiment = name.to_owned();
        let selection =
            Selection { experiment, experiment_range: at, filters, measure: measure.to_owned(), measure_range };
        Ok(Expr { node: Node::Select(selection), range })
    }

    fn filter(&mut self) -> Result<Filter, Fault> {
        let start = self.here();
        let Some(Token::Word(axis)) = self.peek() else {
            return Err(Fault::new(start, "the name of a parameter is missing here"));
        };
        self.next += 1;
        if self.take("==") {
            return Err(Fault::new(start, "a selection is written with one `=`").hint(format!("`{axis}=…`")));
        }
        self.expect("=")?;
        let value = self.value()?;
        let end = self.tokens[self.next - 1].1.end;
        Ok(Filter { axis: axis.to_owned(), value, range: start.start..end })
    }

    fn value(&mut self) -> Result<Value, Fault> {
        let range = self.here();
        let Some(token) = self.peek() else {
            return Err(Fault::new(range, "a value is missing here"));
        };
        self.next += 1;
        Ok(match token {
            Token::Number(n, whole) => number(n, whole),
            Token::Sign("-") => match self.value()? {
                Value::Integer(i) => Value::Integer(-i),
                Value::Float(x) => Value::Float(-x),
                _ => return Err(Fault::new(range, "a minus stands before a number only")),
            },
            Token::Word("true") => Value::Bool(true),
            Token::Word("false") => Value::Bool(false),
            Token::Word(text) | Token::Text(text) => Value::Text(text.to_owned()),
            Token::Sign("[") => {
                let mut items = Vec::new();
                while !self.take("]") {
                    items.push(self.value()?);
                    if !self.take(",") {
                        self.expect("]")?;
                        break;
                    }
                }
                Value::List(items)
            }
            other => return Err(Fault::new(range, format!("unexpected {other}, where a value should stand"))),
        })
    }
}

fn number(n: f64, whole: bool) -> Value {
    if whole && n < 9e15 { Value::Integer(n as i64) } else { Value::Float(n) }
}

impl Expr {
    /// Finds the type, and everything that is wrong with types and names of measures.
    pub fn check(&self, faults: &mut Vec<Fault>) -> Type {
        match &self.node {
            Node::Number(_) => Type::Number,
            Node::Measure(name) => {
                check_measure(name, &self.range, faults);
                Type::Number
            }
            Node::Select(selection) => {
                check_measure(&selection.measure, &selection.measure_range, faults);
                Type::Number
            }
            Node::Call(function, arguments) => {
                for argument in arguments {
                    argument.want(Type::Number, faults);
                }
                if function.reads_course() {
                    arguments[0].check_course(*function, faults);
                }
                Type::Number
            }
            Node::Unary(Unary::Minus, inner) => inner.want(Type::Number, faults),
            Node::Unary(Unary::Not, inner) => inner.want(Type::Truth, faults),
            Node::Binary(Binary::And | Binary::Or, a, b) => {
                a.want(Type::Truth, faults);
                b.want(Type::Truth, faults)
            }
            Node::Binary(operator, a, b) => {
                a.want(Type::Number, faults);
                b.want(Type::Number, faults);
                if operator.compares() { Type::Truth } else { Type::Number }
            }
        }
    }

    /// Checks that it is of one type; returns that type.
    pub fn want(&self, wanted: Type, faults: &mut Vec<Fault>) -> Type {
        let found = self.check(faults);
        if found != wanted {
            let (is, should) = match wanted {
                Type::Number => ("true or false", "a number"),
                Type::Truth => ("a number", "a comparison"),
            };
            faults.push(Fault::new(self.range.clone(), format!("this is {is}, where {should} is wanted")));
        }
        wanted
    }

    /// The argument of a function over the epochs is a measure that has a course.
    fn check_course(&self, function: Function, faults: &mut Vec<Fault>) {
        let name = match &self.node {
            Node::Measure(name) => name,
            Node::Select(selection) => &selection.measure,
            _ => {
                let message = format!("`{}` follows one measure over the epochs", function.name());
                faults.push(Fault::new(self.range.clone(), message).hint("give it a bare measure"));
                return;
            }
        };
        if measure::find(name).is_some_and(|m| !m.by_epoch) {
            faults.push(Fault::new(self.range.clone(), format!("`{name}` is not recorded by epoch")));
        }
    }

    /// What the number counts, as far as the operators leave it.
    pub fn unit(&self) -> Unit {
        match &self.node {
            Node::Number(_) => Unit::Plain,
            Node::Measure(name) => measure::find(name).map_or(Unit::Plain, |m| m.unit),
            Node::Select(selection) => measure::find(&selection.measure).map_or(Unit::Plain, |m| m.unit),
            Node::Call(Function::EpochsTo | Function::StepsTo | Function::FlopsTo, _) => Unit::Count,
            Node::Call(Function::Ln | Function::Log10, _) => Unit::Plain,
            Node::Call(_, arguments) => arguments[0].unit(),
            Node::Unary(_, inner) => inner.unit(),
            Node::Binary(Binary::Subtract, a, b) if a.unit() == Unit::Share && b.unit() == Unit::Share => Unit::Points,
            Node::Binary(Binary::Add | Binary::Subtract, a, b) => match (a.unit(), b.unit()) {
                (Unit::Share, _) | (_, Unit::Share) => Unit::Share,
                (a, b) if a == b => a,
                _ => Unit::Plain,
            },
            Node::Binary(..) => Unit::Plain,
        }
    }

    /// All selections in it, from left to right.
    pub fn selections(&self) -> Vec<&Selection> {
        match &self.node {
            Node::Select(selection) => vec![selection],
            Node::Number(_) | Node::Measure(_) => Vec::new(),
            Node::Unary(_, inner) => inner.selections(),
            Node::Call(_, arguments) => arguments.iter().flat_map(Self::selections).collect(),
            Node::Binary(_, a, b) => [a.selections(), b.selections()].concat(),
        }
    }

    /// The first bare measure in it, with its range.
    pub fn bare_measure(&self) -> Option<(&str, Range<usize>)> {
        match &self.node {
            Node::Measure(name) => Some((name, self.range.clone())),
            Node::Number(_) | Node::Select(_) => None,
            Node::Unary(_, inner) => inner.bare_measure(),
            Node::Call(_, arguments) => arguments.iter().find_map(Self::bare_measure),
            Node::Binary(_, a, b) => a.bare_measure().or_else(|| b.bare_measure()),
        }
    }
}

fn check_measure(name: &str, range: &Range<usize>, faults: &mut Vec<Fault>) {
    if measure::find(name).is_none() {
        let names: Vec<_> = measure::MEASURES.iter().map(|m| m.name).collect();
        let fault = Fault::new(range.clone(), format!("unknown measure `{name}`"));
        faults.push(fault.hint(did_you_mean(name, &names)));
    }
}

#[cfg(test)]
mod tests {
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
        check("min(1)", Err("`min` takes 2 argument(s), not 1"));
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
}
