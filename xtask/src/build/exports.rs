//! What a wasm module gives to its glue, read from the module itself.
//!
//! The glue that wasm-bindgen writes refers to exports by name and trusts their kind. Binaryen 108 numbers tables wrongly when a module
//! has two of them: the export that was a table of `externref` comes out as the fixed table of functions, everything builds, and the
//! extension cannot start. So the exports are read before and after, and have to be the same.

/// One export, as far as its users depend on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Export {
    name: String,
    kind: Kind,
}

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Function,
    /// With the element type's code.
    Table(u8),
    Memory,
    Global,
    Tag,
}

const IMPORTS: u8 = 2;
const TABLES: u8 = 4;
const EXPORTS: u8 = 7;
/// Magic number and version.
const PREAMBLE: usize = 8;

/// The exports of a module by name, or nothing when it cannot be read.
pub(super) fn exports(module: &[u8]) -> Option<Vec<Export>> {
    let mut reader = Reader(module.get(PREAMBLE..)?);
    // By index: imported tables first, then the module's own.
    let mut tables: Vec<u8> = Vec::new();
    let mut exports = Vec::new();
    while !reader.0.is_empty() {
        let id = reader.byte()?;
        let length = reader.number()?;
        let mut section = Reader(reader.take(length)?);
        match id {
            IMPORTS => {
                for _ in 0..section.number()? {
                    section.text()?;
                    section.text()?;
                    section.import(&mut tables)?;
                }
            }
            TABLES => {
                for _ in 0..section.number()? {
                    let element = section.table()?;
                    tables.push(element);
                }
            }
            EXPORTS => {
                for _ in 0..section.number()? {
                    let name = section.text()?;
                    let (kind, index) = (section.byte()?, section.number()?);
                    let kind = match kind {
                        0 => Kind::Function,
                        1 => Kind::Table(*tables.get(index)?),
                        2 => Kind::Memory,
                        3 => Kind::Global,
                        4 => Kind::Tag,
                        _ => return None,
                    };
                    exports.push(Export { name, kind });
                }
            }
            _ => {}
        }
    }
    exports.sort_unstable();
    Some(exports)
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// LEB128, unsigned.
    fn number(&mut self) -> Option<usize> {
        let mut number: u64 = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return usize::try_from(number).ok();
            }
        }
        None
    }

    fn text(&mut self) -> Option<String> {
        let length = self.number()?;
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }

    /// Steps over the description of an import, and notes the type of a table.
    fn import(&mut self, tables: &mut Vec<u8>) -> Option<()> {
        match self.byte()? {
            0 => drop(self.number()?),
            1 => {
                let element = self.table()?;
                tables.push(element);
            }
            2 => self.limits()?,
            // A global: value type and whether it can change. A tag: an attribute and a type.
            3 => drop(self.take(2)?),
            4 => {
                self.byte()?;
                self.number()?;
            }
            _ => return None,
        }
        Some(())
    }

    fn table(&mut self) -> Option<u8> {
        let element = self.byte()?;
        self.limits()?;
        Some(element)
    }

    fn limits(&mut self) -> Option<()> {
        let has_maximum = self.byte()? & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Export, Kind, exports};

    const FUNCREF: u8 = 0x70;
    const EXTERNREF: u8 = 0x6f;

    /// A module with an imported function, a memory, a fixed table of functions, a growing one of references, and two exports.
    fn module(exported_table: u8) -> Vec<u8> {
        let sections: [&[u8]; 5] = [
            &[1, 4, 1, 0x60, 0, 0],
            &[2, 7, 1, 1, b'm', 1, b'f', 0, 0],
            &[4, 8, 2, FUNCREF, 1, 2, 2, EXTERNREF, 0, 4],
            &[5, 3, 1, 0, 17],
            &[7, 9, 2, 1, b't', 1, exported_table, 1, b'm', 2, 0],
        ];
        [&b"\0asm\x01\0\0\0"[..], &sections.concat()].concat()
    }

    #[test]
    fn a_table_that_changed_its_type_is_seen() {
        let export = |name: &str, kind| Export { name: name.to_owned(), kind };
        let memory = export("m", Kind::Memory);
        assert_eq!(exports(&module(1)), Some(vec![memory.clone(), export("t", Kind::Table(EXTERNREF))]));
        assert_eq!(exports(&module(0)), Some(vec![memory, export("t", Kind::Table(FUNCREF))]));
    }

    #[test]
    fn what_cannot_be_read_is_nothing_and_no_crash() {
        let whole = module(1);
        // A table that is not there.
        assert_eq!(exports(&module(2)), None);
        for end in 0..whole.len() {
            let cut = exports(whole.get(..end).unwrap_or_default());
            assert_ne!(cut, exports(&whole), "cut at {end}");
        }
    }
}
