//! What a process has used of the machine, as Linux tells it.

use crate::Outcome;
use std::fs;

/// Ticks of a processor's time in a second.
const TICKS: f64 = 100.0;

/// Seconds of processors' time that it has used, itself and the system on its behalf.
pub(super) fn cpu_s(pid: u32) -> Outcome<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    Ok(ticks(&stat).ok_or("Linux did not tell")? / TICKS)
}

fn ticks(stat: &str) -> Option<f64> {
    // Its name, in parentheses, may have spaces in it.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some(next()? + next()?)
}

/// Resident memory, megabytes: pages of the program's file, which Linux may share and drop, included.
pub(super) fn resident_mb(pid: u32) -> Outcome<f64> {
    memory_mb(pid, "VmRSS:")
}

/// The part of it that is no page of any file.
pub(super) fn own_mb(pid: u32) -> Outcome<f64> {
    memory_mb(pid, "RssAnon:")
}

fn memory_mb(pid: u32, what: &str) -> Outcome<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix(what)?.trim().strip_suffix(" kB"));
    Ok(kibibytes.ok_or("Linux did not tell")?.trim().parse::<f64>()? * 1024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_those_of_both_kinds() {
        let stat = "12 (a b) c) S 1 12 12 0 -1 4194560 1 0 0 0 250 50 7 8 20 0 1 0";
        assert_eq!(ticks(stat), Some(300.0));
        assert_eq!(ticks("12 (a) S 1"), None);
    }

    #[test]
    fn linux_tells_of_this_process() {
        let own = std::process::id();
        assert!(cpu_s(own).is_ok() && own_mb(own).unwrap() < resident_mb(own).unwrap());
        assert!(cpu_s(u32::MAX).is_err() && resident_mb(u32::MAX).is_err());
    }
}
