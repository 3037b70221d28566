//! Questions about records, in types: what may be asked is checked when they are made, and only an engine of the store
//! knows how to find the answer.
//!
//! Fields are those of [`crate::records::schema`], so that a question about a field that does not exist, is hidden, or
//! belongs to another collection cannot be put.

use crate::records::Collection;
use crate::records::schema::Field;

/// Which of an owner's records are asked for.
#[derive(Clone, PartialEq)]
pub struct RecordQuery {
    /// Whose fields `filter` and `sort` are about.
    pub collection: Collection,
    /// Narrows, if there is one.
    pub filter: Option<Filter>,
    /// What comes first. Rows that are equal in all of it come in the order they were made, or its reverse when the last
    /// key descends; with no key at all, the oldest first.
    pub sort: Vec<SortKey>,
    /// Words that pictures must have in their title or prompt, the last of them perhaps unfinished.
    pub search: Option<String>,
    /// How many to leave out.
    pub offset: u64,
    /// How many at most.
    pub limit: u32,
    /// Whether to count all of them.
    pub with_total: bool,
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of these.
    All(Vec<Filter>),
    /// At least one of these.
    Any(Vec<Filter>),
    /// A comparison.
    Compare(Comparison),
}

/// `left op right`, by PocketBase's rules (section 3.4 of its reference).
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Left side.
    pub left: Operand,
    /// How.
    pub op: Op,
    /// Where a side leads to several records: whether it is enough that it holds for one, rather than for each.
    pub any: bool,
    /// Right side.
    pub right: Operand,
}

/// How two sides are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `~`
    Like,
    /// `!~`
    NotLike,
}

/// A side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A value.
    Literal(Literal),
    /// A field, here or of a related record.
    Path(Path),
    /// The kilometres between two places on the earth: longitude and latitude of one, then of the other, in degrees. The
    /// arguments are paths and literals; what is no number makes it nothing.
    Distance(Box<[Operand; 4]>),
    /// A moment as text: SQLite's `strftime` of a format, then a moment and what changes it. The moment is a path or a
    /// literal, the rest are texts.
    Strftime(Vec<Operand>),
}

/// A value in a question. Prints without what it holds.
#[derive(Clone, PartialEq)]
pub enum Literal {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that the server put in.
    Integer(i64),
    /// `null`.
    Null,
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// The way from a record to a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The relations on the way.
    pub hops: Vec<Hop>,
    /// The field there.
    pub field: &'static Field,
    /// Further into its JSON value.
    pub json: Vec<JsonStep>,
    /// What is made of the value.
    pub modifier: Option<Modifier>,
}

/// One relation of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hop {
    /// Along this relation of the record.
    Out(&'static Field),
    /// To those whose relation leads to the record.
    Back(Collection, &'static Field),
}

/// One step into a JSON value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum JsonStep {
    /// The member of an object; letters, digits, `_`, `@` and `#`.
    Key(String),
    /// The element of an array, from 0.
    Index(u32),
}

/// What is made of a value before it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Modifier {
    /// How many ids a relation holds.
    Length,
    /// A to Z become a to z.
    Lower,
}

/// What rows are put in order by.
#[derive(Clone, Debug, PartialEq)]
pub struct SortKey {
    /// Their key.
    pub by: SortBy,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// A key to sort by.
#[derive(Clone, Debug, PartialEq)]
pub enum SortBy {
    /// The order they were made in.
    Age,
    /// A field, here or of a related record.
    Path(Path),
    /// None: another order at every call.
    Random,
}

impl Path {
    /// Whether it may lead to several values.
    #[must_use]
    pub fn is_many(&self) -> bool {
        self.hops.iter().any(|hop| hop.is_many())
    }
}

impl Hop {
    /// Whether it may lead to several records.
    #[must_use]
    pub fn is_many(&self) -> bool {
        match self {
            Hop::Out(field) => field.is_many(),
            Hop::Back(_, field) => field.is_many() || !field.unique,
        }
    }

    /// Whose record it leads to.
    #[must_use]
    pub fn target(&self) -> Option<Collection> {
        match self {
            Hop::Out(field) => field.target(),
            Hop::Back(collection, _) => Some(*collection),
        }
    }
}
