//! Blanks the data that nothing refers to any more.
//!
//! The linker lays data out before anything is cut: tables of what printed, the words of panics, places in files. Once
//! what used them is gone, they are only weight. Which bytes belong together the linker tells on demand
//! ([`crate::compile`] asks for its relocations); what the finished code still refers to is seen in its constants.
//!
//! In doubt data stays. Whatever number of the code falls within some data counts as a reference to it, or just behind it
//! where the linker ever told of its end; as does, in data that stays, whatever aligned word does. Data that the code ever
//! addressed from outside of it, as a loop may that counts from one, stays in any case.

use crate::Outcome;
use std::collections::BTreeSet;
use std::ops::Range;
use walrus::ir::{self, MemArg, Value, Visitor, dfs_in_order};
use walrus::{ConstExpr, GlobalKind, Module};
use wasmparser::{
    DataKind, KnownCustom, Linking, LinkingSectionReader, Operator, Parser, Payload, RelocSectionReader,
    RelocationType, SymbolInfo,
};

/// Pieces of data, as the linker laid them out, in the order of their addresses.
#[derive(Debug, Default)]
pub(crate) struct Pieces(Vec<Piece>);

#[derive(Debug)]
struct Piece {
    /// Addresses.
    range: Range<u32>,
    /// Addressed from outside.
    kept: bool,
    /// Addressed by its end, as a loop over it may. Else an address just behind it is that of what follows.
    ended: bool,
}

impl Piece {
    /// Of these addresses; how it is addressed is not known yet.
    const fn new(range: Range<u32>) -> Self {
        Self { range, kept: false, ended: false }
    }
}

impl Pieces {
    /// Of the linker's module, which has to tell its symbols and relocations.
    pub(crate) fn of(module: &[u8]) -> Outcome<Self> {
        let segments = segments(module)?;
        let mut symbols = Vec::new();
        let mut relocations = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            let Payload::CustomSection(section) = payload? else { continue };
            match section.as_known() {
                KnownCustom::Linking(linking) => symbols = data_symbols(linking, &segments)?,
                KnownCustom::Reloc(reloc) => relocations.extend(addresses(reloc)?),
                _ => {}
            }
        }
        for (symbol, addend) in relocations {
            let Some(Some(piece)) = symbols.get_mut(symbol) else { continue };
            let length = i64::from(piece.range.end - piece.range.start);
            piece.kept |= !(0..=length).contains(&addend);
            piece.ended |= addend == length;
        }
        let mut pieces: Vec<Piece> = symbols.into_iter().flatten().collect();
        pieces.sort_unstable_by_key(|piece| (piece.range.start, piece.range.end));
        if pieces.is_empty() { Err("the linker told no symbols".into()) } else { Ok(Self(pieces)) }
    }

    /// Blanks in the finished module, whose data still lies where the linker laid it, what nothing refers to. Says how
    /// many bytes that were.
    pub(crate) fn blank_unused(&self, module: &mut [u8]) -> Outcome<usize> {
        let segments = segments(module)?;
        let used = self.used(numbers_of(module)?, &Image::of(module, &segments));
        // Texts may share an end, so what is used wins. What lies between pieces is unknown, and stays.
        let blank = |address| {
            let mut around = self.around(address).peekable();
            around.peek().is_some() && !around.any(|piece| used.contains(&piece))
        };
        let places = segments.iter().flat_map(|segment| segment.bytes.clone().zip(segment.address..));
        let places: Vec<usize> =
            places.filter(|(at, address)| module[*at] != 0 && blank(*address)).map(|(at, _)| at).collect();
        places.iter().for_each(|at| module[*at] = 0);
        Ok(places.len())
    }

    /// The pieces that are referred to, directly or by others that are.
    fn used(&self, numbers: BTreeSet<u32>, image: &Image) -> BTreeSet<usize> {
        let mut used = BTreeSet::new();
        let mut fresh: Vec<usize> = (0..self.0.len()).filter(|piece| self.0[*piece].kept).collect();
        fresh.extend(numbers.into_iter().flat_map(|number| self.at(number)));
        while let Some(piece) = fresh.pop() {
            if used.insert(piece) {
                fresh.extend(image.words(&self.0[piece].range).flat_map(|word| self.at(word)));
            }
        }
        used
    }

    /// The pieces in which an address lies, or whose end it may be.
    fn at(&self, address: u32) -> impl Iterator<Item = usize> {
        self.beginning_by(address).filter(move |piece| {
            let Piece { range, ended, .. } = &self.0[*piece];
            address < range.end || (*ended && address == range.end)
        })
    }

    /// The pieces that a byte is part of.
    fn around(&self, address: u32) -> impl Iterator<Item = usize> {
        self.beginning_by(address).filter(move |piece| address < self.0[*piece].range.end)
    }

    /// The pieces that begin at or before an address, as far back as one of them may reach.
    fn beginning_by(&self, address: u32) -> impl Iterator<Item = usize> {
        let end = self.0.partition_point(|piece| piece.range.start <= address);
        let longest = self.0.iter().map(|piece| piece.range.end - piece.range.start).max().unwrap_or(0);
        let begin = self.0.partition_point(|piece| piece.range.start < address.saturating_sub(longest));
        begin..end
    }
}

/// Data that is there from the start.
struct Segment {
    address: u32,
    /// Where it stands in the module.
    bytes: Range<usize>,
}

fn segments(module: &[u8]) -> Outcome<Vec<Segment>> {
    let mut segments = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::DataSection(section) = payload? else { continue };
        for data in section {
            let data = data?;
            let DataKind::Active { offset_expr, .. } = data.kind else { return Err("data without a place".into()) };
            let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
                return Err("data whose place is no number".into());
            };
            segments.push(Segment {
                address: value.cast_unsigned(),
                bytes: data.range.end - data.data.len()..data.range.end,
            });
        }
    }
    Ok(segments)
}

/// All symbols, by their numbers; those that are data have a piece.
fn data_symbols(linking: LinkingSectionReader<'_>, segments: &[Segment]) -> Outcome<Vec<Option<Piece>>> {
    let mut pieces = Vec::new();
    for part in linking.subsections() {
        let Linking::SymbolTable(symbols) = part? else { continue };
        for symbol in symbols {
            pieces.push(match symbol? {
                SymbolInfo::Data { symbol: Some(data), .. } => segments.get(data.index as usize).map(|segment| {
                    let start = segment.address + data.offset;
                    Piece::new(start..start + data.size)
                }),
                _ => None,
            });
        }
    }
    Ok(pieces)
}

/// The relocations that stand for addresses: which symbol's, and how far from its begin.
fn addresses(reloc: RelocSectionReader<'_>) -> Outcome<Vec<(usize, i64)>> {
    let mut found = Vec::new();
    for entry in reloc.entries() {
        let entry = entry?;
        let of_memory = matches!(
            entry.ty,
            RelocationType::MemoryAddrLeb | RelocationType::MemoryAddrSleb | RelocationType::MemoryAddrI32
        );
        if of_memory {
            found.push((entry.index as usize, entry.addend));
        }
    }
    Ok(found)
}

/// The memory that a module begins with. `wasm-opt` parts data at zeros, so a piece may lie in several segments.
struct Image {
    address: u32,
    bytes: Vec<u8>,
}

impl Image {
    fn of(module: &[u8], segments: &[Segment]) -> Self {
        let address = segments.iter().map(|segment| segment.address).min().unwrap_or_default();
        let mut bytes = Vec::new();
        for segment in segments {
            let begin = (segment.address - address) as usize;
            let end = begin + segment.bytes.len();
            bytes.resize(bytes.len().max(end), 0);
            bytes[begin..end].copy_from_slice(&module[segment.bytes.clone()]);
        }
        // Zeros at the end are left out, too, and may be half of a word.
        bytes.extend([0; 3]);
        Self { address, bytes }
    }

    /// The aligned words at these addresses.
    fn words(&self, addresses: &Range<u32>) -> impl Iterator<Item = u32> {
        let word = |address: u32| {
            let at = address.checked_sub(self.address)? as usize;
            self.bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
        };
        (addresses.start.next_multiple_of(4)..addresses.end).step_by(4).filter_map(word)
    }
}

/// The numbers of the code that may be addresses: constants, and what loads and stores add to theirs.
fn numbers_of(module: &[u8]) -> Outcome<BTreeSet<u32>> {
    let module = Module::from_buffer(module).map_err(|error| format!("the module cannot be read: {error:#}"))?;
    let mut numbers = Numbers(BTreeSet::new());
    for (_, function) in module.funcs.iter_local() {
        dfs_in_order(&mut numbers, function, function.entry_block());
    }
    for global in module.globals.iter() {
        if let GlobalKind::Local(ConstExpr::Value(value)) = &global.kind {
            numbers.note(value);
        }
    }
    Ok(numbers.0)
}

struct Numbers(BTreeSet<u32>);

impl Numbers {
    fn note(&mut self, value: &Value) {
        match value {
            Value::I32(value) => _ = self.0.insert(value.cast_unsigned()),
            // Two addresses at a time.
            Value::I64(value) => self.0.extend(halves(value.cast_unsigned())),
            Value::V128(value) => {
                let words: [[u8; 4]; 4] = value.to_le_bytes().as_chunks().0.try_into().unwrap_or_default();
                self.0.extend(words.map(u32::from_le_bytes));
            }
            _ => {}
        }
    }

    fn offset(&mut self, arg: &MemArg) {
        self.0.extend(u32::try_from(arg.offset));
    }
}

fn halves(value: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
    [[a, b, c, d], [e, f, g, h]].map(u32::from_le_bytes)
}

impl<'a> Visitor<'a> for Numbers {
    fn visit_const(&mut self, instruction: &ir::Const) {
        self.note(&instruction.value);
    }

    fn visit_load(&mut self, instruction: &ir::Load) {
        self.offset(&instruction.arg);
    }

    fn visit_store(&mut self, instruction: &ir::Store) {
        self.offset(&instruction.arg);
    }

    fn visit_load_simd(&mut self, instruction: &ir::LoadSimd) {
        self.offset(&instruction.arg);
    }
}

/// The linker's module without what [`Pieces::of`] read, which no later tool keeps right.
pub(crate) fn without_symbols(module: &[u8]) -> Outcome<Vec<u8>> {
    let mut kept = module.get(..8).ok_or("no module")?.to_vec();
    let mut begin = kept.len();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let Some((_, range)) = payload.as_section() else { continue };
        let of_linker = matches!(&payload, Payload::CustomSection(section)
            if section.name() == "linking" || section.name().starts_with("reloc."));
        if !of_linker {
            kept.extend(&module[begin..range.end]);
        }
        begin = range.end;
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::{Image, Piece, Pieces, Segment};
    use std::collections::BTreeSet;

    fn pieces(ranges: &[(u32, u32)]) -> Pieces {
        Pieces(ranges.iter().map(|(start, end)| Piece::new(*start..*end)).collect())
    }

    #[test]
    fn data_refers_to_data() {
        // At 1000 a word that points to 1008, where nothing points on; at 1016 what nobody knows.
        let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        let image = Image { address: 1000, bytes: words(&[1008, 0, 7, 0, 9, 0]) };
        let mut pieces = pieces(&[(1000, 1008), (1008, 1015), (1016, 1024)]);
        assert_eq!(image.words(&(1001..1012)).collect::<Vec<_>>(), [0, 7]);
        let used = |pieces: &Pieces, number| pieces.used(BTreeSet::from([number]), &image);
        assert_eq!(used(&pieces, 1004), BTreeSet::from([0, 1]));
        assert_eq!(used(&pieces, 1015), BTreeSet::new(), "nothing is addressed by its end");
        pieces.0[1].ended = true;
        assert_eq!(used(&pieces, 1015), BTreeSet::from([1]));
        assert_eq!(used(&pieces, 1025), BTreeSet::new());
    }

    #[test]
    fn data_that_is_parted_is_one_image() {
        let module = [0, 1, 2, 3, 4, 5, 0];
        let segments = [Segment { address: 100, bytes: 1..4 }, Segment { address: 106, bytes: 4..6 }];
        let image = Image::of(&module, &segments);
        assert_eq!((image.address, image.bytes), (100, vec![1, 2, 3, 0, 0, 0, 4, 5, 0, 0, 0]));
    }

    #[test]
    fn data_that_is_addressed_from_outside_stays() {
        let mut pieces = pieces(&[(1000, 1004), (1004, 1008)]);
        pieces.0[1].kept = true;
        let image = Image { address: 1000, bytes: vec![0; 8] };
        assert_eq!(pieces.used(BTreeSet::new(), &image), BTreeSet::from([1]));
    }

    #[test]
    fn pieces_may_overlap() {
        let pieces = pieces(&[(1000, 1100), (1050, 1100), (1090, 1100)]);
        assert_eq!(pieces.around(1095).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(pieces.around(1049).collect::<Vec<_>>(), [0]);
        assert_eq!((pieces.at(1099).count(), pieces.at(1100).count()), (3, 0));
    }
}
