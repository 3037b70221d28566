//! Puts functions beside those they are like. What brotli has seen a moment ago costs it less to say again, so that the
//! module is a fortieth smaller on its way.

use crate::Outcome;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// The module, its functions in another order.
pub(crate) fn by_likeness(module: &[u8]) -> Outcome<Vec<u8>> {
    let (mut imported, mut traits) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                }
            }
            Payload::CodeSectionEntry(body) => traits.push(Traits::of(body.as_bytes())),
            _ => {}
        }
    }
    let mut order = Order::new(imported, chain(&traits));
    let mut ordered = Module::new();
    order.parse_core_module(&mut ordered, Parser::new(0), module).map_err(|error| error.to_string())?;
    Ok(ordered.finish())
}

/// Which sequences of four bytes are in a function, by a hash: a bit for each.
struct Traits([u64; Self::WORDS]);

impl Traits {
    const WORDS: usize = 128;

    fn of(body: &[u8]) -> Self {
        let mut words = [0; Self::WORDS];
        for four in body.windows(4) {
            let four = four.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
            let hash = four.wrapping_mul(0x9e37_79b1) >> (32 - 13);
            words[hash as usize / 64] |= 1 << (hash % 64);
        }
        Self(words)
    }

    fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The more of what either has the other has, too.
    fn likeness(&self, other: &Self) -> f64 {
        let both: u32 = self.0.iter().zip(&other.0).map(|(one, other)| (one & other).count_ones()).sum();
        f64::from(both) / (f64::from(self.count() + 1) * f64::from(other.count() + 1)).sqrt()
    }
}

/// All of them, each followed by the one most like it of those left.
fn chain(traits: &[Traits]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..traits.len()).collect();
    let mut chain: Vec<usize> = Vec::new();
    while !left.is_empty() {
        let likeness = |at: &usize| chain.last().map_or(0.0, |last| traits[*last].likeness(&traits[left[*at]]));
        // The first of the best ones.
        let next = (0..left.len()).rev().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
        chain.push(left.remove(next.unwrap_or_default()));
    }
    chain
}

/// Another order of the functions that a module has of its own.
struct Order {
    imported: u32,
    /// The old numbers, in the new order.
    old: Vec<usize>,
    /// The new numbers, in the old order.
    new: Vec<u32>,
}

impl Order {
    fn new(imported: u32, old: Vec<usize>) -> Self {
        let mut new = vec![0; old.len()];
        for (number, old) in (0..).zip(&old) {
            new[*old] = number;
        }
        Self { imported, old, new }
    }
}

impl Reencode for Order {
    type Error = Infallible;

    fn function_index(&mut self, number: u32) -> Result<u32, Error> {
        let own = number.checked_sub(self.imported);
        Ok(own.map_or(number, |own| self.imported + self.new[own as usize]))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        let kinds = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for old in self.old.clone() {
            functions.function(self.type_index(kinds[old])?);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Result<(), Error> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for old in self.old.clone() {
            self.parse_function_body(code, bodies[old].clone())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Order, Traits, by_likeness, chain};
    use wasm_encoder::reencode::Reencode as _;
    use wasmparser::{Operator, Parser, Payload};

    #[test]
    fn like_follows_like() {
        let bodies = ["abcdefgh", "stuvwxyz", "abcdefxy", "stuvwxab"];
        let traits: Vec<Traits> = bodies.iter().map(|body| Traits::of(body.as_bytes())).collect();
        assert_eq!(chain(&traits), [0, 2, 1, 3]);
        assert!(chain(&[]).is_empty());
    }

    #[test]
    fn numbers_of_functions_follow_them() {
        let mut order = Order::new(2, vec![2, 0, 1]);
        let new: Vec<u32> = (0..5).map(|number| order.function_index(number).unwrap()).collect();
        assert_eq!(new, [0, 1, 3, 4, 2]);
    }

    /// Four functions of `i32.const`s, of which the first calls the second and the third the fourth.
    #[test]
    fn calls_reach_whom_they_did() {
        let constants = |seed: u8| (0..9).flat_map(move |at| [0x41, seed + at, 0x1a]).collect::<Vec<u8>>();
        let body = |seed: u8, call: &[u8]| [&[0], &constants(seed)[..], call, &[0x0b]].concat();
        let bodies = [body(1, &[0x10, 1]), body(40, &[]), body(1, &[0x10, 3]), body(41, &[])];
        let sized = |body: &Vec<u8>| [&[u8::try_from(body.len()).unwrap()], &body[..]].concat();
        let code = [vec![4], bodies.iter().flat_map(sized).collect()].concat();
        let section = |id: u8, bytes: &[u8]| [&[id, u8::try_from(bytes.len()).unwrap()], bytes].concat();
        let header = [section(1, &[1, 0x60, 0, 0]), section(3, &[4, 0, 0, 0, 0])].concat();
        let module = [&b"\0asm\x01\0\0\0"[..], &header, &section(10, &code)].concat();
        let ordered = by_likeness(&module).unwrap();
        assert_ne!(ordered, module);
        let (mut first, mut called) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(&ordered) {
            let Payload::CodeSectionEntry(body) = payload.unwrap() else { continue };
            let operators: Vec<_> = body.get_operators_reader().unwrap().into_iter().map(Result::unwrap).collect();
            let Operator::I32Const { value } = operators[0] else { panic!("{operators:?}") };
            first.push(value);
            called.extend(operators.iter().filter_map(|operator| match operator {
                Operator::Call { function_index } => Some((value, *function_index as usize)),
                _ => None,
            }));
        }
        let mut calls: Vec<_> = called.into_iter().map(|(from, to)| (from, first[to])).collect();
        calls.sort_unstable();
        assert_eq!(calls, [(1, 40), (1, 41)]);
    }
}
