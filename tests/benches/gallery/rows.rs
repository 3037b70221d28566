//! The rows, the same in every contender: made from their number alone.

use std::iter;

/// Folders of each owner.
pub(super) const FOLDERS: u64 = 20;
/// Pictures of every other owner.
pub(super) const OTHERS: u64 = 1000;
/// Of so many pictures one is the user's whose gallery is asked for.
pub(super) const SHARE: u64 = 10;
/// When the first picture was made, Unix milliseconds; a second passes between two.
const FIRST_MS: i64 = 1_700_000_000_000;

const MODELS: [&str; 3] = ["flux/schnell", "hidream/hidream-i1-fast", "hidream/hidream-i1-dev"];
const NOUNS: &str = "heron fox lighthouse train orchard violin comet harbour library glacier market bicycle dragon canyon \
                     kettle sparrow windmill carousel beetle submarine castle meadow robot lantern whale bridge temple \
                     piano volcano tractor owl balloon mirror garden astronaut teapot river tower wolf clock pumpkin ship \
                     forest cathedral swan desert engine island candle horse tunnel parrot statue cottage storm cactus \
                     telescope raven waterfall chess monk oyster saddle prism";
const ADJECTIVES: &str = "red silent ancient tiny golden broken frozen glowing crooked velvet hollow striped wandering pale \
                          mossy copper distant gentle burning paper rusty floating emerald quiet giant dusty marble woven \
                          luminous stormy wooden crimson";
const ENDS: &str = "watercolour photograph engraving pastel mosaic fresco collage woodcut sketch hologram tapestry etching \
                    gouache daguerreotype lithograph linocut";

/// A picture.
pub(super) struct Row {
    /// 15 characters of a-z0-9.
    pub(super) id: String,
    /// 0 is the user whose gallery is asked for.
    pub(super) owner: u64,
    /// One of the owner's folders, for two pictures of three.
    pub(super) folder: Option<u64>,
    pub(super) title: String,
    pub(super) prompt: String,
    pub(super) model: &'static str,
    pub(super) batch_number: u32,
    /// Unix milliseconds; no two are the same.
    pub(super) created_ms: i64,
    /// Whether it was thrown away, which one of twenty was.
    pub(super) is_deleted: bool,
}

/// How many owners so many rows have.
pub(super) fn owners(rows: u64) -> u64 {
    1 + (rows - rows / SHARE).div_ceil(OTHERS)
}

/// The picture of this number of `rows`; everybody makes theirs at the same time.
pub(super) fn row(number: u64, rows: u64) -> Row {
    let mut dice = Dice(number);
    let owner = if number.is_multiple_of(SHARE) { 0 } else { 1 + dice.below(owners(rows) - 1) };
    let prompt = format!(
        "A {} {} beside a {} {}, {}, {:x}",
        dice.word(ADJECTIVES),
        dice.word(NOUNS),
        dice.word(ADJECTIVES),
        dice.word(NOUNS),
        dice.word(ENDS),
        dice.next()
    );
    Row {
        id: id('i', number),
        owner,
        folder: (dice.below(3) > 0).then(|| dice.below(FOLDERS)),
        title: prompt.split(',').next().unwrap_or_default().to_owned(),
        model: MODELS[usize::try_from(dice.below(3)).unwrap_or_default()],
        batch_number: 1 + u32::try_from(dice.below(4)).unwrap_or_default(),
        created_ms: FIRST_MS + 1000 * i64::try_from(number).unwrap_or_default(),
        is_deleted: dice.below(20) == 0,
        prompt,
    }
}

/// The id of the row of this number.
pub(super) fn id(kind: char, number: u64) -> String {
    format!("{kind}{number:014}")
}

/// The id of a folder.
pub(super) fn folder_id(owner: u64, folder: u64) -> String {
    id('f', owner * FOLDERS + folder)
}

/// SplitMix64: all that is drawn for a row follows from its number.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn word(&mut self, words: &'static str) -> &'static str {
        let count = words.split_whitespace().count().try_into().unwrap_or(u64::MAX);
        let index = usize::try_from(self.below(count)).unwrap_or_default();
        words.split_whitespace().nth(index).unwrap_or_default()
    }
}

/// The numbers of `rows` rows, in the order they were made.
pub(super) fn numbers(rows: u64) -> impl Iterator<Item = u64> {
    iter::successors(Some(0), |number| Some(number + 1)).take_while(move |number| *number < rows)
}
