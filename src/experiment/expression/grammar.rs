//! The grammar of expressions: words and signs → a tree.

use std::ops::Range;

use super::tokens::{Token, tokens};
use super::{Binary, Expr, FUNCTIONS, Fault, Filter, Node, Selection, Unary, summary};
use crate::diagnostic::did_you_mean;
use crate::experiment::Value;

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
        let is_summary = summary::names().any(|n| n == name);
        if !is_summary && !FUNCTIONS.iter().any(|f| f.0 == name) {
            let names: Vec<_> = FUNCTIONS.iter().map(|f| f.0).chain(summary::names()).collect();
            let fault = Fault::new(at, format!("unknown function `{name}`"));
            return Err(fault.hint(did_you_mean(name, &names)));
        }
        let (arguments, options) = self.arguments()?;
        let close = self.expect(")")?;
        let range = at.start..close.end;
        // `min` of two is a function, `min` of one a statistic.
        let function = FUNCTIONS.iter().find(|f| f.0 == name && (!is_summary || f.2 == arguments.len()));
        let Some(&(_, function, arity)) = function else {
            return Ok(Expr { node: summary::read(name, arguments, options, range.clone())?, range });
        };
        if arguments.len() != arity {
            let message = format!("`{name}` takes {arity} argument(s), not {}", arguments.len());
            return Err(Fault::new(range, message));
        }
        if let Some(option) = options.first() {
            return Err(Fault::new(option.range.clone(), format!("`{name}` has no options")));
        }
        Ok(Expr { node: Node::Call(function, arguments), range })
    }

    /// Expressions, then options of the form `name = value`.
    fn arguments(&mut self) -> Result<(Vec<Expr>, Vec<Filter>), Fault> {
        let (mut arguments, mut options) = (Vec::new(), Vec::new());
        loop {
            let named = self.tokens.get(self.next + 1).is_some_and(|t| t.0 == Token::Sign("="));
            if named {
                options.push(self.filter()?);
            } else if options.is_empty() {
                arguments.push(self.expression(0)?);
            } else {
                return Err(Fault::new(self.here(), "options stand behind all quantities"));
            }
            if !self.take(",") {
                return Ok((arguments, options));
            }
        }
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
}
