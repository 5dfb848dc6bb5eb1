//! A secret in parts: the entries of some storages are short.

use zeroize::Zeroizing;

use crate::protocol::error::Error;
use crate::protocol::secret::Secret;

/// The length of a part, in bytes: Windows keeps at most 2560 for each entry, the kernel 32767.
const MAX_PART: usize = if cfg!(windows) { 2000 } else { 30_000 };

/// No secret has more parts: a record has at most 256 KiB.
const MAX_PARTS: usize = 256 * 1024 / MAX_PART + 1;

/// The entries of a storage.
pub(super) trait Entries {
    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Error>;

    fn set(&self, name: &str, bytes: &[u8]) -> Result<(), Error>;

    /// Returns whether there was one.
    fn delete(&self, name: &str) -> Result<bool, Error>;
}

pub(super) fn load(entries: &impl Entries, name: &str) -> Result<Option<Secret>, Error> {
    let Some(mut whole) = entries.read(&part_name(name, 0))? else { return Ok(None) };
    let mut last = whole.len();
    for part in 1..MAX_PARTS {
        // Only the last part is shorter.
        if last < MAX_PART {
            break;
        }
        let Some(next) = entries.read(&part_name(name, part))? else { break };
        last = next.len();
        let mut longer = Zeroizing::new(Vec::with_capacity(whole.len() + last));
        longer.extend_from_slice(&whole);
        longer.extend_from_slice(&next);
        whole = longer;
    }
    // What is no text was not written here: it is refused like any other damaged record.
    Ok(Some(Secret::new(String::from_utf8(whole.to_vec()).unwrap_or_default())))
}

/// The first part is the last to be written: until then, the record is damaged, and not mixed with the last one. The parts
/// that a longer one has left are removed.
pub(super) fn save(entries: &impl Entries, name: &str, secret: &Secret) -> Result<(), Error> {
    let parts: Vec<&[u8]> = secret.expose().as_bytes().chunks(MAX_PART).collect();
    parts.iter().enumerate().rev().try_for_each(|(index, part)| entries.set(&part_name(name, index), part))?;
    remove_from(entries, name, parts.len())
}

pub(super) fn remove(entries: &impl Entries, name: &str) -> Result<(), Error> {
    remove_from(entries, name, 0)
}

/// Removes all parts from this one on. Any of them can be missing: a process that ends while it saves leaves the last ones.
fn remove_from(entries: &impl Entries, name: &str, first: usize) -> Result<(), Error> {
    let mut done = Ok(());
    for part in first..MAX_PARTS {
        // One that fails leaves no other behind.
        if let Err(error) = entries.delete(&part_name(name, part)) {
            done = Err(error);
        }
    }
    done
}

fn part_name(name: &str, part: usize) -> String {
    if part == 0 { name.to_owned() } else { format!("{name}.{part}") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::cell::{Cell, RefCell};
    use std::collections::HashMap;

    use super::*;
    use crate::native::store::unavailable;

    #[derive(Default)]
    struct Map {
        entries: RefCell<HashMap<String, Vec<u8>>>,
        /// The process ends after so many writes.
        writes_left: Cell<Option<usize>>,
    }

    impl Entries for Map {
        fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
            Ok(self.entries.borrow().get(name).cloned().map(Zeroizing::new))
        }

        fn set(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
            let left = self.writes_left.get();
            self.writes_left.set(left.map(|left| left.saturating_sub(1)));
            if left == Some(0) {
                return Err(unavailable("the process has ended"));
            }
            self.entries.borrow_mut().insert(name.to_owned(), bytes.to_vec());
            Ok(())
        }

        fn delete(&self, name: &str) -> Result<bool, Error> {
            Ok(self.entries.borrow_mut().remove(name).is_some())
        }
    }

    fn secret(length: usize, letter: &str) -> Secret {
        Secret::new(letter.repeat(length))
    }

    #[test]
    fn a_secret_of_any_length_replaces_one_of_any_other() {
        let lengths = [1, MAX_PART - 1, MAX_PART, MAX_PART + 1, 2 * MAX_PART, 3 * MAX_PART, 256 * 1024];
        for (before, after) in lengths.into_iter().flat_map(|before| lengths.map(|after| (before, after))) {
            let map = Map::default();
            save(&map, "record", &secret(before, "a")).unwrap();
            save(&map, "record", &secret(after, "b")).unwrap();
            assert_eq!(load(&map, "record").unwrap(), Some(secret(after, "b")), "{before} {after}");
            assert_eq!(map.entries.borrow().len(), after.div_ceil(MAX_PART), "{before} {after}");
            remove(&map, "record").unwrap();
            assert!(map.entries.borrow().is_empty());
        }
    }

    #[test]
    fn law_6_what_a_process_left_that_ended_while_it_saved_is_removed() {
        let map = Map::default();
        map.writes_left.set(Some(2));
        assert!(save(&map, "record", &secret(4 * MAX_PART, "a")).is_err());
        assert_eq!(load(&map, "record").unwrap(), None);
        remove(&map, "record").unwrap();
        assert!(map.entries.borrow().is_empty());
    }
}
