//! Exact money: `int64_t` nano-dollars (1e-9 USD), from text and to text.

use crate::boundary::{self, Out, guard};
use crate::status::Status;
use generatio_core::cost::{self, Units, Usd, UsdSum};
use std::ffi::c_char;

/// The size of a buffer that takes any amount as text, its NUL included.
pub const GENERATIO_USD_TEXT_BYTES: usize = 24;

/// Reads dollars such as "0.003", "12" or "-0.5" as nano-dollars: at most nine decimals, no exponent, nothing else
/// around. Any thread; does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_usd_parse(text: *const c_char, text_len: usize, nano_usd: *mut i64) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (nano_usd, text) = unsafe { (Out::cleared(nano_usd, 0)?, boundary::text(text, text_len)?) };
        nano_usd.set(Usd::parse(text)?.nano());
        Ok(())
    })
}

/// Writes nano-dollars as the shortest exact decimal, such as "0.009", and a NUL to `text`, which has `text_size` bytes;
/// `GENERATIO_USD_TEXT_BYTES` are always enough. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_usd_format(nano_usd: i64, text: *mut c_char, text_size: usize) -> Status {
    guard(|| {
        if text_size == 0 {
            return Err(Status::BadArgument);
        }
        // SAFETY: the caller keeps to the conventions: there is at least one byte.
        drop(unsafe { Out::cleared(text, 0) }?);
        let shown = Usd::from_nano(nano_usd).to_string();
        if shown.len() >= text_size {
            return Err(Status::BadArgument);
        }
        // SAFETY: the caller keeps to the conventions, and what is copied and the NUL fit.
        unsafe {
            std::ptr::copy_nonoverlapping(shown.as_ptr().cast(), text, shown.len());
            text.add(shown.len()).write(0);
        }
        Ok(())
    })
}

/// Adds amounts. `GENERATIO_AMOUNT_OVERFLOW` when the sum does not fit; what lies between does not matter. Any thread;
/// does not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_usd_sum(nano_usd: *const i64, count: usize, sum: *mut i64) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (out, amounts) = unsafe { (Out::cleared(sum, 0)?, amounts(nano_usd, count)?) };
        let sum: UsdSum = amounts.iter().copied().map(Usd::from_nano).sum();
        out.set(Usd::try_from(sum)?.nano());
        Ok(())
    })
}

/// The mean of amounts, rounded half away from zero; zero when there are none. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_usd_average(nano_usd: *const i64, count: usize, average: *mut i64) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (out, amounts) = unsafe { (Out::cleared(average, 0)?, amounts(nano_usd, count)?) };
        let sum: UsdSum = amounts.iter().copied().map(Usd::from_nano).sum();
        out.set(sum.average(u64::try_from(count).unwrap_or(u64::MAX)).nano());
        Ok(())
    })
}

/// `units`, decimal text such as "1" or "8.4399", at a price each: rounded once, half away from zero. Any thread; does
/// not block.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn generatio_usd_times(
    units: *const c_char,
    units_len: usize,
    unit_price_nano_usd: i64,
    nano_usd: *mut i64,
) -> Status {
    guard(|| {
        // SAFETY: the caller keeps to the conventions.
        let (out, units) = unsafe { (Out::cleared(nano_usd, 0)?, boundary::text(units, units_len)?) };
        out.set(Units::parse(units)?.times(Usd::from_nano(unit_price_nano_usd))?.nano());
        Ok(())
    })
}

/// Splits an amount into `count` parts that add up to it, and writes them to `parts`; what does not divide goes to the
/// first. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_usd_split(nano_usd: i64, parts: *mut i64, count: usize) -> Status {
    const MOST: usize = 1 << 20;
    guard(|| {
        if count == 0 {
            return Ok(());
        }
        if parts.is_null() || count > MOST {
            return Err(Status::BadArgument);
        }
        let split = cost::split(Usd::from_nano(nano_usd), count);
        for (index, part) in split.iter().enumerate() {
            // SAFETY: the caller keeps to the conventions: there is room for `count` amounts.
            unsafe { parts.add(index).write(part.nano()) };
        }
        Ok(())
    })
}

/// Amounts that a caller lends.
///
/// # Safety
/// `first` points to `count` amounts; without any it is not read.
unsafe fn amounts<'a>(first: *const i64, count: usize) -> Result<&'a [i64], Status> {
    if count == 0 {
        return Ok(&[]);
    }
    if first.is_null() || !first.is_aligned() || count > usize::MAX / 16 {
        return Err(Status::BadArgument);
    }
    // SAFETY: as above.
    Ok(unsafe { std::slice::from_raw_parts(first, count) })
}
